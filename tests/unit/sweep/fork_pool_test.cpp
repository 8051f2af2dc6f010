// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"
#include "sweep/fork_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEATSIM_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEATSIM_SHADOW_MEMORY 1
#endif
#endif

namespace heatsim::sweep {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;
using Clock = std::chrono::steady_clock;

Task task(std::uint64_t ticket, std::function<std::string()> work)
{
    Task made;
    made.ticket = ticket;
    made.point = ticket;
    made.work = std::move(work);
    return made;
}

TaskLimits limits(double seconds, std::uint64_t memory_bytes = 0)
{
    TaskLimits made;
    made.seconds = seconds;
    made.memory_bytes = memory_bytes;
    return made;
}

/// All that still runs, by ticket.
std::map<std::uint64_t, TaskResult> rest_of(ForkPool& pool)
{
    std::map<std::uint64_t, TaskResult> results;
    while (pool.running() > 0)
        for (auto& result : pool.wait())
            results.emplace(result.ticket, std::move(result));
    return results;
}

TaskResult result_of(const TaskLimits& of, std::function<std::string()> work)
{
    ForkPool pool{1, of};
    pool.start(task(1, std::move(work)));
    return rest_of(pool).at(1);
}

std::string sleep_and_say(std::chrono::milliseconds time, const std::string& text)
{
    std::this_thread::sleep_for(time);
    return text;
}

bool has_children()
{
    return !(waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD);
}

} // namespace

TEST(ForkPool, BringsResultsBackWithTheirTickets)
{
    ForkPool pool{4, limits(60.0)};
    std::map<std::uint64_t, TaskResult> results;
    for (std::uint64_t ticket = 100; ticket < 120; ++ticket) {
        while (!pool.has_room())
            for (auto& result : pool.wait())
                results.emplace(result.ticket, std::move(result));
        pool.start(task(ticket, [ticket] { return std::to_string(ticket * ticket); }));
    }
    results.merge(rest_of(pool));
    ASSERT_EQ(results.size(), 20U);
    for (const auto& [ticket, result] : results) {
        EXPECT_TRUE(result.done);
        EXPECT_EQ(result.text, std::to_string(ticket * ticket));
        EXPECT_EQ(result.attempts, 1U);
    }
}

TEST(ForkPool, HasRoomForAsManyAsItHasWorkers)
{
    ForkPool pool{2, limits(60.0)};
    EXPECT_TRUE(pool.has_room());
    pool.start(task(1, [] { return sleep_and_say(50ms, ""); }));
    EXPECT_TRUE(pool.has_room());
    EXPECT_EQ(pool.running(), 1U);
    pool.start(task(2, [] { return sleep_and_say(50ms, ""); }));
    EXPECT_FALSE(pool.has_room());
    EXPECT_EQ(pool.running(), 2U);
    (void)pool.wait();
    EXPECT_TRUE(pool.has_room());
    (void)rest_of(pool);
    EXPECT_EQ(pool.running(), 0U);
}

TEST(ForkPool, WorksOnSeveralAtATime)
{
    ForkPool pool{2, limits(60.0)};
    pool.start(task(1, [] { return sleep_and_say(600ms, "slow"); }));
    pool.start(task(2, [] { return std::string{"quick"}; }));
    const auto first = pool.wait();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first.front().ticket, 2U);
    EXPECT_EQ(rest_of(pool).at(1).text, "slow");
}

TEST(ForkPool, WaitsNoLongerThanItIsTold)
{
    ForkPool pool{1, limits(60.0)};
    pool.start(task(1, [] { return sleep_and_say(400ms, "late"); }));
    const auto start = Clock::now();
    EXPECT_TRUE(pool.wait_for(20ms).empty());
    EXPECT_LT(Clock::now() - start, 300ms);
    EXPECT_EQ(rest_of(pool).at(1).text, "late");
}

