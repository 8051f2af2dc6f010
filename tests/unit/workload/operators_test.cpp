// SPDX-License-Identifier: Apache-2.0
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

using test::shipped_model;
using test::shipped_schedule;
using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<std::string> names(const Workload& workload, const std::string& prefix = "")
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

Workload pruned(const char* model_name = "deit_t", const TokenCounts& counts = {197, 139, 78, 43})
{
    return lower(shipped_model(model_name), shipped_schedule("heatvit"), counts);
}

TEST(Operators, OfABlockAreThoseOfTheDesign)
{
    const auto workload = pruned();
    for (int block = 1; block <= 12; ++block)
        EXPECT_THAT(names(workload, "blocks." + std::to_string(block) + "."),
                    ElementsAre("norm1", "attn.qkv", "attn.qk_t", "attn.softmax", "attn.av",
                                "attn.proj", "residual1", "norm2", "mlp.fc1", "mlp.gelu", "mlp.fc2",
                                "residual2"));
}

TEST(Operators, AroundTheBlocksAreEmbeddingAndHead)
{
    const auto plain = names(pruned());
    EXPECT_EQ(plain[0], "patch_embed.proj");
    EXPECT_EQ(plain[1], "patch_embed.class_token");
    EXPECT_EQ(plain[2], "patch_embed.position");
    EXPECT_EQ(plain[plain.size() - 2], "head.norm");
    EXPECT_EQ(plain.back(), "head.fc");

    const auto label = names(lower(shipped_model("lvvit_s"), shipped_schedule("dense"), {197}));
    EXPECT_THAT(std::vector<std::string>(label.begin(), label.begin() + 9),
                ElementsAre("stem.conv1", "stem.conv1.relu", "stem.conv2", "stem.conv2.relu",
                            "stem.conv3", "stem.conv3.relu", "patch_embed.proj",
                            "patch_embed.class_token", "patch_embed.position"));
    EXPECT_EQ(label.back(), "auxiliary_head.fc");
}

TEST(Operators, OfASelectorAreThoseOfTheDesign)
{
    const auto workload = pruned();
    const std::vector<std::string> expected{"norm",       "mlp1",      "mlp1.gelu",  "global",
                                            "concat",     "mlp2.fc1",  "mlp2.gelu1", "mlp2.fc2",
                                            "mlp2.gelu2", "mlp2.fc3",  "softmax",    "channel_mean",
                                            "mlp3.fc1",   "mlp3.gelu", "mlp3.fc2",   "mlp3.sigmoid",
                                            "score",      "compact",   "package",    "append"};
    for (int selector = 1; selector <= 3; ++selector)
        EXPECT_THAT(names(workload, "selector." + std::to_string(selector) + "."),
                    ElementsAreArray(expected));
}

TEST(Operators, SelectorWithoutNormReadsTheTokens)
{
    auto schedule = shipped_schedule("heatvit");
    schedule.norm = false;
    const auto workload = lower(shipped_model("deit_t"), schedule, {197, 139, 78, 43});
    EXPECT_EQ(names(workload, "selector.1.").front(), "mlp1");
    EXPECT_EQ(find(workload, "selector.1.mlp1").a.tensor,
              find(workload, "selector.1.channel_mean").a.tensor);
}

TEST(Operators, OfASelectorStandInFrontOfItsBlock)
{
    const auto all = names(pruned());
    const auto position = [&](const std::string& name) {
        return std::find(all.begin(), all.end(), name) - all.begin();
    };
    EXPECT_EQ(position("selector.1.norm"), position("blocks.3.residual2") + 1);
    EXPECT_EQ(position("blocks.4.norm1"), position("selector.1.append") + 1);
}

TEST(Operators, CarryTheirPlace)
{
    const auto workload = pruned();
    const auto& early = find(workload, "blocks.3.mlp.fc1");
    EXPECT_EQ(early.block, 3U);
    EXPECT_EQ(early.selector, 0U);
    EXPECT_EQ(early.stage, 0U);
    EXPECT_EQ(early.m, 197U);
    const auto& late = find(workload, "blocks.10.mlp.fc1");
    EXPECT_EQ(late.stage, 3U);
    EXPECT_EQ(late.m, 43U);
    const auto& mlp = find(workload, "selector.2.mlp1");
    EXPECT_EQ(mlp.selector, 2U);
    EXPECT_EQ(mlp.m, 139U);
}

