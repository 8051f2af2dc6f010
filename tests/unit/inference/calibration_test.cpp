// SPDX-License-Identifier: Apache-2.0
#include "inference/calibration.hpp"
#include "support/random.hpp"
#include "unit/inference/float_toy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace heatsim::inference {
namespace {

/// Numbers of both signs over many powers of two.
std::vector<float> values(std::size_t count)
{
    test::Random random{7};
    std::vector<float> result(count);
    for (auto& value : result) {
        const auto x = static_cast<double>(random.between(0, 1000000)) / 1e6 - 0.5;
        value = static_cast<float>(12.0 * x * std::abs(x) * x);
    }
    return result;
}

TEST(Magnitudes, PercentilesAreThoseOfTheSortedValues)
{
    const auto x = values(20000);
    Magnitudes magnitudes;
    magnitudes.add(x.data(), x.size());
    auto sorted = x;
    for (auto& value : sorted)
        value = std::abs(value);
    std::sort(sorted.begin(), sorted.end());
    for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
        const auto rank = static_cast<std::size_t>(percent / 100.0 * 20000.0) - 1;
        const auto expected = static_cast<double>(sorted[rank]);
        EXPECT_NEAR(magnitudes.percentile(percent), expected, expected / 32) << percent;
    }
    EXPECT_DOUBLE_EQ(magnitudes.percentile(100.0), static_cast<double>(sorted.back()));
    EXPECT_DOUBLE_EQ(magnitudes.largest(), static_cast<double>(sorted.back()));
    EXPECT_EQ(magnitudes.count(), 20000U);
}

TEST(Magnitudes, SquaresAndCountsAreThoseOfTheValues)
{
    const auto x = values(20000);
    Magnitudes magnitudes;
    magnitudes.add(x.data(), x.size());
    double squares = 0.0;
    for (const auto value : x)
        squares += static_cast<double>(value) * static_cast<double>(value) / 20000.0;
    EXPECT_NEAR(magnitudes.mean_square(), squares, squares / 1000);
    for (const double limit : {0.0, 0.01, 0.7, 1.4}) {
        const auto above = std::count_if(x.begin(), x.end(), [limit](float value) {
            return std::abs(static_cast<double>(value)) > limit;
        });
        EXPECT_NEAR(magnitudes.count_above(limit), static_cast<double>(above), 20.0) << limit;
    }
    EXPECT_EQ(magnitudes.count_above(magnitudes.largest()), 0.0);
}

TEST(Magnitudes, SquaredErrorIsThatOfTheValues)
{
    const auto x = values(20000);
    Magnitudes magnitudes;
    magnitudes.add(x.data(), x.size());
    for (const double step : {0.001, 0.005, 0.011, 0.05}) { // from much saturation to none
        double expected = 0.0;
        for (const auto value : x) {
            const auto real = static_cast<double>(value);
            const auto code = std::clamp(std::round(real / step), -127.0, 127.0);
            expected += (real - code * step) * (real - code * step) / 20000.0;
        }
        EXPECT_NEAR(magnitudes.squared_error(step), expected, expected / 50) << step;
    }
}

TEST(Magnitudes, TakeAnyFloat)
{
    const std::vector<float> x{0.0F, -0.0F, 1e-30F, -3e38F, 2e9F};
    Magnitudes magnitudes;
    magnitudes.add(x.data(), x.size());
    EXPECT_EQ(magnitudes.count(), 5U);
    EXPECT_LT(magnitudes.percentile(50.0), 1e-5);
    EXPECT_DOUBLE_EQ(magnitudes.percentile(100.0), static_cast<double>(3e38F));
    EXPECT_DOUBLE_EQ(Magnitudes{}.percentile(99.0), 0.0);
}

TEST(Magnitudes, OrderDoesNotMatter)
{
    auto x = values(1000);
    Magnitudes one;
    one.add(x.data(), x.size());
    std::reverse(x.begin(), x.end());
    Magnitudes first;
    Magnitudes second;
    first.add(x.data(), 300);
    second.add(x.data() + 300, 700);
    first.add(second);
    for (const double percent : {1.0, 50.0, 99.0, 100.0})
        EXPECT_EQ(one.percentile(percent), first.percentile(percent));
    EXPECT_EQ(one.squared_error(0.01), first.squared_error(0.01));
}

class CalibrationOf : public testing::Test {
  protected:
    workload::Model model = test::float_toy_model();
    workload::Schedule schedule = test::float_toy_schedule();
    FloatNetwork network = test::float_toy_network(model, schedule, 5);

    void calibrate(Calibration& calibration, std::uint64_t first, std::uint64_t end) const
    {
        for (auto seed = first; seed < end; ++seed)
            calibration.add({}, test::float_toy_image(model, seed));
    }
};

TEST_F(CalibrationOf, CountsStreamsPerChannelAndAttentionInputsInThree)
{
    Calibration calibration{network};
    calibrate(calibration, 0, 3);
    EXPECT_EQ(calibration.images(), 3U);
    const auto& channels = calibration.channels("patch_embed.position");
    ASSERT_EQ(channels.size(), model.embed_dim);
    for (const auto& channel : channels)
        EXPECT_EQ(channel.count(), 3 * model.tokens());
    EXPECT_EQ(calibration.tensor("patch_embed.position").count(),
              3 * model.tokens() * model.embed_dim);
    const auto keys = calibration.tensor("blocks.1.attn.qkv.k");
    EXPECT_EQ(keys.count(), calibration.tensor("blocks.1.norm1").count());
    EXPECT_EQ(calibration.tensor("blocks.1.attn.qkv").count(), 0U);
}

TEST_F(CalibrationOf, PartsTogetherAreTheWhole)
{
    Calibration whole{network};
    calibrate(whole, 0, 6);
    Calibration first{network};
    Calibration second{network};
    calibrate(second, 3, 6);
    calibrate(first, 0, 3);
    first.add(second);
    EXPECT_EQ(first.images(), whole.images());
    for (const auto* const name : {"image", "blocks.2.residual2", "selector.1.mlp1"})
        for (const double percent : {50.0, 99.99})
            EXPECT_EQ(first.tensor(name).percentile(percent),
                      whole.tensor(name).percentile(percent))
                << name;
}

TEST_F(CalibrationOf, NothingIsNotEnough)
{
    EXPECT_THROW((void)Calibration{network}.channels("blocks.1.residual1"), std::logic_error);
}

TEST(Calibration, BytesCarryEveryCount)
{
    const auto model = test::float_toy_model();
    const auto schedule = test::float_toy_schedule();
    const auto network = test::float_toy_network(model, schedule, 5);
    Calibration all{network};
    Calibration merged{network};
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        const auto image = test::float_toy_image(model, seed);
        all.add({}, image);
        Calibration one{network};
        one.add({}, image);
        merged.add(one.bytes());
    }
    EXPECT_EQ(merged.images(), 4U);
    EXPECT_EQ(merged.bytes(), all.bytes());
    EXPECT_EQ(merged.tensor("blocks.1.mlp.fc1").percentile(99.0),
              all.tensor("blocks.1.mlp.fc1").percentile(99.0));
}

} // namespace
} // namespace heatsim::inference
