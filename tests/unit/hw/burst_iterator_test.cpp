// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/burst_iterator.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace heatsim::hw {
namespace {

using channel::Transfer;
using Bursts = std::vector<std::pair<std::uint64_t, std::uint64_t>>; ///< address, bytes

Transfer
rows(std::uint64_t address, std::uint64_t count, std::uint64_t row_bytes, std::uint64_t stride)
{
    Transfer transfer;
    transfer.address = address;
    transfer.rows = count;
    transfer.row_bytes = row_bytes;
    transfer.row_stride_bytes = stride;
    transfer.plane_stride_bytes = count * stride;
    return transfer;
}

Bursts bursts(const Transfer& transfer, std::uint64_t width = 16, std::uint64_t longest = 1024)
{
    Bursts found;
    for (BurstIterator iterator{transfer, width, longest}; !iterator.done();) {
        const auto burst = iterator.next();
        found.emplace_back(burst.address, burst.bytes);
    }
    return found;
}

TEST(BurstIterator, IsDoneWithoutBytes)
{
    EXPECT_TRUE(bursts(rows(0, 4, 0, 64)).empty());
    EXPECT_TRUE(BurstIterator{}.done());
}

TEST(BurstIterator, CutsAtTheLongestBurst)
{
    EXPECT_EQ(bursts(rows(0, 1, 2500, 2500)), (Bursts{{0, 1024}, {1024, 1024}, {2048, 452}}));
}

TEST(BurstIterator, CountsTheLongestBurstFromTheAlignedAddress)
{
    // 64 beats of 16 bytes from address 8 on end at 1024, not at 1032
    EXPECT_EQ(bursts(rows(8, 1, 1032, 1032)), (Bursts{{8, 1016}, {1024, 16}}));
}

TEST(BurstIterator, NeverCrosses4KiB)
{
    EXPECT_EQ(bursts(rows(4000, 1, 300, 300)), (Bursts{{4000, 96}, {4096, 204}}));
    EXPECT_EQ(bursts(rows(4096 - 16, 1, 4096 + 32, 0), 16, 8192),
              (Bursts{{4080, 16}, {4096, 4096}, {8192, 16}}));
}

TEST(BurstIterator, MergesContiguousRows)
{
    EXPECT_EQ(bursts(rows(0, 8, 64, 64)), (Bursts{{0, 512}}));
    EXPECT_EQ(bursts(rows(0, 2, 64, 128)), (Bursts{{0, 64}, {128, 64}}));
}

TEST(BurstIterator, MergesContiguousPlanes)
{
    auto transfer = rows(0, 2, 64, 64);
    transfer.planes = 3;
    EXPECT_EQ(bursts(transfer), (Bursts{{0, 384}}));
    transfer.plane_stride_bytes = 256;
    EXPECT_EQ(bursts(transfer), (Bursts{{0, 128}, {256, 128}, {512, 128}}));
}

TEST(BurstIterator, WalksPlanesOfStridedRows)
{
    auto transfer = rows(0, 2, 32, 100);
    transfer.planes = 2;
    transfer.plane_stride_bytes = 1000;
    EXPECT_EQ(bursts(transfer), (Bursts{{0, 32}, {100, 32}, {1000, 32}, {1100, 32}}));
}

/// Every byte of a transfer in order, written down without bursts.
std::vector<std::uint64_t> bytes_of(const Transfer& transfer)
{
    std::vector<std::uint64_t> bytes;
    for (std::uint64_t plane = 0; plane < transfer.planes; ++plane)
        for (std::uint64_t row = 0; row < transfer.rows; ++row)
            for (std::uint64_t byte = 0; byte < transfer.row_bytes; ++byte)
                bytes.push_back(transfer.address + plane * transfer.plane_stride_bytes +
                                row * transfer.row_stride_bytes + byte);
    return bytes;
}

TEST(BurstIterator, CoversEveryByteOnceAndInOrder)
{
    test::Random random{1};
    for (int round = 0; round < 3000; ++round) {
        const auto width = random.pick<std::uint64_t>({4, 8, 16, 32, 64});
        const auto longest = width * random.pick<std::uint64_t>({1, 2, 16, 64, 256});
        auto transfer =
            rows(random.between(0, 10000), random.between(1, 6), random.between(0, 700), 0);
        transfer.row_stride_bytes =
            transfer.row_bytes + (random.chance(40) ? 0 : random.between(0, 900));
        transfer.planes = random.between(1, 3);
        transfer.plane_stride_bytes = transfer.rows * transfer.row_stride_bytes +
                                      (random.chance(40) ? 0 : random.between(0, 5000));
        std::vector<std::uint64_t> covered;
        for (const auto& [address, bytes] : bursts(transfer, width, longest)) {
            ASSERT_GT(bytes, 0U);
            ASSERT_EQ(address / 4096, (address + bytes - 1) / 4096) << "crosses 4 KiB";
            ASSERT_LE(address % width + bytes, longest) << "longer than the port allows";
            for (std::uint64_t byte = 0; byte < bytes; ++byte)
                covered.push_back(address + byte);
        }
        ASSERT_EQ(covered, bytes_of(transfer)) << "round " << round;
    }
}

TEST(BurstIterator, MakesNoMoreBurstsThanNeeded)
{
    // contiguous rows are one run: as many bursts as cuts at 4 KiB and at 1 KiB
    for (std::uint64_t start = 0; start < 4096; start += 272)
        for (std::uint64_t bytes = 16; bytes < 9000; bytes += 512)
            ASSERT_EQ(bursts(rows(start, 1, bytes, bytes)).size(),
                      bursts(rows(start, bytes / 16, 16, 16)).size());
}

} // namespace
} // namespace heatsim::hw
