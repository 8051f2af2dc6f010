// SPDX-License-Identifier: Apache-2.0
#include "report/perfetto_trace.hpp"

#include "report/timeline_json.hpp"

#include <fmt/format.h>
#include <protozero/pbf_builder.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace heatsim::report {

namespace {

using system::CounterKind;
using system::Timeline;
using system::TimelineCounter;
using system::TrackKind;

// Messages of Perfetto's protos/perfetto/trace, as far as they are written: field numbers.

enum class Trace : protozero::pbf_tag_type { Packet = 1 };
enum class TracePacket : protozero::pbf_tag_type {
    Timestamp = 8,
    TrustedPacketSequenceId = 10,
    TrackEvent = 11,
    InternedData = 12,
    SequenceFlags = 13,
    TrackDescriptor = 60,
};
enum class InternedData : protozero::pbf_tag_type {
    EventCategories = 1,
    EventNames = 2,
    DebugAnnotationNames = 3,
};
/// EventCategory, EventName and DebugAnnotationName.
enum class InternedName : protozero::pbf_tag_type { Iid = 1, Name = 2 };
enum class TrackDescriptor : protozero::pbf_tag_type {
    Uuid = 1,
    Name = 2,
    ParentUuid = 5,
    Counter = 8,
    ChildOrdering = 11,
    SiblingOrderRank = 12,
    Description = 14,
};
enum class CounterDescriptor : protozero::pbf_tag_type { UnitName = 6, YAxisShareKey = 7 };
enum class TrackEvent : protozero::pbf_tag_type {
    CategoryIids = 3,
    DebugAnnotations = 4,
    Type = 9,
    NameIid = 10,
    TrackUuid = 11,
    CounterValue = 30,
    DoubleCounterValue = 44,
    FlowIds = 47,
    TerminatingFlowIds = 48,
};
enum class DebugAnnotation : protozero::pbf_tag_type {
    NameIid = 1,
    UintValue = 3,
    DoubleValue = 5,
    StringValue = 6,
};

constexpr std::int32_t slice_begin = 1; // TrackEvent.Type
constexpr std::int32_t slice_end = 2;
constexpr std::int32_t counter_type = 4;
constexpr std::uint32_t state_cleared = 1; // TracePacket.SequenceFlags
constexpr std::uint32_t needs_state = 2;
constexpr std::int32_t explicit_order = 3; // TrackDescriptor.ChildTracksOrdering

constexpr std::uint32_t sequence_id = 1;
constexpr std::uint64_t fs_per_ns = 1000000;

using Packet = protozero::pbf_builder<TracePacket>;
using Event = protozero::pbf_builder<TrackEvent>;

[[nodiscard]] std::uint64_t nanoseconds(std::uint64_t time_fs)
{
    return (time_fs + fs_per_ns / 2) / fs_per_ns;
}

/// Arguments of slices; interned in this order.
enum class Argument : std::uint8_t { StartCycle, Cycles, Bytes, Operator };
constexpr std::array<const char*, 4> argument_names{"start_cycle", "cycles", "bytes", "operator"};

/// Groups of tracks.
enum class Group : std::uint8_t { Chip, Units, Buffers, Dma, Memory };
constexpr std::array<const char*, 5> group_names{"", "units", "buffers", "DMA ports", "memory"};

[[nodiscard]] Group group_of(TrackKind kind)
{
    switch (kind) {
    case TrackKind::Operators:
    case TrackKind::ArrayCauses:
        return Group::Chip;
    case TrackKind::Unit:
        return Group::Units;
    case TrackKind::Transfers:
    case TrackKind::DataChannel:
        return Group::Dma;
    case TrackKind::MemoryBus:
        return Group::Memory;
    }
    return Group::Chip;
}

[[nodiscard]] Group group_of(CounterKind kind)
{
    switch (kind) {
    case CounterKind::Tokens:
        return Group::Chip;
    case CounterKind::BufferSlots:
        return Group::Buffers;
    case CounterKind::DmaQueue:
        return Group::Dma;
    case CounterKind::Bandwidth:
        return Group::Memory;
    }
    return Group::Chip;
}

constexpr std::array<const char*, 6> categories{"operator", "cause", "unit",
                                                "dma",      "beats", "memory"};

[[nodiscard]] std::string meaning_of(const std::string& topic)
{
    for (const auto& field : timeline_fields())
        if (field.name == topic)
            return field.meaning;
    return {};
}

/// One event on its way into the file, in order of time.
struct Timed {
    std::uint64_t ns = 0;
    std::int32_t type = 0;
    std::size_t track = 0; ///< or counter
    std::size_t index = 0; ///< slice or sample
};

class Writer {
  public:
    explicit Writer(const Timeline& timeline)
        : timeline_{timeline}
    {
        for (std::size_t i = 0; i < timeline.flows.size(); ++i) {
            const auto& flow = timeline.flows[i];
            starts_.emplace(Place{flow.from_track, flow.from_slice}, i + 1);
            ends_.emplace(Place{flow.to_track, flow.to_slice}, i + 1);
        }
    }

