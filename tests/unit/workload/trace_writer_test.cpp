// SPDX-License-Identifier: Apache-2.0
#include "unit/workload/trace_file.hpp"
#include "workload/trace.hpp"
#include "workload/trace_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

/// An empty folder, removed with what is in it.
class TraceWriter : public testing::Test {
  public:
    TraceWriter() { fs::create_directory(folder); }
    ~TraceWriter() override { fs::remove_all(folder); }
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

  protected:
    [[nodiscard]] std::string path(const std::string& name) const
    {
        return (folder / name).string();
    }
    [[nodiscard]] std::vector<std::string> refusals(const std::string& name, bool replace) const
    {
        return messages_of("", [&] { write_trace_file(path(name), "new", replace); });
    }
    [[nodiscard]] std::string content(const std::string& name) const
    {
        std::ifstream file{path(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    [[nodiscard]] std::ptrdiff_t files() const
    {
        return std::distance(fs::directory_iterator{folder}, fs::directory_iterator{});
    }

    const fs::path folder{testing::TempDir() + "heatsim_traces_" + std::to_string(getpid())};
};

TokenTrace small_trace()
{
    TokenTrace trace;
    trace.model = "deit_t";
    trace.schedule_name = "heatvit";
    trace.selectors_before_blocks = {4, 7};
    trace.keep_ratio_targets = {0.7, 1.0 / 3.0};
    trace.tokens = 197;
    trace.images = {{197, 100, 50}, {197, 197, 2}};
    trace.image_ids = {0, 5};
    trace.predicted = {"9", "boot"};
    trace.correct = {true, false};
    trace.convention = convention_text(PackageToken::One);
    trace.command = "made by hand";
    return trace;
}

TEST_F(TraceWriter, TextIsTheDocumentedFormat)
{
    EXPECT_EQ(trace_text(small_trace()),
              "# format: heatsim token trace 1\n"
              "# model: deit_t\n"
              "# schedule: heatvit\n"
              "# selectors_before_blocks: 4 7\n"
              "# keep_ratio_targets: 0.7 0.333333\n"
              "# package_token: one\n"
              "# class_tokens: 1\n"
              "# tokens: 197\n"
              "# top1_percent: 50.00\n"
              "# convention: n_s = tokens in every block behind selector s = class tokens + kept "
              "patches + one package token (no package token while no patch of the image is "
              "pruned)\n"
              "# command: made by hand\n"
              "image,n1,n2,predicted,correct\n"
              "0,100,50,9,1\n"
              "5,197,2,boot,0\n");
}

TEST_F(TraceWriter, CompressedAndPlainReadAlike)
{
    const auto text = trace_text(small_trace());
    write_trace_file(path("a.csv"), text, false);
    write_trace_file(path("a.csv.gz"), text, false);
    EXPECT_EQ(content("a.csv"), text);
    EXPECT_EQ(read_trace(path("a.csv.gz")).images, small_trace().images);
    EXPECT_EQ(read_trace(path("a.csv")).correct, small_trace().correct);
    EXPECT_EQ(read_trace(path("a.csv")).predicted, small_trace().predicted);
    EXPECT_EQ(files(), 2) << "something is left behind";
}

// RFC 1952: magic, deflate, no flags, no time, best compression, unknown system
TEST_F(TraceWriter, CompressedSaysNothingAboutWhenAndWhere)
{
    write_trace_file(path("a.csv.gz"), "text", false);
    EXPECT_EQ(content("a.csv.gz").substr(0, 10),
              (std::string{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", 10}));
}

TEST_F(TraceWriter, ReplacesAFileOnlyWhereItMay)
{
    write_trace_file(path("a.csv"), "old", false);
    EXPECT_THAT(refusals("a.csv", false), ElementsAre(HasSubstr("a.csv' exists; expected a new "
                                                                "file, or --force to replace it")));
    EXPECT_EQ(content("a.csv"), "old");
    EXPECT_TRUE(refusals("a.csv", true).empty());
    EXPECT_EQ(content("a.csv"), "new");
}

TEST_F(TraceWriter, RefusesPlacesWhereNoTraceCanBe)
{
    fs::create_directory(folder / "folder.csv");
    EXPECT_THAT(refusals("a.txt", true), ElementsAre(HasSubstr("expected a name that ends in .csv "
                                                               "or .csv.gz")));
    EXPECT_THAT(refusals("", true), testing::SizeIs(1));
    EXPECT_THAT(refusals("folder.csv", true), ElementsAre(HasSubstr("is not a regular file")));
    EXPECT_THAT(refusals("no/a.csv", true),
                ElementsAre(HasSubstr("cannot be written: No such file or directory")));
    EXPECT_THAT(messages_of("", [&] { check_trace_path(path("no/a.csv"), true); }),
                testing::SizeIs(1));
    check_trace_path(path("b.csv"), false);
    EXPECT_EQ(files(), 1) << "something is left behind";
}

} // namespace
} // namespace heatsim::workload
