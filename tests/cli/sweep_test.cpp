// SPDX-License-Identifier: Apache-2.0
// Sweeps as a user runs them: at any number of processes, killed, interrupted, out of room.
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

/// 36 points, of which 6 violate a constraint before and some after the simulation.
constexpr const char* small_space = R"(name: small
base: {model: deit_t, schedule: heatvit}
axes:
  - {name: keep_ratio_2, key: schedule.selectors.1.keep_ratio, values: [0.25, 0.3, 0.39, 0.5]}
  - {name: heads, key: array.heads, values: [1, 3, 6]}
  - {name: outputs, key: array.output_channels, range: {from: 16, to: 32, step: 8}}
derived:
  - {name: macs_per_cycle, value: heads * 24 * outputs}
constraints:
  - macs_per_cycle >= 576
  - latency_ms.mean <= 6
objectives:
  - minimize: latency_ms.mean
  - minimize: resources.dsps
)";

class Sweep : public testing::Test {
  protected:
    /// Sweeps and expects success. \returns what `--format json` says
    [[nodiscard]] json sweep(const std::string& store, std::vector<std::string> options = {}) const
    {
        std::vector<std::string> words{"sweep",    space, "-o", folder.path(store),
                                       "--format", "json"};
        words.insert(words.end(), options.begin(), options.end());
        const auto outcome = heatsim(words);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
        return json::parse(outcome.out);
    }
    [[nodiscard]] std::string table(const std::string& store) const
    {
        const auto outcome = heatsim({"export", folder.path(store)});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
        return outcome.out;
    }
    void expect_same(const std::string& store, const std::string& other) const
    {
        EXPECT_TRUE(table(store) == table(other)) << "the tables differ"; // too long to print
    }
    [[nodiscard]] static std::vector<std::string> lines_of(const std::string& text)
    {
        std::vector<std::string> lines;
        std::istringstream stream{text};
        for (std::string line; std::getline(stream, line);)
            lines.push_back(line);
        return lines;
    }

    const Folder folder;
    const std::string space = folder.write("small.yaml", small_space);
};

} // namespace

TEST_F(Sweep, CountsEveryPointOnce)
{
    const auto result = sweep("store", {"-j", "2"});
    EXPECT_EQ(result["planned"], 36);
    EXPECT_EQ(result["done"], 36);
    EXPECT_EQ(result["failed"], 0);
    EXPECT_GT(result["infeasible"], 0);
    EXPECT_GT(result["violated"], 0);
    EXPECT_GT(result["ok"], 0);
    EXPECT_EQ(lines_of(table("store")).size(), 37U); // with the header
    EXPECT_GT(result["front"].size(), 1U);
}

TEST_F(Sweep, TheTableIsTheSameAtAnyNumberOfProcesses)
{
    (void)sweep("one", {"-j", "1"});
    (void)sweep("two", {"-j", "2"});
    (void)sweep("five", {"-j", "5"});
    expect_same("two", "one");
    expect_same("five", "one");
}

TEST_F(Sweep, TheTableIsTheSameUnderMpi)
{
    if (std::system("command -v mpirun >/dev/null") != 0) // NOLINT: one thread
        GTEST_SKIP() << "no mpirun";
    (void)sweep("one", {"-j", "1"});
    // by a link, from another folder: the MPI library is beside the program itself
    std::filesystem::create_symlink(HEATSIM_EXECUTABLE, folder.path("link"));
    std::string line =
        "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout 50 mpirun "
        "--oversubscribe -n 3 -wdir / '";
    line.append(folder.path("link")).append("' sweep -q '").append(space).append("' -o '");
    line.append(folder.path("mpi")).append("' >'").append(folder.path("log")).append("' 2>&1");
    EXPECT_EQ(std::system(line.c_str()), 0) << content(folder.path("log")); // NOLINT: one thread
    expect_same("mpi", "one");
}

TEST_F(Sweep, NeedsTheMpiLibraryUnderMpiOnly)
{
    const auto program = folder.path("heatsim");
    std::filesystem::copy_file(HEATSIM_EXECUTABLE, program);
    const auto exit_code = [&](const std::string& environment, const std::string& store) {
        std::string line = environment;
        line.append(" '").append(program).append("' sweep -q '").append(space).append("' -o '");
        line.append(folder.path(store)).append("' >'").append(folder.path("log")).append("' 2>&1");
        return WEXITSTATUS(std::system(line.c_str())); // NOLINT: one thread
    };
    EXPECT_EQ(exit_code("", "alone"), 0) << content(folder.path("log"));
    EXPECT_EQ(exit_code("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=3", "mpi"), 2);
    EXPECT_THAT(content(folder.path("log")),
                AllOf(HasSubstr("started by MPI"), HasSubstr(folder.path("heatsim_mpi.so"))));
    EXPECT_FALSE(std::filesystem::exists(folder.path("mpi")));
}

