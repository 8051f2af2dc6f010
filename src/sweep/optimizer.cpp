// SPDX-License-Identifier: Apache-2.0
#include "sweep/strategy.hpp"
#include "tlm/check.hpp"

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/maco.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/default_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <map>
#include <unordered_set>
#include <utility>

namespace heatsim::sweep {

namespace {

/// Ends an optimizer from inside its evaluation: the budget is used up, or the user stops it.
struct Stop final : std::exception {};

/// What the problem that pagmo sees, which it copies, leads to.
struct Search {
    const DesignSpace& space;
    PointEvaluator& evaluator;
    std::vector<std::size_t> dimensions; ///< those with a choice
    std::map<std::uint64_t, std::vector<double>> known;
    std::uint64_t budget = 0;

    [[nodiscard]] std::uint64_t number_of(const double* values) const
    {
        Point point(space.dimensions().size(), 0);
        for (std::size_t i = 0; i < dimensions.size(); ++i)
            point[dimensions[i]] = static_cast<std::uint32_t>(std::lround(values[i]));
        return space.number_of(point);
    }

    [[nodiscard]] std::vector<double> fitness_of(const PointCosts& costs) const
    {
        constexpr double worst = 1e12; // maco adds 0.01 to it, which has to make a difference
        return costs.feasible ? costs.costs : std::vector<double>(space.objectives().size(), worst);
    }

    /// Costs of points, one behind the other. \throws Stop
    [[nodiscard]] std::vector<double> costs_of(const std::vector<double>& values)
    {
        const auto count = values.size() / dimensions.size();
        std::vector<std::uint64_t> numbers;
        std::vector<std::uint64_t> unknown;
        std::unordered_set<std::uint64_t> asked;
        numbers.reserve(count);
        unknown.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            numbers.push_back(number_of(values.data() + i * dimensions.size()));
            if (known.count(numbers.back()) == 0 && asked.insert(numbers.back()).second)
                unknown.push_back(numbers.back());
        }
        const bool is_last = known.size() + unknown.size() > budget;
        if (is_last)
            unknown.resize(budget - known.size());
        const auto found = evaluator.evaluate(unknown);
        for (std::size_t i = 0; i < found.size(); ++i)
            known.emplace(unknown[i], fitness_of(found[i]));
        if (is_last || found.size() < unknown.size())
            throw Stop{};
        std::vector<double> costs;
        costs.reserve(count * space.objectives().size());
        for (const auto number : numbers) {
            const auto& of = known.at(number);
            costs.insert(costs.end(), of.begin(), of.end());
        }
        return costs;
    }
};

/// The space as pagmo's problem: whole numbers, one per dimension with a choice.
struct SpaceProblem {
    Search* search = nullptr;

    [[nodiscard]] pagmo::vector_double fitness(const pagmo::vector_double& values) const
    {
        return search->costs_of(values);
    }
    [[nodiscard]] std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const
    {
        pagmo::vector_double most;
        most.reserve(search->dimensions.size());
        for (const auto dimension : search->dimensions)
            most.push_back(search->space.dimensions()[dimension] - 1.0);
        return {pagmo::vector_double(most.size(), 0.0), most};
    }
    [[nodiscard]] pagmo::vector_double::size_type get_nix() const
    {
        return search->dimensions.size();
    }
    [[nodiscard]] pagmo::vector_double::size_type get_nobj() const
    {
        return search->space.objectives().size();
    }
};

/// Evaluates a generation at once, so that the workers share it.
struct GenerationEvaluator {
    Search* search = nullptr;

    [[nodiscard]] pagmo::vector_double operator()(const pagmo::problem& /*problem*/,
                                                  const pagmo::vector_double& values) const
    {
        return search->costs_of(values);
    }
};

[[nodiscard]] pagmo::algorithm algorithm_of(const StrategyConfig& strategy,
                                            const pagmo::bfe& evaluator)
{
    const auto seed = static_cast<unsigned>(strategy.seed);
    if (strategy.kind == StrategyKind::Nsga2) {
        // crossover and mutation of Deb's experiments; 1 generation: the loop below counts them
        constexpr double crossover = 0.95;
        constexpr double crossover_distribution = 10.0;
        constexpr double mutation = 0.1;
        constexpr double mutation_distribution = 20.0;
        pagmo::nsga2 nsga2{1,   crossover, crossover_distribution, mutation, mutation_distribution,
                           seed};
        nsga2.set_bfe(evaluator);
        return pagmo::algorithm{nsga2};
    }
    constexpr double convergence_speed = 1.0;
    constexpr unsigned threshold = 1;
    constexpr unsigned generations_to_mark = 7;
    constexpr unsigned most_evaluations = 100'000'000;
    constexpr double focus = 0.0;
    const auto kernel = static_cast<unsigned>(std::max<std::uint64_t>(strategy.population / 2, 2));
    pagmo::maco maco{
        1,    kernel, convergence_speed, threshold, generations_to_mark, most_evaluations, focus,
        true, seed};
    maco.set_bfe(evaluator);
    return pagmo::algorithm{maco};
}

} // namespace

void optimize(const DesignSpace& space, PointEvaluator& evaluator)
{
    constexpr unsigned most_idle_generations = 30;
    const auto& strategy = space.config().strategy;
    HEATSIM_CHECK(is_optimizer(strategy.kind), "a strategy of fixed points");
    Search search{space, evaluator, {}, {}, planned_points(space)};
    for (std::size_t i = 0; i < space.dimensions().size(); ++i)
        if (space.dimensions()[i] > 1)
            search.dimensions.push_back(i);
    if (search.dimensions.empty()) {
        (void)evaluator.submit(0);
        return;
    }
    try {
        const pagmo::bfe generation_evaluator{GenerationEvaluator{&search}};
        auto algorithm = algorithm_of(strategy, generation_evaluator);
        pagmo::population population{pagmo::problem{SpaceProblem{&search}}, generation_evaluator,
                                     strategy.population, static_cast<unsigned>(strategy.seed)};
        for (unsigned idle = 0; idle < most_idle_generations; ++idle) {
            const auto before = search.known.size();
            population = algorithm.evolve(population);
            if (search.known.size() > before)
                idle = 0;
        }
    } catch (const Stop&) { // as it is meant
    }
}

} // namespace heatsim::sweep
