// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"
#include "report/search_report.hpp"
#include "unit/report/example_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace heatsim::report {

namespace {

using testing::HasSubstr;
using testing::Not;

} // namespace

TEST(SearchReport, TheTargetIsMetInTheSimulationOrNotAtAll)
{
    auto report = example_search();
    EXPECT_TRUE(report.met());
    EXPECT_NEAR(report.deviation_percent(), -0.0251, 0.0001); // 3.981 from 3.982
    EXPECT_THAT(search_text(report, {}), HasSubstr("Target met: 3.982 ms of 4 ms"));
    report.simulated_ms = 4.001;
    EXPECT_FALSE(report.met());
    EXPECT_THAT(search_text(report, {}), HasSubstr("Target NOT met: 4.001 ms instead of 4 ms"));
    EXPECT_EQ(search_json(report)["met"], false);
    report.simulated_ms = 3.9;
    report.search.met = false; // out of the budget
    EXPECT_FALSE(report.met());
}

TEST(SearchReport, TellsEveryStepAndWhetherItsAccuracyIsKnown)
{
    const auto report = example_search();
    const auto text = search_text(report, {});
    EXPECT_THAT(text, HasSubstr("insert  9: 0.95"));
    EXPECT_THAT(text, HasSubstr("outside  taken back"));
    EXPECT_THAT(text, HasSubstr("exhaustive       3.755    92.90"));
    EXPECT_THAT(text, HasSubstr("difference      +0.226    -0.10"));
    const auto json = search_json(report);
    EXPECT_TRUE(json["steps"][1]["top1_percent"].is_null());
    EXPECT_EQ(json["steps"][1]["inside_hull"], false);
    EXPECT_EQ(json["steps"][1]["kept"], false);
    EXPECT_EQ(json["selectors"][0]["before_block"], 7);
    auto without = report;
    without.exhaustive.reset();
    EXPECT_THAT(search_text(without, {}), Not(HasSubstr("exhaustive")));
    EXPECT_TRUE(search_json(without)["exhaustive"].is_null());
}

TEST(SearchReport, TheScheduleFileReadsBack)
{
    workload::Schedule form;
    form.choice = workload::Choice::TopK;
    form.scored_tokens = workload::ScoredTokens::Patches;
    const auto schedule = found_schedule(example_search(), form);
    workload::Schedule read;
    config::Document::parse(schedule_text(schedule), "found.yaml").read(read);
    EXPECT_EQ(read.name, "deit_t_at_4_ms");
    EXPECT_THAT(read.description, HasSubstr("3.982 ms simulated, target 4 ms met"));
    EXPECT_THAT(read.source, HasSubstr("top-1 92.80 %, 0.22 points below dense"));
    EXPECT_EQ(read.choice, workload::Choice::TopK);
    EXPECT_EQ(read.scored_tokens, workload::ScoredTokens::Patches);
    ASSERT_EQ(read.selectors.size(), 1U);
    EXPECT_EQ(read.selectors[0].before_block, 7U);
    EXPECT_EQ(read.selectors[0].keep_ratio, 0.55);
}

} // namespace heatsim::report
