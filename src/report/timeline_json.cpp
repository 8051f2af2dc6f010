// SPDX-License-Identifier: Apache-2.0
#include "report/timeline_json.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using system::CounterKind;
using system::Slice;
using system::Timeline;
using system::TimelineCounter;
using system::Track;
using system::TrackKind;

constexpr std::uint64_t parts_of_a_cycle = 1000;

/// Times in cycles of the fabric clock, to a thousandth: whole numbers where they are.
class Cycles {
  public:
    explicit Cycles(std::uint64_t period_fs)
        : period_fs_{period_fs}
    {}
    [[nodiscard]] std::uint64_t parts(std::uint64_t time_fs) const
    {
        const auto rest = time_fs % period_fs_;
        return time_fs / period_fs_ * parts_of_a_cycle +
               (rest * parts_of_a_cycle + period_fs_ / 2) / period_fs_;
    }
    [[nodiscard]] static ordered_json json(std::uint64_t parts)
    {
        if (parts % parts_of_a_cycle == 0)
            return parts / parts_of_a_cycle;
        return static_cast<double>(parts) / static_cast<double>(parts_of_a_cycle);
    }
    [[nodiscard]] ordered_json operator()(std::uint64_t time_fs) const
    {
        return json(parts(time_fs));
    }

  private:
    std::uint64_t period_fs_;
};

[[nodiscard]] const char* kind_name(TrackKind kind)
{
    switch (kind) {
    case TrackKind::Operators:
        return "operator";
    case TrackKind::ArrayCauses:
        return "cause";
    case TrackKind::Unit:
        return "unit";
    case TrackKind::Transfers:
    case TrackKind::DataChannel:
        return "dma";
    case TrackKind::MemoryBus:
        return "ddr";
    }
    return "";
}

[[nodiscard]] bool has_bytes(TrackKind kind)
{
    return kind == TrackKind::Transfers || kind == TrackKind::DataChannel ||
           kind == TrackKind::MemoryBus;
}

/// Slices of one name with at most `gap_fs` between them as one.
[[nodiscard]] std::vector<Slice> merged(const std::vector<Slice>& slices, std::uint64_t gap_fs)
{
    std::vector<Slice> result;
    for (const auto& slice : slices) {
        if (!result.empty() && result.back().name == slice.name &&
            slice.start_fs - result.back().end_fs <= gap_fs) {
            result.back().end_fs = slice.end_fs;
            result.back().bytes += slice.bytes;
        } else {
            result.push_back(slice);
        }
    }
    return result;
}

/// At most `most_json_slices`, if names do not change more often.
[[nodiscard]] std::vector<Slice> shortened(const Track& track, std::uint64_t image_fs)
{
    if (track.kind != TrackKind::DataChannel && track.kind != TrackKind::MemoryBus)
        return track.slices;
    auto result = merged(track.slices, 0);
    for (auto gap_fs = track.period_fs; result.size() > most_json_slices && gap_fs < image_fs;
         gap_fs *= 2)
        result = merged(result, gap_fs);
    return result;
}

[[nodiscard]] ordered_json track_json(const Track& track, const Timeline& timeline)
{
    const Cycles cycles{timeline.fabric_period_fs};
    auto start = ordered_json::array();
    auto duration = ordered_json::array();
    auto label = ordered_json::array();
    auto bytes = ordered_json::array();
    for (const auto& slice : shortened(track, timeline.image.cycles * timeline.fabric_period_fs)) {
        const auto first = cycles.parts(slice.start_fs);
        start.push_back(Cycles::json(first));
        duration.push_back(Cycles::json(cycles.parts(slice.end_fs) - first));
        label.push_back(slice.name);
        bytes.push_back(slice.bytes);
    }
    ordered_json json;
    json["name"] = track.name;
    json["explain"] = topic_of(track.kind);
    json["kind"] = kind_name(track.kind);
    json["start"] = std::move(start);
    json["duration"] = std::move(duration);
    json["label"] = std::move(label);
    json["bytes"] = has_bytes(track.kind) ? std::move(bytes) : ordered_json{};
    json["busy_cycles"] = cycles(track.busy_fs());
    return json;
}

[[nodiscard]] ordered_json counter_json(const TimelineCounter& counter, const Cycles& cycles)
{
    auto start = ordered_json::array();
    auto value = ordered_json::array();
    for (const auto& sample : counter.samples) {
        start.push_back(cycles(sample.time_fs));
        value.push_back(sample.value);
    }
    ordered_json json;
    json["name"] = counter.name;
    json["explain"] = topic_of(counter.kind);
    json["unit"] = counter.unit;
    json["limit"] = counter.limit ? ordered_json(counter.limit->value) : ordered_json{};
    json["limit_name"] = counter.limit ? counter.limit->name : std::string{};
    json["start"] = std::move(start);
    json["value"] = std::move(value);
    return json;
}

} // namespace