    std::string write(const std::string& title)
    {
        write_names();
        write_descriptors(title);
        for (const auto& event : events())
            if (event.type == counter_type)
                write_sample(event);
            else
                write_slice(event);
        return std::move(text_);
    }

  private:
    using Place = std::pair<std::size_t, std::size_t>; ///< track and slice

    template <typename Fill>
    void add_packet(Fill fill)
    {
        protozero::pbf_builder<Trace> trace{text_};
        Packet packet{trace, Trace::Packet};
        fill(packet);
        packet.add_uint32(TracePacket::TrustedPacketSequenceId, sequence_id);
    }

    /// The first packet of the sequence: what all others refer to.
    void write_names()
    {
        add_packet([this](Packet& packet) {
            {
                protozero::pbf_builder<InternedData> data{packet, TracePacket::InternedData};
                const auto add = [&data](InternedData field, std::size_t i,
                                         const std::string& name) {
                    protozero::pbf_builder<InternedName> entry{data, field};
                    entry.add_uint64(InternedName::Iid, i + 1); // 0 is no number
                    entry.add_string(InternedName::Name, name);
                };
                for (std::size_t i = 0; i < categories.size(); ++i)
                    add(InternedData::EventCategories, i, categories[i]);
                for (std::size_t i = 0; i < timeline_.names.size(); ++i)
                    add(InternedData::EventNames, i, timeline_.names[i]);
                for (std::size_t i = 0; i < argument_names.size(); ++i)
                    add(InternedData::DebugAnnotationNames, i, argument_names[i]);
            }
            packet.add_uint32(TracePacket::SequenceFlags, state_cleared);
        });
    }

    // Tracks have their place as uuid: root and groups, tracks, counters.
    [[nodiscard]] static std::uint64_t group_uuid(Group group)
    {
        return 1 + static_cast<std::uint64_t>(group); // the chip is the root
    }
    [[nodiscard]] static std::uint64_t track_uuid(std::size_t track)
    {
        return 1 + group_names.size() + track;
    }
    [[nodiscard]] std::uint64_t counter_uuid(std::size_t counter) const
    {
        return track_uuid(timeline_.tracks.size() + counter);
    }

    template <typename Fill>
    void add_descriptor(std::uint64_t uuid, Fill fill)
    {
        add_packet([&](Packet& packet) {
            protozero::pbf_builder<TrackDescriptor> descriptor{packet,
                                                               TracePacket::TrackDescriptor};
            descriptor.add_uint64(TrackDescriptor::Uuid, uuid);
            fill(descriptor);
        });
    }

