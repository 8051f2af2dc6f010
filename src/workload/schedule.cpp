// SPDX-License-Identifier: Apache-2.0
#include "workload/schedule.hpp"

#include <cmath>

namespace heatsim::workload {

using config::Presence;

void describe(config::Visitor& visitor, Selector& selector)
{
    visitor.integer("before_block", selector.before_block, {1, 1024},
                    "block (counted from 1) in front of which the selector stands",
                    Presence::Required);
    visitor.real("keep_ratio", selector.keep_ratio, {0.0, 1.0},
                 "kept / original patch tokens (cumulative); 0 = `tokens` is given instead");
    visitor.integer(
        "tokens", selector.tokens, {0, 65536},
        "tokens behind the selector, class and package tokens included; 0 = `keep_ratio` is given");
    visitor.check((selector.keep_ratio > 0.0) != (selector.tokens > 0), "keep_ratio",
                  "exactly one of keep_ratio and tokens above 0");
}

void describe(config::Visitor& visitor, Schedule& schedule)
{
    visitor.text("name", schedule.name, "name of the pruning schedule", Presence::Required);
    visitor.text("description", schedule.description, "what the schedule is, in one line");
    visitor.text("source", schedule.source, "where it was read");
    visitor.choice("package_token", schedule.package_token, package_token_names,
                   "what becomes of pruned tokens");
    visitor.choice("mlp1", schedule.mlp1, selector_mlp1_names,
                   "form of the selector's first layer");
    visitor.choice("weights", schedule.weights, selector_weights_names,
                   "selector weights of each head, or shared");
    visitor.choice("scored_tokens", schedule.scored_tokens, scored_tokens_names,
                   "tokens the selector scores");
    visitor.boolean("norm", schedule.norm,
                    "LayerNorm of each head's slice in front of the selector's first layer");
    visitor.list("selectors", schedule.selectors,
                 "token selectors, from the first block to the last");
    for (std::size_t i = 1; i < schedule.selectors.size(); ++i) {
        const auto& before = schedule.selectors[i - 1];
        const auto& here = schedule.selectors[i];
        const auto key = "selectors." + std::to_string(i) + ".";
        visitor.check(here.before_block > before.before_block, (key + "before_block").c_str(),
                      "a later block than the selector before it (" +
                          std::to_string(before.before_block) + ")");
        visitor.check(here.keep_ratio <= before.keep_ratio || before.tokens > 0,
                      (key + "keep_ratio").c_str(),
                      "at most that of the selector before it: keep ratios are cumulative");
        visitor.check(here.tokens <= before.tokens || before.keep_ratio > 0.0,
                      (key + "tokens").c_str(),
                      "at most that of the selector before it: pruned tokens do not return");
    }
}

std::uint64_t package_tokens(const Schedule& schedule, std::size_t index)
{
    switch (schedule.package_token) {
    case PackageToken::One:
        return 1;
    case PackageToken::OnePerSelector:
        return index + 1;
    case PackageToken::None:
        return 0;
    }
    return 0;
}

TokenCounts target_token_counts(const Schedule& schedule, const Model& model)
{
    // keep ratios are decimal fractions: 0.29 * 100 must floor to 29, not to 28
    constexpr double decimal_slack = 1e-9;
    const auto patches = model.patch_tokens();
    TokenCounts counts{model.tokens()};
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto& selector = schedule.selectors[i];
        if (selector.tokens > 0) {
            counts.push_back(selector.tokens);
            continue;
        }
        const auto kept = static_cast<std::uint64_t>(
            std::floor(static_cast<double>(patches) * selector.keep_ratio + decimal_slack));
        const auto package = kept == patches ? 0 : package_tokens(schedule, i);
        counts.push_back(kept + model.class_tokens + package);
    }
    return counts;
}

std::vector<ScheduleViolation> violations(const Schedule& schedule, const Model& model)
{
    std::vector<ScheduleViolation> found;
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto& selector = schedule.selectors[i];
        if (selector.before_block > model.depth)
            found.push_back({i, "before_block",
                             "selector before block " + std::to_string(selector.before_block),
                             "a block of " + model.name + ", 1 to " + std::to_string(model.depth)});
        if (selector.tokens > model.tokens())
            found.push_back(
                {i, "tokens", std::to_string(selector.tokens) + " tokens",
                 "at most the " + std::to_string(model.tokens()) + " tokens of " + model.name});
        const auto least = model.class_tokens + package_tokens(schedule, i);
        if (selector.tokens > 0 && selector.tokens < least)
            found.push_back({i, "tokens", std::to_string(selector.tokens) + " tokens",
                             "at least " + std::to_string(least) + " (class and package tokens)"});
    }
    if (!schedule.selectors.empty() && model.head_dim() % 4 != 0)
        found.push_back({0, "before_block",
                         "head width " + std::to_string(model.head_dim()) + " of " + model.name,
                         "a multiple of 4 (the selector's layers are d/2 and d/4 wide)"});
    return found;
}

} // namespace heatsim::workload
