// SPDX-License-Identifier: Apache-2.0
#include "sweep/fork_pool.hpp"

#include "tlm/check.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <new>
#include <utility>

namespace heatsim::sweep {

namespace {

/// Exit codes of a copy; what it wrote is the result, or the reason.
enum Exit : int { Done = EXIT_SUCCESS, Failed = 80, OutOfMemory = 81, NotHeard = 82 };

constexpr int most_poll_milliseconds = 3'600'000;

void limit_memory(std::uint64_t bytes)
{
    if (bytes == 0)
        return;
    const rlimit limit{bytes, bytes};
    (void)setrlimit(RLIMIT_AS, &limit);
}

[[nodiscard]] int work_and_tell(const Task& task, const TaskLimits& limits, int file)
{
    try {
        limit_memory(limits.memory_bytes);
        return system::write_all(file, task.work()) ? Exit::Done : Exit::NotHeard;
    } catch (const std::bad_alloc&) {
        return Exit::OutOfMemory;
    } catch (const std::exception& error) {
        return system::write_all(file, error.what()) ? Exit::Failed : Exit::NotHeard;
    }
}

} // namespace

ForkPool::ForkPool(std::size_t workers, const TaskLimits& limits)
    : workers_{workers}
    , limits_{limits}
{
    HEATSIM_CHECK(workers > 0, "a pool without workers");
}

system::ForkedProcess ForkPool::fork(const Task& task) const
{
    return system::ForkedProcess{
        [this, &task](int file) { return work_and_tell(task, limits_, file); }};
}

void ForkPool::start(Task task)
{
    HEATSIM_CHECK(has_room(), "more tasks than workers");
    const auto limit =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{limits_.seconds});
    auto process = fork(task);
    running_.push_back({std::move(task), std::move(process), Clock::now() + limit, {}, 1, false});
}

std::chrono::milliseconds ForkPool::time_to_deadline() const
{
    auto first = Clock::time_point::max();
    for (const auto& running : running_)
        first = std::min(first, running.deadline);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(first - Clock::now());
    return std::max(left + std::chrono::milliseconds{1}, std::chrono::milliseconds{0});
}

bool ForkPool::receive(Running& running)
{
    constexpr std::size_t chunk_bytes = 65536;
    std::array<char, chunk_bytes> chunk{};
    const auto count = read(running.process.file(), chunk.data(), chunk.size());
    if (count < 0)
        return errno != EINTR;
    running.received.append(chunk.data(), static_cast<std::size_t>(count));
    return count == 0;
}

void ForkPool::finish(std::list<Running>::iterator running, std::vector<TaskResult>& results)
{
    const auto status = running->process.wait();
    TaskResult result;
    result.ticket = running->task.ticket;
    result.attempts = running->attempts;
    const auto code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (running->is_late) {
        result.text = fmt::format("timeout: took longer than {:g} s", limits_.seconds);
    } else if (code == Exit::Done || code == Exit::Failed) {
        result.done = code == Exit::Done;
        result.text = std::move(running->received);
    } else if (code == Exit::OutOfMemory) {
        result.text = limits_.memory_bytes == 0 ? std::string{"out of memory"}
                                                : fmt::format("out of memory: more than {} MB",
                                                              limits_.memory_bytes / 1'000'000);
    } else if (running->attempts == 1) { // perhaps somebody killed it: once more
        auto again = std::move(running->task);
        running_.erase(running);
        start(std::move(again));
        running_.back().attempts = 2;
        return;
    } else {
        result.text =
            fmt::format("crash: the simulation's process {}, twice", system::ending_text(status));
    }
    running_.erase(running);
    results.push_back(std::move(result));
}

std::vector<TaskResult> ForkPool::wait()
{
    std::vector<TaskResult> results;
    bool is_interrupted = false;
    while (results.empty() && !is_interrupted && !running_.empty())
        is_interrupted = !look(std::chrono::milliseconds{most_poll_milliseconds}, results);
    return results;
}

std::vector<TaskResult> ForkPool::wait_for(std::chrono::milliseconds most)
{
    std::vector<TaskResult> results;
    (void)look(most, results);
    return results;
}

bool ForkPool::look(std::chrono::milliseconds most, std::vector<TaskResult>& results)
{
    HEATSIM_CHECK(!running_.empty(), "nothing to wait for");
    std::vector<pollfd> files;
    files.reserve(running_.size());
    for (const auto& running : running_)
        files.push_back({running.process.file(), POLLIN, 0});
    const auto timeout = std::min(most, time_to_deadline());
    if (poll(files.data(), files.size(), static_cast<int>(timeout.count())) < 0 && errno == EINTR)
        return false;
    const auto now = Clock::now();
    auto running = running_.begin();
    for (const auto& file : files) {
        const auto next = std::next(running); // `finish` takes this one out
        if (now >= running->deadline) {
            running->is_late = true;
            running->process.kill();
        }
        if (running->is_late || (file.revents != 0 && receive(*running)))
            finish(running, results);
        running = next;
    }
    return true;
}

} // namespace heatsim::sweep
