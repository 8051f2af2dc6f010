// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/word_serial_dma.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

namespace heatsim::hw {
namespace {

using channel::Stream;
using channel::Transfer;

/// Costs that tell each other apart.
WordSerialConfig costs()
{
    WordSerialConfig config;
    config.word_bytes = 8;
    config.read_request_cycles = 1000;
    config.read_word_cycles = 10;
    config.write_request_cycles = 2000;
    config.write_word_cycles = 20;
    config.phase_cycles = 3;
    config.stream_read_request_cycles = 3000;
    config.stream_read_word_cycles = 30;
    config.stream_write_request_cycles = 4000;
    config.stream_write_word_cycles = 40;
    return config;
}

Transfer rows(Stream stream, std::uint64_t address, std::uint64_t count, std::uint64_t bytes)
{
    Transfer transfer;
    transfer.stream = stream;
    transfer.address = address;
    transfer.rows = count;
    transfer.row_bytes = bytes;
    transfer.row_stride_bytes = 64;
    transfer.plane_stride_bytes = 64 * count;
    return transfer;
}

TEST(WordSerialCycles, OfATileLoad)
{
    // 4 requests + 4 rows of 3 words + one state change = 4000 + 120 + 3
    EXPECT_EQ(word_serial_cycles(costs(), rows(Stream::Input, 0, 4, 24)), 4123U);
    EXPECT_EQ(word_serial_cycles(costs(), rows(Stream::Weight, 0, 4, 24)), 4123U);
}

TEST(WordSerialCycles, AnUnalignedRowCoversOneWordMore)
{
    // bytes 4 to 27 lie in words 0 to 3: 1000 + 4·10 + 3
    EXPECT_EQ(word_serial_cycles(costs(), rows(Stream::Input, 4, 1, 24)), 1043U);
    // one byte is a word: 1000 + 10 + 3
    EXPECT_EQ(word_serial_cycles(costs(), rows(Stream::Input, 7, 1, 1)), 1013U);
}

TEST(WordSerialCycles, OfATileStore)
{
    // 2 lanes of 4 rows: 8 requests, 8·3 words, a state change per lane and one for the tile
    auto transfer = rows(Stream::Output, 0, 4, 24);
    transfer.planes = 2;
    EXPECT_EQ(word_serial_cycles(costs(), transfer), 8U * 2000U + 24U * 20U + 3U * (2U + 1U));
}

TEST(WordSerialCycles, OutsideTheArrayHaveCostsOfTheirOwn)
{
    auto load = rows(Stream::Input, 0, 2, 16);
    load.outside_array = true;
    EXPECT_EQ(word_serial_cycles(costs(), load), 2U * 3000U + 4U * 30U);
    auto store = rows(Stream::Output, 0, 2, 16);
    store.outside_array = true;
    EXPECT_EQ(word_serial_cycles(costs(), store), 2U * 4000U + 4U * 40U);
}

TEST(WordSerialCycles, CountWordsAsIfRowByRow)
{
    test::Random random{4};
    for (int round = 0; round < 2000; ++round) {
        auto config = costs();
        config.word_bytes = random.pick<std::uint64_t>({1, 4, 8, 16});
        config.read_request_cycles = config.phase_cycles = 0;
        config.read_word_cycles = 1;
        auto transfer = rows(Stream::Input, random.between(0, 1000), random.between(1, 40),
                             random.between(1, 100));
        transfer.row_stride_bytes = random.between(0, 300);
        transfer.planes = random.between(1, 3);
        transfer.plane_stride_bytes = random.between(0, 3000);
        std::uint64_t words = 0;
        for (std::uint64_t plane = 0; plane < transfer.planes; ++plane) {
            for (std::uint64_t row = 0; row < transfer.rows; ++row) {
                const auto first = transfer.address + plane * transfer.plane_stride_bytes +
                                   row * transfer.row_stride_bytes;
                words += (first + transfer.row_bytes - 1) / config.word_bytes -
                         first / config.word_bytes + 1;
            }
        }
        ASSERT_EQ(word_serial_cycles(config, transfer), words);
    }
}

} // namespace
} // namespace heatsim::hw
