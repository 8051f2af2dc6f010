// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "unit/workload/trace_file.hpp"
#include "workload/trace.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Lines 1 to 5.
std::string header(const std::string& package_token = "one",
                   const std::string& columns = "image,n1,n2")
{
    return "# format: heatsim token trace 1\n"
           "# selectors_before_blocks: 4 7\n"
           "# package_token: " +
           package_token +
           "\n"
           "# tokens: 197\n" +
           columns + "\n";
}

/// The messages of what is wrong with a trace, each without the file's path.
std::vector<std::string> messages(const std::string& path, std::size_t max_images = all_images)
{
    std::vector<std::string> found;
    try {
        static_cast<void>(read_trace(path, max_images));
    } catch (const config::Error& error) {
        for (const auto& violation : error.violations()) {
            EXPECT_EQ(violation.where.file, path);
            found.push_back(violation.message().substr(path.size()));
        }
    }
    return found;
}

std::vector<std::string> messages_of(const std::string& text)
{
    return messages(TraceFile{text}.path());
}

const std::string full_text = "# format: heatsim token trace 1\n"
                              "# made for this test\n"
                              "#model: deit_t\n"
                              "# dataset: images, 28 x 28\n"
                              "# schedule: heatvit\n"
                              "# seed: 7\n"
                              "# selectors_before_blocks: 4 7\n"
                              "# keep_ratio_targets: 0.7 0.39\n"
                              "# package_token: one\n"
                              "# tokens: 197\n"
                              "# top1_percent: 92.57\n"
                              "# convention: n_s = 1 + kept + 1\n"
                              "# source: trained: here\n"
                              "# command: make trace --out=a:b\n"
                              "image,label,n2,n1\n"
                              "0,cat,81,145\n"
                              "\n"
                              "1,dog,2,197\r\n"
                              "2,cow,140,140";

TEST(Trace, ReadsEveryKeyAndEveryImage)
{
    const TraceFile file{full_text};
    const auto trace = read_trace(file.path());
    EXPECT_EQ(trace.path, file.path());
    EXPECT_EQ(trace.model, "deit_t");
    EXPECT_EQ(trace.dataset, "images, 28 x 28");
    EXPECT_EQ(trace.schedule_name, "heatvit");
    EXPECT_EQ(trace.convention, "n_s = 1 + kept + 1");
    EXPECT_EQ(trace.source, "trained: here");
    EXPECT_EQ(trace.command, "make trace --out=a:b");
    EXPECT_THAT(trace.selectors_before_blocks, ElementsAre(4, 7));
    EXPECT_THAT(trace.keep_ratio_targets, ElementsAre(0.7, 0.39));
    EXPECT_EQ(trace.top1_percent, 92.57);
    EXPECT_EQ(trace.package_token, PackageToken::One);
    EXPECT_EQ(trace.tokens, 197U);
    EXPECT_THAT(trace.images, ElementsAre(ElementsAre(197, 145, 81), ElementsAre(197, 197, 2),
                                          ElementsAre(197, 140, 140)));
}

TEST(Trace, NotesTheImagesAndWhetherTheyAreClassifiedRightly)
{
    const TraceFile by_column{header("one", "image,n1,n2,correct") + "7,9,8,1\n3,9,8,0\n"};
    const auto trace = read_trace(by_column.path());
    EXPECT_THAT(trace.image_ids, ElementsAre(7, 3));
    EXPECT_THAT(trace.correct, ElementsAre(true, false));
    const TraceFile by_class{header("one", "image,n1,n2,label,predicted") +
                             "0,9,8,cat,dog\n1,9,8,cat,cat\n"};
    EXPECT_THAT(read_trace(by_class.path()).correct, ElementsAre(false, true));
    EXPECT_TRUE(read_trace(TraceFile{full_text}.path()).correct.empty()) << "label alone";
}

