// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace heatsim::numerics {

/// Fixed-point number: `bits` in all, `fraction` of them behind the binary point. Signed numbers
/// are two's complement and count their sign in `bits`.
struct Format {
    unsigned bits = 8;     ///< 1 to 32
    unsigned fraction = 0; ///< 0 to 31

    /// Value of one step.
    [[nodiscard]] constexpr double step() const noexcept
    {
        return 1.0 / static_cast<double>(std::int64_t{1} << fraction);
    }
    [[nodiscard]] constexpr std::int64_t signed_min() const noexcept
    {
        return -(std::int64_t{1} << (bits - 1));
    }
    [[nodiscard]] constexpr std::int64_t signed_max() const noexcept
    {
        return (std::int64_t{1} << (bits - 1)) - 1;
    }
    [[nodiscard]] constexpr std::int64_t unsigned_max() const noexcept
    {
        return (std::int64_t{1} << bits) - 1;
    }
};

/// value / 2^shift, rounded to nearest, halves up: one adder and a shift in hardware.
/// \pre shift <= 62, |value| + 2^(shift-1) < 2^63
[[nodiscard]] constexpr std::int64_t round_shift(std::int64_t value, unsigned shift) noexcept
{
    return shift == 0 ? value : (value + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// The nearest of `format`'s signed numbers.
[[nodiscard]] constexpr std::int64_t saturate_signed(std::int64_t value, Format format) noexcept
{
    return value < format.signed_min()   ? format.signed_min()
           : value > format.signed_max() ? format.signed_max()
                                         : value;
}

/// The nearest of `format`'s unsigned numbers.
[[nodiscard]] constexpr std::int64_t saturate_unsigned(std::int64_t value, Format format) noexcept
{
    return value < 0 ? 0 : value > format.unsigned_max() ? format.unsigned_max() : value;
}

/// Real number to the nearest signed number of `format`, halves away from zero; saturates. NaN is
/// 0.
[[nodiscard]] std::int64_t quantize(double value, Format format) noexcept;
/// The real number that `value` stands for.
[[nodiscard]] double to_real(std::int64_t value, Format format) noexcept;

/// Symmetric int8 quantization: value / scale to the nearest integer, halves away from zero,
/// saturated at ±127, so that a number and its negative have codes of the same magnitude and a
/// product of two codes is below 2^14. NaN is 0.
/// \pre scale > 0
[[nodiscard]] std::int8_t quantize_int8(double value, double scale) noexcept;
/// The scale at which `largest_magnitude` is the code 127. \pre largest_magnitude > 0
[[nodiscard]] double int8_scale(double largest_magnitude) noexcept;

/// Quotient of two unsigned numbers by restoring division, one quotient bit per step, as
/// rtl/divider.sv computes it: ⌊dividend / divisor⌋.
/// \param quotient_bits 1 to 63
/// \pre dividend < divisor · 2^quotient_bits (else the quotient has no room), divisor < 2^62
[[nodiscard]] std::uint64_t
divide(std::uint64_t dividend, std::uint64_t divisor, unsigned quotient_bits) noexcept;

} // namespace heatsim::numerics
