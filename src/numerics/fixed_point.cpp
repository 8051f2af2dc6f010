// SPDX-License-Identifier: Apache-2.0
#include "numerics/fixed_point.hpp"

#include <algorithm>
#include <cmath>

namespace heatsim::numerics {

namespace {

/// To nearest, halves away from zero, between `min` and `max`.
std::int64_t rounded(double value, std::int64_t min, std::int64_t max) noexcept
{
    if (std::isnan(value))
        return 0;
    // clamped first: std::llround of a number outside int64 is undefined
    return std::llround(std::clamp(value, static_cast<double>(min), static_cast<double>(max)));
}

constexpr std::int64_t int8_largest = 127;

} // namespace

std::int64_t quantize(double value, Format format) noexcept
{
    return rounded(value / format.step(), format.signed_min(), format.signed_max());
}

double to_real(std::int64_t value, Format format) noexcept
{
    return static_cast<double>(value) * format.step();
}

std::int8_t quantize_int8(double value, double scale) noexcept
{
    return static_cast<std::int8_t>(rounded(value / scale, -int8_largest, int8_largest));
}

double int8_scale(double largest_magnitude) noexcept
{
    return largest_magnitude / static_cast<double>(int8_largest);
}

std::uint64_t divide(std::uint64_t dividend, std::uint64_t divisor, unsigned quotient_bits) noexcept
{
    // what is above the quotient's bits starts as the remainder; it is below the divisor
    auto remainder = dividend >> quotient_bits;
    std::uint64_t quotient = 0;
    for (unsigned bit = quotient_bits; bit-- > 0;) {
        remainder = (remainder << 1U) | ((dividend >> bit) & 1U);
        quotient <<= 1U;
        if (remainder >= divisor) {
            remainder -= divisor;
            quotient |= 1U;
        }
    }
    return quotient;
}

} // namespace heatsim::numerics
