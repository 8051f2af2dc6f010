// SPDX-License-Identifier: Apache-2.0
// Pruning methods: structure, token counts and MACs of each, by hand from their official code.
#include "support/rules.hpp"
#include "support/shipped.hpp"
#include "workload/operators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using test::broken_rules;
using test::shipped_model;
using test::shipped_schedule;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Workload lowered(const char* model_name, const Schedule& schedule, bool copies = false)
{
    const auto model = shipped_model(model_name);
    return lower(model, schedule, target_token_counts(schedule, model), LoweringOptions{copies});
}

std::vector<std::string> names(const Workload& workload, const std::string& prefix)
{
    std::vector<std::string> found;
    for (const auto& op : workload.operators)
        if (op.name.rfind(prefix, 0) == 0)
            found.push_back(op.name.substr(prefix.size()));
    return found;
}

const Operator& find(const Workload& workload, const std::string& name)
{
    const auto found = std::find_if(workload.operators.begin(), workload.operators.end(),
                                    [&](const auto& op) { return op.name == name; });
    EXPECT_NE(found, workload.operators.end()) << name;
    return found == workload.operators.end() ? workload.operators.front() : *found;
}

std::uint64_t macs_of(const Workload& workload, const std::string& prefix)
{
    std::uint64_t sum = 0;
    for (const auto& op : workload.operators)
        if (op.name.rfind(prefix, 0) == 0)
            sum += op.macs();
    return sum;
}

/// MACs of attention and FFN with `attending` and `feeding` tokens: 4ND² + 2N²D, 8ND².
std::uint64_t block_macs(std::uint64_t attending, std::uint64_t feeding, std::uint64_t dim)
{
    return 4 * attending * dim * dim + 2 * attending * attending * dim + 8 * feeding * dim * dim;
}

/// Every schedule with a structure of its own.
const std::vector<const char*>& methods()
{
    static const std::vector<const char*> all{"dynamicvit",
                                              "evit_70",
                                              "evo_vit",
                                              "avit_deit_t",
                                              "tome_13",
                                              "static_70_49_34",
                                              "heatvit_top_k_70_39_21",
                                              "head_pruning_67",
                                              "channel_pruning_75"};
    return all;
}

TEST(MethodTokenCounts, FollowTheOfficialRounding)
{
    const auto model = shipped_model("deit_s");
    const auto counts = [&](const char* name) {
        return target_token_counts(shipped_schedule(name), model);
    };
    // EViT: ceil(k·(N − 1)) + class + one fused token, which is one of the N the next time
    EXPECT_THAT(counts("evit_90"), ElementsAre(197, 179, 163, 148));
    EXPECT_THAT(counts("evit_80"), ElementsAre(197, 159, 129, 105));
    EXPECT_THAT(counts("evit_70"), ElementsAre(197, 140, 100, 72));
    EXPECT_THAT(counts("evit_60"), ElementsAre(197, 120, 74, 46));
    EXPECT_THAT(counts("evit_50"), ElementsAre(197, 100, 52, 28));
    // Evo-ViT: int(196·0.5) of all patches both times
    EXPECT_THAT(counts("evo_vit"), ElementsAre(197, 99, 99));
    // ToMe: 13 fewer in each of the 12 blocks
    EXPECT_THAT(counts("tome_13"),
                ElementsAre(197, 184, 171, 158, 145, 132, 119, 106, 93, 80, 67, 54, 41));
    EXPECT_THAT(counts("static_70_49_34"), ElementsAre(197, 138, 97, 67));
    EXPECT_THAT(counts("head_pruning_67"), ElementsAre(197));
}

TEST(MethodTokenCounts, MergeAtMostHalfOfTheTokens)
{
    Schedule schedule = shipped_schedule("tome_13");
    for (auto& selector : schedule.selectors)
        selector.removed_tokens = 150;
    const auto counts = target_token_counts(schedule, shipped_model("deit_t"));
    // (N − 1)/2 fewer: 197 − 98, 99 − 49, ..., until one pair is not left
    EXPECT_EQ(counts[1], 99U);
    EXPECT_EQ(counts[2], 50U);
    EXPECT_EQ(counts.back(), 2U);
}

