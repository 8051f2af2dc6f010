// SPDX-License-Identifier: Apache-2.0
#include "numerics/exact.hpp"
#include "numerics/nonlinear.hpp"
#include "numerics/package_token.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace heatsim::numerics {
namespace {

constexpr std::array<unsigned, 5> deltas{0, 64, 128, 192, 256};

double real_delta(unsigned delta)
{
    return static_cast<double>(delta) / delta_one;
}

TEST(Gelu, IsWithinAStepOfItsPolynomial)
{
    for (const auto delta : deltas) {
        const GeluUnit unit{delta, nonlinear_format, nonlinear_format};
        for (std::int32_t code = -32768; code <= 32767; ++code) {
            const auto x = to_real(code, nonlinear_format);
            const auto exact = gelu_polynomial(x, real_delta(delta));
            // the gain's 14 fraction bits are worth 2^-14·|x|/2 beside the result's half step
            ASSERT_NEAR(to_real(gelu(unit, code), unit.output), exact,
                        0.6 * unit.output.step() + std::abs(x) * std::ldexp(1.0, -14))
                << delta << ' ' << x;
        }
    }
}

TEST(Gelu, DeltaOneIsTheIdentityAndZeroAtTheEnds)
{
    const GeluUnit unit{delta_one, nonlinear_format, nonlinear_format};
    for (const std::int32_t code : {2562, 5000, 32767}) {
        EXPECT_EQ(gelu(unit, code), code);
        EXPECT_EQ(gelu(unit, -code), 0);
    }
    EXPECT_EQ(gelu(unit, 0), 0);
    // δ1 = 0.5: x/2·(1 ± 0.5)
    EXPECT_EQ(gelu({}, 4096), 3072);
    EXPECT_EQ(gelu({}, -4096), -1024);
    EXPECT_EQ(gelu({}, -32768), -8192);
}

TEST(Gelu, OutputSaturates)
{
    const GeluUnit unit{delta_one, {8, 4}, {8, 6}};
    EXPECT_EQ(gelu(unit, 127), 127);                  // 7.9 does not fit in 2
    EXPECT_EQ(gelu({0, {8, 4}, {8, 6}}, -128), -128); // −4
}

TEST(Exponential, IsWithinTwoStepsOfItsPolynomial)
{
    for (std::uint32_t code = 0; code < 65536; ++code) {
        const auto exact = exponential_polynomial(to_real(code, nonlinear_format));
        ASSERT_NEAR(to_real(exponential(code), exponential_format), exact,
                    2 * exponential_format.step())
            << code;
    }
    EXPECT_EQ(exponential(65535), 0U);
    EXPECT_LT(exponential(0), 1U << exponential_format.bits);
}

TEST(Softmax, RowsAddUpToDelta)
{
    for (const auto delta : deltas) {
        const SoftmaxUnit unit{delta, nonlinear_format, {16, 15}};
        for (const std::size_t columns : {1U, 2U, 43U, 197U, 256U}) {
            std::vector<std::int32_t> row(columns);
            for (std::size_t i = 0; i < columns; ++i)
                row[i] = static_cast<std::int32_t>((i * 7919U) % 4096U) - 2048;
            const auto result = softmax(unit, row);
            const auto sum = std::accumulate(result.begin(), result.end(), 0);
            // half a step each; 1 itself does not fit
            EXPECT_NEAR(sum, real_delta(delta) * 32768, 1.0 + static_cast<double>(columns) / 2)
                << columns;
            EXPECT_GE(*std::min_element(result.begin(), result.end()), 0);
        }
    }
    EXPECT_TRUE(softmax({}, {}).empty());
}

TEST(Softmax, DependsOnDistancesOnly)
{
    const SoftmaxUnit unit{delta_one, nonlinear_format, {16, 15}};
    EXPECT_EQ(softmax(unit, {-32768, -32000, -31000}), softmax(unit, {0, 768, 1768}));
}

TEST(Softmax, OrderIsKept)
{
    const SoftmaxUnit unit{delta_one, nonlinear_format, {16, 15}};
    const auto result = softmax(unit, {-5000, 0, 200, 1000, 1001, 3000});
    EXPECT_TRUE(std::is_sorted(result.begin(), result.end()));
}

TEST(Sigmoid, IsPlanExactly)
{
    for (std::int32_t code = -32768; code <= 32767; ++code)
        ASSERT_EQ(to_real(sigmoid({}, code), {16, 15}),
                  sigmoid_plan(to_real(code, nonlinear_format)))
            << code;
}

TEST(Sigmoid, OfScoresSaturates)
{
    const SigmoidUnit unit{{8, 4}, {8, 8}};
    EXPECT_EQ(sigmoid(unit, 127), 255U); // 1 does not fit
    EXPECT_EQ(sigmoid(unit, -128), 0U);
    EXPECT_EQ(sigmoid(unit, 0), 128U);
}

TEST(TokenScore, IsTheHeadWeightedMean)
{
    EXPECT_EQ(token_score({100, 200}, {1, 3}), 175);
    EXPECT_EQ(token_score({100, 101}, {1, 1}), 100); // 100.5: bits are dropped
    EXPECT_EQ(token_score({255, 255, 255}, {255, 255, 255}), 255);
    EXPECT_EQ(token_score({255, 255}, {0, 0}), 0);
}

TEST(TokenScore, ReachesTheThresholdWhereTheQuotientDoes)
{
    for (unsigned a = 0; a <= 255; ++a)
        for (unsigned b = 0; b <= 255; ++b) {
            if (a + b == 0)
                continue;
            const auto score = token_score(
                {130, 127}, {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b)});
            ASSERT_EQ(score >= keep_threshold, 130 * a + 127 * b >= keep_threshold * (a + b))
                << a << " " << b;
        }
}

TEST(PackageToken, RoundsHalvesAwayFromZero)
{
    EXPECT_EQ(package_mean(5, 2), 3);
    EXPECT_EQ(package_mean(-5, 2), -3);
    EXPECT_EQ(package_mean(4, 3), 1);
    EXPECT_EQ(package_mean(-128 * 65280, 65280), -128);
    EXPECT_EQ(package_mean(127 * 65280, 65280), 127);
}

TEST(PackageToken, IsBehindTheKeptOnes)
{
    const auto result =
        select_tokens({{9, 9}, {10, -10}, {1, 2}, {20, -21}}, {0, 1, 200, 1}, 128, 1);
    EXPECT_EQ(result.kept, (std::vector<std::uint32_t>{0, 2}));
    ASSERT_TRUE(result.package);
    EXPECT_EQ(result.tokens, (std::vector<std::vector<std::int8_t>>{{9, 9}, {1, 2}, {15, -16}}));
    EXPECT_FALSE(select_tokens({{1}, {2}}, {128, 255}, 128, 0).package);
    // all scores 0: the plain mean
    EXPECT_EQ(select_tokens({{10}, {20}}, {0, 0}, 128, 0).tokens.back().at(0), 15);
}

} // namespace
} // namespace heatsim::numerics
