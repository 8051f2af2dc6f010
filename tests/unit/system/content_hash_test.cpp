// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"
#include "system/content_hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

namespace {

std::string hash_of(const std::vector<std::string>& texts)
{
    ContentHash hash;
    for (const auto& text : texts)
        hash.add(text);
    return hash.text();
}

std::string hash_of_file(const std::string& path)
{
    ContentHash hash;
    hash.add_file(path);
    return hash.text();
}

} // namespace

TEST(ContentHash, IsTheSameForTheSame)
{
    EXPECT_EQ(hash_of({"a", "b"}), hash_of({"a", "b"}));
    EXPECT_EQ(hash_of({"a"}).size(), 32U);
    EXPECT_EQ(hash_of({"a"}).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(hash_of({}), "99aa06d3014798d86001c324468d497f"); // XXH3 of nothing
}

TEST(ContentHash, KnowsWhereTextsEnd)
{
    const std::set<std::string> hashes{
        hash_of({}),         hash_of({""}),       hash_of({"", ""}),   hash_of({"ab"}),
        hash_of({"a", "b"}), hash_of({"b", "a"}), hash_of({"ab", ""}), hash_of({"", "ab"})};
    EXPECT_EQ(hashes.size(), 8U);
}

TEST(ContentHash, CanBeReadBetween)
{
    ContentHash hash;
    hash.add("a");
    EXPECT_EQ(hash.text(), hash_of({"a"}));
    hash.add("b");
    auto moved = std::move(hash);
    EXPECT_EQ(moved.text(), hash_of({"a", "b"}));
}

TEST(ContentHash, ReadsFilesToTheirEnd)
{
    const test::TemporaryFolder folder;
    std::string text(200'000, 'x');
    const auto first = hash_of_file(folder.write("first", text));
    EXPECT_EQ(hash_of_file(folder.write("second", text)), first);
    text.back() = 'y';
    EXPECT_NE(hash_of_file(folder.write("second", text)), first);
    EXPECT_EQ(hash_of_file(folder.path("missing")), hash_of({}));
}

TEST(ProgramHash, IsOfTheRunningProgram)
{
    EXPECT_EQ(program_hash(), hash_of_file("/proc/self/exe"));
    EXPECT_NE(program_hash(), hash_of({}));
}

} // namespace heatsim::system
