// SPDX-License-Identifier: Apache-2.0
#include "report/error_bands.hpp"
#include "report/validation_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace heatsim::report {

namespace {

system::ValidationTable example()
{
    system::ValidationTable table;
    table.target = "rtl";
    table.title = "Cycles of the engine";
    table.reference = "its RTL";
    table.rows.push_back({"a", "latency", "cycles", 102.0, 100.0, "", false, "", ""});
    table.rows.push_back({"b", "latency", "cycles", 990.0, 1000.0, "", false, "", ""});
    table.rows.push_back({"c", "latency", "cycles", 300.0, 100.0, "", true, "", ""});
    table.rows.push_back({"d", "latency", "cycles", 7.0, std::nullopt, "", false, "no source", ""});
    table.checks.push_back({"mean error", "%", 1.5, 1.0, false});
    return table;
}

TEST(ValidationReport, ErrorsLeaveOutCalibratedRowsAndThoseWithoutReference)
{
    const auto table = example();
    EXPECT_DOUBLE_EQ(system::mean_absolute_error_percent(table.rows), 1.5);
    EXPECT_DOUBLE_EQ(system::worst_absolute_error_percent(table.rows), 2.0);
    EXPECT_FALSE(table.rows[3].error_percent().has_value());
}

TEST(ValidationReport, ErrorBandsTakeRowsTogetherByTrust)
{
    auto table = example();
    table.rows[1].accelerator = "rtl_engine_8x8";
    const auto bands = error_bands({table});
    ASSERT_EQ(bands.size(), 3U); // the row without a reference has no error
    EXPECT_EQ(bands[0].trust, "measured");
    EXPECT_EQ(bands[1].accelerator, "rtl_engine_8x8");
    EXPECT_DOUBLE_EQ(bands[1].low_percent, -1.0);
    EXPECT_EQ(bands[2].trust, "calibrated");
    table.rows[1].accelerator.clear();
    const auto together = error_bands({table});
    ASSERT_EQ(together.size(), 2U);
    EXPECT_EQ(together[0].comparisons, 2U);
    EXPECT_DOUBLE_EQ(together[0].low_percent, -1.0);
    EXPECT_DOUBLE_EQ(together[0].high_percent, 2.0);
}

TEST(ValidationReport, ReferenceOfZeroIsMetOrHasNoError)
{
    system::ValidationRow row{"a", "BRAM", "", 0.0, 0.0, "", false, "", ""};
    EXPECT_DOUBLE_EQ(row.error_percent().value(), 0.0);
    row.predicted = 1.0;
    EXPECT_FALSE(row.error_percent().has_value());
}

TEST(ValidationReport, CheckHoldsOnItsSideOfTheLimit)
{
    EXPECT_FALSE(example().holds());
    auto table = example();
    table.checks = {{"mean error", "%", 1.0, 1.0, false}, {"speed", "", 100.0, 100.0, true}};
    EXPECT_TRUE(table.holds());
    table.checks[1].value = 99.0;
    EXPECT_FALSE(table.holds());
}

TEST(ValidationReport, JsonHasEveryRow)
{
    const auto json = validation_json(example());
    ASSERT_EQ(json["rows"].size(), 4U);
    EXPECT_DOUBLE_EQ(json["rows"][0]["error_percent"].get<double>(), 2.0);
    EXPECT_TRUE(json["rows"][3]["reference"].is_null());
    EXPECT_FALSE(json["holds"].get<bool>());
}

TEST(ValidationReport, TextShowsErrorsAndFailedChecks)
{
    const auto text = validation_text(example(), Style{});
    EXPECT_NE(text.find("+2.00 %"), std::string::npos) << text;
    EXPECT_NE(text.find("FAILS  mean error: 1.500 % (at most 1.000)"), std::string::npos) << text;
    EXPECT_NE(text.find("calibrated"), std::string::npos) << text;
}

TEST(ValidationReport, MarkdownLeavesOutEmptyColumns)
{
    auto table = example();
    table.rows.resize(2);
    const auto text = validation_markdown(table);
    EXPECT_EQ(text.find("trust"), std::string::npos) << text;
    EXPECT_NE(text.find("| a | latency, cycles |"), std::string::npos) << text;
}

} // namespace

} // namespace heatsim::report
