// SPDX-License-Identifier: Apache-2.0
#include "support/rules.hpp"
#include "system/catalog.hpp"
#include "system/ddr_run.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using workload::TrafficConfig;
using workload::TrafficPattern;

/// Laws that compare two memories hold for bounds, not for every schedule. A greedy scheduler that
/// is given more may meet requests in another order, and other addresses share a bank: below one
/// percent over thousands of requests. Where many random requests wait, row commands and accesses
/// collide on the command bus (three of them every tRRD_S), and by how much depends on the order
/// that the queue has settled into and on when writes are drained: up to three percent, in either
/// direction.
constexpr double tolerance(std::uint64_t outstanding)
{
    return outstanding > 8 ? 1.03 : 1.01;
}

constexpr std::uint64_t total_bytes = 1U << 20U; ///< of each run: 16384 requests of 64 bytes
constexpr std::uint64_t footprint = 1U << 28U;   ///< fits into every shipped memory

struct Pattern {
    std::string name;
    TrafficConfig traffic;
};

TrafficConfig traffic_of(TrafficPattern pattern, std::uint64_t burst_bytes)
{
    TrafficConfig traffic;
    traffic.pattern = pattern;
    traffic.request_bytes = 64;
    traffic.burst_bytes = burst_bytes;
    traffic.footprint_bytes = footprint;
    traffic.count = total_bytes / traffic.request_bytes;
    return traffic;
}

Pattern sequential()
{
    return {"sequential", traffic_of(TrafficPattern::Sequential, 0)};
}

Pattern random_bursts(std::uint64_t bytes)
{
    return {"random " + std::to_string(bytes) + " B", traffic_of(TrafficPattern::Random, bytes)};
}

std::vector<Pattern> patterns()
{
    std::vector<Pattern> found{sequential(), random_bursts(64), random_bursts(256),
                               random_bursts(1024), random_bursts(4096)};
    found.push_back({"strided", traffic_of(TrafficPattern::Strided, 256)});
    found.push_back({"streams", traffic_of(TrafficPattern::Sequential, 0)});
    found.back().traffic.read_block_bytes = 8192;
    found.back().traffic.write_block_bytes = 4096;
    found.push_back({"sequential writes", traffic_of(TrafficPattern::Sequential, 0)});
    found.back().traffic.write_every = 1;
    found.push_back({"random, a third written", traffic_of(TrafficPattern::Random, 64)});
    found.back().traffic.write_every = 3;
    found.push_back({"requests of 1000 B", traffic_of(TrafficPattern::Random, 0)});
    found.back().traffic.request_bytes = 1000;
    found.back().traffic.count = total_bytes / 1000;
    return found;
}

DdrRunResult run(const hw::DdrConfig& memory, const Pattern& pattern, std::uint64_t outstanding)
{
    const auto traffic = workload::generate_traffic(pattern.traffic);
    return run_ddr(memory, *traffic, outstanding);
}

double seconds(const hw::DdrConfig& memory, const Pattern& pattern, std::uint64_t outstanding)
{
    const auto cycles = run(memory, pattern, outstanding).cycles;
    return static_cast<double>(cycles) / (memory.clock_mhz * 1e6);
}

/// The better memory takes no longer, with one and with many requests outstanding.
void expect_never_slower(const hw::DdrConfig& better,
                         const hw::DdrConfig& worse,
                         const std::vector<Pattern>& over)
{
    EXPECT_EQ(test::broken_rules(better), std::vector<std::string>{});
    EXPECT_EQ(test::broken_rules(worse), std::vector<std::string>{});
    for (const auto& pattern : over)
        for (const std::uint64_t outstanding : {1U, 8U, 32U})
            EXPECT_LE(seconds(better, pattern, outstanding),
                      seconds(worse, pattern, outstanding) * tolerance(outstanding))
                << pattern.name << ", " << outstanding << " outstanding";
}

class MemoryPhysics : public testing::TestWithParam<std::string> {
  protected:
    static hw::DdrConfig memory() { return load_memory(GetParam(), {}); }
    /// One channel of it: a few sequential requests are all in one channel, random ones are not.
    static hw::DdrConfig one_channel()
    {
        auto one = memory();
        one.capacity_bytes /= one.channels;
        one.channels = 1;
        return one;
    }
};

TEST_P(MemoryPhysics, IsNeverAboveThePinBandwidth)
{
    const auto config = memory();
    const auto bytes_per_cycle = config.channels * config.data_width_bits / 8 * 2;
    for (const auto& pattern : patterns()) {
        for (const std::uint64_t outstanding : {1U, 2U, 8U, 32U, 256U}) {
            const auto result = run(config, pattern, outstanding);
            const auto bytes = result.read_bytes + result.write_bytes;
            EXPECT_EQ(result.requests, pattern.traffic.count);
            EXPECT_EQ(bytes, pattern.traffic.count * pattern.traffic.request_bytes);
            EXPECT_LE(bytes, result.cycles * bytes_per_cycle)
                << pattern.name << ", " << outstanding << " outstanding";
            EXPECT_LE(result.counts.data_cycles, result.cycles * config.channels);
            EXPECT_GE(result.counts.accesses * config.access_bytes(), bytes);
        }
    }
}

TEST_P(MemoryPhysics, NoReadIsFasterThanOneColumnAccess)
{
    const auto config = memory();
    const auto fastest = static_cast<double>(config.request_cycles + config.cl +
                                             config.access_cycles() + config.response_cycles);
    for (const auto& pattern : patterns()) {
        const auto result = run(config, pattern, 8);
        EXPECT_TRUE(result.reads == 0 || result.read_latency_cycles.min >= fastest)
            << pattern.name << ": " << result.read_latency_cycles.min;
    }
}