TEST(MethodTokenCounts, OfCurrentTokensLeavePackageTokensOut)
{
    Schedule schedule = shipped_schedule("heatvit");
    schedule.keep_ratio_of = KeepRatioOf::Current;
    for (auto& selector : schedule.selectors)
        selector.keep_ratio = 0.5;
    // 196 → 98, 49, 24 patches, each with class and package token
    EXPECT_THAT(target_token_counts(schedule, shipped_model("deit_t")),
                ElementsAre(197, 100, 51, 26));
}

TEST(MethodMacs, OfThePredictorAreItsFourLayers)
{
    const auto workload = lowered("deit_s", shipped_schedule("dynamicvit"));
    constexpr std::uint64_t dim = 384;
    // D → D → D/2 → D/4 → 2 on the patches in front of each selector
    const auto per_token = dim * dim + dim * (dim / 2) + dim / 2 * (dim / 4) + dim / 4 * 2;
    EXPECT_EQ(macs_of(workload, "selector.1."), 196 * per_token);
    EXPECT_EQ(macs_of(workload, "selector.2."), 137 * per_token);
    EXPECT_EQ(macs_of(workload, "selector.3."), 96 * per_token);
    EXPECT_EQ(workload.macs(), 2980897728U);
}

TEST(MethodMacs, InsideABlockAttentionHasMoreTokensThanTheFfn)
{
    const auto workload = lowered("deit_s", shipped_schedule("evit_70"));
    EXPECT_EQ(macs_of(workload, "blocks.3."), block_macs(197, 197, 384));
    EXPECT_EQ(macs_of(workload, "blocks.4."), block_macs(197, 140, 384));
    EXPECT_EQ(macs_of(workload, "blocks.5."), block_macs(140, 140, 384));
    EXPECT_EQ(macs_of(workload, "blocks.10."), block_macs(100, 72, 384));
    EXPECT_EQ(macs_of(workload, "selector."), 0U); // no network
    EXPECT_EQ(find(workload, "blocks.4.attn.proj").stage, 0U);
    EXPECT_EQ(find(workload, "blocks.4.mlp.fc1").stage, 1U);
}

TEST(MethodMacs, OfMergingAreBlocksAndSimilarities)
{
    const auto workload = lowered("deit_s", shipped_schedule("tome_13"));
    std::uint64_t before = 197;
    for (int block = 1; block <= 12; ++block) {
        const auto after = before - 13;
        EXPECT_EQ(macs_of(workload, "blocks." + std::to_string(block) + "."),
                  block_macs(before, after, 384));
        // even tokens × odd tokens × head width
        EXPECT_EQ(macs_of(workload, "selector." + std::to_string(block) + "."),
                  (before - before / 2) * (before / 2) * 64);
        before = after;
    }
}

TEST(MethodMacs, OfSlowFastBlocksAreThoseOfTheKeptTokens)
{
    const auto workload = lowered("deit_s", shipped_schedule("evo_vit"));
    EXPECT_EQ(macs_of(workload, "blocks.4."), block_macs(197, 197, 384));
    for (const auto* block : {"blocks.5.", "blocks.8.", "blocks.9.", "blocks.12."})
        EXPECT_EQ(macs_of(workload, block), block_macs(99, 99, 384)) << block;
}

TEST(MethodMacs, OfPrunedHeadsAndChannels)
{
    const auto model = shipped_model("deit_s");
    constexpr std::uint64_t n = 197;
    constexpr std::uint64_t dim = 384;
    constexpr std::uint64_t hidden = 1536;
    const auto heads = lowered("deit_s", shipped_schedule("head_pruning_67")); // 4 of 6, 64 wide
    constexpr std::uint64_t head = 64;
    constexpr std::uint64_t width = 4 * head;
    EXPECT_EQ(macs_of(heads, "blocks.7."),
              n * dim * 3 * width + 2 * n * n * width + n * width * dim + 2 * n * dim * hidden);
    EXPECT_EQ(macs_of(heads, "patch_embed."), dim * 196 * 768);
    const auto channels = lowered("deit_s", shipped_schedule("channel_pruning_75")); // 288 of 384
    constexpr std::uint64_t kept = 288;
    EXPECT_EQ(macs_of(channels, "blocks.7."),
              n * kept * 3 * dim + 2 * n * n * dim + n * dim * kept + 2 * n * kept * hidden);
    EXPECT_EQ(macs_of(channels, "patch_embed."), kept * 196 * 768);
    EXPECT_EQ(macs_of(channels, "head."), kept * 1000U);
}

