// SPDX-License-Identifier: Apache-2.0
#include "sweep/pareto.hpp"
#include "sweep/strategy.hpp"
#include "unit/sweep/example_space.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

constexpr unsigned all = std::numeric_limits<unsigned>::max();

/// 16 × 12 × 12 points.
std::string space_text(const std::string& strategy, unsigned points, unsigned seed = 1)
{
    return text_of_levels({16, 12, 12},
                          fmt::format("objectives: [{{minimize: latency_ms.mean}}, {{minimize: "
                                      "energy.image_mj.mean}}]\nstrategy: {{name: {}, points: {}, "
                                      "population: 24, seed: {}}}\n",
                                      strategy, points, seed));
}

/// Test function ZDT1 (Zitzler, Deb, Thiele, Evolutionary Computation 8(2), 2000) of three
/// variables on the space's grid.
class Zdt1 final : public PointEvaluator {
  public:
    explicit Zdt1(const DesignSpace& space)
        : space_{space}
    {}
    /// Points with this remainder of their number are infeasible; negative: none.
    int infeasible_of_three = -1;
    unsigned most = all; ///< evaluations, then it wants to stop

    [[nodiscard]] static std::vector<double> costs_of(const DesignSpace& space,
                                                      std::uint64_t number)
    {
        const auto point = space.point_of(number);
        std::vector<double> x;
        x.reserve(point.size());
        for (std::size_t i = 0; i < point.size(); ++i)
            x.push_back(space.dimensions()[i] == 1 ? 0.0
                                                   : point[i] / (space.dimensions()[i] - 1.0));
        constexpr double slope = 9.0;
        const auto g = 1.0 + slope * (x.at(1) + x.at(2)) / 2.0;
        return {x[0], g * (1.0 - std::sqrt(x[0] / g))};
    }

    bool submit(std::uint64_t point) override
    {
        asked.push_back(point);
        return asked.size() < most;
    }
    std::vector<PointCosts> evaluate(const std::vector<std::uint64_t>& points) override
    {
        largest_generation = std::max(largest_generation, points.size());
        std::vector<PointCosts> results;
        results.reserve(points.size());
        for (const auto point : points) {
            if (asked.size() >= most)
                break;
            asked.push_back(point);
            PointCosts costs;
            costs.feasible = static_cast<int>(point % 3) != infeasible_of_three;
            if (costs.feasible) {
                costs.costs = costs_of(space_, point);
                (void)front.add(point, costs.costs);
            }
            results.push_back(std::move(costs));
        }
        return results;
    }

    std::vector<std::uint64_t> asked; ///< every evaluation
    std::size_t largest_generation = 0;
    ParetoFront front;

  private:
    const DesignSpace& space_;
};

class MostlyInfeasible final : public PointEvaluator {
  public:
    bool submit(std::uint64_t /*point*/) override { return true; }
    std::vector<PointCosts> evaluate(const std::vector<std::uint64_t>& points) override
    {
        count += points.size();
        std::vector<PointCosts> results(points.size());
        for (std::size_t i = 0; i < points.size(); ++i) {
            results[i].feasible = points[i] >= feasible_from;
            if (results[i].feasible)
                results[i].costs = {1.0, static_cast<double>(points[i])};
        }
        return results;
    }
    std::size_t count = 0;
    std::uint64_t feasible_from = std::numeric_limits<std::uint64_t>::max();
};

const std::vector<double> reference{1.1, 1.1};

double volume_of_grid(const DesignSpace& space, int infeasible_of_three = -1)
{
    ParetoFront front;
    for (std::uint64_t point = 0; point < space.size(); ++point)
        if (static_cast<int>(point % 3) != infeasible_of_three)
            (void)front.add(point, Zdt1::costs_of(space, point));
    return hypervolume(front, reference);
}

void expect_distinct(const std::vector<std::uint64_t>& points, const DesignSpace& space)
{
    EXPECT_EQ(std::set<std::uint64_t>(points.begin(), points.end()).size(), points.size());
    EXPECT_TRUE(std::all_of(points.begin(), points.end(),
                            [&space](auto point) { return point < space.size(); }));
}

class Optimizers : public testing::TestWithParam<const char*> {};

} // namespace

TEST_P(Optimizers, KeepTheBudgetAndAskOnce)
{
    for (const unsigned budget : {1U, 10U, 24U, 100U, 300U}) {
        const auto space = space_of(space_text(GetParam(), budget));
        EXPECT_EQ(planned_points(space), budget);
        Zdt1 evaluator{space};
        optimize(space, evaluator);
        EXPECT_LE(evaluator.asked.size(), budget);
        EXPECT_GE(evaluator.asked.size(), std::min(budget, 90U)) << budget;
        expect_distinct(evaluator.asked, space);
    }
}

