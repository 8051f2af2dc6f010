// SPDX-License-Identifier: Apache-2.0
#include "system/forked_process.hpp"

#include "system/simulation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace heatsim::system {

ForkedProcess::ForkedProcess(const std::function<int(int file)>& body)
{
    static_cast<void>(std::fflush(nullptr)); // or the copy prints it again
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw SimulationError{fmt::format("no pipe to a worker process: {}", std::strerror(errno))};
    const auto parent = getpid();
    process_ = fork();
    if (process_ < 0) {
        const auto reason = errno;
        close(ends[0]);
        close(ends[1]);
        throw SimulationError{fmt::format("no worker process: {}", std::strerror(reason))};
    }
    if (process_ == 0) {
        close(ends[0]);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // or it would work on for nobody
        _exit(getppid() == parent ? body(ends[1]) : EXIT_FAILURE);
    }
    close(ends[1]);
    file_ = ends[0];
}

ForkedProcess::ForkedProcess(ForkedProcess&& other) noexcept
    : process_{std::exchange(other.process_, -1)}
    , file_{std::exchange(other.file_, -1)}
    , cpu_seconds_{other.cpu_seconds_}
{}

ForkedProcess::~ForkedProcess()
{
    if (file_ >= 0)
        close(file_);
    if (process_ > 0) {
        kill();
        (void)wait();
    }
}

void ForkedProcess::kill() const
{
    (void)::kill(process_, SIGKILL);
}

int ForkedProcess::wait()
{
    int status = 0;
    rusage usage{};
    while (wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    process_ = -1;
    const auto seconds = [](const timeval& time) {
        constexpr double microseconds = 1e-6;
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * microseconds;
    };
    cpu_seconds_ = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return status;
}

std::string ending_text(int status)
{
    return WIFSIGNALED(status)
               ? fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                             strsignal(WTERMSIG(status))) // NOLINT(concurrency-mt-unsafe)
               : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

bool write_all(int file, const std::string& text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count = write(file, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        done += static_cast<std::size_t>(count);
    }
    return true;
}

} // namespace heatsim::system
