// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_validation_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace heatsim::report {

namespace {

using testing::HasSubstr;
using testing::Not;

/// Two streams, of which the second has no latency and is beyond the limit.
system::DdrValidation example()
{
    system::DdrReferenceTable table;
    table.name = "t.csv";
    table.description = "an example";
    table.references = {{"mop4clxor", "DRAMsim3 2981759", "seq_rd", 8, 10.0, 20.0},
                        {"mop4clxor", "Ramulator 2.1 c5b1c3a", "seq_rd", 8, 12.5, 25.0},
                        {"mop4clxor", "DRAMsim3 2981759", "seq_wr", 32, 10.0, 0.0}};
    system::DdrValidation validation{"ddr4_2400_x64", table, system::ddr_groups(table.references)};
    validation.groups[0].bandwidth_gbs.predicted = 12.75;
    validation.groups[0].mean_read_latency_ns.predicted = 22.0;
    validation.groups[1].bandwidth_gbs.predicted = 9.0;
    return validation;
}

} // namespace

TEST(DdrValidationReport, JsonHasARowPerReferenceAndQuantity)
{
    const auto json = ddr_validation_json(example());
    EXPECT_EQ(json["memory"], "ddr4_2400_x64");
    EXPECT_EQ(json["reference"]["file"], "t.csv");
    EXPECT_EQ(json["reference"]["simulators"].size(), 2U);
    EXPECT_EQ(json["limits"]["bandwidth_percent"], 5.0);
    EXPECT_EQ(json["limits"]["latency_percent"], 10.0);
    const auto& rows = json["rows"];
    ASSERT_EQ(rows.size(), 5U);
    EXPECT_EQ(rows[0]["name"], "mop4clxor/seq_rd/8/bandwidth/DRAMsim3 2981759");
    EXPECT_EQ(rows[0]["unit"], "GB/s");
    EXPECT_DOUBLE_EQ(rows[0]["error_percent"].get<double>(), 27.5);
    EXPECT_DOUBLE_EQ(rows[0]["deviation_percent"].get<double>(), 2.0);
    EXPECT_EQ(rows[0]["within"], true);
    EXPECT_EQ(rows[3]["quantity"], "mean_read_latency");
    EXPECT_EQ(rows[3]["unit"], "ns");
    EXPECT_EQ(rows[3]["reference"], 25.0);
    EXPECT_EQ(rows[3]["reference_low"], 20.0);
    EXPECT_EQ(rows[3]["reference_high"], 25.0);
    EXPECT_EQ(rows[3]["deviation_percent"], 0.0);
    EXPECT_EQ(rows[4]["pattern"], "seq_wr");
    EXPECT_EQ(rows[4]["within"], false);
    EXPECT_EQ(json["summary"]["groups"], 2);
    EXPECT_EQ(json["summary"]["groups_within"], 1);
    EXPECT_EQ(json["summary"]["groups_outside"].dump(), R"(["mop4clxor/seq_wr/32"])");
}

TEST(DdrValidationReport, TextShowsEverySimulatorAndMarksWhatIsBeyondTheLimits)
{
    const auto text = ddr_validation_text(example(), {});
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), page_width) << line;
        EXPECT_THAT(line, Not(testing::EndsWith(" ")));
    }
    EXPECT_THAT(text, HasSubstr("mapping mop4clxor\n"));
    EXPECT_THAT(text, HasSubstr("  seq_rd                         8    12.75     10.00      12.50"
                                "     +2.0 %\n"));
    EXPECT_THAT(text, HasSubstr("  seq_wr                        32     9.00     10.00          -"
                                "    -10.0 %  beyond 5 %\n"));
    EXPECT_THAT(text, HasSubstr("in range"));
    EXPECT_THAT(text, HasSubstr("1 of 2 streams are within 5 % of bandwidth and 10 % of latency"));
    EXPECT_THAT(text, HasSubstr("DRAMsim3 2981759, Ramulator 2.1 c5b1c3a"));
}

TEST(DdrValidationReport, AsciiStyleIsAscii)
{
    for (const char letter : ddr_validation_text(example(), Style{false, false}))
        EXPECT_LT(static_cast<unsigned char>(letter), 128U);
}

} // namespace heatsim::report
