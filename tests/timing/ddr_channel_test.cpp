// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_channel.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace heatsim::hw {
namespace {

constexpr std::uint64_t row_bytes = 8192;
constexpr std::uint64_t access = 64; ///< bytes of one column access, 4 cycles on the bus

/// CL 17, CWL 12, tRCD 17, tRP 17, tRAS 39, tRRD 6, tFAW 26, tCCD_S 4, tCCD_L 6, tWR 18, tWTR 9,
/// tRTP 9; no refresh unless a test wants it.
DdrConfig config(AddressMapping mapping = AddressMapping::RowBankColumn)
{
    DdrConfig memory;
    memory.mapping = mapping;
    memory.t_refi = 1000000000;
    return memory;
}

/// Address of row `row` of bank number `bank` (over all bank groups), RowBankColumn.
std::uint64_t at(std::uint64_t row, std::uint64_t bank)
{
    return (row * 16 + bank) * row_bytes;
}

/// A gate opens at cycle `gate`: a burst that could use it earlier, at, or later than that finds
/// its first data at max(arrival, gate) + `behind`.
/// \param prepare makes the history \param burst arrives at the given cycle
void expect_gate(std::uint64_t gate,
                 std::uint64_t behind,
                 const std::function<void(DdrChannel&)>& prepare,
                 const std::function<BurstTiming(DdrChannel&, std::uint64_t)>& burst,
                 const DdrConfig& memory = config())
{
    const auto first_data = [&](std::uint64_t arrival) {
        DdrChannel channel{memory};
        prepare(channel);
        return burst(channel, arrival).first_data;
    };
    EXPECT_EQ(first_data(gate - 2), gate + behind) << "two cycles early";
    EXPECT_EQ(first_data(gate - 1), gate + behind) << "one cycle early";
    EXPECT_EQ(first_data(gate), gate + behind) << "in time";
    EXPECT_EQ(first_data(gate + 1), gate + 1 + behind) << "one cycle late";
}

TEST(DdrChannel, RowMissIsActivateAndRead)
{
    DdrChannel channel{config()};
    // tRCD 17 + CL 17 = 34, then 4 cycles of data
    const auto timing = channel.serve(at(0, 0), access, false, 100);
    EXPECT_EQ(timing.first_data, 100U + 17U + 17U);
    EXPECT_EQ(timing.last_data, timing.first_data + 4U);
    EXPECT_EQ(channel.counts().row_misses, 1U);
}

TEST(DdrChannel, RowHitIsARead)
{
    DdrChannel channel{config()};
    channel.serve(at(0, 0), access, false, 0);
    EXPECT_TRUE(channel.is_row_hit(at(0, 0) + 640));
    // CL 17
    EXPECT_EQ(channel.serve(at(0, 0) + 640, access, false, 200).first_data, 200U + 17U);
    EXPECT_EQ(channel.counts().row_hits, 1U);
}

TEST(DdrChannel, RowConflictIsPrechargeActivateAndRead)
{
    DdrChannel channel{config()};
    channel.serve(at(0, 0), access, false, 0);
    EXPECT_FALSE(channel.is_row_hit(at(1, 0)));
    // tRP 17 + tRCD 17 + CL 17 = 51, tRAS long over
    EXPECT_EQ(channel.serve(at(1, 0), access, false, 200).first_data, 200U + 51U);
    EXPECT_EQ(channel.counts().row_conflicts, 1U);
}

TEST(DdrChannel, WriteDataFollowsAfterCwl)
{
    DdrChannel channel{config()};
    // tRCD 17 + CWL 12
    EXPECT_EQ(channel.serve(at(0, 0), access, true, 100).first_data, 100U + 29U);
    EXPECT_TRUE(channel.last_was_write());
}

TEST(DdrChannelGate, PrechargeWaitsForTRas)
{
    // activate at 0, read at 17, tRTP over at 26: precharge from tRAS = 39 on; then tRP + tRCD + CL
    expect_gate(
        39, 51, [](DdrChannel& channel) { channel.serve(at(0, 0), access, false, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(1, 0), access, false, arrival);
        });
}

TEST(DdrChannelGate, PrechargeWaitsForTRtp)
{
    // the row is hit again at 100, long after tRAS: precharge from 100 + tRTP = 109 on
    expect_gate(
        109, 51,
        [](DdrChannel& channel) {
            channel.serve(at(0, 0), access, false, 0);
            channel.serve(at(0, 0), access, false, 100);
        },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(1, 0), access, false, arrival);
        });
}

TEST(DdrChannelGate, PrechargeWaitsForTWr)
{
    // activate 0, write 17, data 29 to 33: precharge from 33 + tWR = 51 on; then tRP + tRCD + CWL
    expect_gate(
        51, 17 + 17 + 12, [](DdrChannel& channel) { channel.serve(at(0, 0), access, true, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(1, 0), access, true, arrival);
        });
}

