// SPDX-License-Identifier: Apache-2.0
#include "report/staircase_report.hpp"
#include "unit/report/example_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace heatsim::report {

namespace {

using testing::HasSubstr;

/// DeiT-T with steps of 10,000 cycles at every 50 tokens, and two images.
StaircaseReport example()
{
    auto setup = example_run().first;
    setup.trace.emplace();
    setup.trace->path = "two_images.csv";
    setup.images = {{197, 139, 78, 43}, {197, 150, 70, 50}};
    system::Staircase staircase;
    staircase.operators = {"attn.qkv", "attn.softmax"};
    for (std::uint64_t tokens = 2; tokens <= 197; ++tokens) {
        const auto level = 100000 + 10000 * ((tokens - 1) / 50);
        staircase.costs.push_back({tokens, level, {level - 5, 5}});
    }
    return staircase_report(setup, std::move(staircase));
}

} // namespace

TEST(StaircaseReport, CountsTheImagesThatCouldKeepTokensForNothing)
{
    const auto report = example();
    ASSERT_EQ(report.plateaus.size(), 4U);
    EXPECT_EQ(report.plateaus[0].low, 2U);
    EXPECT_EQ(report.plateaus[0].high, 50U);
    ASSERT_EQ(report.steps.size(), 3U);
    EXPECT_EQ(report.steps[0].tokens, 51U);
    ASSERT_EQ(report.stages.size(), 4U);
    EXPECT_EQ(report.stages[0].below_high, 0U); // 197 are all
    EXPECT_EQ(report.stages[1].below_high, 1U); // 139, not 150
    EXPECT_EQ(report.stages[1].free_tokens, 11U);
    EXPECT_EQ(report.stages[2].free_tokens, 22U + 30U); // to 100
    EXPECT_EQ(report.stages[3].free_tokens, 7U);
    EXPECT_EQ(staircase_json(report)["stages"][1]["below_high_percent"], 50.0);
}

TEST(StaircaseReport, TextIsAtMostEightyColumnsWide)
{
    const auto report = example();
    const auto text = staircase_text(report, {});
    EXPECT_THAT(text, HasSubstr("50 to 51"));
    EXPECT_THAT(text, HasSubstr("2 to 50, 51 to 100, 101 to 150, 151 to 197"));
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), 80U) << line;
    const auto ascii = staircase_text(report, Style{false, false});
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 128U; }));
}

TEST(StaircaseCsv, HasEveryCount)
{
    const auto csv = staircase_csv(example());
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 197);
    EXPECT_THAT(csv, HasSubstr("\n2,100000,0.6666666666666666,,2,50\n"));
    EXPECT_THAT(csv, HasSubstr("\n51,110000,0.7333333333333333,10000,51,100\n"));
}

} // namespace heatsim::report
