// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/simulation.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// What one transformer block costs as a function of its tokens. Tiles and the array's channels cut
/// the tokens into pieces of a fixed size, so the cost is a staircase.
namespace heatsim::system {

/// One token count.
struct BlockCost {
    std::uint64_t tokens = 0;
    std::uint64_t cycles = 0;
    std::vector<std::uint64_t> operator_cycles; ///< sum up to `cycles`
};

/// A token count that costs much more than the one before it.
struct Step {
    std::uint64_t tokens = 0;         ///< first one above the step
    std::int64_t rise_cycles = 0;     ///< cycles(tokens) - cycles(tokens - 1)
    std::size_t largest_operator = 0; ///< whose cycles rise most
    std::int64_t largest_rise_cycles = 0;
    std::vector<std::string> boundaries; ///< pieces that `tokens - 1` fills exactly
};

/// Token counts that cost as much as `high`: pruning from there down to `low` buys nothing.
struct Plateau {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

struct Staircase {
    std::vector<std::string> operators; ///< of the block, without its number: `attn.qkv`
    std::vector<BlockCost> costs;       ///< tokens ascending by 1
    [[nodiscard]] const BlockCost& at(std::uint64_t tokens) const
    {
        return costs[tokens - costs.front().tokens];
    }
    /// (cycles of the most tokens - cycles of the fewest) / difference of the tokens; 0 for one.
    [[nodiscard]] double cycles_per_token() const;
};

/// Simulates every token count from `fewest` to the model's. The block is the middle one of three:
/// its first weights come under the one before it, and the next one's under its end. Patch
/// embedding and head, which do not depend on the tokens, stand around them and are not counted.
[[nodiscard]] Staircase
block_staircase(Simulation& simulation, const workload::Model& model, std::uint64_t fewest);

/// Intervals of two and more token counts in which pruning buys nothing: no count costs less than
/// (1 - tolerance) of what the highest costs, and from the lowest to the highest a token costs at
/// most `flat` times cycles_per_token. Found from the most tokens down, each as long as it can be,
/// none overlaps another. Ascending.
[[nodiscard]] std::vector<Plateau>
plateaus(const Staircase& staircase, double tolerance, double flat);

/// Counts whose rise is above `factor` times cycles_per_token. \param pieces names and sizes of
/// what cuts the tokens
[[nodiscard]] std::vector<Step>
steps(const Staircase& staircase,
      double factor,
      const std::vector<std::pair<std::string, std::uint64_t>>& pieces);

/// What cuts the tokens of a block on this design: each a name with its size in tokens, at least 2.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>>
token_pieces(const Accelerator& accelerator);

} // namespace heatsim::system
