// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/result_folder.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "stats/distribution.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// Runs side by side; the first one is the baseline of the others.
namespace heatsim::report {

/// The same images in a run and in the baseline, image by image.
struct PairedImages {
    std::uint64_t images = 0;
    std::uint64_t faster = 0; ///< than in the baseline
    std::uint64_t slower = 0;
    stats::Distribution ratio; ///< latency of the image / its latency in the baseline
};

/// Cycles per image of an operator or a group of operators in every run.
struct PartDifference {
    std::string name;
    std::vector<std::optional<double>> cycles; ///< per run; nothing: the run has no such part

    /// Cycles of run `index` less those of the baseline; a part that is not there takes none.
    [[nodiscard]] double change(std::size_t index) const
    {
        return cycles[index].value_or(0.0) - cycles.front().value_or(0.0);
    }
    /// Largest change of any run, without its sign.
    [[nodiscard]] double largest_change() const;
};

struct Comparison {
    std::vector<RunFigures> runs;
    /// Per run; nothing for the baseline and where the images are others or one only.
    std::vector<std::optional<PairedImages>> paired;
    std::vector<PartDifference> groups;    ///< largest change first
    std::vector<PartDifference> operators; ///< largest change first
};

inline constexpr std::size_t fewest_compared_runs = 2;
inline constexpr std::size_t most_compared_runs = 26; ///< each has a letter

/// Images are the same if their numbers in images.csv and the datasets, where known, are. A run
/// without a trace takes the same time for every image: it is compared with all images of a trace.
/// \pre 2 to 26 runs
[[nodiscard]] Comparison compare_runs(std::vector<RunFigures> runs);

/// `A` for the first run.
[[nodiscard]] std::string run_letter(std::size_t index);

inline constexpr std::size_t all_operators = std::numeric_limits<std::size_t>::max();

/// Tables for people. \param most_operators rows of the table of operators
/// \param width columns of the page; runs that do not fit go into further tables
[[nodiscard]] std::string comparison_text(const Comparison& comparison,
                                          std::size_t most_operators,
                                          std::size_t width,
                                          const Style& style);
[[nodiscard]] std::string comparison_markdown(const Comparison& comparison,
                                              std::size_t most_operators);
/// Every figure of all runs: {label, explain, unit, better (`lower` or `higher`), values, texts,
/// changes against the baseline}, a list entry per run.
[[nodiscard]] nlohmann::ordered_json compared_figures(const Comparison& comparison);
/// What to know of the figures and of operators that not all runs have.
[[nodiscard]] std::vector<std::string> comparison_notes(const Comparison& comparison);
/// Keys as in `comparison_fields()`.
[[nodiscard]] nlohmann::ordered_json comparison_json(const Comparison& comparison,
                                                     std::size_t most_operators);
/// One row per figure and run, columns as in `comparison_columns()`.
[[nodiscard]] std::string comparison_csv(const Comparison& comparison, std::size_t most_operators);

/// Every key of `heatsim compare --format json`.
[[nodiscard]] const std::vector<Field>& comparison_fields();
/// Every column of `heatsim compare --format csv`.
[[nodiscard]] const std::vector<Field>& comparison_columns();

} // namespace heatsim::report
