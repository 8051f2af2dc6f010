// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

namespace heatsim::workload {

/// One request to a memory.
struct MemoryRequest {
    std::uint64_t cycle = 0; ///< memory clock cycle from which it may be sent
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    bool write = false;
};

/// A stream of memory requests.
class MemoryTraffic {
  public:
    MemoryTraffic() = default;
    MemoryTraffic(const MemoryTraffic&) = delete;
    MemoryTraffic& operator=(const MemoryTraffic&) = delete;
    virtual ~MemoryTraffic() = default;
    /// False at the end of the stream.
    virtual bool next(MemoryRequest& request) = 0;
};

enum class TrafficPattern : std::uint8_t {
    Sequential, ///< one address after the other
    Strided,    ///< a burst every stride; behind the footprint's end the next burst of each place
    Random,     ///< bursts at uniformly drawn places, aligned to their size
};
inline constexpr std::array<config::EnumName<TrafficPattern>, 3> traffic_pattern_names{{
    {TrafficPattern::Sequential, "sequential"},
    {TrafficPattern::Strided, "strided"},
    {TrafficPattern::Random, "random"},
}};

/// Generated traffic. All requests may be sent at once: how fast they go is up to the memory and
/// the number that may be outstanding.
struct TrafficConfig {
    TrafficPattern pattern = TrafficPattern::Sequential;
    std::uint64_t count = 360448; ///< requests; of 64 B, 22 MiB
    std::uint64_t request_bytes = 64;
    std::uint64_t burst_bytes = 0; ///< consecutive bytes at each place; 0 = one request
    std::uint64_t stride_bytes = 4096;
    std::uint64_t footprint_bytes = 1073741824;
    std::uint64_t write_every = 0; ///< every so many bursts one is written; 0 = none, 1 = all
    /// Two sequential streams, half the footprint apart, in turns: so many bytes read, then so many
    /// written. Both 0: one stream.
    std::uint64_t read_block_bytes = 0;
    std::uint64_t write_block_bytes = 0;
    std::uint64_t interval_cycles = 0; ///< a request may be sent every so many memory clock cycles
    std::uint64_t seed = 1;

    [[nodiscard]] std::uint64_t bytes_per_burst() const
    {
        return burst_bytes > 0 ? burst_bytes : request_bytes;
    }
};

void describe(config::Visitor& visitor, TrafficConfig& config);

[[nodiscard]] std::unique_ptr<MemoryTraffic> generate_traffic(const TrafficConfig& config);

/// A memory trace in DRAMSys' format, plain or gzip: lines `cycle: read|write 0xADDRESS`, with
/// `(BYTES)` in front of the command where a request is longer or shorter than `request_bytes`;
/// data behind the address is ignored, lines that start with # are comments.
/// The file is checked as a whole first and then read again, line by line.
/// \param capacity_bytes addresses from here on are refused
/// \throws config::Error: lines that do not parse, cycles that go backwards, addresses outside the
///         memory, no request at all
[[nodiscard]] std::unique_ptr<MemoryTraffic> read_memory_trace(const std::string& path,
                                                               std::uint64_t request_bytes,
                                                               std::uint64_t capacity_bytes);

/// Writes one line of a memory trace, `bytes` left out.
void write_memory_request(std::ostream& out, const MemoryRequest& request);

} // namespace heatsim::workload
