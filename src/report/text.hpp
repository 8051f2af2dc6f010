// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace heatsim::report {

inline constexpr std::size_t page_width = 100;

/// How text may look on the device it goes to.
struct Style {
    bool colour = false;
    bool utf8 = true;
    [[nodiscard]] std::string bold(const std::string& text) const;
    [[nodiscard]] std::string dim(const std::string& text) const;
    [[nodiscard]] std::string accent(const std::string& text) const;
    /// `fraction` (0 to 1) of `width` characters, filled to eighths of a character.
    [[nodiscard]] std::string bar(double fraction, std::size_t width) const;
    [[nodiscard]] const char* dot() const { return utf8 ? " · " : ", "; }
    [[nodiscard]] const char* times() const { return utf8 ? "×" : "x"; }
    [[nodiscard]] const char* plus_minus() const { return utf8 ? "±" : "+-"; }
};
/// Colours on a terminal unless NO_COLOR is set or TERM is `dumb`; UTF-8 unless a terminal's locale
/// is not.
[[nodiscard]] Style style_of(std::FILE* stream);

/// `1234567` as `1,234,567`.
[[nodiscard]] std::string grouped(std::uint64_t value);
/// With `digits` significant digits and at least the whole number: `0.0123`, `4.56`, `1,235`.
[[nodiscard]] std::string significant(double value, int digits = 4);
/// `latency (ms)`; without a unit the label alone.
[[nodiscard]] std::string with_unit(const std::string& label, const std::string& unit);
/// Decimal prefix: `7.88 MB`.
[[nodiscard]] std::string bytes_text(double bytes);

/// `8 s`, `3 min 05 s`, `2 h 10 min`.
[[nodiscard]] std::string duration_text(double seconds);

/// Characters on the screen (UTF-8, without escape sequences); every character counts one.
[[nodiscard]] std::size_t display_width(const std::string& text);
[[nodiscard]] std::string pad_right(const std::string& text, std::size_t width);
[[nodiscard]] std::string pad_left(const std::string& text, std::size_t width);
/// Breaks at blanks into lines of at most `width` characters.
[[nodiscard]] std::vector<std::string> wrapped(const std::string& text, std::size_t width);

/// A remark below something: wrapped to the page, each line ends.
[[nodiscard]] std::string note_text(const std::string& text, const Style& style);

/// Rows of cells in aligned columns, two blanks apart.
class TextTable {
  public:
    enum class Align : std::uint8_t { Left, Right };
    explicit TextTable(std::vector<Align> columns)
        : columns_{std::move(columns)}
    {}
    /// \pre one cell per column
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] std::vector<std::string> lines() const;
    /// All lines, the first as a heading.
    [[nodiscard]] std::string text(const Style& style) const;

  private:
    std::vector<Align> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace heatsim::report