TEST(DdrChannelGate, ActivatesKeepTRrd)
{
    // activate at 0: that of another bank from 6 on; then tRCD + CL
    expect_gate(
        6, 34, [](DdrChannel& channel) { channel.serve(at(0, 0), access, false, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 1), access, false, arrival);
        });
}

TEST(DdrChannelGate, FourActivatesKeepTFaw)
{
    // activates at 0, 6, 12, 18: the fifth from tFAW = 26 on, two cycles behind its tRRD
    expect_gate(
        26, 34,
        [](DdrChannel& channel) {
            for (std::uint64_t bank = 0; bank < 4; ++bank)
                EXPECT_EQ(channel.serve(at(0, bank), access, false, 0).first_data, 34 + 6 * bank);
        },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 4), access, false, arrival);
        });
}

TEST(DdrChannelGate, ReadBehindAWriteKeepsTWtr)
{
    // write data 29 to 33: the read command from 33 + tWTR = 42 on; then CL
    expect_gate(
        42, 17, [](DdrChannel& channel) { channel.serve(at(0, 0), access, true, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 0), access, false, arrival);
        });
}

TEST(DdrChannelGate, WriteBehindAReadLeavesTwoIdleCyclesOnTheBus)
{
    // read data 34 to 38, write data from 40 on: its command from 40 − CWL = 28 on
    expect_gate(
        28, 12, [](DdrChannel& channel) { channel.serve(at(0, 0), access, false, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 0), access, true, arrival);
        });
}

TEST(DdrChannelGate, ColumnsOfOneBankKeepTCcdL)
{
    // read at 17: the next of the same bank from 17 + tCCD_L = 23 on
    expect_gate(
        23, 17, [](DdrChannel& channel) { channel.serve(at(0, 0), access, false, 0); },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 0), access, false, arrival);
        });
}

TEST(DdrChannelGate, AReadOfAnotherBankWaitsForTheBusOnly)
{
    // both rows are open; data 217 to 221, so the next command counts from 204 on
    expect_gate(
        204, 17,
        [](DdrChannel& channel) {
            channel.serve(at(0, 0), access, false, 0);
            channel.serve(at(0, 1), access, false, 0);
            channel.serve(at(0, 0), access, false, 200);
        },
        [](DdrChannel& channel, std::uint64_t arrival) {
            return channel.serve(at(0, 1), access, false, arrival);
        });
}

TEST(DdrChannelGate, RefreshTakesTheBanksAway)
{
    auto memory = config();
    memory.t_refi = 1000;
    const auto read_at = [&](std::uint64_t arrival) {
        DdrChannel channel{memory};
        return channel.serve(at(0, 0), access, false, arrival).first_data;
    };
    // closed banks: activates again from tREFI + tRFC = 1420 on
    EXPECT_EQ(read_at(999), 999U + 34U);
    EXPECT_EQ(read_at(1000), 1420U + 34U);
    EXPECT_EQ(read_at(1419), 1420U + 34U);
    EXPECT_EQ(read_at(1420), 1420U + 34U);
    EXPECT_EQ(read_at(1421), 1421U + 34U);
}

TEST(DdrChannelGate, RefreshPrechargesOpenRowsFirst)
{
    auto memory = config();
    memory.t_refi = 1000;
    DdrChannel channel{memory};
    channel.serve(at(0, 0), access, false, 500);
    // precharge at 1000, tRP 17, tRFC 420; the row has to be opened again
    EXPECT_EQ(channel.serve(at(0, 0), access, false, 1000).first_data, 1000U + 17U + 420U + 34U);
    EXPECT_EQ(channel.counts().refreshes, 1U);
    EXPECT_EQ(channel.counts().row_misses, 2U);
}

TEST(DdrChannelGate, RefreshWaitsForTRasOfOpenRows)
{
    auto memory = config();
    memory.t_refi = 1000;
    DdrChannel channel{memory};
    channel.serve(at(0, 0), access, false, 990);
    // activate at 990, data until 1028: precharge at 990 + tRAS = 1029
    EXPECT_EQ(channel.serve(at(0, 1), access, false, 1000).first_data, 1029U + 17U + 420U + 34U);
}

TEST(DdrChannel, RefreshesComeEveryTRefi)
{
    auto memory = config();
    memory.t_refi = 1000;
    DdrChannel channel{memory};
    channel.serve(at(0, 0), access, false, 10500);
    EXPECT_EQ(channel.counts().refreshes, 10U);
}

TEST(DdrChannel, StreamsABurstAtTCcdSWhereItChangesTheBankGroup)
{
    DdrChannel channel{config(AddressMapping::BankGroupInterleaved)};
    // 64 accesses 4 cycles apart fill the bus: 256 cycles
    const auto timing = channel.serve(0, 4096, false, 0);
    EXPECT_EQ(timing.last_data - timing.first_data, 256U);
    // four rows opened tRRD apart; the last, at 18, is read 3·4 cycles behind the first
    EXPECT_EQ(timing.first_data, 18U + 34U - 12U);
}

