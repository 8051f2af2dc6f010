// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/token_selector/token_selector.hpp"
#include "hw/vector_unit/vector_unit.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {

/// Constants of rtl/heatsim_pkg.sv, cycles; tests/rtl measures each of them.
constexpr std::uint64_t rtl_requantize_latency = 5;
constexpr std::uint64_t rtl_gelu_latency = 9;
constexpr std::uint64_t rtl_sigmoid_latency = 3;
constexpr std::uint64_t rtl_exponential_latency = 9;
/// Per softmax row: maximum of the last word (2); its read, distance, exponential and two sums;
/// reciprocal of 26 bits and its start and end; read, product and rounding of the last word.
constexpr std::uint64_t rtl_softmax_row_cycles = 2 + (rtl_exponential_latency + 3) + (26 + 2) + 3;
constexpr std::uint64_t rtl_score_token_cycles = 1 + (8 + 2);
constexpr std::uint64_t rtl_selector_step_cycles = 1 + 3;
constexpr std::uint64_t rtl_package_divide_cycles = 1 + (8 + 1);

/// Parameters of rtl/vector_units.sv.
constexpr std::uint64_t rtl_lanes = 16;          ///< of GELU, sigmoid and the token selector
constexpr std::uint64_t rtl_softmax_engines = 2; ///< rows in parallel
constexpr std::uint64_t rtl_softmax_lanes = 8;   ///< of one engine

/// What rtl/vector_units.sv is, in the words of the model. Its units stand side by side, each with
/// a depth of its own: that of `kind`, one of Softmax, Gelu and Sigmoid.
[[nodiscard]] hw::VectorUnitConfig rtl_vector_unit(workload::OperatorKind kind);
[[nodiscard]] hw::TokenSelectorConfig rtl_token_selector();

/// One run of a unit of rtl/vector_units.sv and what the model says about it.
struct RtlUnitWork {
    std::string line;            ///< of the harness: `softmax 591 197`, `selector 197 138 192 3`
    std::string unit;            ///< its first word
    std::uint64_t predicted = 0; ///< cycles of the fabric clock
};
/// `softmax ROWS COLUMNS`
[[nodiscard]] RtlUnitWork rtl_softmax_work(std::uint64_t rows, std::uint64_t columns);
/// `gelu ELEMENTS`
[[nodiscard]] RtlUnitWork rtl_gelu_work(std::uint64_t elements);
/// `sigmoid ELEMENTS`
[[nodiscard]] RtlUnitWork rtl_sigmoid_work(std::uint64_t elements);
/// `selector TOKENS KEPT CHANNELS HEADS`: `kept` with the class token, without the package token.
/// \pre kept <= tokens
[[nodiscard]] RtlUnitWork rtl_selector_work(std::uint64_t tokens,
                                            std::uint64_t kept,
                                            std::uint64_t channels,
                                            std::uint64_t heads);
/// Works of DeiT-T, -S and -B at the token counts of the stages of schedule `heatvit`, none of them
/// chosen for its result.
[[nodiscard]] std::vector<RtlUnitWork> rtl_unit_works();

} // namespace heatsim::system
