// SPDX-License-Identifier: Apache-2.0
#include "hw/host/host_config.hpp"

#include "units/units.hpp"

namespace heatsim::hw {

void describe(config::Visitor& visitor, HostConfig& config)
{
    visitor.real("clock_mhz", config.clock_mhz, {1.0, 10000.0}, "clock of the CPU cores");
    visitor.integer("cores", config.cores, {1, 1024}, "cores that share an operator's rows");
    visitor.real("layer_norm_cycles_per_element", config.layer_norm_cycles_per_element,
                 {0.001, 1000.0}, "CPU cycles of LayerNorm per element on one core, all passes");
    visitor.real("interrupt_latency_us", config.interrupt_latency_us, {0.0, 100000.0},
                 "fabric done to software running; the same again back to the fabric");
    visitor.integer("burst_bytes", config.burst_bytes, {16, 4096},
                    "bytes of one memory request of the CPU");
    visitor.integer("outstanding_bursts", config.outstanding_bursts, {1, 256},
                    "memory requests in flight");
    visitor.integer("port_width_bits", config.port_width_bits, {8, 1024},
                    "width of the CPU's path to memory");
    visitor.real("port_clock_mhz", config.port_clock_mhz, {1.0, 10000.0},
                 "clock of the CPU's path to memory");
    visitor.check(is_power_of_two(config.burst_bytes), "burst_bytes", "a power of two");
    visitor.check(is_power_of_two(config.port_width_bits), "port_width_bits", "a power of two");
}

} // namespace heatsim::hw
