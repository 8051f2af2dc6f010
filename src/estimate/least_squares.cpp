// SPDX-License-Identifier: Apache-2.0
#include "estimate/least_squares.hpp"

#include <cmath>
#include <cstddef>

namespace heatsim::estimate {

namespace {

constexpr double smallest_pivot = 1e-9; ///< of a column, relative to its length before the fit

/// Rows of the weighted system, the right-hand side last.
using Matrix = std::vector<std::vector<double>>;

[[nodiscard]] double column_length(const Matrix& rows, std::size_t column, std::size_t first)
{
    double sum = 0.0;
    for (std::size_t i = first; i < rows.size(); ++i)
        sum += rows[i][column] * rows[i][column];
    return std::sqrt(sum);
}

/// Reflects the rows from `step` on so that column `step` is zero below the diagonal.
void reflect(Matrix& rows, std::size_t step, double length)
{
    const double sign = rows[step][step] < 0.0 ? -1.0 : 1.0;
    std::vector<double> mirror(rows.size(), 0.0);
    for (std::size_t i = step; i < rows.size(); ++i)
        mirror[i] = rows[i][step];
    mirror[step] += sign * length;
    double square = 0.0;
    for (std::size_t i = step; i < rows.size(); ++i)
        square += mirror[i] * mirror[i];
    for (std::size_t column = step; column < rows[step].size(); ++column) {
        double dot = 0.0;
        for (std::size_t i = step; i < rows.size(); ++i)
            dot += mirror[i] * rows[i][column];
        for (std::size_t i = step; i < rows.size(); ++i)
            rows[i][column] -= 2.0 * dot / square * mirror[i];
    }
}

} // namespace

std::vector<double> least_squares(const std::vector<Observation>& observations)
{
    const std::size_t count = observations.empty() ? 0 : observations.front().features.size();
    if (observations.size() < count || count == 0)
        throw SingularFit{"fewer observations than coefficients"};
    Matrix rows;
    rows.reserve(observations.size());
    for (const auto& observation : observations) {
        auto row = observation.features;
        row.push_back(observation.value);
        for (auto& entry : row)
            entry *= observation.weight;
        rows.push_back(std::move(row));
    }
    for (std::size_t step = 0; step < count; ++step) {
        const double whole = column_length(rows, step, 0);
        const double length = column_length(rows, step, step);
        if (!(length > smallest_pivot * whole))
            throw SingularFit{"features depend on each other"};
        reflect(rows, step, length);
    }
    std::vector<double> coefficients(count, 0.0);
    for (std::size_t i = count; i-- > 0;) {
        double rest = rows[i][count];
        for (std::size_t j = i + 1; j < count; ++j)
            rest -= rows[i][j] * coefficients[j];
        coefficients[i] = rest / rows[i][i];
    }
    return coefficients;
}

} // namespace heatsim::estimate
