// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_write_mover.h"
#include "Vrtl_write_mover_single.h"
#include "rtl/clocked.hpp"
#include "rtl/transfers.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace heatsim {
namespace {

using channel::Transfer;
using test::BeatBurst;

struct Eight {
    using Model = Vrtl_write_mover;
    static constexpr std::uint64_t beat_bytes = 16;
    static constexpr std::uint64_t burst_beats = 64;
    static constexpr std::uint64_t outstanding = 8;
    static constexpr std::uint64_t slots = 2;
};
struct Single {
    using Model = Vrtl_write_mover_single;
    static constexpr std::uint64_t beat_bytes = 8;
    static constexpr std::uint64_t burst_beats = 16;
    static constexpr std::uint64_t outstanding = 1;
    static constexpr std::uint64_t slots = 3;
};

/// An output tile: where it lies in the buffer and in memory.
struct Tile {
    std::uint64_t planes;
    std::uint64_t rows;
    std::uint64_t groups;
    std::uint64_t slices;
    Transfer transfer;
};

/// A place in the buffer: slot, plane, row, group, slice. Stands for the data that lie there.
using Place = std::array<std::uint64_t, 5>;

/// Percentages of the cycles in which a side is willing.
struct Willing {
    std::uint64_t descriptor = 100;
    std::uint64_t request = 100;
    std::uint64_t data = 100;
    std::uint64_t response = 100;
    bool request_first = true; ///< no beat is taken before the request of its burst
};

/// The mover between a list of tiles, a buffer whose reads take a cycle, and a memory.
template <typename Config>
class WriteMoverBench {
  public:
    WriteMoverBench(std::vector<Tile> tiles, Willing willing, std::uint64_t seed)
        : tiles_{std::move(tiles)}
        , willing_{willing}
        , random_{seed}
    {
        std::uint64_t slot = 0;
        for (const auto& tile : tiles_) {
            for (const auto& burst :
                 test::bursts_of(tile.transfer, Config::beat_bytes, Config::burst_beats)) {
                bursts_.push_back(burst);
                ends_tile_.push_back(false);
            }
            ends_tile_.back() = true;
            for (std::uint64_t plane = 0; plane < tile.planes; ++plane)
                for (std::uint64_t row = 0; row < tile.rows; ++row)
                    for (std::uint64_t group = 0; group < tile.groups; ++group)
                        for (std::uint64_t slice = 0; slice < tile.slices; ++slice)
                            places_.push_back({slot, plane, row, group, slice});
            slot = (slot + 1) % Config::slots;
        }
        rtl_->reset = 1;
        rtl_->descriptor_valid = 0;
        rtl_->request_ready = 0;
        rtl_->data_ready = 0;
        rtl_->response_valid = 0;
        rtl_.step(2);
        rtl_->reset = 0;
    }

