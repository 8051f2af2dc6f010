// SPDX-License-Identifier: Apache-2.0
#include "hw/token_selector/token_selector_config.hpp"

namespace heatsim::hw {

void describe(config::Visitor& visitor, TokenSelectorConfig& config)
{
    visitor.integer("compact_lanes", config.compact_lanes, {1, 4096},
                    "channels per cycle moved by compaction and append");
    visitor.integer("package_lanes", config.package_lanes, {1, 4096},
                    "channels per cycle summed into the package token");
    visitor.integer("score_cycles_per_head", config.score_cycles_per_head, {1, 1024},
                    "score t times weight a of one head of one token");
    visitor.integer("score_token_cycles", config.score_token_cycles, {0, 1024},
                    "per token: division, comparison with the threshold, address");
    visitor.integer("divide_cycles", config.divide_cycles, {1, 1024},
                    "division of package_lanes sums by the score sum");
    visitor.integer("compare_lanes", config.compare_lanes, {1, 4096},
                    "scores compared at once: ranking for top_k, largest similarity");
    visitor.integer("halt_token_cycles", config.halt_token_cycles, {1, 1024},
                    "per token: halting score summed up and compared with the threshold");
    visitor.integer("control_cycles", config.control_cycles, {0, 100000},
                    "start-up of each step of the selector");
}

} // namespace heatsim::hw
