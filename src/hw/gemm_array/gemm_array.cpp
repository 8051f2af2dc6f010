// SPDX-License-Identifier: Apache-2.0
#include "hw/gemm_array/gemm_array.hpp"

namespace heatsim::hw {

GemmArray::GemmArray(const sc_core::sc_module_name& name,
                     const GemmArrayConfig& config,
                     Clock clock)
    : TimedWorker{name, channel::Worker::Array, clock}
    , timing_{make_array_timing(config)}
{
    work_export.bind(*this);
}

channel::TileCycles GemmArray::start(const channel::TileWork& work)
{
    const auto cycles = timing_->cycles(work);
    occupy(cycles.busy + cycles.fill_drain, 0);
    return cycles;
}

} // namespace heatsim::hw
