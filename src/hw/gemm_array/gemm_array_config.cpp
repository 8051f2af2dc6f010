// SPDX-License-Identifier: Apache-2.0
#include "hw/gemm_array/gemm_array_config.hpp"

namespace heatsim::hw {

std::uint64_t GemmArrayConfig::spatial_input_channels() const
{
    switch (style) {
    case ArrayStyle::BroadcastTree:
        return input_channels;
    case ArrayStyle::SystolicWeightStationary:
        return rows;
    case ArrayStyle::BroadcastOuterProduct:
    case ArrayStyle::SystolicOutputStationary:
        return 1;
    }
    return 1;
}

void describe(config::Visitor& visitor, GemmArrayConfig& config)
{
    using config::Presence;
    visitor.choice("style", config.style, array_style_names, "how operands move through the array",
                   Presence::Required);
    visitor.integer("heads", config.heads, {1, 64}, "T_h: attention heads computed in parallel");
    if (config.style == ArrayStyle::BroadcastTree) {
        visitor.integer("input_channels", config.input_channels, {1, 1024},
                        "T_i: input channels per cycle", Presence::Required);
        visitor.integer("output_channels", config.output_channels, {1, 1024},
                        "T_o: output channels per cycle", Presence::Required);
    } else {
        visitor.integer(
            "rows", config.rows, {1, 1024},
            "R: tokens (output-stationary, outer product) or input channels (weight-stationary)",
            Presence::Required);
        visitor.integer("columns", config.columns, {1, 1024}, "C: output channels",
                        Presence::Required);
    }
    visitor.choice("dense_lanes", config.dense_lanes, head_lanes_names,
                   "what the T_h parallel heads compute in a GEMM without heads");
    visitor.integer("initiation_interval_cycles", config.initiation_interval_cycles, {1, 1024},
                    "cycles between two token rows of a tile");
    visitor.integer(
        "pipeline_depth_cycles", config.pipeline_depth_cycles, {0, 4096},
        "last operand in to last result in the accumulator (adder tree, requantization input)");
    visitor.integer("switch_cycles", config.switch_cycles, {0, 4096},
                    "bubble between two consecutive tiles");
    visitor.boolean("overlap", config.overlap,
                    "next tile or fold enters while the last one drains");
}

} // namespace heatsim::hw