TEST_F(Sweep, ALostMpiWorkerIsSurvived)
{
    if (std::system("command -v mpirun >/dev/null") != 0) // NOLINT: one thread
        GTEST_SKIP() << "no mpirun";
    // process 1 is killed as soon as it simulates: its second child is the first simulation
    std::string script =
        "if [ \"$OMPI_COMM_WORLD_RANK\" = 1 ]; then\n"
        "  (while [ $(wc -w </proc/$$/task/$$/children) -lt 2 ]; do sleep 0.02; done\n"
        "   kill -9 $$) &\n"
        "fi\n";
    script.append("exec '").append(HEATSIM_EXECUTABLE).append("' \"$@\"\n");
    const auto wrapper = folder.write("wrapper.sh", script);
    (void)sweep("one", {"--set", "base.model=deit_s"});
    std::string line =
        "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout 50 mpirun "
        "--oversubscribe --enable-recovery -n 3 bash '";
    line.append(wrapper).append("' sweep -q --set base.model=deit_s '").append(space);
    line.append("' -o '").append(folder.path("mpi")).append("' >'");
    line.append(folder.path("log")).append("' 2>&1");
    EXPECT_EQ(std::system(line.c_str()), 0) << content(folder.path("log")); // NOLINT: one thread
    EXPECT_THAT(content(folder.path("log")), HasSubstr("is lost; its points go to others"));
    expect_same("mpi", "one");
}

TEST_F(Sweep, GoesOnWhereItWasKilled)
{
    const std::vector<std::string> options{"--set", "base.model=deit_s"};
    (void)sweep("whole", options);
    std::mt19937 random{1}; // NOLINT(cert-msc51-cpp): the same moments every time
    std::uniform_int_distribution<int> moment{10, 150};
    std::size_t before = 0;
    for (int i = 0; i < 20; ++i) {
        Running sweep{{"sweep", space, "-q", "-o", folder.path("killed"), options[0], options[1]},
                      folder.path("log")};
        std::this_thread::sleep_for(milliseconds{moment(random)});
        sweep.send(SIGKILL);
        (void)sweep.wait();
        if (!std::filesystem::exists(folder.path("killed")))
            continue;
        const auto outcome = heatsim({"export", folder.path("killed")});
        if (outcome.exit_code != 0)
            continue; // killed before there was a sweep in it
        const auto now = lines_of(outcome.out).size();
        EXPECT_GE(now, before) << "points are lost";
        before = now;
    }
    const auto result = sweep("killed", options);
    EXPECT_EQ(result["done"], 36);
    EXPECT_GE(result["reused"].get<std::size_t>() + 1, before) << "points are simulated again";
    expect_same("killed", "whole");
    EXPECT_EQ(sweep("killed", options)["simulated"], 0);
}

TEST_F(Sweep, AKilledSimulationIsTriedOnceMore)
{
    (void)sweep("whole");
    Running running{{"sweep", space, "-q", "-j", "2", "-o", folder.path("shot")},
                    folder.path("log")};
    constexpr std::size_t others = 4; // started in between: the second attempt is one of them
    std::size_t shots = 0;
    std::set<pid_t> seen;
    std::size_t next = 1;
    while (!running.has_ended() && shots < 5) {
        for (const auto child : running.children())
            if (seen.insert(child).second && seen.size() >= next && shots < 5) {
                (void)kill(child, SIGKILL);
                next = seen.size() + others;
                ++shots;
            }
        std::this_thread::sleep_for(milliseconds{1});
    }
    EXPECT_EQ(running.wait(), 0);
    EXPECT_GT(shots, 0U);
    expect_same("shot", "whole");
}

