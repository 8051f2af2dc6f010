// SPDX-License-Identifier: Apache-2.0
#include "sweep/latency_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace heatsim::sweep {

namespace {

constexpr std::uint64_t blocks = 6;
constexpr double selector_ms = 0.1;
constexpr double dense_percent = 90.0;

[[nodiscard]] double ratio_at(const Stages& stages, std::uint64_t block)
{
    double ratio = 1.0;
    for (const auto& stage : stages)
        if (stage.before_block <= block)
            ratio = stage.keep_ratio;
    return ratio;
}

/// Six blocks of 1 ms at all tokens. Pruned tokens cost accuracy, in front more than behind; below
/// a keep ratio of 0.2 nothing is known.
[[nodiscard]] SearchProblem problem_of(double latency_target_ms, double drop_points)
{
    SearchProblem problem;
    problem.blocks = blocks;
    problem.latency_target_ms = latency_target_ms;
    problem.least_top1_percent = dense_percent - drop_points;
    problem.latency_ms = [](const Stages& stages) {
        double sum = selector_ms * static_cast<double>(stages.size());
        for (std::uint64_t block = 1; block <= blocks; ++block)
            sum += ratio_at(stages, block);
        return sum;
    };
    problem.top1_percent = [](const Stages& stages) -> std::optional<double> {
        double loss = 0.0;
        for (std::uint64_t block = 1; block <= blocks; ++block) {
            const double pruned = 1.0 - ratio_at(stages, block);
            if (pruned > 0.8 + 1e-9)
                return std::nullopt;
            loss += pruned * pruned * static_cast<double>(blocks + 1 - block);
        }
        return dense_percent - 0.2 * loss;
    };
    return problem;
}

[[nodiscard]] bool is_well_formed(const Stages& stages)
{
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (stages[i].before_block < 2 || stages[i].before_block > blocks ||
            !(stages[i].keep_ratio > 0.0) || !(stages[i].keep_ratio < 1.0))
            return false;
        if (i > 0 && (stages[i].before_block <= stages[i - 1].before_block ||
                      stages[i].keep_ratio > stages[i - 1].keep_ratio))
            return false;
    }
    return true;
}

} // namespace

TEST(LatencySearch, TakesTheDenseNetworkWhereItIsFastEnough)
{
    const auto result = latency_search(problem_of(6.0, 0.5));
    EXPECT_TRUE(result.met);
    EXPECT_TRUE(result.best.stages.empty());
    EXPECT_EQ(result.steps.size(), 1U);
}

TEST(LatencySearch, MeetsTheTargetAboutAsWellAsAllChoices)
{
    for (const double target_ms : {5.5, 5.0, 4.5, 4.0, 3.5}) {
        auto problem = problem_of(target_ms, 3.0);
        const auto found = latency_search(problem);
        const auto all = exhaustive_search(problem);
        ASSERT_TRUE(found.met) << target_ms;
        ASSERT_TRUE(all.met) << target_ms;
        EXPECT_LE(found.best.latency_ms, target_ms);
        EXPECT_TRUE(is_well_formed(found.best.stages));
        EXPECT_LE(found.best.stages.size(), problem.max_selectors);
        EXPECT_GE(*found.best.top1_percent, *all.best.top1_percent - 0.005) << target_ms;
    }
}

TEST(LatencySearch, StaysWithinTheBudgetAndTheHull)
{
    const auto problem = problem_of(1.0, 0.4); // no choice is that fast
    const auto found = latency_search(problem);
    const auto all = exhaustive_search(problem);
    EXPECT_FALSE(found.met);
    EXPECT_FALSE(all.met);
    EXPECT_GE(*found.best.top1_percent, problem.least_top1_percent - 1e-9);
    EXPECT_NEAR(found.best.latency_ms, all.best.latency_ms, 0.05);
    for (const auto& step : found.steps) {
        if (step.kept) {
            ASSERT_TRUE(step.candidate.top1_percent.has_value());
            EXPECT_GE(*step.candidate.top1_percent, problem.least_top1_percent - 1e-9);
        }
    }
    // a budget that is never reached: the hull is the limit
    const auto wide = latency_search(problem_of(1.0, 50.0));
    ASSERT_FALSE(wide.met);
    EXPECT_NEAR(wide.best.latency_ms, 1.0 + 5 * 0.2 + selector_ms, 1e-9);
}

