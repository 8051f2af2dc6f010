// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <cstdint>

namespace heatsim::hw {

/// A memory of which only latency and bandwidth are known, in cycles of the fabric clock.
struct ThrottledMemoryConfig {
    std::uint64_t latency_cycles = 60; ///< request at the port → the burst's turn on the data bus
    std::uint64_t bytes_per_cycle = 16; ///< of the data bus that all ports share
};

void describe(config::Visitor& visitor, ThrottledMemoryConfig& config);

} // namespace heatsim::hw
