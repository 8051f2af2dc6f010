// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_tile_sequencer.h"
#include "Vrtl_tile_sequencer_heads.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

namespace heatsim {
namespace {

struct OneHead {
    using Model = Vrtl_tile_sequencer;
    static constexpr std::uint64_t heads = 1;
    static constexpr std::uint64_t last_slot = 1;
};
struct ThreeHeads {
    using Model = Vrtl_tile_sequencer_heads;
    static constexpr std::uint64_t heads = 3;
    static constexpr std::uint64_t last_slot = 3;
};

struct Tile {
    std::uint64_t rows = 1;
    std::uint64_t depth_passes = 1;
    std::uint64_t width_passes = 1;
    bool dense = false;
    bool first = false;
    bool last = false;
    bool loads_input = false;
    bool loads_weight = false;
    bool frees_input = false;
    bool frees_weight = false;
    std::uint64_t input_slot = 0;
    std::uint64_t weight_slot = 0;
    std::uint64_t accumulator_slot = 0;
};

/// What the array is told in one cycle.
struct Row {
    Tile tile;
    std::uint64_t row;
    std::uint64_t input_group;
    std::uint64_t input_head;
    std::uint64_t weight_word;
    std::uint64_t width_pass;
    bool starts; ///< first pass over input channels
    bool ends;   ///< last row of the tile
};

std::vector<Row> rows_of(const Tile& tile, std::uint64_t heads)
{
    std::vector<Row> rows;
    for (std::uint64_t width = 0; width < tile.width_passes; ++width)
        for (std::uint64_t depth = 0; depth < tile.depth_passes; ++depth)
            for (std::uint64_t row = 0; row < tile.rows; ++row)
                rows.push_back({tile, row, tile.dense ? depth / heads : depth,
                                tile.dense ? depth % heads : 0, width * tile.depth_passes + depth,
                                width, depth == 0, false});
    rows.back().ends = true;
    return rows;
}

template <typename Config>
class SequencerBench {
  public:
    explicit SequencerBench(std::uint64_t seed)
        : random{seed}
    {
        rtl->reset = 1;
        rtl->tile_valid = 0;
        rtl->input_filled = 0;
        rtl->weight_filled = 0;
        rtl.step(2);
        rtl->reset = 0;
    }
    void drive(const Tile& tile)
    {
        test::drive(rtl->tile_rows, tile.rows);
        test::drive(rtl->tile_depth_passes, tile.depth_passes);
        test::drive(rtl->tile_width_passes, tile.width_passes);
        rtl->tile_dense = tile.dense ? 1 : 0;
        rtl->tile_first = tile.first ? 1 : 0;
        rtl->tile_last = tile.last ? 1 : 0;
        rtl->tile_loads_input = tile.loads_input ? 1 : 0;
        rtl->tile_loads_weight = tile.loads_weight ? 1 : 0;
        rtl->tile_frees_input = tile.frees_input ? 1 : 0;
        rtl->tile_frees_weight = tile.frees_weight ? 1 : 0;
        test::drive(rtl->tile_input_slot, tile.input_slot);
        test::drive(rtl->tile_weight_slot, tile.weight_slot);
        test::drive(rtl->tile_accumulator_slot, tile.accumulator_slot);
    }
    Tile random_tile()
    {
        Tile tile;
        tile.rows = random.between(1, random.pick<std::uint64_t>({1, 3, 9}));
        tile.depth_passes = random.between(1, random.pick<std::uint64_t>({1, 7}));
        tile.width_passes = random.between(1, 4);
        for (auto* flag : {&tile.dense, &tile.first, &tile.last, &tile.loads_input,
                           &tile.loads_weight, &tile.frees_input, &tile.frees_weight})
            *flag = random.chance(50);
        tile.input_slot = random.between(0, Config::last_slot);
        tile.weight_slot = random.between(0, Config::last_slot);
        tile.accumulator_slot = random.between(0, Config::last_slot);
        return tile;
    }
    void check(const Row& expected)
    {
        ASSERT_EQ(rtl->row, expected.row);
        ASSERT_EQ(rtl->input_group, expected.input_group);
        ASSERT_EQ(rtl->input_head, expected.input_head);
        ASSERT_EQ(rtl->weight_word, expected.weight_word);
        ASSERT_EQ(rtl->width_pass, expected.width_pass);
        ASSERT_EQ(rtl->dense != 0, expected.tile.dense);
        ASSERT_EQ(rtl->row_first != 0, expected.tile.first && expected.starts);
        ASSERT_EQ(rtl->row_last != 0, expected.tile.last && expected.ends);
        ASSERT_EQ(rtl->input_slot, expected.tile.input_slot);
        ASSERT_EQ(rtl->weight_slot, expected.tile.weight_slot);
        ASSERT_EQ(rtl->accumulator_slot, expected.tile.accumulator_slot);
    }

