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

/// Without the quantity at its end, which has a column of its own.
[[nodiscard]] std::string name_text(const ValidationRow& row)
{
    const auto end = "/" + row.quantity;
    const bool ends = row.name.size() > end.size() &&
                      row.name.compare(row.name.size() - end.size(), end.size(), end) == 0;
    return ends ? row.name.substr(0, row.name.size() - end.size()) : row.name;
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
        rows.push_back({name_text(row), quantity_text(row), significant(row.predicted),
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

/// What stands below a table of which rows were left out: empty if none were.
[[nodiscard]] std::string left_out_text(const ValidationTable& table)
{
    return table.left_out == 0 ? ""
                               : fmt::format("{} rows in all; the {} with the largest errors are "
                                             "shown",
                                             table.rows.size() + table.left_out, table.rows.size());
}

[[nodiscard]] std::string check_text(const ValidationCheck& check)
{
    return fmt::format("{}: {}{}{} ({} {})", check.name, significant(check.value),
                       check.unit.empty() ? "" : " ", check.unit,
                       check.at_least ? "at least" : "at most", significant(check.limit));
}

/// Wrapped lines, the first behind `first`, the others behind `next`.
[[nodiscard]] std::string
indented(const std::string& text, const std::string& first, const std::string& next)
{
    std::string result;
    for (const auto& line : wrapped(text, page_width - next.size()))
        result += fmt::format("{}{}\n", result.empty() ? first : next, line);
    return result;
}

/// Heading and rows. Notes have a column of their own if the page is wide enough; else they stand
/// below the rows they are of.
[[nodiscard]] std::string rows_text(const ValidationTable& table, const Style& style)
{
    const auto rows = cells_of(table);
    auto shown = shown_columns(rows);
    const auto lines_of = [&] {
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
        return lines.lines();
    };
    auto lines = lines_of();
    const bool notes_below = shown.back() == aligns.size() - 1 &&
                             std::any_of(lines.begin(), lines.end(), [](const auto& line) {
                                 return display_width(line) > page_width;
                             });
    if (notes_below) {
        shown.pop_back();
        lines = lines_of();
    }
    auto text = style.dim(lines.front()) + '\n';
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        text += lines[i + 1] + '\n';
        const auto& note = table.rows[i].note;
        const bool ends = i + 1 == table.rows.size() || table.rows[i + 1].note != note;
        if (notes_below && ends && !note.empty())
            text += style.dim(indented(note, "    ", "    "));
    }
    return text;
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
    auto text = style.bold(table.title) + '\n';
    text += note_text(table.reference, style);
    text += '\n';
    text += rows_text(table, style);
    text += '\n';
    if (table.left_out > 0)
        text += fmt::format("{}; --full shows all\n", left_out_text(table));
    for (const auto& check : table.checks)
        text += fmt::format("{}  {}\n", check.holds() ? "holds" : style.bold("FAILS"),
                            check_text(check));
    for (const auto& note : table.notes)
        text += note_text(note, style);
    if (!table.not_validated.empty())
        text += style.bold("Not validated") + '\n';
    for (const auto& item : table.not_validated)
        text += indented(item, "  ", "    ");
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
    if (table.left_out > 0)
        text += fmt::format("- {}\n", left_out_text(table));
    for (const auto& check : table.checks)
        text += fmt::format("- {}: {}\n", check.holds() ? "holds" : "**fails**", check_text(check));
    for (const auto& note : table.notes)
        text += fmt::format("- {}\n", note);
    for (const auto& item : table.not_validated)
        text += fmt::format("- not validated: {}\n", item);
    return text;
}

} // namespace heatsim::report
