// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/tile_plan.hpp"
#include "support/random.hpp"
#include "units/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::hw {
namespace {

constexpr std::array<LoopOrder, 4> orders{LoopOrder::TokensOuter, LoopOrder::ChannelsOuter,
                                          LoopOrder::WeightStationary, LoopOrder::InputStationary};

std::vector<TileStep> steps(const TilePlan& plan)
{
    std::vector<TileStep> found;
    for (auto cursor = plan.begin(); cursor.valid(); plan.advance(cursor))
        found.push_back(plan.step(cursor));
    return found;
}

TilingProblem random_problem(test::Random& random)
{
    TilingProblem problem;
    problem.groups = random.between(1, 3);
    problem.m = random.between(1, 40);
    problem.k = random.between(1, 40);
    problem.n = random.between(1, 40);
    problem.tile_m = random.between(1, 16);
    problem.tile_k = random.between(1, 16);
    problem.tile_n = random.between(1, 16);
    problem.order = orders[random.between(0, 3)];
    problem.input_slots = random.between(1, 8);
    problem.weight_slots = random.between(1, 8);
    problem.accumulator_slots = random.between(1, 5);
    problem.reuse = random.chance(80);
    return problem;
}

std::string text(const TilingProblem& p)
{
    std::string joined = config::name_of(p.order, loop_order_names);
    for (const auto value : {p.groups, p.m, p.k, p.n, p.tile_m, p.tile_k, p.tile_n, p.input_slots,
                             p.weight_slots, p.accumulator_slots, std::uint64_t{p.reuse}})
        joined += " " + std::to_string(value);
    return joined;
}

/// Runs a check over many random problems, all loop orders among them.
template <typename Check>
void for_random_problems(Check check)
{
    test::Random random{2};
    for (int round = 0; round < 2000 && !testing::Test::HasFailure(); ++round) {
        const auto problem = random_problem(random);
        SCOPED_TRACE(text(problem));
        check(problem, TilePlan{problem});
    }
}

TEST(TilePlan, VisitsEveryTileExactlyOnce)
{
    for_random_problems([](const TilingProblem& problem, const TilePlan& plan) {
        std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>> seen;
        std::uint64_t macs = 0;
        for (const auto& step : steps(plan)) {
            EXPECT_TRUE(seen.emplace(step.group, step.m0, step.n0, step.k0).second);
            EXPECT_EQ(
                step.m0 % problem.tile_m + step.n0 % problem.tile_n + step.k0 % problem.tile_k, 0U);
            EXPECT_TRUE(step.rows > 0 && step.rows <= problem.tile_m);
            EXPECT_TRUE(step.columns > 0 && step.columns <= problem.tile_n);
            EXPECT_TRUE(step.depth > 0 && step.depth <= problem.tile_k);
            macs += step.rows * step.columns * step.depth;
        }
        EXPECT_EQ(seen.size(), plan.steps());
        EXPECT_EQ(macs, problem.groups * problem.m * problem.k * problem.n);
    });
}

TEST(TilePlan, OfAnEmptyProblemHasNoSteps)
{
    for (const auto order : orders) {
        TilingProblem problem;
        problem.order = order;
        problem.m = 0;
        problem.k = problem.n = 8;
        const TilePlan plan{problem};
        EXPECT_EQ(plan.steps(), 0U);
        EXPECT_FALSE(plan.begin().valid());
    }
}

using Tile = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

/// A buffer whose slots are given back in the order they were filled.
struct FifoBuffer {
    std::deque<Tile> tiles;
    std::size_t most = 0;
    std::uint64_t loads = 0;

