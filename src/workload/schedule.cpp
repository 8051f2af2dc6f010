// SPDX-License-Identifier: Apache-2.0
#include "workload/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace heatsim::workload {

using config::Presence;

namespace {

// ratios are decimal fractions: 0.29 * 100 must floor to 29, not to 28
constexpr double decimal_slack = 1e-9;

[[nodiscard]] std::uint64_t rounded(std::uint64_t count, double ratio, Rounding rounding)
{
    const double product = static_cast<double>(count) * ratio;
    return static_cast<std::uint64_t>(rounding == Rounding::Ceil
                                          ? std::ceil(product - decimal_slack)
                                          : std::floor(product + decimal_slack));
}

[[nodiscard]] std::uint64_t kept_of(std::uint64_t count, double ratio)
{
    return std::max<std::uint64_t>(rounded(count, ratio, Rounding::Floor), 1);
}

/// Whether the network of the schedule's selectors is HeatViT's.
[[nodiscard]] bool has_head_network(const Schedule& schedule)
{
    return schedule.scoring == Scoring::Selector;
}

[[nodiscard]] bool has_network(const Schedule& schedule)
{
    return has_head_network(schedule) || schedule.scoring == Scoring::Predictor;
}

/// Which ways of scoring, choosing and disposing go together.
void check_method(config::Visitor& visitor, const Schedule& schedule)
{
    const auto scoring = schedule.scoring;
    const std::string name = config::name_of(scoring, scoring_names);
    const bool scores_tokens = has_network(schedule) || scoring == Scoring::ClassAttention;
    if (scoring == Scoring::None)
        visitor.check(schedule.choice == Choice::Fixed, "choice",
                      "fixed: with scoring none nothing else decides");
    else if (scoring == Scoring::Halting)
        visitor.check(schedule.choice == Choice::Threshold, "choice",
                      "threshold: with scoring halting a token stops by itself");
    else if (scoring == Scoring::KeySimilarity)
        visitor.check(schedule.choice == Choice::TopK, "choice",
                      "top_k: with scoring key_similarity the most similar pairs are merged");
    else
        visitor.check(schedule.choice != Choice::Fixed, "choice",
                      fmt::format("threshold or top_k with scoring {}", name));

    switch (schedule.package_token) {
    case PackageToken::None:
        visitor.check(scoring != Scoring::KeySimilarity, "package_token",
                      "merged with scoring key_similarity");
        break;
    case PackageToken::One:
    case PackageToken::OnePerSelector:
        visitor.check(scores_tokens, "package_token",
                      scoring == Scoring::KeySimilarity
                          ? "merged with scoring key_similarity"
                          : fmt::format("none: scoring {} has no scores to weight the pruned "
                                        "tokens with",
                                        name));
        break;
    case PackageToken::Fused:
        visitor.check(scoring == Scoring::ClassAttention, "package_token",
                      "fused with scoring class_attention only, whose scores are its weights");
        break;
    case PackageToken::Merged:
        visitor.check(scoring == Scoring::KeySimilarity, "package_token",
                      "merged with scoring key_similarity only, which finds the partners");
        break;
    case PackageToken::KeptAside:
        visitor.check(scores_tokens, "package_token",
                      "kept_aside with scoring selector, predictor or class_attention");
        break;
    }
    visitor.check(!schedule.accumulate_scores || scoring == Scoring::ClassAttention,
                  "accumulate_scores", "false: only scoring class_attention has scores per block");
    visitor.check(!schedule.proportional_attention || scoring == Scoring::KeySimilarity,
                  "proportional_attention",
                  "false: only tokens merged by scoring key_similarity have sizes");
    visitor.check(schedule.mlp1 == SelectorMlp1::Half || has_head_network(schedule), "mlp1",
                  fmt::format("half: scoring {} has no such layer", name));
    visitor.check(schedule.weights == SelectorWeights::PerHead || has_head_network(schedule),
                  "weights", fmt::format("per_head: scoring {} has no weights of heads", name));
    visitor.check(schedule.norm || has_head_network(schedule), "norm",
                  fmt::format("true: scoring {} leaves no choice", name));
    visitor.check(schedule.scored_tokens == ScoredTokens::All || has_network(schedule),
                  "scored_tokens", fmt::format("all: scoring {} leaves no choice", name));
}

/// Rules over one selector and the schedule it belongs to.
void check_place(config::Visitor& visitor,
                 const Schedule& schedule,
                 const Selector& selector,
                 const std::string& prefix)
{
    const auto rule = [&](bool holds, const char* key, const char* expected) {
        visitor.check(holds, (prefix + key).c_str(), expected);
    };
    const bool inside = selector.is_inside();
    rule(!inside || schedule.scoring != Scoring::Halting, "inside_block",
         "before_block: tokens halt between two blocks");
    rule(!inside || !schedule.accumulate_scores, "inside_block",
         "before_block: scores are accumulated over whole blocks");
    rule(!inside || schedule.package_token != PackageToken::KeptAside, "inside_block",
         "before_block: tokens are set aside between two blocks");
    rule(inside || schedule.scoring != Scoring::KeySimilarity, "before_block",
         "inside_block: keys are those of the same block's attention");
    const bool needs_block_before =
        schedule.scoring == Scoring::ClassAttention || schedule.scoring == Scoring::Halting;
    rule(inside || selector.before_block != 1 || !needs_block_before, "before_block",
         "2 or more: scores come from the block before");
    rule(selector.removed_tokens == 0 || schedule.package_token == PackageToken::Merged,
         "removed_tokens", "keep_ratio or tokens: only merging takes away a number of tokens");
    rule(selector.keep_ratio == 0.0 || schedule.package_token != PackageToken::Merged, "keep_ratio",
         "removed_tokens or tokens with package_token merged");
}

/// Rules over two selectors that follow each other.
void check_order(config::Visitor& visitor,
                 const Schedule& schedule,
                 const Selector& before,
                 const Selector& here,
                 const std::string& prefix)
{
    const bool later = here.block() > before.block() ||
                       (here.block() == before.block() && here.is_inside() && !before.is_inside());
    visitor.check(later, (prefix + (here.is_inside() ? "inside_block" : "before_block")).c_str(),
                  fmt::format("a later block than the selector before it ({})", before.block()));
    if (schedule.package_token == PackageToken::KeptAside)
        return; // tokens come back: nothing is cumulative
    visitor.check(here.keep_ratio <= before.keep_ratio || before.keep_ratio == 0.0 ||
                      schedule.keep_ratio_of == KeepRatioOf::Current,
                  (prefix + "keep_ratio").c_str(),
                  "at most that of the selector before it: keep ratios are cumulative");
    visitor.check(here.tokens <= before.tokens || before.tokens == 0, (prefix + "tokens").c_str(),
                  "at most that of the selector before it: pruned tokens do not return");
}

} // namespace

