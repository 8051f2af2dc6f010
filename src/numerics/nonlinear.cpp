// SPDX-License-Identifier: Apache-2.0
#include "numerics/nonlinear.hpp"

#include <algorithm>
#include <cstdlib>

namespace heatsim::numerics {

namespace {

/// A code of `input` as one of nonlinear_format.
std::int64_t widened(std::int32_t value, Format input) noexcept
{
    // a multiplication: the shift of a negative number is undefined
    return std::int64_t{value} * (std::int64_t{1} << (nonlinear_format.fraction - input.fraction));
}

// GELU in terms of |x|: the square of the distance to the knee at −b·√2
constexpr std::int64_t gelu_knee = 2562;      // 1.769·√2 · 2^10
constexpr std::int64_t gelu_curvature = 4732; // 0.2888/2 · 2^15
constexpr unsigned gelu_square_shift = 8;     // square: 20 fraction bits → 12
constexpr unsigned gelu_gain_shift = 13;      // square times curvature: 27 fraction bits → 14
constexpr unsigned gelu_gain_fraction = 14;
constexpr unsigned gelu_delta_shift = 27 - delta_fraction;

// the exponential in base 2: with f = −p/ln 2, 0 to 1, the bracket is 0.3585·ln²2·(1.353/ln 2 − f)²
// + 0.344
constexpr std::uint64_t exponential_scale = 47274;       // 1/ln 2 · 2^15
constexpr unsigned exponential_z_shift = 25;             // 10 + 15 fraction bits
constexpr unsigned exponential_f_shift = 9;              // 25 fraction bits → 16
constexpr std::uint64_t exponential_centre = 127924;     // 1.353/ln 2 · 2^16
constexpr unsigned exponential_square_shift = 16;        // square: 32 fraction bits → 16
constexpr std::uint64_t exponential_curvature = 22576;   // 0.3585·ln²2 · 2^17
constexpr std::uint64_t exponential_offset = 2954937500; // 0.344 · 2^33
constexpr unsigned exponential_result_shift = 17;        // 33 fraction bits → 16
constexpr std::uint64_t exponential_longest_shift = 31;  // leaves none of the 17 bits

// softmax: δ2 · 2^42 / sum, both factors of the last product with the exponential's fraction bits;
// the sum of a row is above 2^16, so that the reciprocal is below 2^26
constexpr unsigned reciprocal_bits = 26;

// PLAN with 15 fraction bits: exact
constexpr unsigned sigmoid_fraction = 15;
constexpr std::int64_t sigmoid_one = 1 << sigmoid_fraction;
constexpr std::int64_t sigmoid_end_1 = 1024; // 1 · 2^10
constexpr std::int64_t sigmoid_end_2 = 2432; // 2.375 · 2^10
constexpr std::int64_t sigmoid_end_3 = 5120; // 5 · 2^10

} // namespace

std::int32_t gelu(const GeluUnit& unit, std::int32_t value) noexcept
{
    const auto x = widened(value, unit.input);
    const auto distance = gelu_knee - std::min(std::abs(x), gelu_knee);
    const auto square = (distance * distance) >> gelu_square_shift;
    const auto curvature = round_shift(gelu_curvature * unit.delta, delta_fraction);
    const auto l = round_shift((std::int64_t{unit.delta} << gelu_delta_shift) - curvature * square,
                               gelu_gain_shift);
    const auto gain = (std::int64_t{1} << gelu_gain_fraction) + (x < 0 ? -l : l);
    // half of it: one more fraction bit
    const auto product_fraction = nonlinear_format.fraction + gelu_gain_fraction + 1;
    return static_cast<std::int32_t>(saturate_signed(
        round_shift(x * gain, product_fraction - unit.output.fraction), unit.output));
}

std::uint32_t exponential(std::uint32_t distance) noexcept
{
    const auto scaled = distance * exponential_scale;
    const auto z = std::min(scaled >> exponential_z_shift, exponential_longest_shift);
    const auto f = (scaled >> exponential_f_shift) & 0xFFFFU;
    const auto m = exponential_centre - f;
    const auto square = (m * m) >> exponential_square_shift;
    const auto rounding = std::uint64_t{1} << (exponential_result_shift - 1);
    const auto mantissa = (square * exponential_curvature + exponential_offset + rounding) >>
                          exponential_result_shift;
    return static_cast<std::uint32_t>(mantissa >> z);
}

std::uint32_t softmax_reciprocal(const SoftmaxUnit& unit, std::uint64_t sum) noexcept
{
    return static_cast<std::uint32_t>(
        divide(std::uint64_t{unit.delta} << (softmax_reciprocal_fraction - delta_fraction), sum,
               reciprocal_bits));
}

std::vector<std::int32_t> softmax(const SoftmaxUnit& unit, const std::vector<std::int32_t>& row)
{
    if (row.empty())
        return {};
    const auto maximum = widened(*std::max_element(row.begin(), row.end()), unit.input);
    std::vector<std::uint32_t> exponentials;
    exponentials.reserve(row.size());
    std::uint64_t sum = 0;
    for (const auto value : row) {
        exponentials.push_back(
            exponential(static_cast<std::uint32_t>(maximum - widened(value, unit.input))));
        sum += exponentials.back();
    }
    const auto reciprocal = softmax_reciprocal(unit, sum);
    std::vector<std::int32_t> result;
    result.reserve(row.size());
    for (const auto value : exponentials)
        result.push_back(softmax_share(unit, value, reciprocal));
    return result;
}

std::uint32_t sigmoid(const SigmoidUnit& unit, std::int32_t value) noexcept
{
    const auto x = widened(value, unit.input);
    const auto magnitude = std::abs(x);
    auto y = sigmoid_one;
    if (magnitude < sigmoid_end_1)
        y = 8 * magnitude + sigmoid_one / 2; // 1/4 |x| + 0.5
    else if (magnitude < sigmoid_end_2)
        y = 4 * magnitude + sigmoid_one * 5 / 8; // 1/8 |x| + 0.625
    else if (magnitude < sigmoid_end_3)
        y = magnitude + sigmoid_one * 27 / 32; // 1/32 |x| + 0.84375
    if (x < 0)
        y = sigmoid_one - y;
    return static_cast<std::uint32_t>(
        saturate_unsigned(round_shift(y, sigmoid_fraction - unit.output.fraction), unit.output));
}

} // namespace heatsim::numerics
