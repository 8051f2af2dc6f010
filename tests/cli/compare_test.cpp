// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
const std::string static_trace = HEATSIM_SOURCE_DIR "/traces/deit_t_static_70_39_21.csv.gz";

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
}

void expect_refused(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& messages)
{
    const auto outcome = heatsim(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    for (const auto& message : messages)
        EXPECT_THAT(outcome.err, HasSubstr(message));
}

void run_into(const std::string& folder, std::vector<std::string> options)
{
    options.insert(options.begin(), "run");
    options.insert(options.end(), {"-q", "-o", folder});
    EXPECT_EQ(heatsim(options).exit_code, 0);
}

} // namespace

TEST(Compare, FoldersAndRunsSimulatedNowGiveTheSameFigures)
{
    const Folder folder;
    run_into(folder.path("dense"), {"-s", "dense"});
    run_into(folder.path("adaptive"), {"-t", trace, "-n", "4"});
    auto folders = parsed(
        heatsim({"compare", folder.path("dense"), folder.path("adaptive"), "--format", "json"}));
    auto simulated =
        parsed(heatsim({"compare", "-s", "dense", "-t", trace, "-n", "4", "--format", "json"}));
    EXPECT_EQ(simulated["runs"][1]["name"], "-t " + trace);
    for (std::size_t i = 0; i < 2; ++i) {
        folders["runs"][i].erase("name");
        simulated["runs"][i].erase("name");
    }
    EXPECT_EQ(folders, simulated);
    EXPECT_EQ(folders["runs"][1]["images"], 4);
    EXPECT_EQ(folders["runs"][1]["top1_percent"], 92.57);
    EXPECT_EQ(folders["runs"][1]["paired"]["images"], 4);
    EXPECT_GT(folders["runs"][1]["speedup"].get<double>(), 1.0);
}

TEST(Compare, ResourcesAreThoseOfHeatsimResourcesWithTheSelectionHardware)
{
    const Folder folder;
    const std::vector<std::string> schedules{"heatvit", "heatvit_top_k_70_39_21", "tome_13"};
    std::vector<std::string> of_folders{"compare"};
    std::vector<std::string> simulated{"compare"};
    for (const auto& schedule : schedules) {
        run_into(folder.path(schedule), {"-s", schedule});
        of_folders.push_back(folder.path(schedule));
        simulated.insert(simulated.end(), {"-s", schedule});
    }
    of_folders.insert(of_folders.end(), {"--format", "json"});
    simulated.insert(simulated.end(), {"--format", "json"});
    const auto folders = parsed(heatsim(of_folders));
    const auto runs = parsed(heatsim(simulated));
    const std::vector<std::string> keys{"dsps", "luts", "flip_flops", "bram36", "urams"};
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        const auto alone = parsed(heatsim({"resources", "-s", schedules[i], "--format", "json"}));
        ASSERT_EQ(alone["board_use"].size(), keys.size());
        for (std::size_t k = 0; k < keys.size(); ++k) { // in the same order
            const auto& compared = folders["runs"][i][keys[k]];
            EXPECT_EQ(compared, alone["board_use"][k]["used"]) << keys[k] << ", " << schedules[i];
            EXPECT_EQ(compared, runs["runs"][i][keys[k]]) << keys[k] << ", " << schedules[i];
        }
    }
    EXPECT_GT(folders["runs"][1]["luts"], folders["runs"][0]["luts"]) << "ranks the scores";
    EXPECT_GT(folders["runs"][2]["luts"], folders["runs"][0]["luts"]) << "matches tokens";
}

TEST(Compare, RunsAreInTheOrderOfTheCommandLine)
{
    const Folder folder;
    run_into(folder.path("dense"), {"-s", "dense"});
    const auto result =
        parsed(heatsim({"compare", "-t", static_trace, "-n", "2", "-s", "heatvit",
                        folder.path("dense"), "-s", "dynamicvit", "--format", "json"}));
    std::vector<std::string> schedules;
    for (const auto& run : result["runs"])
        schedules.push_back(run["schedule"]);
    EXPECT_THAT(schedules,
                testing::ElementsAre("heatvit_top_k_70_39_21", "heatvit", "dense", "dynamicvit"));
    EXPECT_EQ(result["runs"][0]["images"], 2);
    EXPECT_EQ(result["runs"][1]["images"], 1);
}

TEST(Compare, EveryScheduleRunsOnEveryAcceleratorForEveryModel)
{
    const auto result = parsed(heatsim({"compare", "-m", "deit_t", "-a", "heatvit_int16_zcu102",
                                        "-a", "heatvit_int8_zcu102", "-s", "dense", "-s", "heatvit",
                                        "--format", "json", "--operators", "0"}));
    std::vector<std::string> names;
    for (const auto& run : result["runs"])
        names.push_back(run["name"]);
    EXPECT_THAT(names, testing::ElementsAre("-a heatvit_int16_zcu102 -s dense",
                                            "-a heatvit_int8_zcu102 -s dense",
                                            "-a heatvit_int16_zcu102 -s heatvit",
                                            "-a heatvit_int8_zcu102 -s heatvit"));
    EXPECT_TRUE(result["operators"].empty());
    EXPECT_GT(result["runs"][1]["luts"], result["runs"][0]["luts"]); // two MACs in a DSP slice
}