void describe(config::Visitor& visitor, Selector& selector)
{
    visitor.integer("before_block", selector.before_block, {0, 1024},
                    "block (counted from 1) in front of which the selector stands; 0 = "
                    "`inside_block` is given instead");
    visitor.integer("inside_block", selector.inside_block, {0, 1024},
                    "block (counted from 1) between whose attention and FFN the selector stands; "
                    "0 = `before_block` is given");
    visitor.check((selector.before_block > 0) != (selector.inside_block > 0), "before_block",
                  "exactly one of before_block and inside_block above 0");
    visitor.real("keep_ratio", selector.keep_ratio, {0.0, 1.0},
                 "kept / original patch tokens (cumulative), or what `keep_ratio_of` says; 0 = "
                 "`tokens` or `removed_tokens` is given instead");
    visitor.integer("tokens", selector.tokens, {0, 65536},
                    "tokens behind the selector, class and package tokens included; 0 = not given");
    visitor.integer("removed_tokens", selector.removed_tokens, {0, 65536},
                    "tokens that are merged into others, at most half of those that may be; 0 = "
                    "not given");
    const auto given = (selector.keep_ratio > 0.0 ? 1 : 0) + (selector.tokens > 0 ? 1 : 0) +
                       (selector.removed_tokens > 0 ? 1 : 0);
    visitor.check(given == 1, "keep_ratio",
                  "exactly one of keep_ratio, tokens and removed_tokens above 0");
}

