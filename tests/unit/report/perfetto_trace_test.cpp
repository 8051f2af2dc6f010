// SPDX-License-Identifier: Apache-2.0
#include "report/perfetto_trace.hpp"
#include "support/perfetto_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_builder.hpp>

#include <string>

namespace heatsim::report {
namespace {

using system::Timeline;
using system::TrackKind;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t cycle_fs = 6666667; // 150 MHz

/// Two loads, two tiles, one counter.
Timeline small_timeline()
{
    Timeline timeline;
    timeline.fabric_period_fs = cycle_fs;
    timeline.image.cycles = 100;
    timeline.names = {"fc1", "fc1 weight", "read"};
    timeline.tracks.push_back({"gemm_array", TrackKind::Unit, cycle_fs, {}, {}, {}, {}});
    timeline.tracks.back().slices = {{10 * cycle_fs, 11 * cycle_fs, 0, 0, 0},
                                     {11 * cycle_fs, 12 * cycle_fs, 0, 0, 0},
                                     {12 * cycle_fs, 12 * cycle_fs, 0, 0, 0}};
    timeline.tracks.push_back({"dma_hp1 read", TrackKind::Transfers, cycle_fs, {}, {}, {}, {}});
    timeline.tracks.back().slices = {{0, 10 * cycle_fs, 1, 0, 4096},
                                     {10 * cycle_fs, 11 * cycle_fs, 1, 0, 64},
                                     {12 * cycle_fs, 12 * cycle_fs, 1, 0, 64}};
    timeline.counters.push_back({"weight_buffer used",
                                 system::CounterKind::BufferSlots,
                                 "tiles",
                                 system::TimelineCounter::Limit{"slots", 2.0},
                                 {{0, 1.0}, {11 * cycle_fs, 0.0}}});
    timeline.counters.push_back(
        {"memory read", system::CounterKind::Bandwidth, "GB/s", std::nullopt, {{0, 0.125}}});
    timeline.flows = {{1, 0, 0, 0}, {1, 1, 0, 1}, {1, 2, 0, 2}};
    return timeline;
}

TEST(PerfettoTrace, KeepsTheRulesOfTheFormat)
{
    const auto file = test::read_perfetto(perfetto_trace(small_timeline(), "chip"));
    EXPECT_THAT(file.violations, IsEmpty());
}

TEST(PerfettoTrace, HasWhatTheTimelineHas)
{
    const auto file = test::read_perfetto(perfetto_trace(small_timeline(), "chip, <b>é</b>"));
    ASSERT_EQ(file.slices.size(), 6U);
    const auto& load = file.slices.front();
    EXPECT_EQ(load.name, "fc1 weight");
    EXPECT_EQ(load.category, "dma");
    EXPECT_EQ(file.tracks.at(load.track).name, "dma_hp1 read");
    EXPECT_EQ(load.start_ns, 0U);
    EXPECT_EQ(load.end_ns, 67U) << "66.67 ns";
    EXPECT_EQ(load.numbers.at("cycles"), 10.0) << "exact";
    EXPECT_EQ(load.numbers.at("start_cycle"), 0.0);
    EXPECT_EQ(load.numbers.at("bytes"), 4096.0);
    std::size_t roots = 0;
    for (const auto& [uuid, track] : file.tracks) {
        if (track.parent == 0) {
            ++roots;
            EXPECT_EQ(track.name, "chip, <b>é</b>");
        }
        if (track.name == "weight_buffer used (slots 2)") {
            EXPECT_EQ(track.unit, "tiles");
            ASSERT_EQ(file.counters.at(uuid).size(), 2U);
            EXPECT_EQ(file.counters.at(uuid)[1].time_ns, 73U);
            EXPECT_EQ(file.counters.at(uuid)[0].value, 1.0);
        }
        if (track.name == "memory read") {
            EXPECT_EQ(file.counters.at(uuid)[0].value, 0.125);
        }
    }
    EXPECT_EQ(roots, 1U);
}

TEST(PerfettoTrace, ArrowsGoFromTheLoadToTheTile)
{
    const auto file = test::read_perfetto(perfetto_trace(small_timeline(), "chip"));
    for (const auto& slice : file.slices) {
        const bool load = file.tracks.at(slice.track).name == "dma_hp1 read";
        EXPECT_EQ(slice.flows.size(), load ? 1U : 0U);
        EXPECT_EQ(slice.terminating_flows.size(), load ? 0U : 1U);
    }
}

TEST(PerfettoTrace, DoesNotChange)
{
    EXPECT_EQ(perfetto_trace(small_timeline(), "chip"), perfetto_trace(small_timeline(), "chip"));
}

/// The reader finds what is wrong: these traces are.
class PerfettoReader : public testing::Test {
  protected:
    enum class Any : protozero::pbf_tag_type {};
    using Builder = protozero::pbf_builder<Any>;
    static Any tag(int number) { return static_cast<Any>(number); }

