// SPDX-License-Identifier: Apache-2.0
#include "report/timeline_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace heatsim::report {
namespace {

using nlohmann::ordered_json;
using system::Slice;
using system::Timeline;
using system::TrackKind;

constexpr std::uint64_t cycle_fs = 6000; // of the fabric clock

Timeline small_timeline()
{
    Timeline timeline;
    timeline.fabric_period_fs = cycle_fs;
    timeline.image.cycles = 100;
    timeline.names = {"fc1", "fc1 weight", "read"};
    timeline.tracks.push_back({"operators", TrackKind::Operators, cycle_fs, {}, {}, {}, {}});
    timeline.tracks.back().slices = {{0, 60 * cycle_fs, 0, 0, 0},
                                     {60 * cycle_fs, 100 * cycle_fs, 0, 0, 0}};
    timeline.tracks.push_back({"ddr data", TrackKind::MemoryBus, 1000, {}, {}, {}, {}});
    timeline.tracks.back().slices = {{1000, 5000, 2, Slice::no_operator, 64},
                                     {5000, 9000, 2, Slice::no_operator, 64},
                                     {10000, 14000, 2, Slice::no_operator, 64}};
    timeline.counters.push_back({"memory read",
                                 system::CounterKind::Bandwidth,
                                 "GB/s",
                                 system::TimelineCounter::Limit{"pins", 17.064},
                                 {{0, 1.5}, {50 * cycle_fs, 0.0}}});
    timeline.counters.push_back(
        {"tokens", system::CounterKind::Tokens, "tokens", std::nullopt, {{0, 197.0}}});
    return timeline;
}

TEST(TimelineJson, CountsInCyclesOfTheFabric)
{
    const auto json = timeline_json(small_timeline(), "image 3, median latency", "3");
    EXPECT_EQ(json["title"], "image 3, median latency");
    EXPECT_EQ(json["image"], "3");
    EXPECT_EQ(json["cycles"], 100);
    EXPECT_DOUBLE_EQ(json["clock_mhz"].get<double>(), 1e9 / 6000);
    EXPECT_DOUBLE_EQ(json["latency_ms"].get<double>(), 100 * 6000 / 1e12);
    EXPECT_EQ(json["names"], ordered_json({"fc1", "fc1 weight", "read"}));
    const auto& operators = json["tracks"][0];
    EXPECT_EQ(operators["kind"], "operator");
    EXPECT_EQ(operators["start"], ordered_json({0, 60}));
    EXPECT_EQ(operators["duration"], ordered_json({60, 40}));
    EXPECT_EQ(operators["label"], ordered_json({0, 0}));
    EXPECT_TRUE(operators["bytes"].is_null());
    EXPECT_EQ(operators["busy_cycles"], 100);
}

TEST(TimelineJson, PutsBeatsWithoutAGapTogether)
{
    const auto json = timeline_json(small_timeline(), "", "");
    const auto& bus = json["tracks"][1];
    EXPECT_EQ(bus["kind"], "ddr");
    EXPECT_EQ(bus["start"], ordered_json({0.167, 1.667}));
    EXPECT_EQ(bus["duration"], ordered_json({1.333, 0.666}));
    EXPECT_EQ(bus["bytes"], ordered_json({128, 64}));
    EXPECT_EQ(bus["busy_cycles"], 2);
}

TEST(TimelineJson, KeepsLongTracksShort)
{
    auto timeline = small_timeline();
    timeline.image.cycles = 1000000;
    auto& slices = timeline.tracks[1].slices;
    slices.clear();
    constexpr std::uint64_t accesses = 20 * most_json_slices;
    for (std::uint64_t i = 0; i < accesses; ++i)
        slices.push_back({i * 7000, i * 7000 + (i % 3 + 1) * 1000, 2, Slice::no_operator, 64});
    const auto json = timeline_json(timeline, "", "");
    const auto& bus = json["tracks"][1];
    EXPECT_LE(bus["start"].size(), most_json_slices);
    std::uint64_t bytes = 0;
    for (const auto& part : bus["bytes"])
        bytes += part.get<std::uint64_t>();
    EXPECT_EQ(bytes, accesses * 64) << "of what was put together, too";
    EXPECT_NEAR(bus["busy_cycles"].get<double>(),
                static_cast<double>(timeline.tracks[1].busy_fs()) / 6000, 0.001);
}

TEST(TimelineJson, HasCountersWithTheirLimits)
{
    const auto json = timeline_json(small_timeline(), "", "");
    const auto& read = json["counters"][0];
    EXPECT_EQ(read["name"], "memory read");
    EXPECT_EQ(read["unit"], "GB/s");
    EXPECT_EQ(read["limit"], 17.064);
    EXPECT_EQ(read["limit_name"], "pins");
    EXPECT_EQ(read["start"], ordered_json({0, 50}));
    EXPECT_EQ(read["value"], ordered_json({1.5, 0.0}));
    EXPECT_TRUE(json["counters"][1]["limit"].is_null());
    EXPECT_EQ(json["counters"][1]["limit_name"], "");
}

TEST(TimelineJson, HasAWordForEachKind)
{
    for (const auto kind : {TrackKind::Operators, TrackKind::ArrayCauses, TrackKind::Unit,
                            TrackKind::Transfers, TrackKind::DataChannel, TrackKind::MemoryBus})
        EXPECT_THAT(timeline_fields(),
                    testing::Contains(testing::Field(&Field::name, topic_of(kind))));
    for (const auto kind : {system::CounterKind::Bandwidth, system::CounterKind::BufferSlots,
                            system::CounterKind::DmaQueue, system::CounterKind::Tokens})
        EXPECT_THAT(timeline_fields(),
                    testing::Contains(testing::Field(&Field::name, topic_of(kind))));
}

} // namespace
} // namespace heatsim::report
