// SPDX-License-Identifier: Apache-2.0
#include "stats/stats.hpp"

#include <gtest/gtest.h>

namespace heatsim::stats {
namespace {

struct Traffic : Group {
    using Group::Group;
    Counter bursts{*this, "bursts", Unit::Count, "Bursts served"};
    Counter bytes{*this, "bytes", Unit::Byte, "Bytes moved"};
};

TEST(Counter, CountsUpAndStartsOver)
{
    Traffic traffic{"chip.port"};
    ++traffic.bursts;
    traffic.bytes += 64;
    traffic.bytes += 6;
    EXPECT_EQ(traffic.bursts.value(), 1U);
    EXPECT_EQ(traffic.bytes.value(), 70U);
    traffic.reset();
    EXPECT_EQ(traffic.bursts.value(), 0U);
    EXPECT_EQ(traffic.bytes.value(), 0U);
}

TEST(Group, ListsItsCountersInOrderOfDeclaration)
{
    const Traffic traffic{"chip.port"};
    EXPECT_EQ(traffic.path(), "chip.port");
    ASSERT_EQ(traffic.counters().size(), 2U);
    EXPECT_EQ(traffic.counters()[0]->name(), "bursts");
    EXPECT_EQ(traffic.counters()[0]->unit(), Unit::Count);
    EXPECT_EQ(traffic.counters()[1]->name(), "bytes");
    EXPECT_EQ(traffic.counters()[1]->description(), "Bytes moved");
}

TEST(Unit, HasAName)
{
    EXPECT_STREQ(name(Unit::Count), "count");
    EXPECT_STREQ(name(Unit::Cycle), "cycle");
    EXPECT_STREQ(name(Unit::Byte), "byte");
}

TEST(Counter, SaysHowImagesArePutTogether)
{
    Group group{"chip.buffer"};
    const Counter tiles{group, "tiles", Unit::Count, "Tiles"};
    const Counter peak{group, "peak", Unit::Count, "Most at once", Merge::Maximum};
    EXPECT_EQ(tiles.merge(), Merge::Sum);
    EXPECT_EQ(peak.merge(), Merge::Maximum);
}

} // namespace
} // namespace heatsim::stats
