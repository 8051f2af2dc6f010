// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

// Spellings that the reader's messages, the written configuration and the key tables share.
namespace heatsim::config {

/// `1 to 4096`, `at least 1`, `at most 0.5`, or empty where every value of the type is allowed.
template <typename T>
[[nodiscard]] std::string range_text(const Range<T>& range)
{
    const bool has_min = range.min > std::numeric_limits<T>::lowest();
    const bool has_max = range.max < std::numeric_limits<T>::max();
    if (has_max && (has_min || std::numeric_limits<T>::is_integer))
        return fmt::format("{} to {}", range.min, range.max);
    if (has_max)
        return fmt::format("at most {}", range.max);
    return has_min ? fmt::format("at least {}", range.min) : std::string{};
}

/// `[1, 2, 3]`
template <typename T>
[[nodiscard]] std::string list_text(const std::vector<T>& values)
{
    return fmt::format("[{}]", fmt::join(values, ", "));
}

/// True if `text` without quotes is text for every YAML reader: letters, digits and a few marks, no
/// number, and none of the words that YAML 1.1 or 1.2 read as a boolean or as null.
[[nodiscard]] inline bool is_plain_text(std::string_view text)
{
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_inner = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') ||
               std::string_view{" _./+-"}.find(c) != std::string_view::npos;
    };
    if (text.empty() || text.back() == ' ' || !(is_letter(text.front()) || text.front() == '/') ||
        !std::all_of(text.begin(), text.end(), is_inner))
        return false;
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 9> words{"true", "false", "yes", "no",  "on",
                                                    "off",  "y",     "n",   "null"};
    return std::find(words.begin(), words.end(), lower) == words.end();
}

inline void emit_text(YAML::Emitter& out, const std::string& text)
{
    if (!is_plain_text(text))
        out << YAML::DoubleQuoted;
    out << text;
}

} // namespace heatsim::config
