// SPDX-License-Identifier: Apache-2.0
#include "system/reference_table.hpp"

#include "config/text_file.hpp"
#include "system/embedded_files.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace heatsim::system {

const std::string& ReferenceRow::text(const std::string& column) const
{
    const auto field = fields_.find(column);
    HEATSIM_CHECK(field != fields_.end(), "reference table without a column");
    return field->second;
}

std::uint64_t ReferenceRow::integer(const std::string& column) const
{
    const auto value = config::to_number<std::uint64_t>(text(column));
    HEATSIM_CHECK(value.has_value(), "no integer in a reference table");
    return *value;
}

double ReferenceRow::real(const std::string& column) const
{
    const auto value = config::to_number<double>(text(column));
    HEATSIM_CHECK(value.has_value(), "no number in a reference table");
    return *value;
}

std::vector<std::string> ReferenceRow::words(const std::string& column) const
{
    std::vector<std::string> found;
    std::istringstream stream{text(column)};
    for (std::string word; stream >> word;)
        found.push_back(word);
    return found;
}

ReferenceTable shipped_table(const std::string& path)
{
    const auto* const file = find_embedded_file(path);
    HEATSIM_CHECK(file != nullptr, "reference table is not carried");
    ReferenceTable table;
    table.path = path;
    std::vector<std::string> columns;
    std::istringstream lines{std::string{file->text}};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty())
            continue;
        if (line.front() == '#') {
            const auto begin = line.find_first_not_of("# ");
            if (begin != std::string::npos)
                table.description += (table.description.empty() ? "" : " ") + line.substr(begin);
            continue;
        }
        const auto fields = config::split({line, 0, 0}, ',');
        if (columns.empty()) {
            for (const auto& field : fields)
                columns.emplace_back(field.text);
            continue;
        }
        HEATSIM_CHECK(fields.size() == columns.size(),
                      "row of a reference table with other fields than its header");
        std::map<std::string, std::string> row;
        for (std::size_t i = 0; i < columns.size(); ++i)
            row.emplace(columns[i], fields[i].text);
        table.rows.emplace_back(std::move(row));
    }
    return table;
}

} // namespace heatsim::system