    void write_descriptors(const std::string& title)
    {
        using Descriptor = protozero::pbf_builder<TrackDescriptor>;
        add_descriptor(group_uuid(Group::Chip), [&](Descriptor& descriptor) {
            descriptor.add_string(TrackDescriptor::Name, title);
            descriptor.add_enum(TrackDescriptor::ChildOrdering, explicit_order);
        });
        std::int32_t rank = 0;
        const auto place = [&rank](Descriptor& descriptor, Group group, const std::string& name) {
            descriptor.add_string(TrackDescriptor::Name, name);
            descriptor.add_uint64(TrackDescriptor::ParentUuid, group_uuid(group));
            descriptor.add_int32(TrackDescriptor::SiblingOrderRank, rank++);
        };
        const auto add_track = [&](std::size_t i) {
            const auto& track = timeline_.tracks[i];
            add_descriptor(track_uuid(i), [&](Descriptor& descriptor) {
                place(descriptor, group_of(track.kind), track.name);
                descriptor.add_string(TrackDescriptor::Description,
                                      meaning_of(topic_of(track.kind)));
            });
        };
        const auto add_counter = [&](std::size_t i) {
            const auto& counter = timeline_.counters[i];
            add_descriptor(counter_uuid(i), [&](Descriptor& descriptor) {
                place(descriptor, group_of(counter.kind), title_of(counter));
                descriptor.add_string(TrackDescriptor::Description,
                                      meaning_of(topic_of(counter.kind)));
                protozero::pbf_builder<CounterDescriptor> entry{descriptor,
                                                                TrackDescriptor::Counter};
                entry.add_string(CounterDescriptor::UnitName, counter.unit);
                if (counter.kind == CounterKind::Bandwidth)
                    entry.add_string(CounterDescriptor::YAxisShareKey, "bandwidth");
            });
        };
        for (std::size_t group = 0; group < group_names.size(); ++group) {
            const auto id = static_cast<Group>(group);
            if (!has_members(id))
                continue;
            if (id != Group::Chip)
                add_descriptor(group_uuid(id), [&](Descriptor& descriptor) {
                    place(descriptor, Group::Chip, group_names[group]);
                    descriptor.add_enum(TrackDescriptor::ChildOrdering, explicit_order);
                });
            for (std::size_t i = 0; i < timeline_.tracks.size(); ++i)
                if (group_of(timeline_.tracks[i].kind) == id)
                    add_track(i);
            for (std::size_t i = 0; i < timeline_.counters.size(); ++i)
                if (group_of(timeline_.counters[i].kind) == id)
                    add_counter(i);
        }
    }

    [[nodiscard]] bool has_members(Group group) const
    {
        const auto is_member = [group](const auto& member) {
            return group_of(member.kind) == group;
        };
        return std::any_of(timeline_.tracks.begin(), timeline_.tracks.end(), is_member) ||
               std::any_of(timeline_.counters.begin(), timeline_.counters.end(), is_member);
    }

    /// With its limit, which a counter track has no place for.
    [[nodiscard]] static std::string title_of(const TimelineCounter& counter)
    {
        if (!counter.limit)
            return counter.name;
        return fmt::format("{} ({} {:.4g})", counter.name, counter.limit->name,
                           counter.limit->value);
    }

    /// In order of time; at one time transfers come first, so that what needs them comes behind.
    [[nodiscard]] std::vector<Timed> events() const
    {
        std::vector<Timed> events;
        const auto add_slices = [&](std::size_t track) {
            const auto& slices = timeline_.tracks[track].slices;
            for (std::size_t i = 0; i < slices.size(); ++i) {
                events.push_back({nanoseconds(slices[i].start_fs), slice_begin, track, i});
                events.push_back({nanoseconds(slices[i].end_fs), slice_end, track, i});
            }
        };
        for (const bool transfers : {true, false})
            for (std::size_t track = 0; track < timeline_.tracks.size(); ++track)
                if ((timeline_.tracks[track].kind == TrackKind::Transfers) == transfers)
                    add_slices(track);
        for (std::size_t counter = 0; counter < timeline_.counters.size(); ++counter) {
            const auto& samples = timeline_.counters[counter].samples;
            for (std::size_t i = 0; i < samples.size(); ++i)
                events.push_back({nanoseconds(samples[i].time_fs), counter_type, counter, i});
        }
        std::stable_sort(events.begin(), events.end(),
                         [](const Timed& a, const Timed& b) { return a.ns < b.ns; });
        return events;
    }

