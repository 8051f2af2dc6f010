// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::system {

/// By how much `value` is above `reference`. \pre reference != 0
[[nodiscard]] double error_percent(double value, double reference);

/// One prediction beside one reference.
struct ValidationRow {
    std::string name;     ///< unique within the table, e.g. `197x192x576/contended/16x16`
    std::string quantity; ///< what is compared, e.g. `latency`
    std::string unit;     ///< e.g. `ms`; empty for counts
    double predicted = 0.0;
    std::optional<double> reference; ///< none: not published
    std::string trust; ///< of the reference: primary, secondary, recalled; empty: measured here
    bool calibrated = false; ///< a constant of the prediction was chosen with this row
    std::string note;
    std::string accelerator; ///< of configs/ that the reference is of; empty: the model as such

    /// None without a reference, or with one of 0 that is not met.
    [[nodiscard]] std::optional<double> error_percent() const;
    /// Whether its error says something: nothing was chosen with it, and somebody read it.
    [[nodiscard]] bool counts() const { return !calibrated && trust != "recalled"; }
};

/// What a table as a whole has to show.
struct ValidationCheck {
    std::string name; ///< e.g. `mean error`
    std::string unit;
    double value = 0.0;
    double limit = 0.0;
    bool at_least = false; ///< the limit is the smallest good value, else the largest

    [[nodiscard]] bool holds() const { return at_least ? value >= limit : value <= limit; }
};

/// Everything compared with one source.
struct ValidationTable {
    std::string target;    ///< as `heatsim validate` calls it
    std::string title;     ///< what is compared
    std::string reference; ///< with what, and from where
    std::vector<ValidationRow> rows;
    std::vector<ValidationCheck> checks;
    std::vector<std::string> notes;
    std::vector<std::string> not_validated;
    std::size_t left_out = 0; ///< rows that `worst_rows` took away

    [[nodiscard]] bool holds() const;
};

/// The table with the `most` rows whose errors are largest; as it is if it has no more.
[[nodiscard]] ValidationTable worst_rows(const ValidationTable& table, std::size_t most);

/// Size of the errors of the rows that have one and that count; 0 without any.
[[nodiscard]] double mean_absolute_error_percent(const std::vector<ValidationRow>& rows);
[[nodiscard]] double worst_absolute_error_percent(const std::vector<ValidationRow>& rows);

} // namespace heatsim::system