TEST(Trace, LocatesTheKeysOfItsHeader)
{
    const TraceFile file{full_text};
    const auto trace = read_trace(file.path());
    EXPECT_EQ(trace.locate("tokens").line, 10);
    EXPECT_EQ(trace.locate("tokens").column, 11);
    EXPECT_EQ(trace.locate("class_tokens").line, 0) << "absent";
    EXPECT_EQ(trace.locate("class_tokens").file, file.path());
}

TokenTrace trace_of(PackageToken policy, std::uint64_t tokens = 101, std::uint64_t class_tokens = 1)
{
    TokenTrace trace;
    trace.package_token = policy;
    trace.tokens = tokens;
    trace.class_tokens = class_tokens;
    return trace;
}

TEST(Trace, KeptPatchesAreTheTokensWithoutClassAndPackageTokens)
{
    EXPECT_THAT(kept_patches(trace_of(PackageToken::One), {101, 52, 12}), ElementsAre(50, 10));
    EXPECT_THAT(kept_patches(trace_of(PackageToken::None), {101, 52, 12}), ElementsAre(51, 11));
    EXPECT_THAT(kept_patches(trace_of(PackageToken::OnePerSelector), {101, 52, 13}),
                ElementsAre(50, 10));
    EXPECT_THAT(kept_patches(trace_of(PackageToken::One, 102, 2), {102, 53}), ElementsAre(50));
    // nothing is pruned: no package token; the first one stands behind the second selector
    EXPECT_THAT(kept_patches(trace_of(PackageToken::OnePerSelector), {101, 101, 52, 13}),
                ElementsAre(100, 50, 10));
}

TEST(Trace, KeptPatchesGiveTheTokenCountsBack)
{
    for (const auto policy :
         {PackageToken::One, PackageToken::OnePerSelector, PackageToken::None}) {
        const auto trace = trace_of(policy);
        for (const auto& kept : std::vector<std::vector<std::uint64_t>>{
                 {100, 100, 100}, {100, 60, 60}, {98, 50, 0}, {0, 0, 0}, {70, 70, 20}})
            EXPECT_EQ(kept_patches(trace, token_counts(trace, kept)), kept);
    }
    EXPECT_THAT(token_counts(trace_of(PackageToken::OnePerSelector), {100, 60, 60}),
                ElementsAre(101, 101, 62, 63));
    EXPECT_THAT(token_counts(trace_of(PackageToken::One), {100, 60, 60}),
                ElementsAre(101, 101, 62, 62));
}

TEST(Trace, CompressedReadsLikePlain)
{
    const TraceFile plain{full_text};
    const TraceFile compressed{full_text, true};
    const auto trace = read_trace(compressed.path());
    EXPECT_EQ(trace.images, read_trace(plain.path()).images);
    EXPECT_EQ(trace.command, "make trace --out=a:b");
}

TEST(Trace, OptionalKeysMayBeAbsent)
{
    const TraceFile file{header() + "0,145,81\n"};
    const auto trace = read_trace(file.path());
    EXPECT_EQ(trace.model, "");
    EXPECT_TRUE(trace.keep_ratio_targets.empty());
    EXPECT_FALSE(trace.top1_percent.has_value());
}

TEST(Trace, DenseModelHasNoSelectors)
{
    const TraceFile file{"# format: heatsim token trace 1\n# selectors_before_blocks:\n"
                         "# package_token: none\n# tokens: 197\nimage,label\n0,3\n1,4\n"};
    EXPECT_THAT(read_trace(file.path()).images, ElementsAre(ElementsAre(197), ElementsAre(197)));
}

// 16 KiB chunks: rows of 10 bytes lie across their borders
TEST(Trace, LongFileReadsToTheEnd)
{
    std::string text = header();
    for (int i = 10000; i < 20000; ++i)
        text += std::to_string(i) + "," + std::to_string(100 + i % 98) + ",81\n";
    const TraceFile file{text, true};
    const auto trace = read_trace(file.path());
    ASSERT_EQ(trace.images.size(), 10000U);
    for (std::size_t i = 0; i < trace.images.size(); ++i)
        ASSERT_THAT(trace.images[i], ElementsAre(197, 100 + (10000 + i) % 98, 81)) << i;
}

