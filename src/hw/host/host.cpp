// SPDX-License-Identifier: Apache-2.0
#include "hw/host/host.hpp"

#include <cmath>

namespace heatsim::hw {

std::uint64_t
host_cycles(const HostConfig& config, Clock fabric_clock, const channel::RowWork& work)
{
    // rows are dealt out to the cores whole
    const auto rows_per_core = ceil_div(work.rows, config.cores);
    const auto cpu_cycles = std::ceil(static_cast<double>(rows_per_core * work.columns) *
                                      config.layer_norm_cycles_per_element);
    const Clock cpu_clock{config.clock_mhz};
    return fabric_clock.ceil_cycles(cpu_clock.to_fs(static_cast<std::uint64_t>(cpu_cycles)));
}

Host::Host(const sc_core::sc_module_name& name, const HostConfig& config, Clock fabric_clock)
    : TimedWorker{name, channel::Worker::Host, fabric_clock}
    , config_{config}
    , fabric_clock_{fabric_clock}
{
    work_export.bind(*this);
}

std::uint64_t Host::start(const channel::RowWork& work, std::uint64_t delay_cycles)
{
    const auto cycles = host_cycles(config_, fabric_clock_, work);
    occupy(cycles, delay_cycles);
    return cycles;
}

} // namespace heatsim::hw
