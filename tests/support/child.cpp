// SPDX-License-Identifier: Apache-2.0
#include "support/child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

namespace heatsim::test {

namespace {

constexpr char result_mark = 'r';
constexpr char error_mark = 'e';

void write_all(int file, const std::string& text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count = write(file, text.data() + done, text.size() - done);
        if (count <= 0)
            return;
        done += static_cast<std::size_t>(count);
    }
}

std::string read_all(int file)
{
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const auto count = read(file, chunk.data(), chunk.size());
        if (count <= 0)
            return text;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

/// What the child tells its parent.
std::string message_of(const std::function<std::vector<std::uint64_t>()>& body)
{
    try {
        const auto values = body();
        std::string text(values.size() * sizeof(std::uint64_t), '\0');
        if (!values.empty())
            std::memcpy(text.data(), values.data(), text.size());
        return result_mark + text;
    } catch (const std::exception& error) {
        return error_mark + std::string{error.what()};
    }
}

} // namespace

std::vector<std::uint64_t> in_child(const std::function<std::vector<std::uint64_t>()>& body)
{
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0)
        throw std::runtime_error{"no pipe"};
    static_cast<void>(std::fflush(nullptr));
    const auto child = fork();
    if (child < 0)
        throw std::runtime_error{"no process"};
    if (child == 0) {
        close(ends[0]);
        write_all(ends[1], message_of(body));
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    const auto message = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS || message.empty())
        throw std::runtime_error{"the child process crashed"};
    if (message.front() == error_mark)
        throw std::runtime_error{message.substr(1)};
    std::vector<std::uint64_t> values((message.size() - 1) / sizeof(std::uint64_t));
    if (!values.empty())
        std::memcpy(values.data(), message.data() + 1, message.size() - 1);
    return values;
}

} // namespace heatsim::test
