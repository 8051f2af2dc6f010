// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_trace_file.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace heatsim::report {

namespace {

namespace fs = std::filesystem;

class DdrTraceFiles : public testing::Test {
  protected:
    static std::string content(const fs::path& path)
    {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    [[nodiscard]] std::ptrdiff_t entries() const
    {
        return std::distance(fs::directory_iterator{root}, {});
    }

    const test::TemporaryFolder folder;
    const fs::path root = folder.path();
};

} // namespace

TEST_F(DdrTraceFiles, ReplaceTheOldOneWhenTheyAreComplete)
{
    const auto path = (root / "run.stl").string();
    std::ofstream{path} << "old";
    DdrTraceFile file{path};
    file.write_header({});
    file.write({7, 0x1000, 64, false});
    file.write({8, 0xabc0, 64, true});
    EXPECT_EQ(content(path), "old");
    file.publish();
    EXPECT_EQ(file.requests(), 2U);
    EXPECT_EQ(content(path),
              "# : 64 bytes a line, cycles of 1200 MHz from the first image's start\n"
              "7:\tread\t0x1000\n8:\twrite\t0xabc0\n");
    EXPECT_EQ(entries(), 1);
}

TEST_F(DdrTraceFiles, ThatAreGivenUpLeaveNothing)
{
    const auto path = (root / "run.stl").string();
    {
        DdrTraceFile file{path};
        file.write({7, 0x1000, 64, false});
        EXPECT_EQ(entries(), 1);
    }
    EXPECT_EQ(entries(), 0);
}

TEST_F(DdrTraceFiles, ThatCannotBeAreRefusedWithTheReason)
{
    const auto reason = [](const fs::path& path) -> std::string {
        try {
            const DdrTraceFile file{path.string()};
        } catch (const config::Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(reason(""), testing::HasSubstr("--ddr-trace: empty name"));
    EXPECT_THAT(reason(root), testing::HasSubstr("is not a regular file"));
    EXPECT_THAT(reason(root / "run.stl.gz"), testing::HasSubstr("would be plain text"));
    EXPECT_THAT(reason(root / "no" / "run.stl"), testing::HasSubstr("No such file or directory"));
    std::ofstream{root / "file"} << "mine";
    EXPECT_THAT(reason(root / "file" / "run.stl"), testing::HasSubstr("Not a directory"));
    EXPECT_EQ(entries(), 1);
}

} // namespace heatsim::report
