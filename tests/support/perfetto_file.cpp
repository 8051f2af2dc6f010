// SPDX-License-Identifier: Apache-2.0
#include "support/perfetto_file.hpp"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <utility>

namespace heatsim::test {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

/// A field of a message as Perfetto's .proto files have it.
struct Field {
    pbf_wire_type type = pbf_wire_type::varint;
    const char* message = nullptr; ///< of what the field holds; null: a value
};

const auto number = Field{pbf_wire_type::varint, nullptr};
const auto fixed = Field{pbf_wire_type::fixed64, nullptr};
const auto text = Field{pbf_wire_type::length_delimited, nullptr};

[[nodiscard]] Field message(const char* name)
{
    return {pbf_wire_type::length_delimited, name};
}

/// The part of the format that a trace of track events needs.
const std::map<std::string, std::map<std::uint32_t, Field>>& schema()
{
    static const std::map<std::string, std::map<std::uint32_t, Field>> messages{
        {"Trace", {{1, message("TracePacket")}}},
        {"TracePacket",
         {{8, number},                      // timestamp
          {10, number},                     // trusted_packet_sequence_id
          {11, message("TrackEvent")},      // track_event
          {12, message("InternedData")},    // interned_data
          {13, number},                     // sequence_flags
          {41, number},                     // incremental_state_cleared
          {42, number},                     // previous_packet_dropped
          {58, number},                     // timestamp_clock_id
          {60, message("TrackDescriptor")}, // track_descriptor
          {87, number}}},                   // first_packet_on_sequence
        {"InternedData",
         {{1, message("InternedName")},   // event_categories
          {2, message("InternedName")},   // event_names
          {3, message("InternedName")}}}, // debug_annotation_names
        {"InternedName", {{1, number}, {2, text}}},
        {"TrackDescriptor",
         {{1, number},                       // uuid
          {2, text},                         // name
          {3, message("ProcessDescriptor")}, // process
          {4, message("ThreadDescriptor")},  // thread
          {5, number},                       // parent_uuid
          {8, message("CounterDescriptor")}, // counter
          {11, number},                      // child_ordering
          {12, number},                      // sibling_order_rank
          {14, text}}},                      // description
        {"ProcessDescriptor", {{1, number}, {2, text}, {6, text}, {7, number}}},
        {"ThreadDescriptor", {{1, number}, {2, number}, {5, text}}},
        {"CounterDescriptor",
         {{1, number}, {2, text}, {3, number}, {4, number}, {5, number}, {6, text}, {7, text}}},
        {"TrackEvent",
         {{3, number},                     // category_iids
          {4, message("DebugAnnotation")}, // debug_annotations
          {9, number},                     // type
          {10, number},                    // name_iid
          {11, number},                    // track_uuid
          {22, text},                      // categories
          {23, text},                      // name
          {30, number},                    // counter_value
          {44, fixed},                     // double_counter_value
          {47, fixed},                     // flow_ids
          {48, fixed}}},                   // terminating_flow_ids
        {"DebugAnnotation",
         {{1, number}, {2, number}, {3, number}, {4, number}, {5, fixed}, {6, text}, {10, text}}},
    };
    return messages;
}

class Reader {
  public:
    PerfettoFile read(const std::string& bytes)
    {
        try {
            check_fields("Trace", protozero::data_view{bytes});
            if (!file_.violations.empty()) // what follows takes the types for granted
                return std::move(file_);
            pbf_reader trace{bytes};
            while (trace.next(1))
                read_packet(trace.get_message());
        } catch (const std::exception& error) {
            violate(fmt::format("damaged: {}", error.what()));
        }
        check_end();
        return std::move(file_);
    }

  private:
    using Names = std::map<std::uint64_t, std::string>;

    void violate(std::string rule)
    {
        constexpr std::size_t enough = 20;
        if (file_.violations.size() < enough)
            file_.violations.push_back(std::move(rule));
    }
    void require(bool holds, const char* rule)
    {
        if (!holds)
            violate(fmt::format("packet {}: {}", packets_, rule));
    }

