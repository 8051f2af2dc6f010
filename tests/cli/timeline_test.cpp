// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* trace = "traces/deit_t_70_39_21.csv.gz";

std::string unzipped(const std::string& path)
{
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file{gzopen(path.c_str(), "rb"), gzclose_r};
    std::string text;
    std::array<char, 65536> chunk{};
    for (int count = 1; file && count > 0;) {
        count = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
        if (count > 0)
            text.append(chunk.data(), static_cast<std::size_t>(count));
    }
    return text;
}

/// Rows of images.csv as their fields.
std::vector<std::vector<std::string>> images_of(const std::string& path)
{
    std::vector<std::vector<std::string>> rows;
    std::istringstream in{content(path)};
    for (std::string line; std::getline(in, line);) {
        auto& row = rows.emplace_back();
        std::istringstream fields{line};
        for (std::string field; std::getline(fields, field, ',');)
            row.push_back(field);
    }
    return rows;
}

TEST(Timeline, IsTheSameFromRunToRunAndCompressed)
{
    const Folder folder;
    const auto plain = folder.path("a.pftrace");
    const auto run = heatsim({"run", "--timeline", plain, "--vcd", folder.path("a.vcd")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("Timeline of image 0 in " + plain));
    EXPECT_THAT(run.out, HasSubstr("Signals of image 0 in " + folder.path("a.vcd")));
    const auto quiet = heatsim(
        {"run", "-q", "--timeline", folder.path("b.pftrace.gz"), "--vcd", folder.path("b.vcd.gz")});
    EXPECT_EQ(quiet.exit_code, 0);
    EXPECT_EQ(quiet.out + quiet.err, "");
    EXPECT_THAT(content(plain), StartsWith("\x0a")) << "Trace.packet";
    EXPECT_EQ(unzipped(folder.path("b.pftrace.gz")), content(plain));
    EXPECT_THAT(content(folder.path("b.pftrace.gz")), StartsWith("\x1f\x8b"));
    EXPECT_THAT(content(folder.path("a.vcd")), HasSubstr("$timescale"));
    EXPECT_EQ(unzipped(folder.path("b.vcd.gz")), content(folder.path("a.vcd")));
}

TEST(Timeline, ChangesNoResult)
{
    const Folder folder;
    const std::vector<std::string> command{"run", "-q", "-t", trace, "-n", "4"};
    auto without = command;
    without.insert(without.end(), {"-o", folder.path("without")});
    auto with = command;
    with.insert(with.end(), {"-o", folder.path("with"), "--timeline", folder.path("x.pftrace"),
                             "--vcd", folder.path("x.vcd")});
    ASSERT_EQ(heatsim(without).exit_code, 0);
    ASSERT_EQ(heatsim(with).exit_code, 0);
    for (const auto* file : {"summary.json", "operators.csv", "images.csv", "stats.json"})
        EXPECT_EQ(content(folder.path(std::string{"with/"} + file)),
                  content(folder.path(std::string{"without/"} + file)))
            << file;
}

TEST(Timeline, ShowsTheImageOfMedianLatencyUnlessAnotherIsChosen)
{
    const Folder folder;
    const auto run = heatsim({"run", "-t", trace, "-n", "5", "-o", folder.path("r"), "--timeline",
                              folder.path("x.pftrace")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto rows = images_of(folder.path("r/images.csv"));
    ASSERT_EQ(rows.size(), 6U);
    const auto column = static_cast<std::size_t>(
        std::find(rows[0].begin(), rows[0].end(), "cycles") - rows[0].begin());
    const auto cycles = [&](std::size_t image) { return std::stoull(rows[image + 1][column]); };
    std::size_t median = 0;
    for (std::size_t image = 0; image < 5; ++image) {
        std::size_t faster = 0;
        for (std::size_t other = 0; other < 5; ++other)
            faster += cycles(other) < cycles(image) ? 1U : 0U;
        median = faster == 2 ? image : median;
    }
    EXPECT_THAT(run.out, HasSubstr("Timeline of image " + std::to_string(median) + " in "));
    const auto other = (median + 1) % 5;
    const auto chosen =
        heatsim({"run", "-t", trace, "-n", "5", "--timeline", folder.path("y.pftrace"),
                 "--timeline-image", std::to_string(other)});
    EXPECT_THAT(chosen.out, HasSubstr("Timeline of image " + std::to_string(other) + " in "));
    EXPECT_THAT(
        content(folder.path("y.pftrace")),
        HasSubstr("heatvit_int8_zcu102: deit_t, schedule heatvit, image " + std::to_string(other)));
}

TEST(Timeline, OfABatchIsTheWholeBatch)
{
    const Folder folder;
    const auto run =
        heatsim({"run", "-t", trace, "-n", "6", "--batch", "2", "--timeline",
                 folder.path("x.pftrace"), "--timeline-image", "3", "--vcd", folder.path("x.vcd")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("Timeline of images 2 to 3 in "));
}

TEST(Timeline, OfComposedImagesIsSimulated)
{
    const Folder folder;
    setenv("HEATSIM_CACHE", folder.path("cache").c_str(), 1); // NOLINT: one thread
    const auto run = heatsim({"run", "-t", trace, "-n", "3", "--compose", "--sample", "1",
                              "--timeline", folder.path("x.pftrace")});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(content(folder.path("x.pftrace")), HasSubstr("blocks.1.mlp.fc1"));
}

TEST(Timeline, LeavesNothingBehindWhereTheInputIsWrong)
{
    const Folder folder;
    EXPECT_EQ(heatsim({"run", "-m", "deit_x", "--timeline", folder.path("x.pftrace"), "--vcd",
                       folder.path("x.vcd")})
                  .exit_code,
              2);
    EXPECT_THAT(folder.entries(), IsEmpty());
}

} // namespace
} // namespace heatsim::cli
