// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out, nullptr, false);
}

} // namespace

TEST(Search, MeetsTheTargetWithAScheduleThatRunTakes)
{
    const Folder folder;
    const auto file = folder.path("new/found.yaml");
    const auto outcome = heatsim({"search", "--latency-ms", "4", "--format", "json", "-o", file});
    EXPECT_EQ(outcome.exit_code, 0);
    const auto result = parsed(outcome);
    EXPECT_EQ(result["met"], true);
    EXPECT_LE(result["simulated_latency_ms"].get<double>(), 4.0);
    EXPECT_GE(result["found_top1_percent"].get<double>(), 92.52);
    EXPECT_LT(std::abs(result["table_deviation_percent"].get<double>()), 0.5);
    EXPECT_EQ(result["steps"][0]["kind"], "start");
    EXPECT_EQ(result["steps"][1]["kind"], "insert");
    EXPECT_EQ(result["steps"][1]["selectors"][0]["before_block"], 12);
    EXPECT_TRUE(result["exhaustive"].is_null());

    const auto run = parsed(heatsim({"run", "-s", file, "--format", "json"}));
    EXPECT_EQ(run["latency_ms"]["mean"], result["simulated_latency_ms"]);
    EXPECT_EQ(run["schedule"], "deit_t_at_4_ms");

    // the same again, byte by byte
    const auto again = folder.path("again.yaml");
    EXPECT_EQ(heatsim({"search", "--latency-ms", "4", "-o", again}).exit_code, 0);
    EXPECT_EQ(content(file), content(again));
}

TEST(Search, SaysSoWhereTheTargetCannotBeMet)
{
    const Folder folder;
    const auto file = folder.path("best.yaml");
    const auto outcome = heatsim({"search", "--latency-ms", "1", "-o", file});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(outcome.out, HasSubstr("Target NOT met:"));
    EXPECT_THAT(outcome.out, HasSubstr("instead of 1 ms"));
    EXPECT_THAT(content(file), HasSubstr("target 1 ms NOT met"));
    EXPECT_EQ(heatsim({"run", "-s", file}).exit_code, 0);
}

TEST(Search, ComparesWithAllChoicesOfAGrid)
{
    const auto result = parsed(heatsim({"search", "--latency-ms", "3.5", "--exhaustive",
                                        "--grid-step", "0.2", "--format", "json"}));
    const auto& all = result["exhaustive"];
    EXPECT_EQ(all["met"], true);
    // up to 3 of 11 places, ratios 0.8 0.6 0.4 0.2: 1 + 11 4 + 55 6 + 165 4
    EXPECT_EQ(all["choices"], 1035);
    EXPECT_LE(all["latency_ms"].get<double>(), 3.5);
    EXPECT_NEAR(all["top1_difference_points"].get<double>(),
                result["found_top1_percent"].get<double>() - all["top1_percent"].get<double>(),
                1e-9);
}

TEST(Search, SearchesTheFormOfSelectorsThatIsSet)
{
    const Folder folder;
    const auto file = folder.path("ranked.yaml");
    EXPECT_EQ(heatsim({"search", "--latency-ms", "4", "--accuracy-drop", "0.7", "--set",
                       "schedule.choice=top_k", "-o", file})
                  .exit_code,
              0);
    EXPECT_THAT(content(file), HasSubstr("choice: top_k"));
}

TEST(Search, BadInputHasOneMessage)
{
    struct Bad {
        std::vector<std::string> words;
        std::string message;
    };
    const Folder folder;
    const std::vector<Bad> inputs{
        {{}, "--latency-ms is required"},
        {{"--latency-ms", "-4"}, "--latency-ms: '-4'; expected a number from"},
        {{"--latency-ms", "nan"}, "--latency-ms: 'nan'"},
        {{"--latency-ms", "4", "--accuracy-drop", "-0.5"}, "--accuracy-drop: '-0.5'"},
        {{"--latency-ms", "4", "--step", "0"}, "--step: '0'"},
        {{"--latency-ms", "4", "--max-selectors", "0"}, "--max-selectors: 0 is out of range"},
        {{"--latency-ms", "4", "--accuracy", "deit_t_fashion_mnst"},
         "did you mean 'deit_t_fashion_mnist'?"},
        {{"--latency-ms", "4", "-m", "deit_s"},
         "--accuracy: networks of deit_t, not of this deit_s"},
        {{"--latency-ms", "4", "--set", "schedule.package_token=none"},
         "--accuracy: no networks with such selectors: scoring selector, choice threshold, "
         "package_token none"},
        {{"--latency-ms", "4", "--exhaustive", "--grid-step", "0.01"}, "--exhaustive: too many"},
        {{"--latency-ms", "4", "-o", "/dev/null"}, "--output: '/dev/null' is not a regular file"},
        {{"--latency-ms", "4", "-o", "/proc/none/found.yaml"}, "cannot write"},
        {{"--latency-ms", "4", "-o", folder.path("")}, "is not a regular file"},
    };
    for (const auto& input : inputs) {
        std::vector<std::string> arguments{"search"};
        arguments.insert(arguments.end(), input.words.begin(), input.words.end());
        const auto outcome = heatsim(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << input.message;
        EXPECT_EQ(outcome.out, "") << input.message;
        EXPECT_THAT(outcome.err, HasSubstr(input.message));
        EXPECT_EQ(outcome.err.find("error: ", 1), std::string::npos) << outcome.err;
    }
    EXPECT_TRUE(folder.entries().empty());
}

TEST(Search, AnAccuracyTableOfOnesOwn)
{
    const Folder folder;
    const auto table = folder.write("mine.csv", "# format: heatsim accuracy table 1\n"
                                                "# model: small\n# blocks: 6\n# channels: 192\n"
                                                "# patch_tokens: 196\n# package_token: one\n"
                                                "choice,before_blocks,keep_ratios,top1_percent\n"
                                                "dense,,,80\nthreshold,4,0.5,79\n");
    const auto model = folder.write("small.yaml", "name: small\nembed_dim: 192\ndepth: 6\n"
                                                  "heads: 3\nmlp_hidden: 768\npatch_size: 16\n");
    const auto result = parsed(heatsim({"search", "-m", model, "--accuracy", table, "--latency-ms",
                                        "2.2", "--accuracy-drop", "1", "--format", "json"}));
    EXPECT_EQ(result["met"], true);
    EXPECT_EQ(result["selectors"][0]["before_block"], 4);
    const auto bad = heatsim({"search", "--latency-ms", "4", "--accuracy",
                              folder.write("bad.csv", "# format: heatsim\n")});
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_THAT(bad.err, HasSubstr("bad.csv:1:11: format: 'heatsim'"));
}

TEST(List, HasAccuracyTables)
{
    const auto entries = parsed(heatsim({"list", "accuracy", "--format", "json"}));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0]["name"], "deit_t_fashion_mnist");
    EXPECT_EQ(entries[0]["model"], "deit_t");
    EXPECT_GT(entries[0]["networks"].get<int>(), 30);
}

} // namespace heatsim::cli
