// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"
#include "support/shipped.hpp"
#include "workload/operators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using test::number;
using test::numbers;
using test::shipped_model;
using test::shipped_schedule;

/// MACs of the operators whose names start with one of `prefixes`.
std::uint64_t macs_of(const Workload& workload, const std::vector<std::string>& prefixes)
{
    std::uint64_t sum = 0;
    for (const auto& op : workload.operators)
        if (std::any_of(prefixes.begin(), prefixes.end(),
                        [&](const auto& prefix) { return op.name.rfind(prefix, 0) == 0; }))
            sum += op.macs();
    return sum;
}

void expect_macs(const Workload& workload, const test::CsvRow& row)
{
    EXPECT_EQ(macs_of(workload, {"stem.", "patch_embed."}), number(row, "stem_macs"));
    EXPECT_EQ(macs_of(workload, {"blocks."}), number(row, "blocks_macs"));
    EXPECT_EQ(macs_of(workload, {"selector."}), number(row, "selectors_macs"));
    EXPECT_EQ(macs_of(workload, {"head."}), number(row, "head_macs"));
    EXPECT_EQ(macs_of(workload, {"auxiliary_head."}), number(row, "aux_head_macs"));
    EXPECT_EQ(workload.macs(), number(row, "total_macs"));
}

/// The schedule a row of models.csv means: `dense`, `0.7/0.39/0.21` or `tokens 88/45/32`.
Schedule schedule_of(const test::CsvRow& row)
{
    Schedule schedule;
    schedule.name = row.at("schedule");
    const auto blocks = numbers(row.at("selector_before_blocks"));
    const std::string tokens = "tokens ";
    const bool by_tokens = schedule.name.rfind(tokens, 0) == 0;
    std::istringstream targets{by_tokens ? schedule.name.substr(tokens.size()) : schedule.name};
    for (const auto block : blocks) {
        std::string target;
        std::getline(targets, target, '/');
        Selector selector;
        selector.before_block = block;
        if (by_tokens)
            selector.tokens = std::stoull(target);
        else
            selector.keep_ratio = std::stod(target);
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

TEST(Macs, EqualTheReferenceForEveryModelAndSchedule)
{
    const auto rows = test::read_reference("models.csv");
    ASSERT_EQ(rows.size(), 20U);
    for (const auto& row : rows) {
        SCOPED_TRACE(row.at("model") + ", " + row.at("schedule"));
        const auto model = shipped_model(row.at("model"));
        const auto schedule = schedule_of(row);
        ASSERT_TRUE(violations(schedule, model).empty());
        const auto counts = target_token_counts(schedule, model);
        EXPECT_EQ(counts, numbers(row.at("tokens_per_stage")));
        expect_macs(lower(model, schedule, counts), row);
    }
}

TEST(Macs, OfShippedSchedulesEqualTheReference)
{
    struct Pair {
        const char* model;
        const char* schedule;
        const char* row; ///< column `schedule` of models.csv
    };
    const std::vector<Pair> pairs{
        {"deit_t", "dense", "dense"},
        {"deit_s", "dense", "dense"},
        {"deit_b", "dense", "dense"},
        {"lvvit_s", "dense", "dense"},
        {"lvvit_m", "dense", "dense"},
        {"deit_t", "heatvit", "0.7/0.39/0.21"},
        {"deit_s", "heatvit", "0.7/0.39/0.21"},
        {"deit_b", "heatvit", "0.7/0.39/0.21"},
        {"lvvit_s", "heatvit_lvvit_s", "0.7/0.39/0.21"},
        {"lvvit_m", "heatvit_lvvit_m", "0.7/0.39/0.21"},
        {"deit_t", "heatvit_deit_s_spvit_ratios", "0.617/0.369/0.137"},
        {"deit_s", "heatvit_deit_s_spvit_ratios", "0.617/0.369/0.137"},
        {"deit_b", "heatvit_deit_s_spvit_ratios", "0.617/0.369/0.137"},
        {"deit_t", "heatvit_deit_t_published", "tokens 88/45/32"},
        {"deit_s", "heatvit_deit_t_published", "tokens 88/45/32"},
        {"deit_b", "heatvit_deit_t_published", "tokens 88/45/32"},
    };
    const auto rows = test::read_reference("models.csv");
    for (const auto& pair : pairs) {
        SCOPED_TRACE(std::string{pair.model} + ", " + pair.schedule);
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& candidate) {
            return candidate.at("model") == pair.model && candidate.at("schedule") == pair.row;
        });
        ASSERT_NE(row, rows.end());
        const auto model = shipped_model(pair.model);
        const auto schedule = shipped_schedule(pair.schedule);
        expect_macs(lower(model, schedule, target_token_counts(schedule, model)), *row);
    }
}

TEST(Macs, DoNotDependOnHowTheDesignLaysDataOut)
{
    const auto model = shipped_model("deit_t");
    const auto schedule = shipped_schedule("heatvit");
    const auto counts = target_token_counts(schedule, model);
    const LoweringOptions copies{true};
    EXPECT_EQ(lower(model, schedule, counts, copies).macs(), lower(model, schedule, counts).macs());
}

/// Selector MACs of design.md 2 with d = D/H: MLP1, MLP2 (d, d/2, d/4, 2) per head, MLP3 per token.
std::uint64_t selector_macs(std::uint64_t tokens, const Model& model, std::uint64_t mlp1_width)
{
    const auto d = model.head_dim();
    const auto heads = model.heads;
    return tokens * heads * (d * mlp1_width + d * (d / 2) + d / 2 * (d / 4) + d / 4 * 2) +
           2 * tokens * heads * (heads / 2);
}

TEST(Macs, OfSelectorVariantsFollowTheirLayers)
{
    const auto model = shipped_model("deit_s");
    const auto d = model.head_dim();
    for (const auto weights : {SelectorWeights::PerHead, SelectorWeights::Shared}) {
        for (const auto scored : {ScoredTokens::All, ScoredTokens::Patches}) {
            for (const auto mlp1 : {SelectorMlp1::Half, SelectorMlp1::Split}) {
                for (const bool norm : {true, false}) {
                    auto schedule = shipped_schedule("heatvit");
                    schedule.weights = weights;
                    schedule.scored_tokens = scored;
                    schedule.mlp1 = mlp1;
                    schedule.norm = norm;
                    const auto workload = lower(model, schedule, {197, 139, 78, 43});
                    const auto width = mlp1 == SelectorMlp1::Half ? d / 2 : d;
                    // the class token, and behind the first selector the package token, have no
                    // score
                    const std::uint64_t first = scored == ScoredTokens::All ? 197 : 196;
                    const std::uint64_t second = scored == ScoredTokens::All ? 139 : 137;
                    EXPECT_EQ(macs_of(workload, {"selector.1."}),
                              selector_macs(first, model, width));
                    EXPECT_EQ(macs_of(workload, {"selector.2."}),
                              selector_macs(second, model, width));
                }
            }
        }
    }
}

TEST(Macs, AreSmallForTheSelectorAsThePaperSays)
{
    // HeatViT: the selector costs 0.2 to 0.8 % of the model's MACs
    for (const auto* name : {"deit_t", "deit_s", "deit_b"}) {
        const auto model = shipped_model(name);
        const auto schedule = shipped_schedule("heatvit");
        const auto workload = lower(model, schedule, target_token_counts(schedule, model));
        const auto share = static_cast<double>(macs_of(workload, {"selector."})) /
                           static_cast<double>(workload.macs());
        EXPECT_GT(share, 0.002) << name;
        EXPECT_LT(share, 0.009) << name;
    }
}

} // namespace
} // namespace heatsim::workload
