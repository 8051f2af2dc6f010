// SPDX-License-Identifier: Apache-2.0
#include "numerics/elementwise.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace heatsim::numerics {
namespace {

std::int8_t any_int8(test::Random& random)
{
    return static_cast<std::int8_t>(static_cast<int>(random.between(0, 255)) - 128);
}

double saturated(double value)
{
    return std::clamp(value, -128.0, 127.0);
}

/// A factor of either sign, its magnitude 2^least to 2^most.
double any_factor(test::Random& random, int least, int most)
{
    const auto bits = static_cast<double>(random.between(0, 1U << 30U)) / std::ldexp(1.0, 30);
    const auto magnitude = std::exp2(least + (most - least) * bits);
    return random.chance(50) ? magnitude : -magnitude;
}

TEST(Add, RoundsHalvesUpAndSaturates)
{
    EXPECT_EQ(add({1, 0, 1}, 3, 100), 2);
    EXPECT_EQ(add({1, 0, 1}, -3, 100), -1);
    EXPECT_EQ(add({1, 1, 0}, 100, 100), 127);
    EXPECT_EQ(add({1, 1, 0}, -100, -100), -128);
    EXPECT_EQ(add({1, -1, 0}, 127, 127), 0);
    // the largest sum of products and the longest shift
    EXPECT_EQ(add({-32768, -32768, 31}, -128, -128), 0);
    EXPECT_EQ(add({-32768, -32768, 16}, -128, -128), 127);
    EXPECT_EQ(add({-32768, -32768, 17}, -128, -128), 64);
    EXPECT_EQ(add({32767, 32767, 31}, -128, -128), 0);
}

TEST(Add, IsNearTheRealSum)
{
    test::Random random{1};
    for (int i = 0; i < 200'000; ++i) {
        const auto factor_a = any_factor(random, -16, 14);
        const auto factor_b = any_factor(random, -30, 14);
        const auto unit = add_unit(factor_a, factor_b);
        const auto larger =
            std::max(std::abs(int{unit.multiplier_a}), std::abs(int{unit.multiplier_b}));
        ASSERT_GE(larger, 1 << 14) << factor_a << " " << factor_b;
        ASSERT_LE(unit.shift, 31U);
        const auto a = any_int8(random);
        const auto b = any_int8(random);
        // half a step of each multiplier times its operand, and half a step of the result
        const auto tolerance = 0.5 + 128.0 * std::ldexp(1.0, -static_cast<int>(unit.shift));
        ASSERT_NEAR(add(unit, a, b), saturated(a * factor_a + b * factor_b), tolerance)
            << factor_a << " " << factor_b << " " << int{a} << " " << int{b};
    }
}

TEST(Add, UnitHasTheLargerFactorExactly)
{
    const auto unit = add_unit(0.5, -0.125);
    EXPECT_EQ(unit.multiplier_a, 1 << 14);
    EXPECT_EQ(unit.multiplier_b, -(1 << 12));
    EXPECT_EQ(unit.shift, 15U);
    EXPECT_EQ(add_unit(16384.0, 0.0).shift, 0U);
    EXPECT_EQ(add_unit(16384.0, 0.0).multiplier_a, 16384);
    // rounds up to the next power of two: 15 bits again
    EXPECT_EQ(add_unit(0.999999999, 0.0).multiplier_a, 1 << 14);
    EXPECT_EQ(add_unit(0.0, std::ldexp(1.0, -16)).shift, 30U);
}

TEST(Add, UnitOfUnreachableFactorsIsRefused)
{
    EXPECT_THROW((void)add_unit(0.0, 0.0), std::domain_error);
    EXPECT_THROW((void)add_unit(16384.1, 1.0), std::domain_error);
    EXPECT_THROW((void)add_unit(1.0, -16384.1), std::domain_error);
    EXPECT_THROW((void)add_unit(std::ldexp(1.0, -17), 0.0), std::domain_error);
    EXPECT_THROW((void)add_unit(1.0, std::numeric_limits<double>::quiet_NaN()), std::domain_error);
    EXPECT_THROW((void)add_unit(std::numeric_limits<double>::infinity(), 1.0), std::domain_error);
}

TEST(ChannelMean, IsNearTheRealMeanOfEachGroup)
{
    test::Random random{2};
    for (int i = 0; i < 500; ++i) {
        const auto groups = random.between(1, 12);
        const auto channels = random.between(1, 64);
        std::vector<double> factors(groups * channels);
        std::vector<std::int8_t> row(groups * channels);
        for (std::size_t k = 0; k < factors.size(); ++k) {
            factors[k] = any_factor(random, -8, 0) / static_cast<double>(channels);
            row[k] = any_int8(random);
        }
        const auto unit = channel_mean_unit(factors, static_cast<std::uint32_t>(groups));
        const auto means = channel_mean(unit, row.data());
        ASSERT_EQ(means.size(), groups);
        const auto tolerance = 0.5 + 64.0 * static_cast<double>(channels) *
                                         std::ldexp(1.0, -static_cast<int>(unit.shift));
        for (std::size_t group = 0; group < groups; ++group) {
            double mean = 0.0;
            for (auto k = group * channels; k < (group + 1) * channels; ++k)
                mean += factors[k] * row[k];
            ASSERT_NEAR(means[group], saturated(mean), tolerance);
        }
    }
}

TEST(ChannelMean, WidestRowDoesNotOverflow)
{
    ChannelMeanUnit unit;
    unit.multipliers.assign(4096, -32768);
    unit.shift = 27;
    const std::vector<std::int8_t> row(4096, -128); // 2^12 · 2^15 · 2^7 = 2^34
    EXPECT_EQ(channel_mean(unit, row.data()), std::vector<std::int8_t>{127});
    unit.shift = 28;
    EXPECT_EQ(channel_mean(unit, row.data()), std::vector<std::int8_t>{64});
    unit.shift = 46;
    EXPECT_EQ(channel_mean(unit, row.data()), std::vector<std::int8_t>{0});
}

TEST(ChannelMean, UnitOfUnreachableFactorsIsRefused)
{
    EXPECT_THROW((void)channel_mean_unit({0.0, 0.0}, 1), std::domain_error);
    EXPECT_THROW((void)channel_mean_unit({}, 1), std::domain_error);
    EXPECT_THROW((void)channel_mean_unit({20000.0}, 1), std::domain_error);
    EXPECT_THROW((void)channel_mean_unit({1.0, 1.0, 1.0}, 2), std::domain_error);
    EXPECT_THROW((void)channel_mean_unit({1.0}, 0), std::domain_error);
    EXPECT_LE(channel_mean_unit({std::ldexp(1.0, -30)}, 1).shift, 46U);
}

TEST(TokenMean, RoundsHalvesAwayFromZero)
{
    EXPECT_EQ(token_mean(5, 2), 3);
    EXPECT_EQ(token_mean(-5, 2), -3);
    EXPECT_EQ(token_mean(-128 * 65536, 65536), -128);
    EXPECT_EQ(token_mean(127 * 65536, 65536), 127);
    for (std::int32_t sum = -128 * 7; sum <= 127 * 7; ++sum)
        ASSERT_EQ(token_mean(sum, 7), std::lround(sum / 7.0)) << sum;
}

} // namespace
} // namespace heatsim::numerics
