// SPDX-License-Identifier: Apache-2.0
#include "hw/gemm_array/gemm_array.hpp"
#include "support/bench.hpp"
#include "tlm/time.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace heatsim::hw {
namespace {

using channel::TileCycles;
using channel::TileWork;

void expect_cycles(const TileCycles& cycles,
                   std::uint64_t busy,
                   std::uint64_t fill_drain,
                   std::uint64_t drain)
{
    EXPECT_EQ(cycles.busy, busy);
    EXPECT_EQ(cycles.fill_drain, fill_drain);
    EXPECT_EQ(cycles.drain, drain);
}

/// T_h 3, T_i 24, T_o 32, as heatvit_int8_zcu102 has it.
GemmArrayConfig tree()
{
    GemmArrayConfig config;
    config.heads = 3;
    config.input_channels = 24;
    config.output_channels = 32;
    config.pipeline_depth_cycles = 13;
    config.switch_cycles = 1;
    return config;
}

TileWork dense(std::uint64_t rows, std::uint64_t input, std::uint64_t output, bool first = true)
{
    return {1, rows, input, output, true, first};
}

TileWork heads(std::uint64_t lanes, std::uint64_t rows, std::uint64_t input, std::uint64_t output)
{
    return {lanes, rows, input, output, false, true};
}

TEST(BroadcastTree, TakesOneRowPerPassAndCycle)
{
    // 192/24 = 8 input passes × 64/32 = 2 output passes × 32 rows = 512; switch 1; 13 deep behind
    // it
    expect_cycles(make_array_timing(tree())->cycles(heads(3, 32, 192, 64)), 512, 1, 13);
    // ragged: 9 × 3 × 32 = 864
    expect_cycles(make_array_timing(tree())->cycles(heads(3, 32, 193, 65)), 864, 1, 13);
}

TEST(BroadcastTree, InitiationIntervalStretchesTheRows)
{
    auto config = tree();
    config.initiation_interval_cycles = 2;
    // 8 × 2 passes × 32 rows × 2 cycles
    expect_cycles(make_array_timing(config)->cycles(heads(3, 32, 192, 64)), 1024, 1, 13);
}

TEST(BroadcastTree, WithoutOverlapTheDrainIsExposed)
{
    auto config = tree();
    config.overlap = false;
    expect_cycles(make_array_timing(config)->cycles(heads(3, 32, 192, 64)), 512, 1 + 13, 0);
}

TEST(BroadcastTree, DealsAGemmWithoutHeadsOutToItsLanes)
{
    auto config = tree();
    // 96/32 = 3 output passes, one a lane: 8 × 1 × 32 = 256
    config.dense_lanes = HeadLanes::OutputChannels;
    expect_cycles(make_array_timing(config)->cycles(dense(32, 192, 96)), 256, 1, 13);
    // 4 passes over 3 lanes: two for the longest lane
    expect_cycles(make_array_timing(config)->cycles(dense(32, 192, 97)), 512, 1, 13);
    // 8 input passes over 3 lanes: 3 × 3 output passes × 32 = 288
    config.dense_lanes = HeadLanes::InputChannels;
    expect_cycles(make_array_timing(config)->cycles(dense(32, 192, 96)), 288, 1, 13);
    // 32 rows over 3 lanes: 11 rows × 8 × 3 = 264
    config.dense_lanes = HeadLanes::Tokens;
    expect_cycles(make_array_timing(config)->cycles(dense(32, 192, 96)), 264, 1, 13);
}

/// T_h 3, 8 × 8, as heatvit_rtl_xc7k325t has it.
GemmArrayConfig outer_product()
{
    GemmArrayConfig config;
    config.style = ArrayStyle::BroadcastOuterProduct;
    config.heads = 3;
    config.rows = 8;
    config.columns = 8;
    config.pipeline_depth_cycles = 2;
    config.switch_cycles = 5;
    return config;
}

TEST(BroadcastOuterProduct, TakesOneInputChannelPerFoldAndCycle)
{
    // 24 outputs are one fold of 8 on each of 3 lanes: 192 input channels; switch 5; 2 deep
    expect_cycles(make_array_timing(outer_product())->cycles(dense(8, 192, 24)), 192, 5, 2);
    // per head: ⌈9/8⌉ · ⌈17/8⌉ = 6 folds of 64
    expect_cycles(make_array_timing(outer_product())->cycles(heads(3, 9, 64, 17)), 384, 30, 2);
}

TEST(BroadcastOuterProduct, WithoutOverlapEachFoldDrains)
{
    auto config = outer_product();
    config.overlap = false;
    // 6 folds: 6 × 64 busy, 6 × (5 + 2) between them
    expect_cycles(make_array_timing(config)->cycles(heads(3, 9, 64, 17)), 384, 42, 0);
}

GemmArrayConfig systolic(ArrayStyle style, bool overlap)
{
    GemmArrayConfig config;
    config.style = style;
    config.rows = 32;
    config.columns = 16;
    config.overlap = overlap;
    config.switch_cycles = 0;
    return config;
}

TEST(SystolicOutputStationary, WithoutOverlapIsScaleSims)
{
    const auto timing = make_array_timing(systolic(ArrayStyle::SystolicOutputStationary, false));
    // ⌈70/32⌉ · ⌈40/16⌉ = 9 folds of 100 waves and 46 of skew; 9·(100 + 32 + 16 − 2) − 1
    expect_cycles(timing->cycles(dense(70, 100, 40)), 900, 413, 0);
    // a later tile of the operator needs the turn-around that the last fold before it left out
    expect_cycles(timing->cycles(dense(70, 100, 40, false)), 900, 414, 0);
}

TEST(SystolicOutputStationary, WithOverlapOnlyTheLastSkewIsExposed)
{
    auto config = systolic(ArrayStyle::SystolicOutputStationary, true);
    config.switch_cycles = 3;
    expect_cycles(make_array_timing(config)->cycles(dense(70, 100, 40)), 900, 3, 46);
}

TEST(SystolicWeightStationary, WithoutOverlapIsScaleSims)
{
    const auto timing = make_array_timing(systolic(ArrayStyle::SystolicWeightStationary, false));
    // ⌈100/32⌉ · ⌈40/16⌉ = 12 folds of 70 waves, 32 + 46 between them; 12·(70 + 2·32 + 16 − 2) − 1
    expect_cycles(timing->cycles(dense(70, 100, 40)), 840, 935, 0);
}

TEST(SystolicWeightStationary, WithOverlapWeightsShiftInUnderTheFoldBefore)
{
    const auto timing = make_array_timing(systolic(ArrayStyle::SystolicWeightStationary, true));
    // 70 waves a fold hide 32 cycles of preload, but for the very first one
    expect_cycles(timing->cycles(dense(70, 100, 40)), 840, 32, 46);
    expect_cycles(timing->cycles(dense(70, 100, 40, false)), 840, 0, 46);
    // 10 waves hide 10 of 32: 22 stay exposed in each of the 11 later folds: 32 + 11·22
    expect_cycles(timing->cycles(dense(10, 100, 40)), 120, 274, 46);
}

/// Writes down when a unit says that it is done.
class Completions final : public sc_core::sc_module, public channel::CompletionIf {
  public:
    sc_core::sc_export<channel::CompletionIf> completion_export{"completion_export"};
    explicit Completions(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        completion_export.bind(*this);
    }
    void transfer_done(channel::Stream /*stream*/) override { ADD_FAILURE(); }
    void work_done(channel::Worker worker) override
    {
        EXPECT_EQ(worker, channel::Worker::Array);
        times_fs.push_back(channel::now_fs());
    }
    std::vector<std::uint64_t> times_fs;
};

TEST(GemmArray, IsDoneAfterBusyAndFillDrain)
{
    test::use_femtoseconds();
    const Clock clock{100.0}; // 10 ns
    GemmArray array{"array", tree(), clock};
    Completions completions{"completions"};
    array.completion_port.bind(completions.completion_export);
    test::run_bench([&] {
        // 512 + 1 cycles; the 13 of the pipeline are not the array's occupancy
        array.start(heads(3, 32, 192, 64));
        test::wait_until(test::ns(5130 - 1));
        EXPECT_TRUE(completions.times_fs.empty());
        test::wait_until(test::ns(5130 + 1));
        EXPECT_EQ(completions.times_fs, (std::vector<std::uint64_t>{test::ns(5130)}));
        array.start(heads(3, 1, 24, 32));
        test::wait_until(test::ns(6000));
        EXPECT_EQ(completions.times_fs.back(), test::ns(5131 + 20));
        EXPECT_EQ(array.stats().pieces.value(), 2U);
        EXPECT_EQ(array.stats().busy_cycles.value(), 513U + 2U);
        array.restart();
        EXPECT_EQ(array.stats().pieces.value(), 0U);
    });
}

TEST(GemmArrayDeathTest, ComputesOneTileAtATime)
{
    GemmArray array{"array", tree(), Clock{100.0}};
    array.start(heads(3, 32, 192, 64));
    EXPECT_DEATH(array.start(heads(3, 32, 192, 64)), "");
    EXPECT_DEATH(array.restart(), "");
}

} // namespace
} // namespace heatsim::hw