TEST(MethodMacs, OfStaticPruningAreTheBlocksAlone)
{
    const auto workload = lowered("deit_s", shipped_schedule("static_70_49_34"));
    EXPECT_EQ(macs_of(workload, "selector."), 0U);
    EXPECT_EQ(macs_of(workload, "blocks."),
              3 * (block_macs(197, 197, 384) + block_macs(138, 138, 384) + block_macs(97, 97, 384) +
                   block_macs(67, 67, 384)));
}

TEST(MethodOperators, StandInOrder)
{
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("dynamicvit")), "selector.1."),
                ElementsAre("norm", "mlp1", "mlp1.gelu", "global", "concat", "mlp2.fc1",
                            "mlp2.gelu1", "mlp2.fc2", "mlp2.gelu2", "mlp2.fc3", "softmax", "top_k",
                            "compact"));
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("evit_70")), "selector.1."),
                ElementsAre("class_attention", "top_k", "compact", "fuse", "append"));
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("evo_vit")), "selector.1."),
                ElementsAre("top_k", "compact"));
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("avit_deit_t")), "selector.1."),
                ElementsAre("sigmoid", "halt", "output", "compact"));
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("tome_13")), "selector.1."),
                ElementsAre("key_mean", "normalize", "similarity", "match", "top_k", "compact",
                            "merge", "sizes"));
    EXPECT_THAT(names(lowered("deit_t", shipped_schedule("static_70_49_34")), "selector.1."),
                ElementsAre("compact"));
    const auto ranked =
        names(lowered("deit_t", shipped_schedule("heatvit_top_k_70_39_21")), "selector.1.");
    const auto compared = names(lowered("deit_t", shipped_schedule("heatvit")), "selector.1.");
    EXPECT_EQ(ranked.size(), compared.size() + 1);
    EXPECT_THAT(ranked, Contains("top_k"));
}

TEST(MethodOperators, StandBetweenAttentionAndFfn)
{
    const auto workload = lowered("deit_t", shipped_schedule("evit_70"));
    const auto all = names(workload, "");
    const auto position = [&](const std::string& name) {
        return std::find(all.begin(), all.end(), name) - all.begin();
    };
    EXPECT_EQ(position("selector.1.class_attention"), position("blocks.4.residual1") + 1);
    EXPECT_EQ(position("blocks.4.norm2"), position("selector.1.append") + 1);
}

TEST(MethodOperators, RankEveryCandidateAndListTheKept)
{
    const auto evit = lowered("deit_t", shipped_schedule("evit_70"));
    EXPECT_EQ(find(evit, "selector.1.top_k").k, 196U);
    EXPECT_EQ(find(evit, "selector.1.top_k").n, 138U); // class and fused token are not chosen
    EXPECT_EQ(find(evit, "selector.1.compact").m, 139U);
    EXPECT_EQ(find(evit, "selector.1.fuse").m, 197U - 139U);
    const auto evo = lowered("deit_t", shipped_schedule("evo_vit"));
    for (const auto* selector : {"selector.1.", "selector.2."}) {
        EXPECT_EQ(find(evo, std::string{selector} + "top_k").k, 196U); // those set aside are back
        EXPECT_EQ(find(evo, std::string{selector} + "compact").m, 197U);
    }
    const auto tome = lowered("deit_t", shipped_schedule("tome_13"));
    EXPECT_EQ(find(tome, "selector.2.match").m, 92U); // 184 tokens: even × odd
    EXPECT_EQ(find(tome, "selector.2.match").k, 92U);
    EXPECT_EQ(find(tome, "selector.2.merge").m, 13U);
    EXPECT_EQ(find(tome, "selector.2.compact").m, 171U);
}

TEST(MethodOperators, AccumulateClassAttentionUpToTheLastSelector)
{
    const auto workload = lowered("deit_t", shipped_schedule("evo_vit"));
    for (int block = 1; block <= 12; ++block) {
        const auto found =
            names(workload, "blocks." + std::to_string(block) + ".attn.class_attention").size();
        EXPECT_EQ(found, block < 9 ? 1U : 0U) << block;
    }
    EXPECT_EQ(find(workload, "blocks.6.attn.class_attention").selector, 2U);
    EXPECT_EQ(find(workload, "blocks.6.attn.class_attention").n, 98U);
}

