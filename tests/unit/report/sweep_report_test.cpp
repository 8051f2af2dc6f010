// SPDX-License-Identifier: Apache-2.0
#include "report/point_metrics.hpp"
#include "report/sweep_report.hpp"
#include "unit/report/example_sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::report {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::uint64_t> points_of(const FrontReport& report)
{
    std::vector<std::uint64_t> points;
    points.reserve(report.rows.size());
    for (const auto& row : report.rows)
        points.push_back(row.row.point.point);
    return points;
}

} // namespace

TEST(FrontReport, HasTheBestOfTheFirstObjectiveFirst)
{
    const ExampleStore example;
    const auto report = front_report(example.store, example.sweep(0), {});
    EXPECT_EQ(report.points, 5U);
    EXPECT_THAT(points_of(report), ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(report.rows.at(3).objectives, ElementsAre(4.0, 93.0));
    // of the unit square the points (0, 1), (1/3, 2/3), (2/3, 1/3), (1, 0) leave three steps
    EXPECT_NEAR(report.hypervolume.value(), 1.0 / 3.0, 1e-12);
}

TEST(FrontReport, TakesOtherObjectives)
{
    const ExampleStore example;
    const auto report = front_report(example.store, example.sweep(0), {{"latency_ms.mean", false}});
    EXPECT_THAT(points_of(report), ElementsAre(0));
    EXPECT_FALSE(report.hypervolume.has_value());
}

TEST(FrontReport, ComparesInOneBox)
{
    const ExampleStore example;
    const auto other = example.sweep(0);
    const auto report = front_report(example.store, example.sweep(1), {}, &other);
    EXPECT_NEAR(report.hypervolume.value(), 0.0, 1e-12); // the ends span the box
    EXPECT_NEAR(report.compared.value().hypervolume.value(), 1.0 / 3.0, 1e-12);
    EXPECT_EQ(report.compared->points, 5U);
    EXPECT_THAT(front_text(report, {}), HasSubstr("beside 0.3333 of sweep 1 with 5 points"));
}

TEST(FrontReport, TextKeepsThePageAndNamesWhatItLeavesOut)
{
    const ExampleStore example;
    auto sweep = example.sweep(0);
    sweep.inputs = {std::string(80, 'x'), "board"};
    const auto text = front_text(front_report(example.store, sweep, {}), {});
    EXPECT_THAT(text, HasSubstr("columns left out here: xxx"));
    EXPECT_THAT(text, HasSubstr("board"));
    EXPECT_THAT(text, Not(HasSubstr("more")));
}

TEST(FrontReport, CsvHasOneRowPerMember)
{
    const ExampleStore example;
    const auto csv = front_csv(front_report(example.store, example.sweep(0), {}));
    EXPECT_EQ(csv, "point,latency_ms.mean,accuracy.top1_percent,keep_ratio,board\n"
                   "0,1.0,90.0,0,zcu102\n"
                   "1,2.0,91.0,1,zcu102\n"
                   "2,3.0,92.0,2,zcu102\n"
                   "3,4.0,93.0,3,zcu102\n");
}

TEST(Export, CsvQuotesAndLeavesUnknownNumbersEmpty)
{
    const ExampleStore example;
    std::string csv;
    export_csv(example.store, example.sweep(0), [&csv](const std::string& text) { csv += text; });
    EXPECT_THAT(csv, HasSubstr("point,status,reason,keep_ratio,board,accuracy.top1_percent,"
                               "latency_ms.mean,version,configuration\n"));
    EXPECT_THAT(csv, HasSubstr("\n1,ok,,1.0,zcu102,91.0,2.0,1.0,c\n"));
    EXPECT_THAT(csv, HasSubstr("\n5,failed,\"timeout, \"\"late\"\"\",0.5,zcu102,,,,\n"));
}

TEST(Export, JsonIsAListOfObjects)
{
    const ExampleStore example;
    std::string text;
    export_json(example.store, example.sweep(0),
                [&text](const std::string& part) { text += part; });
    const auto json = nlohmann::json::parse(text);
    ASSERT_EQ(json.size(), 6U);
    EXPECT_EQ(json[1]["latency_ms.mean"], 2.0);
    EXPECT_TRUE(json[5]["latency_ms.mean"].is_null());
    EXPECT_EQ(json[5]["reason"], "timeout, \"late\"");

    const auto empty = sweep::SweepRecord{77, "none", "none", {}, {}, 0, {}, {}};
    text.clear();
    export_json(example.store, empty, [&text](const std::string& part) { text += part; });
    EXPECT_EQ(text, "[]\n");
}

TEST(FrequentReasons, AreSortedByTheirNumber)
{
    const ExampleStore example;
    EXPECT_THAT(front_report(example.store, example.sweep(0), {}).reasons,
                ElementsAre(testing::Pair("failed: timeout, \"late\"", 1)));
}

TEST(PointMetrics, AreNumbersOfTheRunAlone)
{
    const auto names = point_metric_names();
    const auto has = [&names](const char* name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const auto* name : {"latency_ms.mean", "latency_ms.p99", "fps", "energy.power_w",
                             "ddr.read_bytes", "array.cycles_by_cause.wait_weights", "macs"})
        EXPECT_TRUE(has(name)) << name;
    for (const auto* name : {"images", "clock_mhz", "model", "stages[].tokens", "gemm.m",
                             "host.simulator.cpu_seconds", "baseline.speedup"})
        EXPECT_FALSE(has(name)) << name;
}

} // namespace heatsim::report