    void load(const Tile& tile)
    {
        EXPECT_EQ(std::count(tiles.begin(), tiles.end(), tile), 0) << "loaded twice";
        tiles.push_back(tile);
        most = std::max(most, tiles.size());
        ++loads;
    }
    void use(const Tile& tile) const
    {
        EXPECT_EQ(std::count(tiles.begin(), tiles.end(), tile), 1) << "used without a load";
    }
    void release(const Tile& tile)
    {
        ASSERT_FALSE(tiles.empty());
        EXPECT_EQ(tiles.front(), tile) << "released out of order";
        tiles.pop_front();
    }
};

TEST(TilePlan, LoadsBeforeUseAndReleasesEveryLoadOnce)
{
    for_random_problems([](const TilingProblem& problem, const TilePlan& plan) {
        FifoBuffer input;
        FifoBuffer weight;
        for (const auto& step : steps(plan)) {
            const Tile a{step.group, step.m0, step.k0};
            const Tile b{step.group, step.k0, step.n0};
            if (step.load_input)
                input.load(a);
            if (step.load_weight)
                weight.load(b);
            input.use(a);
            weight.use(b);
            if (step.release_input)
                input.release(a);
            if (step.release_weight)
                weight.release(b);
        }
        EXPECT_TRUE(input.tiles.empty() && weight.tiles.empty()) << "never released";
        EXPECT_LE(input.most, problem.input_slots);
        EXPECT_LE(weight.most, problem.weight_slots);
    });
}

TEST(TilePlan, KeepsNoMorePartialSumsThanAccumulators)
{
    for_random_problems([](const TilingProblem& problem, const TilePlan& plan) {
        std::set<Tile> open;
        std::size_t most = 0;
        for (const auto& step : steps(plan)) {
            const Tile output{step.group, step.m0, step.n0};
            EXPECT_EQ(step.first_k, step.k0 == 0);
            EXPECT_EQ(step.last_k, step.k0 + step.depth == problem.k);
            EXPECT_EQ(open.count(output), step.first_k ? 0U : 1U) << "partial sums start once";
            open.insert(output);
            most = std::max(most, open.size());
            if (step.last_k)
                open.erase(output);
        }
        EXPECT_TRUE(open.empty());
        EXPECT_LE(most, problem.accumulator_slots);
    });
}

std::uint64_t loads(const TilePlan& plan, bool TileStep::*flag)
{
    const auto all = steps(plan);
    return static_cast<std::uint64_t>(
        std::count_if(all.begin(), all.end(), [flag](const auto& step) { return step.*flag; }));
}

TEST(TilePlan, LoadsAsOftenAsTheClosedFormSays)
{
    for_random_problems([](const TilingProblem& problem, const TilePlan& plan) {
        const auto g = problem.groups;
        const auto m = ceil_div(problem.m, problem.tile_m);
        const auto k = ceil_div(problem.k, problem.tile_k);
        const auto n = ceil_div(problem.n, problem.tile_n);
        auto input = g * m * k * n; // nothing stays: one load a step
        auto weight = input;
        const auto block = std::min(problem.accumulator_slots,
                                    problem.order == LoopOrder::WeightStationary ? m : n);
        if (problem.reuse) {
            switch (problem.order) {
            case LoopOrder::TokensOuter: // an input row panel of k tiles stays across n
                input = k <= problem.input_slots ? g * m * k : input;
                weight = n * k <= problem.weight_slots ? g * n * k : weight;
                break;
            case LoopOrder::ChannelsOuter: // a weight panel of k tiles stays across m
                weight = k <= problem.weight_slots ? g * n * k : weight;
                input = m * k <= problem.input_slots ? g * m * k : input;
                break;
            case LoopOrder::WeightStationary: // one weight tile stays across a block of m
                weight = n * k <= problem.weight_slots ? g * n * k : g * ceil_div(m, block) * n * k;
                input = block * k <= problem.input_slots ? g * m * k : input;
                break;
            case LoopOrder::InputStationary: // one input tile stays across a block of n
                input = m * k <= problem.input_slots ? g * m * k : g * ceil_div(n, block) * m * k;
                weight = block * k <= problem.weight_slots ? g * n * k : weight;
                break;
            case LoopOrder::LeastTraffic:
                FAIL();
            }
        }
        EXPECT_EQ(loads(plan, &TileStep::load_input), input);
        EXPECT_EQ(loads(plan, &TileStep::load_weight), weight);
        EXPECT_EQ(loads(plan, &TileStep::release_input), input);
        EXPECT_EQ(loads(plan, &TileStep::release_weight), weight);
    });
}

TEST(TilePlan, PredictsTheElementsItFetches)
{
    for_random_problems([](const TilingProblem& /*problem*/, const TilePlan& plan) {
        std::uint64_t input = 0;
        std::uint64_t weight = 0;
        for (const auto& step : steps(plan)) {
            input += step.load_input ? step.rows * step.depth : 0;
            weight += step.load_weight ? step.depth * step.columns : 0;
        }
        EXPECT_EQ(plan.input_elements(), input);
        EXPECT_EQ(plan.weight_elements(), weight);
    });
}

TEST(TilePlan, TokensOuterStreamsWeightsPastARowPanel)
{
    // m and n of two tiles, k of one: m0 n0, m0 n1, m1 n0, m1 n1
    TilingProblem problem;
    problem.m = problem.n = 16;
    problem.k = problem.tile_m = problem.tile_k = problem.tile_n = 8;
    problem.weight_slots = 1;
    std::vector<std::tuple<std::uint64_t, std::uint64_t, bool, bool>> found;
    for (const auto& step : steps(TilePlan{problem}))
        found.emplace_back(step.m0, step.n0, step.load_input, step.load_weight);
    EXPECT_EQ(
        found,
        (decltype(found){
            {0, 0, true, true}, {0, 8, false, true}, {8, 0, true, true}, {8, 8, false, true}}));
}

TEST(TilePlan, CursorsAreIndependent)
{
    TilingProblem problem;
    problem.m = problem.k = problem.n = 4;
    const TilePlan plan{problem};
    auto ahead = plan.begin();
    const auto behind = ahead;
    plan.advance(ahead);
    EXPECT_EQ(plan.step(behind).k0, 0U);
    EXPECT_EQ(plan.step(ahead).k0, 1U);
}

} // namespace
} // namespace heatsim::hw
