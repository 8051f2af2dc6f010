// SPDX-License-Identifier: Apache-2.0
#include "numerics/exact.hpp"

#include <algorithm>
#include <cmath>

namespace heatsim::numerics {

namespace {

// HeatViT (HPCA 2023), section on polynomial approximation
constexpr double gelu_a = -0.2888;
constexpr double gelu_b = -1.769;
constexpr double exponential_square = 0.3585;
constexpr double exponential_centre = 1.353;
constexpr double exponential_offset = 0.344;

const double sqrt_2 = std::sqrt(2.0);
const double ln_2 = std::log(2.0);

/// z and p of a distance.
struct Split {
    double z;
    double p;
};
Split split(double distance) noexcept
{
    const auto z = std::floor(distance / ln_2);
    return {z, z * ln_2 - distance};
}

template <typename Exponential>
std::vector<double>
softmax_with(const std::vector<double>& row, double delta, Exponential exponential)
{
    std::vector<double> result;
    if (row.empty())
        return result;
    const auto maximum = *std::max_element(row.begin(), row.end());
    result.reserve(row.size());
    double sum = 0.0;
    for (const auto x : row) {
        result.push_back(exponential(maximum - x));
        sum += result.back();
    }
    for (auto& value : result)
        value *= delta / sum;
    return result;
}

} // namespace

double gelu_exact(double x, double delta) noexcept
{
    return x / 2 * (1.0 + delta * std::erf(x / sqrt_2));
}

double gelu_polynomial(double x, double delta) noexcept
{
    const auto distance = std::min(std::abs(x) / sqrt_2, -gelu_b) + gelu_b;
    const auto l = delta * (gelu_a * distance * distance + 1.0);
    return x / 2 * (1.0 + (x < 0.0 ? -l : l));
}

double gelu_polynomial_slope(double x, double delta) noexcept
{
    const auto u = std::abs(x) / sqrt_2;
    const auto distance = std::min(u, -gelu_b) + gelu_b;
    const auto l = delta * (gelu_a * distance * distance + 1.0);
    // d/dx of x/2·L(x/√2): L/2 + u/2·dL/du, odd in x
    const auto odd = l / 2 + u / 2 * delta * 2 * gelu_a * distance;
    return 0.5 + (x < 0.0 ? -odd : odd);
}

double exponential_polynomial(double distance) noexcept
{
    const auto [z, p] = split(distance);
    return (exponential_square * (p + exponential_centre) * (p + exponential_centre) +
            exponential_offset) *
           std::exp2(-z);
}

double exponential_polynomial_slope(double distance) noexcept
{
    const auto [z, p] = split(distance);
    return 2 * exponential_square * (p + exponential_centre) * std::exp2(-z);
}

double sigmoid_exact(double x) noexcept
{
    return 1.0 / (1.0 + std::exp(-x));
}

double sigmoid_plan(double x) noexcept
{
    const auto u = std::abs(x);
    const auto y = u < 1.0     ? 0.25 * u + 0.5
                   : u < 2.375 ? 0.125 * u + 0.625
                   : u < 5.0   ? 0.03125 * u + 0.84375
                               : 1.0;
    return x < 0.0 ? 1.0 - y : y;
}

double sigmoid_plan_slope(double x) noexcept
{
    const auto u = std::abs(x);
    return u < 1.0 ? 0.25 : u < 2.375 ? 0.125 : u < 5.0 ? 0.03125 : 0.0;
}

std::vector<double> softmax_exact(const std::vector<double>& row, double delta)
{
    return softmax_with(row, delta, [](double distance) { return std::exp(-distance); });
}

std::vector<double> softmax_polynomial(const std::vector<double>& row, double delta)
{
    return softmax_with(row, delta, exponential_polynomial);
}

double softmax_pair_slope(double x, double delta) noexcept
{
    const auto distance = std::abs(x);
    const auto one = exponential_polynomial(0.0);
    const auto other = exponential_polynomial(distance);
    return delta * exponential_polynomial_slope(distance) * one / ((one + other) * (one + other));
}

} // namespace heatsim::numerics
