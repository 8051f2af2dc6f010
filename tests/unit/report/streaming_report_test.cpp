// SPDX-License-Identifier: Apache-2.0
#include "report/streaming_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace heatsim::report {

namespace {

using testing::HasSubstr;

StreamReport report_at(double fps, std::optional<std::size_t> queue_capacity = {})
{
    system::ServiceTimes service;
    service.alone_ms = {3.0, 5.0};
    const auto pattern = system::fixed_arrivals(1000);
    StreamReport report;
    report.arrivals = "fixed";
    report.fps = fps;
    report.deadline_ms = 6.0;
    report.queue_capacity = queue_capacity;
    report.frames = system::serve(system::arrival_times_ms(pattern, fps), service, queue_capacity);
    report.summary = system::summarize(report.frames, report.deadline_ms, 10);
    report.saturation_fps = system::saturation_fps(service);
    report.sustained_fps = system::sustained_fps(pattern, service, report.deadline_ms);
    return report;
}

} // namespace

TEST(StreamReport, KeepsUpBelowSaturation)
{
    const auto report = report_at(200.0);
    EXPECT_FALSE(report.saturated());
    EXPECT_EQ(streaming_json(report)["missed"], 0);
    EXPECT_EQ(streaming_json(report)["saturated"], false);
    EXPECT_THAT(stream_sentence(report), HasSubstr("keeps up: 200.0 images/s arrive, 80.0 % of"));
}

TEST(StreamReport, SaysThatTheQueueGrows)
{
    const auto report = report_at(300.0);
    EXPECT_TRUE(report.saturated());
    EXPECT_TRUE(report_at(250.0).saturated()); // 1000 / 4 ms
    EXPECT_EQ(streaming_json(report)["saturated"], true);
    EXPECT_GT(streaming_json(report)["queue"]["at_last_arrival"], 100);
    EXPECT_THAT(stream_sentence(report),
                HasSubstr("the queue grows by 50.0 images a second, 167 wait"));
    EXPECT_THAT(stream_sentence(report_at(300.0, 1)), HasSubstr("images are dropped"));
}

TEST(StreamReport, NamesTheImagesThatMiss)
{
    const auto json = streaming_json(report_at(300.0));
    ASSERT_EQ(json["missed_images"].size(), 2U);
    EXPECT_EQ(json["missed_images"][0]["times"].get<int>() +
                  json["missed_images"][1]["times"].get<int>(),
              json["missed"]);
}

TEST(StreamReport, TextIsAtMostEightyColumnsWide)
{
    for (auto report : {report_at(60.0), report_at(300.0), report_at(300.0, 2)}) {
        report.overlap = true;
        std::istringstream lines{streaming_text(report, {})};
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(display_width(line), 80U) << line;
    }
}

TEST(StreamingCsv, HasEveryArrivalWithItsOutcome)
{
    const auto report = report_at(300.0, 1);
    std::istringstream lines{streaming_csv(report)};
    std::size_t rows = 0;
    std::size_t dropped = 0;
    std::size_t late = 0;
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "image,arrival_ms,start_ms,finish_ms,waiting_ms,service_ms,response_ms,"
                    "queue_depth,outcome");
    while (std::getline(lines, line)) {
        ++rows;
        dropped += line.find(",dropped") != std::string::npos ? 1U : 0U;
        late += line.find(",late") != std::string::npos ? 1U : 0U;
    }
    EXPECT_EQ(rows, 1000U);
    EXPECT_EQ(dropped, report.summary.dropped);
    EXPECT_EQ(late, report.summary.late);
    EXPECT_GT(dropped, 0U);
}

} // namespace heatsim::report
