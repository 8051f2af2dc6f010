// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <sstream>

namespace heatsim::report {

namespace {

[[nodiscard]] std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

[[nodiscard]] bool locale_is_utf8()
{
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        auto value = environment(name);
        if (value.empty())
            continue;
        std::transform(value.begin(), value.end(), value.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return false;
}

[[nodiscard]] std::string escaped(bool colour, const char* code, const std::string& text)
{
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

} // namespace

std::string Style::bold(const std::string& text) const
{
    return escaped(colour, "1", text);
}

std::string Style::dim(const std::string& text) const
{
    return escaped(colour, "2", text);
}

std::string Style::accent(const std::string& text) const
{
    return escaped(colour, "36", text);
}

std::string Style::bar(double fraction, std::size_t width) const
{
    const double full = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(width);
    if (!utf8)
        return std::string(static_cast<std::size_t>(std::lround(full)), '#');
    constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const auto parts = static_cast<std::size_t>(std::lround(full * 8.0));
    std::string text;
    for (std::size_t i = 0; i < parts / 8; ++i)
        text += "█";
    return text + eighths[parts % 8];
}

Style style_of(std::FILE* stream)
{
    const bool terminal = isatty(fileno(stream)) == 1;
    Style style;
    style.colour = terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    style.utf8 = !terminal || locale_is_utf8();
    return style;
}

std::string grouped(std::uint64_t value)
{
    auto text = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string significant(double value, int digits)
{
    const double size = std::abs(value);
    if (size == 0.0)
        return "0";
    const int before_point = static_cast<int>(std::floor(std::log10(size))) + 1;
    if (before_point > digits)
        return grouped(static_cast<std::uint64_t>(std::llround(value)));
    return fmt::format("{:.{}f}", value, std::clamp(digits - before_point, 0, 9));
}

std::string with_unit(const std::string& label, const std::string& unit)
{
    return unit.empty() ? label : fmt::format("{} ({})", label, unit);
}

std::string bytes_text(double bytes)
{
    constexpr std::array<const char*, 5> units{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000.0 && unit + 1 < units.size()) {
        bytes /= 1000.0;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes)
                     : fmt::format("{} {}", significant(bytes, 3), units[unit]);
}

std::string duration_text(double seconds)
{
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 60)
        return fmt::format("{} s", whole);
    if (whole < 3600)
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::size_t display_width(const std::string& text)
{
    std::size_t width = 0;
    bool escape = false;
    for (const char letter : text) {
        if (escape)
            escape = letter != 'm';
        else if (letter == '\x1b')
            escape = true;
        else if ((static_cast<unsigned char>(letter) & 0xC0U) != 0x80U)
            ++width;
    }
    return width;
}

std::string pad_right(const std::string& text, std::size_t width)
{
    const auto used = display_width(text);
    return used < width ? text + std::string(width - used, ' ') : text;
}

std::string pad_left(const std::string& text, std::size_t width)
{
    const auto used = display_width(text);
    return used < width ? std::string(width - used, ' ') + text : text;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width)
{
    std::vector<std::string> lines;
    std::string line;
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
            lines.push_back(std::move(line));
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
    }
    if (!line.empty())
        lines.push_back(std::move(line));
    return lines;
}

std::vector<std::string> TextTable::lines() const
{
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < columns_.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i]));
    std::vector<std::string> lines;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0)
                line += "  ";
            line += columns_[i] == Align::Left ? pad_right(row[i], widths[i])
                                               : pad_left(row[i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string TextTable::text(const Style& style) const
{
    std::string text;
    for (const auto& line : lines())
        text.append(text.empty() ? style.dim(line) : line).append("\n");
    return text;
}

std::string note_text(const std::string& text, const Style& style)
{
    std::string lines;
    for (const auto& line : wrapped(text, page_width))
        lines.append(style.dim(line)).append("\n");
    return lines;
}

} // namespace heatsim::report
