// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "system/ddr_validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string header =
    "mapping,simulator,pattern,outstanding,bandwidth_gbs,efficiency_percent,mean_read_latency_ns\n";

/// What is wrong with a table, one line per violation.
std::string message_of(const std::string& text)
{
    try {
        (void)parse_ddr_references("t.csv", text);
    } catch (const config::Error& error) {
        return error.what();
    }
    return "";
}

DdrComparison comparison(double predicted, const std::vector<double>& references)
{
    DdrComparison made;
    made.predicted = predicted;
    made.limit_percent = 5.0;
    for (const double value : references)
        made.references.push_back({"simulator " + std::to_string(made.references.size()), value});
    return made;
}

TEST(DdrReferences, AreReadWithTheirComments)
{
    const auto table = parse_ddr_references("t.csv", "# One,\n# two.\n\n" + header +
                                                         "mop4clxor,B 2,seq_rd,8,1.5,7.8,20.25\r\n"
                                                         "mop4clxor,A 1,seq_wr,32,2,10.4,0.0");
    EXPECT_EQ(table.name, "t.csv");
    EXPECT_EQ(table.description, "One, two.");
    EXPECT_THAT(table.simulators(), ElementsAre("A 1", "B 2"));
    ASSERT_EQ(table.references.size(), 2U);
    const auto& reference = table.references.front();
    EXPECT_EQ(reference.mapping, "mop4clxor");
    EXPECT_EQ(reference.simulator, "B 2");
    EXPECT_EQ(reference.pattern, "seq_rd");
    EXPECT_EQ(reference.outstanding, 8U);
    EXPECT_EQ(reference.bandwidth_gbs, 1.5);
    EXPECT_EQ(reference.mean_read_latency_ns, 20.25);
}

TEST(DdrReferences, ColumnsGoByTheirNames)
{
    const auto table = parse_ddr_references(
        "t.csv", "simulator,note,mean_read_latency_ns,bandwidth_gbs,outstanding,pattern,mapping\n"
                 "A,any,20,1.5,8,seq_rd,mop4clxor\n");
    EXPECT_EQ(table.references.front().mapping, "mop4clxor");
    EXPECT_EQ(table.references.front().mean_read_latency_ns, 20.0);
}

TEST(DdrReferences, WhatDoesNotParseIsRefusedWithItsPlace)
{
    const auto row = [](const std::string& text) { return message_of(header + text + '\n'); };
    EXPECT_THAT(message_of(""), HasSubstr("t.csv: empty table"));
    EXPECT_THAT(message_of("# only a comment\n"), HasSubstr("empty table"));
    EXPECT_THAT(message_of(header), HasSubstr("empty table"));
    EXPECT_THAT(message_of("mapping,simulator,pattern,outstanding,bandwidth_gbs\n"),
                HasSubstr("t.csv:1:1: mean_read_latency_ns: column missing"));
    EXPECT_THAT(row("mop4clxor,A,seq_rd,8,1,5"), HasSubstr("t.csv:2:1: 6 fields; expected 7"));
    EXPECT_THAT(row("column_lowes,A,seq_rd,8,1,5,20"),
                HasSubstr("t.csv:2:1: mapping: 'column_lowes'; expected one of row_bank_column"));
    EXPECT_THAT(row("column_lowes,A,seq_rd,8,1,5,20"), HasSubstr("did you mean 'column_lowest'?"));
    EXPECT_THAT(row("mop4clxor,A,seq_dr,8,1,5,20"),
                HasSubstr("t.csv:2:13: pattern: 'seq_dr'; expected one of seq_rd, "));
    EXPECT_THAT(row("mop4clxor,,seq_rd,8,1,5,20"), HasSubstr("t.csv:2:11: simulator: no name"));
    for (const char* outstanding : {"0", "-1", "8.5", "x", ""})
        EXPECT_THAT(row(std::string{"mop4clxor,A,seq_rd,"} + outstanding + ",1,5,20"),
                    HasSubstr("t.csv:2:20: outstanding: '"));
    for (const char* figure : {"-1", "nan", "inf", "1 GB/s", ""}) {
        EXPECT_THAT(row(std::string{"mop4clxor,A,seq_rd,8,"} + figure + ",5,20"),
                    HasSubstr("t.csv:2:22: bandwidth_gbs: '"));
        EXPECT_THAT(row(std::string{"mop4clxor,A,seq_rd,8,1,5,"} + figure),
                    HasSubstr("t.csv:2:26: mean_read_latency_ns: '"));
    }
    EXPECT_THAT(row("mop4clxor,A,seq_rd,8,1,5,20\nmop4clxor,A,seq_rd,8,2,5,20"),
                HasSubstr("t.csv:3:1: stream given twice by A"));
}

