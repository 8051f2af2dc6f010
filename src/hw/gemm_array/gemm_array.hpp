// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/gemm_array/array_timing.hpp"
#include "tlm/worker.hpp"

namespace heatsim::hw {

/// The GEMM array: computes one tile at a time out of its buffers.
///
/// Modelled:     occupancy of a tile for adder-tree, outer-product and systolic arrays
///               (array_timing.cpp); idle lanes and padding to the array's shape.
/// Not modelled: bank conflicts between the array and its buffers; the numbers themselves.
/// Timing:       start → work_done after busy + fill_drain cycles; results complete `drain` later.
/// Source:       docs/models/gemm_array.md.
class GemmArray final : public channel::TimedWorker, public channel::ArrayIf {
  public:
    sc_core::sc_export<channel::ArrayIf> work_export{"work_export"};

    GemmArray(const sc_core::sc_module_name& name, const GemmArrayConfig& config, Clock clock);

    channel::TileCycles start(const channel::TileWork& work) override;
    void restart() override { restart_worker(); }

  private:
    const std::unique_ptr<ArrayTiming> timing_;
};

} // namespace heatsim::hw
