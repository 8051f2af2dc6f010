// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_config.hpp"
#include "support/csv.hpp"
#include "system/catalog.hpp"
#include "system/ddr_run.hpp"
#include "workload/memory_traffic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace heatsim::system {
namespace {

hw::AddressMapping mapping_of(const std::string& name)
{
    return name == "row_bank_column" ? hw::AddressMapping::RowBankColumn
                                     : hw::AddressMapping::BankGroupInterleaved;
}

workload::TrafficPattern pattern_of(const std::string& name)
{
    return name == "random"    ? workload::TrafficPattern::Random
           : name == "strided" ? workload::TrafficPattern::Strided
                               : workload::TrafficPattern::Sequential;
}

/// The watermarks were chosen with the streams of validation/dram_reference.csv; these are others.
TEST(DdrMixtures, BandwidthIsThatOfDramsim3)
{
    std::size_t rows = 0;
    std::size_t close = 0;
    for (const auto& row : test::read_reference("dram_mixtures.csv")) {
        auto memory = load_memory("ddr4_2400_x64", {});
        memory.mapping = mapping_of(row.at("mapping"));
        workload::TrafficConfig config;
        config.pattern = pattern_of(row.at("pattern"));
        config.count = 120000;
        config.burst_bytes = test::number(row, "burst_bytes");
        config.stride_bytes = test::number(row, "stride_bytes");
        config.write_every = test::number(row, "write_every");
        config.read_block_bytes = test::number(row, "read_block_bytes");
        config.write_block_bytes = test::number(row, "write_block_bytes");
        const auto traffic = workload::generate_traffic(config);
        const auto result = run_ddr(memory, *traffic, test::number(row, "outstanding"));
        const auto reference = std::stod(row.at("bandwidth_gbs"));
        const auto error = bandwidth_gbs(memory, result) / reference - 1.0;
        EXPECT_NEAR(error, 0.0, 0.08) << testing::PrintToString(row);
        ++rows;
        close += error > -0.05 && error < 0.05 ? 1U : 0U;
    }
    EXPECT_EQ(rows, 44U);
    EXPECT_GE(close, 40U);
}

} // namespace
} // namespace heatsim::system
