// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_requantizer.h"
#include "Vrtl_requantizer_single.h"
#include "numerics/requantize.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <vector>

namespace heatsim {
namespace {

constexpr std::uint64_t requantize_latency = 5; // heatsim_pkg::REQUANTIZE_LATENCY
constexpr unsigned sum_bits = 32;
constexpr unsigned value_bits = 8;

struct Four {
    using Model = Vrtl_requantizer;
    static constexpr std::size_t lanes = 4;
    static constexpr std::uint64_t slots = 3;
    static constexpr std::uint64_t last_output_slot = 3;
};
struct Single {
    using Model = Vrtl_requantizer_single;
    static constexpr std::size_t lanes = 1;
    static constexpr std::uint64_t slots = 1;
    static constexpr std::uint64_t last_output_slot = 1;
};

/// A tile of sums, pass after pass, row after row.
template <typename Config>
struct Tile {
    std::uint64_t rows = 1;
    std::uint64_t passes = 1;
    std::int16_t multiplier = 0;
    unsigned shift = 1;
    std::vector<std::array<std::int32_t, Config::lanes>> words;
};

template <typename Config>
class RequantizerBench {
  public:
    explicit RequantizerBench(std::uint64_t seed)
        : random{seed}
    {
        rtl->reset = 1;
        rtl->tile_valid = 0;
        rtl->accumulator_filled = 0;
        rtl->output_free = 0;
        rtl.step(2);
        rtl->reset = 0;
    }

    Tile<Config> random_tile()
    {
        Tile<Config> tile;
        tile.rows = random.between(1, random.pick<std::uint64_t>({1, 12}));
        tile.passes = random.between(1, 4);
        tile.shift = static_cast<unsigned>(random.between(1, 30));
        tile.multiplier = static_cast<std::int16_t>(random.next());
        tile.words.resize(tile.rows * tile.passes);
        const auto bits = random.between(4, 27);
        for (auto& word : tile.words)
            for (auto& sum : word)
                sum = test::sign_extended(
                    static_cast<std::uint32_t>(random.next() % (std::uint64_t{1} << bits)),
                    static_cast<unsigned>(bits));
        return tile;
    }

