// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace heatsim::test {

namespace {

std::vector<std::string> fields(const std::string& line)
{
    std::vector<std::string> found;
    std::istringstream text{line + ","};
    for (std::string field; std::getline(text, field, ',');)
        found.push_back(field);
    return found;
}

} // namespace

std::vector<CsvRow> read_reference(const std::string& name)
{
    std::ifstream file{std::string{HEATSIM_SOURCE_DIR "/tests/data/"} + name};
    if (!file) // those that the executable carries
        file.open(std::string{HEATSIM_SOURCE_DIR "/validation/"} + name);
    if (!file)
        throw std::runtime_error{"cannot read " + name + " in tests/data or validation"};
    return read_table(file);
}

std::vector<CsvRow> read_table(std::istream& table)
{
    std::vector<CsvRow> rows;
    std::vector<std::string> header;
    for (std::string line; std::getline(table, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (line.empty() || line.front() == '#')
            continue;
        const auto values = fields(line);
        if (header.empty()) {
            header = values;
            continue;
        }
        if (values.size() != header.size())
            throw std::runtime_error{"other fields than the header: " + line};
        CsvRow row;
        for (std::size_t i = 0; i < header.size(); ++i)
            row[header[i]] = values[i];
        rows.push_back(row);
    }
    return rows;
}

std::uint64_t number(const CsvRow& row, const std::string& column)
{
    const auto field = row.find(column);
    if (field == row.end())
        throw std::runtime_error{"no column " + column};
    return std::stoull(field->second);
}

std::vector<std::uint64_t> numbers(const std::string& text)
{
    std::vector<std::uint64_t> found;
    std::istringstream words{text};
    for (std::uint64_t value = 0; words >> value;)
        found.push_back(value);
    return found;
}

} // namespace heatsim::test
