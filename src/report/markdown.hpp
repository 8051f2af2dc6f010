// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::report {

/// A name as Markdown shows it: nothing in it ends its cell, or is taken for HTML.
[[nodiscard]] std::string markdown_cell(const std::string& text);

/// A table. \param rows of as many cells as the header \param left columns that are aligned left;
/// the others, of numbers, right
[[nodiscard]] std::string markdown_table(const std::vector<std::string>& header,
                                         const std::vector<std::vector<std::string>>& rows,
                                         std::size_t left = 1);

} // namespace heatsim::report
