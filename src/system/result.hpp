// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy.hpp"
#include "stats/distribution.hpp"
#include "stats/stats.hpp"
#include "tlm/cost.hpp"
#include "workload/operators.hpp"
#include "workload/schedule.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::system {

/// What one image cost. Of a batch every image takes the whole time, from the batch's start to its
/// end, and an equal share of the traffic and the energy.
struct ImageResult {
    workload::TokenCounts tokens;
    std::uint64_t macs = 0;
    std::uint64_t cycles = 0;
    channel::CauseCycles cycles_by_cause{}; ///< sums up to `cycles`
    std::uint64_t read_bytes = 0;           ///< from external memory, all ports
    std::uint64_t write_bytes = 0;
    std::uint64_t row_hits = 0;   ///< column accesses to a row that is open already
    std::uint64_t row_misses = 0; ///< activates of a bank with no open row
    std::uint64_t row_conflicts = 0;
    estimate::Energy energy; ///< of its operators and of the time they take
};

/// Calls `visit` with each number of an image, in a fixed order: all but its tokens.
template <typename Image, typename Visit>
void for_each_number(Image& image, Visit visit)
{
    visit(image.macs);
    visit(image.cycles);
    visit(image.cycles_by_cause);
    visit(image.read_bytes);
    visit(image.write_bytes);
    visit(image.row_hits);
    visit(image.row_misses);
    visit(image.row_conflicts);
    visit(image.energy);
}

/// One operator over all images of a run. Sums; divide by `executions` for the mean.
struct OperatorSummary {
    std::string name;
    workload::OperatorKind kind = workload::OperatorKind::Gemm;
    channel::Worker unit = channel::Worker::Array;
    std::uint32_t block = 0;
    std::uint32_t selector = 0;
    std::uint32_t stage = 0;
    std::string fused_into; ///< operator on whose output tiles it ran; empty if it ran by itself
    std::uint64_t executions = 0; ///< once per image, or per batch
    std::uint64_t rows = 0;       ///< token rows (times heads)
    std::uint64_t macs = 0;
    channel::OperatorCost sum;
    estimate::Energy energy; ///< without the part `Static`
};

/// Deviation of composed images from the same ones simulated.
struct CompositionError {
    double mean_percent = 0.0; ///< of the absolute deviations
    double worst_percent = 0.0;
};

/// What a run says of itself whose images are put together from parts.
struct Composition {
    std::uint64_t simulations = 0;        ///< images the parts are from
    std::uint64_t stored_simulations = 0; ///< of them made by an earlier run; not part of the model
    std::uint64_t sample_images = 0;
    std::uint64_t sample_seed = 0;
    CompositionError latency; ///< of the images of the sample
    CompositionError energy;
    CompositionError traffic; ///< bytes read and written
};

/// Result of a run over one or many images.
struct RunResult {
    std::vector<ImageResult> images; ///< one batch behind the other
    std::size_t batch_images = 1;    ///< of one batch
    std::vector<OperatorSummary> operators;
    std::vector<stats::Sample> statistics; ///< summed over the images
    /// Not part of the model: what was simulated, cycles of a reused image once, and how long it
    /// took all processes.
    std::uint64_t simulated_cycles = 0;
    double cpu_seconds = 0.0;
    double wall_seconds = 0.0;
    /// Where the images are put together from parts: their rows of the DDR and `statistics` are
    /// not known then.
    std::optional<Composition> composition;
};

} // namespace heatsim::system