TEST(Trace, StopsBehindTheLastImageAskedFor)
{
    const TraceFile file{header() + "0,145,81\n1,144,80\n2,wrong\n"};
    EXPECT_EQ(read_trace(file.path(), 2).images.size(), 2U);
    EXPECT_THAT(messages(file.path(), 3), ElementsAre(HasSubstr(":8:1: 2 fields")));
    EXPECT_TRUE(read_trace(file.path(), 0).images.empty());
}

TEST(Trace, TracesOfTheRepositoryAreValid)
{
    std::size_t traces = 0;
    for (const auto& entry : std::filesystem::directory_iterator{HEATSIM_SOURCE_DIR "/traces"}) {
        if (entry.path().extension() != ".gz" && entry.path().extension() != ".csv")
            continue;
        ++traces;
        const auto trace = read_trace(entry.path().string());
        EXPECT_FALSE(trace.images.empty()) << entry.path();
        EXPECT_FALSE(trace.source.empty()) << entry.path();
        EXPECT_FALSE(trace.command.empty()) << entry.path();
    }
    EXPECT_GT(traces, 0U);
}

/// Ranked: the weights of the adaptive trace, and the mean of its counts in every image.
TEST(Trace, RankedTracesHaveTheMeanCountsOfTheAdaptiveOnes)
{
    for (const std::string ratios :
         {"90_81_73", "80_64_51", "70_49_34", "70_39_21", "50_25_13", "40_16_06"}) {
        const std::string folder = HEATSIM_SOURCE_DIR "/traces";
        const auto adaptive = read_trace(fmt::format("{}/deit_t_{}.csv.gz", folder, ratios));
        const auto ranked = read_trace(fmt::format("{}/deit_t_top_k_{}.csv.gz", folder, ratios));
        EXPECT_EQ(ranked.keep_ratio_targets, adaptive.keep_ratio_targets) << ratios;
        ASSERT_EQ(ranked.images.size(), adaptive.images.size()) << ratios;
        for (const auto& image : ranked.images)
            ASSERT_EQ(image, ranked.images.front()) << ratios;
        for (std::size_t stage = 0; stage < ranked.images.front().size(); ++stage) {
            double sum = 0.0;
            for (const auto& image : adaptive.images)
                sum += static_cast<double>(image[stage]);
            // rounded, and an unpruned image has no package token
            EXPECT_NEAR(static_cast<double>(ranked.images.front()[stage]),
                        sum / static_cast<double>(adaptive.images.size()), 0.6)
                << ratios << " stage " << stage;
        }
    }
}

// What is refused

TEST(TraceRejects, UnreadableFile)
{
    EXPECT_THAT(messages(testing::TempDir() + "no_such_trace.csv"),
                ElementsAre(": cannot be read: No such file or directory"));
    EXPECT_THAT(messages(testing::TempDir()),
                ElementsAre(HasSubstr("cannot be read: Is a directory")));
}

TEST(TraceRejects, OtherFiles)
{
    EXPECT_THAT(messages_of(""), ElementsAre(HasSubstr("no token trace")));
    EXPECT_THAT(messages_of("image,n1\n0,5\n"), ElementsAre(HasSubstr(":1: no token trace")));
    EXPECT_THAT(messages_of("# format: heatsim token trace 2\n# tokens: x\nimage\n"),
                ElementsAre(":1:11: format: 'heatsim token trace 2'; expected 'heatsim token "
                            "trace 1'"));
    EXPECT_THAT(messages_of(std::string(70000, 'x')),
                ElementsAre(":1: line too long; expected at most 65536 bytes"));
}

TEST(TraceRejects, MissingKeysAllAtOnce)
{
    EXPECT_THAT(messages_of("# model: deit_t\nimage,n1\n0,5\n"),
                ElementsAre(HasSubstr(":2: format: missing"),
                            HasSubstr(":2: selectors_before_blocks: missing"),
                            HasSubstr(":2: package_token: missing"),
                            HasSubstr(":2: tokens: missing")));
}

