// SPDX-License-Identifier: Apache-2.0
#include "config/pending_file.hpp"

#include "config/error.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

namespace heatsim::config {

namespace fs = std::filesystem;

PendingFile::PendingFile(std::string option, std::string path)
    : option_{std::move(option)}
    , name_{std::move(path)}
{
    if (name_.empty())
        refuse("empty name", "the name of a file");
    std::error_code ignored; // where nothing can be found, making it says why
    const auto status = fs::status(name_, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        refuse(fmt::format("'{}' is not a regular file", name_), "a new or regular file");
    const fs::path target{name_};
    const auto folder = target.has_parent_path() ? target.parent_path() : fs::path{"."};
    pattern_ = (folder / ".heatsim-XXXXXX").string();
    file_ = mkstemp(pattern_.data());
    if (file_ < 0)
        refuse_to_write(errno);
    const auto mask = umask(0);
    umask(mask);
    (void)fchmod(file_, 0666 & ~mask); // mkstemp makes it private
}

PendingFile::~PendingFile()
{
    if (file_ >= 0)
        (void)close(file_);
    if (!pattern_.empty())
        (void)unlink(pattern_.c_str());
}

void PendingFile::write(std::string_view bytes)
{
    for (std::size_t done = 0; done < bytes.size();) {
        const auto count = ::write(file_, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            refuse_to_write(errno);
        done += static_cast<std::size_t>(count);
    }
}

void PendingFile::publish()
{
    if (close(std::exchange(file_, -1)) != 0 || rename(pattern_.c_str(), name_.c_str()) != 0)
        refuse_to_write(errno);
    pattern_.clear();
}

void PendingFile::refuse(const std::string& found, const std::string& expected) const
{
    Violation violation;
    violation.key = option_;
    violation.found = found;
    violation.expected = expected;
    throw Error{violation};
}

void PendingFile::refuse_to_write(int error) const
{
    refuse(fmt::format("'{}' cannot be written: {}", name_, std::generic_category().message(error)),
           "a file in a folder that can be written to");
}

std::string gzip_of(const std::string& text)
{
    constexpr int gzip_window_bits = 15 + 16; // 32 KiB window, gzip header instead of zlib's
    constexpr int memory_level = 8;           // zlib's default
    constexpr int unknown_system = 255;
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc{};
    gz_header header{};
    header.os = unknown_system;
    (void)deflateSetHeader(&stream, &header);
    std::string compressed(deflateBound(&stream, text.size()), '\0');
    auto input = text; // zlib takes no pointer to const
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    (void)deflate(&stream, Z_FINISH); // in one go: the output has room for the worst case
    compressed.resize(stream.total_out);
    (void)deflateEnd(&stream);
    return compressed;
}

} // namespace heatsim::config
