// SPDX-License-Identifier: Apache-2.0
#include "report/distribution_report.hpp"
#include "unit/report/example_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::report {

namespace {

using testing::HasSubstr;

/// A run of images that take `cycles`, of which nothing else is known.
system::RunResult run_of(const std::vector<std::uint64_t>& cycles)
{
    system::RunResult run;
    for (const auto count : cycles) {
        run.images.emplace_back();
        run.images.back().cycles = count;
    }
    return run;
}

/// Two runs of one image, the slow one with more tokens in stage 1, where FC1 takes 90 cycles more.
struct Example {
    system::RunSetup setup;
    system::RunResult run;
    system::RunResult slowest;
    system::RunResult typical;
    Tail tail;
};

system::RunResult only(const system::RunResult& run, std::size_t image, std::uint64_t fc1_cycles)
{
    system::RunResult one;
    one.images = {run.images[image]};
    one.operators = run.operators;
    for (auto& op : one.operators) {
        op.executions = 1;
        op.sum.start_cycle = 0;
        op.sum.end_cycle = 0;
    }
    one.operators[1].sum.end_cycle = run.images[image].cycles - fc1_cycles;
    one.operators[2].name = "blocks.4.mlp.fc1";
    one.operators[2].kind = workload::OperatorKind::Gemm;
    one.operators[2].stage = 1;
    one.operators[2].sum.end_cycle = fc1_cycles;
    return one;
}

Example example()
{
    Example result;
    std::tie(result.setup, result.run) = example_run();
    result.run.images[0].tokens = {197, 180, 78, 44};
    result.slowest = only(result.run, 0, 130);
    result.typical = only(result.run, 1, 40);
    result.tail = tail_of(result.setup, result.run, select_tail(result.run).value(), result.slowest,
                          result.typical);
    return result;
}

} // namespace

TEST(SelectTail, IsTheSlowestOnePercentAndAsManyAroundTheMedian)
{
    std::vector<std::uint64_t> cycles;
    cycles.reserve(300);
    for (std::uint64_t i = 0; i < 300; ++i)
        cycles.push_back(1000 + (i * 7) % 300); // each of 1000 to 1299 once
    const auto run = run_of(cycles);
    const auto selection = select_tail(run).value();
    std::vector<std::uint64_t> slowest;
    std::vector<std::uint64_t> typical;
    for (const auto image : selection.slowest)
        slowest.push_back(run.images[image].cycles);
    for (const auto image : selection.typical)
        typical.push_back(run.images[image].cycles);
    EXPECT_EQ(slowest, (std::vector<std::uint64_t>{1299, 1298, 1297}));
    EXPECT_EQ(typical, (std::vector<std::uint64_t>{1150, 1149, 1148})); // p50 is 1149
}

TEST(SelectTail, OfTwoImagesComparesThem)
{
    const auto selection = select_tail(run_of({5, 9})).value();
    EXPECT_EQ(selection.slowest, std::vector<std::size_t>{1});
    EXPECT_EQ(selection.typical, std::vector<std::size_t>{0});
}

TEST(SelectTail, IsNothingWhereAllTakeAsLong)
{
    EXPECT_FALSE(select_tail(run_of({5, 5, 5})).has_value());
    EXPECT_FALSE(select_tail(run_of({})).has_value());
}

TEST(SelectTail, NeverTakesMoreThanAHundred)
{
    std::vector<std::uint64_t> cycles(20000, 1);
    cycles.front() = 2;
    EXPECT_EQ(select_tail(run_of(cycles)).value().slowest.size(), 100U);
}

TEST(Tail, DifferencesSumUp)
{
    const auto tail = example().tail;
    EXPECT_DOUBLE_EQ(tail.more_ms(), 101.0 / 150e3);
    double stages = 0.0;
    for (const auto& stage : tail.stages)
        stages += stage.time.more_ms();
    double groups = 0.0;
    for (const auto& group : tail.groups)
        groups += group.more_ms();
    double causes = 0.0;
    for (const auto& cause : tail.causes)
        causes += cause.more_ms();
    EXPECT_NEAR(stages, tail.more_ms(), 1e-12);
    EXPECT_NEAR(groups, tail.more_ms(), 1e-12);
    EXPECT_NEAR(causes, tail.more_ms(), 1e-12);
}

TEST(Tail, SentenceNamesStageGroupAndCause)
{
    const auto sentence = tail_sentence(example().tail);
    EXPECT_THAT(sentence, HasSubstr("The slowest image takes 0.001340 ms"));
    EXPECT_THAT(sentence, HasSubstr("89 % of it in blocks 4 to 6, with 180 tokens instead of 139"));
    EXPECT_THAT(sentence, HasSubstr("most in FFN GEMMs (89 %)"));
    EXPECT_THAT(sentence, HasSubstr("busy grows most (+0.001 ms)"));
}

TEST(Tail, TextIsAtMostEightyColumnsWide)
{
    std::istringstream lines{tail_text(example().tail, {})};
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), 80U) << line;
}

TEST(DistributionCsv, EveryImageIsInOneBinOfEachQuantity)
{
    const auto [setup, run] = example_run();
    std::istringstream lines{distribution_csv(summarize(setup, run))};
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "quantity,low,high,images,cumulative_percent");
    std::map<std::string, int> images;
    std::map<std::string, std::string> last;
    while (std::getline(lines, line)) {
        std::istringstream cells{line};
        std::vector<std::string> row;
        for (std::string cell; std::getline(cells, cell, ',');)
            row.push_back(cell);
        ASSERT_EQ(row.size(), 5U);
        images[row[0]] += std::stoi(row[3]);
        last[row[0]] = row[4];
    }
    EXPECT_EQ(images,
              (std::map<std::string, int>{{"latency_ms", 2}, {"energy_mj", 2}, {"ddr_bytes", 2}}));
    for (const auto& [quantity, percent] : last)
        EXPECT_EQ(percent, "100.0") << quantity;
}

} // namespace heatsim::report
