// SPDX-License-Identifier: Apache-2.0
#include "sweep/strategy.hpp"

#include "tlm/check.hpp"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/sobol.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace heatsim::sweep {

namespace {

using Random = boost::random::mt19937_64; // the same everywhere, as are Boost's distributions
using Take = std::function<bool(std::uint64_t)>;

[[nodiscard]] std::uint64_t below(std::uint64_t limit, Random& random)
{
    return boost::random::uniform_int_distribution<std::uint64_t>{0, limit - 1}(random);
}

/// Hands each number on once.
class Distinct {
  public:
    explicit Distinct(const Take& take)
        : take_{take}
    {}
    /// \returns whether to go on
    [[nodiscard]] bool add(std::uint64_t number)
    {
        return !seen_.insert(number).second || take_(number);
    }
    [[nodiscard]] std::uint64_t count() const { return seen_.size(); }

  private:
    const Take& take_;
    std::unordered_set<std::uint64_t> seen_;
};

void take_list(const DesignSpace& space, std::uint64_t points, const Take& take)
{
    for (std::uint32_t i = 0; i < points; ++i)
        if (!take(space.number_of(Point(space.dimensions().size(), i))))
            return;
}

void take_random(const DesignSpace& space, std::uint64_t points, const Take& take)
{
    Random random{space.config().strategy.seed};
    Distinct distinct{take};
    while (distinct.count() < points)
        if (!distinct.add(below(space.size(), random)))
            return;
}

void take_latin_hypercube(const DesignSpace& space, std::uint64_t points, const Take& take)
{
    Random random{space.config().strategy.seed};
    std::vector<std::vector<std::uint64_t>> strata(space.dimensions().size());
    for (auto& order : strata) {
        order.resize(points);
        std::iota(order.begin(), order.end(), std::uint64_t{0});
        for (std::size_t i = order.size(); i > 1; --i) // Fisher and Yates
            std::swap(order[i - 1], order[below(i, random)]);
    }
    Distinct distinct{take};
    Point point(strata.size());
    for (std::size_t i = 0; i < points; ++i) {
        for (std::size_t d = 0; d < strata.size(); ++d)
            point[d] = static_cast<std::uint32_t>(strata[d][i] * space.dimensions()[d] / points);
        if (!distinct.add(space.number_of(point)))
            return;
    }
}

void take_sobol(const DesignSpace& space, std::uint64_t points, const Take& take)
{
    constexpr std::uint64_t draws_per_point = 64; // until all samples may fall on known points
    constexpr unsigned half_bits = 32;
    Random random{space.config().strategy.seed};
    std::vector<std::uint64_t> shift(space.dimensions().size());
    for (auto& bits : shift)
        bits = random();
    boost::random::sobol sequence{shift.size()};
    Distinct distinct{take};
    Point point(shift.size());
    for (std::uint64_t i = 0; i < points * draws_per_point && distinct.count() < points; ++i) {
        for (std::size_t d = 0; d < point.size(); ++d) {
            // Boost leaves out the first point of the sequence, zero: without it no 2^k points from
            // the start are spread evenly
            const auto bits = ((i == 0 ? 0 : sequence()) ^ shift[d]) >> half_bits;
            point[d] = static_cast<std::uint32_t>((bits * space.dimensions()[d]) >> half_bits);
        }
        if (!distinct.add(space.number_of(point)))
            return;
    }
}

} // namespace

std::uint64_t planned_points(const DesignSpace& space)
{
    const auto& strategy = space.config().strategy;
    const auto all = strategy.kind == StrategyKind::List ? std::uint64_t{space.dimensions().front()}
                                                         : space.size();
    return strategy.points == 0 ? all : std::min(strategy.points, all);
}

void for_each_planned_point(const DesignSpace& space, const Take& take)
{
    const auto points = planned_points(space);
    switch (space.config().strategy.kind) {
    case StrategyKind::Grid:
        for (std::uint64_t number = 0; number < points; ++number)
            if (!take(number))
                return;
        return;
    case StrategyKind::List:
        return take_list(space, points, take);
    case StrategyKind::Random:
        return take_random(space, points, take);
    case StrategyKind::LatinHypercube:
        return take_latin_hypercube(space, points, take);
    case StrategyKind::Sobol:
        return take_sobol(space, points, take);
    case StrategyKind::Nsga2:
    case StrategyKind::Maco:
        break;
    }
    HEATSIM_CHECK(false, "an optimizer has no fixed points");
}

} // namespace heatsim::sweep