TEST(Operators, HaveUniqueNames)
{
    for (const auto* schedule_name : {"dense", "heatvit", "heatvit_4sel_70_49_34_24"}) {
        const auto model = shipped_model("lvvit_s");
        const auto schedule = shipped_schedule(schedule_name);
        const auto all = names(lower(model, schedule, target_token_counts(schedule, model)));
        EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
    }
}

TEST(Operators, AndTensorsAreTheSameForAnyCounts)
{
    const auto reference = pruned();
    for (const TokenCounts& counts :
         {TokenCounts{197, 197, 197, 197}, {197, 2, 2, 2}, {197, 100, 100, 3}}) {
        const auto other = pruned("deit_t", counts);
        EXPECT_EQ(names(other), names(reference));
        ASSERT_EQ(other.tensors.size(), reference.tensors.size());
        for (std::size_t i = 0; i < other.tensors.size(); ++i) {
            EXPECT_EQ(other.tensors[i].name, reference.tensors[i].name);
            EXPECT_EQ(other.tensors[i].elements, reference.tensors[i].elements)
                << other.tensors[i].name;
        }
    }
}

TEST(Operators, ReadWhatTheOnesBeforeWrote)
{
    // every activation but the image and the class tokens, which the host writes, is written before
    // it is read
    for (const bool copies : {false, true}) {
        const auto model = shipped_model("lvvit_s");
        const auto schedule = shipped_schedule("heatvit_lvvit_s");
        const auto workload =
            lower(model, schedule, target_token_counts(schedule, model), LoweringOptions{copies});
        std::set<std::uint32_t> written{workload.operators.front().a.tensor};
        for (std::uint32_t i = 0; i < workload.tensors.size(); ++i)
            if (workload.tensors[i].name == "class_token")
                written.insert(i);
        for (const auto& op : workload.operators) {
            EXPECT_TRUE(written.count(op.a.tensor) > 0) << op.name << " reads A";
            const bool reads_b = op.b.used() && !workload.tensors[op.b.tensor].weight;
            EXPECT_TRUE(!reads_b || written.count(op.b.tensor) > 0) << op.name << " reads B";
            EXPECT_FALSE(workload.tensors[op.c.tensor].weight) << op.name;
            written.insert(op.c.tensor);
        }
    }
}

TEST(Operators, StayInsideTheirTensors)
{
    for (const bool copies : {false, true}) {
        for (const auto* name : {"deit_t", "lvvit_m"}) {
            const auto model = shipped_model(name);
            auto schedule = shipped_schedule("heatvit");
            schedule.mlp1 = copies ? SelectorMlp1::Split : SelectorMlp1::Half;
            schedule.weights = copies ? SelectorWeights::Shared : SelectorWeights::PerHead;
            const auto workload = lower(model, schedule, target_token_counts(schedule, model),
                                        LoweringOptions{copies});
            for (const auto& op : workload.operators) {
                if (op.rows() == 0)
                    continue;
                const auto rows = op.output_rows > 0 ? op.output_rows : op.m;
                const auto planes = op.c_planes > 1 ? op.c_planes : op.batch;
                const auto last = op.c.offset + (planes - 1) * op.c.head_stride +
                                  (rows - 1) * op.c.row_stride + op.n / op.c_planes;
                EXPECT_LE(last, workload.tensors[op.c.tensor].elements) << op.name;
            }
        }
    }
}

TEST(Operators, LayoutCopiesRearrangePatchesAndHeads)
{
    const auto workload =
        lower(shipped_model("deit_t"), shipped_schedule("dense"), {197}, LoweringOptions{true});
    EXPECT_EQ(find(workload, "patch_embed.patchify").kind, OperatorKind::Copy);
    EXPECT_EQ(find(workload, "patch_embed.proj").kind, OperatorKind::Gemm);
    EXPECT_THAT(names(workload, "blocks.1."),
                ElementsAre("norm1", "attn.qkv", "attn.split_heads", "attn.qk_t", "attn.softmax",
                            "attn.av", "attn.merge_heads", "attn.proj", "residual1", "norm2",
                            "mlp.fc1", "mlp.gelu", "mlp.fc2", "residual2"));
    EXPECT_EQ(find(workload, "blocks.1.attn.split_heads").c_planes, 9U);
    EXPECT_EQ(find(workload, "blocks.1.attn.merge_heads").a_planes, 3U);
}

