// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace heatsim::numerics {

/// Keep scores, thresholds, t and a are unsigned with 8 fraction bits: 0 to 255/256.
constexpr unsigned score_fraction = 8;
/// A token is kept where its score is not below 0.5.
constexpr std::uint8_t keep_threshold = 128;

/// Score of one token: ⌊Σ_i t_i·a_i / Σ_i a_i⌋ over the heads, as rtl/token_score.sv: bit for bit.
/// 0 where all a_i are 0. Bits are dropped, not rounded, so that a score is at least a threshold
/// exactly where the quotient is: rounding would keep tokens that are half a step below it. \param
/// keep_scores t_i of every head; \param head_weights as many a_i; at most 16
[[nodiscard]] std::uint8_t token_score(const std::vector<std::uint8_t>& keep_scores,
                                       const std::vector<std::uint8_t>& head_weights) noexcept;

/// Weight of a pruned token in the package token: its score, at least one step, so that the weights
/// of tokens with score 0 have a sum to divide by.
[[nodiscard]] constexpr std::uint32_t package_weight(std::uint8_t score) noexcept
{
    return score == 0 ? 1U : score;
}

/// Tokens (rows) of int8 channels behind a token selector.
struct SelectedTokens {
    std::vector<std::vector<std::int8_t>> tokens; ///< kept ones in order, then the package token
    std::vector<std::uint32_t> kept;              ///< their rows before
    bool package = false;                         ///< the last token is a package token
};
/// Selection and package token as rtl/token_selector.sv: bit for bit. A channel of the package
/// token is Σ w·x / Σ w over the pruned tokens, to nearest, halves away from zero. If none is
/// pruned there is no package token. \param tokens rows of equally many channels; at most 256
/// \param scores one per token; \param class_tokens the first so many are kept whatever their score
[[nodiscard]] SelectedTokens select_tokens(const std::vector<std::vector<std::int8_t>>& tokens,
                                           const std::vector<std::uint8_t>& scores,
                                           std::uint8_t threshold,
                                           std::uint32_t class_tokens);

/// The score-weighted mean of one channel: Σ w·x / Σ w, to nearest, halves away from zero.
/// \param sum Σ w·x; \param weight Σ w, not 0; \pre |sum| <= 128 · weight < 2^24
[[nodiscard]] std::int8_t package_mean(std::int32_t sum, std::uint32_t weight) noexcept;

} // namespace heatsim::numerics