void describe(config::Visitor& visitor, PublishedPoint& point)
{
    constexpr double most_gmacs = 1e6;
    constexpr double whole_percent = 100.0;
    visitor.text("model", point.model, "model the figures are of, a name in models/",
                 Presence::Required);
    visitor.real("gmacs", point.gmacs, {0.0, most_gmacs},
                 "10^9 multiply-accumulates an image; 0 = not published");
    visitor.real("top1_percent", point.top1_percent, {0.0, whole_percent},
                 "top-1 accuracy on ImageNet in %; 0 = not published");
    visitor.text("source", point.source, "where they were read", Presence::Required);
}

void describe(config::Visitor& visitor, Schedule& schedule)
{
    visitor.text("name", schedule.name, "name of the pruning schedule", Presence::Required);
    visitor.text("description", schedule.description, "what the schedule is, in one line");
    visitor.text("source", schedule.source, "where it was read");
    visitor.choice("scoring", schedule.scoring, scoring_names, "how a selector scores tokens");
    visitor.choice("choice", schedule.choice, choice_names,
                   "how scores decide which tokens are kept");
    visitor.choice("package_token", schedule.package_token, package_token_names,
                   "what becomes of pruned tokens");
    visitor.choice("keep_ratio_of", schedule.keep_ratio_of, keep_ratio_of_names,
                   "tokens that keep ratios are fractions of");
    visitor.choice("rounding", schedule.rounding, rounding_names,
                   "rounding of tokens times keep ratio");
    visitor.boolean("accumulate_scores", schedule.accumulate_scores,
                    "class attention is averaged over the blocks so far");
    visitor.boolean("proportional_attention", schedule.proportional_attention,
                    "softmax counts a merged token as often as it has tokens inside");
    visitor.choice("mlp1", schedule.mlp1, selector_mlp1_names,
                   "form of the selector's first layer");
    visitor.choice("weights", schedule.weights, selector_weights_names,
                   "selector weights of each head, or shared");
    visitor.choice("scored_tokens", schedule.scored_tokens, scored_tokens_names,
                   "tokens the selector's network scores");
    visitor.boolean("norm", schedule.norm,
                    "LayerNorm of each head's slice in front of the selector's first layer");
    constexpr double least_ratio = 0.001;
    visitor.real("head_keep_ratio", schedule.head_keep_ratio, {least_ratio, 1.0},
                 "kept / original attention heads in every block");
    visitor.real("channel_keep_ratio", schedule.channel_keep_ratio, {least_ratio, 1.0},
                 "kept / original channels of every token");
    visitor.list("selectors", schedule.selectors,
                 "token selectors, from the first block to the last");
    visitor.list("published", schedule.published, "published figures of the schedule");
    if (schedule.selectors.empty())
        return;
    check_method(visitor, schedule);
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto prefix = fmt::format("selectors.{}.", i);
        check_place(visitor, schedule, schedule.selectors[i], prefix);
        if (i > 0)
            check_order(visitor, schedule, schedule.selectors[i - 1], schedule.selectors[i],
                        prefix);
    }
}

const PublishedPoint* published_point(const Schedule& schedule, const std::string& model)
{
    const auto found =
        std::find_if(schedule.published.begin(), schedule.published.end(),
                     [&model](const PublishedPoint& point) { return point.model == model; });
    return found == schedule.published.end() ? nullptr : &*found;
}

BlockShape block_shape(const Schedule& schedule, const Model& model)
{
    BlockShape shape;
    shape.channels = kept_of(model.embed_dim, schedule.channel_keep_ratio);
    shape.heads = kept_of(model.heads, schedule.head_keep_ratio);
    shape.head_dim = model.head_dim();
    return shape;
}