TEST(MethodOperators, SizesReachTheSoftmaxBehindTheFirstMerge)
{
    const auto workload = lowered("deit_t", shipped_schedule("tome_13"));
    EXPECT_FALSE(find(workload, "blocks.1.attn.softmax").b.used());
    EXPECT_EQ(find(workload, "blocks.2.attn.softmax").b_elements, 184U);
}

TEST(MethodOperators, HaltingGivesTheWeightedClassToken)
{
    const auto workload = lowered("deit_t", shipped_schedule("avit_deit_t"));
    EXPECT_EQ(find(workload, "head.norm").a.tensor, find(workload, "head.output").c.tensor);
    EXPECT_EQ(find(workload, "selector.11.sigmoid").m, 16U);
}

TEST(MethodOperators, ReadWhatWasWrittenInsideTheirTensors)
{
    for (const auto* name : methods()) {
        for (const bool copies : {false, true}) {
            const auto workload = lowered("deit_t", shipped_schedule(name), copies);
            std::set<std::uint32_t> written{workload.operators.front().a.tensor}; // the host's
            for (std::uint32_t i = 0; i < workload.tensors.size(); ++i)
                if (workload.tensors[i].name == "class_token")
                    written.insert(i);
            std::set<std::string> unique;
            for (const auto& op : workload.operators) {
                SCOPED_TRACE(std::string{name} + " " + op.name);
                EXPECT_TRUE(unique.insert(op.name).second);
                EXPECT_TRUE(written.count(op.a.tensor) > 0);
                const bool reads_b = op.b.used() && !workload.tensors[op.b.tensor].weight;
                EXPECT_TRUE(!reads_b || written.count(op.b.tensor) > 0);
                written.insert(op.c.tensor);
                const auto rows = op.output_rows > 0 ? op.output_rows : op.rows();
                if (rows > 0 && op.batch == 1 && op.c_planes == 1) {
                    EXPECT_LE(op.c.offset + (rows - 1) * op.c.row_stride + op.n,
                              workload.tensors[op.c.tensor].elements);
                }
                if (op.selector > 0 && op.rows() > 0 && op.k > 0 && op.batch == 1 &&
                    op.a_planes == 1) {
                    EXPECT_LE(op.a.offset + (op.rows() - 1) * op.a.row_stride + op.k,
                              workload.tensors[op.a.tensor].elements);
                }
            }
        }
    }
}

TEST(MethodOperators, AndTensorsAreTheSameForAnyCounts)
{
    for (const auto* name : methods()) {
        const auto model = shipped_model("deit_t");
        const auto schedule = shipped_schedule(name);
        const auto reference = lower(model, schedule, target_token_counts(schedule, model));
        for (const std::uint64_t count : {197U, 2U}) {
            TokenCounts counts(schedule.stages(), count);
            counts.front() = 197;
            const auto other = lower(model, schedule, counts);
            EXPECT_EQ(names(other, ""), names(reference, "")) << name;
            ASSERT_EQ(other.tensors.size(), reference.tensors.size()) << name;
            for (std::size_t i = 0; i < other.tensors.size(); ++i)
                EXPECT_EQ(other.tensors[i].elements, reference.tensors[i].elements)
                    << name << ' ' << other.tensors[i].name;
        }
    }
}

/// A schedule of one selector with a method.
Schedule method(Scoring scoring, Choice choice, PackageToken package)
{
    Schedule schedule;
    schedule.name = "method";
    schedule.scoring = scoring;
    schedule.choice = choice;
    schedule.package_token = package;
    Selector selector;
    selector.before_block = 4;
    selector.keep_ratio = 0.5;
    schedule.selectors = {selector};
    return schedule;
}

TEST(MethodRules, RefuseChoicesThatTheScoresDoNotAllow)
{
    auto refused = method(Scoring::None, Choice::TopK, PackageToken::None);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("choice")));
    refused = method(Scoring::Selector, Choice::Fixed, PackageToken::One);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("choice")));
    refused = method(Scoring::Halting, Choice::TopK, PackageToken::None);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("choice")));
    auto allowed = method(Scoring::Predictor, Choice::Threshold, PackageToken::One);
    EXPECT_THAT(broken_rules(allowed), IsEmpty());
}