    void check_fields(const std::string& name, protozero::data_view bytes)
    {
        const auto& fields = schema().at(name);
        pbf_reader reader{bytes};
        while (reader.next()) {
            const auto known = fields.find(reader.tag());
            if (known == fields.end()) {
                violate(fmt::format("{} has no field {}", name, reader.tag()));
                reader.skip();
            } else if (reader.wire_type() != known->second.type) {
                violate(fmt::format("{}.{} is of another type", name, reader.tag()));
                reader.skip();
            } else if (known->second.message != nullptr) {
                check_fields(known->second.message, reader.get_view());
            } else {
                reader.skip();
            }
        }
    }

    void read_packet(pbf_reader packet)
    {
        ++packets_;
        std::optional<std::uint64_t> time;
        std::optional<std::uint64_t> sequence;
        std::uint32_t flags = 0;
        std::optional<protozero::data_view> event;
        std::optional<protozero::data_view> descriptor;
        std::optional<protozero::data_view> names;
        while (packet.next())
            switch (packet.tag()) {
            case 8:
                time = packet.get_uint64();
                break;
            case 10:
                sequence = packet.get_uint32();
                break;
            case 11:
                event = packet.get_view();
                break;
            case 12:
                names = packet.get_view();
                break;
            case 13:
                flags = packet.get_uint32();
                break;
            case 60:
                descriptor = packet.get_view();
                break;
            default:
                packet.skip();
            }
        require(sequence.has_value() && *sequence != 0, "no trusted_packet_sequence_id");
        require(!sequence_ || sequence == sequence_, "this file has one sequence");
        sequence_ = sequence;
        require(!(event && descriptor), "one thing a packet");
        if ((flags & 1U) != 0) { // SEQ_INCREMENTAL_STATE_CLEARED
            has_state_ = true;
            categories_.clear();
            event_names_.clear();
            annotation_names_.clear();
        }
        may_refer_ = has_state_ && flags != 0; // SEQ_NEEDS_INCREMENTAL_STATE, or cleared here
        if (names)
            read_names(pbf_reader{*names});
        if (descriptor)
            read_descriptor(pbf_reader{*descriptor});
        if (!event)
            return;
        require(time.has_value(), "an event has a time");
        require(time.value_or(0) >= time_, "times ascend on a sequence");
        time_ = time.value_or(time_);
        read_event(pbf_reader{*event});
    }

    void read_names(pbf_reader data)
    {
        while (data.next()) {
            auto& names = data.tag() == 1   ? categories_
                          : data.tag() == 2 ? event_names_
                                            : annotation_names_;
            auto entry = data.get_message();
            std::uint64_t iid = 0;
            std::string name;
            while (entry.next())
                if (entry.tag() == 1)
                    iid = entry.get_uint64();
                else
                    name = entry.get_string();
            require(iid != 0, "0 is no interned id");
            require(names.emplace(iid, name).second, "interned ids are unique");
        }
    }

    void read_descriptor(pbf_reader descriptor)
    {
        PerfettoFile::Track track;
        std::uint64_t uuid = 0;
        while (descriptor.next())
            switch (descriptor.tag()) {
            case 1:
                uuid = descriptor.get_uint64();
                break;
            case 2:
                track.name = descriptor.get_string();
                break;
            case 3: {
                auto process = descriptor.get_message();
                bool has_pid = false;
                while (process.next())
                    if (process.tag() == 1) {
                        has_pid = pids_.insert(process.get_int32()).second;
                    } else if (process.tag() == 6) {
                        track.name = process.get_string();
                    } else {
                        process.skip();
                    }
                require(has_pid, "a process has a pid of its own");
                break;
            }
            case 5:
                track.parent = descriptor.get_uint64();
                break;
            case 8: {
                track.is_counter = true;
                auto counter = descriptor.get_message();
                while (counter.next())
                    if (counter.tag() == 6)
                        track.unit = counter.get_string();
                    else
                        counter.skip();
                break;
            }
            default:
                descriptor.skip();
            }
        require(uuid != 0, "0 is the implicit track");
        require(track.parent == 0 || file_.tracks.count(track.parent) > 0,
                "the parent of a track is described before it");
        require(!track.name.empty(), "a track has a name");
        require(file_.tracks.emplace(uuid, track).second, "one descriptor per track");
    }

    [[nodiscard]] std::string name_of(const Names& names, std::uint64_t iid)
    {
        require(may_refer_, "interned names need SEQ_NEEDS_INCREMENTAL_STATE");
        const auto known = names.find(iid);
        require(known != names.end(), "interned names are known before they are used");
        return known == names.end() ? std::string{} : known->second;
    }