TEST(DdrChannel, StreamsABurstAtTCcdLWhereItStaysInTheBankGroup)
{
    DdrChannel channel{config(AddressMapping::RowBankColumn)};
    // 63 gaps of 6 cycles and the last access's 4
    const auto timing = channel.serve(0, 4096, false, 0);
    EXPECT_EQ(timing.last_data - timing.first_data, 63U * 6U + 4U);
    EXPECT_EQ(timing.first_data, 34U);
}

/// Cycles on the data bus of `bytes` read in bursts of 1 KiB, all of them known from the start.
std::uint64_t stream_cycles(AddressMapping mapping, std::uint64_t bytes)
{
    DdrChannel channel{config(mapping)};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    for (std::uint64_t address = 0; address < bytes; address += 1024) {
        const auto timing = channel.serve(address, 1024, false, 0);
        begin = address == 0 ? timing.first_data : begin;
        end = timing.last_data;
    }
    return end - begin;
}

TEST(DdrChannel, StreamsBurstsAtThePinsPeakWhereBankGroupsAlternate)
{
    // 128 KiB are 2048 accesses of 4 cycles; rows open under the data of those before them
    EXPECT_EQ(stream_cycles(AddressMapping::BankGroupInterleaved, 131072), 2048U * 4U);
}

TEST(DdrChannel, StreamsBurstsAtTCcdLWithinARow)
{
    // 8 KiB are one row: 127 gaps of tCCD_L and the last access's 4
    EXPECT_EQ(stream_cycles(AddressMapping::RowBankColumn, 8192), 127U * 6U + 4U);
}

TEST(DdrChannel, CountsWhatItDid)
{
    DdrChannel channel{config()};
    channel.serve(at(0, 0), access, false, 0);      // miss
    channel.serve(at(0, 0), 2 * access, true, 100); // hit, read to write
    channel.serve(at(1, 0), access, true, 200);     // conflict
    channel.serve(at(1, 0), access, false, 300);    // hit, write to read
    EXPECT_EQ(channel.counts().row_misses, 1U);
    EXPECT_EQ(channel.counts().row_hits, 2U);
    EXPECT_EQ(channel.counts().row_conflicts, 1U);
    EXPECT_EQ(channel.counts().turnarounds, 2U);
    EXPECT_EQ(channel.counts().data_cycles, 5U * 4U);
}

TEST(DdrChannel, AnUnalignedBurstTouchesOneAccessMore)
{
    DdrChannel channel{config()};
    channel.serve(32, 64, false, 0);
    EXPECT_EQ(channel.counts().data_cycles, 2U * 4U);
}

TEST(DdrChannel, ABurstOverARowBoundaryOpensBoth)
{
    DdrChannel channel{config()};
    channel.serve(row_bytes - 64, 128, false, 0);
    EXPECT_EQ(channel.counts().row_misses, 2U);
}

TEST(DdrChannel, RestartIsTheStartState)
{
    DdrChannel used{config()};
    test::Random random{6};
    for (int i = 0; i < 50; ++i)
        used.serve(random.between(0, 1 << 20) * 64, 256, random.chance(50), 0);
    used.restart();
    DdrChannel fresh{config()};
    for (int i = 0; i < 50; ++i) {
        const auto address = random.between(0, 1 << 20) * 64;
        const bool write = random.chance(50);
        EXPECT_EQ(used.serve(address, 256, write, 10).last_data,
                  fresh.serve(address, 256, write, 10).last_data);
    }
    EXPECT_EQ(used.counts().row_misses, fresh.counts().row_misses);
}

TEST(DdrChannel, NeverMovesTwoBurstsAtOnceNorBeatsTheColumnLatency)
{
    for (const auto mapping :
         {AddressMapping::RowBankColumn, AddressMapping::BankGroupInterleaved}) {
        auto memory = config(mapping);
        memory.t_refi = 2000;
        DdrChannel channel{memory};
        test::Random random{7};
        std::uint64_t arrival = 0;
        std::uint64_t bus_free = 0;
        for (int i = 0; i < 3000; ++i) {
            arrival += random.between(0, 60);
            const bool write = random.chance(40);
            const auto bytes = random.between(1, 4096);
            const auto address = random.between(0, 1 << 22);
            const auto accesses = (address + bytes - 1) / access - address / access + 1;
            const auto timing = channel.serve(address, bytes, write, arrival);
            ASSERT_GE(timing.first_data, arrival + (write ? memory.cwl : memory.cl));
            ASSERT_GE(timing.first_data, bus_free);
            ASSERT_GE(timing.last_data, timing.first_data + accesses * 4);
            bus_free = timing.last_data;
            ASSERT_EQ(channel.bus_free(), bus_free);
        }
    }
}

} // namespace
} // namespace heatsim::hw
