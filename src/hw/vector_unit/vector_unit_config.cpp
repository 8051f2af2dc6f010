// SPDX-License-Identifier: Apache-2.0
#include "hw/vector_unit/vector_unit_config.hpp"

namespace heatsim::hw {

void describe(config::Visitor& visitor, VectorUnitConfig& config)
{
    visitor.integer("lanes", config.lanes, {1, 4096},
                    "elements per cycle of GELU, sigmoid, residual and means");
    visitor.integer(
        "requantize_lanes", config.requantize_lanes, {0, 4096},
        "elements per cycle between accumulator and store; 0 = at the pace of the store");
    visitor.integer("pipeline_depth_cycles", config.pipeline_depth_cycles, {0, 4096},
                    "first element in to first element out");
    visitor.integer("nonlinear_depth_cycles", config.nonlinear_depth_cycles, {0, 4096},
                    "the same for GELU and sigmoid");
    visitor.integer("tile_rows", config.tile_rows, {1, 65536},
                    "rows in flight together, of an operator that is not fused");
    visitor.integer("softmax_engines", config.softmax_engines, {1, 1024},
                    "softmax rows in parallel");
    visitor.integer("softmax_lanes", config.softmax_lanes, {1, 1024},
                    "elements per cycle of one softmax engine");
    visitor.integer("softmax_passes", config.softmax_passes, {1, 16},
                    "passes over each softmax row");
    visitor.integer("softmax_row_cycles", config.softmax_row_cycles, {0, 100000},
                    "per row on top of its passes (reciprocal, pipeline)");
    visitor.integer("layer_norm_lanes", config.layer_norm_lanes, {1, 4096},
                    "elements per cycle of LayerNorm on the fabric");
    visitor.integer("layer_norm_row_cycles", config.layer_norm_row_cycles, {0, 100000},
                    "per row on top of its two passes (statistics, normalization)");
    visitor.boolean("fuse_gelu", config.fuse_gelu,
                    "GELU, ReLU or sigmoid on the output tile before it is stored");
    visitor.boolean("fuse_residual", config.fuse_residual,
                    "residual added to the output tile before it is stored");
    visitor.boolean("fuse_softmax", config.fuse_softmax,
                    "softmax on the output tile where it holds whole rows");
}

} // namespace heatsim::hw
