// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.hpp"
#include "report/explain.hpp"
#include "unit/report/example_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::report {

namespace {

using testing::HasSubstr;

/// A run of 1000 cycles and 4 ms an image, of which nothing was simulated.
RunFigures dense_run()
{
    RunFigures run;
    run.name = "results/dense";
    run.model = "deit_t";
    run.schedule = "dense";
    run.accelerator = "heatvit_int8_zcu102";
    run.board = "zcu102";
    run.memory = "ddr4_2133_x64";
    run.clock_mhz = 150.0;
    run.images = 1;
    run.latency_mean_ms = 4.0;
    run.latency_p50_ms = 4.0;
    run.latency_p99_ms = 4.0;
    run.latency_max_ms = 4.0;
    run.fps = 250.0;
    run.cycles = 600000.0;
    run.macs = 1.25e9;
    run.utilization_percent = 70.0;
    run.ddr_bytes = 10e6;
    run.energy_mj = 20.0;
    run.power_w = 5.0;
    run.resources.dsps = 1553;
    run.resources.luts = 50000.4;
    run.resources.memory_luts = 1000.0;
    run.resources.flip_flops = 40000.0;
    run.resources.bram18 = 1001;
    run.groups = {{"softmax", 100000.0}, {"FFN GEMMs", 500000.0}};
    run.operators = {{"blocks.1.attn.softmax", 100000.0},
                     {"blocks.1.mlp.fc1", 300000.0},
                     {"blocks.1.mlp.fc2", 200000.0}};
    run.per_image = {{"0", 4.0}};
    return run;
}

/// Half the time on average, over four images of a trace.
RunFigures pruned_run()
{
    auto run = dense_run();
    run.name = "results/pruned";
    run.schedule = "heatvit";
    run.trace = "traces/four.csv.gz";
    run.dataset = "four images";
    run.top1_percent = 72.5;
    run.images = 4;
    run.latency_mean_ms = 2.5;
    run.latency_p50_ms = 2.0;
    run.latency_p99_ms = 5.0;
    run.latency_max_ms = 5.0;
    run.fps = 400.0;
    run.cycles = 375000.0;
    run.macs = 0.75e9;
    run.utilization_percent = 60.5;
    run.groups = {{"softmax", 25000.0}, {"FFN GEMMs", 300000.0}, {"token selector", 50000.0}};
    run.operators = {{"blocks.1.attn.softmax", 25000.0},
                     {"selector.1.score", 50000.0},
                     {"blocks.1.mlp.fc1", 300000.4}};
    run.per_image = {{"0", 1.0}, {"1", 2.0}, {"2", 4.0}, {"3", 5.0}};
    return run;
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

std::vector<std::string> names_of(const std::vector<PartDifference>& parts)
{
    std::vector<std::string> names;
    names.reserve(parts.size());
    for (const auto& part : parts)
        names.push_back(part.name);
    return names;
}

const Style plain{false, true};

} // namespace

TEST(Comparison, PartsAreInTheOrderOfTheirLargestChange)
{
    const auto comparison = compare_runs({dense_run(), pruned_run()});
    EXPECT_THAT(names_of(comparison.groups),
                testing::ElementsAre("FFN GEMMs", "softmax", "token selector"));
    // fc2 is in the first only, the selector in the second only: all their cycles are change
    EXPECT_THAT(names_of(comparison.operators),
                testing::ElementsAre("blocks.1.mlp.fc2", "blocks.1.attn.softmax",
                                     "selector.1.score", "blocks.1.mlp.fc1"));
    EXPECT_EQ(comparison.operators[0].cycles[1], std::nullopt);
    EXPECT_EQ(comparison.operators[0].change(1), -200000.0);
    EXPECT_EQ(comparison.operators[2].cycles[0], std::nullopt);
    EXPECT_EQ(comparison.operators[2].change(1), 50000.0);
}

TEST(Comparison, ChangesOfAPartSumUpToThatOfTheRun)
{
    const auto comparison = compare_runs({dense_run(), pruned_run()});
    double change = 0.0;
    for (const auto& group : comparison.groups)
        change += group.change(1);
    EXPECT_EQ(change, comparison.runs[1].cycles - comparison.runs[0].cycles);
}

TEST(Comparison, RunWithoutATraceIsComparedWithEveryImage)
{
    const auto comparison = compare_runs({dense_run(), pruned_run()});
    EXPECT_FALSE(comparison.paired[0]);
    ASSERT_TRUE(comparison.paired[1]);
    const auto& paired = *comparison.paired[1];
    EXPECT_EQ(paired.images, 4U);
    EXPECT_EQ(paired.faster, 2U); // 1 ms and 2 ms; 4 ms is the same, 5 ms is slower
    EXPECT_EQ(paired.slower, 1U);
    EXPECT_EQ(paired.ratio.p50, 0.5);
    EXPECT_EQ(paired.ratio.p95, 1.25);
    EXPECT_EQ(paired.ratio.max, 1.25);

    const auto turned = compare_runs({pruned_run(), dense_run()});
    ASSERT_TRUE(turned.paired[1]);
    EXPECT_EQ(turned.paired[1]->faster, 1U);
    EXPECT_EQ(turned.paired[1]->ratio.max, 4.0);
}

TEST(Comparison, ImagesOfTwoTracesArePairedByTheirNumbers)
{
    auto other = pruned_run();
    other.per_image = {{"0", 2.0}, {"1", 1.0}, {"2", 4.0}, {"3", 2.5}};
    const auto paired = compare_runs({pruned_run(), other}).paired[1];
    ASSERT_TRUE(paired);
    EXPECT_EQ(paired->faster, 2U);
    EXPECT_EQ(paired->slower, 1U);
    EXPECT_EQ(paired->ratio.p50, 0.5);
    EXPECT_EQ(paired->ratio.max, 2.0);
}

TEST(Comparison, OtherImagesAreNotPaired)
{
    const auto is_paired = [](const RunFigures& first, const RunFigures& second) {
        return compare_runs({first, second}).paired[1].has_value();
    };
    auto fewer = pruned_run();
    fewer.per_image.pop_back();
    EXPECT_FALSE(is_paired(pruned_run(), fewer));
    auto others = pruned_run();
    others.per_image[3].image = "7";
    EXPECT_FALSE(is_paired(pruned_run(), others));
    auto dataset = pruned_run();
    dataset.dataset = "other images";
    EXPECT_FALSE(is_paired(pruned_run(), dataset));
    dataset.dataset.clear(); // not known
    EXPECT_TRUE(is_paired(pruned_run(), dataset));
    EXPECT_FALSE(is_paired(dense_run(), dense_run())); // one image says nothing of a distribution
}

TEST(ComparisonText, IsTheRecordedOne)
{
    const auto text =
        comparison_text(compare_runs({dense_run(), pruned_run()}), 3, page_width, plain);
    EXPECT_EQ(text, R"(A  results/dense (baseline)
   deit_t · schedule dense · 1 image · heatvit_int8_zcu102 on zcu102 · ddr4_2133_x64 · 150 MHz
B  results/pruned
   deit_t · schedule heatvit · trace four.csv.gz · 4 images · heatvit_int8_zcu102 on zcu102 ·
   ddr4_2133_x64 · 150 MHz

Figures
per image                   A       B       B-A
latency, mean (ms)      4.000   2.500   -37.5 %
latency, p50 (ms)       4.000   2.000   -50.0 %
latency, p99 (ms)       4.000   5.000   +25.0 %
latency, worst (ms)     4.000   5.000   +25.0 %
frame rate (images/s)   250.0   400.0   +60.0 %
speed-up                1.000   1.600
top-1 accuracy (%)          –   72.50
compute (GMACs)         1.250  0.7500   -40.0 %
array utilization (%)   70.00   60.50  -9.50 pt
DDR traffic (MB)        10.00   10.00
energy (mJ)             20.00   20.00
power (W)               5.000   5.000
DSP slices              1,553   1,553
LUTs                   51,000  51,000
flip-flops             40,000  40,000
BRAM36                  500.5   500.5
URAM                        0       0
Accuracy of B: four images.
Energy, power and resources are estimates (`heatsim validate`).

The same images, one by one
against A                  B
images                     4
faster (%)             50.00
slower (%)             25.00
latency ratio, p50    0.5000
latency ratio, p95     1.250
latency ratio, worst   1.250
Latency ratio: latency of an image / its latency in A; below 1 the image is faster. A run without a
trace takes the same time for every image.

Cycles per image by group of operators, largest change first
group                 A        B       B-A
FFN GEMMs       500,000  300,000  -200,000
softmax         100,000   25,000   -75,000
token selector        –   50,000   +50,000
all             600,000  375,000  -225,000

Cycles per image by operator, largest change first
operator                     A       B       B-A
blocks.1.mlp.fc2       200,000       –  -200,000
blocks.1.attn.softmax  100,000  25,000   -75,000
selector.1.score             –  50,000   +50,000
4 of 4 operators differ; 3 shown (--operators all shows all).
In A, not in B: 1 operator with 200,000 cycles.
In B, not in A: 1 operator with 50,000 cycles.
)");
}

TEST(ComparisonText, AccuraciesOfOtherImagesAreNotSubtracted)
{
    auto other = pruned_run();
    other.top1_percent = 80.0;
    const auto same = compare_runs({pruned_run(), other});
    EXPECT_THAT(comparison_text(same, 0, page_width, plain), HasSubstr("+7.50 pt"));
    other.dataset = "other images";
    const auto different =
        comparison_text(compare_runs({pruned_run(), other}), 0, page_width, plain);
    EXPECT_THAT(different, testing::Not(HasSubstr("+7.50 pt")));
    EXPECT_THAT(different,
                HasSubstr("Accuracy of A: four images.\nAccuracy of B: other images.\n"));
}

TEST(ComparisonText, RunsThatDoNotFitGoIntoFurtherTables)
{
    std::vector<RunFigures> runs(7, pruned_run());
    runs.front() = dense_run();
    const auto comparison = compare_runs(std::move(runs));
    for (const std::size_t width : {60U, 80U, 120U}) {
        const auto text = comparison_text(comparison, 10, width, plain);
        for (const auto& line : lines_of(text))
            EXPECT_LE(display_width(line), width) << line;
        for (const char* heading : {"B-A", "G-A"})
            EXPECT_THAT(text, HasSubstr(heading));
    }
    const auto heading_count = [&](std::size_t width) {
        const auto lines = lines_of(comparison_text(comparison, 0, width, plain));
        return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.rfind("per image", 0) == 0;
        });
    };
    EXPECT_GT(heading_count(80), heading_count(120));
    EXPECT_EQ(heading_count(400), 1);
    EXPECT_THAT(
        comparison_text(comparison, 0, 400, plain),
        HasSubstr("against A                  B       C       D       E       F       G\n"));
}

