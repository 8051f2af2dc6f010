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

using nlohmann::json;
using testing::HasSubstr;

const std::string recorded = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";

json parsed(const std::vector<std::string>& arguments)
{
    const auto outcome = heatsim(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
}

} // namespace

// expected figures: the recording's own table, made with another program (traces/README.md)
TEST(TraceInspect, FiguresAreThoseOfTheRecording)
{
    const auto report = parsed({"trace", "inspect", recorded, "--format", "json"});
    EXPECT_EQ(report["images"], 10000);
    EXPECT_EQ(report["gmacs_model"], "deit_t");
    const auto& first = report["selectors"][0];
    EXPECT_NEAR(first["tokens"]["mean"].get<double>(), 145.2, 0.05);
    EXPECT_NEAR(first["tokens"]["std"].get<double>(), 20.8, 0.05);
    EXPECT_EQ(first["tokens"]["min"], 95);
    EXPECT_EQ(first["tokens"]["p50"], 144);
    EXPECT_EQ(first["tokens"]["max"], 197);
    EXPECT_NEAR(report["selectors"][2]["tokens"]["mean"].get<double>(), 45.3, 0.05);
    EXPECT_NEAR(report["top1_percent"].get<double>(), 92.57, 0.005);
    EXPECT_EQ(report["top1_percent"], report["stated_top1_percent"]);
    EXPECT_EQ(report["accuracy_by_tokens"].size(), 4U);
}

TEST(TraceInspect, TextShowsTableAccuracyAndHistograms)
{
    const auto outcome = heatsim({"trace", "inspect", recorded});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto* part : {"10,000 images", "deit_t", "heatvit", "73.0 %", "top-1", "92.57 %",
                             "Accuracy by token count", "Selector 3, before block 10", "█"})
        EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST(TraceInspect, UnknownNetworkHasNoGmacs)
{
    const Folder folder;
    const auto path = folder.write("t.csv", "# format: heatsim token trace 1\n"
                                            "# model: mine\n# selectors_before_blocks: 2\n"
                                            "# package_token: none\n# tokens: 5\n"
                                            "image,n1\n0,3\n1,2\n");
    const auto report = parsed({"trace", "inspect", path, "--format", "json"});
    EXPECT_TRUE(report["gmacs"].is_null());
    EXPECT_TRUE(report["top1_percent"].is_null());
    EXPECT_EQ(report["selectors"][0]["keep_ratio"]["mean"], 0.375);
}

// expected figures: counted in the two files by another program
TEST(TraceCompare, TwoNetworksOnTheSameImages)
{
    const std::string other = HEATSIM_SOURCE_DIR "/traces/deit_t_poly05_70_39_21.csv.gz";
    const auto report = parsed({"trace", "compare", recorded, other, "--format", "json"});
    EXPECT_EQ(report["images"], 10000);
    EXPECT_EQ(report["only_first"], 0);
    EXPECT_NEAR(report["same_prediction_percent"].get<double>(), 96.86, 1e-9);
    EXPECT_NEAR(report["same_counts_percent"].get<double>(), 0.02, 1e-9);
    const auto& first = report["selectors"][0];
    EXPECT_NEAR(first["mean_difference"].get<double>(), 9.6916, 1e-9);
    EXPECT_EQ(first["largest_difference"], 67);
    EXPECT_NEAR(first["same_percent"].get<double>(), 3.67, 1e-9);
    const auto outcome = heatsim({"trace", "compare", recorded, other});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto* part : {"10,000 images in both", "same counts    0.02 %",
                             "same class     96.86 %", "92.57 % and 92.51 %"})
        EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST(TraceInspect, TruncatedFileIsRefusedWithItsLine)
{
    const Folder folder;
    const auto path = folder.write("t.csv.gz", content(recorded).substr(0, 20000));
    for (const auto& command : {std::vector<std::string>{"trace", "inspect", path},
                                std::vector<std::string>{"run", "-t", path}}) {
        const auto outcome = heatsim(command);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err,
                    testing::MatchesRegex("error: .*t\\.csv\\.gz:[0-9]+: gzip file ends "
                                          "too early; expected a complete file\n"));
    }
}

