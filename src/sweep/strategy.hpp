// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/design_space.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace heatsim::sweep {

/// What an optimizer learns of a point.
struct PointCosts {
    bool feasible = false;     ///< keeps all constraints, all objectives are known
    std::vector<double> costs; ///< of the objectives, the smaller the better; empty if infeasible
};

/// Who evaluates points for a strategy.
class PointEvaluator {
  public:
    PointEvaluator() = default;
    PointEvaluator(const PointEvaluator&) = delete;
    PointEvaluator& operator=(const PointEvaluator&) = delete;
    virtual ~PointEvaluator() = default;

    /// Takes a point, by its number, to be evaluated some time.
    /// \returns whether to go on: false where the sweep is to stop
    virtual bool submit(std::uint64_t point) = 0;
    /// Evaluates points now. \returns one result per point, in their order; fewer where the sweep
    /// is to stop
    [[nodiscard]] virtual std::vector<PointCosts>
    evaluate(const std::vector<std::uint64_t>& points) = 0;
};

/// Points that the space's strategy looks at: exactly for those that look at fixed points, at most
/// for optimizers. Sampling strategies may look at fewer where samples fall on the same point.
[[nodiscard]] std::uint64_t planned_points(const DesignSpace& space);

/// Calls `take` with the number of each point of a strategy that looks at fixed points, each once,
/// until it returns false.
///
/// grid: all, the last dimension fastest. list: the n-th value of every dimension. random: uniform
/// without repetition. latin_hypercube: every dimension is cut into as many strata as points, each
/// has one point (McKay, Beckman, Conover, Technometrics 21(2), 1979). sobol: Sobol's sequence with
/// a random digital shift (Joe and Kuo, ACM TOMS 29(1), 2003, directions of Boost.Random).
/// \pre the strategy is no optimizer
void for_each_planned_point(const DesignSpace& space,
                            const std::function<bool(std::uint64_t)>& take);

/// Lets an optimizer choose points until the budget is used up or nothing new comes for 30
/// generations. Infeasible points cost more than any other.
///
/// nsga2: Deb et al., IEEE Trans. Evolutionary Computation 6(2), 2002. maco: Acciarini, Izzo,
/// Mooij, MHACO, IEEE CEC 2020. Both as in pagmo 2. \pre the strategy is an optimizer
void optimize(const DesignSpace& space, PointEvaluator& evaluator);

} // namespace heatsim::sweep
