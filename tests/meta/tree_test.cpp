// SPDX-License-Identifier: Apache-2.0
#include "meta/source_tree.hpp"
#include "workload/trace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::meta {

namespace {

const std::vector<std::string> text_files{
    ".hpp",       ".cpp",          ".py",           ".sh",        ".cmake", ".txt",
    ".json",      ".yaml",         ".yml",          ".md",        ".csv",   ".sv",
    ".v",         ".html",         ".js",           ".css",       ".ts",    ".ci/run",
    ".gitignore", ".editorconfig", ".clang-format", ".clang-tidy"};

// in pieces, so that this file passes
const std::vector<std::string> machine_paths{std::string{"/"} + "work/",
                                             std::string{"/tmp/"} + "bash_jobs"};

} // namespace

TEST(Tree, EverySourceStartsWithItsLicence)
{
    const std::string licence = "SPDX-License-Identifier: Apache-2.0";
    for (const auto& source :
         sources_below("", {".hpp", ".cpp", ".py", ".sh", ".cmake", "CMakeLists.txt", ".ci/run",
                            ".sv", ".v", ".ts"})) {
        ASSERT_FALSE(source.lines.empty()) << source.path << " is empty";
        // a script names its interpreter in front of it
        const std::size_t first = source.lines.front().rfind("#!", 0) == 0 ? 1 : 0;
        ASSERT_GT(source.lines.size(), first) << source.path;
        const auto& line = source.lines[first];
        EXPECT_TRUE(line == "// " + licence || line == "# " + licence)
            << source.path << ":" << first + 1 << ": " << line;
    }
}

TEST(Tree, NoFileNamesAFolderOfTheMachineItWasWrittenOn)
{
    for (const auto& source : sources_below("", text_files))
        for (std::size_t i = 0; i < source.lines.size(); ++i)
            for (const auto& path : machine_paths)
                EXPECT_EQ(source.lines[i].find(path), std::string::npos)
                    << source.path << ":" << i + 1 << ": names " << path;
}

TEST(Tree, NoTraceNamesAFolderOfTheMachineItWasMadeOn)
{
    const auto traces = files_below("traces", {".csv", ".csv.gz"});
    ASSERT_FALSE(traces.empty());
    for (const auto& file : traces) {
        const auto trace = workload::read_trace((root() / file).string(), 1);
        for (const auto& path : machine_paths)
            for (const auto& text : {trace.dataset, trace.convention, trace.source, trace.command})
                EXPECT_EQ(text.find(path), std::string::npos) << file << ": " << text;
    }
}

} // namespace heatsim::meta
