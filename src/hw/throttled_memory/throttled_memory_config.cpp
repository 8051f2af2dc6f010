// SPDX-License-Identifier: Apache-2.0
#include "hw/throttled_memory/throttled_memory_config.hpp"

namespace heatsim::hw {

void describe(config::Visitor& visitor, ThrottledMemoryConfig& config)
{
    visitor.integer("latency_cycles", config.latency_cycles, {1, 100000},
                    "request at the port to the burst's turn on the data bus, fabric cycles");
    visitor.integer("bytes_per_cycle", config.bytes_per_cycle, {1, 65536},
                    "of the data bus that all ports share, per fabric cycle");
}

} // namespace heatsim::hw
