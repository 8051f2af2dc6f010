// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"
#include "system/simulation.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {

/// How a run is put together from parts.
struct CompositionOptions {
    std::size_t sample_images = 50; ///< simulated in full to measure the error; all if fewer
    std::uint64_t seed = 1;         ///< of the choice of them
    Progress parts_progress;        ///< simulations done and needed
};

/// A run put together, with what it says of itself in `RunResult::composition`.
struct ComposedRun {
    RunResult run;
    std::vector<std::string> notes; ///< for the user: the store could not be read or written
};

/// Puts every image's cost together from operators that were simulated in other images.
///
/// (1) The images that are simulated for it have the same number of tokens behind every selector
///     (197, 101, 101, 101): one per number, so there are no more of them than the model has
///     tokens, however many images there are. An operator is taken from the image that has as many
///     tokens as the operator's own stage.
/// (2) Where its shape is another one there, because it depends on two stages, as the compaction of
///     a selector does, it is taken from where the shape is the same, if need be at another
///     selector; where no such image has it, as with a ranking, from the second selector of an
///     image with these token counts before and behind it (197, 160, 120, 120).
/// (3) From a selector that prunes to the first GEMM behind it, operators are those behind the
///     first selector. That GEMM's weights are fetched while the selector works, so its cost
///     depends on the tokens before the selector, too: the difference is interpolated between
///     images of a coarse grid of both token counts (197, 82, 45, 45).
/// Which images that are depends on the token counts alone, so the result does not depend on what
/// is stored.
///
/// Approximated: what else one operator leaves to the next (open rows, the place in the refresh
/// interval), which is that of another image. Not composed: rows of the DDR and the units'
/// statistics, known for whole images only.
/// \throws config::Error if an operator has a shape that no such image has, as where tokens rise
/// \throws SimulationError as `run_images`
[[nodiscard]] ComposedRun compose_images(Simulation& simulation,
                                         const RunSetup& setup,
                                         const Execution& execution,
                                         const CompositionOptions& options);

} // namespace heatsim::system