    template <typename Fill>
    void add_event(const Timed& timed, std::uint64_t uuid, Fill fill)
    {
        add_packet([&](Packet& packet) {
            packet.add_uint64(TracePacket::Timestamp, timed.ns);
            packet.add_uint32(TracePacket::SequenceFlags, needs_state);
            Event event{packet, TracePacket::TrackEvent};
            event.add_enum(TrackEvent::Type, timed.type);
            event.add_uint64(TrackEvent::TrackUuid, uuid);
            fill(event);
        });
    }

    void write_slice(const Timed& timed)
    {
        const auto& track = timeline_.tracks[timed.track];
        const auto& slice = track.slices[timed.index];
        add_event(timed, track_uuid(timed.track), [&](Event& event) {
            if (timed.type == slice_end)
                return;
            event.add_uint64(TrackEvent::NameIid, slice.name + std::uint64_t{1});
            event.add_uint64(TrackEvent::CategoryIids, static_cast<std::uint64_t>(track.kind) + 1);
            const Place place{timed.track, timed.index};
            for (auto [flow, end] = starts_.equal_range(place); flow != end; ++flow)
                event.add_fixed64(TrackEvent::FlowIds, flow->second);
            for (auto [flow, end] = ends_.equal_range(place); flow != end; ++flow)
                event.add_fixed64(TrackEvent::TerminatingFlowIds, flow->second);
            add_cycles(event, Argument::StartCycle, slice.start_fs, track.period_fs);
            add_cycles(event, Argument::Cycles, slice.end_fs - slice.start_fs, track.period_fs);
            if (slice.bytes > 0)
                add_argument(event, Argument::Bytes, [&](auto& annotation) {
                    annotation.add_uint64(DebugAnnotation::UintValue, slice.bytes);
                });
            if (track.kind == TrackKind::ArrayCauses)
                add_argument(event, Argument::Operator, [&](auto& annotation) {
                    annotation.add_string(DebugAnnotation::StringValue, timeline_.names[slice.op]);
                });
        });
    }

    void write_sample(const Timed& timed)
    {
        const auto& counter = timeline_.counters[timed.track];
        const auto value = counter.samples[timed.index].value;
        add_event(timed, counter_uuid(timed.track), [&](Event& event) {
            if (counter.kind == CounterKind::Bandwidth)
                event.add_double(TrackEvent::DoubleCounterValue, value);
            else
                event.add_int64(TrackEvent::CounterValue, static_cast<std::int64_t>(value));
        });
    }

    template <typename Fill>
    static void add_argument(Event& event, Argument argument, Fill fill)
    {
        protozero::pbf_builder<DebugAnnotation> annotation{event, TrackEvent::DebugAnnotations};
        annotation.add_uint64(DebugAnnotation::NameIid, static_cast<std::uint64_t>(argument) + 1);
        fill(annotation);
    }

    /// A whole number where it is one: what crosses clocks need not.
    static void
    add_cycles(Event& event, Argument argument, std::uint64_t time_fs, std::uint64_t period_fs)
    {
        add_argument(event, argument, [&](auto& annotation) {
            if (time_fs % period_fs == 0)
                annotation.add_uint64(DebugAnnotation::UintValue, time_fs / period_fs);
            else
                annotation.add_double(DebugAnnotation::DoubleValue,
                                      static_cast<double>(time_fs) /
                                          static_cast<double>(period_fs));
        });
    }

    const Timeline& timeline_;
    std::multimap<Place, std::uint64_t> starts_; ///< flows by the slice they come from
    std::multimap<Place, std::uint64_t> ends_;   ///< and by the one they go to
    std::string text_;
};

} // namespace

std::string perfetto_trace(const Timeline& timeline, const std::string& title)
{
    return Writer{timeline}.write(title);
}

} // namespace heatsim::report
