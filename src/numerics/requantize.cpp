// SPDX-License-Identifier: Apache-2.0
#include "numerics/requantize.hpp"

#include <cmath>
#include <stdexcept>

namespace heatsim::numerics {

RequantizeScale requantize_scale(double factor)
{
    constexpr int multiplier_bits = 15;
    constexpr int max_shift = 47;
    if (!(factor > 0.0) || !std::isfinite(factor))
        throw std::domain_error{"requantize_scale: not a positive number"};
    int exponent = 0;
    const auto mantissa = std::frexp(factor, &exponent); // 0.5 to 1
    auto multiplier = std::lround(std::ldexp(mantissa, multiplier_bits));
    if (multiplier == 1L << multiplier_bits) { // rounded up to the next power of two
        multiplier /= 2;
        ++exponent;
    }
    const auto shift = multiplier_bits - exponent;
    if (shift < 1 || shift > max_shift)
        throw std::domain_error{"requantize_scale: factor needs a shift outside 1 to 47"};
    return {static_cast<std::int16_t>(multiplier), static_cast<unsigned>(shift)};
}

} // namespace heatsim::numerics
