// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

/// Line-by-line reading of text files that are not YAML (traces), with positions for messages.
namespace heatsim::config {

/// A piece of a file and where it starts; valid as long as the line it was cut from.
struct Text {
    std::string_view text;
    int line = 0;
    int column = 0;
};

/// In quotation marks, cut where it is long.
[[nodiscard]] std::string quoted(std::string_view text);
/// A word of a command line: in quotes where a shell would not take it as it is.
[[nodiscard]] std::string shell_quoted(const std::string& word);
/// Without blanks, tabs and carriage returns at both ends.
[[nodiscard]] Text trimmed(Text piece);
/// The pieces between separators, trimmed.
[[nodiscard]] std::vector<Text> split(const Text& whole, char separator);
/// The words between blanks and tabs.
[[nodiscard]] std::vector<Text> words(const Text& whole);

[[nodiscard]] bool starts_with(std::string_view text, std::string_view start);
[[nodiscard]] bool ends_with(std::string_view text, std::string_view end);

/// Calls `take` with each line, trimmed, of a text that is in memory. \returns the lines' number
template <typename Take>
int for_each_line(std::string_view text, Take take)
{
    int number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        take(trimmed({text.substr(0, end), ++number, 1}));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return number;
}

/// The whole text as a number, or nothing.
template <typename Number, typename... Base>
[[nodiscard]] std::optional<Number> to_number(std::string_view text, Base... base)
{
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base...);
    if (error != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

/// Collects the violations of one file; keeps the first 20 and counts the others.
class ViolationList {
  public:
    explicit ViolationList(std::string path);

    void add(int line,
             int column,
             std::string key,
             std::string found,
             std::string expected,
             std::string nearest = "");
    void add(const Text& at, std::string key, std::string found, std::string expected);
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    /// \throws Error with what was kept and the number of the others
    void throw_if_any();

  private:
    std::string path_;
    std::vector<Violation> kept_;
    std::size_t count_ = 0;
};

/// Lines of a plain or gzip file, one at a time. Limits: 64 KiB a line, `most_bytes` of text.
class LineReader {
  public:
    /// \param violations gets what goes wrong; must outlive the reader
    LineReader(const std::string& path,
               ViolationList& violations,
               std::size_t most_bytes = 268435456);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// False at the end of the file, or where it cannot be read further (a violation then).
    bool next();
    [[nodiscard]] Text line() const;
    [[nodiscard]] int number() const noexcept;
    [[nodiscard]] bool failed() const noexcept;

  private:
    class File;
    std::unique_ptr<File> file_;
};

} // namespace heatsim::config