// so that somebody who presses Ctrl-C need not wait for a simulation
TEST(ForkPool, SignalsEndTheWaiting)
{
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int /*signal*/) {};
    ASSERT_EQ(sigaction(SIGALRM, &action, &before), 0);
    ForkPool pool{1, limits(60.0)};
    pool.start(task(1, [] { return sleep_and_say(500ms, "late"); }));
    constexpr itimerval soon{{0, 0}, {0, 50'000}};
    ASSERT_EQ(setitimer(ITIMER_REAL, &soon, nullptr), 0);
    EXPECT_TRUE(pool.wait().empty());
    EXPECT_EQ(pool.running(), 1U);
    EXPECT_EQ(rest_of(pool).at(1).text, "late");
    EXPECT_EQ(sigaction(SIGALRM, &before, nullptr), 0);
}

TEST(ForkPool, WorkChangesNothingHere)
{
    int number = 1;
    const auto result = result_of(limits(60.0), [&number] {
        number = 2;
        return std::to_string(number);
    });
    EXPECT_EQ(result.text, "2");
    EXPECT_EQ(number, 1);
}

TEST(ForkPool, TellsWhatATaskThrows)
{
    const auto result =
        result_of(limits(60.0), []() -> std::string { throw std::runtime_error{"no such thing"}; });
    EXPECT_FALSE(result.done);
    EXPECT_EQ(result.text, "no such thing");
    EXPECT_EQ(result.attempts, 1U);
}

TEST(ForkPool, TriesWhatSomebodyKilledOnceMore)
{
    const test::TemporaryFolder folder;
    const auto marker = folder.path("tried");
    const auto result = result_of(limits(60.0), [&marker] {
        if (!std::filesystem::exists(marker)) {
            std::ofstream{marker} << "once";
            (void)std::raise(SIGKILL);
        }
        return std::string{"well"};
    });
    EXPECT_TRUE(result.done);
    EXPECT_EQ(result.text, "well");
    EXPECT_EQ(result.attempts, 2U);
}

// the copy says half of its result before it dies
TEST(ForkPool, ForgetsWhatTheFirstTrySaid)
{
    const test::TemporaryFolder folder;
    const auto marker = folder.path("tried");
    ForkPool pool{2, limits(60.0)};
    pool.start(task(7, [] { return sleep_and_say(100ms, "beside"); }));
    pool.start(task(8, [&marker] {
        if (std::filesystem::exists(marker))
            return std::string{"again"};
        std::ofstream{marker} << "once";
        std::abort();
    }));
    const auto results = rest_of(pool);
    EXPECT_EQ(results.at(7).text, "beside");
    EXPECT_EQ(results.at(7).attempts, 1U);
    EXPECT_EQ(results.at(8).text, "again");
}

TEST(ForkPool, GivesUpWhatDiesTwice)
{
    const auto result = result_of(limits(60.0), [] {
        (void)std::raise(SIGKILL);
        return std::string{};
    });
    EXPECT_FALSE(result.done);
    EXPECT_EQ(result.attempts, 2U);
    EXPECT_THAT(result.text, StartsWith("crash: "));
    EXPECT_THAT(result.text, HasSubstr("signal 9"));
    EXPECT_THAT(result.text, HasSubstr("twice"));
}

TEST(ForkPool, TriesAnUnexpectedEndOnceMore)
{
    const auto result = result_of(limits(60.0), []() -> std::string { _exit(7); });
    EXPECT_FALSE(result.done);
    EXPECT_EQ(result.attempts, 2U);
    EXPECT_THAT(result.text, HasSubstr("exit code 7"));
}

TEST(ForkPool, KillsWhatTakesTooLongAndNothingElse)
{
    ForkPool pool{3, limits(1.0)};
    const auto start = Clock::now();
    pool.start(task(1, [] { return sleep_and_say(60s, "never"); }));
    pool.start(task(2, [] { return std::string{"quick"}; }));
    pool.start(task(3, [] { return sleep_and_say(100ms, "slower"); }));
    const auto results = rest_of(pool);
    EXPECT_LT(Clock::now() - start, 20s);
    EXPECT_GE(Clock::now() - start, 1s);
    EXPECT_FALSE(results.at(1).done);
    EXPECT_EQ(results.at(1).text, "timeout: took longer than 1 s");
    EXPECT_EQ(results.at(1).attempts, 1U);
    EXPECT_EQ(results.at(2).text, "quick");
    EXPECT_EQ(results.at(3).text, "slower");
    EXPECT_FALSE(has_children());
}

TEST(ForkPool, TellsOfATaskWithoutMemory)
{
#ifdef HEATSIM_SHADOW_MEMORY
    GTEST_SKIP() << "the sanitizer's memory is larger than any limit";
#else
    constexpr std::uint64_t limit_bytes = 2'000'000'000;
    const auto result = result_of(limits(60.0, limit_bytes), [] {
        std::vector<std::string> all;
        while (true) {
            constexpr std::size_t chunk = 100'000'000;
            all.emplace_back(); // as long as they are not written they are address space only
            all.back().reserve(chunk);
        }
        return std::string{};
    });
    EXPECT_FALSE(result.done);
    EXPECT_EQ(result.text, "out of memory: more than 2000 MB");
    EXPECT_EQ(result.attempts, 1U);
#endif
}

TEST(ForkPool, BringsBigResults)
{
    constexpr std::size_t bytes = 5'000'001;
    ForkPool pool{2, limits(60.0)};
    for (const std::uint64_t ticket : {1U, 2U})
        pool.start(task(ticket, [ticket] {
            std::string text(bytes, static_cast<char>('a' + ticket));
            text[bytes / 2] = '\0';
            return text;
        }));
    const auto results = rest_of(pool);
    for (const std::uint64_t ticket : {1U, 2U}) {
        std::string expected(bytes, static_cast<char>('a' + ticket));
        expected[bytes / 2] = '\0';
        EXPECT_TRUE(results.at(ticket).text == expected) << ticket;
    }
}

TEST(ForkPool, LeavesNothingBehind)
{
    {
        ForkPool pool{3, limits(60.0)};
        pool.start(task(1, [] { return std::string{"done"}; }));
        (void)rest_of(pool);
        for (const std::uint64_t ticket : {2U, 3U, 4U})
            pool.start(task(ticket, [] { return sleep_and_say(60s, "never"); }));
        EXPECT_TRUE(has_children());
    }
    EXPECT_FALSE(has_children());
}

} // namespace heatsim::sweep
