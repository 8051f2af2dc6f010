// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/simulation.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::sweep {

/// Latency of an image as a sum of parts that were simulated by token count. All in cycles of the
/// fabric clock; a token count is an index, counts that were not simulated hold 0.
struct LatencyTable {
    std::vector<std::uint64_t> block_cycles; ///< one transformer block, by its tokens
    /// What stands around the blocks (patch embedding, final LayerNorm, head), by the tokens of the
    /// last block: few of them leave less time to fetch the head's weights.
    std::vector<std::uint64_t> outside_cycles;
    std::uint64_t first_selector_cycles = 0;    ///< the selector that sees all tokens
    std::vector<std::uint64_t> selector_cycles; ///< another one, by the tokens in front of it
    std::size_t simulations = 0;                ///< images that were simulated for it

    /// Of one image with the schedule's target token counts.
    /// \pre the selectors stand in front of blocks of `model`, which the table is of
    [[nodiscard]] std::uint64_t cycles(const workload::Model& model,
                                       const workload::Schedule& schedule) const;
};

/// Simulates every token count of the model: a block (`system::block_staircase`), an image of three
/// blocks, and two selectors of the form that `schedule` describes, whose own selectors do not
/// matter. \throws system::SimulationError
[[nodiscard]] LatencyTable simulated_latency_table(system::Simulation& simulation,
                                                   const workload::Model& model,
                                                   const workload::Schedule& schedule);

} // namespace heatsim::sweep