    /// One cycle: drives, compares, clocks.
    void cycle()
    {
        offered_ = taken_ < tiles_.size() && (offered_ || random_.chance(willing_.descriptor));
        rtl_->descriptor_valid = offered_ ? 1 : 0;
        if (offered_) {
            const auto& tile = tiles_[taken_];
            test::drive_descriptor(rtl_, tile.transfer, Config::beat_bytes);
            test::drive(rtl_->descriptor_rows, tile.rows);
            test::drive(rtl_->descriptor_groups, tile.groups);
            test::drive(rtl_->descriptor_slices, tile.slices);
        }
        const bool request_ready = random_.chance(willing_.request);
        bool data_ready = random_.chance(willing_.data);
        const bool response = answered_ < written() && random_.chance(willing_.response);
        rtl_->request_ready = request_ready ? 1 : 0;
        rtl_->response_valid = response ? 1 : 0;
        rtl_.settle();
        const bool request = rtl_->request_valid != 0 && request_ready;
        if (willing_.request_first && requests_ + (request ? 1U : 0U) <= burst_)
            data_ready = false;
        rtl_->data_ready = data_ready ? 1 : 0;
        rtl_.settle();

        check_steadiness();
        ASSERT_EQ(rtl_->tile_done != 0, response && ends_tile_[answered_]) << "burst " << answered_;
        if (request)
            take_request();
        if (rtl_->data_valid != 0 && data_ready)
            take_beat();
        answered_ += response ? 1U : 0U;
        tiles_done += rtl_->tile_done;
        const auto begun = std::max<std::uint64_t>(requests_, burst_ + (beat_ > 0 ? 1U : 0U));
        ASSERT_LE(begun - answered_, Config::outstanding);
        most_unanswered = std::max(most_unanswered, begun - answered_);
        if (offered_ && rtl_->descriptor_ready != 0) {
            taken_at.push_back(rtl_.cycles());
            ++taken_;
            offered_ = false;
        }
        // the buffer: what is read now is on the port in the next cycle
        if (rtl_->hold == 0)
            on_port_ = {rtl_->read_slot, rtl_->read_plane, rtl_->read_row, rtl_->read_group,
                        rtl_->read_slice};
        rtl_.step();
    }
    void run(std::uint64_t limit)
    {
        for (std::uint64_t i = 0; i < limit && answered_ < bursts_.size(); ++i) {
            cycle();
            if (testing::Test::HasFatalFailure())
                return;
        }
        ASSERT_EQ(answered_, bursts_.size());
        for (unsigned i = 0; i < 20; ++i) // and no more of them
            cycle();
        ASSERT_EQ(tiles_done, tiles_.size());
        ASSERT_EQ(beats_, places_.size());
    }
    [[nodiscard]] std::uint64_t requests() const { return requests_; }

    std::vector<std::uint64_t> taken_at; ///< cycles of the descriptors
    std::vector<std::uint64_t> beat_at;  ///< cycles of the beats
    std::uint64_t most_unanswered = 0;
    std::uint64_t tiles_done = 0;

  private:
    /// Bursts whose request and beats have all been taken.
    [[nodiscard]] std::uint64_t written() const { return std::min(requests_, burst_); }

    void check_steadiness()
    {
        const bool request = rtl_->request_valid != 0;
        const BeatBurst asked{rtl_->request_address, rtl_->request_beats};
        if (request_refused_) {
            ASSERT_TRUE(request) << "request " << requests_ << " was withdrawn";
            ASSERT_EQ(asked, refused_request_);
        }
        request_refused_ = request && rtl_->request_ready == 0;
        refused_request_ = asked;
        const bool data = rtl_->data_valid != 0;
        if (data_refused_) {
            ASSERT_TRUE(data) << "beat " << beats_ << " was withdrawn";
            ASSERT_EQ(on_port_, refused_place_);
            ASSERT_EQ(rtl_->data_last != 0, refused_last_);
        }
        data_refused_ = data && rtl_->data_ready == 0;
        refused_place_ = on_port_;
        refused_last_ = rtl_->data_last != 0;
    }
    void take_request()
    {
        ASSERT_LT(requests_, bursts_.size());
        ASSERT_EQ(rtl_->request_address, bursts_[requests_].address) << "burst " << requests_;
        ASSERT_EQ(rtl_->request_beats, bursts_[requests_].beats) << "burst " << requests_;
        ++requests_;
    }
    void take_beat()
    {
        ASSERT_LT(beats_, places_.size());
        ASSERT_EQ(on_port_, places_[beats_]) << "beat " << beats_;
        const bool last = beat_ + 1 == bursts_[burst_].beats;
        ASSERT_EQ(rtl_->data_last != 0, last) << "beat " << beat_ << " of burst " << burst_;
        ++beats_;
        ++beat_;
        if (last) {
            beat_ = 0;
            ++burst_;
        }
        beat_at.push_back(rtl_.cycles());
    }