    /// One cycle. \param announce a tile starts to sum \param fill the oldest one that sums is
    /// complete \param output a slot of the output buffer is free
    void cycle(bool announce, bool fill, bool output)
    {
        Tile<Config> announced;
        if (announce) {
            announced = random_tile();
            rtl->tile_shift = static_cast<std::uint8_t>(announced.shift);
            rtl->tile_multiplier = static_cast<std::uint16_t>(announced.multiplier);
            test::drive(rtl->tile_rows, announced.rows);
            test::drive(rtl->tile_width_passes, announced.passes);
            test::drive(rtl->tile_slot, (freed + tiles.size()) % Config::slots);
        }
        rtl->tile_valid = announce ? 1 : 0;
        rtl->accumulator_filled = fill ? 1 : 0;
        rtl->output_free = output ? 1 : 0;
        const auto output_slot = random.between(0, Config::last_output_slot);
        test::drive(rtl->output_slot, output_slot);
        rtl.settle();

        ASSERT_EQ(rtl->start != 0, !busy && complete > 0 && output) << rtl.cycles();
        ASSERT_EQ(rtl->is_idle != 0, !busy && complete == 0) << rtl.cycles();
        const auto end = written + 1 == (tiles.empty() ? 0 : tiles.front().words.size());
        ASSERT_EQ(rtl->output_filled != 0, rtl->write_valid != 0 && end) << rtl.cycles();
        ASSERT_EQ(rtl->free_accumulator, rtl->output_filled) << rtl.cycles();
        if (rtl->write_valid != 0)
            check_word();
        const bool start = rtl->start != 0;
        const bool ends = rtl->output_filled != 0;
        // the accumulators, whose data come one cycle behind the address
        std::array<std::int32_t, Config::lanes> data{};
        for (auto& sum : data)
            sum = static_cast<std::int32_t>(random.next());
        if (busy && rtl->read_slot == freed % Config::slots && rtl->read_row < tiles.front().rows &&
            rtl->read_width_pass < tiles.front().passes)
            data = tiles.front().words[rtl->read_width_pass * tiles.front().rows + rtl->read_row];
        rtl.step();
        for (std::size_t lane = 0; lane < Config::lanes; ++lane)
            test::set_field(rtl->read_data, lane, sum_bits, static_cast<std::uint32_t>(data[lane]));

        if (announce)
            tiles.push_back(announced);
        complete += fill ? 1U : 0U;
        if (start) {
            busy = true;
            --complete;
            written = 0;
            busy_slot = output_slot;
            started_at = rtl.cycles() - 1;
        }
        if (ends) {
            // free for the next tile one cycle later
            EXPECT_EQ(rtl.cycles() - started_at,
                      tiles.front().words.size() + requantize_latency + 2);
            busy = false;
            tiles.pop_front();
            ++freed;
        }
    }
    void check_word()
    {
        ASSERT_TRUE(busy);
        const auto& tile = tiles.front();
        ASSERT_LT(written, tile.words.size());
        ASSERT_EQ(rtl->write_slot, busy_slot);
        ASSERT_EQ(rtl->write_row, written % tile.rows);
        ASSERT_EQ(rtl->write_width_pass, written / tile.rows);
        for (std::size_t lane = 0; lane < Config::lanes; ++lane)
            ASSERT_EQ(
                test::sign_extended(test::field(rtl->write_data, lane, value_bits), value_bits),
                numerics::requantize(tile.words[written][lane], tile.multiplier, tile.shift))
                << "word " << written << " of tile " << freed << " lane " << lane;
        // one word a cycle
        ASSERT_EQ(rtl.cycles() - started_at, written + requantize_latency + 2);
        ++written;
    }
    [[nodiscard]] std::uint64_t summing() const
    {
        return tiles.size() - complete - (busy ? 1U : 0U);
    }

    test::Random random;
    test::Clocked<typename Config::Model> rtl;
    std::deque<Tile<Config>> tiles; ///< announced and not freed
    std::uint64_t complete = 0;     ///< of these, and not started
    bool busy = false;
    std::uint64_t busy_slot = 0;
    std::uint64_t started_at = 0;
    std::uint64_t written = 0; ///< words of the oldest tile
    std::uint64_t freed = 0;
};

template <typename Config>
void expect_tiles(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    RequantizerBench<Config> bench{seed};
    auto& random = bench.random;
    std::uint64_t most_complete = 0;
    for (unsigned cycle = 0; cycle < 60'000 && !testing::Test::HasFatalFailure(); ++cycle) {
        const bool scarce = cycle / 1000 % 2 == 0; // phases without room for the output
        const bool fill = bench.summing() > 0 && random.chance(20);
        const bool announce = bench.tiles.size() < Config::slots && random.chance(30);
        bench.cycle(announce, fill, random.chance(scarce ? 2 : 90));
        most_complete = std::max(most_complete, bench.complete);
    }
    EXPECT_GT(bench.freed, 500U);
    EXPECT_EQ(most_complete, Config::slots);
}

TEST(RequantizerRtl, EqualsTheReferenceWordAfterWord)
{
    expect_tiles<Four>(1);
    expect_tiles<Single>(2);
}

TEST(RequantizerRtl, StartsTheNextTileInTheCycleAfterTheLast)
{
    RequantizerBench<Four> bench{3};
    bench.cycle(true, false, false);
    bench.cycle(true, true, false);
    bench.cycle(false, true, false);
    const auto words = bench.tiles[0].words.size();
    const auto start = bench.rtl.cycles();
    while (bench.freed == 0 && !HasFatalFailure())
        bench.cycle(false, false, true);
    EXPECT_EQ(bench.rtl.cycles() - start, words + requantize_latency + 2);
    bench.cycle(false, false, true);
    EXPECT_TRUE(bench.busy);
}

} // namespace
} // namespace heatsim
