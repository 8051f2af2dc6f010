// SPDX-License-Identifier: Apache-2.0
#include "sweep/strategy.hpp"
#include "unit/sweep/example_space.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using testing::ElementsAre;
using Points = std::vector<std::uint64_t>;

std::string strategy(const std::string& name, unsigned points, unsigned seed = 1)
{
    return fmt::format("strategy: {{name: {}, points: {}, seed: {}}}\n", name, points, seed);
}

Points points_of(const DesignSpace& space)
{
    Points points;
    for_each_planned_point(space, [&points](std::uint64_t point) {
        points.push_back(point);
        return true;
    });
    return points;
}

Points points_of(const std::vector<unsigned>& levels,
                 const std::string& name,
                 unsigned points,
                 unsigned seed)
{
    return points_of(space_of(text_of_levels(levels, strategy(name, points, seed))));
}

/// How often each value of a dimension occurs.
std::vector<unsigned>
histogram(const DesignSpace& space, const Points& points, std::size_t dimension)
{
    std::vector<unsigned> counts(space.dimensions()[dimension]);
    for (const auto point : points)
        ++counts[space.point_of(point)[dimension]];
    return counts;
}

/// Boxes of 16×16 of a space of 64×64 in which there is a point.
std::size_t boxes_hit(const DesignSpace& space, const Points& points)
{
    constexpr unsigned side = 16;
    std::set<std::pair<unsigned, unsigned>> boxes;
    for (const auto number : points) {
        const auto point = space.point_of(number);
        boxes.emplace(point[0] / side, point[1] / side);
    }
    return boxes.size();
}

const std::vector<std::string> samplers{"random", "latin_hypercube", "sobol"};

} // namespace

TEST(Grid, TakesAllPointsInOrder)
{
    const auto space = space_of(text_of_levels({2, 3}, strategy("grid", 0)));
    EXPECT_EQ(planned_points(space), 6U);
    EXPECT_THAT(points_of(space), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_EQ(space.point_of(1), (Point{0, 1})); // the last dimension fastest
}

TEST(Grid, EndsWithItsBudget)
{
    const auto space = space_of(text_of_levels({2, 3}, strategy("grid", 4)));
    EXPECT_EQ(planned_points(space), 4U);
    EXPECT_THAT(points_of(space), ElementsAre(0, 1, 2, 3));
    EXPECT_EQ(planned_points(space_of(text_of_levels({2, 3}, strategy("grid", 99)))), 6U);
}

TEST(Grid, IsTheDefault)
{
    EXPECT_THAT(points_of(space_of(text_of_levels({3}, ""))), ElementsAre(0, 1, 2));
}

TEST(List, TakesTheNthOfEach)
{
    const auto space = space_of(text_of_levels({3, 3}, strategy("list", 0)));
    EXPECT_EQ(planned_points(space), 3U);
    EXPECT_THAT(points_of(space), ElementsAre(0, 4, 8));
    EXPECT_THAT(points_of({3, 3}, "list", 2, 1), ElementsAre(0, 4));
}

TEST(FixedPoints, EndWhereTheTakerIsDone)
{
    for (const auto* const name : {"grid", "list", "random", "latin_hypercube", "sobol"}) {
        const auto space = space_of(text_of_levels({8, 8}, strategy(name, 8)));
        unsigned taken = 0;
        for_each_planned_point(space, [&taken](std::uint64_t) { return ++taken < 3; });
        EXPECT_EQ(taken, 3U) << name;
    }
}

TEST(Samplers, TakeDistinctPointsOfTheSpace)
{
    for (const auto& name : samplers) {
        const auto space = space_of(text_of_levels({20, 15, 10}, strategy(name, 200)));
        const auto points = points_of(space);
        EXPECT_EQ(planned_points(space), 200U);
        EXPECT_EQ(std::set<std::uint64_t>(points.begin(), points.end()).size(), points.size())
            << name;
        EXPECT_LE(points.size(), 200U) << name;
        EXPECT_GE(points.size(), 180U) << name; // samples of a hypercube may fall together
        EXPECT_LT(*std::max_element(points.begin(), points.end()), space.size()) << name;
    }
}

TEST(Samplers, DependOnTheSeedAlone)
{
    for (const auto& name : samplers) {
        EXPECT_EQ(points_of({20, 15}, name, 40, 1), points_of({20, 15}, name, 40, 1)) << name;
        EXPECT_NE(points_of({20, 15}, name, 40, 1), points_of({20, 15}, name, 40, 2)) << name;
    }
}

TEST(Samplers, TakeWholeSpacesThatAreSmaller)
{
    for (const auto* const name : {"random", "sobol"}) {
        auto points = points_of({4, 4}, name, 1000, 3);
        std::sort(points.begin(), points.end());
        Points all(16);
        std::iota(all.begin(), all.end(), std::uint64_t{0});
        EXPECT_EQ(points, all) << name;
    }
}

TEST(Random, IsUniform)
{
    const auto space = space_of(text_of_levels({4, 200}, strategy("random", 400)));
    const auto points = points_of(space);
    ASSERT_EQ(points.size(), 400U);
    for (const auto count : histogram(space, points, 0)) {
        EXPECT_GT(count, 60U); // 100 expected, 6 standard deviations
        EXPECT_LT(count, 140U);
    }
}

TEST(LatinHypercube, HasOnePointInEachStratum)
{
    const auto space = space_of(text_of_levels({24, 24, 24}, strategy("latin_hypercube", 24)));
    const auto points = points_of(space);
    ASSERT_EQ(points.size(), 24U);
    for (const std::size_t dimension : {0U, 1U, 2U})
        EXPECT_EQ(histogram(space, points, dimension), std::vector<unsigned>(24, 1)) << dimension;
}

TEST(LatinHypercube, SharesValuesEvenly)
{
    const auto space = space_of(text_of_levels({6, 24}, strategy("latin_hypercube", 24)));
    const auto points = points_of(space);
    ASSERT_EQ(points.size(), 24U); // one in each value of the second dimension
    EXPECT_EQ(histogram(space, points, 0), std::vector<unsigned>(6, 4));
}

TEST(Sobol, CoversBetterThanRandom)
{
    std::size_t random_boxes = 0;
    std::size_t seeds = 0;
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        const auto space = space_of(text_of_levels({64, 64}, strategy("sobol", 16, seed)));
        EXPECT_EQ(boxes_hit(space, points_of(space)), 16U) << seed; // each once
        random_boxes += boxes_hit(space, points_of({64, 64}, "random", 16, seed));
        ++seeds;
    }
    EXPECT_LT(random_boxes, 14 * seeds);
}

TEST(Sobol, FillsEachValueEvenly)
{
    const auto space = space_of(text_of_levels({64, 64}, strategy("sobol", 64)));
    const auto points = points_of(space);
    ASSERT_EQ(points.size(), 64U);
    EXPECT_EQ(boxes_hit(space, points), 16U);
    for (const std::size_t dimension : {0U, 1U})
        EXPECT_EQ(histogram(space, points, dimension), std::vector<unsigned>(64, 1)) << dimension;
}

} // namespace heatsim::sweep