TEST_F(Sweep, ASimulationThatIsKilledTwiceIsMarked)
{
    Running running{
        {"sweep", space, "-q", "-j", "1", "-o", folder.path("shot"), "--set", "base.model=deit_s"},
        folder.path("log")};
    while (!running.has_ended())
        for (const auto child : running.children())
            (void)kill(child, SIGKILL);
    EXPECT_EQ(running.wait(), 0);
    EXPECT_THAT(table("shot"), HasSubstr(",failed,\"crash: the simulation's process was ended by "
                                         "signal 9 (Killed)"));
    const auto again = sweep("shot", {"--set", "base.model=deit_s"});
    EXPECT_GT(again["failed"], 0);
    EXPECT_EQ(again["simulated"], 0); // what failed is a result, too
    const auto retried = sweep("shot", {"--set", "base.model=deit_s", "--retry-failed"});
    EXPECT_EQ(retried["failed"], 0);
    EXPECT_EQ(retried["done"], 36);
}

TEST_F(Sweep, StopsCleanlyWhenTheUserAsks)
{
    const std::vector<std::string> options{"--set", "base.model=deit_b"};
    Running running{
        {"sweep", space, "-j", "1", "-o", folder.path("stopped"), options[0], options[1]},
        folder.path("log")};
    running.wait_for_simulations();
    running.send(SIGINT);
    EXPECT_EQ(running.wait(), 130);
    EXPECT_THAT(content(folder.path("log")), HasSubstr("the same command goes on"));
    const auto before = lines_of(table("stopped")).size() - 1;
    EXPECT_LT(before, 36U);
    const auto result = sweep("stopped", options);
    EXPECT_EQ(result["reused"], before);
    EXPECT_EQ(result["done"], 36);
}

TEST_F(Sweep, TwoSweepsOnOneStoreWaitForEachOther)
{
    const auto other = folder.write("other.yaml", std::string{small_space}.replace(6, 5, "other"));
    const auto store = folder.path("shared");
    Running first{{"sweep", space, "-q", "-o", store, "--set", "base.model=deit_s"},
                  folder.path("first")};
    first.wait_for_simulations();
    Running second{{"sweep", other, "-o", store, "--set", "base.model=deit_s"},
                   folder.path("second")};
    EXPECT_EQ(first.wait(), 0) << content(folder.path("first"));
    EXPECT_EQ(second.wait(), 0) << content(folder.path("second"));
    EXPECT_THAT(content(folder.path("second")),
                AllOf(HasSubstr("waiting for process"), HasSubstr("0 simulated")));
    EXPECT_EQ(lines_of(heatsim({"export", store, "--sweep", "small"}).out).size(), 37U);
    EXPECT_EQ(lines_of(heatsim({"export", store, "--sweep", "other"}).out).size(), 37U);
}

TEST_F(Sweep, AFullDiskLosesNothing)
{
    (void)sweep("whole");
    std::string line = "ulimit -f 60; exec '"; // blocks of 1 KiB
    line.append(HEATSIM_EXECUTABLE).append("' sweep -q -j 2 '").append(space).append("' -o '");
    line.append(folder.path("full")).append("' >'").append(folder.path("log")).append("' 2>&1");
    const auto script = folder.write("limited.sh", line);
    const auto status = std::system(("bash " + script).c_str()); // NOLINT: one thread
    EXPECT_EQ(WEXITSTATUS(status), 2);
    EXPECT_THAT(content(folder.path("log")),
                AllOf(HasSubstr("error: "), HasSubstr("cannot be written"),
                      HasSubstr("all points finished so far are kept")));
    const auto result = sweep("full");
    EXPECT_EQ(result["done"], 36);
    expect_same("full", "whole");
}

TEST_F(Sweep, AStoreThatCannotBeWrittenIsRefused)
{
    for (const auto* path : {"/proc/store.sqlite", "/no/such/folder/store.sqlite"}) {
        const auto outcome = heatsim({"sweep", space, "-o", path});
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(path), HasSubstr("cannot be written")));
    }
    const auto text = folder.write("text", "no database");
    const auto outcome = heatsim({"sweep", space, "-o", text});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("no result store"));
    EXPECT_EQ(content(text), "no database");
}

TEST_F(Sweep, SlowAndLargeSimulationsAreResults)
{
    const auto slow = sweep("slow", {"--time-limit", "0.001"});
    EXPECT_GT(slow["failed"], 0);
    EXPECT_EQ(slow["done"], 36);
    EXPECT_THAT(table("slow"), HasSubstr(",failed,timeout: took longer than 0.001 s"));
}

