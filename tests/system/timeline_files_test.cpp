// SPDX-License-Identifier: Apache-2.0
#include "report/explain.hpp"
#include "report/perfetto_trace.hpp"
#include "support/designs.hpp"
#include "support/perfetto_file.hpp"
#include "support/vcd_file.hpp"
#include "system/waveform.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using testing::IsEmpty;

struct Case {
    std::string name;
    std::string accelerator;
    std::string schedule;
    std::vector<Override> overrides = {};
};

std::ostream& operator<<(std::ostream& out, const Case& design)
{
    return out << design.name;
}

/// One image of a shipped design; a process of its own each.
class TimelineFiles : public testing::TestWithParam<Case> {
  protected:
    WaveformPlayer player; // before the chip
    RunSetup setup = test::shipped_setup(
        GetParam().accelerator, "deit_t", GetParam().schedule, GetParam().overrides);
    Simulation simulation{setup.design};
    workload::Workload workload =
        workload::lower(setup.model,
                        setup.schedule,
                        setup.images.front(),
                        {setup.design.accelerator.controller.layout_copies});
    Timeline timeline = record_timeline(simulation, workload);

    [[nodiscard]] std::uint64_t statistic(const std::string& path) const
    {
        for (const auto& sample : timeline.statistics)
            if (sample.path == path)
                return sample.value;
        ADD_FAILURE() << "no statistic " << path;
        return 0;
    }
    /// Of the wire for a track, or for a part of it.
    [[nodiscard]] static std::string wire(std::string name)
    {
        const auto unit = name.substr(0, name.find(' '));
        std::replace(name.begin(), name.end(), ' ', '_');
        return "SystemC.chip." + unit + "." + name; // everything traced is in scope SystemC
    }
};

TEST_P(TimelineFiles, PerfettoSlicesAddUpToTheStatistics)
{
    const auto file = test::read_perfetto(report::perfetto_trace(timeline, "chip"));
    EXPECT_THAT(file.violations, IsEmpty());
    std::map<std::string, const Track*> tracks;
    for (const auto& track : timeline.tracks)
        tracks[track.name] = &track;
    std::map<std::string, double> sums;
    std::map<std::string, std::size_t> slices;
    for (const auto& slice : file.slices) {
        const auto& name = file.tracks.at(slice.track).name;
        ASSERT_EQ(tracks.count(name), 1U) << name;
        ++slices[name];
        sums[tracks[name]->cycles_statistic] += slice.numbers.at("cycles");
        const auto exact_ns =
            slice.numbers.at("cycles") * static_cast<double>(tracks[name]->period_fs) * 1e-6;
        EXPECT_NEAR(static_cast<double>(slice.end_ns - slice.start_ns), exact_ns, 1.001);
    }
    sums.erase("");
    EXPECT_GE(sums.size(), 3U);
    for (const auto& [path, sum] : sums)
        EXPECT_EQ(sum, static_cast<double>(statistic(path))) << path;
    for (const auto& [name, track] : tracks)
        EXPECT_EQ(slices[name], track->slices.size()) << name;
    std::size_t flows = 0;
    for (const auto& slice : file.slices)
        flows += slice.flows.size();
    EXPECT_EQ(flows, timeline.flows.size());
    EXPECT_EQ(file.counters.size(), timeline.counters.size());
}

TEST_P(TimelineFiles, EveryNameIsExplained)
{
    const auto topics = report::all_topics({});
    for (const auto& track : timeline.tracks)
        EXPECT_THAT(report::find_topics(topics, track.name).topics, testing::Not(IsEmpty()))
            << track.name;
    for (const auto& counter : timeline.counters)
        EXPECT_THAT(report::find_topics(topics, counter.name).topics, testing::Not(IsEmpty()))
            << counter.name;
}

TEST_P(TimelineFiles, SignalsAddUpToTheStatistics)
{
    const auto file = test::read_vcd(player.vcd(waveform(timeline, workload)));
    EXPECT_THAT(file.violations, IsEmpty());
    EXPECT_EQ(file.timescale, "1 ps");
    const auto cycles = [&](const std::string& name, std::uint64_t period_fs) {
        const auto signal = file.signals.find(wire(name));
        EXPECT_NE(signal, file.signals.end()) << name;
        return signal == file.signals.end()
                   ? 0
                   : signal->second.cycles_high(static_cast<double>(period_fs) * 1e-3);
    };
    const auto fabric = timeline.fabric_period_fs;
    for (const auto* unit : {"gemm_array", "vector_unit", "token_selector", "host"}) {
        const std::string name = unit;
        EXPECT_EQ(cycles(name + " busy", fabric), statistic("chip." + name + ".busy_cycles"))
            << name;
    }
    const auto& causes = timeline.image.cycles_by_cause;
    std::uint64_t stall = 0;
    for (std::size_t i = 0; i < channel::array_causes; ++i) {
        const std::string name = channel::array_cause_names[i].name;
        EXPECT_EQ(cycles("gemm_array cause " + name, fabric), causes[i]) << name;
        stall += i < 2 ? 0 : causes[i];
    }
    EXPECT_EQ(cycles("gemm_array stall", fabric), stall);
    std::map<std::string, std::uint64_t> data; // of ports and memory, by statistic
    for (const auto& track : timeline.tracks) {
        const auto& name = track.name;
        if (track.kind == TrackKind::DataChannel)
            data[track.cycles_statistic] += cycles(name, track.period_fs);
        if (track.kind == TrackKind::MemoryBus)
            data[track.cycles_statistic] +=
                cycles(name + " read", track.period_fs) + cycles(name + " write", track.period_fs);
    }
    for (const auto& [path, sum] : data)
        EXPECT_EQ(sum, statistic(path)) << path;
    for (const auto* buffer : {"input_buffer", "weight_buffer", "accumulators"}) {
        const std::string name = buffer;
        std::uint64_t most = 0;
        for (const auto& change : file.signals.at(wire(name + " used")).changes)
            most = std::max(most, change.value);
        EXPECT_EQ(most, statistic("chip." + name + ".peak_slots")) << name;
    }
}

TEST_P(TimelineFiles, SignalsDoNotChangeFromRunToRun)
{
    const auto text = player.vcd(waveform(timeline, workload));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("$date")));
    EXPECT_THAT(text, testing::HasSubstr("$scope module gemm_array $end"));
}

INSTANTIATE_TEST_SUITE_P(
    Designs,
    TimelineFiles,
    testing::Values(Case{"axi", "heatvit_int8_zcu102", "heatvit"},
                    Case{"word_serial", "heatvit_rtl_xc7k325t", "heatvit"},
                    Case{"ideal", "heatvit_int8_zcu102", "heatvit", {{"memory", "ideal"}}},
                    Case{"throttled", "heatvit_int8_zcu102", "dense", {{"memory", "throttled"}}},
                    Case{"hbm", "ubimoe_c_u280", "dense"}),
    [](const auto& design) { return design.param.name; });

/// What is asked of a player that nobody needs any more.
TEST(WaveformPlayer, GoesWithItsOwner)
{
    EXPECT_NO_THROW(WaveformPlayer{});
}

} // namespace
} // namespace heatsim::system
