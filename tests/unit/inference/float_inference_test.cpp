// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "inference/float_inference.hpp"
#include "unit/inference/float_toy.hpp"
#include "unit/inference/masked_network.hpp"
#include "workload/operators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::inference {
namespace {

using workload::PackageToken;
using workload::ScoredTokens;
using workload::SelectorMlp1;
using workload::SelectorWeights;

constexpr std::uint64_t images = 12;

/// The same network, image and functions in floats with pruned tokens removed, and in doubles with
/// pruned tokens masked. \returns patches that the selectors kept, and pruned
std::pair<std::size_t, std::size_t> compare(const workload::Model& model,
                                            const workload::Schedule& schedule,
                                            const Functions& functions)
{
    std::size_t kept_patches = 0;
    std::size_t pruned_patches = 0;
    for (std::uint64_t seed = 0; seed < images; ++seed) {
        const auto network = test::float_toy_network(model, schedule, seed);
        const auto image = test::float_toy_image(model, seed);
        const auto masked = test::infer_masked(network, functions, image);
        if (masked.closest_score < 1e-4)
            continue; // rounding may decide it either way
        const auto result = infer(network, functions, image);
        EXPECT_EQ(result.kept_patches.size(), masked.kept.size());
        for (std::size_t i = 0; i < masked.kept.size(); ++i) {
            std::vector<std::uint32_t> expected;
            for (std::uint32_t patch = 0; patch < masked.kept[i].size(); ++patch)
                if (masked.kept[i][patch])
                    expected.push_back(patch);
            EXPECT_EQ(result.kept_patches.at(i), expected) << seed;
            kept_patches += expected.size();
            pruned_patches += masked.kept[i].size() - expected.size();
        }
        EXPECT_EQ(result.logits.size(), masked.logits.size());
        for (std::size_t i = 0; i < result.logits.size(); ++i)
            EXPECT_NEAR(result.logits[i], masked.logits[i], 2e-4) << seed;
        EXPECT_EQ(result.predicted, predicted_class(result.logits));
    }
    return {kept_patches, pruned_patches};
}

struct Variant {
    SelectorMlp1 mlp1;
    SelectorWeights weights;
    ScoredTokens scored;
    PackageToken package;
    bool norm;
    std::uint64_t class_tokens;
};

class FloatInferenceOf : public testing::TestWithParam<Variant> {};

TEST_P(FloatInferenceOf, IsThatOfMaskedTokens)
{
    const auto& variant = GetParam();
    auto model = test::float_toy_model();
    model.class_tokens = variant.class_tokens;
    auto schedule = test::float_toy_schedule();
    schedule.mlp1 = variant.mlp1;
    schedule.weights = variant.weights;
    schedule.scored_tokens = variant.scored;
    schedule.package_token = variant.package;
    schedule.norm = variant.norm;
    Functions polynomial;
    polynomial.polynomial_gelu = true;
    polynomial.polynomial_softmax = true;
    polynomial.plan_sigmoid = true;
    polynomial.gelu_delta = 0.5;
    polynomial.softmax_delta = 0.75;
    for (const auto& functions : {Functions{}, polynomial}) {
        const auto [kept, pruned] = compare(model, schedule, functions);
        EXPECT_GE(kept, 10U); // else nothing was compared
        EXPECT_GE(pruned, 10U);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Variants,
    FloatInferenceOf,
    testing::Values(Variant{SelectorMlp1::Half, SelectorWeights::PerHead, ScoredTokens::All,
                            PackageToken::One, true, 1},
                    Variant{SelectorMlp1::Split, SelectorWeights::Shared, ScoredTokens::Patches,
                            PackageToken::One, true, 1},
                    Variant{SelectorMlp1::Split, SelectorWeights::PerHead, ScoredTokens::Patches,
                            PackageToken::OnePerSelector, false, 2},
                    Variant{SelectorMlp1::Half, SelectorWeights::Shared, ScoredTokens::All,
                            PackageToken::OnePerSelector, true, 3},
                    Variant{SelectorMlp1::Half, SelectorWeights::Shared, ScoredTokens::Patches,
                            PackageToken::None, false, 1}));

TEST(FloatInference, SelectorsMayStandInsideABlock)
{
    auto schedule = test::float_toy_schedule();
    schedule.selectors[0] = {0, 0.5, 0, 1, 0};
    const auto [kept, pruned] = compare(test::float_toy_model(), schedule, {});
    EXPECT_GE(kept, 10U);
    EXPECT_GE(pruned, 10U);
}

TEST(FloatInference, WithoutSelectorsNothingIsPruned)
{
    workload::Schedule schedule;
    schedule.name = "dense";
    const auto model = test::float_toy_model();
    EXPECT_EQ(compare(model, schedule, {}), (std::pair<std::size_t, std::size_t>{0, 0}));
    const auto result =
        infer(test::float_toy_network(model, schedule, 1), {}, test::float_toy_image(model, 1));
    EXPECT_EQ(result.tokens, workload::TokenCounts{model.tokens()});
}

TEST(FloatInference, TellsEveryOperatorOfTheWorkload)
{
    const auto model = test::float_toy_model();
    auto schedule = test::float_toy_schedule();
    schedule.scored_tokens = ScoredTokens::Patches;
    const auto network = test::float_toy_network(model, schedule, 3);
    using Shape = std::pair<std::size_t, std::size_t>;
    std::map<std::string, Shape, std::less<>> told;
    const auto result =
        infer(network, {}, test::float_toy_image(model, 3),
              [&told](std::string_view name, const float*, std::size_t rows, std::size_t columns) {
                  told[std::string{name}] = {rows, columns};
              });
    ASSERT_LT(result.tokens.back(), model.tokens()); // something is pruned, so there is a package
    for (const auto& op : workload::lower(model, schedule, result.tokens).operators) {
        using Kind = workload::OperatorKind;
        if (op.kind == Kind::Concatenate || op.kind == Kind::Compact || op.kind == Kind::Append)
            continue; // nothing is computed
        const auto found = told.find(op.name);
        if (op.kind == Kind::Package && found == told.end())
            continue; // this selector pruned nothing
        ASSERT_NE(found, told.end()) << op.name;
        if (op.name == "patch_embed.position") { // the class tokens are a copy to the workload
            EXPECT_EQ(found->second, (Shape{op.m + model.class_tokens, op.n}));
            continue;
        }
        const auto rows = op.output_rows > 0 ? op.output_rows : op.batch * op.m;
        const bool heads_in_rows = op.name.find("attn.av") == std::string::npos &&
                                   op.name.find("selector") == std::string::npos;
        if (heads_in_rows)
            EXPECT_EQ(found->second, (Shape{rows, op.n})) << op.name;
        else // heads beside each other in one place, below each other in the other
            EXPECT_EQ(found->second.first * found->second.second,
                      op.output_rows > 0 ? op.n : op.batch * op.m * op.n)
                << op.name;
    }
    EXPECT_EQ(told.at("image"), (Shape{model.patch_tokens(), 8}));
    EXPECT_EQ(told.at("patch_embed.class_token"), (Shape{1, model.embed_dim}));
}

TEST(FloatInference, RefusesAnImageOfAnotherSize)
{
    const auto model = test::float_toy_model();
    const auto schedule = test::float_toy_schedule();
    auto image = test::float_toy_image(model, 1);
    std::swap(image.height, image.width);
    EXPECT_THROW((void)infer(test::float_toy_network(model, schedule, 1), {}, image),
                 config::Error);
}

} // namespace
} // namespace heatsim::inference
