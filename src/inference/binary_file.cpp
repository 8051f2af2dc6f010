// SPDX-License-Identifier: Apache-2.0
#include "inference/binary_file.hpp"

#include "config/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace heatsim::inference {

namespace {

[[noreturn]] void refuse(const std::string& path, std::string found, std::string expected = "")
{
    throw config::Error{{{path, 0, 0}, "", std::move(found), std::move(expected), ""}};
}

[[noreturn]] void refuse_to_read(const std::string& path, int error)
{
    refuse(path, fmt::format("cannot be read: {}", std::generic_category().message(error)));
}

} // namespace

std::string read_binary_file(const std::string& path, std::size_t most_bytes)
{
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> file{std::fopen(path.c_str(), "rbe")};
    if (!file)
        refuse_to_read(path, errno);
    constexpr std::size_t chunk_bytes = 1U << 20U;
    std::string bytes;
    while (true) { // no file is asked for its size: a pipe has none
        const auto begin = bytes.size();
        bytes.resize(begin + chunk_bytes);
        errno = 0;
        const auto count = std::fread(bytes.data() + begin, 1, chunk_bytes, file.get());
        bytes.resize(begin + count);
        if (std::ferror(file.get()) != 0)
            refuse_to_read(path, errno);
        if (bytes.size() > most_bytes)
            refuse(path, "file too large", fmt::format("at most {} bytes", most_bytes));
        if (count < chunk_bytes)
            return bytes;
    }
}

} // namespace heatsim::inference