TEST(Operators, AttentionRunsPerHead)
{
    const auto workload = pruned("deit_s");
    const auto& scores = find(workload, "blocks.1.attn.qk_t");
    EXPECT_EQ(scores.batch, 6U);
    EXPECT_EQ(scores.m, 197U);
    EXPECT_EQ(scores.k, 64U);
    EXPECT_EQ(scores.n, 197U);
    EXPECT_FALSE(scores.static_weights);
    EXPECT_EQ(scores.layout, WeightLayout::RowsOfN);
    const auto& value = find(workload, "blocks.1.attn.av");
    EXPECT_EQ(value.batch, 6U);
    EXPECT_EQ(value.k, 197U);
    EXPECT_EQ(value.n, 64U);
    EXPECT_EQ(value.layout, WeightLayout::RowsOfK);
    EXPECT_EQ(find(workload, "blocks.1.attn.softmax").rows(), 6U * 197U);
}

TEST(Operators, SharedSelectorWeightsMakeOneLongGemm)
{
    auto schedule = shipped_schedule("heatvit");
    const auto per_head = lower(shipped_model("deit_s"), schedule, {197, 139, 78, 43});
    schedule.weights = SelectorWeights::Shared;
    const auto shared = lower(shipped_model("deit_s"), schedule, {197, 139, 78, 43});
    const auto& many = find(per_head, "selector.1.mlp1");
    const auto& one = find(shared, "selector.1.mlp1");
    EXPECT_EQ(many.batch, 6U);
    EXPECT_EQ(many.m, 197U);
    EXPECT_EQ(one.batch, 1U);
    EXPECT_EQ(one.m, 6U * 197U);
    EXPECT_EQ(per_head.tensors[many.b.tensor].elements, 6 * shared.tensors[one.b.tensor].elements);
}

TEST(Operators, PruningMovesEveryTokenOnce)
{
    struct Case {
        PackageToken policy;
        TokenCounts counts;
        std::uint64_t carried; ///< by selector 2
        std::uint64_t packaged;
        std::uint64_t appended;
    };
    const std::vector<Case> cases{
        // 139 tokens in: class, 137 patches, package. 78 out: class, 76 patches, new package.
        {PackageToken::One, {197, 139, 78, 43}, 77, 62, 1},
        // class, 137 patches, package in; class, 76 patches, old package, new package out
        {PackageToken::OnePerSelector, {197, 139, 79, 45}, 78, 61, 1},
        {PackageToken::None, {197, 138, 77, 42}, 77, 0, 0},
    };
    for (const auto& expected : cases) {
        auto schedule = shipped_schedule("heatvit");
        schedule.package_token = expected.policy;
        const auto workload = lower(shipped_model("deit_t"), schedule, expected.counts);
        EXPECT_EQ(find(workload, "selector.2.compact").m, expected.carried);
        EXPECT_EQ(find(workload, "selector.2.package").m, expected.packaged);
        EXPECT_EQ(find(workload, "selector.2.append").m, expected.appended);
    }
}

TEST(Operators, AppendWritesBehindTheKeptTokens)
{
    const auto workload = pruned();
    const auto& compact = find(workload, "selector.1.compact");
    const auto& append = find(workload, "selector.1.append");
    EXPECT_EQ(append.c.tensor, compact.c.tensor);
    EXPECT_EQ(append.c.offset, compact.m * 192);
    EXPECT_EQ(find(workload, "blocks.4.norm1").a.tensor, compact.c.tensor);
}

TEST(Operators, AuxiliaryHeadSeesTheTokensThatReachTheEnd)
{
    const auto workload =
        lower(shipped_model("lvvit_s"), shipped_schedule("heatvit_lvvit_s"), {197, 139, 78, 43});
    EXPECT_EQ(find(workload, "head.norm").m, 43U);
    EXPECT_EQ(find(workload, "head.fc").m, 1U);
    EXPECT_EQ(find(workload, "auxiliary_head.fc").m, 42U);
}

