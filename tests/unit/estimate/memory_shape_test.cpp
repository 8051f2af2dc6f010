// SPDX-License-Identifier: Apache-2.0
#include "estimate/memory_shape.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace heatsim::estimate {
namespace {

struct Memory {
    std::uint64_t bits;
    std::uint64_t words;
    std::uint64_t bram18; ///< that yosys 0.23 takes, see validation/synthesis.csv
};

void PrintTo(const Memory& memory, std::ostream* stream) // NOLINT(readability-identifier-naming):
                                                         // the name that GoogleTest looks for
{
    *stream << memory.bits << " x " << memory.words;
}

class BlockRam : public testing::TestWithParam<Memory> {};

TEST_P(BlockRam, TakesAsManyBlocksAsYosys)
{
    const auto& memory = GetParam();
    EXPECT_EQ(block_ram(memory.bits, memory.words).bram18, memory.bram18);
}

// 15 blocks of 18 x 1024 hold 256 bits, where 36 x 1024 would take 8 of 36 Kbit; 29 blocks of
// 72 x 512 would hold 64 x 14564, but the multiplexers behind 29 ranks cost more than one block
INSTANTIATE_TEST_SUITE_P(Shapes,
                         BlockRam,
                         testing::Values(Memory{8, 1024, 1},
                                         Memory{8, 4096, 2},
                                         Memory{32, 1024, 2},
                                         Memory{64, 512, 2},
                                         Memory{64, 1024, 4},
                                         Memory{128, 512, 4},
                                         Memory{128, 2048, 15},
                                         Memory{256, 1024, 15},
                                         Memory{256, 4096, 58},
                                         Memory{512, 2048, 57},
                                         Memory{72, 3000, 12},
                                         Memory{36, 5460, 12},
                                         Memory{64, 10000, 40},
                                         Memory{64, 14564, 60}));

TEST(BlockRam, SaysHowManyRanksLieBehindEachOther)
{
    const auto deep = block_ram(64, 14564);
    EXPECT_EQ(deep.rank_words, 1024U);
    EXPECT_EQ(deep.ranks, 15U);
    EXPECT_EQ(block_ram(8, 1024).ranks, 1U);
}

TEST(UltraRam, Is72By4096)
{
    EXPECT_EQ(ultra_ram(72, 4096).urams, 1U);
    EXPECT_EQ(ultra_ram(72, 4096).ranks, 1U);
    EXPECT_EQ(ultra_ram(73, 4096).urams, 2U);
    EXPECT_EQ(ultra_ram(64, 4097).urams, 2U);
    EXPECT_EQ(ultra_ram(64, 4097).ranks, 2U);
}

TEST(UltraRam, HoldsSeveralRanksWhereWordsLeaveRoom)
{
    EXPECT_EQ(ultra_ram(512, 16384).urams, 29U); // 4 ranks of 512 bits in 72 each, not 4 times 8
    EXPECT_EQ(ultra_ram(64, 36864).urams, 8U);   // 9 ranks
    EXPECT_EQ(ultra_ram(36, 12288).urams, 2U);   // 3 ranks, bytes of 9 bits
}

} // namespace
} // namespace heatsim::estimate
