// SPDX-License-Identifier: Apache-2.0
#include "report/markdown.hpp"

#include <fmt/format.h>

namespace heatsim::report {

std::string markdown_cell(const std::string& text)
{
    std::string cell;
    for (const char letter : text) {
        if (letter == '<') {
            cell += "&lt;";
            continue;
        }
        if (letter == '|')
            cell += '\\';
        cell += letter == '\n' ? ' ' : letter;
    }
    return cell;
}

std::string markdown_table(const std::vector<std::string>& header,
                           const std::vector<std::vector<std::string>>& rows,
                           std::size_t left)
{
    std::string text;
    const auto add = [&text](const std::vector<std::string>& cells) {
        text += '|';
        for (const auto& cell : cells)
            text += fmt::format(" {} |", markdown_cell(cell));
        text += '\n';
    };
    add(header);
    text += '|';
    for (std::size_t i = 0; i < header.size(); ++i)
        text += i < left ? "---|" : "--:|";
    text += '\n';
    for (const auto& row : rows)
        add(row);
    return text;
}

} // namespace heatsim::report