    template <typename Fill>
    void packet(Fill fill)
    {
        Builder trace{bytes};
        Builder packet{trace, tag(1)};
        fill(packet);
        packet.add_uint32(tag(10), 1);
    }
    void process()
    {
        packet([](Builder& p) {
            Builder descriptor{p, tag(60)};
            descriptor.add_uint64(tag(1), 1);
            Builder process{descriptor, tag(3)};
            process.add_int32(tag(1), 7);
            process.add_string(tag(6), "p");
        });
    }
    void track(std::uint64_t uuid, std::uint64_t parent)
    {
        packet([=](Builder& p) {
            Builder descriptor{p, tag(60)};
            descriptor.add_uint64(tag(1), uuid);
            descriptor.add_string(tag(2), "t");
            descriptor.add_uint64(tag(5), parent);
        });
    }
    void event(std::uint64_t time, int type, std::uint64_t uuid)
    {
        packet([=](Builder& p) {
            p.add_uint64(tag(8), time);
            Builder event{p, tag(11)};
            event.add_enum(tag(9), type);
            event.add_uint64(tag(11), uuid);
            if (type == 1)
                event.add_string(tag(23), "s");
        });
    }
    void expect_violation(const std::string& rule) const
    {
        EXPECT_THAT(test::read_perfetto(bytes).violations, Contains(HasSubstr(rule)));
    }

    std::string bytes;
};

TEST_F(PerfettoReader, FindsUnknownFields)
{
    packet([](Builder& p) { p.add_uint64(tag(9), 1); });
    expect_violation("TracePacket has no field 9");
}

TEST_F(PerfettoReader, FindsWrongTypes)
{
    packet([](Builder& p) { p.add_string(tag(8), "now"); });
    expect_violation("TracePacket.8 is of another type");
}

TEST_F(PerfettoReader, FindsTracksWithoutParents)
{
    process();
    track(2, 3);
    expect_violation("the parent of a track is described before it");
}

TEST_F(PerfettoReader, FindsTracksThatAreDescribedTwice)
{
    process();
    track(2, 1);
    track(2, 1);
    expect_violation("one descriptor per track");
}

TEST_F(PerfettoReader, FindsEventsOfUnknownTracks)
{
    process();
    event(0, 1, 2);
    expect_violation("a track is described before its events");
}

TEST_F(PerfettoReader, FindsSlicesThatOverlap)
{
    process();
    track(2, 1);
    event(0, 1, 2);
    event(1, 1, 2);
    event(2, 2, 2);
    event(3, 2, 2);
    expect_violation("slices of one track never overlap");
    expect_violation("an end has a begin");
}

TEST_F(PerfettoReader, FindsSlicesThatNeverEnd)
{
    process();
    track(2, 1);
    event(0, 1, 2);
    expect_violation("a begin has an end");
}

TEST_F(PerfettoReader, FindsTimesThatDescend)
{
    process();
    track(2, 1);
    event(5, 1, 2);
    event(4, 2, 2);
    expect_violation("times ascend on a sequence");
}

TEST_F(PerfettoReader, FindsSamplesOnTracksOfSlices)
{
    process();
    track(2, 1);
    event(0, 4, 2);
    expect_violation("samples on counter tracks, slices on others");
}

TEST_F(PerfettoReader, FindsNamesThatAreNotKnown)
{
    process();
    track(2, 1);
    packet([](Builder& p) {
        p.add_uint64(tag(8), 0);
        Builder event{p, tag(11)};
        event.add_enum(tag(9), 1);
        event.add_uint64(tag(11), 2);
        event.add_uint64(tag(10), 1);
    });
    expect_violation("interned names need SEQ_NEEDS_INCREMENTAL_STATE");
    expect_violation("interned names are known before they are used");
}

TEST_F(PerfettoReader, FindsFlowsWithoutASourceOrAnEnd)
{
    process();
    track(2, 1);
    const auto flow = [this](std::uint64_t time, int field, std::uint64_t id) {
        packet([=](Builder& p) {
            p.add_uint64(tag(8), time);
            Builder event{p, tag(11)};
            event.add_enum(tag(9), 1);
            event.add_uint64(tag(11), 2);
            event.add_fixed64(tag(field), id);
        });
        event(time, 2, 2);
    };
    flow(0, 47, 5);
    flow(1, 48, 6);
    expect_violation("a flow has its source before its end");
    expect_violation("a flow has an end");
}

TEST_F(PerfettoReader, FindsDamage)
{
    bytes = perfetto_trace(small_timeline(), "chip");
    bytes.resize(bytes.size() - 3);
    expect_violation("damaged");
}

} // namespace
} // namespace heatsim::report
