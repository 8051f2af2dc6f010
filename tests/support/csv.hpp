// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace heatsim::test {

/// One row of a reference table by column name.
using CsvRow = std::map<std::string, std::string>;

/// Rows of `tests/data/<name>` or `validation/<name>`; lines that start with `#` are comments.
/// \throws std::runtime_error if the file cannot be read or a row has other fields than the header
[[nodiscard]] std::vector<CsvRow> read_reference(const std::string& name);

/// \throws std::runtime_error if `column` is missing, std::invalid_argument if it is no number
[[nodiscard]] std::uint64_t number(const CsvRow& row, const std::string& column);

/// Rows of any such table. \throws std::runtime_error as `read_reference`
[[nodiscard]] std::vector<CsvRow> read_table(std::istream& table);

/// The numbers between blanks.
[[nodiscard]] std::vector<std::uint64_t> numbers(const std::string& text);

} // namespace heatsim::test
