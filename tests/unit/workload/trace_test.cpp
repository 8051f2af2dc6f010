// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "workload/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A file that lives as long as the test.
class TraceFile {
  public:
    explicit TraceFile(const std::string& text, bool compressed = false)
        : path_{testing::TempDir() + "heatsim_trace_" + std::to_string(getpid()) +
                (compressed ? ".csv.gz" : ".csv")}
    {
        const gzFile file = gzopen(path_.c_str(), compressed ? "wb" : "wbT");
        EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
                  static_cast<int>(text.size()));
        EXPECT_EQ(gzclose_w(file), Z_OK);
    }
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;
    ~TraceFile() { std::filesystem::remove(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

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
