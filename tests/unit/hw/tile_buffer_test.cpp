// SPDX-License-Identifier: Apache-2.0
#include "hw/buffer/tile_buffer.hpp"

#include <gtest/gtest.h>

namespace heatsim::hw {
namespace {

TEST(TileBuffer, HoldsAsManyTilesAsItHasSlots)
{
    TileBuffer buffer{"buffer", 2};
    EXPECT_EQ(buffer.slots(), 2U);
    EXPECT_TRUE(buffer.is_empty());
    buffer.reserve();
    EXPECT_TRUE(buffer.has_free_slot());
    EXPECT_FALSE(buffer.is_empty());
    buffer.reserve();
    EXPECT_FALSE(buffer.has_free_slot());
    buffer.fill();
    buffer.release();
    EXPECT_TRUE(buffer.has_free_slot());
    EXPECT_FALSE(buffer.is_empty());
}

TEST(TileBuffer, CountsFilledSlotsSinceTheStart)
{
    TileBuffer buffer{"buffer", 1};
    for (std::uint64_t tile = 1; tile <= 5; ++tile) {
        buffer.reserve();
        EXPECT_EQ(buffer.filled(), tile - 1);
        buffer.fill();
        EXPECT_EQ(buffer.filled(), tile);
        buffer.release();
    }
    EXPECT_EQ(buffer.stats().tiles.value(), 5U);
    EXPECT_EQ(buffer.stats().peak_slots.value(), 1U);
}

TEST(TileBuffer, RestartIsTheStartState)
{
    TileBuffer buffer{"buffer", 3};
    buffer.reserve();
    buffer.reserve();
    EXPECT_EQ(buffer.stats().peak_slots.value(), 2U);
    buffer.fill();
    buffer.fill();
    buffer.release();
    buffer.release();
    buffer.restart();
    EXPECT_EQ(buffer.filled(), 0U);
    EXPECT_TRUE(buffer.is_empty());
    EXPECT_EQ(buffer.stats().tiles.value(), 0U);
    buffer.reserve();
    EXPECT_EQ(buffer.stats().peak_slots.value(), 1U);
}

TEST(TileBufferDeathTest, RefusesWhatCannotBe)
{
    TileBuffer buffer{"buffer", 1};
    EXPECT_DEATH(buffer.fill(), "");
    EXPECT_DEATH(buffer.release(), "");
    buffer.reserve();
    EXPECT_DEATH(buffer.reserve(), "");
    EXPECT_DEATH(buffer.release(), "");
    EXPECT_DEATH(buffer.restart(), "");
}

} // namespace
} // namespace heatsim::hw
