// SPDX-License-Identifier: Apache-2.0
#include "sweep/design_space.hpp"
#include "unit/sweep/example_space.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// What is wrong with a space, without the folder of its file.
std::string error_of(const std::string& text, std::vector<system::Override> overrides = {})
{
    const test::TemporaryFolder folder;
    const auto path = folder.write("space.yaml", text);
    try {
        (void)DesignSpace::load({path, std::move(overrides), example_metrics});
    } catch (const config::Error& error) {
        std::string message = error.what();
        const auto prefix = path.substr(0, path.size() - std::string{"space.yaml"}.size());
        for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
            message.erase(at, prefix.size());
        return message;
    }
    return "no error";
}

/// A space of this axis, which stands on line 3 from column 5 on.
std::string with_axis(const std::string& axis)
{
    return fmt::format("name: small\naxes:\n  - {{{}}}\n", axis);
}

/// One axis `x` of the values 100, 150 and 200 MHz, and more from line 4 on.
std::string with_more(const std::string& more)
{
    return with_axis("name: x, key: clock_mhz, values: [100, 150, 200]").append(more);
}

std::vector<std::string> values_of(const std::string& values)
{
    return space_of(with_axis(fmt::format("key: clock_mhz, {}", values))).axes().front().values;
}

system::RunSetup setup_of(const DesignSpace& space, const Point& point)
{
    return system::load(space.request(point, space.numbers(point)));
}

} // namespace

// ---------------------------------------------------------------- axes

TEST(DesignSpace, TakesValuesAsTheyAreWritten)
{
    EXPECT_THAT(values_of("values: [150, 100.0, 2e2]"), ElementsAre("150", "100.0", "2e2"));
    const auto space = space_of(with_axis("key: board, values: [zcu102, alveo_u250]"));
    EXPECT_EQ(space.axes().front().name, "board");
    EXPECT_EQ(space.axes().front().numbers.front(), std::nullopt);
    EXPECT_THAT(space.numbers({1}), IsEmpty());
    EXPECT_EQ(space.value(space.axes().front(), {1}), "alveo_u250");
}

TEST(DesignSpace, RangesIncludeTheirEnds)
{
    const auto space = space_of(
        with_axis("key: schedule.selectors.0.keep_ratio, range: {from: 0.4, to: 0.9, step: 0.1}"));
    EXPECT_THAT(space.axes().front().values, ElementsAre("0.4", "0.5", "0.6", "0.7", "0.8", "0.9"));
    EXPECT_THAT(values_of("range: {from: 100, to: 300, step: 100}"),
                ElementsAre("100", "200", "300"));
    EXPECT_THAT(values_of("range: {from: 100, to: 299, step: 100}"), ElementsAre("100", "200"));
    EXPECT_THAT(values_of("range: {from: 100, to: 100, step: 7}"), ElementsAre("100"));
    EXPECT_EQ(values_of("range: {from: 100, to: 200, step: 0.1}").size(), 1001U);
    EXPECT_EQ(values_of("range: {from: 100, to: 200, step: 0.1}").back(), "200");
}

TEST(DesignSpace, LogRangesHaveEqualRatios)
{
    EXPECT_THAT(values_of("log_range: {from: 25, to: 400, count: 5}"),
                ElementsAre("25", "50", "100", "200", "400"));
    EXPECT_THAT(values_of("log_range: {from: 100, to: 200, count: 3}"),
                ElementsAre("100", "141.421356237", "200"));
    EXPECT_THAT(values_of("log_range: {from: 100, to: 200, count: 3, whole: true}"),
                ElementsAre("100", "141", "200"));
    // 2, 2.38, 2.83, 3.36, 4
    const auto space = space_of(
        with_axis("key: array.switch_cycles, log_range: {from: 2, to: 4, count: 5, whole: true}"));
    EXPECT_THAT(space.axes().front().values, ElementsAre("2", "3", "4"));
}

TEST(DesignSpace, LinkedAxesAdvanceTogether)
{
    const auto space = space_of("name: linked\n"
                                "axes:\n"
                                "  - {name: a, key: clock_mhz, values: [100, 150, 200]}\n"
                                "  - {name: b, key: array.heads, values: [1, 3]}\n"
                                "  - {name: c, key: array.switch_cycles, values: [1, 1, 2], "
                                "linked_to: a}\n");
    EXPECT_THAT(space.dimensions(), ElementsAre(3, 2));
    EXPECT_EQ(space.size(), 6U);
    EXPECT_EQ(space.axes()[2].dimension, space.axes()[0].dimension);
    EXPECT_EQ(space.numbers({2, 0}), (Numbers{{"a", 200.0}, {"b", 1.0}, {"c", 2.0}}));
}