TEST(ComparisonText, SaysThatClocksDiffer)
{
    auto faster = pruned_run();
    EXPECT_THAT(comparison_text(compare_runs({dense_run(), faster}), 0, page_width, plain),
                testing::Not(HasSubstr("clocks differ")));
    faster.clock_mhz = 200.0;
    EXPECT_THAT(comparison_text(compare_runs({dense_run(), faster}), 0, page_width, plain),
                HasSubstr("clocks differ"));
}

TEST(ComparisonText, WithoutUtf8IsAscii)
{
    auto run = pruned_run();
    run.top1_percent = std::nullopt;
    const auto text =
        comparison_text(compare_runs({dense_run(), run}), 9, page_width, {false, false});
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char letter) {
        return static_cast<unsigned char>(letter) < 0x80U;
    })) << text;
}

TEST(ComparisonText, ASingleLetterNamesEveryRun)
{
    EXPECT_EQ(run_letter(0), "A");
    EXPECT_EQ(run_letter(most_compared_runs - 1), "Z");
}

TEST(ComparisonJson, HasExactlyTheExplainedKeys)
{
    auto json = comparison_json(compare_runs({dense_run(), pruned_run()}), all_operators);
    std::vector<std::string> written{"version", "runs", "groups", "operators"};
    for (const auto& [key, value] : json["runs"][1].items())
        written.push_back("runs[]." + key);
    for (const auto& [key, value] : json["runs"][1]["paired"].items())
        written.push_back("runs[].paired." + key);
    for (const char* list : {"groups", "operators"})
        for (const auto& [key, value] : json[list][0].items())
            written.push_back(std::string{list} + "[]." + key);
    std::vector<std::string> known;
    for (const auto& field : comparison_fields()) {
        known.push_back(field.name);
        EXPECT_FALSE(field.meaning.empty()) << field.name;
        EXPECT_FALSE(find_topics(all_topics({}), field.name).topics.empty()) << field.name;
    }
    EXPECT_THAT(written, testing::UnorderedElementsAreArray(known));
}

