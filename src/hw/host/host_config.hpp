// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <cstdint>

namespace heatsim::hw {

/// The CPU cores beside the fabric, for the operators that run there (LayerNorm).
struct HostConfig {
    double clock_mhz = 1200.0;
    std::uint64_t cores = 4;
    double layer_norm_cycles_per_element = 1.5; ///< one core, all passes, vectorized
    double interrupt_latency_us =
        3.0; ///< fabric done → software runs, and software done → fabric runs
    std::uint64_t burst_bytes = 256; ///< prefetched cache lines per memory request
    std::uint64_t outstanding_bursts = 8;
    std::uint64_t port_width_bits = 128;
    double port_clock_mhz = 533.0; ///< clock of that path
};

void describe(config::Visitor& visitor, HostConfig& config);

} // namespace heatsim::hw
