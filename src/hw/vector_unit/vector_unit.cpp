// SPDX-License-Identifier: Apache-2.0
#include "hw/vector_unit/vector_unit.hpp"

#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

namespace {

std::uint64_t
softmax_cycles(const VectorUnitConfig& config, std::uint64_t rows, std::uint64_t columns)
{
    const auto row_cycles =
        config.softmax_passes * ceil_div(columns, config.softmax_lanes) + config.softmax_row_cycles;
    return ceil_div(rows, config.softmax_engines) * row_cycles;
}

/// Requantization and everything fused behind it, one pipeline.
std::uint64_t output_tile_cycles(const VectorUnitConfig& config, const channel::RowWork& work)
{
    const auto elements = work.rows * work.columns;
    std::uint64_t throughput = 0;
    std::uint64_t depth = 0;
    if (config.requantize_lanes > 0) {
        throughput = ceil_div(elements, config.requantize_lanes);
        depth += config.pipeline_depth_cycles;
    }
    if (work.fused_nonlinear) {
        throughput = std::max(throughput, ceil_div(elements, config.lanes));
        depth += config.nonlinear_depth_cycles;
    }
    if (work.fused_add) {
        throughput = std::max(throughput, ceil_div(elements, config.lanes));
        depth += config.pipeline_depth_cycles;
    }
    if (work.fused_softmax) // whole rows are needed before the first result
        throughput += softmax_cycles(config, work.rows, work.columns);
    return throughput + depth;
}

} // namespace

std::uint64_t vector_cycles(const VectorUnitConfig& config, const channel::RowWork& work)
{
    using workload::OperatorKind;
    const auto elements = work.rows * std::max(work.columns, work.input_columns);
    switch (work.kind) {
    case OperatorKind::Gemm:
    case OperatorKind::Convolution:
        return output_tile_cycles(config, work);
    case OperatorKind::Softmax:
        return softmax_cycles(config, work.rows, std::max(work.columns, work.input_columns));
    case OperatorKind::LayerNorm:
    case OperatorKind::Normalize:
        return work.rows *
               (2 * ceil_div(work.columns, config.layer_norm_lanes) + config.layer_norm_row_cycles);
    case OperatorKind::Gelu:
    case OperatorKind::Relu:
    case OperatorKind::Sigmoid:
        return ceil_div(elements, config.lanes) + config.nonlinear_depth_cycles;
    case OperatorKind::Add:
    case OperatorKind::Mean:
    case OperatorKind::Concatenate:
        return ceil_div(elements, config.lanes) + config.pipeline_depth_cycles;
    case OperatorKind::Copy:
        return 0; // as fast as its transfers
    case OperatorKind::Score:
    case OperatorKind::Compact:
    case OperatorKind::Package:
    case OperatorKind::Append:
    case OperatorKind::TopK:
    case OperatorKind::Fuse:
    case OperatorKind::Halt:
    case OperatorKind::Match:
    case OperatorKind::Merge:
        break; // the token selector's
    }
    return 0;
}

VectorUnit::VectorUnit(const sc_core::sc_module_name& name,
                       const VectorUnitConfig& config,
                       Clock clock)
    : TimedWorker{name, channel::Worker::VectorUnit, clock}
    , config_{config}
{
    work_export.bind(*this);
}

std::uint64_t VectorUnit::start(const channel::RowWork& work, std::uint64_t delay_cycles)
{
    const auto cycles = vector_cycles(config_, work);
    occupy(cycles, delay_cycles);
    return cycles;
}

} // namespace heatsim::hw
