// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"
#include "system/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {
namespace {

/// A design, and what it is asked to do. SystemC elaborates once per process: each is a test of its
/// own.
struct Case {
    std::string name;
    std::string accelerator;
    std::string model = "deit_t";
    std::string schedule = "heatvit";
    std::vector<Override> overrides = {};
};

std::ostream& operator<<(std::ostream& out, const Case& design)
{
    return out << design.name;
}

class TimelineOf : public testing::TestWithParam<Case> {
  protected:
    RunSetup setup = test::shipped_setup(
        GetParam().accelerator, GetParam().model, GetParam().schedule, GetParam().overrides);
    Simulation simulation{setup.design};
    workload::Workload workload =
        workload::lower(setup.model,
                        setup.schedule,
                        setup.images.front(),
                        {setup.design.accelerator.controller.layout_copies});

    std::uint64_t statistic(const Timeline& timeline, const std::string& path)
    {
        for (const auto& sample : timeline.statistics)
            if (sample.path == path)
                return sample.value;
        ADD_FAILURE() << "no statistic " << path;
        return 0;
    }

    static const Track* track(const Timeline& timeline, const std::string& name)
    {
        for (const auto& track : timeline.tracks)
            if (track.name == name)
                return &track;
        return nullptr;
    }
};

TEST_P(TimelineOf, ChangesNothing)
{
    const auto before = simulation.run(workload);
    const auto statistics = simulation.statistics();
    const auto timeline = record_timeline(simulation, workload);
    EXPECT_EQ(timeline.image.cycles, before.cycles);
    EXPECT_EQ(timeline.image.cycles_by_cause, before.cycles_by_cause);
    ASSERT_EQ(timeline.statistics.size(), statistics.size());
    for (std::size_t i = 0; i < statistics.size(); ++i)
        EXPECT_EQ(timeline.statistics[i].value, statistics[i].value) << statistics[i].path;
    EXPECT_EQ(simulation.run(workload).cycles, before.cycles);
    // the second image of a process is as the first one
    const auto again = record_timeline(simulation, workload);
    EXPECT_EQ(again.names, timeline.names);
    ASSERT_EQ(again.tracks.size(), timeline.tracks.size());
    for (std::size_t i = 0; i < again.tracks.size(); ++i) {
        ASSERT_EQ(again.tracks[i].slices.size(), timeline.tracks[i].slices.size());
        EXPECT_EQ(again.tracks[i].busy_fs(), timeline.tracks[i].busy_fs()) << again.tracks[i].name;
    }
}

TEST_P(TimelineOf, SlicesAddUpToTheStatistics)
{
    const auto timeline = record_timeline(simulation, workload);
    std::map<std::string, std::uint64_t> cycles;
    std::map<std::pair<std::string, TrackKind>, std::uint64_t> sums;
    for (const auto& track : timeline.tracks) {
        if (!track.cycles_statistic.empty()) {
            EXPECT_EQ(track.busy_fs() % track.period_fs, 0U) << track.name;
            cycles[track.cycles_statistic] += track.busy_fs() / track.period_fs;
        }
        if (!track.bytes_statistic.empty())
            sums[{track.bytes_statistic, track.kind}] += track.bytes();
        if (!track.slices_statistic.empty())
            sums[{track.slices_statistic, track.kind}] += track.slices.size();
    }
    for (const auto& [path, sum] : cycles)
        EXPECT_EQ(sum, statistic(timeline, path)) << path;
    for (const auto& [path, sum] : sums)
        EXPECT_EQ(sum, statistic(timeline, path.first)) << path.first;
    // whatever was counted in cycles of a unit is in a track, unless it is 0
    for (const auto& sample : timeline.statistics)
        if (testing::Value(sample.path, testing::EndsWith("busy_cycles")) && sample.value > 0) {
            EXPECT_EQ(cycles.count(sample.path), 1U) << sample.path;
        }
}

TEST_P(TimelineOf, OperatorsAndCausesPartitionTheImage)
{
    const auto timeline = record_timeline(simulation, workload);
    const auto end_fs = timeline.image.cycles * timeline.fabric_period_fs;
    for (const auto* name : {"operators", "array causes"}) {
        const auto* const all = track(timeline, name);
        ASSERT_NE(all, nullptr);
        std::uint64_t time = 0;
        for (const auto& slice : all->slices) {
            EXPECT_EQ(slice.start_fs, time) << name;
            time = slice.end_fs;
        }
        EXPECT_EQ(time, end_fs) << name;
    }
    channel::CauseCycles causes{};
    std::map<std::string, channel::CauseCycles> causes_of;
    for (const auto& slice : track(timeline, "array causes")->slices)
        for (std::size_t i = 0; i < channel::array_causes; ++i)
            if (timeline.names[slice.name] == channel::array_cause_names[i].name) {
                const auto cycles = (slice.end_fs - slice.start_fs) / timeline.fabric_period_fs;
                causes[i] += cycles;
                causes_of[timeline.names[slice.op]][i] += cycles;
            }
    EXPECT_EQ(causes, timeline.image.cycles_by_cause);
    for (std::size_t i = 0; i < workload.operators.size(); ++i)
        if (simulation.records()[i].cost.cycles() > 0) {
            EXPECT_EQ(causes_of[workload.operators[i].name],
                      simulation.records()[i].cost.cycles_by_cause)
                << workload.operators[i].name;
        }
}

TEST_P(TimelineOf, SlicesOfATrackNeverOverlap)
{
    const auto timeline = record_timeline(simulation, workload);
    for (const auto& track : timeline.tracks) {
        std::uint64_t time = 0;
        for (const auto& slice : track.slices) {
            EXPECT_GE(slice.start_fs, time) << track.name;
            EXPECT_GE(slice.end_fs, slice.start_fs) << track.name;
            EXPECT_LT(slice.name, timeline.names.size());
            time = slice.end_fs;
        }
    }
}

TEST_P(TimelineOf, CountersStayBelowTheirLimits)
{
    const auto timeline = record_timeline(simulation, workload);
    std::set<std::string> names;
    for (const auto& counter : timeline.counters) {
        SCOPED_TRACE(counter.name);
        EXPECT_TRUE(names.insert(counter.name).second);
        ASSERT_FALSE(counter.samples.empty());
        for (std::size_t i = 0; i < counter.samples.size(); ++i) {
            EXPECT_GE(counter.samples[i].value, 0.0);
            if (i > 0) {
                EXPECT_GT(counter.samples[i].time_fs, counter.samples[i - 1].time_fs);
            }
            if (counter.limit) {
                EXPECT_LE(counter.samples[i].value, counter.limit->value * (1 + 1e-9));
            }
        }
        if (counter.kind == CounterKind::BufferSlots || counter.kind == CounterKind::DmaQueue) {
            EXPECT_EQ(counter.samples.back().value, 0.0) << "something is left";
        }
    }
    for (const auto* buffer : {"input_buffer", "weight_buffer", "accumulators"}) {
        const auto counter =
            std::find_if(timeline.counters.begin(), timeline.counters.end(),
                         [&](const auto& c) { return c.name == std::string{buffer} + " used"; });
        ASSERT_NE(counter, timeline.counters.end());
        double most = 0.0;
        for (const auto& sample : counter->samples)
            most = std::max(most, sample.value);
        EXPECT_EQ(most, static_cast<double>(
                            statistic(timeline, std::string{"chip."} + buffer + ".peak_slots")));
    }
}

TEST_P(TimelineOf, BandwidthHoldsAllBytes)
{
    const auto timeline = record_timeline(simulation, workload);
    double counted = 0.0;
    bool has_bandwidth = false;
    for (const auto& counter : timeline.counters)
        if (counter.kind == CounterKind::Bandwidth) {
            has_bandwidth = true;
            EXPECT_LE(counter.samples.size(), most_bandwidth_windows + 2);
            for (std::size_t i = 0; i + 1 < counter.samples.size(); ++i)
                counted += counter.samples[i].value * 1e-6 *
                           static_cast<double>(counter.samples[i + 1].time_fs -
                                               counter.samples[i].time_fs);
        }
    EXPECT_EQ(has_bandwidth, setup.design.accelerator.memory != MemoryModel::Ideal);
    if (!has_bandwidth)
        return;
    std::uint64_t bytes = 0;
    for (const auto& track : timeline.tracks)
        if (track.kind == TrackKind::MemoryBus)
            bytes += track.bytes();
    if (bytes == 0) // no bus: a loader's own transfers
        bytes = timeline.image.read_bytes + timeline.image.write_bytes;
    EXPECT_NEAR(counted, static_cast<double>(bytes), 1e-6 * static_cast<double>(bytes));
    EXPECT_GE(bytes, timeline.image.read_bytes + timeline.image.write_bytes);
}

TEST_P(TimelineOf, FlowsGoFromTransfersToTheWorkThatNeededThem)
{
    const auto timeline = record_timeline(simulation, workload);
    std::set<std::pair<std::size_t, std::size_t>> sources;
    std::uint64_t loads = 0;
    for (const auto& flow : timeline.flows) {
        ASSERT_LT(flow.from_track, timeline.tracks.size());
        ASSERT_LT(flow.to_track, timeline.tracks.size());
        const auto& from_track = timeline.tracks[flow.from_track];
        const auto& to_track = timeline.tracks[flow.to_track];
        ASSERT_LT(flow.from_slice, from_track.slices.size());
        ASSERT_LT(flow.to_slice, to_track.slices.size());
        EXPECT_EQ(from_track.kind, TrackKind::Transfers);
        EXPECT_EQ(to_track.kind, TrackKind::Unit);
        const auto& from = from_track.slices[flow.from_slice];
        const auto& to = to_track.slices[flow.to_slice];
        EXPECT_LE(from.end_fs, to.start_fs);
        EXPECT_EQ(from.op, to.op) << timeline.names[from.op] << " to " << timeline.names[to.op];
        EXPECT_TRUE(sources.emplace(flow.from_track, flow.from_slice).second)
            << "a tile is loaded for one piece of work";
    }
    for (const auto* buffer : {"input_buffer", "weight_buffer"})
        loads += statistic(timeline, std::string{"chip."} + buffer + ".tiles");
    EXPECT_EQ(timeline.flows.size(), loads) << "every tile that was loaded was worked on";
}

INSTANTIATE_TEST_SUITE_P(
    Designs,
    TimelineOf,
    testing::Values(
        Case{"axi", "heatvit_int8_zcu102"},
        Case{"axi_dense", "heatvit_int8_zcu102", "deit_t", "dense"},
        Case{"int16", "heatvit_int16_zcu102", "deit_t", "heatvit"},
        Case{"word_serial", "heatvit_rtl_xc7k325t"},
        Case{"ideal", "heatvit_int8_zcu102", "deit_t", "heatvit", {{"memory", "ideal"}}},
        Case{"throttled", "heatvit_int8_zcu102", "deit_t", "heatvit", {{"memory", "throttled"}}},
        Case{"channels",
             "heatvit_int8_zcu102",
             "deit_t",
             "heatvit",
             {{"board.memory", "ddr4_2400_x64_2ch"}}},
        Case{"hbm", "ubimoe_c_u280", "deit_t", "dense"},
        Case{"one_slot",
             "heatvit_int8_zcu102",
             "deit_t",
             "heatvit",
             {{"buffers.double_buffered", "false"}}},
        Case{"no_reuse",
             "heatvit_int8_zcu102",
             "deit_t",
             "evit_70",
             {{"buffers.reuse", "false"}, {"layer_norm", "fabric"}}},
        Case{"tome", "heatvit_int8_zcu102", "deit_t", "tome_13"},
        Case{"commands",
             "teaching_pynq_z2",
             "deit_t",
             "heatvit",
             {{"memory.granularity", "command"}}}),
    [](const auto& design) { return design.param.name; });

} // namespace
} // namespace heatsim::system
