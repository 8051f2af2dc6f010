// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>

namespace heatsim::hw {

enum class ArrayStyle : std::uint8_t {
    BroadcastTree, ///< T_h × T_i × T_o, inputs broadcast, products summed by adder trees (HeatViT)
    BroadcastOuterProduct,    ///< T_h × R × C accumulators, one input channel of R tokens and C
                              ///< outputs per cycle
    SystolicOutputStationary, ///< T_h arrays of R × C processing elements, outputs stay
    SystolicWeightStationary, ///< T_h arrays of R × C processing elements, weights stay
};
inline constexpr std::array<config::EnumName<ArrayStyle>, 4> array_style_names{{
    {ArrayStyle::BroadcastTree, "broadcast_tree"},
    {ArrayStyle::BroadcastOuterProduct, "broadcast_outer_product"},
    {ArrayStyle::SystolicOutputStationary, "systolic_output_stationary"},
    {ArrayStyle::SystolicWeightStationary, "systolic_weight_stationary"},
}};

/// What the T_h parallel heads do in a GEMM that has no heads (QKV, projection, FC1, FC2, …).
enum class HeadLanes : std::uint8_t {
    OutputChannels, ///< each computes other output channels
    InputChannels,  ///< each sums other input channels, added at the end
    Tokens,         ///< each computes other tokens
};
inline constexpr std::array<config::EnumName<HeadLanes>, 3> head_lanes_names{{
    {HeadLanes::OutputChannels, "output_channels"},
    {HeadLanes::InputChannels, "input_channels"},
    {HeadLanes::Tokens, "tokens"},
}};

/// Shape and pipeline of the GEMM array.
struct GemmArrayConfig {
    ArrayStyle style = ArrayStyle::BroadcastTree;
    std::uint64_t heads = 1;            ///< T_h
    std::uint64_t input_channels = 16;  ///< T_i; broadcast tree only
    std::uint64_t output_channels = 16; ///< T_o; broadcast tree only
    std::uint64_t rows =
        16; ///< R: tokens (output-stationary, outer product) or input channels (weight-stationary)
    std::uint64_t columns = 16; ///< C: output channels
    HeadLanes dense_lanes = HeadLanes::OutputChannels;
    std::uint64_t initiation_interval_cycles = 1; ///< cycles between two rows of a tile
    std::uint64_t pipeline_depth_cycles = 8; ///< last operand in → last result in the accumulator;
                                             ///< not for systolic arrays, whose skew is their shape
    std::uint64_t switch_cycles = 1; ///< bubble between two consecutive tiles
    bool overlap = true;             ///< next tile (or fold) enters while the last one drains

    /// Input channels one pass over the array takes from a tile; 1 where they follow each other in
    /// time.
    [[nodiscard]] std::uint64_t spatial_input_channels() const;
    /// Output channels one pass over the array computes.
    [[nodiscard]] std::uint64_t spatial_output_channels() const
    {
        return style == ArrayStyle::BroadcastTree ? output_channels : columns;
    }
    [[nodiscard]] std::uint64_t macs_per_cycle() const
    {
        return heads * (style == ArrayStyle::BroadcastTree ? input_channels * output_channels
                                                           : rows * columns);
    }
};

void describe(config::Visitor& visitor, GemmArrayConfig& config);

} // namespace heatsim::hw