TEST(LatencySearch, InsertsFromTheLastBlockForwards)
{
    const auto problem = problem_of(1.0, 50.0);
    const auto result = latency_search(problem);
    auto block = blocks;
    for (const auto& step : result.steps) {
        if (step.kind == StepKind::Insert) {
            EXPECT_EQ(step.candidate.stages.front().before_block, block--);
            EXPECT_DOUBLE_EQ(step.candidate.stages.front().keep_ratio, 0.95);
        }
    }
    EXPECT_EQ(block, 1U); // none in front of the first block, whose tokens nothing was learned of
}

TEST(LatencySearch, MergesNeighboursThatPruneAlike)
{
    const auto problem = problem_of(4.0, 3.0);
    const auto result = latency_search(problem);
    std::size_t merges = 0;
    for (std::size_t i = 0; i < result.steps.size(); ++i) {
        const auto& step = result.steps[i];
        const auto& stages = step.candidate.stages;
        if (step.kind != StepKind::Merge)
            continue;
        ++merges;
        EXPECT_LT(stages.size(), result.steps[i - 1].candidate.stages.size());
        for (std::size_t s = 1; s < stages.size(); ++s)
            EXPECT_GE(stages[s - 1].keep_ratio - stages[s].keep_ratio, problem.merge_below - 1e-9);
    }
    EXPECT_GT(merges, 0U);
}

TEST(LatencySearch, TakesBackASelectorThatCostsMoreThanItSaves)
{
    auto problem = problem_of(5.9, 3.0);
    const auto blocks_only = problem.latency_ms;
    problem.latency_ms = [blocks_only](const Stages& stages) {
        return blocks_only(stages) + 10.0 * static_cast<double>(stages.size());
    };
    const auto result = latency_search(problem);
    EXPECT_FALSE(result.met);
    EXPECT_TRUE(result.best.stages.empty());
    for (const auto& step : result.steps)
        EXPECT_EQ(step.kept, step.kind == StepKind::Start);
}

TEST(LatencySearch, KeepRatiosAreDecimalFractions)
{
    const auto result = latency_search(problem_of(3.5, 3.0));
    ASSERT_FALSE(result.best.stages.empty());
    for (const auto& stage : result.best.stages)
        EXPECT_EQ(stage.keep_ratio, std::round(stage.keep_ratio * 100.0) / 100.0);
}

TEST(ExhaustiveSearch, LooksAtEveryChoice)
{
    auto problem = problem_of(4.2, 3.0);
    problem.step = 0.1;
    problem.max_selectors = 2;
    const auto result = exhaustive_search(problem);
    std::size_t choices = 1; // dense
    double best = 0.0;
    const auto look_at = [&](const Stages& stages) {
        ++choices;
        const auto top1 = problem.top1_percent(stages);
        if (problem.latency_ms(stages) <= problem.latency_target_ms && top1)
            best = std::max(best, *top1);
    };
    for (std::uint64_t first = 2; first <= blocks; ++first) {
        for (int high = 9; high >= 1; --high) {
            look_at({{first, high / 10.0}});
            for (auto second = first + 1; second <= blocks; ++second)
                for (int low = high - 1; low >= 1; --low)
                    look_at({{first, high / 10.0}, {second, low / 10.0}});
        }
    }
    EXPECT_EQ(result.evaluations, choices);
    EXPECT_EQ(exhaustive_choices(problem, 1000000), choices);
    EXPECT_EQ(exhaustive_choices(problem, 100), 100U);
    ASSERT_TRUE(result.met);
    EXPECT_DOUBLE_EQ(*result.best.top1_percent, best);
}

TEST(LatencySearch, MakesSchedulesOfTheForm)
{
    workload::Schedule form;
    form.choice = workload::Choice::TopK;
    form.mlp1 = workload::SelectorMlp1::Split;
    form.selectors.resize(4);
    form.published.resize(1);
    const auto schedule = schedule_of(form, {{4, 0.7}, {7, 0.4}});
    EXPECT_EQ(schedule.choice, workload::Choice::TopK);
    EXPECT_EQ(schedule.mlp1, workload::SelectorMlp1::Split);
    EXPECT_TRUE(schedule.published.empty());
    ASSERT_EQ(schedule.selectors.size(), 2U);
    EXPECT_EQ(schedule.selectors[1].before_block, 7U);
    EXPECT_DOUBLE_EQ(schedule.selectors[1].keep_ratio, 0.4);
}

} // namespace heatsim::sweep