TEST(TraceRejects, MisspeltAndRepeatedKeys)
{
    EXPECT_THAT(messages_of("# keep_ratio_target: 0.7 0.4\n# tokens: 9\n" + header() + "0,9,9\n"),
                ElementsAre(HasSubstr(":1:3: keep_ratio_target: unknown key; did you mean "
                                      "'keep_ratio_targets'?"),
                            HasSubstr(":6:3: tokens: given twice; expected once, as in line 2")));
}

TEST(TraceRejects, BadHeaderValues)
{
    EXPECT_THAT(messages_of("# format: heatsim token trace 1\n"
                            "# selectors_before_blocks: 4 0 3\n"
                            "# keep_ratio_targets: 0.5 0.7\n"
                            "# package_token: onee\n"
                            "# tokens: 1\n"
                            "# top1_percent: nan\n"
                            "image,n1,n2,n3\n0,5,5,5\n"),
                ElementsAre(HasSubstr(":2:30: selectors_before_blocks: '0'; expected an integer"),
                            HasSubstr(":2:32: selectors_before_blocks: '3'; expected a later"),
                            HasSubstr(":3:23: keep_ratio_targets: 2 keep ratios; expected 3"),
                            HasSubstr(":3:27: keep_ratio_targets: '0.7'; expected cumulative"),
                            HasSubstr(":4:18: package_token: 'onee'; expected one, "
                                      "one_per_selector or none; did you mean 'one'?"),
                            HasSubstr(":5:11: tokens: '1'; expected an integer from 2 to 65536"),
                            HasSubstr(":6:17: top1_percent: 'nan'; expected a number")));
}

TEST(TraceRejects, ColumnsThatDoNotMatchTheSelectors)
{
    EXPECT_THAT(messages_of(header("one", "image,n1,n3") + "0,9,9\n"),
                ElementsAre(HasSubstr(":5:1: n2: column missing"),
                            HasSubstr(":5:10: n3: column without a selector; expected as many "
                                      "columns n<s> as selectors_before_blocks names, 2")));
    EXPECT_THAT(messages_of(header("one", "row,n1,n2,n1") + "0,9,9,9\n"),
                ElementsAre(HasSubstr(":5:11: n1: column given twice"),
                            HasSubstr(":5:1: image: column missing")));
}

TEST(TraceRejects, WrongNumberOfFields)
{
    EXPECT_THAT(messages_of(header() + "0,9\n1,9,9\n2,9,9,9\n"),
                ElementsAre(":6:1: 2 fields; expected 3, as in the CSV header",
                            ":8:1: 4 fields; expected 3, as in the CSV header"));
}

TEST(TraceRejects, ValuesThatAreNoIntegers)
{
    EXPECT_THAT(
        messages_of(header() + "x,9.5,9\n1, -3 ,\n2,99999999999999999999,9\n"),
        ElementsAre(":6:1: image: 'x'; expected an integer", ":6:3: n1: '9.5'; expected an integer",
                    ":7:4: n1: '-3'; expected an integer", ":7:8: n2: ''; expected an integer",
                    ":8:3: n1: '99999999999999999999'; expected an integer"));
}

TEST(TraceRejects, CountsOutsideTheirRange)
{
    EXPECT_THAT(messages_of(header() + "0,198,197\n1,2,1\n"),
                ElementsAre(":6:3: n1: 198 tokens; expected at most the 197 tokens of an unpruned "
                            "image",
                            ":7:5: n2: 1 tokens; expected at least 2 (class and package token)"));
    EXPECT_TRUE(messages_of(header("none") + "0,197,1\n").empty());
    EXPECT_THAT(messages_of(header("none") + "0,197,0\n"),
                ElementsAre(":6:7: n2: 0 tokens; expected at least 1 (class token)"));
}

