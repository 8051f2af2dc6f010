// SPDX-License-Identifier: Apache-2.0
#include "units/units.hpp"

#include <gtest/gtest.h>

namespace heatsim {
namespace {

TEST(CeilDiv, CountsPiecesThatCover)
{
    EXPECT_EQ(ceil_div(0, 8), 0U);
    EXPECT_EQ(ceil_div(1, 8), 1U);
    EXPECT_EQ(ceil_div(8, 8), 1U);
    EXPECT_EQ(ceil_div(9, 8), 2U);
}

TEST(RoundUp, GivesTheNextMultiple)
{
    EXPECT_EQ(round_up(0, 8), 0U);
    EXPECT_EQ(round_up(1, 8), 8U);
    EXPECT_EQ(round_up(16, 8), 16U);
    EXPECT_EQ(round_up(17, 5), 20U);
}

TEST(Clock, PeriodIsTheNearestFemtosecond)
{
    EXPECT_EQ(Clock{1000.0}.period_fs(), 1000000U);
    // 1e9 / 300 = 3,333,333.3…
    EXPECT_EQ(Clock{300.0}.period_fs(), 3333333U);
    // 1e9 / 150 = 6,666,666.6…
    EXPECT_EQ(Clock{150.0}.period_fs(), 6666667U);
    EXPECT_EQ(Clock::from_period_fs(42).period_fs(), 42U);
}

TEST(Clock, CyclesAndTimesAreEachOthersInverse)
{
    const Clock clock{300.0};
    for (const std::uint64_t cycles : {0U, 1U, 7U, 1000003U}) {
        EXPECT_EQ(clock.floor_cycles(clock.to_fs(cycles)), cycles);
        EXPECT_EQ(clock.ceil_cycles(clock.to_fs(cycles)), cycles);
        EXPECT_EQ(clock.align_up_fs(clock.to_fs(cycles)), clock.to_fs(cycles));
    }
}

TEST(Clock, RoundsToTheEdgesOnBothSides)
{
    const auto clock = Clock::from_period_fs(10);
    EXPECT_EQ(clock.floor_cycles(29), 2U);
    EXPECT_EQ(clock.ceil_cycles(29), 3U);
    EXPECT_EQ(clock.ceil_cycles(30), 3U);
    EXPECT_EQ(clock.ceil_cycles(31), 4U);
    EXPECT_EQ(clock.align_up_fs(29), 30U);
    EXPECT_EQ(clock.align_up_fs(31), 40U);
}

} // namespace
} // namespace heatsim