TEST(TraceGenerate, SameSeedSameBytesAndRunnable)
{
    const Folder folder;
    const auto first = folder.path("a.csv.gz");
    const auto second = folder.path("b.csv.gz");
    for (const auto& path : {first, second})
        EXPECT_EQ(heatsim({"trace", "generate", "-o", path, "--image-count", "20", "--seed", "3"})
                      .exit_code,
                  0);
    EXPECT_EQ(content(first), content(second));
    EXPECT_EQ(heatsim({"trace", "generate", "-o", second, "--image-count", "20", "--seed", "4",
                       "--force"})
                  .exit_code,
              0);
    EXPECT_NE(content(first), content(second));
    EXPECT_EQ(folder.entries().size(), 2U);
    EXPECT_EQ(heatsim({"run", "-t", first, "-s", "heatvit", "-n", "1", "-q"}).exit_code, 0);
}

/// The command in the header makes the file again.
TEST(TraceGenerate, HeaderNamesTheCommand)
{
    const Folder folder;
    const auto path = folder.path("a.csv");
    EXPECT_EQ(
        heatsim({"trace", "generate", "-o", path, "-m", "deit_s", "--image-count", "5"}).exit_code,
        0);
    const auto text = content(path);
    const std::string key = "# command: heatsim ";
    const auto begin = text.find(key) + key.size();
    auto command = text.substr(begin, text.find('\n', begin) - begin);
    std::vector<std::string> words{"-o", folder.path("b.csv")};
    for (std::size_t end = 0; (end = command.find(' ')) != std::string::npos;
         command.erase(0, end + 1))
        words.push_back(command.substr(0, end));
    words.push_back(command);
    std::rotate(words.begin(), words.begin() + 2, words.begin() + 4); // trace generate first
    EXPECT_EQ(heatsim(words).exit_code, 0);
    EXPECT_EQ(content(folder.path("b.csv")), text);
    EXPECT_THAT(text, HasSubstr("# schedule: heatvit\n"));
}

TEST(TraceGenerate, ResamplesForAnotherNetwork)
{
    const Folder folder;
    const auto path = folder.path("deit_s.csv.gz");
    const auto report =
        parsed({"trace", "generate", "-o", path, "--resample", recorded, "-m", "deit_s", "-s",
                "heatvit_50_25_13", "--image-count", "500", "--format", "json"});
    EXPECT_EQ(report["model"], "deit_s");
    EXPECT_EQ(report["schedule"], "heatvit_50_25_13");
    EXPECT_NEAR(report["selectors"][0]["keep_ratio"]["mean"].get<double>(), 0.5, 0.03);
    EXPECT_TRUE(report["top1_percent"].is_null());
    EXPECT_EQ(
        heatsim({"run", "-m", "deit_s", "-t", path, "-s", "heatvit_50_25_13", "-n", "1", "-q"})
            .exit_code,
        0);
}

TEST(TraceConvert, MasksToATrace)
{
    const Folder folder;
    const std::string all(196, '1');
    const std::string half = std::string(98, '1') + std::string(98, '0');
    const auto masks = folder.write("masks.csv", "image,stage,mask,label,predicted\n0,1," + all +
                                                     ",3,3\n0,2," + half + ",3,3\n");
    const auto path = folder.path("t.csv");
    const auto report = parsed({"trace", "convert", masks, "-o", path, "-m", "deit_t",
                                "--selectors", "4,7", "--package-token", "one_per_selector",
                                "--dataset", "one image", "--format", "json"});
    EXPECT_EQ(report["package_token"], "one_per_selector");
    EXPECT_EQ(report["dataset"], "one image");
    EXPECT_EQ(report["top1_percent"], 100.0);
    EXPECT_THAT(content(path), HasSubstr("image,n1,n2,predicted,correct\n0,197,100,3,1\n"));
    EXPECT_EQ(heatsim({"run", "-t", path, "-q"}).exit_code, 0);
}

} // namespace heatsim::cli
