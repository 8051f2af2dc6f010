// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

/// What the CSV files of an output folder have in common.
namespace heatsim::report {

/// One column: its description and how a row gets its cell.
template <typename Row>
struct Column {
    Field field;
    std::function<std::string(const Row&)> cell;
};

/// RFC 4180: quoted where the text would end its cell.
[[nodiscard]] inline std::string quoted(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"')
            result += '"';
        result += letter;
    }
    return result + '"';
}

template <typename Row>
[[nodiscard]] std::string csv_table(const std::vector<Column<Row>>& columns,
                                    const std::vector<Row>& rows)
{
    std::string text;
    const char* separator = "";
    for (const auto& column : columns) {
        text += separator + column.field.name;
        separator = ",";
    }
    text += '\n';
    for (const auto& row : rows) {
        separator = "";
        for (const auto& column : columns) {
            text += separator + column.cell(row);
            separator = ",";
        }
        text += '\n';
    }
    return text;
}

template <typename Row>
[[nodiscard]] std::vector<Field> fields_of(const std::vector<Column<Row>>& columns)
{
    std::vector<Field> fields;
    fields.reserve(columns.size());
    for (const auto& column : columns)
        fields.push_back(column.field);
    return fields;
}

[[nodiscard]] inline std::string real_text(double value)
{
    return nlohmann::json(value).dump(); // shortest digits that read back the same
}

} // namespace heatsim::report
