// SPDX-License-Identifier: Apache-2.0
#include "inference/binary_file.hpp"

#include "config/error.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace heatsim::inference {

namespace {

constexpr std::size_t chunk_bytes = 65536;
constexpr std::string_view gzip_start = "\x1f\x8b";

[[noreturn]] void refuse(const std::string& path, std::string found, std::string expected = "")
{
    throw config::Error{{{path, 0, 0}, "", std::move(found), std::move(expected), ""}};
}

[[noreturn]] void refuse_to_read(const std::string& path, int error)
{
    refuse(path, fmt::format("cannot be read: {}", std::generic_category().message(error)));
}

[[noreturn]] void refuse_size(const std::string& path, std::size_t most_bytes)
{
    refuse(path, "file too large", fmt::format("at most {} bytes", most_bytes));
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
    std::string bytes;
    std::array<char, chunk_bytes> chunk{};
    while (true) { // no file is asked for its size: a pipe has none
        errno = 0;
        const auto count = std::fread(chunk.data(), 1, chunk.size(), file.get());
        bytes.append(chunk.data(), count);
        if (std::ferror(file.get()) != 0)
            refuse_to_read(path, errno);
        if (bytes.size() > most_bytes)
            refuse_size(path, most_bytes);
        if (count < chunk.size())
            return bytes;
    }
}

std::string uncompressed(std::string bytes, const std::string& name, std::size_t most_bytes)
{
    if (std::string_view{bytes}.substr(0, gzip_start.size()) != gzip_start)
        return bytes;
    if (bytes.size() > std::numeric_limits<uInt>::max()) // zlib counts so far
        refuse_size(name, std::numeric_limits<uInt>::max());

    struct Stream {
        z_stream state{};
        Stream()
        {
            constexpr int gzip_only = 16;
            if (inflateInit2(&state, MAX_WBITS + gzip_only) != Z_OK)
                throw std::bad_alloc{};
        }
        ~Stream() { inflateEnd(&state); }
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;
    } stream;
    auto& state = stream.state;
    state.next_in = reinterpret_cast<Bytef*>(bytes.data());
    state.avail_in = static_cast<uInt>(bytes.size());
    std::string text;
    std::array<char, chunk_bytes> chunk{};
    while (true) {
        state.next_out = reinterpret_cast<Bytef*>(chunk.data());
        state.avail_out = static_cast<uInt>(chunk.size());
        const auto result = inflate(&state, Z_NO_FLUSH);
        text.append(chunk.data(), chunk.size() - state.avail_out);
        if (text.size() > most_bytes)
            refuse(name, "gzip file holds too much", fmt::format("at most {} bytes", most_bytes));
        if (result == Z_STREAM_END) {
            if (state.avail_in > 0)
                refuse(name, fmt::format("{} bytes behind the gzip data", state.avail_in),
                       "one gzip member");
            return text;
        }
        if (result == Z_MEM_ERROR)
            throw std::bad_alloc{};
        if (result == Z_BUF_ERROR)
            refuse(name, "gzip file ends too early", "a complete file");
        if (result != Z_OK)
            refuse(name, fmt::format("damaged gzip file: {}",
                                     state.msg != nullptr ? state.msg : "not readable"));
    }
}

} // namespace heatsim::inference
