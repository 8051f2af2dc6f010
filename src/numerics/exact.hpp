// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

namespace heatsim::numerics {

// The functions and the approximations that the units compute, in real numbers: what an error of
// the fixed-point implementation is measured against.

/// x/2·(1 + delta·erf(x/√2)): GELU at delta 1, what a damped unit approximates below.
[[nodiscard]] double gelu_exact(double x, double delta = 1.0) noexcept;
/// The polynomial of GeluUnit.
[[nodiscard]] double gelu_polynomial(double x, double delta) noexcept;
/// Its derivative; the one from the right where it jumps, at 0.
[[nodiscard]] double gelu_polynomial_slope(double x, double delta) noexcept;

/// The polynomial of exponential(), for e^−distance. \pre distance >= 0
[[nodiscard]] double exponential_polynomial(double distance) noexcept;
/// Magnitude of its derivative.
[[nodiscard]] double exponential_polynomial_slope(double distance) noexcept;

[[nodiscard]] double sigmoid_exact(double x) noexcept;
/// PLAN in real numbers.
[[nodiscard]] double sigmoid_plan(double x) noexcept;
/// Its derivative; the one of the outer segment where two meet.
[[nodiscard]] double sigmoid_plan_slope(double x) noexcept;

/// delta · softmax of a row.
[[nodiscard]] std::vector<double> softmax_exact(const std::vector<double>& row, double delta = 1.0);
/// The same with exponential_polynomial().
[[nodiscard]] std::vector<double> softmax_polynomial(const std::vector<double>& row, double delta);
/// ∂y_0/∂x_0 of softmax_polynomial of the row (x, 0): y(1 − y) peaks in rows of two.
[[nodiscard]] double softmax_pair_slope(double x, double delta) noexcept;

} // namespace heatsim::numerics
