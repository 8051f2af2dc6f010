// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/vector_unit/vector_unit_config.hpp"
#include "tlm/worker.hpp"

namespace heatsim::hw {

/// The nonlinear units: requantization, GELU, ReLU, sigmoid, softmax, residual, means, LayerNorm,
/// copies.
///
/// Modelled:     lanes, passes and pipeline depth of each function; one piece of work at a time;
///               functions fused on an output tile run as one pipeline at the pace of the slowest.
/// Not modelled: two functions at once on different tiles.
/// Timing:       start → work_done after cycles(work) (vector_unit.cpp).
/// Source:       docs/models/vector_unit.md.
class VectorUnit final : public channel::TimedWorker, public channel::RowWorkerIf {
  public:
    sc_core::sc_export<channel::RowWorkerIf> work_export{"work_export"};

    VectorUnit(const sc_core::sc_module_name& name, const VectorUnitConfig& config, Clock clock);

    std::uint64_t start(const channel::RowWork& work, std::uint64_t delay_cycles) override;
    void restart() override { restart_worker(); }

  private:
    const VectorUnitConfig config_;
};

/// Cycles of one piece of work on the nonlinear units.
[[nodiscard]] std::uint64_t vector_cycles(const VectorUnitConfig& config,
                                          const channel::RowWork& work);

} // namespace heatsim::hw