TEST(DesignSpace, NumberAndPointAreInverse)
{
    const auto space = space_of(text_of_levels({5, 4, 3}, ""));
    ASSERT_EQ(space.size(), 60U);
    std::set<Point> points;
    for (std::uint64_t number = 0; number < space.size(); ++number) {
        const auto point = space.point_of(number);
        EXPECT_EQ(space.number_of(point), number);
        points.insert(point);
    }
    EXPECT_EQ(points.size(), 60U);
    EXPECT_EQ(space.point_of(1), (Point{0, 0, 1})); // the last dimension fastest
    EXPECT_EQ(space.point_of(59), (Point{4, 3, 2}));
}

TEST(DesignSpace, PointsReachTheRun)
{
    const auto space = space_of("name: run\n"
                                "base: {model: deit_s, schedule: heatvit, images: 4, batch: 2}\n"
                                "set:\n"
                                "  - {key: array.switch_cycles, value: 3}\n"
                                "axes:\n"
                                "  - {key: clock_mhz, values: [100, 150]}\n"
                                "  - {name: ratio, key: schedule.selectors.0.keep_ratio, values: "
                                "[0.6, 0.8]}\n"
                                "derived:\n"
                                "  - {name: half, value: ratio / 2}\n"
                                "  - {name: second, key: schedule.selectors.1.keep_ratio, value: "
                                "half}\n"
                                "  - {name: cycles, key: controller.operator_cycles, value: "
                                "rint(clock_mhz / 3)}\n");
    const auto setup = setup_of(space, {1, 0});
    EXPECT_EQ(setup.model.name, "deit_s");
    EXPECT_DOUBLE_EQ(setup.design.accelerator.clock_mhz, 150.0);
    EXPECT_EQ(setup.design.accelerator.array.switch_cycles, 3U);
    EXPECT_EQ(setup.design.accelerator.controller.operator_cycles, 50U);
    EXPECT_DOUBLE_EQ(setup.schedule.selectors.at(0).keep_ratio, 0.6);
    EXPECT_DOUBLE_EQ(setup.schedule.selectors.at(1).keep_ratio, 0.3);
    EXPECT_EQ(setup.images.size(), 4U);
    EXPECT_EQ(setup.batch_images, 2U);
    EXPECT_DOUBLE_EQ(space.numbers({1, 1}).at("half"), 0.4);
    EXPECT_DOUBLE_EQ(setup_of(space, {0, 1}).schedule.selectors.at(1).keep_ratio, 0.4);
}

TEST(DesignSpace, AxesChooseFilesAndImages)
{
    const auto space = space_of("name: files\n"
                                "axes:\n"
                                "  - {key: model, values: [deit_t, deit_s]}\n"
                                "  - {key: schedule, values: [heatvit, dense]}\n"
                                "  - {key: images, values: [2, 4]}\n"
                                "  - {key: batch, values: [1, 2]}\n");
    const auto setup = setup_of(space, {1, 1, 0, 1});
    EXPECT_EQ(setup.model.name, "deit_s");
    EXPECT_EQ(setup.schedule.name, "dense");
    EXPECT_EQ(setup.images.size(), 2U);
    EXPECT_EQ(setup.batch_images, 2U);
}

TEST(DesignSpace, TakesChangesOfTheCommandLine)
{
    const auto text = with_more("strategy: {name: random, points: 2}\n");
    const auto space = space_of(text, {{"strategy.points", "3"}, {"axes.0.values", "[120]"}});
    EXPECT_EQ(space.config().strategy.points, 3U);
    EXPECT_EQ(space.size(), 1U);
    EXPECT_THAT(error_of(text, {{"strategy.point", "3"}}),
                AllOf(StartsWith("--set strategy.point=3: strategy.point: unknown key"),
                      HasSubstr("did you mean 'points'?")));
}

// ---------------------------------------------------------------- constraints

