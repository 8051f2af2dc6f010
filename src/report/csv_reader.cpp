// SPDX-License-Identifier: Apache-2.0
#include "report/csv_reader.hpp"

#include "config/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace heatsim::report {

namespace {

[[nodiscard]] std::vector<std::string> cells_of(std::string_view line)
{
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char letter = line[i];
        if (letter == '"') {
            const bool doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
            if (doubled)
                cells.back() += line[++i];
            else
                quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += letter;
        }
    }
    return cells;
}

} // namespace

CsvTable::CsvTable(const std::string& file, const std::string& text)
    : violations_{file}
{
    config::for_each_line(text, [this](const config::Text& line) {
        if (line.line == 1) {
            header_ = cells_of(line.text);
            return;
        }
        if (line.text.empty())
            return;
        auto cells = cells_of(line.text);
        if (cells.size() == header_.size())
            rows_.push_back({line.line, std::move(cells)});
        else
            violations_.add(line.line, 1, "", fmt::format("{} cells", cells.size()),
                            fmt::format("{}, as the header has", header_.size()));
    });
    if (rows_.empty() && violations_.empty())
        violations_.add(0, 0, "", "no rows", "at least one");
}

std::size_t CsvTable::place_of(const std::string& column)
{
    const auto found = std::find(header_.begin(), header_.end(), column);
    if (found == header_.end())
        violations_.add(1, 1, column, "no column of this name", fmt::format("a column {}", column),
                        config::nearest_name(column, header_));
    return static_cast<std::size_t>(found - header_.begin());
}

std::vector<std::string> CsvTable::texts(const std::string& column)
{
    std::vector<std::string> texts;
    const auto place = place_of(column);
    if (place == header_.size())
        return texts;
    texts.reserve(rows_.size());
    for (const auto& row : rows_)
        texts.push_back(row.cells[place]);
    return texts;
}

std::vector<std::string> CsvTable::names(const std::string& column)
{
    auto names = texts(column);
    std::set<std::string_view> known;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!known.insert(names[i]).second)
            violations_.add(rows_[i].line, 1, column, fmt::format("'{}' a second time", names[i]),
                            "each one once");
    return names;
}

std::vector<double> CsvTable::numbers(const std::string& column)
{
    std::vector<double> numbers;
    const auto cells = texts(column);
    numbers.reserve(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto number = config::to_number<double>(cells[i]);
        const bool good = number && is_figure(*number);
        if (!good)
            violations_.add(rows_[i].line, 1, column, config::quoted(cells[i]),
                            "a number from 0 to 1e15");
        numbers.push_back(good ? *number : 0.0);
    }
    return numbers;
}

} // namespace heatsim::report