TEST_P(MemoryPhysics, RandomIsNoFasterThanSequential)
{
    const auto config = one_channel();
    for (const std::uint64_t outstanding : {1U, 8U, 32U})
        for (const std::uint64_t bytes : {64U, 256U, 1024U, 4096U})
            EXPECT_LE(seconds(config, sequential(), outstanding),
                      seconds(config, random_bursts(bytes), outstanding) * tolerance(outstanding))
                << bytes << " B, " << outstanding << " outstanding";
}

/// Up to half the queue: bursts that fill it leave the scheduler no other bank to work on.
TEST_P(MemoryPhysics, LongerRandomBurstsAreNoSlower)
{
    const auto config = one_channel();
    const auto longest = config.read_queue_entries * config.access_bytes() / 2;
    for (const std::uint64_t outstanding : {1U, 8U, 32U})
        for (std::uint64_t bytes = 128; bytes <= longest; bytes *= 2)
            EXPECT_LE(seconds(config, random_bursts(bytes), outstanding),
                      seconds(config, random_bursts(bytes / 2), outstanding) *
                          tolerance(outstanding))
                << bytes << " B, " << outstanding << " outstanding";
}

TEST_P(MemoryPhysics, MoreOutstandingIsNoSlower)
{
    const auto config = memory();
    for (const auto& pattern : patterns())
        for (const std::uint64_t outstanding : {1U, 2U, 4U, 8U, 16U, 32U})
            EXPECT_LE(seconds(config, pattern, 2 * outstanding),
                      seconds(config, pattern, outstanding) * tolerance(2 * outstanding))
                << pattern.name << ", " << 2 * outstanding << " outstanding";
}

/// Bursts in one bank: spread over the bank groups, the two accesses of a narrow memory open two
/// rows at once that a wide one opens one after the other.
TEST_P(MemoryPhysics, AWiderBusIsNoSlower)
{
    auto config = memory();
    config.mapping = hw::AddressMapping::RowBankColumn;
    auto narrow = config; // the same devices, half as many
    narrow.data_width_bits /= 2;
    narrow.row_bytes /= 2;
    narrow.capacity_bytes /= 2;
    expect_never_slower(config, narrow, patterns());
}

TEST_P(MemoryPhysics, MoreBanksAreNoSlowerOnRandomTraffic)
{
    const auto config = memory();
    auto fewer = config;
    fewer.banks_per_group /= 2;
    expect_never_slower(config, fewer, {random_bursts(64), random_bursts(256)});
    if (config.bank_groups == 1)
        return;
    fewer = config;
    fewer.bank_groups /= 2;
    // longer bursts have to open a row in each of the groups they are spread over
    expect_never_slower(config, fewer, {random_bursts(64)});
}

TEST_P(MemoryPhysics, RefreshIsNotFree)
{
    const auto config = one_channel();
    auto never = config;
    never.t_refi = 10000000;
    expect_never_slower(never, config, patterns());
    const auto with = run(config, random_bursts(64), 8);
    const auto without = run(never, random_bursts(64), 8);
    EXPECT_GT(with.cycles, without.cycles);
    EXPECT_EQ(without.counts.refreshes, 0U);
    // each is due one interval behind the one before
    EXPECT_NEAR(static_cast<double>(with.counts.refreshes),
                static_cast<double>(with.cycles) / static_cast<double>(config.t_refi), 1.0);
}

TEST_P(MemoryPhysics, AnOpenPageIsNoSlowerOnSequentialTraffic)
{
    auto open = memory();
    open.page_policy = hw::PagePolicy::Open;
    auto closed = open;
    closed.page_policy = hw::PagePolicy::Closed;
    expect_never_slower(open, closed, {sequential()});
}

TEST_P(MemoryPhysics, TwoChannelsAreNoSlower)
{
    const auto one = one_channel();
    auto two = one;
    two.channels = 2;
    expect_never_slower(two, one, patterns());
}

TEST_P(MemoryPhysics, AFasterClockIsNoSlower)
{
    const auto config = memory();
    auto slow = config; // the same cycles, each a quarter longer
    slow.clock_mhz *= 0.8;
    expect_never_slower(config, slow, patterns());
}

INSTANTIATE_TEST_SUITE_P(Shipped,
                         MemoryPhysics,
                         testing::ValuesIn(catalog_names(ConfigKind::Memory)),
                         [](const auto& memory) { return memory.param; });

struct SpeedBins {
    const char* faster;
    const char* slower;
};

class SpeedBinPhysics : public testing::TestWithParam<SpeedBins> {};

/// The parameters' nanoseconds are rounded up to whole cycles, other ones in each bin (tFAW: 21.56
/// ns at 1066 MHz, 21.67 ns at 1200 MHz): half a percent of the tolerance is for that.
TEST_P(SpeedBinPhysics, AFasterBinIsNoSlower)
{
    expect_never_slower(load_memory(GetParam().faster, {}), load_memory(GetParam().slower, {}),
                        patterns());
}

INSTANTIATE_TEST_SUITE_P(Ddr4,
                         SpeedBinPhysics,
                         testing::Values(SpeedBins{"ddr4_2400_x64", "ddr4_2133_x64"},
                                         SpeedBins{"ddr4_2666_x64", "ddr4_2400_x64"},
                                         SpeedBins{"ddr4_2666_x64", "ddr4_2133_x64"}),
                         [](const auto& bins) {
                             return std::string{bins.param.faster} + "_and_" + bins.param.slower;
                         });

} // namespace
} // namespace heatsim::system
