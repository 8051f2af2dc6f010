// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/summary.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// Latency, energy and DDR traffic over the images of a run. \param clock_mhz of the fabric
[[nodiscard]] std::vector<QuantityDistribution>
distributions_of(const std::vector<system::ImageResult>& images, double clock_mhz);
/// Value of `distributions` in summary.json.
[[nodiscard]] nlohmann::ordered_json
distributions_json(const std::vector<QuantityDistribution>& distributions);
[[nodiscard]] std::vector<Field> distribution_fields();

/// distribution.csv: one row per bin of each quantity's histogram.
[[nodiscard]] std::string distribution_csv(const Summary& summary);
[[nodiscard]] std::vector<Field> distribution_columns();

/// Images by latency, with the cumulative share. \pre not all images take as long
[[nodiscard]] std::vector<std::string>
histogram_lines(const Summary& summary, const system::RunResult& run, const Style& style);

/// Images of a run to be compared with each other, by their number in the run, slowest first.
struct TailSelection {
    std::vector<std::size_t> slowest; ///< slowest 1 %, from 1 to 100 images
    std::vector<std::size_t> typical; ///< as many around the median
};
/// Nothing if all images take as long. Of images that take as long the earlier one counts as
/// slower.
[[nodiscard]] std::optional<TailSelection> select_tail(const system::RunResult& run);

/// One share of the time in which the slowest images differ from the typical ones, per image.
struct TailShare {
    std::string name;
    double slowest_ms = 0.0;
    double typical_ms = 0.0;
    [[nodiscard]] double more_ms() const { return slowest_ms - typical_ms; }
};
/// Time of a stage: its blocks, and the selector that reads its tokens.
struct TailStage {
    StageSummary stage; ///< of the slowest images
    double typical_tokens = 0.0;
    TailShare time;
};
/// One of the slowest images.
struct TailImage {
    std::size_t image = 0;
    double latency_ms = 0.0;
    workload::TokenCounts tokens;
};
/// Which images are the slowest, and why.
struct Tail {
    std::uint64_t run_images = 0;
    double slowest_ms = 0.0; ///< mean
    double typical_ms = 0.0; ///< mean
    std::vector<TailImage> images;
    std::vector<TailStage> stages;
    std::vector<TailShare> groups;
    std::vector<TailShare> causes;
    [[nodiscard]] double more_ms() const { return slowest_ms - typical_ms; }
};
/// \param slowest, typical results of the selected images alone
[[nodiscard]] Tail tail_of(const system::RunSetup& setup,
                           const system::RunResult& run,
                           const TailSelection& selection,
                           const system::RunResult& slowest,
                           const system::RunResult& typical);
/// The reason in one sentence: the stage, the group and the cause that take most of the difference.
[[nodiscard]] std::string tail_sentence(const Tail& tail);
/// Value of `tail` in summary.json.
[[nodiscard]] nlohmann::ordered_json tail_json(const Tail& tail);
[[nodiscard]] std::vector<Field> tail_fields();
[[nodiscard]] std::string tail_text(const Tail& tail, const Style& style);

} // namespace heatsim::report