TEST(ComparisonJson, FiguresAreNumbersOrNull)
{
    const auto json = comparison_json(compare_runs({dense_run(), pruned_run()}), 1);
    const auto& dense = json["runs"][0];
    const auto& pruned = json["runs"][1];
    EXPECT_EQ(dense["speedup"], 1);
    EXPECT_EQ(pruned["speedup"], 1.6); // 4 ms / 2.5 ms
    EXPECT_TRUE(dense["top1_percent"].is_null());
    EXPECT_EQ(pruned["top1_percent"], 72.5);
    EXPECT_TRUE(dense["trace"].is_null());
    EXPECT_TRUE(dense["paired"].is_null());
    EXPECT_EQ(pruned["paired"]["faster_percent"], 50);
    EXPECT_EQ(dense["luts"], 51000); // those used as memory, too
    EXPECT_EQ(dense["bram36"], 500.5);
    ASSERT_EQ(json["operators"].size(), 1U);
    EXPECT_EQ(json["operators"][0].dump(), R"({"operator":"blocks.1.mlp.fc2",)"
                                           R"("cycles":[200000.0,null],)"
                                           R"("change_cycles":[0.0,-200000.0]})");
}

TEST(ComparisonCsv, HasOneRowPerFigureAndRun)
{
    auto named = pruned_run();
    named.name = "a, \"b\"";
    const auto lines = lines_of(comparison_csv(compare_runs({dense_run(), named}), all_operators));
    EXPECT_EQ(lines.front(), "table,figure,unit,run,name,value,baseline");
    ASSERT_EQ(comparison_columns().size(), 7U);
    EXPECT_THAT(lines, testing::Contains("figures,latency_mean_ms,ms,A,results/dense,4,4"));
    EXPECT_THAT(lines, testing::Contains(R"(figures,latency_mean_ms,ms,B,"a, ""b""",2.5,4)"));
    EXPECT_THAT(lines, testing::Contains("figures,top1_percent,%,A,results/dense,,"));
    EXPECT_THAT(lines, testing::Contains(R"(paired,ratio_p50,1,B,"a, ""b""",0.5,)"));
    EXPECT_THAT(lines, testing::Contains("operators,selector.1.score,cycles,A,results/dense,,"));
    // 17 figures, 3 groups and 4 operators of both runs, 6 paired figures of one, the header
    EXPECT_EQ(lines.size(), 2U * (17 + 3 + 4) + 6 + 1);
}

TEST(ComparisonMarkdown, EveryTableHasACellPerColumn)
{
    auto named = pruned_run();
    named.name = "a|b";
    const auto text = comparison_markdown(compare_runs({dense_run(), named}), 10);
    std::size_t columns = 0;
    for (const auto& line : lines_of(text)) {
        if (line.empty() || line.front() != '|') {
            columns = 0;
            continue;
        }
        std::size_t bars = 0;
        for (std::size_t i = 0; i < line.size(); ++i)
            bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1U : 0U;
        if (columns == 0)
            columns = bars;
        EXPECT_EQ(bars, columns) << line;
    }
    EXPECT_THAT(text, HasSubstr("| B | a\\|b | deit_t | heatvit | traces/four.csv.gz | 4 |"));
    EXPECT_THAT(text, HasSubstr("| latency, mean (ms) | 4.000 | 2.500 (-37.5 %) |"));
    EXPECT_THAT(text, HasSubstr("| blocks.1.mlp.fc2 | 200,000 | – (-200,000) |"));
}

} // namespace heatsim::report
