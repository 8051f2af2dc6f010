// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_slot_tracker_1.h"
#include "Vrtl_slot_tracker_2.h"
#include "Vrtl_slot_tracker_3.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>

namespace heatsim {
namespace {

/// Tiles on their way through a buffer: reserved ones become filled ones, the oldest of which goes.
struct Queues {
    std::deque<std::uint64_t> reserved; ///< serial numbers of tiles
    std::deque<std::uint64_t> filled;
    std::uint64_t tiles = 0;
};

template <typename Model>
void expect_queue(unsigned slots, std::uint64_t seed)
{
    SCOPED_TRACE(slots);
    test::Random random{seed};
    test::Clocked<Model> rtl;
    rtl->reset = 1;
    rtl.step(2);
    rtl->reset = 0;
    Queues queues;
    unsigned full = 0;
    unsigned together = 0;
    for (unsigned cycle = 0; cycle < 20'000; ++cycle) {
        const auto used = queues.reserved.size() + queues.filled.size();
        // phases in which the buffer rather runs full, and such in which it rather runs empty
        const std::uint64_t eagerness = cycle / 200 % 2 == 0 ? 80 : 30;
        const bool reserve = used < slots && random.chance(eagerness);
        const bool fill = !queues.reserved.empty() && random.chance(60);
        const bool release = !queues.filled.empty() && random.chance(110 - eagerness);
        rtl->reserve = reserve ? 1 : 0;
        rtl->fill = fill ? 1 : 0;
        rtl->free = release ? 1 : 0;
        rtl.settle();
        ASSERT_EQ(rtl->has_free != 0, used < slots) << cycle;
        ASSERT_EQ(rtl->is_empty != 0, used == 0) << cycle;
        ASSERT_EQ(rtl->reserve_slot, queues.tiles % slots) << cycle;
        if (!queues.reserved.empty()) {
            ASSERT_EQ(rtl->fill_slot, queues.reserved.front() % slots) << cycle;
        }
        if (!queues.filled.empty()) {
            ASSERT_EQ(rtl->free_slot, queues.filled.front() % slots) << cycle;
        }
        full += used == slots ? 1U : 0U;
        together += reserve && release ? 1U : 0U;
        rtl.step();
        if (release)
            queues.filled.pop_front();
        if (fill) {
            queues.filled.push_back(queues.reserved.front());
            queues.reserved.pop_front();
        }
        if (reserve)
            queues.reserved.push_back(queues.tiles++);
    }
    EXPECT_GT(full, 1000U);
    if (slots > 1) {
        EXPECT_GT(together, 500U);
    }
    rtl->reset = 1;
    rtl.step();
    EXPECT_EQ(rtl->is_empty, 1);
    EXPECT_EQ(rtl->reserve_slot, 0);
}

TEST(SlotTrackerRtl, IsAQueueOfSlots)
{
    expect_queue<Vrtl_slot_tracker_1>(1, 1);
    expect_queue<Vrtl_slot_tracker_2>(2, 2);
    expect_queue<Vrtl_slot_tracker_3>(3, 3);
}

} // namespace
} // namespace heatsim