ordered_json
timeline_json(const Timeline& timeline, const std::string& title, const std::string& image)
{
    constexpr double fs_per_ms = 1e12;
    constexpr double mhz_fs = 1e9; // MHz · fs of a period
    const Cycles cycles{timeline.fabric_period_fs};
    const auto period_fs = static_cast<double>(timeline.fabric_period_fs);
    ordered_json json;
    json["title"] = title;
    json["image"] = image;
    json["cycles"] = timeline.image.cycles;
    json["clock_mhz"] = mhz_fs / period_fs;
    json["latency_ms"] = static_cast<double>(timeline.image.cycles) * period_fs / fs_per_ms;
    json["names"] = timeline.names;
    auto tracks = ordered_json::array();
    for (const auto& track : timeline.tracks)
        tracks.push_back(track_json(track, timeline));
    json["tracks"] = std::move(tracks);
    auto counters = ordered_json::array();
    for (const auto& counter : timeline.counters)
        counters.push_back(counter_json(counter, cycles));
    json["counters"] = std::move(counters);
    return json;
}

const char* topic_of(TrackKind kind)
{
    switch (kind) {
    case TrackKind::Operators:
        return "timeline.operators";
    case TrackKind::ArrayCauses:
        return "timeline.array_causes";
    case TrackKind::Unit:
        return "timeline.units";
    case TrackKind::Transfers:
        return "timeline.transfers";
    case TrackKind::DataChannel:
        return "timeline.data_channels";
    case TrackKind::MemoryBus:
        return "timeline.memory_buses";
    }
    return "";
}

const char* topic_of(CounterKind kind)
{
    switch (kind) {
    case CounterKind::Bandwidth:
        return "timeline.bandwidth";
    case CounterKind::BufferSlots:
        return "timeline.buffer_slots";
    case CounterKind::DmaQueue:
        return "timeline.dma_queues";
    case CounterKind::Tokens:
        return "timeline.tokens";
    }
    return "";
}

const std::vector<Field>& timeline_fields()
{
    static const std::vector<Field> fields{
        {"timeline.operators", "", "track",
         "operators, each from its set-up until its results are in place; fused ones are part of "
         "the operator they are fused into. Their cycles sum up to the image's"},
        {"timeline.array_causes", "", "track",
         "what each cycle of the GEMM array went to. The cycles of each cause sum up to "
         "cycles_by_cause, all of them to the image's"},
        {"timeline.units", "", "track",
         "pieces of work of the GEMM array (tiles), the vector unit, the token selector or the "
         "host, each with the name of its operator. They sum up to the unit's busy_cycles"},
        {"timeline.transfers", "", "track",
         "tiles on their way over a port, one direction, each from its turn at the port "
         "(submitted, and the transfer before it complete) until it is complete. Their bytes sum "
         "up to the port's read_bytes or write_bytes"},
        {"timeline.data_channels", "", "track",
         "beats of the bursts at an AXI port, one direction. Where the memory is slower than the "
         "port, beats of a burst have gaps between them; they are shown together, as late as they "
         "can be. They sum up to read_busy_cycles or write_busy_cycles"},
        {"timeline.memory_buses", "", "track",
         "data on the bus of a memory channel. All channels sum up to data_cycles (DDR) or "
         "busy_cycles (throttled memory)"},
        {"timeline.bandwidth", "GB/s (10^9 bytes)", "counter",
         "bytes on the memory's buses, or over a loader that has none, mean over windows of the "
         "same length: the shortest of 100, 200, 500 ns, 1, 2, 5 µs … of which the image has at "
         "most 2,000. The limit is what the memory's pins can move"},
        {"timeline.buffer_slots", "tiles", "counter",
         "slots of an on-chip buffer: used (reserved for a tile, until its last use) and filled "
         "(the tile is complete). The limit is the buffer's slots"},
        {"timeline.dma_queues", "tiles", "counter",
         "tiles submitted to a port and not complete, one direction"},
        {"timeline.tokens", "tokens", "counter",
         "tokens of the stage that the operator belongs to"},
        {"timeline.flows", "", "arrow",
         "from the transfer of a tile to the first work that needed it: a tile on the GEMM array, "
         "or rows on another unit"},
    };
    return fields;
}

std::vector<Field> timeline_names()
{
    std::vector<Field> names;
    const auto add = [&names](const std::string& name, const std::string& topic) {
        for (const auto& field : timeline_fields())
            if (field.name == topic)
                names.push_back({name, field.unit, field.type, field.meaning});
    };
    add("operators", topic_of(TrackKind::Operators));
    add("array causes", topic_of(TrackKind::ArrayCauses));
    for (const auto& [worker, name] : channel::worker_names)
        add(name, topic_of(TrackKind::Unit));
    for (const std::string port : {"dma_<port>", "host_memory", "dma"})
        for (const std::string direction : {"read", "write"}) {
            const auto track = fmt::format("{} {}", port, direction);
            add(track, topic_of(TrackKind::Transfers));
            add(fmt::format("{} data", track), topic_of(TrackKind::DataChannel));
            add(fmt::format("{} queue", track), topic_of(CounterKind::DmaQueue));
        }
    for (const auto* const bus : {"ddr data", "ddr channel<n> data", "memory data"})
        add(bus, topic_of(TrackKind::MemoryBus));
    for (const auto* const direction : {"memory read", "memory write"})
        add(direction, topic_of(CounterKind::Bandwidth));
    for (const std::string buffer :
         {"input_buffer", "weight_buffer", "accumulators", "output_buffer"})
        for (const auto* const slots : {"used", "filled"})
            add(fmt::format("{} {}", buffer, slots), topic_of(CounterKind::BufferSlots));
    add("tokens", topic_of(CounterKind::Tokens));
    return names;
}

} // namespace heatsim::report
