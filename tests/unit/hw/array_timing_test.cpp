// SPDX-License-Identifier: Apache-2.0
#include "hw/gemm_array/array_timing.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace heatsim::hw {
namespace {

using channel::TileWork;

GemmArrayConfig random_array(test::Random& random)
{
    GemmArrayConfig config;
    config.style = array_style_names[random.between(0, 3)].value;
    config.heads = random.between(1, 4);
    config.input_channels = random.between(1, 20);
    config.output_channels = random.between(1, 20);
    config.rows = random.between(1, 20);
    config.columns = random.between(1, 20);
    config.dense_lanes = head_lanes_names[random.between(0, 2)].value;
    config.initiation_interval_cycles = random.between(1, 3);
    config.pipeline_depth_cycles = random.between(0, 20);
    config.switch_cycles = random.between(0, 4);
    config.overlap = random.chance(50);
    return config;
}

TileWork random_tile(test::Random& random, const GemmArrayConfig& config)
{
    TileWork work;
    work.rows = random.between(1, 60);
    work.input_channels = random.between(1, 60);
    work.output_channels = random.between(1, 60);
    work.dense = random.chance(50);
    work.lanes = work.dense ? 1 : random.between(1, config.heads);
    work.first = random.chance(50);
    return work;
}

template <typename Check>
void for_random_tiles(Check check)
{
    test::Random random{5};
    for (int round = 0; round < 3000 && !testing::Test::HasFailure(); ++round) {
        const auto config = random_array(random);
        SCOPED_TRACE(config::name_of(config.style, array_style_names));
        check(config, *make_array_timing(config), random_tile(random, config));
    }
}

TEST(ArrayTiming, NeverBeatsThePeak)
{
    for_random_tiles([](const auto& config, const auto& timing, const TileWork& work) {
        const auto macs = work.lanes * work.rows * work.input_channels * work.output_channels;
        EXPECT_GE(timing.cycles(work).busy * config.macs_per_cycle(), macs);
        EXPECT_LT(timing.cycles(work).fill_drain, std::uint64_t{1} << 40U) << "below zero";
    });
}

TEST(ArrayTiming, GrowsWithEveryExtent)
{
    for_random_tiles([](const auto& /*config*/, const auto& timing, const TileWork& work) {
        const auto total = [&](const TileWork& tile) {
            const auto cycles = timing.cycles(tile);
            return cycles.busy + cycles.fill_drain + cycles.drain;
        };
        for (auto extent :
             {&TileWork::rows, &TileWork::input_channels, &TileWork::output_channels}) {
            auto larger = work;
            ++(larger.*extent);
            EXPECT_LE(total(work), total(larger));
        }
    });
}

TEST(ArrayTiming, DependsOnNothingButTheWork)
{
    for_random_tiles([](const auto& /*config*/, const auto& timing, const TileWork& work) {
        const auto first = timing.cycles(work);
        static_cast<void>(timing.cycles({1, 1, 1, 1, true, true}));
        const auto second = timing.cycles(work);
        EXPECT_EQ(first.busy, second.busy);
        EXPECT_EQ(first.fill_drain, second.fill_drain);
        EXPECT_EQ(first.drain, second.drain);
    });
}

TEST(ArrayTiming, OverlapIsNeverSlower)
{
    for_random_tiles([](auto config, const auto& /*timing*/, auto work) {
        // the tile of an operator's middle, with the drain that nothing hides
        work.first = false;
        config.switch_cycles = 0;
        config.overlap = false;
        const auto apart = make_array_timing(config)->cycles(work);
        config.overlap = true;
        const auto together = make_array_timing(config)->cycles(work);
        EXPECT_EQ(together.busy, apart.busy);
        EXPECT_LE(together.fill_drain, apart.fill_drain);
        EXPECT_LE(together.fill_drain + together.drain, apart.fill_drain + apart.drain);
    });
}

TEST(ArrayTiming, OfASingleElementHasNoSkew)
{
    GemmArrayConfig config;
    config.style = ArrayStyle::SystolicOutputStationary;
    config.rows = config.columns = 1;
    config.overlap = false;
    const auto cycles = make_array_timing(config)->cycles({1, 2, 10, 3, true, true});
    EXPECT_EQ(cycles.busy, 60U);
    EXPECT_EQ(cycles.fill_drain, 0U);
}

TEST(ArrayTiming, OneSidedLanesIdle)
{
    // 3 lanes, 1 of 2 heads' work each: two heads take as long as one
    GemmArrayConfig config;
    config.heads = 3;
    const auto timing = make_array_timing(config);
    EXPECT_EQ(timing->cycles({1, 10, 16, 16, false, true}).busy,
              timing->cycles({3, 10, 16, 16, false, true}).busy);
}

TEST(SpatialChannels, AreWhatTheArrayTakesAtOnce)
{
    GemmArrayConfig config;
    config.heads = 2;
    config.input_channels = 3;
    config.output_channels = 5;
    config.rows = 7;
    config.columns = 11;
    struct Case {
        ArrayStyle style;
        std::uint64_t input;
        std::uint64_t output;
        std::uint64_t macs;
    };
    for (const auto& expected : {Case{ArrayStyle::BroadcastTree, 3, 5, 30},
                                 Case{ArrayStyle::BroadcastOuterProduct, 1, 11, 154},
                                 Case{ArrayStyle::SystolicOutputStationary, 1, 11, 154},
                                 Case{ArrayStyle::SystolicWeightStationary, 7, 11, 154}}) {
        config.style = expected.style;
        EXPECT_EQ(config.spatial_input_channels(), expected.input);
        EXPECT_EQ(config.spatial_output_channels(), expected.output);
        EXPECT_EQ(config.macs_per_cycle(), expected.macs);
    }
}

} // namespace
} // namespace heatsim::hw