TEST(DesignSpace, KnowsWhenAConstraintCanBeChecked)
{
    const auto space = space_of(with_more("base: {accuracy: deit_t_fashion_mnist}\n"
                                          "derived:\n"
                                          "  - {name: y, value: 2 * x}\n"
                                          "constraints:\n"
                                          "  - x + y < 1000\n"
                                          "  - resources.dsps <= 2000 * x\n"
                                          "  - accuracy.top1_percent > 90\n"
                                          "  - latency_ms.p99 < 16.7\n"
                                          "  - ddr.read_bytes > resources.luts + x\n"));
    ASSERT_EQ(space.constraints().size(), 5U);
    EXPECT_EQ(space.constraints()[0].known_from, KnownFrom::Inputs);
    EXPECT_EQ(space.constraints()[1].known_from, KnownFrom::Setup);
    EXPECT_EQ(space.constraints()[2].known_from, KnownFrom::Setup);
    EXPECT_EQ(space.constraints()[3].known_from, KnownFrom::Result);
    EXPECT_EQ(space.constraints()[4].known_from, KnownFrom::Result);
}

TEST(DesignSpace, FindsTheFirstViolatedConstraint)
{
    const auto space = space_of(with_more("constraints:\n"
                                          "  - x < 180\n"
                                          "  - resources.dsps < 1000\n"
                                          "  - latency_ms.p99 < 10\n"));
    Numbers numbers{{"x", 150.0}, {"resources.dsps", 2000.0}, {"latency_ms.p99", 20.0}};
    EXPECT_EQ(space.violated(numbers, KnownFrom::Inputs), nullptr);
    ASSERT_NE(space.violated(numbers, KnownFrom::Setup), nullptr);
    EXPECT_EQ(space.violated(numbers, KnownFrom::Setup)->text, "resources.dsps < 1000");
    numbers["resources.dsps"] = 500.0;
    EXPECT_EQ(space.violated(numbers, KnownFrom::Setup), nullptr);
    EXPECT_EQ(space.violated(numbers, KnownFrom::Result)->text, "latency_ms.p99 < 10");
    numbers["latency_ms.p99"] = 9.0;
    EXPECT_EQ(space.violated(numbers, KnownFrom::Result), nullptr);
    numbers.erase("latency_ms.p99");
    EXPECT_EQ(space.violated(numbers, KnownFrom::Result)->text, "latency_ms.p99 < 10");
    numbers["x"] = 180.0;
    EXPECT_EQ(space.violated(numbers, KnownFrom::Result)->text, "x < 180");
}

TEST(DesignSpace, ObjectivesAreCosts)
{
    const auto space =
        space_of(with_more("objectives: [{minimize: latency_ms.mean}, {maximize: x}]\n"));
    ASSERT_EQ(space.objectives().size(), 2U);
    EXPECT_EQ(space.objectives()[0].name, "latency_ms.mean");
    EXPECT_DOUBLE_EQ(space.objectives()[0].cost(3.0), 3.0);
    EXPECT_DOUBLE_EQ(space.objectives()[1].cost(3.0), -3.0);
}

// ---------------------------------------------------------------- identity

TEST(DesignSpaceIdentity, IsTheSameForTheSameSpace)
{
    const auto text = with_more("constraints: [x < 180]\nobjectives: [{minimize: x}]\n");
    const auto identity = space_of(text).identity();
    EXPECT_EQ(space_of(text).identity(), identity);
    EXPECT_EQ(space_of("# a comment\ndescription: for people\n" + text).identity(), identity);
    EXPECT_EQ(space_of(text, {{"axes.0.values", "[100, 150, 200]"}}).identity(), identity);
    EXPECT_EQ(space_of(text, {{"base.model", "deit_t"}}).identity(), identity);
}

TEST(DesignSpaceIdentity, ChangesWithEverythingThatMatters)
{
    const auto text = with_more("set: [{key: array.switch_cycles, value: 2}]\n"
                                "derived: [{name: y, value: 2 * x}]\n"
                                "constraints: [x < 180]\n"
                                "objectives: [{minimize: x}, {minimize: y}]\n"
                                "strategy: {name: random, points: 2}\n");
    std::set<std::string> identities{space_of(text).identity()};
    const std::vector<std::pair<std::string, std::string>> changes{
        {"name", "other"},
        {"base.model", "deit_s"},
        {"base.schedule", "dense"},
        {"base.accelerator", "heatvit_int16_zcu102"},
        {"base.images", "2"},
        {"base.allow_oversize", "true"},
        {"base.accuracy", "deit_t_fashion_mnist"},
        {"set.0.value", "3"},
        {"set.0.key", "controller.operator_cycles"},
        {"axes.0.name", "z"},
        {"axes.0.values", "[100, 150, 201]"},
        {"axes.0.values", "[100, 200, 150]"},
        {"axes.0.key", "controller.operator_cycles"},
        {"derived.0.value", "3 * x"},
        {"derived.0.key", "array.pipeline_depth_cycles"},
        {"constraints", "[x < 181]"},
        {"constraints", "[]"},
        {"objectives", "[{minimize: x}, {maximize: y}]"},
        {"objectives", "[{minimize: x}]"},
        {"strategy.name", "sobol"},
        {"strategy.points", "3"},
        {"strategy.population", "64"},
        {"strategy.seed", "2"},
    };
    for (const auto& [key, value] : changes) {
        auto overrides = std::vector<system::Override>{{key, value}};
        if (key == "axes.0.name") // the others use it
            overrides.insert(overrides.end(), {{"derived.0.value", "2 * z"},
                                               {"constraints", "[z < 180]"},
                                               {"objectives", "[{minimize: z}]"}});
        if (key == "base.images")
            overrides.emplace_back("base.batch", "2");
        const auto identity = space_of(text, overrides).identity();
        EXPECT_TRUE(identities.insert(identity).second) << key << " " << value;
    }
}

