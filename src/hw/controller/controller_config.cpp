// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/controller_config.hpp"

namespace heatsim::hw {

namespace {

constexpr config::Integers any_bytes{0, 1099511627776};
constexpr config::Integers some_bytes{1, 1099511627776};

} // namespace

void describe(config::Visitor& visitor, TileConfig& config)
{
    using config::Presence;
    visitor.integer("tokens", config.tokens, {1, 65536}, "token rows of a tile",
                    Presence::Required);
    visitor.integer("input_channels", config.input_channels, {1, 262144},
                    "input channels of a tile", Presence::Required);
    visitor.integer("output_channels", config.output_channels, {1, 262144},
                    "output channels of a tile", Presence::Required);
}

void describe(config::Visitor& visitor, BuffersConfig& config)
{
    using config::Presence;
    visitor.integer("input_bytes", config.input_bytes, some_bytes, "input tiles",
                    Presence::Required);
    visitor.integer("weight_bytes", config.weight_bytes, some_bytes, "weight tiles",
                    Presence::Required);
    visitor.integer("accumulator_bytes", config.accumulator_bytes, some_bytes,
                    "32-bit partial sums", Presence::Required);
    visitor.integer("output_bytes", config.output_bytes, some_bytes,
                    "requantized tiles waiting to be stored", Presence::Required);
    visitor.integer("activation_bytes", config.activation_bytes, any_bytes,
                    "whole tensors that stay on chip between operators");
    visitor.boolean("double_buffered", config.double_buffered,
                    "the next tile is loaded under the compute of the current one");
    visitor.boolean("reuse", config.reuse, "a tile still in its buffer is not fetched again");
}

void describe(config::Visitor& visitor, ControllerConfig& config)
{
    visitor.choice("loop_order", config.loop_order, loop_order_names, "order of the tile loops");
    visitor.integer("operator_cycles", config.operator_cycles, {0, 1000000},
                    "decode and set-up of one operator");
    visitor.boolean("prefetch_weights", config.prefetch_weights,
                    "weights of the next operator are fetched under the current one");
    visitor.boolean("layout_copies", config.layout_copies,
                    "patches, heads and their outputs are rearranged in memory by copy operators");
    visitor.integer("score_bits", config.score_bits, {8, 32},
                    "attention score in memory, between QK^T and softmax");
    visitor.check(config.score_bits % 8 == 0, "score_bits", "8, 16, 24 or 32");
}

} // namespace heatsim::hw