    test::Random random;
    test::Clocked<typename Config::Model> rtl;
};

template <typename Config>
void expect_rows(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    SequencerBench<Config> bench{seed};
    auto& rtl = bench.rtl;
    auto& random = bench.random;
    std::deque<Row> coming;
    std::uint64_t inputs = 0; // filled and not asked for yet
    std::uint64_t weights = 0;
    std::uint64_t tiles = 0;
    std::uint64_t waits = 0;
    auto tile = bench.random_tile();
    for (unsigned cycle = 0; cycle < 60'000 && !testing::Test::HasFatalFailure(); ++cycle) {
        const auto phase = cycle / 1000 % 3; // one of the three is scarce
        const bool valid = random.chance(90);
        const bool input = inputs < 100 && random.chance(phase == 0 ? 1 : 20);
        const bool weight = weights < 100 && random.chance(phase == 1 ? 1 : 20);
        const bool accumulator = random.chance(phase == 2 ? 2 : 80);
        rtl->tile_valid = valid ? 1 : 0;
        bench.drive(tile);
        rtl->input_filled = input ? 1 : 0;
        rtl->weight_filled = weight ? 1 : 0;
        rtl->accumulator_free = accumulator ? 1 : 0;
        rtl.settle();

        const bool idle = coming.empty();
        const bool operands =
            (!tile.loads_input || inputs > 0) && (!tile.loads_weight || weights > 0);
        const bool ready = idle && operands && (!tile.first || accumulator);
        ASSERT_EQ(rtl->tile_ready != 0, ready) << cycle;
        ASSERT_EQ(rtl->start_first != 0, valid && ready && tile.first) << cycle;
        ASSERT_EQ(rtl->is_idle != 0, idle) << cycle;
        ASSERT_EQ(rtl->row_valid != 0, !idle) << cycle;
        const bool ends = !idle && coming.front().ends;
        ASSERT_EQ(rtl->free_input != 0, ends && coming.front().tile.frees_input) << cycle;
        ASSERT_EQ(rtl->free_weight != 0, ends && coming.front().tile.frees_weight) << cycle;
        if (!idle) {
            bench.check(coming.front());
            coming.pop_front();
        }
        rtl.step();
        inputs += input ? 1U : 0U;
        weights += weight ? 1U : 0U;
        waits += idle && valid && !ready ? 1U : 0U;
        if (valid && ready) {
            inputs -= tile.loads_input ? 1U : 0U;
            weights -= tile.loads_weight ? 1U : 0U;
            for (const auto& row : rows_of(tile, Config::heads))
                coming.push_back(row);
            tile = bench.random_tile();
            ++tiles;
        }
    }
    EXPECT_GT(tiles, 500U);
    EXPECT_GT(waits, 1000U);
}

TEST(TileSequencerRtl, SendsRowsPassAfterPassOnceTheOperandsAreThere)
{
    expect_rows<OneHead>(1);
    expect_rows<ThreeHeads>(2);
}

TEST(TileSequencerRtl, TakesRowsTimesPassesAndOneCycle)
{
    SequencerBench<OneHead> bench{3};
    auto& rtl = bench.rtl;
    Tile tile;
    for (const auto& [rows, depth, width] :
         {std::array<std::uint64_t, 3>{1, 1, 1}, {1, 5, 3}, {64, 1, 1}, {7, 4, 1}, {197, 3, 2}}) {
        tile.rows = rows;
        tile.depth_passes = depth;
        tile.width_passes = width;
        bench.drive(tile);
        rtl->tile_valid = 1;
        rtl.settle();
        ASSERT_EQ(rtl->tile_ready, 1);
        const auto start = rtl.cycles();
        do {
            rtl.step();
            rtl.settle();
        } while (rtl->tile_ready == 0);
        EXPECT_EQ(rtl.cycles() - start, rows * depth * width + 1);
    }
}

} // namespace
} // namespace heatsim