TEST(DesignSpaceIdentity, ChangesWithTheContentOfFiles)
{
    const test::TemporaryFolder folder;
    const auto write = [&folder](const std::string& name, const std::string& keep) {
        return folder.write(name, fmt::format("name: mine\nselectors:\n  - before_block: 4\n"
                                              "    keep_ratio: {}\n",
                                              keep));
    };
    const auto base = write("base.yaml", "0.7");
    const auto axis = write("axis.yaml", "0.5");
    const auto identity = [&] {
        return space_of(fmt::format("name: files\nbase: {{schedule: {}}}\naxes:\n"
                                    "  - {{key: schedule, values: [heatvit, {}]}}\n",
                                    base, axis))
            .identity();
    };
    const auto first = identity();
    EXPECT_EQ(identity(), first);
    (void)write("axis.yaml", "0.6");
    const auto second = identity();
    EXPECT_NE(second, first);
    (void)write("base.yaml", "0.71");
    EXPECT_NE(identity(), second);
    (void)write("base.yaml", "0.7");
    (void)write("axis.yaml", "0.50 # the same");
    EXPECT_EQ(identity(), first);
}

TEST(DesignSpaceIdentity, ChangesWithAnAccelerator)
{
    const test::TemporaryFolder folder;
    std::ifstream shipped{HEATSIM_SOURCE_DIR "/configs/accelerators/heatvit_int8_zcu102.yaml"};
    std::string text{std::istreambuf_iterator<char>{shipped}, {}};
    const auto path = folder.write("mine.yaml", text);
    const auto identity = [&path] {
        return space_of(with_axis("key: array.heads, values: [1, 3]")
                            .append(fmt::format("base: {{accelerator: {}}}\n", path)))
            .identity();
    };
    const auto first = identity();
    (void)folder.write("mine.yaml", "# a comment\n" + text);
    EXPECT_EQ(identity(), first);
    const std::string clock = "clock_mhz: 150\n";
    text.replace(text.find(clock), clock.size(), "clock_mhz: 151\n");
    (void)folder.write("mine.yaml", text);
    EXPECT_NE(identity(), first);
}

TEST(DesignSpaceIdentity, ChangesWithTheTrace)
{
    const test::TemporaryFolder folder;
    const auto trace = [&folder](const std::string& count) {
        return folder.write("trace.csv", fmt::format("# format: heatsim token trace 1\n"
                                                     "# model: deit_t\n"
                                                     "# selectors_before_blocks: 4\n"
                                                     "# keep_ratio_targets: 0.7\n"
                                                     "# package_token: one\n"
                                                     "# tokens: 197\n"
                                                     "image,n1\n"
                                                     "0,139\n"
                                                     "1,{}\n",
                                                     count));
    };
    for (const auto* const key : {"trace", "resample"}) {
        const auto identity = [&](const std::string& count) {
            return space_of(with_more(fmt::format("base: {{{}: {}}}\n", key, trace(count))))
                .identity();
        };
        const auto first = identity("100");
        EXPECT_EQ(identity("100"), first) << key;
        EXPECT_NE(identity("101"), first) << key; // of an image that is not looked at to check it
    }
}

// ---------------------------------------------------------------- what is refused

TEST(DesignSpaceError, UnknownKeyOfAnAxis)
{
    const auto error = error_of(with_axis("key: array.head, values: [1, 3]"));
    EXPECT_THAT(error, AllOf(StartsWith("space.yaml:3:"), HasSubstr("unknown key"),
                             HasSubstr("did you mean 'heads'?")));
}

