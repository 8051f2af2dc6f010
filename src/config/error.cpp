// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace heatsim::config {

namespace {

/// One line per violation, whatever the user wrote.
std::string escaped(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            result += "\\n";
        else if (c == '\t')
            result += "\\t";
        else if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result;
}

std::string joined(const std::vector<Violation>& violations)
{
    std::string result;
    for (const auto& violation : violations) {
        if (!result.empty())
            result += '\n';
        result += violation.message();
    }
    return result;
}

/// Optimal string alignment: insert, delete, replace, swap of two neighbours cost 1 each.
std::size_t edit_distance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

} // namespace

std::string Violation::message() const
{
    std::string prefix = where.file;
    if (where.line > 0) {
        prefix += fmt::format(":{}", where.line);
        if (where.column > 0)
            prefix += fmt::format(":{}", where.column);
    }
    if (!prefix.empty())
        prefix += ": ";
    if (!key.empty())
        prefix += key + ": ";

    std::string text = found;
    const auto append = [&text](const std::string& part) {
        if (!text.empty())
            text += "; ";
        text += part;
    };
    if (!expected.empty())
        append("expected " + expected);
    if (!nearest.empty())
        append(fmt::format("did you mean '{}'?", nearest));
    return escaped(prefix + text);
}

Location::Location(std::string file_name, int line_number, int column_number)
    : file{std::move(file_name)}
    , line{line_number}
    , column{column_number}
{}

Error::Error(const Violation& violation)
    : Error(std::vector<Violation>(1, violation))
{}

Error::Error(std::vector<Violation> violations)
    : std::runtime_error(joined(violations))
    , violations_(std::move(violations))
{}

std::string nearest_name(const std::string& name, const std::vector<std::string>& names)
{
    std::string nearest;
    std::size_t nearest_distance = std::numeric_limits<std::size_t>::max();
    for (const auto& candidate : names) {
        const auto [shorter, longer] = std::minmax({name.size(), candidate.size()});
        const std::size_t limit = std::max<std::size_t>(2, longer / 3);
        if (longer - shorter > limit) // a lower bound of the distance
            continue;
        const std::size_t distance = edit_distance(name, candidate);
        if (distance <= limit && distance < nearest_distance) {
            nearest = candidate;
            nearest_distance = distance;
        }
    }
    return nearest;
}

} // namespace heatsim::config
