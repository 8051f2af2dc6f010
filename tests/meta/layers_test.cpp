// SPDX-License-Identifier: Apache-2.0
#include "meta/source_tree.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace heatsim::meta {

namespace {

/// Folders of src/ and the folders each may include, itself aside. Arrows point down only.
const std::map<std::string, std::set<std::string>> layers{
    {"units", {}},
    {"config", {}},
    {"stats", {"units"}},
    {"numerics", {"units"}},
    {"workload", {"config", "units"}},
    {"inference", {"workload", "numerics", "config", "units"}},
    {"tlm", {"workload", "config", "stats", "units"}},
    {"hw", {"tlm", "inference", "workload", "numerics", "stats", "config", "units"}},
    {"estimate", {"hw", "workload", "stats", "config", "units"}},
    {"system",
     {"estimate", "hw", "tlm", "inference", "workload", "numerics", "stats", "config", "units"}},
    {"sweep", {"system", "estimate", "tlm", "workload", "stats", "config", "units"}},
    {"http", {"system"}},
    {"report",
     {"sweep", "system", "estimate", "tlm", "inference", "workload", "numerics", "stats", "config",
      "units"}},
    {"app",
     {"report", "http", "sweep", "system", "estimate", "inference", "workload", "stats", "config",
      "units"}},
};

/// Folders whose code may name SystemC: `app` for sc_main.
const std::set<std::string> systemc_folders{"tlm", "hw", "system", "app"};

/// What stands between `open` and `close` in an include directive.
std::optional<std::string> included(const std::string& line, char open, char close)
{
    constexpr auto blanks = " \t";
    const auto hash = line.find_first_not_of(blanks);
    if (hash == std::string::npos || line[hash] != '#')
        return std::nullopt;
    const std::string directive = "include";
    const auto word = line.find_first_not_of(blanks, hash + 1);
    if (word == std::string::npos || line.compare(word, directive.size(), directive) != 0)
        return std::nullopt;
    const auto begin = line.find_first_not_of(blanks, word + directive.size());
    if (begin == std::string::npos || line[begin] != open)
        return std::nullopt;
    const auto end = line.find(close, begin + 1);
    return line.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
}

/// `hw` of `src/hw/ddr/ddr.cpp`, and the same of an include written from src/.
std::string part(const std::string& path, std::size_t index)
{
    std::size_t begin = 0;
    for (; index > 0; --index) {
        begin = path.find('/', begin);
        if (begin == std::string::npos)
            return "";
        ++begin;
    }
    const auto end = path.find('/', begin);
    return end == std::string::npos ? "" : path.substr(begin, end - begin);
}

} // namespace

TEST(Layers, ArrowsPointDown)
{
    for (const auto& source : sources_below("src", {".hpp", ".cpp"})) {
        const auto folder = part(source.path, 1);
        const auto allowed = layers.find(folder);
        if (allowed == layers.end()) {
            ADD_FAILURE() << source.path << ": folder '" << folder << "' is not in the table";
            continue;
        }
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const auto include = included(source.lines[i], '"', '"');
            if (!include)
                continue;
            const auto target = part(*include, 0);
            EXPECT_TRUE(target == folder || allowed->second.count(target) > 0)
                << source.path << ":" << i + 1 << ": " << folder << " includes \"" << *include
                << "\"";
            EXPECT_TRUE(std::filesystem::exists(root() / "src" / *include))
                << source.path << ":" << i + 1 << ": \"" << *include
                << "\" is not written from src/";
        }
    }
}

TEST(Layers, BlocksMeetAtSocketsOnly)
{
    for (const auto& source : sources_below("src/hw", {".hpp", ".cpp"})) {
        const auto block = part(source.path, 2);
        EXPECT_FALSE(block.empty()) << source.path << ": not in the folder of a block";
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const auto include = included(source.lines[i], '"', '"');
            if (include && part(*include, 0) == "hw") {
                EXPECT_EQ(part(*include, 1), block) << source.path << ":" << i + 1;
            }
        }
    }
}

TEST(Layers, SystemCStaysInTheHardware)
{
    for (const auto& source : sources_below("src", {".hpp", ".cpp"})) {
        if (systemc_folders.count(part(source.path, 1)) > 0)
            continue;
        for (std::size_t i = 0; i < source.lines.size(); ++i) {
            const auto include = included(source.lines[i], '<', '>');
            if (!include)
                continue;
            EXPECT_TRUE(include->rfind("systemc", 0) != 0 && include->rfind("tlm", 0) != 0 &&
                        include->rfind("sysc/", 0) != 0)
                << source.path << ":" << i + 1 << ": includes <" << *include << ">";
        }
    }
}

} // namespace heatsim::meta
