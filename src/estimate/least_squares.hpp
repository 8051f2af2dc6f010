// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <vector>

namespace heatsim::estimate {

/// One observation: value ≈ Σ coefficient_i · feature_i.
struct Observation {
    std::vector<double> features;
    double value = 0.0;
    double weight = 1.0;
};

/// The observations do not determine the coefficients.
class SingularFit : public std::runtime_error {
  public:
    using runtime_error::runtime_error;
};

/// Coefficients with the smallest Σ (weight · residual)². Householder reflections in a fixed order:
/// the same bits on every machine with IEEE arithmetic.
/// \pre every observation has as many features
/// \throws SingularFit
[[nodiscard]] std::vector<double> least_squares(const std::vector<Observation>& observations);

} // namespace heatsim::estimate
