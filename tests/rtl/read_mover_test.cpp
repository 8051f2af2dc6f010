// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_read_mover.h"
#include "Vrtl_read_mover_single.h"
#include "rtl/clocked.hpp"
#include "rtl/transfers.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace heatsim {
namespace {

using channel::Transfer;
using test::BeatBurst;

struct Eight {
    using Model = Vrtl_read_mover;
    static constexpr std::uint64_t beat_bytes = 16;
    static constexpr std::uint64_t burst_beats = 64;
    static constexpr std::uint64_t outstanding = 8;
};
struct Single {
    using Model = Vrtl_read_mover_single;
    static constexpr std::uint64_t beat_bytes = 8;
    static constexpr std::uint64_t burst_beats = 256;
    static constexpr std::uint64_t outstanding = 1;
};

/// Percentages of the cycles in which a side is willing.
struct Willing {
    std::uint64_t descriptor = 100;
    std::uint64_t request = 100;
    std::uint64_t data = 100;
};

/// The mover between a list of transfers and a memory that answers in order, one beat a cycle.
template <typename Config>
class ReadMoverBench {
  public:
    ReadMoverBench(std::vector<Transfer> transfers, Willing willing, std::uint64_t seed)
        : transfers_{std::move(transfers)}
        , willing_{willing}
        , random_{seed}
    {
        for (const auto& transfer : transfers_)
            for (const auto& burst :
                 test::bursts_of(transfer, Config::beat_bytes, Config::burst_beats))
                expected_.push_back(burst);
        rtl_->reset = 1;
        rtl_->descriptor_valid = 0;
        rtl_->request_ready = 0;
        rtl_->data_valid = 0;
        rtl_->data_last = 0;
        rtl_.step(2);
        rtl_->reset = 0;
    }

    /// One cycle: drives, compares, clocks.
    void cycle()
    {
        offered_ = taken_ < transfers_.size() && (offered_ || random_.chance(willing_.descriptor));
        rtl_->descriptor_valid = offered_ ? 1 : 0;
        if (offered_)
            test::drive_descriptor(rtl_, transfers_[taken_], Config::beat_bytes);
        rtl_->request_ready = random_.chance(willing_.request) ? 1 : 0;
        const bool data = !beats_left_.empty() && random_.chance(willing_.data);
        const bool last = data && beats_left_.front() == 1;
        rtl_->data_valid = data ? 1 : 0;
        // means nothing without data
        rtl_->data_last = last || (!data && random_.chance(50)) ? 1 : 0;
        rtl_.settle();

        const bool valid = rtl_->request_valid != 0;
        const BeatBurst request{rtl_->request_address, rtl_->request_beats};
        if (refused_) {
            ASSERT_TRUE(valid) << "request " << issued_ << " was withdrawn";
            ASSERT_EQ(request, refused_request_);
        }
        refused_ = valid && rtl_->request_ready == 0;
        refused_request_ = request;
        if (offered_ && rtl_->descriptor_ready != 0) {
            taken_at.push_back(rtl_.cycles());
            ++taken_;
            offered_ = false;
        }
        const bool issue = valid && rtl_->request_ready != 0;
        rtl_.step();
        if (data && --beats_left_.front() == 0)
            beats_left_.pop_front();
        if (issue) {
            ASSERT_LT(issued_, expected_.size());
            ASSERT_EQ(request.address, expected_[issued_].address) << "request " << issued_;
            ASSERT_EQ(request.beats, expected_[issued_].beats) << "request " << issued_;
            ++issued_;
            issued_at.push_back(rtl_.cycles() - 1);
            beats_left_.push_back(request.beats);
        }
        ASSERT_LE(beats_left_.size(), Config::outstanding);
        most_in_flight = std::max<std::uint64_t>(most_in_flight, beats_left_.size());
    }
    void run(std::uint64_t limit)
    {
        for (std::uint64_t i = 0; i < limit && !done(); ++i) {
            cycle();
            if (testing::Test::HasFatalFailure())
                return;
        }
        ASSERT_TRUE(done()) << issued_ << " of " << expected_.size() << " requests";
        for (unsigned i = 0; i < 20; ++i) // and no more of them
            cycle();
    }
    [[nodiscard]] bool done() const { return issued_ == expected_.size() && beats_left_.empty(); }
    [[nodiscard]] std::uint64_t issued() const { return issued_; }

