// SPDX-License-Identifier: Apache-2.0
#include "meta/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace heatsim::meta {

namespace {

/// Every word of the CMakeLists.txt files below `folder` as a path from the root; comments are
/// left out.
std::set<std::string> listed_below(const std::string& folder)
{
    std::set<std::string> listed;
    for (const auto& list : sources_below(folder, {"CMakeLists.txt"})) {
        const auto parent = list.path.substr(0, list.path.rfind('/') + 1);
        for (auto line : list.lines) {
            line.erase(std::min(line.find('#'), line.size()));
            for (auto& letter : line)
                if (letter == '(' || letter == ')' || letter == '"')
                    letter = ' ';
            std::istringstream words{line};
            for (std::string word; words >> word;)
                listed.insert(parent + word);
        }
    }
    return listed;
}

void expect_listed(const std::string& folder, const std::string& ending)
{
    const auto listed = listed_below(folder);
    const auto files = files_below(folder, {ending});
    EXPECT_FALSE(files.empty()) << "no file of " << folder << " ends with " << ending;
    for (const auto& file : files)
        EXPECT_TRUE(listed.count(file) > 0) << file << " is in no CMakeLists.txt";
}

} // namespace

TEST(Registration, EveryTestIsBuilt)
{
    expect_listed("tests", "_test.cpp");
}

TEST(Registration, EverySourceIsBuilt)
{
    expect_listed("src", ".cpp");
}

} // namespace heatsim::meta