TEST(MethodRules, RefuseTokensWithoutScoresOrPartners)
{
    auto refused = method(Scoring::None, Choice::Fixed, PackageToken::One);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("package_token")));
    refused = method(Scoring::Selector, Choice::TopK, PackageToken::Fused);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("package_token")));
    refused = method(Scoring::Halting, Choice::Threshold, PackageToken::KeptAside);
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("package_token")));
    refused = shipped_schedule("tome_13");
    refused.package_token = PackageToken::None;
    EXPECT_THAT(broken_rules(refused), Contains(StartsWith("package_token")));
    refused = method(Scoring::ClassAttention, Choice::TopK, PackageToken::Fused);
    refused.selectors[0].keep_ratio = 0.0;
    refused.selectors[0].removed_tokens = 13;
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("selectors.0.removed_tokens")));
}

TEST(MethodRules, RefusePlacesThatHaveNoScores)
{
    auto refused = method(Scoring::ClassAttention, Choice::TopK, PackageToken::None);
    refused.selectors[0].before_block = 1;
    EXPECT_THAT(broken_rules(refused), ElementsAre(StartsWith("selectors.0.before_block")));
    refused = shipped_schedule("tome_13");
    refused.selectors[3].before_block = refused.selectors[3].inside_block;
    refused.selectors[3].inside_block = 0;
    EXPECT_THAT(broken_rules(refused), Contains(HasSubstr("inside_block: keys")));
    refused = shipped_schedule("evo_vit");
    std::swap(refused.selectors[1].before_block, refused.selectors[1].inside_block);
    EXPECT_THAT(broken_rules(refused), Contains(StartsWith("selectors.1.inside_block")));
}

TEST(MethodRules, RefuseKeysOfAnotherNetwork)
{
    auto refused = method(Scoring::Predictor, Choice::TopK, PackageToken::None);
    refused.mlp1 = SelectorMlp1::Split;
    refused.weights = SelectorWeights::Shared;
    refused.norm = false;
    refused.proportional_attention = true;
    refused.accumulate_scores = true;
    EXPECT_THAT(broken_rules(refused),
                ElementsAre(StartsWith("accumulate_scores"), StartsWith("proportional_attention"),
                            StartsWith("mlp1"), StartsWith("weights"), StartsWith("norm")));
}

TEST(MethodRules, AllowASelectorBeforeAndInsideTheSameBlock)
{
    auto schedule = method(Scoring::ClassAttention, Choice::TopK, PackageToken::Fused);
    Selector inside;
    inside.inside_block = 4;
    inside.keep_ratio = 0.25;
    schedule.selectors.push_back(inside);
    EXPECT_THAT(broken_rules(schedule), IsEmpty());
    std::swap(schedule.selectors[0], schedule.selectors[1]);
    EXPECT_THAT(broken_rules(schedule), Contains(StartsWith("selectors.1.before_block")));
}

TEST(MethodRules, NeedBothOrNeitherOfTheModel)
{
    auto narrow = shipped_schedule("heatvit");
    narrow.channel_keep_ratio = 0.99; // 190 of 192 channels: not a multiple of 3 heads
    auto found = violations(narrow, shipped_model("deit_t"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "channel_keep_ratio");
    EXPECT_EQ(found[0].selector, ScheduleViolation::none);
    found = violations(shipped_schedule("avit_deit_t"), shipped_model("lvvit_s"));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "scoring");
    found = violations(shipped_schedule("tome_13"), [] {
        auto model = shipped_model("deit_t");
        model.depth = 11;
        return model;
    }());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "inside_block");
}

TEST(Batch, OfOneImageIsTheImage)
{
    const auto model = shipped_model("deit_t");
    const auto schedule = shipped_schedule("heatvit");
    const TokenCounts counts{197, 139, 78, 43};
    const auto batch = lower_batch(model, schedule, {counts});
    const auto image = lower(model, schedule, counts);
    EXPECT_EQ(names(batch, ""), names(image, ""));
    EXPECT_EQ(batch.macs(), image.macs());
}

TEST(Batch, HasTheMacsOfItsImages)
{
    for (const auto* model_name : {"deit_t", "lvvit_s"}) {
        for (const auto* name : {"heatvit", "dynamicvit", "evit_70", "evo_vit", "tome_13"}) {
            for (const bool copies : {false, true}) {
                SCOPED_TRACE(std::string{model_name} + " " + name);
                const auto model = shipped_model(model_name);
                const auto schedule = shipped_schedule(name);
                std::vector<TokenCounts> images(3, target_token_counts(schedule, model));
                for (std::size_t stage = 1; stage < images[0].size(); ++stage) {
                    images[1][stage] -= 5;
                    images[2][stage] = 4;
                }
                std::uint64_t sum = 0;
                for (const auto& image : images)
                    sum += lower(model, schedule, image, LoweringOptions{copies}).macs();
                EXPECT_EQ(lower_batch(model, schedule, images, LoweringOptions{copies}).macs(),
                          sum);
            }
        }
    }
}

