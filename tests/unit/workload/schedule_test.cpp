// SPDX-License-Identifier: Apache-2.0
#include "support/rules.hpp"
#include "support/shipped.hpp"
#include "workload/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using test::broken_rules;
using test::shipped_model;
using test::shipped_schedule;
using testing::ElementsAre;
using testing::StartsWith;

Schedule with_ratios(const std::vector<double>& ratios, PackageToken policy = PackageToken::One)
{
    Schedule schedule;
    schedule.package_token = policy;
    std::uint64_t block = 1;
    for (const auto ratio : ratios) {
        Selector selector;
        selector.before_block = ++block;
        selector.keep_ratio = ratio;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

/// A model with `patches` patches in one row.
Model with_patches(std::uint64_t patches)
{
    Model model;
    model.image_height_pixels = model.patch_size;
    model.image_width_pixels = patches * model.patch_size;
    return model;
}

TEST(TokenCounts, OfShippedSchedulesAreTheKnownOnes)
{
    const auto model = shipped_model("deit_t");
    const auto counts = [&](const char* name) {
        return target_token_counts(shipped_schedule(name), model);
    };
    EXPECT_THAT(counts("dense"), ElementsAre(197));
    EXPECT_THAT(counts("heatvit"), ElementsAre(197, 139, 78, 43));
    EXPECT_THAT(counts("heatvit_deit_s_spvit_ratios"), ElementsAre(197, 122, 74, 28));
    EXPECT_THAT(counts("heatvit_deit_t_published"), ElementsAre(197, 88, 45, 32));
    EXPECT_THAT(counts("dynamicvit"), ElementsAre(197, 138, 97, 68));
    // one package token more at each selector: floor(196·keep) + 1 + 1, 2, 3
    EXPECT_THAT(counts("spvit_deit_s"), ElementsAre(197, 122, 75, 30));
    EXPECT_THAT(counts("one_selector_b7_50"), ElementsAre(197, 100));
}

TEST(TokenCounts, FloorTheKeepRatioAsADecimalFraction)
{
    // 0.29 · 100 is 28.999999999999996 in binary: 29 patches are kept, with class and package token
    // 31
    EXPECT_THAT(target_token_counts(with_ratios({0.29}), with_patches(100)), ElementsAre(101, 31));
    // 0.57 · 100 = 56.99999999999999, 0.07 · 100 = 7.000000000000001
    EXPECT_THAT(target_token_counts(with_ratios({0.57, 0.07}), with_patches(100)),
                ElementsAre(101, 59, 9));
    // 0.7 · 196 = 137.2
    EXPECT_THAT(target_token_counts(with_ratios({0.7}), with_patches(196)), ElementsAre(197, 139));
    // every percentage of 100 patches is exact
    for (std::uint64_t percent = 1; percent < 100; ++percent)
        EXPECT_EQ(target_token_counts(with_ratios({static_cast<double>(percent) / 100.0}),
                                      with_patches(100))
                      .back(),
                  percent + 2)
            << percent << " %";
}

TEST(TokenCounts, HaveNoPackageTokenWhereNothingWasPruned)
{
    for (const auto policy : {PackageToken::One, PackageToken::OnePerSelector, PackageToken::None})
        EXPECT_THAT(target_token_counts(with_ratios({1.0}, policy), with_patches(100)),
                    ElementsAre(101, 101));
}

TEST(TokenCounts, FollowThePackageTokenPolicy)
{
    const auto counts = [](PackageToken policy) {
        return target_token_counts(with_ratios({0.5, 0.25, 0.1}, policy), with_patches(100));
    };
    EXPECT_THAT(counts(PackageToken::One), ElementsAre(101, 52, 27, 12));
    EXPECT_THAT(counts(PackageToken::OnePerSelector), ElementsAre(101, 52, 28, 14));
    EXPECT_THAT(counts(PackageToken::None), ElementsAre(101, 51, 26, 11));
}

TEST(TokenCounts, GivenAsNumbersAreTaken)
{
    Schedule schedule;
    schedule.selectors = {{2, 0.0, 40}, {3, 0.0, 3}};
    EXPECT_THAT(target_token_counts(schedule, with_patches(100)), ElementsAre(101, 40, 3));
}

TEST(PackageTokens, AreCountedPerPolicy)
{
    Schedule schedule;
    schedule.package_token = PackageToken::One;
    EXPECT_EQ(package_tokens(schedule, 2), 1U);
    schedule.package_token = PackageToken::OnePerSelector;
    EXPECT_EQ(package_tokens(schedule, 2), 3U);
    schedule.package_token = PackageToken::None;
    EXPECT_EQ(package_tokens(schedule, 2), 0U);
}

std::vector<std::string> keys(const Schedule& schedule, const Model& model)
{
    std::vector<std::string> found;
    for (const auto& violation : violations(schedule, model))
        found.push_back(std::to_string(violation.selector) + "." + violation.key);
    return found;
}

TEST(ScheduleViolations, AreNoneForEveryShippedPair)
{
    for (const auto* schedule :
         {"dense", "dynamicvit", "heatvit", "heatvit_4sel_70_49_34_24", "heatvit_50_25_13",
          "heatvit_70_49_34", "heatvit_90_81_73", "heatvit_deit_s_spvit_ratios",
          "heatvit_deit_t_published", "heatvit_rtl", "heatvit_top_k_40_16_06",
          "heatvit_top_k_50_25_13", "heatvit_top_k_70_39_21", "heatvit_top_k_70_49_34",
          "heatvit_top_k_80_64_51", "heatvit_top_k_90_81_73", "one_selector_b7_50", "spvit_deit_s"})
        for (const auto* model : {"deit_t", "deit_s", "deit_b", "lvvit_s", "lvvit_m"})
            EXPECT_THAT(keys(shipped_schedule(schedule), shipped_model(model)), ElementsAre());
}

TEST(ScheduleViolations, NameASelectorBehindTheLastBlock)
{
    const auto model = shipped_model("deit_t");
    Schedule schedule;
    schedule.selectors = {{4, 0.5, 0}, {13, 0.25, 0}};
    EXPECT_THAT(keys(schedule, model), ElementsAre("1.before_block"));
    schedule.selectors[1].before_block = 12;
    EXPECT_THAT(keys(schedule, model), ElementsAre());
}

TEST(ScheduleViolations, NameTokensTheModelDoesNotHave)
{
    const auto model = shipped_model("deit_t");
    Schedule schedule;
    schedule.selectors = {{4, 0.0, 198}};
    EXPECT_THAT(keys(schedule, model), ElementsAre("0.tokens"));
    schedule.selectors[0].tokens = 197;
    EXPECT_THAT(keys(schedule, model), ElementsAre());
}

TEST(ScheduleViolations, NameTooFewTokensForClassAndPackage)
{
    const auto model = shipped_model("deit_t");
    Schedule schedule;
    schedule.selectors = {{4, 0.0, 2}, {7, 0.0, 2}};
    EXPECT_THAT(keys(schedule, model), ElementsAre());
    schedule.package_token = PackageToken::OnePerSelector; // class and two package tokens
    EXPECT_THAT(keys(schedule, model), ElementsAre("1.tokens"));
    schedule.package_token = PackageToken::One;
    schedule.selectors[1].tokens = 1;
    EXPECT_THAT(keys(schedule, model), ElementsAre("1.tokens"));
}

TEST(ScheduleViolations, NameAHeadWidthTheSelectorCannotSplit)
{
    auto model = shipped_model("deit_t");
    model.embed_dim = 198; // 3 heads of 66
    EXPECT_THAT(keys(shipped_schedule("heatvit"), model), ElementsAre("0.before_block"));
    EXPECT_THAT(keys(shipped_schedule("dense"), model), ElementsAre());
}

TEST(ScheduleViolations, AreAllFoundAtOnce)
{
    Schedule schedule;
    schedule.selectors = {{40, 0.0, 500}, {41, 0.0, 1}};
    EXPECT_THAT(keys(schedule, shipped_model("deit_t")),
                ElementsAre("0.before_block", "0.tokens", "1.before_block", "1.tokens"));
}

TEST(ScheduleRules, RefuseWhatRises)
{
    auto schedule = with_ratios({0.5, 0.6});
    EXPECT_THAT(broken_rules(schedule), ElementsAre(StartsWith("selectors.1.keep_ratio")));
    schedule.selectors[1].keep_ratio = 0.5;
    EXPECT_THAT(broken_rules(schedule), ElementsAre());
    schedule.selectors[1].before_block = schedule.selectors[0].before_block;
    EXPECT_THAT(broken_rules(schedule), ElementsAre(StartsWith("selectors.1.before_block")));
    schedule = {};
    schedule.selectors = {{2, 0.0, 10}, {3, 0.0, 11}};
    EXPECT_THAT(broken_rules(schedule), ElementsAre(StartsWith("selectors.1.tokens")));
}

TEST(ScheduleRules, WantExactlyOneTargetPerSelector)
{
    Schedule schedule;
    schedule.selectors = {{2, 0.0, 0}};
    EXPECT_THAT(broken_rules(schedule), ElementsAre(StartsWith("keep_ratio")));
    schedule.selectors = {{2, 0.5, 5}};
    EXPECT_THAT(broken_rules(schedule), ElementsAre(StartsWith("keep_ratio")));
    schedule.selectors = {{2, 0.5, 0}};
    EXPECT_THAT(broken_rules(schedule), ElementsAre());
}

} // namespace
} // namespace heatsim::workload
