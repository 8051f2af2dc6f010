// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"
#include "workload/model.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::workload {

/// How a selector scores tokens.
enum class Scoring : std::uint8_t {
    Selector,       ///< network per attention head, heads weighted per token (HeatViT, SPViT)
    Predictor,      ///< network over all D channels (DynamicViT)
    ClassAttention, ///< attention of the class token to every other, mean of the heads (EViT)
    Halting,        ///< sigmoid of the first channel, summed up over the blocks (A-ViT)
    KeySimilarity,  ///< keys of every second token beside those of the others (ToMe)
    None,           ///< positions are known before the image is (static pruning)
};
inline constexpr std::array<config::EnumName<Scoring>, 6> scoring_names{{
    {Scoring::Selector, "selector"},
    {Scoring::Predictor, "predictor"},
    {Scoring::ClassAttention, "class_attention"},
    {Scoring::Halting, "halting"},
    {Scoring::KeySimilarity, "key_similarity"},
    {Scoring::None, "none"},
}};

/// How scores decide which tokens are kept.
enum class Choice : std::uint8_t {
    Threshold, ///< each score by itself: the number kept differs from image to image
    TopK,      ///< the best of all: a fixed number, scores have to be ranked
    Fixed,     ///< the same positions in every image
};
inline constexpr std::array<config::EnumName<Choice>, 3> choice_names{{
    {Choice::Threshold, "threshold"},
    {Choice::TopK, "top_k"},
    {Choice::Fixed, "fixed"},
}};

/// What happens to the tokens a selector prunes.
enum class PackageToken : std::uint8_t {
    One,            ///< one package token, merged again at each selector (HeatViT)
    OnePerSelector, ///< each selector appends one more (public SPViT code)
    None,           ///< pruned tokens are dropped (DynamicViT)
    Fused,     ///< their sum, weighted by class attention, is one more token like any other (EViT)
    Merged,    ///< each is averaged into the kept token it resembles most (ToMe)
    KeptAside, ///< they skip the blocks up to the next selector and come back there (Evo-ViT)
};
inline constexpr std::array<config::EnumName<PackageToken>, 6> package_token_names{{
    {PackageToken::One, "one"},
    {PackageToken::OnePerSelector, "one_per_selector"},
    {PackageToken::None, "none"},
    {PackageToken::Fused, "fused"},
    {PackageToken::Merged, "merged"},
    {PackageToken::KeptAside, "kept_aside"},
}};

/// What a keep ratio is a fraction of.
enum class KeepRatioOf : std::uint8_t {
    Original, ///< the patch tokens of the unpruned image
    Current,  ///< the tokens in front of the selector that it may prune
};
inline constexpr std::array<config::EnumName<KeepRatioOf>, 2> keep_ratio_of_names{{
    {KeepRatioOf::Original, "original"},
    {KeepRatioOf::Current, "current"},
}};

/// How a product of tokens and keep ratio becomes a number of tokens.
enum class Rounding : std::uint8_t { Floor, Ceil };
inline constexpr std::array<config::EnumName<Rounding>, 2> rounding_names{{
    {Rounding::Floor, "floor"},
    {Rounding::Ceil, "ceil"},
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

/// One token selector. Exactly one of `before_block` and `inside_block` is given, and exactly one
/// of `keep_ratio`, `tokens` and `removed_tokens`.
struct Selector {
    std::uint64_t before_block = 0;   ///< 1-based; 0 = not given
    double keep_ratio = 0.0;          ///< of what `Schedule::keep_ratio_of` says; 0 = not given
    std::uint64_t tokens = 0;         ///< tokens behind the selector, all kinds; 0 = not given
    std::uint64_t inside_block = 0;   ///< 1-based, between attention and FFN; 0 = not given
    std::uint64_t removed_tokens = 0; ///< fewer than in front of it; 0 = not given

    [[nodiscard]] bool is_inside() const { return inside_block > 0; }
    /// The first block, 1-based, that works on fewer tokens, at least in its FFN.
    [[nodiscard]] std::uint64_t block() const { return is_inside() ? inside_block : before_block; }
};

/// What was published of a schedule on one model.
struct PublishedPoint {
    std::string model;         ///< name of a model file
    double gmacs = 0.0;        ///< 10⁹ multiply-accumulates an image; 0 = not published
    double top1_percent = 0.0; ///< ImageNet accuracy; 0 = not published
    std::string source;
};

/// Pruning schedule: which blocks get a selector, and how much each one keeps.
struct Schedule {
    std::string name;
    std::string description;
    std::string source;
    Scoring scoring = Scoring::Selector;
    Choice choice = Choice::Threshold;
    PackageToken package_token = PackageToken::One;
    KeepRatioOf keep_ratio_of = KeepRatioOf::Original;
    Rounding rounding = Rounding::Floor;
    bool accumulate_scores = false; ///< class attention is averaged over the blocks so far
    bool proportional_attention =
        false; ///< softmax counts a merged token as often as it has tokens inside
    SelectorMlp1 mlp1 = SelectorMlp1::Half;
    SelectorWeights weights = SelectorWeights::PerHead;
    ScoredTokens scored_tokens = ScoredTokens::All;
    bool norm = true;                ///< LayerNorm of each head's slice in front of the first layer
    double head_keep_ratio = 1.0;    ///< kept / original attention heads, in every block
    double channel_keep_ratio = 1.0; ///< kept / original channels of every token
    std::vector<Selector> selectors;
    std::vector<PublishedPoint> published;

    /// Stages: the runs of blocks between selectors.
    [[nodiscard]] std::size_t stages() const { return selectors.size() + 1; }
};

void describe(config::Visitor& visitor, Selector& selector);
void describe(config::Visitor& visitor, PublishedPoint& point);
void describe(config::Visitor& visitor, Schedule& schedule);

/// Tokens of one image in every stage, package tokens included; front() is the unpruned count.
using TokenCounts = std::vector<std::uint64_t>;

/// Token counts of the schedule's targets: patches (or current tokens) · keep ratio, rounded,
/// + class tokens + package or fused tokens. \pre `violations(schedule, model)` is empty
[[nodiscard]] TokenCounts target_token_counts(const Schedule& schedule, const Model& model);

/// What was published of the schedule on `model`; nullptr: nothing.
[[nodiscard]] const PublishedPoint* published_point(const Schedule& schedule,
                                                    const std::string& model);

/// What pruning of heads and channels leaves of a block; of a model with neither, its own figures.
struct BlockShape {
    std::uint64_t channels = 0; ///< of a token
    std::uint64_t heads = 0;    ///< of the attention
    std::uint64_t head_dim = 0; ///< of an attention head, never pruned
    [[nodiscard]] std::uint64_t attention_channels() const { return heads * head_dim; }
};
/// Ratios are rounded down, but to no less than one head and one channel.
[[nodiscard]] BlockShape block_shape(const Schedule& schedule, const Model& model);

/// Package or fused tokens behind selector `index` (0-based) if any token was pruned so far.
[[nodiscard]] std::uint64_t package_tokens(const Schedule& schedule, std::size_t index);

/// A rule over schedule and model that is violated.
struct ScheduleViolation {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t selector; ///< 0-based; `none`: the key is one of the schedule itself
    std::string key;      ///< field of the selector
    std::string found;
    std::string expected;
};
/// Rules no single file can check: blocks the model has, tokens it has, head width for the
/// selector.
[[nodiscard]] std::vector<ScheduleViolation> violations(const Schedule& schedule,
                                                        const Model& model);

} // namespace heatsim::workload
