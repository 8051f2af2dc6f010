// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace heatsim::cli {

namespace {

/// Where the streams of a process go. Empty: the stream is closed.
struct Streams {
    std::string out;
    std::string err;
};

/// In the child.
void redirect(const std::string& path, int flags, int stream)
{
    constexpr int mode = 0600;
    if (path.empty()) {
        close(stream);
        return;
    }
    const int file = open(path.c_str(), flags, mode);
    if (file < 0 || dup2(file, stream) < 0)
        _exit(127);
}

/// Starts the executable, without a terminal.
[[nodiscard]] pid_t start(const std::vector<std::string>& arguments, const Streams& streams)
{
    std::vector<std::string> words{HEATSIM_EXECUTABLE};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    const auto child = fork();
    if (child == 0) {
        redirect("/dev/null", O_RDONLY, STDIN_FILENO);
        redirect(streams.err, O_WRONLY | O_CREAT | O_APPEND, STDERR_FILENO);
        redirect(streams.out, O_WRONLY | O_CREAT | O_APPEND, STDOUT_FILENO);
        execv(argv.front(), argv.data());
        _exit(127);
    }
    if (child < 0)
        throw std::runtime_error{"cannot run " HEATSIM_EXECUTABLE};
    return child;
}

/// \returns the exit code; 128 + signal if a signal ended it
[[nodiscard]] int exit_code_of(pid_t process)
{
    constexpr int signal_base = 128;
    int status = 0;
    if (waitpid(process, &status, 0) != process)
        throw std::runtime_error{"cannot wait for " HEATSIM_EXECUTABLE};
    return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

} // namespace

Outcome heatsim(const std::vector<std::string>& arguments, const std::string& out_path)
{
    const Folder folder;
    auto out = out_path.empty() ? folder.path("out") : out_path;
    if (out == "-")
        out.clear();
    const auto err = folder.path("err");
    Outcome outcome;
    outcome.exit_code = exit_code_of(start(arguments, {out, err}));
    if (out_path.empty())
        outcome.out = content(out);
    outcome.err = content(err);
    return outcome;
}

Running::Running(const std::vector<std::string>& arguments, const std::string& log)
    : process_{start(arguments, {log, log})}
{}

Running::~Running()
{
    if (process_ > 0) {
        send(SIGKILL);
        (void)waitpid(process_, nullptr, 0);
    }
}

void Running::send(int signal) const
{
    (void)kill(process_, signal);
}

int Running::wait()
{
    const auto code = exit_code_of(process_);
    process_ = -1;
    return code;
}

bool Running::has_ended() const
{
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

void Running::wait_for_simulations() const
{
    while (children().empty() && !has_ended())
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

std::vector<pid_t> Running::children() const
{
    const auto number = std::to_string(process_);
    std::string path = "/proc/";
    path.append(number).append("/task/").append(number).append("/children");
    std::ifstream file{path};
    std::vector<pid_t> numbers;
    for (pid_t child = 0; file >> child;)
        numbers.push_back(child);
    return numbers;
}

std::string content(const std::string& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace heatsim::cli
