// SPDX-License-Identifier: Apache-2.0
#include "sample_config.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

namespace heatsim::config {
namespace {

using sample::Machine;
using Strings = std::vector<std::string>;

/// Enough to satisfy what is required, on line 1.
const std::string base = "array: {rows: 4}\n";

Strings messages(const std::vector<Violation>& violations)
{
    Strings result;
    for (const auto& violation : violations)
        result.push_back(violation.message());
    return result;
}

Strings violations_of(const Document& document, Machine machine = {})
{
    std::vector<Violation> violations;
    document.read(machine, violations);
    return messages(violations);
}

Strings violations_of(const std::string& text)
{
    return violations_of(Document::parse(text, "f"));
}

Machine read(const std::string& text)
{
    Machine machine;
    Document::parse(text, "f").read(machine);
    return machine;
}

std::string error_of(const std::function<void()>& action)
{
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

std::string parse_error(const std::string& text)
{
    return error_of([&] { (void)Document::parse(text, "f"); });
}

// ---------------------------------------------------------------- reading

TEST(DocumentRead, FillsEveryField)
{
    const Machine machine = read(R"(# a comment
name: one
array:
  rows: 8
  style: tree
dma:
  depth: 0
  ports:
    - name: in
    - {name: out, width_bits: 128}
clock_mhz: 2.5e2
scale: -3
trace: true
levels: [3, 0]
)");
    EXPECT_EQ(machine.name, "one");
    EXPECT_EQ(machine.array.rows, 8U);
    EXPECT_EQ(machine.array.cols, 4U);
    EXPECT_EQ(machine.array.style, sample::Style::Tree);
    EXPECT_EQ(machine.dma.depth, 0U);
    ASSERT_EQ(machine.dma.ports.size(), 2U);
    EXPECT_EQ(machine.dma.ports[0].name, "in");
    EXPECT_EQ(machine.dma.ports[0].width_bits, 64U);
    EXPECT_EQ(machine.dma.ports[1].width_bits, 128U);
    EXPECT_EQ(machine.clock_mhz, 250.0);
    EXPECT_EQ(machine.scale, -3.0);
    EXPECT_TRUE(machine.trace);
    EXPECT_EQ(machine.levels, (std::vector<std::uint64_t>{3, 0}));
}

TEST(DocumentRead, KeepsDefaultsOfAbsentFields)
{
    const Machine machine = read(base);
    EXPECT_EQ(machine.name, "none");
    EXPECT_EQ(machine.levels.size(), 2U);
    EXPECT_EQ(machine.dma.depth, 2U);
}

TEST(DocumentRead, EmptyListReplacesDefault)
{
    EXPECT_TRUE(read(base + "levels: []").levels.empty());
}

TEST(DocumentRead, AppendsAllViolationsAtOnceInOrderOfPosition)
{
    const std::string range = "from 1 to 1000";
    const std::string hint = "; did you mean 'tree'?";
    std::vector<Violation> violations{{{"other", 9, 9}, "", "earlier", "", ""}};
    Machine machine;
    Document::parse(R"(nmae: x
array:
  cols: 0
  style: trxe
dma:
  ports:
    - width_bits: 12
    - 5
clock_mhz: fast
levels: [1, x, 100]
trace: yes
name: a
name: b
)",
                    "f")
        .read(machine, violations);
    EXPECT_EQ(messages(violations),
              (Strings{
                  "other:9:9: earlier",
                  "f:1:1: nmae: unknown key; did you mean 'name'?",
                  "f:2:1: array.rows: missing; expected an integer from 1 to 64",
                  "f:3:9: array.cols: '0' is out of range; expected an integer from 1 to 64",
                  "f:4:10: array.style: unknown choice 'trxe'; expected one of chain, tree" + hint,
                  "f:7:7: dma.ports.0.name: missing; expected text",
                  "f:7:19: dma.ports.0.width_bits: found '12'; expected a multiple of 8",
                  "f:8:7: dma.ports.1: found '5'; expected a section",
                  "f:9:12: clock_mhz: 'fast' is not a finite number; expected a number " + range,
                  "f:10:13: levels.1: 'x' is not an integer; expected an integer from 0 to 99",
                  "f:10:16: levels.2: '100' is out of range; expected an integer from 0 to 99",
                  "f:11:8: trace: 'yes' is not a boolean; expected true or false",
                  "f:13:1: name: duplicate key, first on line 12",
              }));
}

TEST(DocumentRead, ThrowsOneErrorWithAllViolations)
{
    EXPECT_EQ(error_of([] { read("array: {rows: 4}\nx_y_z: 1\ntrace: 1\n"); }),
              "f:2:1: x_y_z: unknown key\n"
              "f:3:8: trace: '1' is not a boolean; expected true or false");
}

TEST(DocumentRead, InvalidFieldsKeepTheirDefaults)
{
    std::vector<Violation> violations;
    Machine machine;
    Document::parse("array: {rows: 400, style: x}\nlevels: [7, x]\nscale: x\ntrace: 0", "f")
        .read(machine, violations);
    EXPECT_EQ(violations.size(), 5U);
    EXPECT_EQ(machine.array.rows, 4U);
    EXPECT_EQ(machine.array.style, sample::Style::Chain);
    EXPECT_EQ(machine.levels, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(machine.scale, 1.0);
    EXPECT_FALSE(machine.trace);
}

// ---------------------------------------------------------------- scalars

struct Refusal {
    const char* yaml;
    const char* found;
};

TEST(DocumentInteger, IsPlainDecimal)
{
    for (const auto& [yaml, found] :
         {Refusal{"12x", "'12x' is not an integer"},
          Refusal{"1.0", "'1.0' is not an integer"},
          Refusal{"1e3", "'1e3' is not an integer"},
          Refusal{"0x10", "'0x10' is not an integer"},
          Refusal{"0o7", "'0o7' is not an integer"},
          Refusal{"1_000", "'1_000' is not an integer"},
          Refusal{"1 2", "'1 2' is not an integer"},
          Refusal{"-1", "'-1' has a sign"},
          Refusal{"+1", "'+1' has a sign"},
          Refusal{"-x", "'-x' is not an integer"},
          Refusal{"010", "'010' has a leading zero"},
          Refusal{"true", "'true' is not an integer"},
          Refusal{"\"1\"", "'1' in quotes is text, not an integer"},
          Refusal{"''", "'' in quotes is text, not an integer"},
          Refusal{"", "found an empty value"},
          Refusal{"~", "found an empty value"},
          Refusal{"[1]", "found a list"},
          Refusal{"{a: 1}", "found a section"},
          Refusal{"0", "'0' is out of range"},
          Refusal{"65", "'65' is out of range"},
          Refusal{"18446744073709551617", "'18446744073709551617' is out of range"}}) {
        const Strings found_messages = violations_of(fmt::format("array:\n  rows: {}\n", yaml));
        ASSERT_EQ(found_messages.size(), 1U) << yaml;
        const std::string position = std::string{found}.find("found") == 0 ? "f:2:3" : "f:2:9";
        const std::string expected =
            fmt::format("array.rows: {}; expected an integer from 1 to 64", found);
        EXPECT_EQ(found_messages[0].substr(found_messages[0].find("array")), expected);
        EXPECT_EQ(found_messages[0].substr(0, 5), position) << yaml;
    }
    EXPECT_EQ(read("array: {rows: 64}").array.rows, 64U);
    EXPECT_EQ(violations_of(base + "dma: {depth: 18446744073709551616}"),
              Strings{"f:2:14: dma.depth: '18446744073709551616' is out of range; expected a "
                      "non-negative integer"});
}

TEST(DocumentReal, IsFinite)
{
    for (const char* text :
         {".inf", "-.inf", ".nan", "inf", "nan", "infinity", "nan(1)", "x", "1x", "0x1p3", "1,5"})
        EXPECT_EQ(violations_of(base + "scale: " + text),
                  Strings{fmt::format("f:2:8: scale: '{}' is not a finite number; expected a "
                                      "finite number",
                                      text)});
    for (const char* text : {"1e999", "-1e999", "1e-999"})
        EXPECT_EQ(violations_of(base + "scale: " + text),
                  Strings{fmt::format(
                      "f:2:8: scale: '{}' is out of range; expected a finite number", text)});
    EXPECT_EQ(violations_of(base + "scale: '1'"),
              Strings{"f:2:8: scale: '1' in quotes is text, not a number; expected a finite "
                      "number"});
    EXPECT_EQ(violations_of(base + "clock_mhz: 0.5"),
              Strings{"f:2:12: clock_mhz: '0.5' is out of range; expected a number from 1 to "
                      "1000"});
    EXPECT_EQ(violations_of(base + "clock_mhz: [1]"),
              Strings{"f:2:1: clock_mhz: found a list; expected a number from 1 to 1000"});
    EXPECT_EQ(read(base + "scale: 7").scale, 7.0);
    EXPECT_EQ(read(base + "scale: -.5e-1").scale, -0.05);
}

TEST(DocumentBoolean, IsTrueOrFalseOnly)
{
    for (const char* text : {"yes", "on", "1", "TRUE"})
        EXPECT_EQ(violations_of(base + "trace: " + text),
                  Strings{fmt::format("f:2:8: trace: '{}' is not a boolean; expected true or false",
                                      text)});
    EXPECT_EQ(violations_of(base + "trace: True"),
              Strings{"f:2:8: trace: 'True' is not a boolean; expected true or false; did you "
                      "mean 'true'?"});
    EXPECT_EQ(violations_of(base + "trace: 'true'"),
              Strings{"f:2:8: trace: 'true' in quotes is text, not a boolean; expected true or "
                      "false"});
    EXPECT_FALSE(read(base + "trace: false").trace);
}

TEST(DocumentText, IsAnyScalar)
{
    EXPECT_EQ(read(base + "name: 12").name, "12");
    EXPECT_EQ(read(base + "name: ''").name, "");
    EXPECT_EQ(read(base + "name: 'null'").name, "null");
    EXPECT_EQ(violations_of(base + "name: null"),
              Strings{"f:2:1: name: found an empty value; expected text"});
    EXPECT_EQ(violations_of(base + "name: {a: b}"),
              Strings{"f:2:1: name: found a section; expected text"});
}

TEST(DocumentText, IsShortenedInMessages)
{
    const std::string text = std::string(59, 'a') + "\xc3\xa9" + std::string(1000, 'b');
    EXPECT_EQ(violations_of(base + "trace: " + text),
              Strings{fmt::format("f:2:8: trace: '{}...' is not a boolean; expected true or false",
                                  std::string(59, 'a'))});
}

TEST(DocumentChoice, NamesTheNearest)
{
    EXPECT_EQ(violations_of("array: {rows: 4, style: chian}"),
              Strings{"f:1:25: array.style: unknown choice 'chian'; expected one of chain, tree; "
                      "did you mean 'chain'?"});
    EXPECT_EQ(violations_of("array: {rows: 4, style: [tree]}"),
              Strings{"f:1:18: array.style: found a list; expected one of chain, tree"});
}

TEST(DocumentIntegers, IsAList)
{
    const std::string expected = "expected a list, each item an integer from 0 to 99";
    EXPECT_EQ(violations_of(base + "levels: 3"), Strings{"f:2:9: levels: found '3'; " + expected});
    EXPECT_EQ(violations_of(base + "levels: {a: 1}"),
              Strings{"f:2:1: levels: found a section; " + expected});
    EXPECT_EQ(violations_of(base + "levels:\n"),
              Strings{"f:2:1: levels: found an empty value; " + expected});
    EXPECT_EQ(violations_of(base + "levels:\n- [1]\n-\n- 1\n"),
              (Strings{
                  "f:2:1: levels.1: found an empty value; expected an integer from 0 to 99",
                  "f:3:3: levels.0: found a list; expected an integer from 0 to 99",
              }));
}

std::vector<std::string> words_of(const std::string& values)
{
    sample::Words words;
    Document::parse(fmt::format("values: {}\nneeded: []\n", values), "f").read(words);
    return words.values;
}

Strings word_violations_of(const std::string& text)
{
    sample::Words words;
    std::vector<Violation> violations;
    Document::parse(text, "f").read(words, violations);
    return messages(violations);
}

TEST(DocumentScalars, AreTakenAsTheyAreWritten)
{
    EXPECT_EQ(words_of("[1, 2.50, 1e3, zcu102, true, 'a b', \"1\"]"),
              (Strings{"1", "2.50", "1e3", "zcu102", "true", "a b", "1"}));
    EXPECT_EQ(words_of("[]"), Strings{});
    EXPECT_EQ(words_of("['', '~']"), (Strings{"", "~"}));
    EXPECT_EQ(words_of("\n  - one\n  - 2\n"), (Strings{"one", "2"}));
}

TEST(DocumentScalars, KeepTheirDefaultsWhereTheyAreInvalid)
{
    sample::Words words;
    std::vector<Violation> violations;
    Document::parse("values: [a, [b]]\nneeded: []\n", "f").read(words, violations);
    EXPECT_EQ(violations.size(), 1U);
    EXPECT_EQ(words.values, (Strings{"x", "1"}));
}

TEST(DocumentScalars, AreAListOfThem)
{
    const std::string expected = "expected a list of numbers or words";
    const std::string needed = "needed: []\n";
    EXPECT_EQ(word_violations_of(needed + "values: 3"),
              Strings{"f:2:9: values: found '3'; " + expected});
    EXPECT_EQ(word_violations_of(needed + "values: {a: 1}"),
              Strings{"f:2:1: values: found a section; " + expected});
    EXPECT_EQ(word_violations_of(needed + "values:\n"),
              Strings{"f:2:1: values: found an empty value; " + expected});
    EXPECT_EQ(word_violations_of(needed + "values:\n- a\n- [1]\n-\n- {b: c}\n"),
              (Strings{
                  "f:2:1: values.2: found an empty value; expected a number or a word",
                  "f:4:3: values.1: found a list; expected a number or a word",
                  "f:6:3: values.3: found a section; expected a number or a word",
              }));
    EXPECT_EQ(word_violations_of("values: [a]\n"), Strings{"f:1:1: needed: missing; " + expected});
}

TEST(DocumentScalars, AreCheckedAsAWhole)
{
    EXPECT_EQ(word_violations_of("needed: []\nvalues: [1, 2, 3, 4, 5, 6, 7, 8, 9]"),
              Strings{"f:2:1: values: found a list of 9; expected at most 8"});
    EXPECT_EQ(word_violations_of("needed: []\nvalues: [1, 2, 3, 4, 5, 6, 7, 8, []]").size(), 1U);
}

TEST(DocumentScalars, HavePositionsAndCanBeSet)
{
    auto document = Document::parse("needed: []\nvalues: [a, bc, 4]\n", "f");
    EXPECT_EQ(document.locate("values.1").line, 2);
    EXPECT_EQ(document.locate("values.1").column, 13);
    document.set("values.1", "x y", "--set");
    document.set("needed", "[1, z]", "--set");
    sample::Words words;
    document.read(words);
    EXPECT_EQ(words.values, (Strings{"a", "x y", "4"}));
    EXPECT_EQ(words.needed, (Strings{"1", "z"}));
}

// ---------------------------------------------------------------- sections

TEST(DocumentSection, RequiredIsReportedAtTheEnclosingOne)
{
    EXPECT_EQ(violations_of("\nname: x"), Strings{"f:2:1: array: missing; expected a section"});
}

TEST(DocumentSection, WrongKindIsReportedOnce)
{
    EXPECT_EQ(violations_of("array: 4"), Strings{"f:1:8: array: found '4'; expected a section"});
    EXPECT_EQ(violations_of("array: [4]"),
              Strings{"f:1:1: array: found a list; expected a section"});
    EXPECT_EQ(violations_of("array:\nname: x"),
              Strings{"f:1:1: array: found an empty value; expected a section"});
    EXPECT_EQ(violations_of(base + "dma: {ports: {name: x}}"),
              Strings{"f:2:7: dma.ports: found a section; expected a list of sections"});
    EXPECT_EQ(violations_of(base + "dma: {ports: [x, {name: y}]}"),
              Strings{"f:2:15: dma.ports.0: found 'x'; expected a section"});
}

TEST(DocumentSection, UnknownKeyIsReportedWithNearest)
{
    EXPECT_EQ(violations_of("array:\n  rows: 4\n  clos: 2\n"),
              Strings{"f:3:3: array.clos: unknown key; did you mean 'cols'?"});
    EXPECT_EQ(violations_of(base + "dma: {ports: [{name: x, width_bit: 8}]}"),
              Strings{"f:2:25: dma.ports.0.width_bit: unknown key; did you mean 'width_bits'?"});
    EXPECT_EQ(violations_of(base + "<<: {rows: 4}"), Strings{"f:2:1: <<: unknown key"});
}

TEST(DocumentSection, SourcedNumberNeedsItsSource)
{
    Machine machine;
    machine.has_luts = true;
    const auto violations = [&](const std::string& text) {
        return violations_of(Document::parse(base + text, "f"), machine);
    };
    EXPECT_EQ(violations("luts: {value: 5, source: x, trust: seen}"), Strings{});
    EXPECT_EQ(violations("luts: 5"), Strings{"f:2:7: luts: found '5'; expected a section"});
    EXPECT_EQ(violations("luts: {value: 5}"),
              Strings{"f:2:1: luts.source: missing; expected text"});
    EXPECT_EQ(violations("luts: {value: 5, source: x, trust: me}"),
              Strings{"f:2:36: luts.trust: found 'me'; expected seen or memory"});
}

// ---------------------------------------------------------------- rules

TEST(DocumentCheck, IsReportedAtItsKeyWithTheValue)
{
    EXPECT_EQ(violations_of("array: {rows: 5}"),
              Strings{"f:1:15: array.rows: found '5'; expected an even number"});
    EXPECT_EQ(violations_of(base + "levels: [1, 2, 3, 4]"),
              Strings{"f:2:1: levels: found [1, 2, 3, 4]; expected at most 3 levels"});
    EXPECT_EQ(violations_of(base + "levels: [1, 2, 3, 4, 5, 6, 7, 8, 9]"),
              Strings{"f:2:1: levels: found a list of 9; expected at most 3 levels"});
}

TEST(DocumentCheck, OfAnAbsentKeyIsReportedAtItsSection)
{
    EXPECT_EQ(violations_of("name: x\narray:\n  rows: 2\n"),
              Strings{"f:2:1: array.cols: absent, default 4; expected at most rows"});
    EXPECT_EQ(violations_of("array: {rows: 4}\nname: strict"),
              Strings{"f:1:1: trace: absent, default false; expected true"});
}

TEST(DocumentCheck, WithoutAKeyIsReportedAtItsSection)
{
    EXPECT_EQ(violations_of("name: x\narray:\n  rows: 64\n  cols: 64\n"),
              Strings{"f:2:1: array: violated rule; expected rows * cols of at most 256"});
}

TEST(DocumentCheck, FindsDottedKeys)
{
    EXPECT_EQ(violations_of(base + "dma:\n  depth: 17\n"),
              Strings{"f:3:10: dma.depth: found '17'; expected at most 16"});
}

TEST(DocumentCheck, DottedKeyOfAnAbsentSectionIsReportedAtTheRoot)
{
    Machine machine;
    machine.dma.depth = 17;
    EXPECT_EQ(violations_of(Document::parse(base, "f"), machine),
              Strings{"f:1:1: dma.depth: absent; expected at most 16"});
}

TEST(DocumentCheck, IsSuppressedWhereTheKeyOrItsSectionIsInvalid)
{
    Machine machine;
    machine.array.rows = 5; // breaks a rule if the file's value is not taken
    machine.dma.depth = 17;
    const auto violations = [&](const std::string& text) {
        return violations_of(Document::parse(text, "f"), machine);
    };
    EXPECT_EQ(violations("array: {rows: x}\ndma: {depth: 1}"),
              Strings{"f:1:15: array.rows: 'x' is not an integer; expected an integer from 1 to "
                      "64"});
    EXPECT_EQ(violations("array: {}\ndma: {depth: 1}"),
              Strings{"f:1:1: array.rows: missing; expected an integer from 1 to 64"});
    EXPECT_EQ(violations("array: {rows: 4}\ndma: {depth: -1}"),
              Strings{"f:2:14: dma.depth: '-1' has a sign; expected a non-negative integer"});
    EXPECT_EQ(violations("array: {rows: 4}\ndma: 5"),
              Strings{"f:2:6: dma: found '5'; expected a section"});
    machine.levels = {1, 2, 3, 4};
    EXPECT_EQ(violations("array: {rows: 4}\ndma: {depth: 1}\nlevels: [x]"),
              Strings{"f:3:10: levels.0: 'x' is not an integer; expected an integer from 0 to 99"});
}

// ---------------------------------------------------------------- YAML

TEST(DocumentParse, ReportsDuplicateKeysWhereverTheyAre)
{
    EXPECT_EQ(violations_of("array:\n  rows: 4\n  rows: 6\n  \"rows\": 8\n"),
              (Strings{
                  "f:3:3: array.rows: duplicate key, first on line 2",
                  "f:4:3: array.rows: duplicate key, first on line 2",
              }));
    EXPECT_EQ(violations_of(base + "other_thing: {a: 1, a: 1}"),
              (Strings{
                  "f:2:1: other_thing: unknown key",
                  "f:2:21: other_thing.a: duplicate key, first on line 2",
              }));
    EXPECT_EQ(violations_of(base + "array: {rows: 4}"),
              Strings{"f:2:1: array: duplicate key, first on line 1"});
}

TEST(DocumentParse, ExpandsAliases)
{
    const Machine machine =
        read(base + "dma: {ports: [&p {name: x, width_bits: 8}, *p]}\nlevels: [&l 7, *l]");
    ASSERT_EQ(machine.dma.ports.size(), 2U);
    EXPECT_EQ(machine.dma.ports[1].width_bits, 8U);
    EXPECT_EQ(machine.levels[1], 7U);
    EXPECT_EQ(violations_of(base + "dma: {ports: [&p {name: x, name: y}, *p]}"),
              Strings{"f:2:28: dma.ports.0.name: duplicate key, first on line 2"});
}

TEST(DocumentParse, RefusesTagsAndKeysThatAreNoText)
{
    EXPECT_EQ(violations_of("array: {rows: !!int 4}"),
              Strings{"f:1:15: array.rows: tag 'tag:yaml.org,2002:int'; expected a value without "
                      "a tag"});
    EXPECT_EQ(violations_of(base + "? [a]\n: 1\n"),
              Strings{"f:2:3: a key that is not text; expected `key: value`"});
}

TEST(DocumentParse, RefusesWhatIsNoMapping)
{
    const std::string lines = "; expected `key: value` lines";
    EXPECT_EQ(parse_error(""), "f: empty" + lines);
    EXPECT_EQ(parse_error("\n# nothing\n"), "f: empty" + lines);
    EXPECT_EQ(parse_error("---\n"), "f: empty" + lines);
    EXPECT_EQ(parse_error("~"), "f: empty" + lines);
    EXPECT_EQ(parse_error("\n12"), "f:2:1: found '12'" + lines);
    EXPECT_EQ(parse_error("- 1\n- 2"), "f:1:1: found a list" + lines);
}

TEST(DocumentParse, RefusesASecondDocument)
{
    EXPECT_EQ(parse_error("a: 1\n---\nb: 2\n"),
              "f:2:1: text after the end of the document; expected one document");
}

TEST(DocumentParse, RefusesStrayMarks)
{
    for (const char* text : {",", ",\n\\", "]", "}", "a: 1\n]", "a: 1\n,", "?", "-", "...",
                             "a: 1\n---", "a: 1\n... x"})
        EXPECT_EQ(parse_error(text).substr(0, 2), "f:") << text;
    EXPECT_EQ(violations_of(base + ": 1"),
              Strings{"f:2:1: a key that is not text; expected `key: value`"});
    EXPECT_EQ(parse_error("a: 1\n...\n"), "no error");
}

TEST(DocumentParse, TranslatesYamlErrors)
{
    for (const char* text : {"a: [1, 2", "a: b: c", "a: *nowhere", "a: \"x", "\tb: 1", "{a: 1", "}",
                             "a: 1\n  b: 2\n c: 3", "a: 'x' y", "%YAML 9.9\n---\na: 1"}) {
        const std::string message = parse_error(text);
        EXPECT_EQ(message.substr(0, 2), "f:") << text;
        EXPECT_NE(message.find("not valid YAML: "), std::string::npos) << text << message;
    }
    EXPECT_EQ(parse_error("a: 1\nb: c: 2\n").substr(0, 7), "f:2:5: ");
}

TEST(DocumentParse, RefusesControlCharacters)
{
    EXPECT_EQ(parse_error("a: 1\nb: \x04\nc: 2"),
              "f:2:4: control character 0x04; expected UTF-8 text");
    EXPECT_EQ(parse_error(std::string("a: 1\0b", 6)),
              "f:1:5: control character 0x00; expected UTF-8 text");
}

TEST(DocumentParse, TakesAnyLineEnd)
{
    for (const char* end : {"\n", "\r\n", "\r"}) {
        const auto text = [&](const char* trace) {
            return fmt::format("# c{0}array:{0}  rows: 8{0}name: \"a{0}  b\"{0}trace: {1}{0}", end,
                               trace);
        };
        EXPECT_EQ(violations_of(text("x")),
                  Strings{"f:6:8: trace: 'x' is not a boolean; expected true or false"});
        EXPECT_EQ(read(text("true")).name, "a b");
        EXPECT_EQ(read(fmt::format("array:{0}  rows: 8{0}name: x{0}", end)).name, "x");
    }
}

TEST(DocumentParse, TakesAByteOrderMark)
{
    EXPECT_EQ(read("\xef\xbb\xbf" + base).array.rows, 4U);
}

std::string repeated(const std::string& text, std::size_t count)
{
    std::string result;
    for (std::size_t i = 0; i < count; ++i)
        result += text;
    return result;
}

TEST(DocumentParse, LimitsDepth)
{
    const auto nested = [](std::size_t depth) {
        return "a: " + repeated("[", depth) + repeated("]", depth);
    };
    EXPECT_EQ(parse_error(nested(64)), "no error");
    EXPECT_NE(parse_error(nested(65)).find("too many levels; expected at most 64 levels"),
              std::string::npos);
    for (const char* text : {"[", "{", "- ", "{a: ", "[[],", "[a: "})
        for (const std::size_t count : {100U, 2'000U, 20'000U})
            EXPECT_EQ(parse_error(repeated(text, count)).substr(0, 2), "f:") << text << count;
    for (const std::size_t count : {1U, 100U})
        EXPECT_EQ(violations_of(base + repeated("? ", count) + "[x]").size(), 1U);
    EXPECT_EQ(parse_error(repeated("? ", 20'000)).substr(0, 2), "f:");
    EXPECT_NE(parse_error("a: &x [*x]"), "no error");
    EXPECT_NE(parse_error("&x a: &y {b: *y}"), "no error");
}

TEST(DocumentParse, LimitsExpansionOfAliases)
{
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i)
        text += fmt::format("a{0}: &a{0} [{1}]\n", i, repeated(fmt::format("*a{}, ", i - 1), 10));
    EXPECT_NE(parse_error(text).find("too many values; expected at most 200000, aliases expanded"),
              std::string::npos);
}

TEST(DocumentParse, LimitsLength)
{
    EXPECT_EQ(parse_error("a: " + std::string(1'048'576, 'x')),
              "f: too long; expected at most 1048576 bytes");
    EXPECT_EQ(parse_error("a: " + std::string(1'048'573, 'x')), "no error");
}

// ---------------------------------------------------------------- files

class DocumentLoad : public ::testing::Test {
  protected:
    [[nodiscard]] std::string file(const std::string& text) const
    {
        return folder.write("f.yaml", text);
    }

    const test::TemporaryFolder folder;
};

std::string load_error(const std::string& path)
{
    return error_of([&] { (void)Document::load(path); });
}

TEST_F(DocumentLoad, ReadsAFile)
{
    const std::string path = file("array:\r\n  rows: 8\r\n");
    const Document document = Document::load(path);
    EXPECT_EQ(document.name(), path);
    Machine machine;
    document.read(machine);
    EXPECT_EQ(machine.array.rows, 8U);
}

TEST_F(DocumentLoad, NamesTheFileInMessages)
{
    const std::string path = file("array: {rows: 4}\ntrace: 1\n");
    EXPECT_EQ(violations_of(Document::load(path)),
              Strings{path + ":2:8: trace: '1' is not a boolean; expected true or false"});
}

TEST_F(DocumentLoad, RefusesEmptyAndNonMappingFiles)
{
    const std::string empty = file("");
    EXPECT_EQ(load_error(empty), empty + ": empty; expected `key: value` lines");
    const std::string text = file("just text\n");
    EXPECT_EQ(load_error(text), text + ":1:1: found 'just text'; expected `key: value` lines");
}

TEST_F(DocumentLoad, RefusesWhatCannotBeRead)
{
    const std::string absent = folder.path("absent.yaml");
    EXPECT_EQ(load_error(absent),
              absent + ": cannot be read: No such file or directory; expected a readable YAML "
                       "file");
    const std::string below = file("a: 1") + "/g.yaml";
    EXPECT_EQ(load_error(below),
              below + ": cannot be read: Not a directory; expected a readable YAML file");
    EXPECT_EQ(load_error(folder.path()),
              folder.path().string() + ": a directory; expected a readable YAML file");
    EXPECT_EQ(load_error("").substr(0, 14), "cannot be read");
    EXPECT_EQ(load_error("/dev/zero"), "/dev/zero: too long; expected at most 1048576 bytes");
}

// ---------------------------------------------------------------- set

TEST(DocumentSet, ReplacesAndInserts)
{
    Document document = Document::parse(base + "dma: {ports: [{name: x}, {name: y}]}", "f");
    document.set("array.rows", "16", "--set");
    document.set("array.style", "tree", "--set");
    document.set("dma.ports.1.width_bits", "128", "--set");
    document.set("levels", "[5, 6]", "--set");
    document.set("name", "\"\"", "--set");
    Machine machine;
    document.read(machine);
    EXPECT_EQ(machine.array.rows, 16U);
    EXPECT_EQ(machine.array.style, sample::Style::Tree);
    EXPECT_EQ(machine.dma.ports[0].width_bits, 64U);
    EXPECT_EQ(machine.dma.ports[1].width_bits, 128U);
    EXPECT_EQ(machine.levels, (std::vector<std::uint64_t>{5, 6}));
    EXPECT_EQ(machine.name, "");
}

TEST(DocumentSet, MakesMissingSections)
{
    Document document = Document::parse("name: x\ndma:\n", "f");
    document.set("array.rows", "16", "--set");
    document.set("dma.depth", "3", "--set");
    document.set("dma.ports", "[{name: z}]", "--set");
    Machine machine;
    document.read(machine);
    EXPECT_EQ(machine.array.rows, 16U);
    EXPECT_EQ(machine.dma.depth, 3U);
    EXPECT_EQ(machine.dma.ports.at(0).name, "z");
}

TEST(DocumentSet, ReportsTheOrigin)
{
    Document document = Document::parse(base, "f");
    document.set("array.rows", "x", "--set r");
    document.set("dma", "{depth: 99, ports: [{width_bits: 8}]}", "--set dma=...");
    document.set("trase", "1", "--set trase=1");
    document.set("name", "", "--set name=");
    EXPECT_EQ(violations_of(document),
              (Strings{
                  "--set name=: name: found an empty value; expected text",
                  "--set r: array.rows: 'x' is not an integer; expected an integer from 1 to 64",
                  "--set dma=...: dma.ports.0.name: missing; expected text",
                  "--set dma=...: dma.depth: found '99'; expected at most 16",
                  "--set trase=1: trase: unknown key; did you mean 'trace'?",
              }));
    EXPECT_EQ(document.locate("array.rows").line, 0);
    EXPECT_EQ(document.locate("array").line, 1);
}

TEST(DocumentSet, ChangesOneUserOfAnAnchorOnly)
{
    Document document = Document::parse(base + "dma: {ports: [&p {name: x}, *p]}\n", "f");
    document.set("dma.ports.0.name", "y", "--set");
    Machine machine;
    document.read(machine);
    EXPECT_EQ(machine.dma.ports[0].name, "y");
    EXPECT_EQ(machine.dma.ports[1].name, "x");
}

TEST(DocumentSet, RefusesBadPathsAndValuesAndChangesNothing)
{
    Document document =
        Document::parse(base + "name: x\nlevels: []\ndma: {ports: [{name: x}]}", "f");
    const auto error = [&](const std::string& key, const std::string& value) {
        return error_of([&] { document.set(key, value, "o"); });
    };
    EXPECT_EQ(error("name.a", "1"),
              "o: name.a: 'name' is no section but 'x'; expected the path of a value");
    EXPECT_EQ(error("array.rows.a.b", "1"),
              "o: array.rows.a.b: 'array.rows' is no section but '4'; expected the path of a "
              "value");
    for (const char* index : {"1", "-1", "x", "0x", "99999999999999999999"})
        EXPECT_EQ(error(fmt::format("dma.ports.{}.name", index), "y"),
                  fmt::format("o: dma.ports.{0}.name: no item 'dma.ports.{0}'; expected an index "
                              "from 0 to 0",
                              index));
    EXPECT_EQ(error("levels.0", "1"),
              "o: levels.0: no item 'levels.0'; expected a list with items");
    for (const char* key : {"", ".", "a.", ".a", "a..b"})
        EXPECT_NE(error(key, "1").find("a key with an empty part"), std::string::npos) << key;
    EXPECT_NE(error("name", "[1").find("o: name: not valid YAML: "), std::string::npos);
    EXPECT_EQ(error("name", "a\n---\nb"),
              "o: name: text after the end of the document; expected one document");
    EXPECT_EQ(error("name", "{a: 1, a: 2}"), "o: name.a: duplicate key");
    EXPECT_EQ(error("name", "!x y"), "o: name: tag '!x'; expected a value without a tag");
    EXPECT_EQ(error("name", "\x01"), "o: name: control character 0x01; expected UTF-8 text");
    EXPECT_NE(error("a" + repeated(".a", 100'000), "").find("too many levels"), std::string::npos);
    EXPECT_NE(error("a" + repeated(".a", 60), "[[[[[[]]]]]]").find("too many levels"),
              std::string::npos);
    EXPECT_EQ(violations_of(document), Strings{});
}

// ---------------------------------------------------------------- locate

TEST(DocumentLocate, GivesTheNearestExistingAncestor)
{
    const Document document = Document::parse(
        "# c\nname: x\narray:\n  rows: 4\ndma: {ports: [{name: x}]}\nscale:\n", "f");
    const auto position = [&](const std::string& key) {
        const Location where = document.locate(key);
        EXPECT_EQ(where.file, "f");
        return fmt::format("{}:{}", where.line, where.column);
    };
    EXPECT_EQ(position("name"), "2:7");
    EXPECT_EQ(position("array"), "3:1");
    EXPECT_EQ(position("array.rows"), "4:9");
    EXPECT_EQ(position("array.cols"), "3:1");
    EXPECT_EQ(position("array.rows.x"), "4:9");
    EXPECT_EQ(position("dma.ports"), "5:7");
    EXPECT_EQ(position("dma.ports.0"), "5:15");
    EXPECT_EQ(position("dma.ports.0.name"), "5:22");
    EXPECT_EQ(position("dma.ports.1.name"), "5:7");
    EXPECT_EQ(position("scale"), "6:1");
    EXPECT_EQ(position("nothing.at.all"), "2:1");
    EXPECT_EQ(position(""), "2:1");
}

TEST(Document, CanBeMoved)
{
    Document document = Document::parse("array: {rows: 2, cols: 2}", "f");
    Document other = std::move(document);
    document = Document::parse("array: {rows: 6}", "g");
    EXPECT_EQ(other.name(), "f");
    EXPECT_EQ(document.name(), "g");
    EXPECT_EQ(violations_of(other), Strings{});
}

} // namespace
} // namespace heatsim::config