TEST(DdrReferences, TheShippedTableIsComplete)
{
    const auto table = shipped_ddr_references();
    EXPECT_EQ(table.name, "validation/dram_reference.csv");
    EXPECT_THAT(table.description, HasSubstr("DDR4-2400"));
    EXPECT_EQ(table.references.size(), 126U);
    EXPECT_THAT(table.simulators(),
                ElementsAre("DRAMSys 5.1", "DRAMsim3 2981759", "Ramulator 2.1 c5b1c3a"));
    const auto groups = ddr_groups(table.references);
    EXPECT_EQ(groups.size(), 63U); // 3 mappings, 7 patterns, 3 numbers of requests outstanding
    std::set<std::string> names;
    for (const auto& group : groups) {
        names.insert(group.name());
        EXPECT_EQ(group.mean_read_latency_ns.references.empty(), group.pattern == "seq_wr")
            << group.name();
    }
    EXPECT_EQ(names.size(), 63U);
}

TEST(DdrComparison, DeviationIsTheDistanceFromTheRange)
{
    EXPECT_EQ(comparison(12.0, {10.0, 20.0, 15.0}).deviation_percent(), 0.0);
    EXPECT_EQ(comparison(10.0, {10.0, 20.0}).deviation_percent(), 0.0);
    EXPECT_EQ(comparison(20.0, {10.0, 20.0}).deviation_percent(), 0.0);
    EXPECT_DOUBLE_EQ(comparison(25.0, {10.0, 20.0}).deviation_percent(), 25.0);
    EXPECT_DOUBLE_EQ(comparison(7.5, {20.0, 10.0}).deviation_percent(), -25.0);
    EXPECT_DOUBLE_EQ(comparison(12.5, {10.0}).deviation_percent(), 25.0);
    EXPECT_EQ(comparison(12.5, {}).deviation_percent(), 0.0);
}

TEST(DdrComparison, TheLimitItselfIsWithin)
{
    EXPECT_TRUE(comparison(10.4, {10.0}).within());
    EXPECT_FALSE(comparison(10.6, {10.0}).within());
    EXPECT_FALSE(comparison(9.4, {10.0}).within());
    auto exact = comparison(12.5, {10.0});
    exact.limit_percent = 25.0;
    EXPECT_TRUE(exact.within());
}

TEST(DdrGroups, HoldTheReferencesOfAStream)
{
    const auto groups = ddr_groups({{"mop4clxor", "A", "seq_rd", 8, 10.0, 20.0},
                                    {"mop4clxor", "A", "seq_wr", 8, 11.0, 0.0},
                                    {"mop4clxor", "B", "seq_rd", 8, 0.0, 22.0}}); // 0: none
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].name(), "mop4clxor/seq_rd/8");
    EXPECT_EQ(groups[0].bandwidth_gbs.references.size(), 1U);
    ASSERT_EQ(groups[0].mean_read_latency_ns.references.size(), 2U);
    EXPECT_EQ(groups[0].mean_read_latency_ns.references[1].simulator, "B");
    EXPECT_EQ(groups[0].bandwidth_gbs.limit_percent, 5.0);
    EXPECT_EQ(groups[0].mean_read_latency_ns.limit_percent, 10.0);
    EXPECT_TRUE(groups[1].mean_read_latency_ns.references.empty());
}

TEST(DdrGroups, AreSummarized)
{
    auto groups = ddr_groups({{"mop4clxor", "A", "seq_rd", 8, 10.0, 20.0},
                              {"mop4clxor", "B", "seq_rd", 8, 12.5, 25.0},
                              {"mop4clxor", "A", "seq_wr", 8, 10.0, 0.0}});
    groups[0].bandwidth_gbs.predicted = 15.0;        // errors 50 and 20 %
    groups[0].mean_read_latency_ns.predicted = 22.0; // errors 10 and -12 %
    groups[1].bandwidth_gbs.predicted = 9.6;         // error -4 %
    const auto summary = summarize(groups);
    EXPECT_EQ(summary.groups, 2U);
    EXPECT_EQ(summary.groups_within, 1U);
    EXPECT_EQ(summary.figures, 5U);
    EXPECT_DOUBLE_EQ(summary.worst_bandwidth_deviation_percent, 20.0);
    EXPECT_EQ(summary.worst_latency_deviation_percent, 0.0);
    EXPECT_NEAR(summary.median_absolute_bandwidth_error_percent, 20.0, 1e-9);
    EXPECT_NEAR(summary.median_absolute_latency_error_percent, 10.0, 1e-9); // nearest rank
    EXPECT_NEAR(summary.median_absolute_error_percent, 12.0, 1e-9);
}

} // namespace
} // namespace heatsim::system
