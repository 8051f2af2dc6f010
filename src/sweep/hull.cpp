// SPDX-License-Identifier: Apache-2.0
#include "sweep/hull.hpp"

#include <glpk.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>

namespace heatsim::sweep {

namespace {

/// Reduced costs below it are zero: squared distances are of the order of 0.01 to 10.
constexpr double zero_cost = 1e-7;

struct Delete {
    void operator()(glp_prob* problem) const { glp_delete_prob(problem); }
};

/// A weight for each sample such that their mean is a point.
class WeightProgram {
  public:
    WeightProgram(const std::vector<Sample>& samples, const std::vector<double>& point)
        : samples_{samples}
        , point_{point}
        , problem_{glp_create_prob()}
    {
        glp_init_smcp(&settings_);
        settings_.msg_lev = GLP_MSG_OFF;
        auto* const lp = problem_.get();
        glp_set_obj_dir(lp, GLP_MIN);
        const auto rows = static_cast<int>(point.size()) + 1; // GLPK counts from 1
        glp_add_rows(lp, rows);
        for (int row = 1; row < rows; ++row)
            glp_set_row_bnds(lp, row, GLP_FX, point[index(row)], 0.0);
        glp_set_row_bnds(lp, rows, GLP_FX, 1.0, 0.0);
        const auto columns = static_cast<int>(samples.size());
        glp_add_cols(lp, columns);
        std::vector<int> numbers;
        for (int row = 0; row <= rows; ++row)
            numbers.push_back(row);
        std::vector<double> values;
        for (int column = 1; column <= columns; ++column) {
            const auto& coordinates = *samples[index(column)].point;
            double distance = 0.0; // squared
            values.assign(1, 0.0); // GLPK does not look at it
            for (std::size_t i = 0; i < point.size(); ++i) {
                values.push_back(coordinates[i]);
                distance += (coordinates[i] - point[i]) * (coordinates[i] - point[i]);
            }
            values.push_back(1.0);
            glp_set_mat_col(lp, column, rows, numbers.data(), values.data());
            glp_set_col_bnds(lp, column, GLP_LO, 0.0, 0.0);
            glp_set_obj_coef(lp, column, distance);
        }
    }

    /// False: there are no such weights.
    [[nodiscard]] bool solve()
    {
        auto* const lp = problem_.get();
        return glp_simplex(lp, &settings_) == 0 && glp_get_status(lp) == GLP_OPT;
    }

    /// Keeps the weights that an optimum can have, and makes the samples' values the cost.
    void minimize_value()
    {
        auto* const lp = problem_.get();
        const auto columns = static_cast<int>(samples_.size());
        // complementary slackness: where one optimal dual solution has a reduced cost, every
        // optimum has a weight of zero
        for (int column = 1; column <= columns; ++column)
            if (glp_get_col_dual(lp, column) > zero_cost)
                glp_set_col_bnds(lp, column, GLP_FX, 0.0, 0.0);
        for (int column = 1; column <= columns; ++column)
            glp_set_obj_coef(lp, column, samples_[index(column)].value);
    }

    /// Of the weights found; nothing where their mean is not the point.
    [[nodiscard]] std::optional<double> value() const
    {
        auto* const lp = problem_.get();
        std::vector<double> rest = point_;
        double sum = 0.0;
        double total = 0.0;
        for (int column = 1; column <= static_cast<int>(samples_.size()); ++column) {
            const double weight = glp_get_col_prim(lp, column);
            const auto& sample = samples_[index(column)];
            total += weight;
            sum += weight * sample.value;
            for (std::size_t i = 0; i < rest.size(); ++i)
                rest[i] -= weight * (*sample.point)[i];
        }
        const bool inside = std::abs(total - 1.0) <= hull_tolerance &&
                            std::all_of(rest.begin(), rest.end(),
                                        [](double one) { return std::abs(one) <= hull_tolerance; });
        return inside ? std::optional{sum / total} : std::nullopt;
    }

  private:
    [[nodiscard]] static std::size_t index(int number)
    {
        return static_cast<std::size_t>(number) - 1;
    }

    const std::vector<Sample>& samples_;
    const std::vector<double>& point_;
    std::unique_ptr<glp_prob, Delete> problem_;
    glp_smcp settings_{};
};

} // namespace

std::optional<double> interpolate_in_hull(const std::vector<Sample>& samples,
                                          const std::vector<double>& point)
{
    constexpr double same = 1e-9; // decimal fractions that were added up
    for (const auto& sample : samples)
        if (std::equal(point.begin(), point.end(), sample.point->begin(),
                       [](double a, double b) { return std::abs(a - b) <= same; }))
            return sample.value;
    if (samples.empty())
        return std::nullopt;
    WeightProgram program{samples, point};
    if (!program.solve())
        return std::nullopt;
    const auto any = program.value();
    if (!any)
        return std::nullopt;
    program.minimize_value();
    if (!program.solve()) // the weights above are feasible; its arithmetic may not find that
        return any;
    const auto lowest = program.value();
    return lowest ? lowest : any;
}

} // namespace heatsim::sweep