    void read_event(pbf_reader event)
    {
        constexpr std::int32_t begin = 1;
        constexpr std::int32_t end = 2;
        constexpr std::int32_t counter = 4;
        PerfettoFile::Slice slice;
        std::int32_t type = 0;
        std::optional<double> value;
        while (event.next())
            switch (event.tag()) {
            case 3:
                slice.category = name_of(categories_, event.get_uint64());
                break;
            case 4:
                read_annotation(event.get_message(), slice);
                break;
            case 9:
                type = event.get_enum();
                break;
            case 10:
                slice.name = name_of(event_names_, event.get_uint64());
                break;
            case 11:
                slice.track = event.get_uint64();
                break;
            case 23:
                slice.name = event.get_string();
                break;
            case 30:
                value = static_cast<double>(event.get_int64());
                break;
            case 44:
                value = event.get_double();
                break;
            case 47:
                slice.flows.push_back(event.get_fixed64());
                break;
            case 48:
                slice.terminating_flows.push_back(event.get_fixed64());
                break;
            default:
                event.skip();
            }
        const auto track = file_.tracks.find(slice.track);
        if (track == file_.tracks.end()) {
            require(false, "a track is described before its events");
            return;
        }
        require(track->second.is_counter == (type == counter),
                "samples on counter tracks, slices on others");
        require(value.has_value() == (type == counter), "a sample has a value, nothing else has");
        auto& open = open_[slice.track];
        if (type == begin) {
            require(!open, "slices of one track never overlap");
            require(!slice.name.empty(), "a slice has a name");
            begin_flows(slice);
            slice.start_ns = time_;
            open = file_.slices.size();
            file_.slices.push_back(std::move(slice));
        } else if (type == end) {
            require(open.has_value(), "an end has a begin");
            if (open)
                file_.slices[*open].end_ns = time_;
            open.reset();
        } else if (type == counter) {
            auto& samples = file_.counters[slice.track];
            require(samples.empty() || samples.back().time_ns <= time_, "samples ascend");
            samples.push_back({time_, value.value_or(0.0)});
        } else {
            require(false, "no other type of event is written");
        }
    }

    /// The first event of a flow in the file is its source: Perfetto sorts events by time, those
    /// of one time as they stand there.
    void begin_flows(const PerfettoFile::Slice& slice)
    {
        for (const auto flow : slice.flows)
            require(flow != 0 && flows_.emplace(flow, false).second, "a flow has one source");
        for (const auto flow : slice.terminating_flows) {
            const auto source = flows_.find(flow);
            require(source != flows_.end(), "a flow has its source before its end");
            if (source == flows_.end())
                continue;
            require(!source->second, "a flow has one end");
            source->second = true;
        }
    }

    void read_annotation(pbf_reader annotation, PerfettoFile::Slice& slice)
    {
        std::string name;
        std::optional<double> value;
        std::optional<std::string> words;
        while (annotation.next())
            switch (annotation.tag()) {
            case 1:
                name = name_of(annotation_names_, annotation.get_uint64());
                break;
            case 3:
                value = static_cast<double>(annotation.get_uint64());
                break;
            case 5:
                value = annotation.get_double();
                break;
            case 6:
                words = annotation.get_string();
                break;
            default:
                annotation.skip();
            }
        require(!name.empty() && value.has_value() != words.has_value(),
                "an annotation has a name and one value");
        if (value)
            slice.numbers[name] = *value;
        if (words)
            slice.texts[name] = *words;
    }

    void check_end()
    {
        for (const auto& [uuid, open] : open_)
            require(!open, "a begin has an end");
        for (const auto& [flow, ended] : flows_)
            require(ended, "a flow has an end");
    }

    PerfettoFile file_;
    std::size_t packets_ = 0;
    std::optional<std::uint64_t> sequence_;
    std::uint64_t time_ = 0;
    bool has_state_ = false;
    bool may_refer_ = false;
    Names categories_;
    Names event_names_;
    Names annotation_names_;
    std::set<std::int32_t> pids_;
    std::map<std::uint64_t, std::optional<std::size_t>> open_; ///< slice per track
    std::map<std::uint64_t, bool> flows_;                      ///< whether it has ended
};

} // namespace

PerfettoFile read_perfetto(const std::string& bytes)
{
    return Reader{}.read(bytes);
}

} // namespace heatsim::test