TEST(DesignSpaceError, ValuesOutOfTheRangeOfTheirKey)
{
    const auto error = error_of(with_axis("key: array.heads, values: [1, 0, x, 3]"));
    EXPECT_THAT(error, HasSubstr("space.yaml:3:36: array.heads: '0' is out of range"));
    EXPECT_THAT(error, HasSubstr("space.yaml:3:39: array.heads: 'x' is not an integer"));
    EXPECT_THAT(error, Not(HasSubstr("'1'")));
    EXPECT_THAT(
        error_of(with_axis("key: clock_mhz, range: {from: 0, to: 100, step: 50}")),
        AllOf(StartsWith("space.yaml:3:22: clock_mhz: '0' is out of range"), Not(HasSubstr("\n"))));
    EXPECT_THAT(error_of(with_axis("key: images, values: [1, 0]")),
                StartsWith("space.yaml:3:31: images: '0'; expected a positive integer"));
    EXPECT_THAT(
        error_of(with_axis("key: model, values: [deit_t, deit_x]")),
        AllOf(StartsWith("space.yaml:3:35: models: no 'deit_x'"), HasSubstr("did you mean")));
    EXPECT_THAT(error_of(with_axis("key: board, values: [zcu102, zcu103]")),
                AllOf(HasSubstr("no 'zcu103'"), HasSubstr("did you mean")));
}

TEST(DesignSpaceError, UnknownKeyOrValueOfASetting)
{
    EXPECT_THAT(error_of(with_more("set:\n  - {key: array.head, value: 1}\n")),
                AllOf(HasSubstr("space.yaml:5:"), HasSubstr("unknown key"),
                      HasSubstr("did you mean 'heads'?")));
    EXPECT_THAT(error_of(with_more("set:\n  - {key: array.heads, value: 0}\n")),
                StartsWith("space.yaml:5:31: array.heads: '0' is out of range"));
}

TEST(DesignSpaceError, UnknownNameOfTheBase)
{
    EXPECT_THAT(
        error_of(with_more("base: {model: deit_x}\n")),
        AllOf(StartsWith("space.yaml:4:1: models: no 'deit_x'"), HasSubstr("did you mean")));
}

TEST(DesignSpaceError, UnknownKeyOfADerivedNumber)
{
    EXPECT_THAT(error_of(with_more("derived:\n  - {name: y, key: array.head, value: 2 * x}\n")),
                AllOf(StartsWith("space.yaml:5:"), HasSubstr("unknown key"), HasSubstr("'heads'")));
}

TEST(DesignSpaceError, EmptyRanges)
{
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, range: {from: 200, to: 100, step: 50}")),
                AllOf(StartsWith("space.yaml:3:45: axes.0.range.to: found '100'"),
                      HasSubstr("the range is empty otherwise")));
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, log_range: {from: 200, to: 100, count: 5}")),
                StartsWith("space.yaml:3:49: axes.0.log_range.to: found '100'"));
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, range: {from: 100, to: 200}")),
                AllOf(HasSubstr("space.yaml:3:"), HasSubstr("axes.0.range.step: missing")));
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, range: {from: 100, to: 200, step: 0}")),
                HasSubstr("axes.0.range.step: '0' is out of range"));
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, range: {from: 100, to: 200, step: 0.0001}")),
                HasSubstr("at most 100000 values"));
    EXPECT_THAT(error_of(with_axis("key: clock_mhz, log_range: {from: 100, to: 200, count: 1}")),
                HasSubstr("axes.0.log_range.count: '1' is out of range"));
}

TEST(DesignSpaceError, NoneOrSeveralListsOfValues)
{
    const std::string expected = "expected one of values (not empty), range and log_range";
    EXPECT_EQ(error_of(with_axis("key: clock_mhz, values: []")),
              "space.yaml:3:5: axes.0: no values; " + expected);
    EXPECT_EQ(error_of(with_axis("key: clock_mhz")),
              "space.yaml:3:5: axes.0: no values; " + expected);
    EXPECT_EQ(
        error_of(with_axis("key: clock_mhz, values: [100], range: {from: 100, to: 200, step: 50}")),
        "space.yaml:3:5: axes.0: several lists of values; " + expected);
    EXPECT_THAT(error_of("name: small\naxes: []\n"),
                AllOf(StartsWith("space.yaml:2:1: axes:"), HasSubstr("at least one axis")));
    EXPECT_THAT(error_of("name: small\n"), StartsWith("space.yaml:1:1: axes: missing"));
}