TEST_P(Optimizers, DependOnTheSeedAlone)
{
    const auto asked = [](unsigned seed) {
        const auto space = space_of(space_text(GetParam(), 150, seed));
        Zdt1 evaluator{space};
        optimize(space, evaluator);
        return evaluator.asked;
    };
    const auto first = asked(1);
    EXPECT_EQ(asked(1), first);
    EXPECT_NE(asked(2), first);
}

TEST_P(Optimizers, EvaluateGenerationsTogether)
{
    const auto space = space_of(space_text(GetParam(), 200));
    Zdt1 evaluator{space};
    optimize(space, evaluator);
    EXPECT_GE(evaluator.largest_generation, 12U);
}

TEST_P(Optimizers, StopWithTheEvaluator)
{
    const auto space = space_of(space_text(GetParam(), 300));
    for (const unsigned most : {0U, 5U, 24U, 60U}) {
        Zdt1 evaluator{space};
        evaluator.most = most;
        optimize(space, evaluator);
        EXPECT_EQ(evaluator.asked.size(), most);
    }
}

TEST_P(Optimizers, WorkAroundInfeasiblePoints)
{
    const auto space = space_of(space_text(GetParam(), 460));
    Zdt1 evaluator{space};
    evaluator.infeasible_of_three = 0; // the best corner is one
    optimize(space, evaluator);
    expect_distinct(evaluator.asked, space);
    EXPECT_GE(hypervolume(evaluator.front, reference), 0.5 * volume_of_grid(space, 0));
}

// all of a generation may be infeasible, and then one is not
TEST_P(Optimizers, FindTheOnlyFeasiblePoints)
{
    const auto space = space_of(space_text(GetParam(), 2304));
    MostlyInfeasible evaluator;
    evaluator.feasible_from = 2000;
    optimize(space, evaluator);
    EXPECT_GE(evaluator.count, 24U);
    EXPECT_LE(evaluator.count, 2304U);
}

TEST_P(Optimizers, EndWhereNothingIsFeasible)
{
    const auto space = space_of(text_of_levels(
        {3}, fmt::format("objectives: [{{minimize: latency_ms.mean}}, {{minimize: ddr.read_bytes}}]"
                         "\nstrategy: {{name: {}, points: 100, population: 8}}\n",
                         GetParam())));
    MostlyInfeasible nothing;
    optimize(space, nothing);
    EXPECT_LE(nothing.count, 3U);
    EXPECT_GE(nothing.count, 1U);
}

TEST_P(Optimizers, TakeTheOnlyPoint)
{
    const auto space = space_of(text_of_levels(
        {1, 1}, fmt::format("objectives: [{{minimize: latency_ms.mean}}, {{minimize: "
                            "ddr.read_bytes}}]\nstrategy: {{name: {}, points: 100}}\n",
                            GetParam())));
    Zdt1 evaluator{space};
    optimize(space, evaluator);
    EXPECT_EQ(evaluator.asked, std::vector<std::uint64_t>{0});
}

TEST_P(Optimizers, LeaveDimensionsWithoutAChoiceAlone)
{
    const auto space = space_of(text_of_levels(
        {4, 1, 4}, fmt::format("objectives: [{{minimize: latency_ms.mean}}, {{minimize: "
                               "ddr.read_bytes}}]\nstrategy: {{name: {}, points: 100}}\n",
                               GetParam())));
    Zdt1 evaluator{space};
    optimize(space, evaluator);
    expect_distinct(evaluator.asked, space);
    EXPECT_GE(evaluator.asked.size(), 8U);
}

INSTANTIATE_TEST_SUITE_P(Each, Optimizers, testing::Values("nsga2", "maco"), [](const auto& of) {
    return std::string{of.param};
});

TEST(Nsga2, FindsTheFrontWithAFifthOfThePoints)
{
    for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
        const auto space = space_of(space_text("nsga2", 460, seed));
        ASSERT_EQ(space.size(), 2304U);
        Zdt1 evaluator{space};
        optimize(space, evaluator);
        EXPECT_LE(static_cast<double>(evaluator.asked.size()),
                  0.2 * static_cast<double>(space.size()));
        EXPECT_GE(hypervolume(evaluator.front, reference), 0.95 * volume_of_grid(space)) << seed;
    }
}

TEST(Maco, FindsMostOfTheFront)
{
    for (const unsigned seed : {1U, 2U, 3U}) {
        const auto space = space_of(space_text("maco", 460, seed));
        Zdt1 evaluator{space};
        optimize(space, evaluator);
        EXPECT_GE(hypervolume(evaluator.front, reference), 0.8 * volume_of_grid(space)) << seed;
    }
}

} // namespace heatsim::sweep
