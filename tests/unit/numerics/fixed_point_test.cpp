// SPDX-License-Identifier: Apache-2.0
#include "numerics/fixed_point.hpp"
#include "numerics/requantize.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace heatsim::numerics {
namespace {

TEST(FixedPoint, RoundShiftRoundsHalvesUp)
{
    EXPECT_EQ(round_shift(5, 1), 3);
    EXPECT_EQ(round_shift(-5, 1), -2);
    EXPECT_EQ(round_shift(7, 2), 2);
    EXPECT_EQ(round_shift(-7, 2), -2);
    EXPECT_EQ(round_shift(-7, 0), -7);
}

TEST(FixedPoint, SaturatesAtTheEndsOfTheFormat)
{
    constexpr Format int8{8, 4};
    EXPECT_EQ(saturate_signed(127, int8), 127);
    EXPECT_EQ(saturate_signed(128, int8), 127);
    EXPECT_EQ(saturate_signed(-129, int8), -128);
    EXPECT_EQ(saturate_unsigned(256, int8), 255);
    EXPECT_EQ(saturate_unsigned(-1, int8), 0);
}

TEST(FixedPoint, QuantizesToTheNearest)
{
    constexpr Format int8{8, 4};
    EXPECT_EQ(quantize(1.0, int8), 16);
    EXPECT_EQ(quantize(0.03125, int8), 1); // half a step, away from zero
    EXPECT_EQ(quantize(-0.03125, int8), -1);
    EXPECT_EQ(quantize(1e300, int8), 127);
    EXPECT_EQ(quantize(-std::numeric_limits<double>::infinity(), int8), -128);
    EXPECT_EQ(quantize(std::numeric_limits<double>::quiet_NaN(), int8), 0);
    for (auto code = int8.signed_min(); code <= int8.signed_max(); ++code)
        EXPECT_EQ(quantize(to_real(code, int8), int8), code);
}

TEST(FixedPoint, Int8IsSymmetric)
{
    const auto scale = int8_scale(6.35);
    EXPECT_DOUBLE_EQ(scale, 0.05);
    EXPECT_EQ(quantize_int8(6.35, scale), 127);
    EXPECT_EQ(quantize_int8(-6.35, scale), -127);
    EXPECT_EQ(quantize_int8(-100.0, scale), -127);
    for (const double value : {0.012, 0.99, 3.333, 6.3})
        EXPECT_EQ(quantize_int8(-value, scale), -quantize_int8(value, scale));
}

TEST(FixedPoint, DividesAsIntegersDo)
{
    for (std::uint64_t divisor = 1; divisor < 40; ++divisor)
        for (std::uint64_t dividend = 0; dividend < divisor << 6U; ++dividend)
            ASSERT_EQ(divide(dividend, divisor, 6), dividend / divisor);
    constexpr std::uint64_t large = (std::uint64_t{1} << 61U) + 12345;
    EXPECT_EQ(divide(large * 3 + 1, large, 2), 3U);
}

TEST(Requantize, RoundsToNearestAndSaturates)
{
    EXPECT_EQ(requantize(3, 1, 1), 2);   // 1.5
    EXPECT_EQ(requantize(-3, 1, 1), -1); // −1.5
    EXPECT_EQ(requantize(1000, 16384, 14), 127);
    EXPECT_EQ(requantize(-1000, 16384, 14), -128);
    EXPECT_EQ(requantize(1 << 25, 1, 47), 0);
    // bits above the 27th do not count
    EXPECT_EQ(requantize((1 << 27) + 5, 2, 1), 5);
    EXPECT_EQ(requantize(1 << 26, 1, 20), -64);
}

TEST(Requantize, ScaleIsWithinHalfAMultiplierStep)
{
    for (double factor = 1e-9; factor < 16000.0; factor *= 1.37) {
        const auto scale = requantize_scale(factor);
        EXPECT_GE(scale.multiplier, 1 << 14) << factor;
        EXPECT_NEAR(scale.factor() / factor, 1.0, std::ldexp(1.0, -15)) << factor;
    }
    // rounds up to the next power of two
    EXPECT_EQ(requantize_scale(0.99999999).multiplier, 1 << 14);
    EXPECT_DOUBLE_EQ(requantize_scale(0.99999999).factor(), 1.0);
}

TEST(Requantize, ScaleRefusesWhatShiftsDoNotReach)
{
    for (const double factor : {0.0, -1.0, 16384.0, 1e-10, std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN()})
        EXPECT_THROW((void)requantize_scale(factor), std::domain_error) << factor;
    EXPECT_EQ(requantize_scale(std::ldexp(1.0, -33)).shift, 47U);
    EXPECT_EQ(requantize_scale(16383.0).shift, 1U);
}

} // namespace
} // namespace heatsim::numerics
