// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/host/host_config.hpp"
#include "tlm/worker.hpp"

namespace heatsim::hw {

/// The CPU cores, for operators the fabric leaves to them (LayerNorm).
///
/// Modelled:     compute cycles per element over all cores; their memory traffic through the CPU's
///               own path (a DMA block of the topology); interrupt latency both ways (controller).
/// Not modelled: caches beyond a prefetched stream, other load on the CPU, the scheduler of its
///               system.
/// Timing:       start → work_done after ceil(elements · cycles_per_element / cores) CPU cycles,
///               rounded up to fabric cycles.
/// Source:       docs/models/host.md.
class Host final : public channel::TimedWorker, public channel::RowWorkerIf {
  public:
    sc_core::sc_export<channel::RowWorkerIf> work_export{"work_export"};

    Host(const sc_core::sc_module_name& name, const HostConfig& config, Clock fabric_clock);

    std::uint64_t start(const channel::RowWork& work, std::uint64_t delay_cycles) override;
    void restart() override { restart_worker(); }

  private:
    const HostConfig config_;
    const Clock fabric_clock_;
};

/// Fabric cycles the host computes on one piece of work.
[[nodiscard]] std::uint64_t
host_cycles(const HostConfig& config, Clock fabric_clock, const channel::RowWork& work);

} // namespace heatsim::hw
