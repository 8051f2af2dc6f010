// SPDX-License-Identifier: Apache-2.0
#include "numerics/layer_norm.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace heatsim::numerics {
namespace {

/// Every channel with multiplier 1, γ = scale and β = 0 in steps of the result.
LayerNormUnit plain_unit(std::size_t channels, double scale)
{
    LayerNormUnit unit;
    unit.multipliers.assign(channels, 1);
    unit.scale.assign(channels, norm_parameter(scale));
    unit.shift.assign(channels, norm_parameter(0.0));
    return unit;
}

std::vector<std::int8_t> normed(const LayerNormUnit& unit,
                                const std::vector<std::int8_t>& row,
                                std::size_t first_multiplier = 0)
{
    std::vector<std::int8_t> result(unit.channels());
    layer_norm(unit, row.data(), first_multiplier, result.data());
    return result;
}

TEST(NormParameter, IsTheNearest)
{
    test::Random random{1};
    for (int i = 0; i < 10'000; ++i) {
        const auto magnitude =
            std::exp2(-20.0 + 28.0 * static_cast<double>(random.between(0, 1'000'000)) / 1e6);
        const auto value = random.chance(50) ? magnitude : -magnitude;
        const auto parameter = norm_parameter(value);
        double best = std::numeric_limits<double>::infinity();
        for (int exponent = 0; exponent <= 15; ++exponent)
            for (int mantissa = -127; mantissa <= 127; ++mantissa)
                best = std::min(best, std::abs(std::ldexp(mantissa, -exponent) - value));
        ASSERT_EQ(std::abs(parameter.value() - value), best) << value;
    }
    EXPECT_EQ(norm_parameter(1e9).value(), 127.0);
    EXPECT_EQ(norm_parameter(-std::numeric_limits<double>::infinity()).value(), -127.0);
    EXPECT_EQ(norm_parameter(0.0).value(), 0.0);
    EXPECT_EQ(norm_parameter(std::numeric_limits<double>::quiet_NaN()).value(), 0.0);
}

TEST(LayerNorm, OfTwoChannelsByHand)
{
    // mean 0, Σ d² / 2 = 100, deviation 10
    const auto unit = plain_unit(2, 10.0);
    EXPECT_EQ(normed(unit, {10, -10}), (std::vector<std::int8_t>{10, -10}));
    // mean ½ → 1: d = 9, −10; Σ d²/2 = 90, deviation 9: 10 and −11.1
    EXPECT_EQ(normed(unit, {10, -9}), (std::vector<std::int8_t>{10, -11}));
    // mean −½ → −1
    EXPECT_EQ(normed(unit, {-10, 9}), (std::vector<std::int8_t>{-10, 11}));
}

TEST(LayerNorm, EqualChannelsGiveTheShift)
{
    auto unit = plain_unit(192, 100.0);
    for (std::size_t k = 0; k < unit.shift.size(); ++k)
        unit.shift[k] = norm_parameter(static_cast<double>(k) - 96.0);
    for (const int value : {-128, -127, 0, 1, 127}) {
        const auto result =
            normed(unit, std::vector<std::int8_t>(192, static_cast<std::int8_t>(value)));
        for (std::size_t k = 0; k < result.size(); ++k)
            ASSERT_EQ(result[k], static_cast<int>(k) - 96) << value;
    }
}

TEST(LayerNorm, SaturatesAndRoundsHalvesUp)
{
    auto unit = plain_unit(2, 127.0);
    unit.shift = {norm_parameter(100.0), norm_parameter(-100.0)};
    EXPECT_EQ(normed(unit, {1, -1}), (std::vector<std::int8_t>{127, -128}));
    unit = plain_unit(2, 0.5);
    EXPECT_EQ(normed(unit, {1, -1}), (std::vector<std::int8_t>{1, 0}));
}

TEST(LayerNorm, LargeEpsilonShrinksTheRow)
{
    auto unit = plain_unit(2, 127.0);
    unit.epsilon = 10'000 - 100; // deviation 100 instead of 10
    EXPECT_EQ(normed(unit, {10, -10}), (std::vector<std::int8_t>{13, -13}));
    unit.epsilon = std::uint64_t{1} << 40U;
    EXPECT_EQ(normed(unit, {10, -10}), (std::vector<std::int8_t>{0, 0}));
}

TEST(LayerNorm, WidestRowWithLargestMultipliersDoesNotOverflow)
{
    auto unit = plain_unit(4096, 1.0);
    unit.multipliers.assign(4096, 32767);
    std::vector<std::int8_t> row(4096);
    for (std::size_t k = 0; k < row.size(); ++k)
        row[k] = k % 2 == 0 ? 127 : -128;
    const auto result = normed(unit, row);
    for (std::size_t k = 0; k < row.size(); ++k)
        ASSERT_EQ(result[k], k % 2 == 0 ? 1 : -1);
    // one channel stands out by √4095 ≈ 64 deviations
    row.assign(4096, -128);
    row[17] = 127;
    const auto peak = normed(unit, row);
    EXPECT_EQ(peak[17], 64);
    EXPECT_EQ(peak[0], 0);
    // a deviation of less than one step of u counts as one
    unit.multipliers.assign(4096, 1);
    row.assign(4096, 0);
    row[17] = 1;
    EXPECT_EQ(normed(unit, row)[17], 1);
}

TEST(LayerNorm, IsNearTheRealOne)
{
    test::Random random{3};
    const auto real = [&](double least, double most) {
        return least + (most - least) * static_cast<double>(random.between(0, 1'000'000)) / 1e6;
    };
    for (int i = 0; i < 300; ++i) {
        const auto slices = random.between(1, 3);
        const auto channels = random.between(2, 200);
        std::vector<double> input_scales(slices * channels);
        for (auto& value : input_scales)
            value = 0.02 * std::exp2(real(-3.0, 3.0));
        std::vector<double> scale(channels);
        std::vector<double> shift(channels);
        for (std::size_t k = 0; k < channels; ++k) {
            scale[k] = real(-1.5, 1.5);
            shift[k] = real(-0.5, 0.5);
        }
        const auto output_scale = real(0.015, 0.05);
        const auto unit = layer_norm_unit(input_scales, scale, shift, 1e-6, output_scale);
        std::vector<std::int8_t> row(channels);
        for (auto& value : row)
            value = static_cast<std::int8_t>(static_cast<int>(random.between(0, 255)) - 128);
        const auto first = (slices - 1) * channels;
        const auto result = normed(unit, row, first);
        long double mean = 0.0;
        for (std::size_t k = 0; k < channels; ++k)
            mean += static_cast<long double>(row[k]) * input_scales[first + k];
        mean /= static_cast<long double>(channels);
        long double variance = 0.0;
        for (std::size_t k = 0; k < channels; ++k)
            variance +=
                std::pow(row[k] * static_cast<long double>(input_scales[first + k]) - mean, 2.0L);
        variance /= static_cast<long double>(channels);
        const auto deviation = std::sqrt(variance + 1e-6L);
        for (std::size_t k = 0; k < channels; ++k) {
            const auto z =
                (row[k] * static_cast<long double>(input_scales[first + k]) - mean) / deviation;
            const auto exact = static_cast<double>((z * scale[k] + shift[k]) / output_scale);
            // half a step, and of γ and β half a step of their mantissas each, at most 2^-7 of the
            // value
            const auto z_real = std::abs(static_cast<double>(z));
            const auto tolerance = 0.51 + std::abs(scale[k] / output_scale) * z_real / 127.0 +
                                   std::abs(shift[k] / output_scale) / 127.0 + z_real / 1000.0;
            ASSERT_NEAR(result[k], std::clamp(exact, -128.0, 127.0), tolerance) << i << " " << k;
        }
    }
}

TEST(LayerNorm, WorksInPlace)
{
    const auto unit = plain_unit(4, 20.0);
    std::vector<std::int8_t> row{1, 2, 3, 100};
    const auto expected = normed(unit, row);
    layer_norm(unit, row.data(), 0, row.data());
    EXPECT_EQ(row, expected);
}

TEST(LayerNorm, SliceHasMultipliersOfItsOwn)
{
    auto unit = plain_unit(3, 30.0);
    unit.multipliers = {1, 1, 1, 5, 1, 9};
    EXPECT_EQ(normed(unit, {2, 3, 4}, 3), normed(plain_unit(3, 30.0), {10, 3, 36}));
}

TEST(LayerNorm, UnitKeepsTheProportionsOfTheScales)
{
    const auto unit =
        layer_norm_unit({0.1, 0.05, 1e-9}, {1.0, 1.0, 1.0}, {0.0, 0.0, 0.0}, 1e-6, 0.02);
    EXPECT_EQ(unit.multipliers, (std::vector<std::int16_t>{32767, 16384, 1}));
    const auto step = 0.1 / 32767.0;
    EXPECT_EQ(unit.epsilon, static_cast<std::uint64_t>(std::llround(1e-6 / (step * step))));
    EXPECT_EQ(unit.scale[0].value(), 50.0);
}

TEST(LayerNorm, UnitOfWrongNumbersIsRefused)
{
    EXPECT_THROW((void)layer_norm_unit({}, {}, {}, 0.0, 1.0), std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({1.0, 1.0, 1.0}, {1.0, 1.0}, {0.0, 0.0}, 0.0, 1.0),
                 std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({1.0}, {1.0}, {0.0, 0.0}, 0.0, 1.0), std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({0.0}, {1.0}, {0.0}, 0.0, 1.0), std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({1.0}, {1.0}, {0.0}, 0.0, 0.0), std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({1.0}, {1.0}, {0.0}, -1.0, 1.0), std::domain_error);
    EXPECT_THROW((void)layer_norm_unit({1.0}, {1.0}, {0.0}, 1e6, 1.0), std::domain_error);
}

} // namespace
} // namespace heatsim::numerics
