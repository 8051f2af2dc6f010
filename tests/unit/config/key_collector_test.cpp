// SPDX-License-Identifier: Apache-2.0
#include "sample_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace heatsim::config {
namespace {

using sample::Machine;

struct Limits {
    std::uint64_t count = 1;
    double low = 1.0;
    double high = 1.0;
};

void describe(Visitor& visitor, Limits& limits)
{
    visitor.integer("count", limits.count, {1, Integers{}.max}, "");
    visitor.real("low", limits.low, {0.5, Reals{}.max}, "");
    visitor.real("high", limits.high, {Reals{}.min, 2.0}, "");
}

std::vector<KeyInfo> keys_of(const Machine& machine = {})
{
    return KeyCollector{}.collect(machine);
}

KeyInfo key_at(const std::vector<KeyInfo>& keys, const std::string& path)
{
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [&](const KeyInfo& key) { return key.path == path; });
    return found == keys.end() ? KeyInfo{"no " + path, "", "", "", ""} : *found;
}

void expect_key(const KeyInfo& key,
                const std::string& path,
                const std::string& type,
                const std::string& range,
                const std::string& default_value,
                const std::string& meaning)
{
    EXPECT_EQ(key.path, path);
    EXPECT_EQ(key.type, type) << path;
    EXPECT_EQ(key.range, range) << path;
    EXPECT_EQ(key.default_value, default_value) << path;
    EXPECT_EQ(key.meaning, meaning) << path;
}

TEST(KeyCollector, ListsPathsInOrderOfDescribe)
{
    std::vector<std::string> paths;
    for (const auto& key : keys_of())
        paths.push_back(key.path);
    EXPECT_EQ(paths, (std::vector<std::string>{
                         "name", "array", "array.rows", "array.cols", "array.style", "dma",
                         "dma.ports", "dma.ports[].name", "dma.ports[].width_bits", "dma.depth",
                         "clock_mhz", "scale", "trace", "levels"}));
}

TEST(KeyCollector, DescribesEveryType)
{
    const auto keys = keys_of();
    expect_key(key_at(keys, "name"), "name", "text", "", "none", "its name");
    expect_key(key_at(keys, "array"), "array", "section", "", "required", "the array");
    expect_key(key_at(keys, "array.rows"), "array.rows", "integer", "1 to 64", "required",
               "rows of the array");
    expect_key(key_at(keys, "array.style"), "array.style", "choice", "chain | tree", "chain",
               "adder");
    expect_key(key_at(keys, "dma"), "dma", "section", "", "", "the DMA");
    expect_key(key_at(keys, "dma.ports"), "dma.ports", "list", "", "[]", "ports");
    expect_key(key_at(keys, "dma.ports[].width_bits"), "dma.ports[].width_bits", "integer",
               "8 to 512", "64", "width");
    expect_key(key_at(keys, "dma.depth"), "dma.depth", "integer", "", "2", "queue depth");
    expect_key(key_at(keys, "clock_mhz"), "clock_mhz", "real", "1 to 1000", "100", "clock");
    expect_key(key_at(keys, "scale"), "scale", "real", "", "1", "factor");
    expect_key(key_at(keys, "trace"), "trace", "boolean", "", "false", "record events");
    expect_key(key_at(keys, "levels"), "levels", "integers", "0 to 99", "[1, 2]", "levels");
}

TEST(KeyCollector, DescribesScalars)
{
    const auto keys = KeyCollector{}.collect<sample::Words>();
    ASSERT_EQ(keys.size(), 2U);
    expect_key(keys[0], "values", "scalars", "", "[x, 1]", "what they are");
    expect_key(keys[1], "needed", "scalars", "", "required", "has to be there");
}

TEST(KeyCollector, ShowsItemKeysOfALongListOnce)
{
    Machine machine;
    machine.dma.ports.resize(3);
    const auto keys = keys_of(machine);
    EXPECT_EQ(keys.size(), keys_of().size());
    EXPECT_EQ(key_at(keys, "dma.ports").default_value, "3 items");
}

TEST(KeyCollector, ShowsSourcedNumberAsSection)
{
    Machine machine;
    machine.has_luts = true;
    const auto keys = keys_of(machine);
    EXPECT_EQ(key_at(keys, "luts").type, "section");
    EXPECT_EQ(key_at(keys, "luts.value").range, "1 to 5000");
    EXPECT_EQ(key_at(keys, "luts.source").default_value, "required");
    EXPECT_EQ(key_at(keys, "luts.trust").default_value, "memory");
}

TEST(KeyCollector, WritesTextDefaultsAsYaml)
{
    Machine machine;
    machine.name = "";
    EXPECT_EQ(key_at(keys_of(machine), "name").default_value, "\"\"");
    machine.name = "12";
    EXPECT_EQ(key_at(keys_of(machine), "name").default_value, "\"12\"");
}

TEST(KeyCollector, WritesHalfOpenRanges)
{
    const auto keys = KeyCollector{}.collect<Limits>();
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_EQ(keys[0].range, "at least 1");
    EXPECT_EQ(keys[1].range, "at least 0.5");
    EXPECT_EQ(keys[2].range, "at most 2");
}

TEST(KeyCollector, StartsAnewForEachCollection)
{
    KeyCollector collector;
    const auto first = collector.collect<sample::Port>();
    const auto second = collector.collect<sample::Port>();
    EXPECT_EQ(first.size(), 2U);
    EXPECT_EQ(second.size(), 2U);
}

} // namespace
} // namespace heatsim::config
