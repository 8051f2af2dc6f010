// SPDX-License-Identifier: Apache-2.0
#include "config/text_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

namespace heatsim::config {

namespace {

constexpr std::size_t max_line_bytes = 65536;
constexpr std::size_t max_violations = 20;
constexpr std::size_t max_quoted_bytes = 40;

} // namespace

std::string quoted(std::string_view text)
{
    const auto shown = std::string{text.substr(0, max_quoted_bytes)};
    return "'" + shown + (text.size() > max_quoted_bytes ? "...'" : "'");
}

std::string shell_quoted(const std::string& word)
{
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-+=.,:/@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos)
        return word;
    std::string quoted = "'";
    for (const char letter : word)
        quoted += letter == '\'' ? std::string{"'\\''"} : std::string(1, letter);
    return quoted + '\'';
}

bool starts_with(std::string_view text, std::string_view start)
{
    return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Text trimmed(Text piece)
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = piece.text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {{}, piece.line, piece.column};
    const auto last = piece.text.find_last_not_of(blanks);
    return {piece.text.substr(first, last - first + 1), piece.line,
            piece.column + static_cast<int>(first)};
}

std::vector<Text> split(const Text& whole, char separator)
{
    std::vector<Text> pieces;
    std::size_t begin = 0;
    while (true) {
        const auto end = std::min(whole.text.find(separator, begin), whole.text.size());
        pieces.push_back(trimmed({whole.text.substr(begin, end - begin), whole.line,
                                  whole.column + static_cast<int>(begin)}));
        if (end == whole.text.size())
            return pieces;
        begin = end + 1;
    }
}

std::vector<Text> words(const Text& whole)
{
    constexpr std::string_view blanks = " \t\r";
    std::vector<Text> pieces;
    for (std::size_t begin = whole.text.find_first_not_of(blanks); begin < whole.text.size();) {
        const auto end = std::min(whole.text.find_first_of(blanks, begin), whole.text.size());
        pieces.push_back({whole.text.substr(begin, end - begin), whole.line,
                          whole.column + static_cast<int>(begin)});
        begin = whole.text.find_first_not_of(blanks, end);
    }
    return pieces;
}

ViolationList::ViolationList(std::string path)
    : path_{std::move(path)}
{}

void ViolationList::add(int line,
                        int column,
                        std::string key,
                        std::string found,
                        std::string expected,
                        std::string nearest)
{
    ++count_;
    if (count_ <= max_violations)
        kept_.push_back({{path_, line, column},
                         std::move(key),
                         std::move(found),
                         std::move(expected),
                         std::move(nearest)});
}

void ViolationList::add(const Text& at, std::string key, std::string found, std::string expected)
{
    add(at.line, at.column, std::move(key), std::move(found), std::move(expected));
}

void ViolationList::throw_if_any()
{
    if (empty())
        return;
    if (count_ > max_violations) {
        Violation others;
        others.where.file = path_;
        others.found = std::to_string(count_ - max_violations) + " more violation(s)";
        kept_.push_back(others);
    }
    throw Error{kept_};
}

class LineReader::File {
  public:
    File(const std::string& path, ViolationList& violations, std::size_t most_bytes)
        : violations_{violations}
        , most_bytes_{most_bytes}
        , file_{gzopen(path.c_str(), "rb")}
    {
        if (file_ == nullptr)
            violations_.add(0, 0, "", std::string{"cannot be read: "} + std::strerror(errno), "");
    }

    /// False at the end of the file, or where it cannot be read further (a violation then).
    bool next()
    {
        line_.clear();
        if (file_ == nullptr || failed_)
            return false;
        ++number_;
        while (true) {
            if (begin_ == end_ && !fill())
                return !failed_ && !line_.empty();
            const auto* const from = chunk_.data() + begin_;
            const auto* const newline =
                static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
            const auto count =
                newline == nullptr ? end_ - begin_ : static_cast<std::size_t>(newline - from);
            if (line_.size() + count > max_line_bytes)
                return fail("line too long",
                            "at most " + std::to_string(max_line_bytes) + " bytes");
            line_.append(from, count);
            begin_ += count;
            if (newline != nullptr) {
                ++begin_;
                return true;
            }
        }
    }
    [[nodiscard]] Text line() const { return {line_, number_, 1}; }
    [[nodiscard]] int number() const noexcept { return number_; }
    [[nodiscard]] bool failed() const noexcept { return failed_ || file_ == nullptr; }

  private:
    struct Close {
        void operator()(gzFile file) const { gzclose_r(file); }
    };

    bool fail(std::string found, std::string expected)
    {
        failed_ = true;
        violations_.add(number_, 0, "", std::move(found), std::move(expected));
        return false;
    }

    /// Reads the next chunk; false at the end of the file or on failure.
    bool fill()
    {
        errno = 0;
        const int count = gzread(file_.get(), chunk_.data(), static_cast<unsigned>(chunk_.size()));
        int error = Z_OK;
        const char* const message = gzerror(file_.get(), &error);
        if (count <= 0) {
            switch (error) {
            case Z_OK:
            case Z_STREAM_END:
                return false;
            case Z_BUF_ERROR:
                return fail("gzip file ends too early", "a complete file");
            case Z_ERRNO:
                return fail(std::string{"cannot be read: "} + std::strerror(errno), "");
            default:
                return fail(std::string{"damaged gzip file: "} + message, "");
            }
        }
        begin_ = 0;
        end_ = static_cast<std::size_t>(count);
        bytes_ += end_;
        if (bytes_ > most_bytes_)
            return fail("file too large",
                        "at most " + std::to_string(most_bytes_) + " bytes of text");
        return true;
    }

    ViolationList& violations_;
    const std::size_t most_bytes_;
    std::unique_ptr<std::remove_pointer_t<gzFile>, Close> file_;
    std::array<char, 16384> chunk_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t bytes_ = 0;
    std::string line_;
    int number_ = 0;
    bool failed_ = false;
};

LineReader::LineReader(const std::string& path, ViolationList& violations, std::size_t most_bytes)
    : file_{std::make_unique<File>(path, violations, most_bytes)}
{}

LineReader::~LineReader() = default;

bool LineReader::next()
{
    return file_->next();
}

Text LineReader::line() const
{
    return file_->line();
}

int LineReader::number() const noexcept
{
    return file_->number();
}

bool LineReader::failed() const noexcept
{
    return file_->failed();
}

} // namespace heatsim::config