TEST(Batch, JoinsRowsOfLinearLayersAndNothingElse)
{
    const auto model = shipped_model("deit_t");
    const auto schedule = shipped_schedule("heatvit");
    const auto batch =
        lower_batch(model, schedule, {{197, 139, 78, 43}, {197, 120, 60, 20}, {197, 30, 20, 10}});
    EXPECT_THAT(batch.tokens, ElementsAre(591, 289, 158, 73));
    EXPECT_EQ(find(batch, "patch_embed.proj").m, 588U);
    EXPECT_EQ(find(batch, "blocks.5.mlp.fc1").m, 289U);
    EXPECT_EQ(find(batch, "blocks.5.residual1").m, 289U);
    EXPECT_EQ(find(batch, "head.fc").m, 3U);
    EXPECT_EQ(find(batch, "blocks.5.attn.qk_t.image2").m, 120U);
    EXPECT_EQ(find(batch, "selector.2.mlp1.image3").m, 30U);
    // the rows of image 3 stand behind 139 + 120 others
    EXPECT_EQ(find(batch, "blocks.5.attn.qk_t.image3").a.offset, 259U * 3U * 192U);
    EXPECT_EQ(find(batch, "selector.2.compact.image3").a.offset, 259U * 192U);
    EXPECT_EQ(find(batch, "selector.2.compact.image3").c.offset, 138U * 192U);
    EXPECT_EQ(find(batch, "head.norm.image3").a.offset, 63U * 192U);
    EXPECT_EQ(find(batch, "head.norm.image3").c.offset, 2U * 192U);
}

TEST(Batch, LoadsWeightsOnce)
{
    const auto model = shipped_model("deit_t");
    const auto schedule = shipped_schedule("heatvit");
    const TokenCounts counts{197, 139, 78, 43};
    const auto image = lower(model, schedule, counts);
    const auto batch = lower_batch(model, schedule, {counts, counts});
    // images and results twice, weights once
    constexpr std::uint64_t edge = 224;
    constexpr std::uint64_t pixels = edge * edge * 3;
    EXPECT_EQ(batch.compulsory_bytes(1, 1), image.compulsory_bytes(1, 1) + pixels + 1000);
    std::set<std::uint32_t> shared;
    for (const auto& op : batch.operators)
        if (op.static_weights && op.selector == 0 && op.kind == OperatorKind::Gemm) {
            EXPECT_TRUE(shared.insert(op.b.tensor).second) << op.name;
        }
}

TEST(Batch, KeepsImagesApart)
{
    const auto model = shipped_model("deit_t");
    for (const auto* name : {"heatvit", "evit_70", "evo_vit", "avit_deit_t", "tome_13"}) {
        const auto schedule = shipped_schedule(name);
        std::vector<TokenCounts> images(2, target_token_counts(schedule, model));
        for (std::size_t stage = 1; stage < images[1].size(); ++stage)
            images[1][stage] = 7;
        const auto batch = lower_batch(model, schedule, images);
        std::set<std::string> unique;
        for (const auto& op : batch.operators) {
            SCOPED_TRACE(std::string{name} + " " + op.name);
            EXPECT_TRUE(unique.insert(op.name).second);
            const auto rows = op.output_rows > 0 ? op.output_rows : op.rows();
            if (rows > 0 && op.batch == 1) {
                EXPECT_LE(op.c.offset + (rows - 1) * op.c.row_stride + op.n,
                          batch.tensors[op.c.tensor].elements);
            }
        }
    }
}

TEST(Published, IsOfOneModel)
{
    const auto schedule = shipped_schedule("dynamicvit");
    ASSERT_NE(published_point(schedule, "deit_s"), nullptr);
    EXPECT_DOUBLE_EQ(published_point(schedule, "deit_s")->top1_percent, 79.32);
    EXPECT_EQ(published_point(schedule, "deit_t"), nullptr);
}

} // namespace
} // namespace heatsim::workload
