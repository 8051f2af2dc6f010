// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"
#include "system/child_process.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

/// What "never slower" allows: rounding of tiles, rows of DRAM met in another order.
constexpr double tolerance = 1.01;

/// Cycles of the images of `setup`, each chip in a process of its own.
std::vector<double> cycles(const RunSetup& setup)
{
    return in_child([&] {
        Simulation simulation{setup.design};
        std::vector<double> found;
        for (const auto& counts : setup.images)
            found.push_back(static_cast<double>(
                simulation
                    .run(lower(setup.model, setup.schedule, counts,
                               {setup.design.accelerator.controller.layout_copies}))
                    .cycles));
        return found;
    });
}

void expect_never_slower(const std::vector<double>& better,
                         const std::vector<double>& worse,
                         const std::string& what)
{
    ASSERT_EQ(better.size(), worse.size());
    for (std::size_t i = 0; i < better.size(); ++i)
        EXPECT_LE(better[i], worse[i] * tolerance)
            << what << ", image " << i << ": " << better[i] << " cycles instead of " << worse[i];
}

class Shipped : public testing::TestWithParam<std::string> {
  protected:
    /// A network half as wide as DeiT-T, with a selector before its last block.
    static RunSetup small(std::uint64_t depth)
    {
        return test::shipped_setup(
            GetParam(), "deit_t", "heatvit",
            {{"model.depth", std::to_string(depth)},
             {"model.embed_dim", "96"},
             {"model.mlp_hidden", "384"},
             {"model.classes", "100"},
             {"schedule.selectors",
              "[{before_block: " + std::to_string(depth) + ", keep_ratio: 0.5}]"}});
    }
    /// Two blocks, dense and pruned hard.
    static RunSetup setup()
    {
        auto found = small(2);
        found.images = {{197, 197}, {197, 100}, {197, 20}};
        return found;
    }
};

/// Those with AXI ports to the board's memory.
class ShippedAxi : public Shipped {};

TEST_P(Shipped, FewerTokensAreNeverSlower)
{
    // one selector and one block behind it, every other token count
    auto few = small(1);
    constexpr std::uint64_t stride = 2;
    const auto tile_tokens = few.design.accelerator.tile.tokens;
    ASSERT_EQ(tile_tokens % stride, 0U);
    few.images.clear();
    for (std::uint64_t tokens = 197; tokens > stride; tokens -= stride)
        few.images.push_back({197, tokens});
    const auto found = cycles(few);
    auto fewest_so_far = found.front();
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto tokens = few.images[i][1];
        // a whole tile of rows less is never slower at all …
        if (i >= tile_tokens / stride) {
            EXPECT_LE(found[i], found[i - tile_tokens / stride])
                << tokens << " against " << tokens + tile_tokens;
        }
        // … and a token less not beyond the rounding
        fewest_so_far = std::min(fewest_so_far, found[i]);
        EXPECT_LE(found[i], fewest_so_far * tolerance) << tokens << " tokens";
    }
    EXPECT_LT(found.back(), found.front());
}

TEST_P(ShippedAxi, WiderPortsAreNeverSlower)
{
    const auto at_width = [&](std::uint64_t bits) {
        auto wider = setup();
        for (auto& port : wider.design.accelerator.dma.ports)
            port.width_bits = bits;
        // the same bytes in flight, in shorter bursts
        wider.design.accelerator.dma.burst_beats = 8192 / bits;
        return cycles(wider);
    };
    auto narrow = at_width(32);
    for (const std::uint64_t bits : {64U, 128U, 256U, 512U}) {
        const auto wide = at_width(bits);
        expect_never_slower(wide, narrow, std::to_string(bits) + " bits");
        narrow = wide;
    }
}

TEST_P(ShippedAxi, IdealMemoryIsNeverSlower)
{
    auto ideal = setup();
    const auto real = cycles(ideal);
    ideal.design.accelerator.memory = MemoryModel::Ideal;
    expect_never_slower(cycles(ideal), real, "ideal memory");
}

TEST_P(ShippedAxi, MoreMemoryChannelsAreNeverSlower)
{
    auto more = setup();
    const auto one = cycles(more);
    more.design.memory.channels *= 2;
    const auto two = cycles(more);
    expect_never_slower(two, one, "two channels");
    more.design.memory.channels *= 2;
    expect_never_slower(cycles(more), two, "four channels");
}

TEST_P(Shipped, LargerBuffersAreNeverSlower)
{
    const auto base = cycles(setup());
    for (auto size : {&hw::BuffersConfig::input_bytes, &hw::BuffersConfig::weight_bytes,
                      &hw::BuffersConfig::accumulator_bytes, &hw::BuffersConfig::output_bytes}) {
        for (const std::uint64_t factor : {2U, 4U}) {
            auto larger = setup();
            larger.design.accelerator.buffers.*size *= factor;
            const auto& b = larger.design.accelerator.buffers;
            expect_never_slower(cycles(larger), base,
                                "buffers of " + std::to_string(b.input_bytes) + " " +
                                    std::to_string(b.weight_bytes) + " " +
                                    std::to_string(b.accumulator_bytes) + " " +
                                    std::to_string(b.output_bytes));
        }
    }
}

TEST_P(Shipped, ALargerActivationBufferIsNeverSlower)
{
    auto larger = setup();
    larger.design.accelerator.buffers.activation_bytes = 0;
    auto before = cycles(larger);
    for (const std::uint64_t bytes : {50000U, 200000U, 1000000U, 4000000U}) {
        larger.design.accelerator.buffers.activation_bytes = bytes;
        const auto now = cycles(larger);
        expect_never_slower(now, before, std::to_string(bytes) + " bytes");
        before = now;
    }
}

INSTANTIATE_TEST_SUITE_P(Designs,
                         Shipped,
                         testing::Values("heatvit_int8_zcu102",
                                         "heatvit_int16_zcu102",
                                         "group_vector_systolic_zcu102",
                                         "teaching_pynq_z2",
                                         "heatvit_rtl_xc7k325t"),
                         [](const auto& design) { return design.param; });

INSTANTIATE_TEST_SUITE_P(Designs,
                         ShippedAxi,
                         testing::Values("heatvit_int8_zcu102",
                                         "heatvit_int16_zcu102",
                                         "group_vector_systolic_zcu102",
                                         "teaching_pynq_z2"),
                         [](const auto& design) { return design.param; });

/// Small random chips, where one token or burst weighs more.
class RandomDesign : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomDesign, IdealMemoryIsNeverSlower)
{
    auto setup = test::random_setup(GetParam());
    setup.design.accelerator.dma.engine = hw::DmaEngine::Axi;
    setup.design.accelerator.memory = MemoryModel::Board;
    const auto real = cycles(setup);
    setup.design.accelerator.memory = MemoryModel::Ideal;
    expect_never_slower(cycles(setup), real, "ideal memory");
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDesign, testing::Range<std::uint64_t>(100, 120));

} // namespace
} // namespace heatsim::system
