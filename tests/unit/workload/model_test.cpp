// SPDX-License-Identifier: Apache-2.0
#include "support/rules.hpp"
#include "support/shipped.hpp"
#include "workload/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace heatsim::workload {
namespace {

using test::broken_rules;
using test::shipped_model;
using testing::ElementsAre;
using testing::StartsWith;

TEST(OutputPixels, FollowTheConvolutionFormula)
{
    EXPECT_EQ(output_pixels(224, {7, 2, 3, 64}), 112U);
    EXPECT_EQ(output_pixels(112, {3, 1, 1, 64}), 112U);
    EXPECT_EQ(output_pixels(224, {16, 16, 0, 64}), 14U);
    // floor((10 − 3) / 2) + 1
    EXPECT_EQ(output_pixels(10, {3, 2, 0, 1}), 4U);
}

TEST(OutputPixels, IsZeroWhereTheKernelDoesNotFit)
{
    EXPECT_EQ(output_pixels(4, {5, 1, 0, 1}), 0U);
    EXPECT_EQ(output_pixels(4, {5, 0, 1, 1}), 0U);
}

TEST(Model, OfThisFieldHas196PatchesAndAClassToken)
{
    for (const auto* name : {"deit_t", "deit_s", "deit_b", "lvvit_s", "lvvit_m"}) {
        const auto model = shipped_model(name);
        EXPECT_EQ(model.patch_tokens(), 196U) << name;
        EXPECT_EQ(model.tokens(), 197U) << name;
        EXPECT_EQ(model.head_dim(), 64U) << name;
    }
}

TEST(Model, StemShrinksTheEmbeddingsInput)
{
    EXPECT_EQ(shipped_model("lvvit_s").embedding_input_pixels(),
              (std::array<std::uint64_t, 2>{112, 112}));
    EXPECT_EQ(shipped_model("deit_t").embedding_input_pixels(),
              (std::array<std::uint64_t, 2>{224, 224}));
}

TEST(Model, RulesRefuseWhatCannotBeBuilt)
{
    auto model = shipped_model("deit_t");
    EXPECT_THAT(broken_rules(model), ElementsAre());
    model.heads = 5;
    EXPECT_THAT(broken_rules(model), ElementsAre(StartsWith("heads: ")));
    model.heads = 3;
    model.patch_size = 15;
    EXPECT_THAT(broken_rules(model), ElementsAre(StartsWith("patch_size: ")));
    model.patch_size = 448;
    EXPECT_THAT(broken_rules(model), ElementsAre(StartsWith("patch_size: ")));
}

} // namespace
} // namespace heatsim::workload
