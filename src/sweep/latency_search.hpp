// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/schedule.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

/// Which selectors meet a latency target within an accuracy budget: the latency-aware multi-stage
/// selection of HeatViT (HPCA 2023, arXiv 2211.08110) with a table in the place of training.
namespace heatsim::sweep {

/// A selector and the stage behind it.
struct Stage {
    std::uint64_t before_block = 0; ///< 1-based
    double keep_ratio = 1.0;        ///< cumulative: kept / original patches

    [[nodiscard]] bool operator==(const Stage& other) const
    {
        return before_block == other.before_block && keep_ratio == other.keep_ratio;
    }
};
/// In the order of their blocks; keep ratios do not rise.
using Stages = std::vector<Stage>;

/// `form` with these selectors instead of its own.
[[nodiscard]] workload::Schedule schedule_of(const workload::Schedule& form, const Stages& stages);

/// What is searched for, and what is known of a choice of selectors.
struct SearchProblem {
    std::uint64_t blocks = 0;
    std::uint64_t first_block = 2; ///< foremost block that may get a selector in front
    double step = 0.05;            ///< by which keep ratios are tuned
    /// Neighbours whose pruning rates differ by less become one stage; the paper's 8.5 %.
    double merge_below = 0.085;
    std::size_t max_selectors = 3;
    double latency_target_ms = 0.0;
    double least_top1_percent = 0.0;
    std::function<double(const Stages&)> latency_ms;
    /// Nothing: not known.
    std::function<std::optional<double>(const Stages&)> top1_percent;
};

struct Candidate {
    Stages stages;
    double latency_ms = 0.0;
    std::optional<double> top1_percent; ///< nothing: not known, outside the hull
};

/// What a step of the search did.
enum class StepKind : std::uint8_t {
    Start,  ///< the dense network
    Insert, ///< one more selector, in front of the others
    Tune,   ///< keep ratios lowered step by step
    Merge,  ///< neighbours that prune alike became one stage
    Refine, ///< local search from the best candidate
};
inline constexpr std::array<config::EnumName<StepKind>, 5> step_kind_names{{
    {StepKind::Start, "start"},
    {StepKind::Insert, "insert"},
    {StepKind::Tune, "tune"},
    {StepKind::Merge, "merge"},
    {StepKind::Refine, "refine"},
}};

struct SearchStep {
    StepKind kind = StepKind::Start;
    Candidate candidate;
    bool kept = true; ///< false: it was taken back
};

struct SearchResult {
    std::vector<SearchStep> steps; ///< empty for an exhaustive search
    /// Of the candidates within the accuracy budget: the most accurate one that meets the target,
    /// else the fastest.
    Candidate best;
    bool met = false;            ///< the target, within the budget
    std::size_t evaluations = 0; ///< candidates whose latency was looked up
};

/// From the last block forwards: inserts a selector, lowers keep ratios as long as the accuracy
/// stays within the budget and the target is not met (the step that saves most time per accuracy
/// lost), merges neighbours that prune alike. What leaves the budget, and a selector that does not
/// pay for itself, is taken back. A local search follows, which also moves, takes away and adds
/// selectors: for accuracy, or for speed where the target is not met. It starts from the best
/// candidate, from what the insertion would have come to had it gone on to the foremost block, and
/// from the best single selector at each place.
/// \pre the functions are set; the dense network's accuracy is known
[[nodiscard]] SearchResult latency_search(const SearchProblem& problem);

/// Every choice of up to `max_selectors` selectors whose keep ratios fall along the multiples of
/// `problem.step` below 1.
[[nodiscard]] SearchResult exhaustive_search(const SearchProblem& problem);

/// How many choices that are, the dense network included; capped at `most`.
[[nodiscard]] std::size_t exhaustive_choices(const SearchProblem& problem, std::size_t most);

} // namespace heatsim::sweep
