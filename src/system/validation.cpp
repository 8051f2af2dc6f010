// SPDX-License-Identifier: Apache-2.0
#include "system/validation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace heatsim::system {

namespace {

constexpr double percent = 100.0;

} // namespace

double error_percent(double value, double reference)
{
    return percent * (value - reference) / reference;
}

std::optional<double> ValidationRow::error_percent() const
{
    if (!reference)
        return std::nullopt;
    if (*reference == 0.0)
        return predicted == 0.0 ? std::optional{0.0} : std::nullopt;
    return system::error_percent(predicted, *reference);
}

ValidationTable worst_rows(const ValidationTable& table, std::size_t most)
{
    if (table.rows.size() <= most)
        return table;
    auto short_table = table;
    auto& rows = short_table.rows;
    const auto size = [](const ValidationRow& row) {
        const auto error = row.error_percent();
        return error ? std::abs(*error) : std::numeric_limits<double>::infinity();
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&size](const auto& a, const auto& b) { return size(a) > size(b); });
    rows.resize(most);
    short_table.left_out = table.rows.size() - most;
    return short_table;
}

bool ValidationTable::holds() const
{
    return std::all_of(checks.begin(), checks.end(),
                       [](const ValidationCheck& check) { return check.holds(); });
}

double mean_absolute_error_percent(const std::vector<ValidationRow>& rows)
{
    double sum = 0.0;
    std::size_t count = 0;
    for (const auto& row : rows) {
        const auto error = row.error_percent();
        if (!error || !row.counts())
            continue;
        sum += std::abs(*error);
        ++count;
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

double worst_absolute_error_percent(const std::vector<ValidationRow>& rows)
{
    double worst = 0.0;
    for (const auto& row : rows) {
        const auto error = row.error_percent();
        if (error && row.counts())
            worst = std::max(worst, std::abs(*error));
    }
    return worst;
}

} // namespace heatsim::system
