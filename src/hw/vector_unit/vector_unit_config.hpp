// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <cstdint>

namespace heatsim::hw {

/// Lanes and engines of the nonlinear units.
struct VectorUnitConfig {
    std::uint64_t lanes = 16; ///< elements per cycle of GELU, sigmoid, residual, means
    std::uint64_t requantize_lanes =
        16; ///< elements per cycle between accumulator and store; 0 = at the store's own pace
    std::uint64_t pipeline_depth_cycles = 12;  ///< first element in → first element out
    std::uint64_t nonlinear_depth_cycles = 12; ///< the same for GELU and sigmoid
    std::uint64_t tile_rows = 64; ///< rows of an operator of its own that are in flight together
    std::uint64_t softmax_engines = 1; ///< rows in parallel
    std::uint64_t softmax_lanes = 1;   ///< elements per cycle of one engine
    std::uint64_t softmax_passes = 3;  ///< over each row: maximum; exponentials and sum; scaling
    std::uint64_t softmax_row_cycles = 46; ///< per row on top of its passes (reciprocal, pipeline)
    std::uint64_t layer_norm_lanes = 16; ///< elements per cycle, where LayerNorm runs on the fabric
    std::uint64_t layer_norm_row_cycles =
        40;                    ///< per row on top of its two passes (square root, division)
    bool fuse_gelu = true;     ///< GELU (and ReLU, sigmoid) on the output tile before it is stored
    bool fuse_residual = true; ///< residual added to the output tile before it is stored
    bool fuse_softmax = false; ///< softmax on the output tile where it holds whole rows
};

void describe(config::Visitor& visitor, VectorUnitConfig& config);

} // namespace heatsim::hw