    std::vector<Tile> tiles_;
    Willing willing_;
    test::Random random_;
    test::Clocked<typename Config::Model> rtl_;
    std::vector<BeatBurst> bursts_;
    std::vector<bool> ends_tile_; ///< per burst
    std::vector<Place> places_;   ///< per beat
    bool offered_ = false;
    std::uint64_t taken_ = 0;    ///< descriptors
    std::uint64_t requests_ = 0; ///< taken
    std::uint64_t beats_ = 0;    ///< taken
    std::uint64_t burst_ = 0;    ///< that the next beat belongs to
    std::uint64_t beat_ = 0;     ///< of that burst
    std::uint64_t answered_ = 0; ///< bursts
    Place on_port_{};
    bool request_refused_ = false;
    BeatBurst refused_request_{};
    bool data_refused_ = false;
    Place refused_place_{};
    bool refused_last_ = false;
};

template <typename Config>
std::vector<Tile> random_tiles(std::uint64_t count, std::uint64_t seed)
{
    test::Random random{seed};
    std::vector<Tile> tiles;
    for (std::uint64_t i = 0; i < count; ++i) {
        Tile tile{random.between(1, 3),
                  random.between(1, random.pick<std::uint64_t>({1, 4, 20})),
                  random.between(1, 4),
                  random.between(1, 4),
                  {}};
        tile.transfer = test::random_transfer(random, Config::beat_bytes, tile.planes, tile.rows,
                                              tile.groups * tile.slices);
        tiles.push_back(tile);
    }
    return tiles;
}

template <typename Config>
void expect_bursts(std::uint64_t seed)
{
    for (const auto& willing :
         {Willing{}, Willing{100, 50, 100, 100, true}, Willing{100, 100, 50, 100, true},
          Willing{100, 30, 60, 30, true}, Willing{20, 70, 70, 70, true},
          Willing{100, 100, 100, 3, true}, Willing{100, 30, 60, 30, false},
          Willing{100, 15, 100, 70, false}}) {
        WriteMoverBench<Config> bench{random_tiles<Config>(400, seed), willing, seed};
        bench.run(4'000'000);
        if (willing.response < 10) {
            EXPECT_EQ(bench.most_unanswered, Config::outstanding);
        }
        ++seed;
    }
}

TEST(WriteMoverRtl, WritesTheBurstsOfTheSimulatorInTheOrderOfTheBuffer)
{
    expect_bursts<Eight>(10);
    expect_bursts<Single>(20);
}

template <typename Config>
void expect_limit()
{
    WriteMoverBench<Config> bench{random_tiles<Config>(20, 5), {100, 100, 100, 0, true}, 1};
    for (unsigned i = 0; i < 2000; ++i)
        bench.cycle();
    EXPECT_EQ(bench.requests(), Config::outstanding);
}

TEST(WriteMoverRtl, StopsAtTheUnansweredBursts)
{
    expect_limit<Eight>();
    expect_limit<Single>();
}

template <typename Config>
void expect_first_beat()
{
    WriteMoverBench<Config> bench{random_tiles<Config>(1, 6), {}, 1};
    bench.run(10'000);
    ASSERT_EQ(bench.taken_at.size(), 1U);
    EXPECT_EQ(bench.beat_at.front(), bench.taken_at.front() + 2);
}

TEST(WriteMoverRtl, FirstBeatTwoCyclesAfterItsDescriptor)
{
    expect_first_beat<Eight>();
    expect_first_beat<Single>();
}

TEST(WriteMoverRtl, OneBeatACycleAcrossBurstsAndDescriptors)
{
    auto tiles = random_tiles<Eight>(100, 7);
    for (unsigned i = 0; i < 100; ++i) { // and tiles of one beat
        test::Random random{i};
        tiles.push_back({1, 1, 1, 1, test::random_transfer(random, Eight::beat_bytes, 1, 1, 1)});
    }
    WriteMoverBench<Eight> bench{tiles, {}, 1};
    bench.run(100'000);
    ASSERT_GT(bench.beat_at.size(), 1000U);
    EXPECT_EQ(bench.beat_at.back() - bench.beat_at.front(), bench.beat_at.size() - 1);
}

} // namespace
} // namespace heatsim
