// SPDX-License-Identifier: Apache-2.0
#include "support/random.hpp"
#include "sweep/pareto.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace heatsim::sweep {

namespace {

using testing::UnorderedElementsAre;
using Costs = std::vector<double>;

/// Points with few different costs: there are ties.
std::vector<Costs> random_costs(std::size_t points, std::size_t objectives, std::uint64_t seed)
{
    constexpr std::uint64_t most = 12;
    test::Random random{seed};
    std::vector<Costs> all(points, Costs(objectives));
    for (auto& costs : all)
        for (auto& cost : costs)
            cost = static_cast<double>(random.between(0, most));
    return all;
}

ParetoFront front_of(const std::vector<Costs>& all)
{
    ParetoFront front;
    for (std::size_t i = 0; i < all.size(); ++i)
        (void)front.add(i, all[i]);
    return front;
}

std::set<std::uint64_t> points_of(const ParetoFront& front)
{
    std::set<std::uint64_t> points;
    for (const auto& member : front.members())
        points.insert(member.point);
    return points;
}

bool is_better(const Costs& first, const Costs& second)
{
    bool one_is = false;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (first[i] > second[i])
            return false;
        one_is = one_is || first[i] < second[i];
    }
    return one_is;
}

/// Unit cells of the box from 0 to `side` that a point dominates: exact for whole numbers.
double cells(const std::vector<Costs>& all, std::size_t objectives, std::size_t side)
{
    std::size_t total = 1;
    for (std::size_t i = 0; i < objectives; ++i)
        total *= side;
    double count = 0.0;
    for (std::size_t cell = 0; cell < total; ++cell) {
        Costs corner(objectives);
        auto rest = cell;
        for (auto& coordinate : corner) {
            coordinate = static_cast<double>(rest % side);
            rest /= side;
        }
        const bool is_covered = std::any_of(all.begin(), all.end(), [&corner](const Costs& costs) {
            return costs == corner || is_better(costs, corner);
        });
        count += is_covered ? 1.0 : 0.0;
    }
    return count;
}

} // namespace

TEST(Dominates, NeedsOneBetterAndNoneWorse)
{
    EXPECT_TRUE(dominates({1.0, 2.0}, {1.0, 3.0}));
    EXPECT_TRUE(dominates({0.0, 2.0}, {1.0, 3.0}));
    EXPECT_FALSE(dominates({1.0, 2.0}, {1.0, 2.0}));
    EXPECT_FALSE(dominates({1.0, 3.0}, {2.0, 2.0}));
    EXPECT_FALSE(dominates({1.0, 3.0}, {1.0, 2.0}));
}

TEST(ParetoFront, IsWhatBruteForceFinds)
{
    constexpr std::size_t points = 300;
    for (const std::size_t objectives : {1U, 2U, 3U, 4U}) {
        const auto all = random_costs(points, objectives, objectives);
        std::set<std::uint64_t> expected;
        for (std::size_t i = 0; i < points; ++i)
            if (std::none_of(all.begin(), all.end(),
                             [&](const Costs& other) { return is_better(other, all[i]); }))
                expected.insert(i);
        const auto front = front_of(all);
        EXPECT_EQ(points_of(front), expected) << objectives << " objectives";
        for (const auto& member : front.members())
            EXPECT_EQ(member.costs, all[member.point]);
    }
}

TEST(ParetoFront, DoesNotDependOnTheOrder)
{
    const auto all = random_costs(200, 2, 7);
    ParetoFront backwards;
    for (std::size_t i = all.size(); i-- > 0;)
        (void)backwards.add(i, all[i]);
    EXPECT_EQ(points_of(backwards), points_of(front_of(all)));
}

TEST(ParetoFront, KeepsEqualPoints)
{
    ParetoFront front;
    EXPECT_TRUE(front.add(1, {2.0, 2.0}));
    EXPECT_TRUE(front.add(2, {2.0, 2.0}));
    EXPECT_TRUE(front.add(3, {1.0, 3.0}));
    EXPECT_THAT(points_of(front), UnorderedElementsAre(1, 2, 3));
}

TEST(ParetoFront, SaysWhetherAPointIsIn)
{
    ParetoFront front;
    EXPECT_TRUE(front.add(1, {2.0, 2.0}));
    EXPECT_FALSE(front.add(2, {2.0, 3.0}));
    EXPECT_TRUE(front.add(3, {2.0, 1.0}));
    EXPECT_THAT(points_of(front), UnorderedElementsAre(3));
}

TEST(Hypervolume, OfKnownSets)
{
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{1, 3}, {2, 2}, {3, 1}}), {4, 4}), 6.0);
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{0.5, 0.25}}), {1, 1}), 0.375);
    // three boxes of 9, each two share 3, all three 1
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{1, 1, 3}, {1, 3, 1}, {3, 1, 1}}), {4, 4, 4}), 19.0);
}

TEST(Hypervolume, IsWhatCountingCellsFinds)
{
    constexpr std::size_t side = 13; // the costs end there
    for (const std::size_t objectives : {2U, 3U})
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const auto all = random_costs(8, objectives, seed);
            EXPECT_DOUBLE_EQ(hypervolume(front_of(all), Costs(objectives, side)),
                             cells(all, objectives, side))
                << objectives << " objectives, seed " << seed;
        }
}

TEST(Hypervolume, LeavesOutWhatIsNotBetterThanTheReference)
{
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{1, 1}, {0, 5}, {4, 0}}), {4, 4}), 9.0);
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{4, 4}}), {4, 4}), 0.0);
    EXPECT_DOUBLE_EQ(hypervolume(ParetoFront{}, {4, 4}), 0.0);
}

TEST(Hypervolume, CountsEqualPointsOnce)
{
    EXPECT_DOUBLE_EQ(hypervolume(front_of({{1, 2}, {1, 2}, {2, 1}}), {3, 3}), 3.0);
}

} // namespace heatsim::sweep
