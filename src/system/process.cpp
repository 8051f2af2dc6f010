// SPDX-License-Identifier: Apache-2.0
#include "system/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace heatsim::system {

namespace {

namespace fs = std::filesystem;

constexpr int not_found_status = 127; ///< as a shell says it

/// The last lines of a text, for a message.
[[nodiscard]] std::string tail(const std::string& text)
{
    constexpr std::size_t most_bytes = 2000;
    return text.size() <= most_bytes ? text : "…" + text.substr(text.size() - most_bytes);
}

/// Exit status of a process; that of a killed one is its signal + 128.
[[nodiscard]] int wait_for(pid_t process)
{
    constexpr int signal_base = 128;
    int status = 0;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR)
            throw ToolError{fmt::format("waitpid: {}", std::strerror(errno))};
    return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

[[nodiscard]] pid_t fork_or_throw()
{
    std::cout.flush();
    const auto process = fork();
    if (process < 0)
        throw ToolError{fmt::format("fork: {}", std::strerror(errno))};
    return process;
}

/// Only what is safe between fork and exec.
[[noreturn]] void become(const std::vector<char*>& words,
                         const char* folder,
                         const char* input,
                         const char* output,
                         const char* messages)
{
    constexpr mode_t rights = 0600;
    const int in = open(input, O_RDONLY);
    const int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, rights);
    const int err = open(messages, O_WRONLY | O_CREAT | O_TRUNC, rights);
    if (in >= 0 && out >= 0 && err >= 0 && chdir(folder) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
        dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0)
        execvp(words.front(), words.data());
    _exit(not_found_status);
}

} // namespace

std::string read_file(const fs::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const fs::path& path, std::string_view text)
{
    std::error_code error; // shows when the file is opened
    fs::create_directories(path.parent_path(), error);
    std::ofstream file{path, std::ios::binary};
    file << text;
    file.close();
    if (!file)
        throw ToolError{fmt::format("{}: cannot be written", path.string())};
}

TemporaryFolder::TemporaryFolder()
{
    auto pattern = (fs::temp_directory_path() / "heatsim-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw ToolError{fmt::format("{}: {}", pattern, std::strerror(errno))};
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

bool has_tool(const std::string& name)
{
    const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    std::istringstream folders{path == nullptr ? "" : path};
    for (std::string folder; std::getline(folders, folder, ':');)
        if (access((fs::path{folder} / name).c_str(), X_OK) == 0)
            return true;
    return false;
}

std::string
run_tool(const std::vector<std::string>& words, const std::string& input, const fs::path& folder)
{
    const TemporaryFolder files;
    const auto input_path = (files.path() / "input").string();
    const auto output_path = (files.path() / "output").string();
    const auto messages_path = (files.path() / "messages").string();
    write_file(input_path, input);
    auto copies = words;
    std::vector<char*> arguments;
    arguments.reserve(copies.size() + 1);
    for (auto& word : copies)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);

    const auto process = fork_or_throw();
    if (process == 0)
        become(arguments, folder.c_str(), input_path.c_str(), output_path.c_str(),
               messages_path.c_str());
    const auto status = wait_for(process);
    const auto& program = words.front();
    if (status == not_found_status)
        throw ToolError{
            fmt::format("{0}: not found; install it (on Debian: apt-get install {0})", program)};
    if (status != 0)
        throw ToolError{fmt::format("{}: ended with exit code {}:\n{}{}", program, status,
                                    tail(read_file(output_path)), tail(read_file(messages_path)))};
    return read_file(output_path);
}

} // namespace heatsim::system