TEST(DesignSpaceError, ValueTwice)
{
    EXPECT_EQ(error_of(with_axis("key: clock_mhz, values: [100, 150, 100]")),
              "space.yaml:3:41: axes.0.values.2: '100' twice; expected each value of an axis once");
}

TEST(DesignSpaceError, NamesThatCannotBe)
{
    EXPECT_THAT(error_of(with_axis("name: 2x, key: clock_mhz, values: [100]")),
                StartsWith("space.yaml:3:12: axes.0.name: '2x' cannot name a number"));
    EXPECT_THAT(error_of(with_axis("name: min, key: clock_mhz, values: [100]")),
                StartsWith("space.yaml:3:12: axes.0.name: 'min' cannot name a number"));
    EXPECT_EQ(error_of(with_axis("name: latency_ms.p99, key: clock_mhz, values: [100]")),
              "space.yaml:3:12: axes.0.name: 'latency_ms.p99' is the name of a result; expected "
              "another name");
    EXPECT_THAT(error_of(with_axis("name: resources.dsps, key: clock_mhz, values: [100]")),
                HasSubstr("'resources.dsps' is the name of a result"));
    EXPECT_EQ(error_of(with_more("  - {name: x, key: array.heads, values: [1, 3]}\n")),
              "space.yaml:4:12: axes.1.name: 'x' twice; expected another name");
    EXPECT_EQ(error_of(with_more("derived:\n  - {name: x, value: 1}\n")),
              "space.yaml:5:12: derived.0.name: 'x' twice; expected another name");
    EXPECT_THAT(error_of("name: a/b\naxes:\n  - {key: clock_mhz, values: [100]}\n"),
                StartsWith("space.yaml:1:7: name: found 'a/b'; expected letters"));
    EXPECT_THAT(error_of("axes:\n  - {key: clock_mhz, values: [100]}\n"),
                StartsWith("space.yaml:1:1: name: missing"));
}

TEST(DesignSpaceError, LinksThatCannotBe)
{
    const auto error = [](const std::string& link) {
        return error_of(with_more(fmt::format(
            "  - {{name: y, key: array.heads, values: [1, 3], linked_to: {}}}\n", link)));
    };
    EXPECT_EQ(error("z"), "space.yaml:4:60: axes.1.linked_to: no axis 'z'; expected the name of "
                          "another axis; did you mean 'x'?");
    EXPECT_EQ(error("y"), "space.yaml:4:60: axes.1.linked_to: axis 'y'; expected another axis that "
                          "is not linked itself");
    EXPECT_EQ(error("x"), "space.yaml:4:60: axes.1.linked_to: 2 values beside the 3 of 'x'; "
                          "expected axes of as many values");
    EXPECT_THAT(
        error_of(with_more("  - {name: y, key: array.heads, values: [1, 2, 3], linked_to: x}\n"
                           "  - {name: z, key: array.switch_cycles, values: [1, 2, 3], linked_to: "
                           "y}\n")),
        AllOf(StartsWith("space.yaml:5:"), HasSubstr("axis 'y'; expected another axis that is")));
}

TEST(DesignSpaceError, UnknownNamesInExpressions)
{
    EXPECT_EQ(error_of(with_more("constraints:\n  - latency_ms.p9 < 16\n")),
              "space.yaml:5:5: constraints.0: unknown name 'latency_ms.p9'; expected names of "
              "axes, derived numbers and results; did you mean 'latency_ms.p99'?");
    // a derived number is no result's, nor one of those below
    EXPECT_THAT(error_of(with_more("derived:\n  - {name: y, value: ddr.read_bytes}\n")),
                StartsWith("space.yaml:5:22: derived.0.value: unknown name 'ddr.read_bytes'"));
    EXPECT_THAT(error_of(with_more("derived:\n  - {name: y, value: z}\n  - {name: z, value: 1}\n")),
                StartsWith("space.yaml:5:22: derived.0.value: unknown name 'z'"));
    EXPECT_THAT(error_of(with_axis("key: board, values: [zcu102, zcu104]")
                             .append("constraints: [board > "
                                     "1]\n")),
                StartsWith("space.yaml:4:15: constraints.0: axis 'board' has words as values"));
}

TEST(DesignSpaceError, SyntaxOfExpressions)
{
    EXPECT_THAT(error_of(with_more("constraints:\n  - x < 180\n  - x <\n")),
                AllOf(StartsWith("space.yaml:6:5: constraints.1: "), HasSubstr("an expression")));
    EXPECT_THAT(error_of(with_more("derived:\n  - {name: y, value: (x}\n")),
                AllOf(StartsWith("space.yaml:5:22: derived.0.value: "), HasSubstr("arenthesis")));
    EXPECT_THAT(error_of(with_more("constraints: [x = 150]\n")),
                AllOf(StartsWith("space.yaml:4:15: constraints.0: "), HasSubstr("== compares")));
}