TEST_F(Sweep, ShardsMergeToTheWhole)
{
    (void)sweep("whole");
    std::vector<std::string> words{"merge", folder.path("merged")};
    for (const auto* shard : {"1/3", "2/3", "3/3"}) {
        const auto name = std::string{"part"}.append(1, *shard);
        EXPECT_EQ(sweep(name, {"--shard", shard})["planned"], 12);
        words.push_back(folder.path(name));
    }
    EXPECT_EQ(heatsim(words).exit_code, 0);
    expect_same("merged", "whole");
    EXPECT_EQ(sweep("merged")["simulated"], 0);
}

TEST_F(Sweep, AChangedSpaceReusesWhatIsTheSame)
{
    const auto first = sweep("store");
    const auto more = sweep("store", {"--set", "axes.1.values=[1, 2, 3, 6]"});
    EXPECT_EQ(more["planned"], 48);
    EXPECT_EQ(more["simulated"].get<int>() + more["infeasible"].get<int>() +
                  first["simulated"].get<int>(),
              48);
    EXPECT_EQ(more["reused"], first["simulated"]);
}

TEST_F(Sweep, ParetoAndExportHaveFormats)
{
    const auto result = sweep("store");
    const auto front = heatsim({"pareto", folder.path("store"), "--format", "json"});
    EXPECT_EQ(json::parse(front.out)["front"], result["front"]);
    const auto csv = heatsim({"pareto", folder.path("store"), "--format", "csv"});
    EXPECT_EQ(lines_of(csv.out).size(), result["front"].size() + 1);
    const auto text = heatsim({"pareto", folder.path("store"), "--minimize", "energy.power_w"});
    EXPECT_THAT(text.out, HasSubstr("Pareto front: 1 of"));
    const auto list = heatsim(
        {"export", folder.path("store"), "--format", "json", "-o", folder.path("table.json")});
    EXPECT_EQ(list.exit_code, 0);
    EXPECT_EQ(json::parse(content(folder.path("table.json"))).size(), 36U);
    const auto misspelt =
        heatsim({"pareto", folder.path("store"), "--minimize", "latency_ms.maen"});
    EXPECT_EQ(misspelt.exit_code, 2);
    EXPECT_THAT(misspelt.err, HasSubstr("did you mean 'latency_ms.mean'"));
    const auto unknown = heatsim({"export", folder.path("store"), "--sweep", "smal"});
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.err, HasSubstr("did you mean 'small'"));
    const auto nothing = heatsim({"export", folder.path("nothing")});
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(folder.path("nothing")));
}

TEST_F(Sweep, WhatIsWrongWithASpaceIsSaidBeforeAnySimulation)
{
    struct Case {
        const char* from;
        const char* to;
        const char* message;
    };
    for (const auto& [from, to, message] : std::vector<Case>{
             {"key: array.heads", "key: array.heds",
              ":5:24: array.heds: unknown key; did you mean 'heads'"},
             {"from: 16, to: 32", "from: 48, to: 32", "the range is empty"},
             {"  - latency_ms.mean <= 6", "  - latency_ms.mean <= 6\n  - latency_ms.mean > 7",
              ":12:5: constraints.2: 'latency_ms.mean > 7' contradicts 'latency_ms.mean <= 6'"},
             {"minimize: resources.dsps", "minimize: resources.dpss",
              ":14:15: objectives.1.minimize: nothing reports 'resources.dpss'; expected the "
              "name"}}) {
        auto text = std::string{small_space};
        text.replace(text.find(from), std::string{from}.size(), to);
        const auto path = folder.write("wrong.yaml", text);
        const auto outcome = heatsim({"sweep", path, "-o", folder.path("untouched")});
        EXPECT_EQ(outcome.exit_code, 2) << text;
        EXPECT_THAT(outcome.err, AllOf(HasSubstr(path), HasSubstr(message)));
        EXPECT_FALSE(std::filesystem::exists(folder.path("untouched")));
    }
    for (const auto& options :
         std::vector<std::vector<std::string>>{{"--shard", "4/3"},
                                               {"--time-limit", "-1"},
                                               {"--memory-limit", "x"},
                                               {"-j", "0"},
                                               {"--strategy", "nsga3", "--points", "9"}}) {
        std::vector<std::string> words{"sweep", space, "-o", folder.path("untouched")};
        words.insert(words.end(), options.begin(), options.end());
        const auto outcome = heatsim(words);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_THAT(outcome.err, HasSubstr(options.front()));
    }
}

} // namespace heatsim::cli
