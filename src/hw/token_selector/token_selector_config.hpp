// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <cstdint>

namespace heatsim::hw {

/// Control logic of the token selector; its linear layers run on the GEMM array.
struct TokenSelectorConfig {
    std::uint64_t compact_lanes = 16;        ///< channels per cycle moved by compaction and append
    std::uint64_t package_lanes = 16;        ///< channels per cycle summed into the package token
    std::uint64_t score_cycles_per_head = 1; ///< multiply-accumulate t·a of one head of one token
    std::uint64_t score_token_cycles = 1; ///< compare and address of one token, pipelined division
    std::uint64_t divide_cycles = 20;     ///< division of package_lanes sums by the score sum
    std::uint64_t compare_lanes = 16;     ///< scores compared at once by ranking and matching
    std::uint64_t halt_token_cycles = 1;  ///< sum, remainder and threshold of one halting score
    std::uint64_t control_cycles = 16;    ///< start-up of each of its steps
};

void describe(config::Visitor& visitor, TokenSelectorConfig& config);

} // namespace heatsim::hw
