// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/cause_ledger.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <numeric>

namespace heatsim::hw {
namespace {

using channel::ArrayCause;

std::uint64_t cycles(const CauseLedger& ledger, ArrayCause cause)
{
    return ledger.cycles()[static_cast<std::size_t>(cause)];
}

std::uint64_t sum(const CauseLedger& ledger)
{
    return std::accumulate(ledger.cycles().begin(), ledger.cycles().end(), std::uint64_t{0});
}

TEST(CauseLedger, StartsInControl)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.settle(5);
    EXPECT_EQ(cycles(ledger, ArrayCause::Control), 5U);
    EXPECT_EQ(sum(ledger), 5U);
}

TEST(CauseLedger, ChargesTheCauseThatEnds)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.wait(ArrayCause::WaitInput, 10);
    ledger.wait(ArrayCause::WaitWeights, 17);
    ledger.begin_tile(20);
    ledger.end_tile({30, 2, 0}, 52);
    EXPECT_EQ(cycles(ledger, ArrayCause::Control), 10U);
    EXPECT_EQ(cycles(ledger, ArrayCause::WaitInput), 7U);
    EXPECT_EQ(cycles(ledger, ArrayCause::WaitWeights), 3U);
    EXPECT_EQ(cycles(ledger, ArrayCause::Busy), 30U);
    EXPECT_EQ(cycles(ledger, ArrayCause::FillDrain), 2U);
    EXPECT_EQ(sum(ledger), 52U);
}

TEST(CauseLedger, AWaitDuringTheDrainIsDrainFirst)
{
    // tile ends at 12, drains until 20; the wait for outputs begins at 12 and ends at 25
    CauseLedger ledger;
    ledger.restart();
    ledger.begin_tile(0);
    ledger.end_tile({10, 2, 8}, 12);
    ledger.wait(ArrayCause::WaitOutput, 12);
    ledger.settle(25);
    EXPECT_EQ(cycles(ledger, ArrayCause::FillDrain), 2U + 8U);
    EXPECT_EQ(cycles(ledger, ArrayCause::WaitOutput), 5U);
    EXPECT_EQ(sum(ledger), 25U);
}

TEST(CauseLedger, ADrainUnderTheNextTileIsNotCounted)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.begin_tile(0);
    ledger.end_tile({10, 0, 100}, 10);
    ledger.begin_tile(10);
    ledger.end_tile({10, 0, 0}, 20);
    ledger.settle(30);
    EXPECT_EQ(cycles(ledger, ArrayCause::Busy), 20U);
    EXPECT_EQ(cycles(ledger, ArrayCause::FillDrain), 0U);
    EXPECT_EQ(sum(ledger), 30U);
}

TEST(CauseLedger, RestartForgetsTheLastImage)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.begin_tile(0);
    ledger.end_tile({10, 0, 100}, 10);
    ledger.wait(ArrayCause::WaitHost, 10);
    ledger.restart();
    ledger.settle(4);
    EXPECT_EQ(cycles(ledger, ArrayCause::Control), 4U);
    EXPECT_EQ(sum(ledger), 4U);
}

TEST(CauseLedger, SumEqualsElapsedCyclesWhateverHappens)
{
    test::Random random{3};
    for (int round = 0; round < 200; ++round) {
        CauseLedger ledger;
        ledger.restart();
        std::uint64_t now = 0;
        for (int event = 0; event < 50; ++event) {
            now += random.between(0, 9);
            if (random.chance(50)) {
                const channel::TileCycles tile{random.between(0, 20), random.between(0, 5),
                                               random.between(0, 30)};
                ledger.begin_tile(now);
                now += tile.busy + tile.fill_drain;
                ledger.end_tile(tile, now);
            } else {
                ledger.wait(static_cast<ArrayCause>(random.between(0, channel::array_causes - 1)),
                            now);
            }
        }
        ledger.settle(now);
        ASSERT_EQ(sum(ledger), now);
    }
}

TEST(CauseLedgerDeathTest, RefusesATileThatTookOtherCycles)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.begin_tile(0);
    EXPECT_DEATH(ledger.end_tile({10, 2, 0}, 13), "");
}

TEST(CauseLedgerDeathTest, RefusesTimeThatRunsBackwards)
{
    CauseLedger ledger;
    ledger.restart();
    ledger.settle(10);
    EXPECT_DEATH(ledger.settle(9), "");
}

} // namespace
} // namespace heatsim::hw
