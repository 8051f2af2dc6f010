// SPDX-License-Identifier: Apache-2.0
#include "numerics/layer_norm.hpp"

#include "numerics/fixed_point.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace heatsim::numerics {

namespace {

constexpr Format int8{8, 0};
constexpr double int16_largest = 32767.0;
constexpr double largest_epsilon = static_cast<double>(std::uint64_t{1} << 40U);
constexpr long mantissa_largest = 127;
constexpr int exponent_largest = 15;
constexpr unsigned reciprocal_fraction = 40;
constexpr unsigned normed_fraction = 16;
constexpr unsigned parameter_fraction = 15; // the largest exponent of a NormParameter
constexpr unsigned result_fraction = normed_fraction + parameter_fraction;

/// ⌊√value⌋, one bit per step. \pre value < 2^62
std::uint64_t square_root(std::uint64_t value) noexcept
{
    std::uint64_t root = 0;
    for (auto bit = std::uint64_t{1} << 60U; bit != 0; bit >>= 2U) {
        const auto trial = root + bit;
        root >>= 1U;
        if (value >= trial) {
            value -= trial;
            root += bit;
        }
    }
    return root;
}

/// sum / count to nearest, halves away from zero.
std::int64_t rounded_quotient(std::int64_t sum, std::int64_t count) noexcept
{
    const auto half = count / 2;
    return (sum < 0 ? sum - half : sum + half) / count;
}

/// A row on its way; pointers, because int8 results may alias what a compiler does not see.
struct Row {
    const std::int8_t* numbers;
    const std::int16_t* multipliers;
    const NormParameter* scale;
    const NormParameter* shift;
    std::uint64_t epsilon;
    std::size_t channels;
    std::int8_t* out;
};

// Widths, with rows of up to n = 4096 channels: |u| < 2^22, its sum below 2^34, |d| < 2^23 and the
// sum of squares below 2^58; with epsilon the square root's operand stays below 2^47. As Σ d² <
// n·(deviation + 1)², |d| < 2·64·deviation, so that d·⌊2^40 / deviation⌋ is below 2^47 and z below
// 2^23. y has 7 + 15 bits more: 2^45.
__attribute__((always_inline)) inline void normalize(Row row)
{
    const auto n = row.channels;
    if (n == 0)
        return;
    const auto scaled_number = [row](std::size_t k) {
        return std::int32_t{row.numbers[k]} * std::int32_t{row.multipliers[k]};
    };
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < n; ++k)
        sum += scaled_number(k);
    const auto mean =
        static_cast<std::int32_t>(rounded_quotient(sum, static_cast<std::int64_t>(n)));
    const auto difference = [scaled_number, mean](std::size_t k) {
        return std::int64_t{scaled_number(k) - mean};
    };
    std::uint64_t squares = 0;
    for (std::size_t k = 0; k < n; ++k)
        squares += static_cast<std::uint64_t>(difference(k) * difference(k));
    const auto deviation =
        std::max<std::uint64_t>(square_root(squares / n + row.epsilon), std::uint64_t{1});
    const auto reciprocal =
        static_cast<std::int64_t>((std::uint64_t{1} << reciprocal_fraction) / deviation);
    for (std::size_t k = 0; k < n; ++k) {
        const auto normed =
            round_shift(difference(k) * reciprocal, reciprocal_fraction - normed_fraction);
        // multiplications: the shift of a negative number is undefined
        const auto scaled = normed * row.scale[k].mantissa *
                            (std::int64_t{1} << (parameter_fraction - row.scale[k].exponent));
        const auto shift = std::int64_t{row.shift[k].mantissa} *
                           (std::int64_t{1} << (result_fraction - row.shift[k].exponent));
        row.out[k] = static_cast<std::int8_t>(
            saturate_signed(round_shift(scaled + shift, result_fraction), int8));
    }
}

void normalize_portable(const Row& row)
{
    normalize(row);
}

#if defined(__x86_64__)
/// Products of 64-bit numbers are one instruction from AVX-512 on.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) void normalize_avx512(const Row& row)
{
    normalize(row);
}

bool has_avx512()
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

} // namespace

NormParameter norm_parameter(double value) noexcept
{
    if (std::isnan(value))
        return {};
    for (int exponent = exponent_largest; exponent > 0; --exponent) {
        const auto scaled = std::round(std::ldexp(value, exponent));
        if (std::abs(scaled) <= static_cast<double>(mantissa_largest))
            return {static_cast<std::int8_t>(scaled), static_cast<std::uint8_t>(exponent)};
    }
    constexpr auto limit = static_cast<double>(mantissa_largest);
    return {static_cast<std::int8_t>(std::round(std::clamp(value, -limit, limit))), 0};
}

void layer_norm(const LayerNormUnit& unit,
                const std::int8_t* row,
                std::size_t first_multiplier,
                std::int8_t* out)
{
    const Row work{row,
                   unit.multipliers.data() + first_multiplier,
                   unit.scale.data(),
                   unit.shift.data(),
                   unit.epsilon,
                   unit.channels(),
                   out};
#if defined(__x86_64__)
    static const bool vectors = has_avx512();
    if (vectors)
        return normalize_avx512(work);
#endif
    normalize_portable(work);
}

LayerNormUnit layer_norm_unit(const std::vector<double>& input_scales,
                              const std::vector<double>& scale,
                              const std::vector<double>& shift,
                              double epsilon,
                              double output_scale)
{
    if (scale.empty() || shift.size() != scale.size() || input_scales.empty() ||
        input_scales.size() % scale.size() != 0)
        throw std::domain_error{"layer_norm_unit: the numbers of channels do not match"};
    const auto largest = *std::max_element(input_scales.begin(), input_scales.end());
    const bool positive = std::all_of(input_scales.begin(), input_scales.end(),
                                      [](double value) { return value > 0.0; });
    if (!positive || !std::isfinite(largest) || !(output_scale > 0.0))
        throw std::domain_error{"layer_norm_unit: a scale is not a positive number"};
    const auto step = largest / int16_largest; // of u
    const auto squared_steps = epsilon / step / step;
    if (!(squared_steps >= 0.0 && squared_steps <= largest_epsilon))
        throw std::domain_error{"layer_norm_unit: epsilon is not 0 to 2^40 squared steps"};
    LayerNormUnit unit;
    unit.epsilon = static_cast<std::uint64_t>(std::llround(squared_steps));
    unit.multipliers.reserve(input_scales.size());
    for (const auto value : input_scales)
        unit.multipliers.push_back(static_cast<std::int16_t>(
            std::max(std::lround(std::min(value / step, int16_largest)), 1L)));
    unit.scale.reserve(scale.size());
    unit.shift.reserve(shift.size());
    for (std::size_t k = 0; k < scale.size(); ++k) {
        unit.scale.push_back(norm_parameter(scale[k] / output_scale));
        unit.shift.push_back(norm_parameter(shift[k] / output_scale));
    }
    return unit;
}

} // namespace heatsim::numerics
