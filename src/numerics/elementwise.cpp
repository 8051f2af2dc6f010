// SPDX-License-Identifier: Apache-2.0
#include "numerics/elementwise.hpp"

#include "numerics/package_token.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace heatsim::numerics {

namespace {

constexpr Format int8{8, 0};
constexpr int multiplier_bits = 15; // magnitude of an int16

/// The shift at which the magnitude has all bits of a multiplier, as it is rounded.
/// \pre magnitude is positive and finite
int multiplier_shift(double magnitude)
{
    int exponent = 0;
    const auto mantissa = std::frexp(magnitude, &exponent); // 0.5 to 1
    const bool rounds_up =
        std::lround(std::ldexp(mantissa, multiplier_bits)) == 1L << multiplier_bits;
    return multiplier_bits - exponent - (rounds_up ? 1 : 0);
}

std::int16_t multiplier_of(double factor, int shift)
{
    return static_cast<std::int16_t>(std::lround(std::ldexp(factor, shift)));
}

/// Magnitude of the largest; NaN if one is.
double largest_magnitude(const std::vector<double>& factors)
{
    double largest = 0.0;
    for (const auto factor : factors) {
        if (std::isnan(factor))
            return std::numeric_limits<double>::quiet_NaN();
        largest = std::max(largest, std::abs(factor));
    }
    return largest;
}

} // namespace

AddUnit add_unit(double factor_a, double factor_b)
{
    const auto largest = largest_magnitude({factor_a, factor_b});
    if (!(largest >= std::ldexp(1.0, -16) && largest <= std::ldexp(1.0, 14)))
        throw std::domain_error{"add_unit: the larger factor is not 2^-16 to 2^14"};
    const auto shift = multiplier_shift(largest);
    return {multiplier_of(factor_a, shift), multiplier_of(factor_b, shift),
            static_cast<unsigned>(shift)};
}

std::vector<std::int8_t> channel_mean(const ChannelMeanUnit& unit, const std::int8_t* row)
{
    const auto channels = unit.multipliers.size() / unit.groups;
    std::vector<std::int8_t> means;
    means.reserve(unit.groups);
    for (std::size_t group = 0; group < unit.groups; ++group) {
        std::int64_t sum = 0; // products below 2^22: 2^16 channels stay below 2^38
        for (auto channel = group * channels; channel < (group + 1) * channels; ++channel)
            sum += std::int64_t{row[channel]} * unit.multipliers[channel];
        means.push_back(
            static_cast<std::int8_t>(saturate_signed(round_shift(sum, unit.shift), int8)));
    }
    return means;
}

ChannelMeanUnit channel_mean_unit(const std::vector<double>& factors, std::uint32_t groups)
{
    const auto largest = largest_magnitude(factors);
    if (!(largest >= std::ldexp(1.0, -30) && largest <= std::ldexp(1.0, 14)))
        throw std::domain_error{"channel_mean_unit: the largest factor is not 2^-30 to 2^14"};
    if (groups == 0 || factors.size() % groups != 0)
        throw std::domain_error{"channel_mean_unit: the channels are no multiple of the groups"};
    const auto shift = multiplier_shift(largest);
    ChannelMeanUnit unit;
    unit.groups = groups;
    unit.shift = static_cast<unsigned>(shift);
    unit.multipliers.reserve(factors.size());
    for (const auto factor : factors)
        unit.multipliers.push_back(multiplier_of(factor, shift));
    return unit;
}

std::int8_t token_mean(std::int32_t sum, std::uint32_t count) noexcept
{
    return package_mean(sum, count);
}

} // namespace heatsim::numerics
