// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "numerics/fixed_point.hpp"

#include <cstdint>
#include <vector>

namespace heatsim::numerics {

/// saturate_int8(round_shift(a·multiplier_a + b·multiplier_b, shift)): the sum of two int8 numbers
/// of different scales, two 8 × 16-bit products and one adder in hardware.
struct AddUnit {
    std::int16_t multiplier_a = 0;
    std::int16_t multiplier_b = 0;
    unsigned shift = 1; ///< 0 to 31
};
[[nodiscard]] constexpr std::int8_t add(const AddUnit& unit, std::int8_t a, std::int8_t b) noexcept
{
    // two products below 2^22 and half of 2^31: 33 bits
    const auto sum = std::int64_t{a} * unit.multiplier_a + std::int64_t{b} * unit.multiplier_b;
    return static_cast<std::int8_t>(saturate_signed(round_shift(sum, unit.shift), {8, 0}));
}
/// The unit that is nearest to a·factor_a + b·factor_b: the larger multiplier has its full 15 bits,
/// 2^14 to 2^15 − 1 in magnitude. \throws std::domain_error unless both factors are at most 2^14 in
/// magnitude and one is at least 2^-16
[[nodiscard]] AddUnit add_unit(double factor_a, double factor_b);

/// Mean over groups of neighbouring channels, each channel with a scale of its own.
struct ChannelMeanUnit {
    std::uint32_t groups = 1;              ///< heads
    std::vector<std::int16_t> multipliers; ///< one per channel, 1 / channels of a group included
    unsigned shift = 1;                    ///< 0 to 46
};
/// One number per group: saturate_int8(round_shift(Σ x_k·multiplier_k, shift)). \param row as many
/// int8 as multipliers
[[nodiscard]] std::vector<std::int8_t> channel_mean(const ChannelMeanUnit& unit,
                                                    const std::int8_t* row);
/// \param factors of each channel in steps of the result, 1 / channels of a group included
/// \throws std::domain_error unless the largest magnitude is 2^-30 to 2^14 and the groups are
/// equally large
[[nodiscard]] ChannelMeanUnit channel_mean_unit(const std::vector<double>& factors,
                                                std::uint32_t groups);

/// Mean of a channel over `count` tokens, to nearest, halves away from zero: package_mean with
/// weights of 1. \pre count is 1 to 65536, |sum| <= 128 · count
[[nodiscard]] std::int8_t token_mean(std::int32_t sum, std::uint32_t count) noexcept;

} // namespace heatsim::numerics