TEST(TraceRejects, CountsThatRise)
{
    EXPECT_THAT(messages_of(header() + "0,80,81\n"),
                ElementsAre(":6:6: n2: 81 tokens; expected at most 80: n1 is 80"));
    EXPECT_TRUE(messages_of(header("one_per_selector") + "0,80,81\n").empty());
    EXPECT_THAT(messages_of(header("one_per_selector") + "0,80,82\n"),
                ElementsAre(":6:6: n2: 82 tokens; expected at most 81: n1 is 80"));
}

TEST(TraceRejects, ImageGivenTwice)
{
    EXPECT_THAT(messages_of(header() + "3,9,9\n4,9,9\n3,8,8\n"),
                ElementsAre(":8:1: image: 3 given twice; expected once, as in line 6"));
}

TEST(TraceRejects, ClassesThatContradictThemselves)
{
    const auto start = header("one", "image,n1,n2,label,predicted,correct");
    EXPECT_THAT(messages_of(start + "0,9,9,1,1,0\n1,9,9,1,2,1\n2,9,9,1,1,yes\n"),
                ElementsAre(":6:11: correct: '0'; expected 1: label and predicted are equal",
                            ":7:11: correct: '1'; expected 0: label and predicted differ",
                            ":8:11: correct: 'yes'; expected 0 or 1"));
    EXPECT_THAT(messages_of(header("one", "image,n1,n2,correct,correct") + "0,9,9,1,1\n"),
                ElementsAre(":5:21: correct: column given twice; expected once"));
}

TEST(TraceRejects, ClassTokensThatDoNotFit)
{
    const auto with = [](const std::string& class_tokens) {
        return "# class_tokens: " + class_tokens + "\n" + header("none") + "0,9,1\n";
    };
    EXPECT_TRUE(messages_of(with("1")).empty());
    EXPECT_THAT(messages_of(with("2")),
                ElementsAre(":7:5: n2: 1 tokens; expected at least 2 (class token)"));
    EXPECT_THAT(messages_of(with("17")),
                ElementsAre(":1:17: class_tokens: '17'; expected an integer from 0 to 16"));
}

TEST(TraceRejects, TraceWithoutImages)
{
    EXPECT_THAT(messages_of(header()), ElementsAre(HasSubstr("empty trace; expected a row")));
    EXPECT_THAT(messages_of("# format: heatsim token trace 1\n# selectors_before_blocks: 4\n"
                            "# package_token: one\n# tokens: 197\n"),
                ElementsAre(HasSubstr("empty trace; expected a CSV header")));
}

TEST(TraceRejects, DamagedCompression)
{
    std::string text = header();
    for (int i = 0; i < 20000; ++i)
        text += std::to_string(i) + "," + std::to_string(100 + (i * 7919) % 98) + ",81\n";
    const TraceFile file{text, true};
    const auto size = std::filesystem::file_size(file.path());

    std::filesystem::resize_file(file.path(), size / 2);
    EXPECT_THAT(messages(file.path()), ElementsAre(HasSubstr("gzip file ends too early")));
    EXPECT_EQ(read_trace(file.path(), 3).images.size(), 3U);

    std::fstream stream{file.path(), std::ios::in | std::ios::out | std::ios::binary};
    stream.seekp(static_cast<std::streamoff>(size / 4));
    stream << std::string(64, '\xff');
    stream.close();
    EXPECT_THAT(messages(file.path()), testing::Contains(HasSubstr("damaged gzip file")));
}

TEST(TraceRejects, TwentyViolationsAndTheNumberOfTheOthers)
{
    std::string text = header();
    for (int i = 0; i < 23; ++i)
        text += std::to_string(i) + ",9,x\n";
    const auto found = messages_of(text);
    ASSERT_EQ(found.size(), 21U);
    EXPECT_EQ(found[19], ":25:6: n2: 'x'; expected an integer");
    EXPECT_EQ(found[20], ": 3 more violation(s)");
}

} // namespace
} // namespace heatsim::workload
