// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "numerics/fixed_point.hpp"

#include <cstdint>

namespace heatsim::numerics {

/// Bits of an accumulator that requantization takes: the wide operand of a DSP48E2's multiplier.
constexpr unsigned accumulator_bits = 27;

/// A factor as hardware multiplies by it: multiplier / 2^shift.
struct RequantizeScale {
    std::int16_t multiplier = 0; ///< 2^14 to 2^15 - 1
    unsigned shift = 1;          ///< 1 to 47

    [[nodiscard]] double factor() const noexcept
    {
        return static_cast<double>(multiplier) / static_cast<double>(std::int64_t{1} << shift);
    }
};

/// The nearest scale to a factor: at most 2^-15 of it off.
/// \throws std::domain_error unless factor is 2^-33 to 2^14, which the shifts reach
[[nodiscard]] RequantizeScale requantize_scale(double factor);

/// saturate_int8((accumulator · multiplier + 2^(shift-1)) >> shift), as rtl/requantize.sv: to
/// nearest, halves up. Bits of the accumulator above the lowest accumulator_bits are ignored. \pre
/// 1 <= shift <= 47
[[nodiscard]] constexpr std::int8_t
requantize(std::int32_t accumulator, std::int16_t multiplier, unsigned shift) noexcept
{
    constexpr auto sign = std::int64_t{1} << (accumulator_bits - 1);
    const auto low = static_cast<std::int64_t>(accumulator) & (2 * sign - 1);
    const auto operand = (low ^ sign) - sign; // sign-extended
    return static_cast<std::int8_t>(
        saturate_signed(round_shift(operand * multiplier, shift), {8, 0}));
}

} // namespace heatsim::numerics
