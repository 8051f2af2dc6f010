// SPDX-License-Identifier: Apache-2.0
#include "system/process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace heatsim::system {

namespace {

/// Message of the error that running `words` gives.
std::string failure(const std::vector<std::string>& words)
{
    try {
        static_cast<void>(run_tool(words, "", "."));
    } catch (const ToolError& error) {
        return error.what();
    }
    return "none";
}

TEST(RunTool, PassesInputAndGivesOutput)
{
    EXPECT_EQ(run_tool({"cat"}, "one\ntwo\n", "."), "one\ntwo\n");
    const std::string large(1 << 20, 'x'); // larger than a pipe
    EXPECT_EQ(run_tool({"cat"}, large, "."), large);
}

TEST(RunTool, RunsInItsFolderWithItsArgumentsAsTheyAre)
{
    const TemporaryFolder folder;
    EXPECT_EQ(run_tool({"pwd", "-P"}, "", folder.path()),
              std::filesystem::canonical(folder.path()).string() + "\n");
    EXPECT_EQ(run_tool({"printf", "%s", "$HOME; a b"}, "", "."), "$HOME; a b");
}

TEST(RunTool, SaysWhatIsMissing)
{
    EXPECT_EQ(failure({"no-such-tool"}),
              "no-such-tool: not found; install it (on Debian: apt-get install no-such-tool)");
    EXPECT_FALSE(has_tool("no-such-tool"));
    EXPECT_TRUE(has_tool("sh"));
}

TEST(RunTool, SaysHowAToolFailed)
{
    const auto message = failure({"sh", "-c", "echo result; echo trouble >&2; exit 3"});
    EXPECT_NE(message.find("sh: ended with exit code 3"), std::string::npos) << message;
    EXPECT_NE(message.find("trouble"), std::string::npos) << message;
    EXPECT_NE(failure({"sh", "-c", "kill -9 $$"}).find("exit code 137"), std::string::npos);
}

TEST(TemporaryFolder, GoesWithItsOwner)
{
    std::filesystem::path path;
    {
        const TemporaryFolder folder;
        path = folder.path();
        EXPECT_TRUE(std::filesystem::is_directory(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

} // namespace

} // namespace heatsim::system
