// SPDX-License-Identifier: Apache-2.0
#include "report/validation_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

namespace heatsim::report {

using nlohmann::ordered_json;
using system::ValidationCheck;
using system::ValidationRow;
using system::ValidationTable;

namespace {

using Align = TextTable::Align;

constexpr std::array<Align, 7> aligns{Align::Left,  Align::Left, Align::Right, Align::Right,
                                      Align::Right, Align::Left, Align::Left};

[[nodiscard]] ordered_json optional_json(const std::optional<double>& value)
{
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

[[nodiscard]] std::string quantity_text(const ValidationRow& row)
{
    return row.unit.empty() || row.unit == row.quantity
               ? row.quantity
               : fmt::format("{}, {}", row.quantity, row.unit);
}

[[nodiscard]] std::string trust_text(const ValidationRow& row)
{
    if (!row.calibrated)
        return row.trust;
    return row.trust.empty() ? "calibrated" : fmt::format("{}, calibrated", row.trust);
}

[[nodiscard]] std::string error_text(const ValidationRow& row)
{
    const auto error = row.error_percent();
    return error ? fmt::format("{:+.2f} %", *error) : "-";
}

/// Cells of the columns that have something in them.
[[nodiscard]] std::vector<std::vector<std::string>> cells_of(const ValidationTable& table)
{
    std::vector<std::vector<std::string>> rows{
        {"", "quantity", "predicted", "reference", "error", "trust", "note"}};
    for (const auto& row : table.rows)
        rows.push_back({row.name, quantity_text(row), significant(row.predicted),
                        row.reference ? significant(*row.reference) : "-", error_text(row),
                        trust_text(row), row.note});
    return rows;
}

/// Columns by which the rows differ or say something.
[[nodiscard]] std::vector<std::size_t>
shown_columns(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> shown;
    for (std::size_t column = 0; column < aligns.size(); ++column) {
        const bool says_something =
            std::any_of(rows.begin() + 1, rows.end(),
                        [column](const auto& cells) { return !cells[column].empty(); });
        if (column == 0 || says_something)
            shown.push_back(column);
    }
    return shown;
}

[[nodiscard]] std::string check_text(const ValidationCheck& check)
{
    return fmt::format("{}: {}{}{} ({} {})", check.name, significant(check.value),
                       check.unit.empty() ? "" : " ", check.unit,
                       check.at_least ? "at least" : "at most", significant(check.limit));
}

} // namespace

ordered_json validation_json(const ValidationTable& table)
{
    ordered_json rows = ordered_json::array();
    for (const auto& row : table.rows)
        rows.push_back({{"name", row.name},
                        {"quantity", row.quantity},
                        {"unit", row.unit},
                        {"predicted", row.predicted},
                        {"reference", optional_json(row.reference)},
                        {"error_percent", optional_json(row.error_percent())},
                        {"trust", row.trust},
                        {"calibrated", row.calibrated},
                        {"note", row.note}});
    ordered_json checks = ordered_json::array();
    for (const auto& check : table.checks)
        checks.push_back({{"name", check.name},
                          {"unit", check.unit},
                          {"value", check.value},
                          {"limit", check.limit},
                          {"at_least", check.at_least},
                          {"holds", check.holds()}});
    return {{"version", version},
            {"target", table.target},
            {"title", table.title},
            {"reference", table.reference},
            {"rows", rows},
            {"mean_absolute_error_percent", system::mean_absolute_error_percent(table.rows)},
            {"worst_absolute_error_percent", system::worst_absolute_error_percent(table.rows)},
            {"checks", checks},
            {"holds", table.holds()},
            {"notes", table.notes},
            {"not_validated", table.not_validated}};
}

std::string validation_text(const ValidationTable& table, const Style& style)
{
    auto text = fmt::format("{}\n{}\n\n", style.bold(table.title), style.dim(table.reference));
    const auto rows = cells_of(table);
    const auto shown = shown_columns(rows);
    std::vector<Align> shown_aligns;
    std::transform(shown.begin(), shown.end(), std::back_inserter(shown_aligns),
                   [](std::size_t column) { return aligns.at(column); });
    TextTable lines{shown_aligns};
    for (const auto& cells : rows) {
        std::vector<std::string> some;
        std::transform(shown.begin(), shown.end(), std::back_inserter(some),
                       [&cells](std::size_t column) { return cells[column]; });
        lines.add(std::move(some));
    }
    bool heading = true;
    for (const auto& line : lines.lines()) {
        text += heading ? style.dim(line) : line;
        text += '\n';
        heading = false;
    }
    text += '\n';
    for (const auto& check : table.checks)
        text += fmt::format("{}  {}\n", check.holds() ? "holds" : style.bold("FAILS"),
                            check_text(check));
    for (const auto& note : table.notes)
        for (const auto& line : wrapped(note, page_width))
            text += style.dim(line) + '\n';
    if (!table.not_validated.empty())
        text += style.bold("Not validated") + '\n';
    for (const auto& item : table.not_validated)
        text += fmt::format("  {}\n", item);
    return text;
}

std::string validation_markdown(const ValidationTable& table)
{
    const auto rows = cells_of(table);
    const auto shown = shown_columns(rows);
    std::string text;
    const auto add = [&text, &shown](const std::vector<std::string>& cells) {
        text += '|';
        for (const auto column : shown)
            text += fmt::format(" {} |", cells[column]);
        text += '\n';
    };
    add(rows.front());
    text += '|';
    for (const auto column : shown)
        text += aligns.at(column) == Align::Right ? "---:|" : "---|";
    text += '\n';
    std::for_each(rows.begin() + 1, rows.end(), add);
    text += '\n';
    for (const auto& check : table.checks)
        text += fmt::format("- {}: {}\n", check.holds() ? "holds" : "**fails**", check_text(check));
    for (const auto& note : table.notes)
        text += fmt::format("- {}\n", note);
    for (const auto& item : table.not_validated)
        text += fmt::format("- not validated: {}\n", item);
    return text;
}

} // namespace heatsim::report