TEST(InputElements, OfAGemmAreItsTile)
{
    Operator op;
    op.k = 100;
    EXPECT_EQ(op.input_elements(7, 30), 210U);
}

TEST(InputElements, OfDisjointWindowsAreTheirPixels)
{
    const auto workload = lower(shipped_model("deit_t"), shipped_schedule("dense"), {197});
    const auto& op = find(workload, "patch_embed.proj");
    // 16 x 16 pixels of 3 channels for each of the 196 patches: the image once
    EXPECT_EQ(op.input_elements(196, op.k), 224U * 224U * 3U);
    EXPECT_EQ(op.input_elements(14, op.k), 14U * 256U * 3U);
    // a third of the depth reads a third of them
    EXPECT_EQ(op.input_elements(14, op.k / 3), 14U * 256U);
}

TEST(InputElements, OfOverlappingWindowsIncludeTheSharedRows)
{
    const auto workload = lower(shipped_model("lvvit_s"), shipped_schedule("dense"), {197});
    // 3 x 3, stride 1, 112 pixels wide, 64 channels: one pixel a position and 3 − 1 rows above
    const auto& same = find(workload, "stem.conv2");
    EXPECT_EQ(same.input_elements(56, same.k), (56U + 2U * 112U) * 64U);
    // 7 x 7, stride 2, 224 pixels wide, 3 channels: four pixels a position and 7 − 2 rows above
    const auto& down = find(workload, "stem.conv1");
    EXPECT_EQ(down.input_elements(112, down.k), (112U * 4U + 5U * 224U) * 3U);
}

TEST(CompulsoryBytes, AreWeightsImageAndResult)
{
    const auto workload = lower(shipped_model("deit_t"), shipped_schedule("dense"), {197});
    std::uint64_t weights = 0;
    for (const auto& tensor : workload.tensors)
        weights += tensor.weight ? tensor.elements : 0;
    // weights of 12 blocks (4·192² + 2·192·768 + 2 norms of 2·192), patch embedding 768·192,
    // positions of the patches 196·192, head 192·1000 and its norm 2·192; biases come with their
    // layers and are not counted
    constexpr std::uint64_t block = 147456 + 294912 + 768;
    constexpr std::uint64_t parameters = 12 * block + 147456 + 37632 + 192000 + 384;
    constexpr std::uint64_t image = 150528; // 224 · 224 · 3
    EXPECT_EQ(weights, parameters);
    EXPECT_EQ(workload.compulsory_bytes(1, 1), parameters + image + 1000);
    EXPECT_EQ(workload.compulsory_bytes(2, 1), parameters + 2 * (image + 1000));
    EXPECT_EQ(workload.compulsory_bytes(1, 2), 2 * parameters + image + 1000);
}

TEST(CompulsoryBytes, LeaveOutWhatHasNoTokens)
{
    // behind the first selector only class and package token are left: the second scores nobody
    auto schedule = shipped_schedule("heatvit");
    schedule.scored_tokens = ScoredTokens::Patches;
    const auto model = shipped_model("deit_t");
    const auto all = lower(model, schedule, {197, 139, 78, 43});
    const auto none = lower(model, schedule, {197, 2, 2, 2});
    EXPECT_EQ(find(none, "selector.2.mlp1").rows(), 0U);
    std::uint64_t selectors = 0;
    for (const auto& op : all.operators)
        if (op.selector > 1 && op.static_weights)
            selectors += all.tensors[op.b.tensor].elements;
    EXPECT_EQ(all.compulsory_bytes(1, 1) - none.compulsory_bytes(1, 1), selectors);
}

TEST(SingleGemm, IsOneOperatorWithItsMacs)
{
    const auto workload = single_gemm(197, 64, 200, 6);
    ASSERT_EQ(workload.operators.size(), 1U);
    EXPECT_EQ(workload.macs(), 197U * 64U * 200U * 6U);
    EXPECT_EQ(workload.compulsory_bytes(1, 2), 6U * (197U * 64U + 2U * 64U * 200U + 197U * 200U));
}

} // namespace
} // namespace heatsim::workload
