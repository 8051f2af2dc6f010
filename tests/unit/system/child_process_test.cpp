// SPDX-License-Identifier: Apache-2.0
#include "system/byte_archive.hpp"
#include "system/child_process.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

/// Task i gives i², as text of i + 1 lines, and counts itself.
struct Squares {
    std::uint64_t worked_on = 0; ///< in a worker
    std::vector<std::string> results;
    std::uint64_t gathered = 0;

    explicit Squares(std::size_t tasks)
        : results(tasks)
    {}
    SharedWork work()
    {
        SharedWork shared;
        shared.tasks = results.size();
        shared.run = [this](std::size_t task) {
            ++worked_on;
            return std::string(task, '\n') + std::to_string(task * task);
        };
        shared.finish = [this] {
            std::string bytes;
            append_bytes(bytes, worked_on);
            return bytes;
        };
        shared.take = [this](std::size_t task, std::string_view bytes) { results[task] = bytes; };
        shared.take_gathered = [this](std::string_view bytes) {
            gathered += ByteReader{bytes}.get<std::uint64_t>();
        };
        return shared;
    }
};

bool has_children()
{
    return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

/// Message of the error that a task ends with.
template <typename Error, typename Task>
std::string failure_of(Task task)
{
    SharedWork work;
    work.tasks = 100;
    work.run = [&task](std::size_t index) {
        if (index == 7)
            task();
        return std::string{};
    };
    work.take = [](std::size_t, std::string_view) {};
    try {
        (void)run_in_workers(work, 3);
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

TEST(Workers, DoEveryTaskOnceAtAnyNumberOfThem)
{
    constexpr std::size_t tasks = 300; // together more than a pipe holds
    for (const std::size_t workers : {1U, 2U, 5U}) {
        Squares squares{tasks};
        EXPECT_GE(run_in_workers(squares.work(), workers), 0.0);
        for (std::size_t task = 0; task < tasks; ++task)
            EXPECT_EQ(squares.results[task], std::string(task, '\n') + std::to_string(task * task));
        EXPECT_EQ(squares.gathered, tasks) << workers;
        EXPECT_EQ(squares.worked_on, 0U) << "a worker's memory is its own";
        EXPECT_FALSE(has_children());
    }
}

TEST(Workers, MayBeMoreThanTasks)
{
    Squares squares{2};
    (void)run_in_workers(squares.work(), 6);
    EXPECT_EQ(squares.results[1], "\n1");
    EXPECT_EQ(squares.gathered, 2U);
}

TEST(Workers, PassOnHowATaskFailed)
{
    EXPECT_EQ(failure_of<SimulationError>([] { throw SimulationError{"deadlock: all wait"}; }),
              "deadlock: all wait");
    EXPECT_EQ(failure_of<std::runtime_error>([] { throw std::invalid_argument{"no sense"}; }),
              "no sense");
    EXPECT_FALSE(has_children()) << "the others are ended";
}

TEST(Workers, ThatDieEndTheRun)
{
    EXPECT_EQ(failure_of<SimulationError>([] { (void)raise(SIGKILL); }),
              "a worker process was ended by signal 9 (Killed)");
    EXPECT_EQ(failure_of<SimulationError>([] { _exit(5); }),
              "a worker process ended with exit code 5");
    EXPECT_FALSE(has_children());
}

TEST(InChild, GivesWhatTheBodyGives)
{
    EXPECT_EQ(in_child([] {
                  return std::vector<double>{1.5, -2.0};
              }),
              (std::vector<double>{1.5, -2.0}));
    EXPECT_TRUE(in_child([] { return std::vector<double>{}; }).empty());
    const auto body = []() -> std::vector<double> { throw std::invalid_argument{"no sense"}; };
    EXPECT_THROW((void)in_child(body), SimulationError);
}

} // namespace
} // namespace heatsim::system