TEST(Compare, CyclesOfTheGroupsAndOfTheOperatorsAreThoseOfTheRuns)
{
    const auto result = parsed(heatsim(
        {"compare", "-s", "dense", "-s", "heatvit", "--set", "clock_mhz=200", "--format", "json"}));
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(result["runs"][i]["clock_mhz"], 200.0);
        for (const char* list : {"groups", "operators"}) {
            double sum = 0.0;
            for (const auto& part : result[list])
                sum += part["cycles"][i].is_null() ? 0.0 : part["cycles"][i].get<double>();
            EXPECT_EQ(sum, result["runs"][i]["cycles"].get<double>()) << list;
        }
    }
}

TEST(Compare, ModelsAloneAreRunWithTheirDefaultSchedules)
{
    const auto result = parsed(heatsim(
        {"compare", "-m", "deit_t", "-m", "deit_s", "--format", "json", "--operators", "1"}));
    EXPECT_EQ(result["runs"][0]["name"], "-m deit_t");
    EXPECT_EQ(result["runs"][1]["model"], "deit_s");
    EXPECT_EQ(result["operators"].size(), 1U);
}

TEST(Compare, EveryFormatIsPrinted)
{
    const std::vector<std::string> runs{"compare", "-s", "dense", "-s", "heatvit"};
    const auto with = [&](const std::vector<std::string>& options) {
        auto arguments = runs;
        arguments.insert(arguments.end(), options.begin(), options.end());
        const auto outcome = heatsim(arguments);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
        return outcome.out;
    };
    EXPECT_THAT(with({}), HasSubstr("A  -s dense (baseline)\n   deit_t · schedule dense"));
    EXPECT_THAT(with({}), HasSubstr("\nIn B, not in A: 60 operators with "));
    EXPECT_THAT(with({"--format", "markdown"}), HasSubstr("\n| latency, mean (ms) | "));
    EXPECT_THAT(with({"--format", "csv"}),
                testing::StartsWith("table,figure,unit,run,name,value,baseline\nfigures,"));
    EXPECT_EQ(with({"--format", "json"}), with({"--format", "json", "--operators", "all"}));
}

TEST(Compare, FewerThanTwoRunsAreRefused)
{
    expect_refused({"compare"}, {"error: compare: 0 runs; expected 2 to 26: result folders"});
    expect_refused({"compare", "-s", "dense"}, {"error: compare: 1 run; expected 2 to 26"});
    std::vector<std::string> many{"compare"};
    for (int i = 0; i < 27; ++i)
        many.insert(many.end(), {"-s", "dense"});
    expect_refused(many, {"error: compare: 27 runs; expected 2 to 26"});
}

TEST(Compare, WhatCannotBeReadIsRefusedAtOnce)
{
    const Folder folder;
    run_into(folder.path("dense"), {"-s", "dense"});
    run_into(folder.path("damaged"), {"-s", "dense"});
    (void)folder.write("damaged/summary.json", "{\n  \"version\": \n}\n");
    expect_refused({"compare", folder.path("dense"), folder.path("damaged")},
                   {"damaged/summary.json:3:1: not JSON"});
    std::filesystem::remove(folder.path("damaged/summary.json"));
    expect_refused({"compare", folder.path("dense"), folder.path("damaged"), folder.path("dens"),
                    "-s", "heatvi", "-t", "gone.csv"},
                   {"damaged/summary.json: cannot be read: No such file",
                    "dens: result folder: no such folder", "did you mean '" + folder.path("dense"),
                    "schedules: no 'heatvi'", "did you mean 'heatvit'?",
                    "gone.csv: cannot be read"});
    expect_refused({"compare", folder.path("dense"), "heatvit"},
                   {"heatvit: no result folder, but a schedule; expected -s heatvit"});
}

TEST(Compare, OptionsThatChangeNothingAreRefused)
{
    const Folder folder;
    run_into(folder.path("dense"), {"-s", "dense"});
    const auto dense = folder.path("dense");
    expect_refused({"compare", dense, dense, "--set", "clock_mhz=100", "-n", "3", "--energy",
                    "series_7_28nm", "--operators", "some"},
                   {"--set: no run is simulated", "--image-count: no trace is simulated",
                    "--energy: no run is simulated", "--operators: 'some'", "expected all, or"});
    expect_refused({"compare", dense, dense, "--format", "xml"},
                   {"--format: 'xml'; expected text or json or csv or markdown"});
}

} // namespace heatsim::cli
