// SPDX-License-Identifier: Apache-2.0
#include "system/child_process.hpp"

#include "system/simulation.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

namespace heatsim::system {

namespace {

constexpr char result_mark = 'r';
constexpr char error_mark = 'e';

void write_all(int file, const std::string& text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count = write(file, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        done += static_cast<std::size_t>(count);
    }
}

[[nodiscard]] std::string read_all(int file)
{
    constexpr std::size_t chunk_bytes = 4096;
    std::string text;
    std::array<char, chunk_bytes> chunk{};
    for (;;) {
        const auto count = read(file, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return text;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

/// What the child tells its parent.
[[nodiscard]] std::string message_of(const std::function<std::string()>& body)
{
    try {
        return result_mark + body();
    } catch (const std::exception& error) {
        return error_mark + std::string{error.what()};
    }
}

} // namespace

std::string text_of_child(const std::function<std::string()>& body)
{
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0)
        throw SimulationError{"no pipe to a process for a simulation"};
    static_cast<void>(std::fflush(nullptr)); // or the child prints it again
    const auto child = fork();
    if (child < 0)
        throw SimulationError{"no process for a simulation"};
    if (child == 0) {
        close(ends[0]);
        write_all(ends[1], message_of(body));
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    const auto message = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS || message.empty())
        throw SimulationError{"the process of a simulation crashed"};
    if (message.front() == error_mark)
        throw SimulationError{message.substr(1)};
    return message.substr(1);
}

std::vector<double> in_child(const std::function<std::vector<double>()>& body)
{
    const auto text = text_of_child([&body] {
        const auto values = body();
        std::string bytes(values.size() * sizeof(double), '\0');
        if (!values.empty())
            std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    });
    std::vector<double> values(text.size() / sizeof(double));
    if (!values.empty())
        std::memcpy(values.data(), text.data(), text.size());
    return values;
}

} // namespace heatsim::system
