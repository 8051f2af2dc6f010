// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/text_file.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::report {

/// A CSV file (RFC 4180, no line feeds inside cells) by columns. Collects what is wrong with it;
/// the columns asked for are whole only if `throw_if_any` does not throw.
class CsvTable {
  public:
    /// \param file name that messages show
    CsvTable(const std::string& file, const std::string& text);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_.size(); }
    [[nodiscard]] const std::vector<std::string>& header() const noexcept { return header_; }
    /// A column that has to be there.
    [[nodiscard]] std::vector<std::string> texts(const std::string& column);
    /// The same, no two alike.
    [[nodiscard]] std::vector<std::string> names(const std::string& column);
    /// The same, each from 0 to 1e15.
    [[nodiscard]] std::vector<double> numbers(const std::string& column);
    /// \throws config::Error with everything found so far
    void throw_if_any() { violations_.throw_if_any(); }

  private:
    struct Row {
        int line = 0;
        std::vector<std::string> cells;
    };
    [[nodiscard]] std::size_t place_of(const std::string& column);

    std::vector<std::string> header_;
    std::vector<Row> rows_;
    config::ViolationList violations_;
};

/// Largest number that a file of a run may hold: far above any figure of a run.
inline constexpr double largest_figure = 1e15;
[[nodiscard]] inline bool is_figure(double value)
{
    return value >= 0.0 && value <= largest_figure;
}

} // namespace heatsim::report
