// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heatsim::test {

/// A trace in Perfetto's format, read with the rules that Perfetto's documentation has for writers
/// of track events (protos/perfetto/trace, docs/reference/synthetic-track-event).
struct PerfettoFile {
    struct Track {
        std::string name;
        std::uint64_t parent = 0; ///< 0: none
        bool is_counter = false;
        std::string unit;
    };
    struct Slice {
        std::uint64_t track = 0;
        std::uint64_t start_ns = 0;
        std::uint64_t end_ns = 0;
        std::string name;
        std::string category;
        std::map<std::string, double> numbers; ///< debug annotations
        std::map<std::string, std::string> texts;
        std::vector<std::uint64_t> flows;
        std::vector<std::uint64_t> terminating_flows;
    };
    struct Sample {
        std::uint64_t time_ns = 0;
        double value = 0.0;
    };

    std::map<std::uint64_t, Track> tracks; ///< by uuid
    std::vector<Slice> slices;             ///< in order of their begin
    std::map<std::uint64_t, std::vector<Sample>> counters;
    /// Rules that do not hold: fields and wire types that the messages do not have; packets out of
    /// order of time, without a sequence, that refer to names that are not known; descriptors
    /// that come late, twice or without the parent they name; begins and ends that do not match;
    /// slices that overlap; events on tracks of the other kind; flows without two ends.
    std::vector<std::string> violations;
};

[[nodiscard]] PerfettoFile read_perfetto(const std::string& bytes);

} // namespace heatsim::test
