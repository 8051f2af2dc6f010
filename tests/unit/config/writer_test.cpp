// SPDX-License-Identifier: Apache-2.0
#include "sample_config.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace heatsim::config {
namespace {

using sample::Machine;

struct Resolved {
    std::string tool;
    Machine machine;
};

void describe(Visitor& visitor, Resolved& resolved)
{
    visitor.text("tool", resolved.tool, "", Presence::Required);
    visitor.section("machine", resolved.machine, "", Presence::Required);
}

Resolved round_trip(const Machine& machine, const std::string& tool = "heatsim")
{
    Writer writer;
    writer.add_text("tool", tool);
    writer.add("machine", machine);
    Resolved resolved;
    resolved.machine.has_luts = machine.has_luts;
    Document::parse(writer.text(), "written").read(resolved);
    return resolved;
}

TEST(Writer, WritesDefaultsInOrderOfDescribe)
{
    Writer writer;
    writer.add_text("tool", "heatsim 1.0");
    Machine machine;
    machine.has_luts = true;
    machine.dma.ports = {{"in", 32}};
    writer.add("machine", machine);
    EXPECT_EQ(writer.text(), R"(tool: heatsim 1.0
machine:
  name: none
  array:
    rows: 4
    cols: 4
    style: chain
  dma:
    ports:
      - name: in
        width_bits: 32
    depth: 2
  clock_mhz: 100
  scale: 1
  trace: false
  levels: [1, 2]
  luts:
    value: 1000
    source: datasheet
    trust: memory
)");
}

TEST(Writer, WithoutSectionsIsAnEmptyMapping)
{
    EXPECT_EQ(Writer{}.text(), "{}\n");
}

TEST(Writer, TextIsCompleteBetweenAdditions)
{
    Writer writer;
    writer.add_text("a", "x");
    EXPECT_EQ(writer.text(), "a: x\n");
    writer.add_text("b", "z");
    EXPECT_EQ(writer.text(), "a: x\nb: z\n");
}

TEST(Writer, RoundTripKeepsEveryField)
{
    Machine machine;
    machine.name = "two words";
    machine.array = {16, 8, sample::Style::Tree};
    machine.dma.ports = {{"in", 8}, {"out", 512}};
    machine.dma.depth = 0;
    machine.clock_mhz = 333.25;
    machine.trace = true;
    machine.levels = {};
    machine.has_luts = true;
    machine.luts = {5000, "https://example.org/a?b=1#c", "seen"};
    const Machine read = round_trip(machine).machine;
    EXPECT_EQ(read.name, "two words");
    EXPECT_EQ(read.array.rows, 16U);
    EXPECT_EQ(read.array.cols, 8U);
    EXPECT_EQ(read.array.style, sample::Style::Tree);
    ASSERT_EQ(read.dma.ports.size(), 2U);
    EXPECT_EQ(read.dma.ports[1].name, "out");
    EXPECT_EQ(read.dma.ports[1].width_bits, 512U);
    EXPECT_EQ(read.dma.depth, 0U);
    EXPECT_EQ(read.clock_mhz, 333.25);
    EXPECT_TRUE(read.trace);
    EXPECT_TRUE(read.levels.empty());
    EXPECT_EQ(read.luts.value, 5000U);
    EXPECT_EQ(read.luts.source, "https://example.org/a?b=1#c");
    EXPECT_EQ(read.luts.trust, "seen");
}

TEST(Writer, RoundTripKeepsRealsToTheLastBit)
{
    using Limits = std::numeric_limits<double>;
    for (const double value : {0.1, 1.0 / 3.0, -1e-5, 1e22, 123456789012345680.0, 5e-324,
                               Limits::min(), Limits::max(), Limits::lowest(), -0.0}) {
        Machine machine;
        machine.scale = value;
        const double read = round_trip(machine).machine.scale;
        EXPECT_EQ(read, value);
        EXPECT_EQ(std::signbit(read), std::signbit(value));
    }
    Machine machine;
    machine.scale = 0.1;
    Writer writer;
    writer.add("machine", machine);
    EXPECT_NE(writer.text().find("  scale: 0.1\n"), std::string::npos);
}

TEST(Writer, QuotesTextThatWouldBeReadAsSomethingElse)
{
    for (const char* text :
         {"12",    "-1",   "1.5",  "0x10",  ".5",    ".inf",   "true", "No",   "off", "y",
          "~",     "null", "Null", "",      " lead", "trail ", "a: b", "a #b", "[x]", "{x}",
          "*x",    "&x",   "!x",   "- x",   "---",   "? x",    "%x",   "@x",   "`x`", "'x'",
          "\"x\"", "a\nb", "a\tb", "a\\nb", "|",     "> fold", "=",    "<<",   "1e3", "12:30:45"}) {
        Writer writer;
        writer.add_text("key", text);
        const std::string written = writer.text();
        EXPECT_EQ(written.substr(0, 6), "key: \"") << written;
        EXPECT_EQ(written.substr(written.size() - 2), "\"\n") << written;
        EXPECT_EQ(round_trip(Machine{}, text).tool, text);
    }
}

TEST(Writer, RoundTripKeepsScalars)
{
    for (const auto& values : std::vector<std::vector<std::string>>{
             {},
             {""},
             {"a", "zcu102", "x y"},
             {"1", "2.50", "1e3", "true", "null", "~"},
             {"a, b", "[c]", "d: e", "'f'", "\"g\"", "h\ni", "# j", "\xc3\xa9"}}) {
        sample::Words words;
        words.values = values;
        words.needed = {"one"};
        Writer writer;
        writer.add_all(words);
        sample::Words read;
        Document::parse(writer.text(), "written").read(read);
        EXPECT_EQ(read.values, values) << writer.text();
        EXPECT_EQ(read.needed, words.needed);
    }
    Writer writer;
    writer.add_all(sample::Words{{"a", "b c"}, {}});
    EXPECT_EQ(writer.text(), "values: [a, b c]\nneeded: []\n");
}

TEST(Writer, LeavesPlainTextWithoutQuotes)
{
    for (const char* text : {"a", "Alveo U250", "xcu250-figd2104-2L-e", "/a/b.yaml", "truely"}) {
        Writer writer;
        writer.add_text("key", text);
        EXPECT_EQ(writer.text(), std::string{"key: "} + text + "\n");
        EXPECT_EQ(round_trip(Machine{}, text).tool, text);
    }
}

TEST(Writer, RoundTripKeepsUnicode)
{
    for (const char* text :
         {"21 \xc2\xb0"
          "C",
          "\xe6\xb8\xa9\xe5\xba\xa6", "\xf0\x9f\x94\xa5", "\xc2\x85\xe2\x80\xa8"})
        EXPECT_EQ(round_trip(Machine{}, text).tool, text);
}

TEST(Writer, RoundTripKeepsLargestInteger)
{
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    sample::Dma dma;
    dma.depth = largest;
    Writer writer;
    writer.add("dma", dma);
    EXPECT_NE(writer.text().find("depth: 18446744073709551615\n"), std::string::npos);
    const Document document = Document::parse("depth: 18446744073709551615", "f");
    dma.depth = 0;
    document.read(dma);
    EXPECT_EQ(dma.depth, largest);
}

} // namespace
} // namespace heatsim::config