    std::vector<std::uint64_t> taken_at;  ///< cycles of the descriptors
    std::vector<std::uint64_t> issued_at; ///< cycles of the requests
    std::uint64_t most_in_flight = 0;

  private:
    std::vector<Transfer> transfers_;
    Willing willing_;
    test::Random random_;
    test::Clocked<typename Config::Model> rtl_;
    std::vector<BeatBurst> expected_;
    std::deque<std::uint64_t> beats_left_; ///< of the bursts in flight
    bool offered_ = false;
    std::uint64_t taken_ = 0;
    std::uint64_t issued_ = 0;
    bool refused_ = false;
    BeatBurst refused_request_{};
};

template <typename Config>
std::vector<Transfer> random_transfers(std::uint64_t count, std::uint64_t seed)
{
    test::Random random{seed};
    std::vector<Transfer> transfers;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto planes = random.between(1, 3);
        const auto rows = random.between(1, 6);
        const auto longest = random.pick<std::uint64_t>({2, 20, 300});
        transfers.push_back(test::random_transfer(random, Config::beat_bytes, planes, rows,
                                                  random.between(1, longest)));
    }
    return transfers;
}

template <typename Config>
void expect_bursts(std::uint64_t seed)
{
    for (const auto& willing : {Willing{100, 100, 100}, Willing{100, 50, 100}, Willing{30, 100, 60},
                                Willing{100, 20, 90}, Willing{100, 100, 15}}) {
        ReadMoverBench<Config> bench{random_transfers<Config>(300, seed), willing, seed};
        bench.run(4'000'000);
        EXPECT_EQ(bench.most_in_flight, Config::outstanding);
        ++seed;
    }
}

TEST(ReadMoverRtl, AsksForTheBurstsOfTheSimulator)
{
    expect_bursts<Eight>(10);
    expect_bursts<Single>(20);
}

template <typename Config>
void expect_limit()
{
    ReadMoverBench<Config> bench{random_transfers<Config>(20, 5), {100, 100, 0}, 1};
    for (unsigned i = 0; i < 100; ++i)
        bench.cycle();
    EXPECT_EQ(bench.issued(), Config::outstanding);
}

TEST(ReadMoverRtl, StopsAtTheBurstsInFlight)
{
    expect_limit<Eight>();
    expect_limit<Single>();
}

template <typename Config>
void expect_first_request()
{
    test::Random random{3};
    ReadMoverBench<Config> bench{
        {test::random_transfer(random, Config::beat_bytes, 1, 1, 1)}, {}, 1};
    bench.run(100);
    ASSERT_EQ(bench.taken_at.size(), 1U);
    EXPECT_EQ(bench.issued_at.front(), bench.taken_at.front() + 2);
}

TEST(ReadMoverRtl, FirstRequestTwoCyclesAfterItsDescriptor)
{
    expect_first_request<Eight>();
    expect_first_request<Single>();
}

TEST(ReadMoverRtl, OneRequestACycleAcrossRunsPlanesAndDescriptors)
{
    // bursts of one beat each, which the memory keeps up with
    test::Random random{4};
    std::vector<Transfer> transfers;
    for (unsigned i = 0; i < 200; ++i) {
        auto transfer = test::random_transfer(random, Eight::beat_bytes, random.between(1, 3),
                                              random.between(1, 3), 1);
        transfer.row_stride_bytes += Eight::beat_bytes; // not one run
        transfer.plane_stride_bytes = 10 * transfer.row_stride_bytes;
        transfers.push_back(transfer);
    }
    ReadMoverBench<Eight> bench{transfers, {}, 1};
    bench.run(10'000);
    ASSERT_GT(bench.issued(), 400U);
    EXPECT_EQ(bench.issued_at.back() - bench.issued_at.front(), bench.issued() - 1);
}

} // namespace
} // namespace heatsim