std::uint64_t package_tokens(const Schedule& schedule, std::size_t index)
{
    switch (schedule.package_token) {
    case PackageToken::One:
    case PackageToken::Fused:
        return 1;
    case PackageToken::OnePerSelector:
        return index + 1;
    case PackageToken::None:
    case PackageToken::Merged:
    case PackageToken::KeptAside:
        return 0;
    }
    return 0;
}

TokenCounts target_token_counts(const Schedule& schedule, const Model& model)
{
    const auto patches = model.patch_tokens();
    const auto fixed = model.class_tokens;
    TokenCounts counts{model.tokens()};
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto& selector = schedule.selectors[i];
        const auto current = counts.back();
        if (selector.tokens > 0) {
            counts.push_back(selector.tokens);
            continue;
        }
        if (selector.removed_tokens > 0) {
            // half of the tokens at most have a partner among the other half
            counts.push_back(current - std::min(selector.removed_tokens, (current - fixed) / 2));
            continue;
        }
        auto candidates = patches;
        if (schedule.keep_ratio_of == KeepRatioOf::Current &&
            schedule.package_token != PackageToken::KeptAside) {
            candidates = current - fixed;
            const bool packaged = schedule.package_token == PackageToken::One ||
                                  schedule.package_token == PackageToken::OnePerSelector;
            if (packaged && i > 0 && current < model.tokens()) // package tokens are kept apart
                candidates -= std::min(candidates, package_tokens(schedule, i - 1));
        }
        const auto kept = rounded(candidates, selector.keep_ratio, schedule.rounding);
        const auto package = kept == candidates ? 0 : package_tokens(schedule, i);
        counts.push_back(kept + fixed + package);
    }
    return counts;
}

std::vector<ScheduleViolation> violations(const Schedule& schedule, const Model& model)
{
    std::vector<ScheduleViolation> found;
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto& selector = schedule.selectors[i];
        if (selector.block() > model.depth) {
            const auto* const key = selector.is_inside() ? "inside_block" : "before_block";
            found.push_back(
                {i, key,
                 fmt::format("selector {} block {}", selector.is_inside() ? "inside" : "before",
                             selector.block()),
                 fmt::format("a block of {}, 1 to {}", model.name, model.depth)});
        }
        if (selector.tokens > model.tokens())
            found.push_back(
                {i, "tokens", std::to_string(selector.tokens) + " tokens",
                 fmt::format("at most the {} tokens of {}", model.tokens(), model.name)});
        const auto least = model.class_tokens + package_tokens(schedule, i);
        if (selector.tokens > 0 && selector.tokens < least)
            found.push_back({i, "tokens", std::to_string(selector.tokens) + " tokens",
                             fmt::format("at least {} (class and package tokens)", least)});
    }
    if (schedule.selectors.empty())
        return found;
    constexpr std::uint64_t narrowing = 4; // the networks' layers halve the width twice
    const auto shape = block_shape(schedule, model);
    if (has_head_network(schedule) && shape.channels % model.heads != 0)
        found.push_back({ScheduleViolation::none, "channel_keep_ratio",
                         fmt::format("{} channels kept", shape.channels),
                         fmt::format("a multiple of the {} heads of {}: scoring selector works on "
                                     "the slice of each",
                                     model.heads, model.name)});
    else if (has_head_network(schedule) && shape.channels / model.heads % narrowing != 0)
        found.push_back(
            {0, schedule.selectors.front().is_inside() ? "inside_block" : "before_block",
             fmt::format("head width {} of {}", shape.channels / model.heads, model.name),
             "a multiple of 4 (the selector's layers are d/2 and d/4 wide)"});
    if (schedule.scoring == Scoring::Predictor && shape.channels % narrowing != 0)
        found.push_back({ScheduleViolation::none, "scoring",
                         fmt::format("{} channels of {}", shape.channels, model.name),
                         "a multiple of 4 (the predictor's layers are D/2 and D/4 wide)"});
    if (schedule.scoring == Scoring::Halting && model.auxiliary_head)
        found.push_back({ScheduleViolation::none, "scoring",
                         fmt::format("halting with the auxiliary head of {}", model.name),
                         "another scoring: halted tokens do not reach that head"});
    return found;
}

} // namespace heatsim::workload
