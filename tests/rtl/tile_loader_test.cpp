// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_tile_loader.h"
#include "Vrtl_tile_loader_groups.h"
#include "Vrtl_tile_loader_head_groups.h"
#include "Vrtl_tile_loader_heads.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace heatsim {
namespace {

constexpr std::uint64_t row_words = 8;

template <typename Verilated, std::uint64_t Heads, std::uint64_t GroupBeats, std::uint64_t Slots>
struct Config {
    using Model = Verilated;
    static constexpr std::uint64_t heads = Heads;
    static constexpr std::uint64_t group_beats = GroupBeats;
    static constexpr std::uint64_t slots = Slots;
};

struct Tile {
    bool dense;
    std::uint64_t planes;
    std::uint64_t rows;
    std::uint64_t row_beats;
};

/// Where a beat has to land.
struct Landing {
    std::uint64_t slot;
    std::uint64_t word;
    std::uint64_t slice;
    bool last; ///< of its tile
};

template <typename Config>
Tile random_tile(test::Random& random)
{
    const bool dense = random.chance(50);
    return {dense, dense ? 1 : random.between(1, Config::heads), random.between(1, row_words),
            random.between(1, 20)};
}

/// Groups of beats are operands of one array pass. Dense: one group after the other fills the lanes
/// of a word. Per head: the lane is the head's, each group has a word.
template <typename Config>
std::vector<Landing> landings(const Tile& tile, std::uint64_t slot)
{
    std::vector<Landing> beats;
    for (std::uint64_t plane = 0; plane < tile.planes; ++plane)
        for (std::uint64_t row = 0; row < tile.rows; ++row)
            for (std::uint64_t beat = 0; beat < tile.row_beats; ++beat) {
                const auto group = beat / Config::group_beats;
                const auto lane = tile.dense ? group % Config::heads : plane;
                const auto words = tile.dense ? group / Config::heads : group;
                beats.push_back({slot, words * row_words + row,
                                 lane * Config::group_beats + beat % Config::group_beats, false});
            }
    beats.back().last = true;
    return beats;
}

template <typename Config>
void expect_landings(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    test::Random random{seed};
    test::Clocked<typename Config::Model> rtl;
    rtl->reset = 1;
    rtl->data_valid = 0;
    rtl->descriptor_valid = 0;
    rtl->free_slot = 0;
    rtl.step(2);
    rtl->reset = 0;

    std::deque<Landing> coming;
    std::uint64_t taken = 0;
    std::uint64_t filled = 0;
    std::uint64_t freed = 0;
    std::uint64_t beats = 0;
    std::uint64_t refused = 0;
    auto tile = random_tile<Config>(random);
    for (unsigned cycle = 0; cycle < 40'000; ++cycle) {
        // phases of slow memory, of a slow consumer, and of both at full speed
        const auto phase = cycle / 500 % 3;
        const bool offered = random.chance(80);
        const bool mover = random.chance(80);
        const bool data = !coming.empty() && random.chance(phase == 0 ? 30 : 100);
        const bool free = freed < filled && random.chance(phase == 1 ? 2 : 90);
        rtl->descriptor_valid = offered ? 1 : 0;
        rtl->mover_ready = mover ? 1 : 0;
        rtl->descriptor_dense = tile.dense ? 1 : 0;
        test::drive(rtl->descriptor_planes, tile.planes);
        test::drive(rtl->descriptor_rows, tile.rows);
        test::drive(rtl->descriptor_row_beats, tile.row_beats);
        rtl->data_valid = data ? 1 : 0;
        rtl->free_slot = free ? 1 : 0;
        rtl.settle();
        const bool room = taken - freed < Config::slots;
        ASSERT_EQ(rtl->descriptor_ready != 0, room && mover) << cycle;
        ASSERT_EQ(rtl->is_empty != 0, taken == freed) << cycle;
        ASSERT_EQ(rtl->filled != 0, data && coming.front().last) << cycle;
        if (data) {
            const auto& beat = coming.front();
            ASSERT_EQ(rtl->write_slot, beat.slot) << cycle;
            ASSERT_EQ(rtl->write_word, beat.word) << cycle;
            ASSERT_EQ(rtl->write_slice, beat.slice) << cycle;
            ++beats;
        }
        rtl.step();
        if (data) {
            filled += coming.front().last ? 1U : 0U;
            coming.pop_front();
        }
        freed += free ? 1U : 0U;
        refused += offered && mover && !room ? 1U : 0U;
        if (offered && mover && room) {
            for (const auto& beat : landings<Config>(tile, taken % Config::slots))
                coming.push_back(beat);
            ++taken;
            tile = random_tile<Config>(random);
        }
    }
    EXPECT_GT(filled, 100U);
    EXPECT_GT(beats, 10'000U);
    EXPECT_GT(refused, 1000U);
}

TEST(TileLoaderRtl, LandsEveryBeatInItsSlotWordAndSlice)
{
    expect_landings<Config<Vrtl_tile_loader, 1, 1, 2>>(1);
    expect_landings<Config<Vrtl_tile_loader_groups, 1, 2, 1>>(2);
    expect_landings<Config<Vrtl_tile_loader_heads, 3, 1, 3>>(3);
    expect_landings<Config<Vrtl_tile_loader_head_groups, 3, 2, 2>>(4);
}

} // namespace
} // namespace heatsim
