// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>

namespace heatsim::hw {

/// Order of the tile loops of a GEMM, outermost first; m counts tokens, n output channels, k input
/// channels.
enum class LoopOrder : std::uint8_t {
    TokensOuter,      ///< m, n, k: an input row panel stays, weights stream past it
    ChannelsOuter,    ///< n, m, k: a weight panel stays, inputs stream past it
    WeightStationary, ///< n, k, m: a weight tile stays, partial sums of the tokens in flight wait
    InputStationary,  ///< m, k, n: an input tile stays, partial sums of the output channels wait
    LeastTraffic,     ///< of these, for each operator the one that reads the fewest bytes
};
inline constexpr std::array<config::EnumName<LoopOrder>, 5> loop_order_names{{
    {LoopOrder::TokensOuter, "tokens_outer"},
    {LoopOrder::ChannelsOuter, "channels_outer"},
    {LoopOrder::WeightStationary, "weight_stationary"},
    {LoopOrder::InputStationary, "input_stationary"},
    {LoopOrder::LeastTraffic, "least_traffic"},
}};

/// Largest tile the buffers hold at once. Where T_h heads run in parallel, they share it: each head
/// gets 1/T_h of the channels.
struct TileConfig {
    std::uint64_t tokens = 64;
    std::uint64_t input_channels = 192;
    std::uint64_t output_channels = 64;
};

/// On-chip buffers.
struct BuffersConfig {
    std::uint64_t input_bytes = 65536;
    std::uint64_t weight_bytes = 65536;
    std::uint64_t accumulator_bytes = 65536; ///< partial sums, 4 bytes each
    std::uint64_t output_bytes = 32768;      ///< requantized outputs waiting to be stored
    std::uint64_t activation_bytes = 0;      ///< keeps whole tensors on chip between operators
    /// Loads of the next tile run under the compute of this one, stores under both. Without it a
    /// tile is loaded, computed and stored before the next one starts.
    bool double_buffered = true;
    bool reuse = true; ///< a tile still in its buffer is not fetched again
};

struct ControllerConfig {
    LoopOrder loop_order = LoopOrder::TokensOuter;
    std::uint64_t operator_cycles = 32; ///< decode and set-up of one operator
    bool prefetch_weights =
        true; ///< weights of the next operator are fetched under the current one
    bool layout_copies =
        false; ///< patches, heads and their outputs are rearranged in memory by copies
    std::uint64_t score_bits =
        8; ///< width of an attention score between QKᵀ and softmax, in memory
};

void describe(config::Visitor& visitor, TileConfig& config);
void describe(config::Visitor& visitor, BuffersConfig& config);
void describe(config::Visitor& visitor, ControllerConfig& config);

} // namespace heatsim::hw
