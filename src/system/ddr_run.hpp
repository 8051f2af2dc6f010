// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/ddr_controller.hpp"
#include "stats/distribution.hpp"
#include "workload/memory_traffic.hpp"

#include <cstdint>

namespace heatsim::system {

/// What a memory did with a stream of requests. Cycles are memory clock cycles.
struct DdrRunResult {
    std::uint64_t requests = 0;
    std::uint64_t reads = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;
    std::uint64_t cycles = 0; ///< first request to the end of the last one's data
    /// Request accepted to its last beat handed back; reads only, writes are posted.
    stats::Distribution read_latency_cycles;
    hw::DramCounts counts;    ///< all channels
    double cpu_seconds = 0.0; ///< of the simulation, this process; not part of the model
};

/// Sends a stream of requests straight to the memory controllers, without ports and without
/// SystemC: up to `outstanding` requests at a time, writes only until they are accepted; at most
/// one request a memory clock cycle, in order. \pre the requests' addresses lie inside the memory
[[nodiscard]] DdrRunResult
run_ddr(const hw::DdrConfig& config, workload::MemoryTraffic& traffic, std::uint64_t outstanding);

[[nodiscard]] double nanoseconds(const hw::DdrConfig& config, double cycles);
/// Bytes read and written / time, in 10^9 bytes per second.
[[nodiscard]] double bandwidth_gbs(const hw::DdrConfig& config, const DdrRunResult& result);

} // namespace heatsim::system