TEST(DesignSpaceError, ContradictoryConstraints)
{
    EXPECT_EQ(error_of(with_more("constraints:\n  - latency_ms.p99 < 10\n"
                                 "  - latency_ms.p99 >= 10\n")),
              "space.yaml:6:5: constraints.1: 'latency_ms.p99 >= 10' contradicts 'latency_ms.p99 < "
              "10'; expected constraints that a point can keep");
    EXPECT_EQ(error_of(with_more("constraints:\n  - latency_ms.p99 <= 10\n"
                                 "  - latency_ms.p99 >= 10\n")),
              "no error");
    EXPECT_THAT(error_of(with_more("constraints: [resources.dsps == 4, resources.dsps > 5]\n")),
                HasSubstr("'resources.dsps > 5' contradicts 'resources.dsps == 4'"));
}

TEST(DesignSpaceError, NamesTheConstraintsThatContradict)
{
    // the second one has nothing to do with it
    EXPECT_THAT(error_of(with_more("constraints:\n  - ddr.read_bytes <= 10\n"
                                   "  - ddr.read_bytes <= 50\n"
                                   "  - ddr.read_bytes >= 20\n")),
                HasSubstr("'ddr.read_bytes >= 20' contradicts 'ddr.read_bytes <= 10'"));
    EXPECT_THAT(error_of(with_more("constraints:\n  - ddr.read_bytes > 10\n"
                                   "  - ddr.read_bytes < 50\n"
                                   "  - ddr.read_bytes < 5\n")),
                HasSubstr("'ddr.read_bytes < 5' contradicts 'ddr.read_bytes > 10'"));
}

TEST(DesignSpaceError, ConstraintThatNoValueKeeps)
{
    EXPECT_EQ(error_of(with_more("constraints:\n  - x * 2 > 1000\n")),
              "space.yaml:5:5: constraints.0: no value of axis 'x' keeps it; expected a constraint "
              "that one of 100, 150, 200 keeps");
    EXPECT_EQ(error_of(with_more("constraints:\n  - x * 2 > 399\n")), "no error");
}

TEST(DesignSpaceError, ObjectiveThatNothingReports)
{
    EXPECT_EQ(error_of(with_more("objectives:\n  - minimize: latency_ms.p9\n")),
              "space.yaml:5:15: objectives.0.minimize: nothing reports 'latency_ms.p9'; expected "
              "the name of a result, a derived number or an axis of numbers; did you mean "
              "'latency_ms.p99'?");
    EXPECT_THAT(error_of(with_more("objectives:\n  - maximize: accuracy.top1_percent\n")),
                AllOf(StartsWith("space.yaml:5:15: objectives.0.maximize: nothing reports "
                                 "'accuracy.top1_percent' without an accuracy table"),
                      HasSubstr("base.accuracy")));
    EXPECT_THAT(error_of(with_more("objectives:\n  - {minimize: x, maximize: x}\n")),
                HasSubstr("expected one of minimize and maximize"));
    EXPECT_THAT(error_of(with_more("objectives:\n  - {}\n")),
                HasSubstr("expected one of minimize and maximize"));
}

TEST(DesignSpaceError, StrategyWithoutWhatItNeeds)
{
    for (const auto* const name : {"random", "latin_hypercube", "sobol", "nsga2", "maco"})
        EXPECT_THAT(error_of(with_more(fmt::format("objectives: [{{minimize: x}}, {{maximize: x}}]"
                                                   "\nstrategy: {{name: {}}}\n",
                                                   name))),
                    AllOf(StartsWith("space.yaml:5:1: strategy.points: no budget for strategy "),
                          HasSubstr(name)));
    for (const auto* const name : {"nsga2", "maco"})
        EXPECT_THAT(error_of(with_more(fmt::format("objectives: [{{minimize: x}}]\n"
                                                   "strategy: {{name: {}, points: 10}}\n",
                                                   name))),
                    AllOf(StartsWith("space.yaml:4:1: objectives: 1 for strategy "),
                          HasSubstr("two objectives or more")));
    EXPECT_THAT(error_of(with_more("strategy: {name: grdi}\n")),
                AllOf(StartsWith("space.yaml:4:18: strategy.name: unknown choice 'grdi'"),
                      HasSubstr("did you mean 'grid'?")));
    EXPECT_THAT(
        error_of(with_more("strategy: {population: 30}\n")),
        AllOf(StartsWith("space.yaml:4:24: strategy.population: "), HasSubstr("a multiple of 4")));
}

