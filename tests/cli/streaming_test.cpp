// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using testing::HasSubstr;

const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";

std::vector<std::string> run_with(std::vector<std::string> more)
{
    more.insert(more.begin(), {"run", "-t", trace, "-n", "12"});
    return more;
}

nlohmann::json stream_of(std::vector<std::string> more)
{
    more.insert(more.end(), {"--format", "json"});
    const auto outcome = heatsim(run_with(std::move(more)));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["streaming"];
}

void expect_refused(std::vector<std::string> more, const std::string& message)
{
    const auto outcome = heatsim(run_with(std::move(more)));
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(message));
}

} // namespace

TEST(Streaming, BelowSaturationWithTheDeadlineAboveP99NothingIsMissed)
{
    const auto stream = stream_of({"--fps", "60", "--deadline-ms", "16.7"});
    EXPECT_EQ(stream["missed"], 0);
    EXPECT_EQ(stream["saturated"], false);
    EXPECT_EQ(stream["frames"], 1000);
    EXPECT_EQ(stream["served"], 1000);
    EXPECT_GT(stream["sustained_fps"], 60.0);
    EXPECT_EQ(stream["queue"]["max"], 0);
}

TEST(Streaming, AboveSaturationTheQueueGrowsAndTheToolSaysSo)
{
    const auto outcome = heatsim(run_with({"--fps", "400", "--deadline-ms", "16.7"}));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, HasSubstr("Saturated: 400.0 images/s arrive"));
    EXPECT_THAT(outcome.out, HasSubstr("images a second"));
    const auto few = stream_of({"--fps", "400", "--frames", "500"});
    const auto many = stream_of({"--fps", "400", "--frames", "1000"});
    EXPECT_EQ(many["saturated"], true);
    EXPECT_GT(many["queue"]["at_last_arrival"].get<double>(),
              1.9 * few["queue"]["at_last_arrival"].get<double>());
}

TEST(Streaming, DependsOnNothingButItsOptions)
{
    const std::vector<std::string> options{"--fps",  "200", "--arrivals", "poisson",
                                           "--seed", "5",   "--overlap"};
    const auto first = stream_of(options);
    EXPECT_EQ(first, stream_of(options));
    EXPECT_EQ(first["overlap"], true);
    auto other = options;
    other[5] = "6";
    EXPECT_NE(first["response_ms"], stream_of(other)["response_ms"]);
}

TEST(Streaming, ReadsArrivalTimesAndWritesWhatBecameOfThem)
{
    const Folder folder;
    const auto file = folder.write("arrivals.csv", "arrival_ms\n0\n2\n100\n100.5\n");
    const auto outcome = heatsim(
        run_with({"--arrivals", file, "--queue-capacity", "0", "-o", folder.path("results")}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto csv = content(folder.path("results/streaming.csv"));
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
    EXPECT_THAT(csv, HasSubstr("\n1,2.0,,,,,,0,dropped\n"));
    EXPECT_THAT(csv, HasSubstr("\n2,100.0,100.0,"));
}

TEST(Streaming, MistakesAreRefused)
{
    const Folder folder;
    expect_refused({"--deadline-ms", "5"}, "--deadline-ms: without arriving images");
    expect_refused({"--overlap", "--seed", "1"}, "--seed: without arriving images");
    expect_refused({"--fps", "0"}, "--fps: '0'; expected a number from 0.001");
    expect_refused({"--fps", "nan"}, "--fps: 'nan'");
    expect_refused({"--fps", "60", "--seed", "3"}, "--seed: with arrivals that are not random");
    expect_refused({"--arrivals", "poisson"}, "--arrivals: 'poisson' without a rate");
    expect_refused({"--arrivals", "poison"}, "did you mean 'poisson'");
    expect_refused({"--fps", "60", "--queue-capacity", "-1"}, "--queue-capacity");
    const auto file = folder.write("arrivals.csv", "0\n5\n4\n");
    expect_refused({"--arrivals", file}, file + ":3:1: arrival time: '4', earlier");
    expect_refused({"--arrivals", file, "--fps", "60"}, "--fps: with arrival times of a file");
}

TEST(Distributions, StandInTheOutputFolder)
{
    const Folder folder;
    const auto outcome = heatsim(run_with({"-o", folder.path("results")}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("The slowest image takes"));
    EXPECT_THAT(content(folder.path("results/distribution.csv")), HasSubstr("\nenergy_mj,"));
    const auto json = nlohmann::json::parse(content(folder.path("results/summary.json")));
    double sum = 0.0;
    for (const auto& stage : json["tail"]["stages"])
        sum += stage["more_ms"].get<double>();
    EXPECT_NEAR(sum, json["tail"]["more_ms"].get<double>(), 1e-9);
    EXPECT_EQ(json["tail"]["slowest_ms"], json["latency_ms"]["max"]);
    EXPECT_LT(json["tail"]["typical_ms"], json["tail"]["slowest_ms"]);
}

TEST(StaircaseCommand, TellsWherePruningBuysNothing)
{
    const Folder folder;
    const auto outcome =
        heatsim({"staircase", "-t", trace, "--set", "model.image_height_pixels=112", "--set",
                 "model.image_width_pixels=112"});
    EXPECT_EQ(outcome.exit_code, 2); // the trace is of another model
    const auto full = heatsim({"staircase", "-t", trace, "-o", folder.path("results")});
    EXPECT_EQ(full.exit_code, 0) << full.err;
    EXPECT_THAT(full.out, HasSubstr("Plateaus"));
    EXPECT_THAT(full.out, HasSubstr("of 10,000"));
    const auto json = nlohmann::json::parse(content(folder.path("results/staircase.json")));
    EXPECT_EQ(json["counts"].size(), 196U);
    EXPECT_FALSE(json["plateaus"].empty());
}

} // namespace heatsim::cli
