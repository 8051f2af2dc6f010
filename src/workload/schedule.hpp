// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"
#include "workload/model.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::workload {

/// What happens to the tokens a selector prunes.
enum class PackageToken : std::uint8_t {
    One,            ///< one package token, merged again at each selector (HeatViT)
    OnePerSelector, ///< each selector appends one more (public SPViT code)
    None,           ///< pruned tokens are dropped (DynamicViT)
};
inline constexpr std::array<config::EnumName<PackageToken>, 3> package_token_names{{
    {PackageToken::One, "one"},
    {PackageToken::OnePerSelector, "one_per_selector"},
    {PackageToken::None, "none"},
}};

/// Form of the token selector's first layer (design: section 2 of the HeatViT paper).
enum class SelectorMlp1 : std::uint8_t {
    Half,  ///< d → d/2, the global half is the mean of the local one (paper)
    Split, ///< d → d, split into a local and a global half (public SPViT code)
};
inline constexpr std::array<config::EnumName<SelectorMlp1>, 2> selector_mlp1_names{{
    {SelectorMlp1::Half, "half"},
    {SelectorMlp1::Split, "split"},
}};

enum class SelectorWeights : std::uint8_t { PerHead, Shared };
inline constexpr std::array<config::EnumName<SelectorWeights>, 2> selector_weights_names{{
    {SelectorWeights::PerHead, "per_head"},
    {SelectorWeights::Shared, "shared"},
}};

/// Which tokens the selector's network scores.
enum class ScoredTokens : std::uint8_t { All, Patches };
inline constexpr std::array<config::EnumName<ScoredTokens>, 2> scored_tokens_names{{
    {ScoredTokens::All, "all"},
    {ScoredTokens::Patches, "patches"},
}};

/// One token selector. Exactly one of `keep_ratio` and `tokens` is given.
struct Selector {
    std::uint64_t before_block = 0; ///< 1-based
    double keep_ratio = 0.0;        ///< kept / original patch tokens, cumulative; 0 = not given
    std::uint64_t tokens = 0;       ///< tokens behind the selector, all kinds; 0 = not given
};

/// Pruning schedule: which blocks get a selector, and how much each one keeps.
struct Schedule {
    std::string name;
    std::string description;
    std::string source;
    PackageToken package_token = PackageToken::One;
    SelectorMlp1 mlp1 = SelectorMlp1::Half;
    SelectorWeights weights = SelectorWeights::PerHead;
    ScoredTokens scored_tokens = ScoredTokens::All;
    bool norm = true; ///< LayerNorm of each head's slice in front of the first layer
    std::vector<Selector> selectors;

    /// Stages: the runs of blocks between selectors.
    [[nodiscard]] std::size_t stages() const { return selectors.size() + 1; }
};

void describe(config::Visitor& visitor, Selector& selector);
void describe(config::Visitor& visitor, Schedule& schedule);

/// Tokens of one image in every stage, package tokens included; front() is the unpruned count.
using TokenCounts = std::vector<std::uint64_t>;

/// Token counts of the schedule's targets: floor(patches · keep ratio) + class tokens + package
/// tokens. \pre `violations(schedule, model)` is empty
[[nodiscard]] TokenCounts target_token_counts(const Schedule& schedule, const Model& model);

/// Package tokens behind selector `index` (0-based) if any token was pruned so far.
[[nodiscard]] std::uint64_t package_tokens(const Schedule& schedule, std::size_t index);

/// A rule over schedule and model that is violated.
struct ScheduleViolation {
    std::size_t selector; ///< 0-based
    std::string key;      ///< field of the selector
    std::string found;
    std::string expected;
};
/// Rules no single file can check: blocks the model has, tokens it has, head width for the
/// selector.
[[nodiscard]] std::vector<ScheduleViolation> violations(const Schedule& schedule,
                                                        const Model& model);

} // namespace heatsim::workload
