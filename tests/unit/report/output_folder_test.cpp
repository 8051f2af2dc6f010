// SPDX-License-Identifier: Apache-2.0
#include "report/output_folder.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace heatsim::report {

namespace {

namespace fs = std::filesystem;

class OutputFolder : public testing::Test {
  protected:
    static std::string content(const fs::path& path)
    {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    static void make_file(const fs::path& path) { std::ofstream{path} << "mine"; }
    [[nodiscard]] std::ptrdiff_t entries() const
    {
        return std::distance(fs::recursive_directory_iterator{root}, {});
    }

    const test::TemporaryFolder folder;
    const fs::path root = folder.path();
};

} // namespace

TEST_F(OutputFolder, IsMadeWithItsParents)
{
    const auto path = (root / "a" / "b" / "").string();
    EXPECT_TRUE(output_folder_violations(path, {"x.json"}).empty());
    EXPECT_EQ(entries(), 0) << "the check leaves something behind";
    write_output_folder(path, {{"x.json", "1\n"}, {"y.csv", "2\n"}});
    EXPECT_EQ(content(root / "a" / "b" / "x.json"), "1\n");
    EXPECT_EQ(content(root / "a" / "b" / "y.csv"), "2\n");
    EXPECT_EQ(entries(), 4) << "a temporary file is left";
}

TEST_F(OutputFolder, KeepsForeignFilesAndReplacesItsOwn)
{
    make_file(root / "notes.txt");
    make_file(root / "x.json");
    write_output_folder(root.string(), {{"x.json", "new"}});
    EXPECT_EQ(content(root / "notes.txt"), "mine");
    EXPECT_EQ(content(root / "x.json"), "new");
    EXPECT_EQ(entries(), 2);
}

TEST_F(OutputFolder, RefusesAFileInItsPlace)
{
    make_file(root / "file");
    for (const auto& path : {root / "file", root / "file" / "below"}) {
        const auto violations = output_folder_violations(path.string(), {"x.json"});
        ASSERT_EQ(violations.size(), 1U) << path;
        EXPECT_NE(violations[0].message().find("Not a directory"), std::string::npos)
            << violations[0].message();
        EXPECT_THROW(write_output_folder(path.string(), {{"x.json", ""}}), config::Error);
    }
    EXPECT_EQ(content(root / "file"), "mine");
    EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFolder, RefusesAFolderInTheWayOfAFile)
{
    fs::create_directories(root / "x.json");
    EXPECT_EQ(output_folder_violations(root.string(), {"x.json"}).size(), 1U);
    EXPECT_THROW(write_output_folder(root.string(), {{"x.json", ""}}), config::Error);
    EXPECT_EQ(entries(), 1);
}

TEST_F(OutputFolder, MakesFoldersInside)
{
    for (const auto& path : {root / "new", root}) {
        const std::vector<NamedText> files{{"x.json", "1"}, {"pictures/7.svg", "2"}};
        EXPECT_TRUE(output_folder_violations(path.string(), {"x.json", "pictures/"}).empty());
        write_output_folder(path.string(), files);
        EXPECT_EQ(content(path / "pictures" / "7.svg"), "2");
        EXPECT_TRUE(output_folder_violations(path.string(), {"x.json", "pictures/"}).empty())
            << "it may be there";
    }
}

TEST_F(OutputFolder, RefusesAFileInTheWayOfAFolder)
{
    make_file(root / "pictures");
    EXPECT_EQ(output_folder_violations(root.string(), {"pictures/"}).size(), 1U);
    EXPECT_THROW(write_output_folder(root.string(), {{"x.json", ""}, {"pictures/7.svg", ""}}),
                 config::Error);
    EXPECT_EQ(content(root / "pictures"), "mine");
    EXPECT_EQ(entries(), 1) << "half of it is written";
}

TEST_F(OutputFolder, RefusesAnEmptyName)
{
    EXPECT_EQ(output_folder_violations("", {}).size(), 1U);
}

TEST_F(OutputFolder, TakesTheParentsItMadeAwayAgain)
{
    // too long a name: the parents can be made, the folder in them cannot
    const auto path = root / "a" / "b" / std::string(300, 'x') / "c";
    EXPECT_EQ(output_folder_violations(path.string(), {}).size(), 1U);
    EXPECT_EQ(entries(), 0);
}

} // namespace heatsim::report