TEST(DesignSpaceError, ListOfAxesOfDifferentLengths)
{
    EXPECT_EQ(error_of(with_more("  - {name: y, key: array.heads, values: [1, 3]}\n"
                                 "strategy: {name: list}\n")),
              "space.yaml:5:18: strategy.name: list of axes with 3 and 2 values; expected axes of "
              "as many values: a list takes the n-th of each");
}

TEST(DesignSpaceError, TooManyCombinations)
{
    std::string text = "name: huge\naxes:\n";
    const std::vector<std::string> keys{"clock_mhz", "controller.operator_cycles",
                                        "array.switch_cycles", "array.pipeline_depth_cycles"};
    for (const auto& key : keys)
        text.append(
            fmt::format("  - {{key: {}, range: {{from: 100, to: 200, step: 0.01}}}}\n", key));
    EXPECT_THAT(error_of(text), AllOf(StartsWith("space.yaml:2:1: axes: 1e+16 combinations"),
                                      HasSubstr("at most 9e+15")));
}

TEST(DesignSpaceError, ReportsEverythingAtOnce)
{
    const auto error = error_of(with_more("constraints:\n  - x <\n  - z > 1\n"
                                          "objectives:\n  - minimize: nothing\n"));
    EXPECT_THAT(error, AllOf(HasSubstr("space.yaml:5:5: "), HasSubstr("space.yaml:6:5: "),
                             HasSubstr("space.yaml:8:15: ")));
}

TEST(DesignSpaceError, UserFilesOfAnAxisAreChecked)
{
    const test::TemporaryFolder folder;
    EXPECT_THAT(
        error_of(with_axis(fmt::format("key: trace, values: [{}]", folder.path("missing.csv")))),
        HasSubstr("missing.csv"));
    EXPECT_THAT(error_of(with_axis(
                    fmt::format("key: schedule, values: [{}]", folder.path("missing.yaml")))),
                HasSubstr("missing.yaml"));
    const auto broken = folder.write("broken.yaml", "name: broken\nselectors:\n  - {keep: 1}\n");
    EXPECT_THAT(error_of(with_axis(fmt::format("key: schedule, values: [heatvit, {}]", broken))),
                HasSubstr("broken.yaml:3:6: selectors.0.keep: unknown key"));
    const auto board = folder.write("board.yaml", "name: broken\n");
    EXPECT_THAT(error_of(with_axis(fmt::format("key: board, values: [zcu102, {}]", board))),
                HasSubstr("board.yaml:1:1: "));
}

// a selector cannot keep more than the one before it: 0.8 beside 0.9 is right, beside 0.7 it is not
TEST(DesignSpace, AllowsValuesThatAreRightBesideSomeOthers)
{
    const auto space = space_of("name: ratios\n"
                                "base: {schedule: heatvit}\n"
                                "axes:\n"
                                "  - {key: schedule.selectors.0.keep_ratio, values: [0.7, 0.9]}\n"
                                "  - {key: schedule.selectors.1.keep_ratio, values: [0.6, 0.8]}\n");
    EXPECT_THROW((void)setup_of(space, {0, 1}), config::Error);
    EXPECT_DOUBLE_EQ(setup_of(space, {1, 1}).schedule.selectors.at(1).keep_ratio, 0.8);
}

TEST(DesignSpace, ShippedSpacesAreRight)
{
    const auto names = system::catalog_names(system::ConfigKind::Sweep);
    EXPECT_GE(names.size(), 6U);
    for (const auto& name : names) {
        const auto space = DesignSpace::load({name, {}, example_metrics});
        EXPECT_EQ(space.config().name, name);
        EXPECT_FALSE(space.config().description.empty()) << name;
        EXPECT_GE(space.objectives().size(), 2U) << name;
        EXPECT_GT(space.size(), 100U) << name;
    }
}

TEST(DesignSpace, UnknownNameIsRefused)
{
    try {
        (void)DesignSpace::load({"deit_t_board", {}, {}});
        ADD_FAILURE() << "no error";
    } catch (const config::Error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("no 'deit_t_board'"),
                                        HasSubstr("did you mean 'deit_t_boards'?")));
    }
}

} // namespace heatsim::sweep
