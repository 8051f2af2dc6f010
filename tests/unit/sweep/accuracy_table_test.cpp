// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"
#include "sweep/accuracy_table.hpp"
#include "sweep/hull.hpp"
#include "system/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;
using workload::Choice;

constexpr double exact = 1e-9;

workload::Model deit_t()
{
    return system::load({}).model;
}

workload::Schedule schedule_of(const std::vector<std::pair<std::uint64_t, double>>& selectors,
                               Choice choice = Choice::Threshold)
{
    workload::Schedule schedule;
    schedule.name = "test";
    schedule.choice = choice;
    for (const auto& [block, ratio] : selectors) {
        workload::Selector selector;
        selector.before_block = block;
        selector.keep_ratio = ratio;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

const AccuracyTable& shipped()
{
    static const auto table = AccuracyTable::load("deit_t_fashion_mnist");
    return table;
}

std::optional<double> top1(const workload::Schedule& schedule)
{
    return shipped().top1_percent(deit_t(), schedule);
}

/// A table of two blocks with these rows, from line 8 on.
std::string table_text(const std::string& rows)
{
    return "# format: heatsim accuracy table 1\n# model: small\n# blocks: 2\n# channels: 192\n"
           "# patch_tokens: 196\n# package_token: one\n"
           "choice,before_blocks,keep_ratios,top1_percent\n" +
           rows;
}

std::string message_of(const std::string& text)
{
    const test::TemporaryFolder folder;
    try {
        (void)AccuracyTable::load(folder.write("table.csv", text));
    } catch (const config::Error& error) {
        return error.what();
    }
    return "no error";
}

} // namespace

TEST(AccuracyTable, GivesWhatWasMeasured)
{
    EXPECT_EQ(shipped().name(), "deit_t_fashion_mnist");
    EXPECT_EQ(shipped().model(), "deit_t");
    EXPECT_DOUBLE_EQ(shipped().dense_top1_percent(), 93.02);
    EXPECT_DOUBLE_EQ(shipped().sampling_error_points(), 0.26);
    EXPECT_THAT(top1(schedule_of({})), Optional(93.02));
    EXPECT_THAT(top1(schedule_of({{4, 0.7}, {7, 0.49}, {10, 0.34}})), Optional(93.00));
    EXPECT_THAT(top1(schedule_of({{2, 0.5}, {5, 0.25}, {8, 0.13}})), Optional(92.06));
    // the mean of three trainings
    EXPECT_THAT(top1(schedule_of({{4, 0.7}, {7, 0.39}, {10, 0.21}})), Optional(92.613));
    // fixed counts: trained so, and ranked by the adaptive network
    EXPECT_THAT(top1(schedule_of({{4, 0.7}, {7, 0.49}, {10, 0.34}}, Choice::TopK)),
                Optional(92.59));
    EXPECT_THAT(top1(schedule_of({{7, 0.5102}}, Choice::TopK)), Optional(92.65));
}

TEST(AccuracyTable, EveryNetworkIsFoundAgain)
{
    const auto model = deit_t();
    for (const auto& network : shipped().networks()) {
        std::vector<std::pair<std::uint64_t, double>> selectors;
        for (std::size_t i = 0; i < network.before_blocks.size(); ++i)
            selectors.emplace_back(network.before_blocks[i], network.keep_ratios[i]);
        const auto schedule = schedule_of(selectors, network.choice.value_or(Choice::Threshold));
        EXPECT_THAT(shipped().top1_percent(model, schedule), Optional(network.top1_percent))
            << network.networks;
    }
}

TEST(AccuracyTable, InterpolatesBetweenNeighbours)
{
    // one selector before block 10: 93.02 at 1, 92.75 at 0.7, 92.84 at 0.5, 92.82 at 0.3
    EXPECT_THAT(top1(schedule_of({{10, 0.85}})), Optional(DoubleNear(92.885, exact)));
    EXPECT_THAT(top1(schedule_of({{10, 0.6}})), Optional(DoubleNear(92.795, exact)));
    EXPECT_THAT(top1(schedule_of({{10, 0.45}})), Optional(DoubleNear(92.835, exact)));
    // beyond the last measured one
    EXPECT_EQ(top1(schedule_of({{10, 0.29}})), std::nullopt);
    // a quarter of the way from dense to one selector each before blocks 11 and 12
    EXPECT_THAT(top1(schedule_of({{11, 0.875}, {12, 0.75}})),
                Optional(DoubleNear(93.02 - 0.25 * 0.18 - 0.25 * 0.15, exact)));
}

TEST(AccuracyTable, KnowsNothingOfWhatWasNotMeasured)
{
    const auto measured = schedule_of({{4, 0.7}, {7, 0.49}, {10, 0.34}});
    EXPECT_EQ(top1(schedule_of({{1, 0.9}})), std::nullopt); // no network prunes in front of block 1
    EXPECT_EQ(top1(schedule_of({{12, 0.4}})), std::nullopt);
    const auto with = [&measured](const auto& change) {
        auto schedule = measured;
        change(schedule);
        return top1(schedule);
    };
    EXPECT_TRUE(with([](auto&) {}).has_value());
    EXPECT_EQ(with([](auto& s) { s.choice = Choice::Fixed; }), std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.scoring = workload::Scoring::Predictor; }), std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.package_token = workload::PackageToken::None; }), std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.keep_ratio_of = workload::KeepRatioOf::Current; }),
              std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.head_keep_ratio = 0.67; }), std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.channel_keep_ratio = 0.75; }), std::nullopt);
    EXPECT_EQ(with([](auto& s) { s.selectors[1].keep_ratio = 0.0; }), std::nullopt);
    EXPECT_EQ(
        with([](auto& s) { std::swap(s.selectors[1].before_block, s.selectors[1].inside_block); }),
        std::nullopt);
    auto other = deit_t();
    other.name = "deit_s";
    EXPECT_EQ(shipped().top1_percent(other, measured), std::nullopt);
    auto deeper = deit_t();
    deeper.depth = 14;
    EXPECT_EQ(shipped().top1_percent(deeper, measured), std::nullopt);
}

TEST(AccuracyTable, ReadsAFile)
{
    const test::TemporaryFolder folder;
    const auto path = folder.write("table.csv", table_text("dense,,,80\nthreshold,2,0.5,70\n"));
    const auto table = AccuracyTable::load(path);
    EXPECT_EQ(table.name(), path);
    auto model = deit_t();
    model.name = "small";
    model.depth = 2;
    EXPECT_THAT(table.top1_percent(model, schedule_of({{2, 0.75}})),
                Optional(DoubleNear(75.0, exact)));
    // no row of this choice, but the dense network is one of each
    EXPECT_EQ(table.top1_percent(model, schedule_of({{2, 0.5}}, Choice::TopK)), std::nullopt);
    EXPECT_THAT(table.top1_percent(model, schedule_of({}, Choice::TopK)), Optional(80.0));
}

TEST(AccuracyTable, SaysWhatIsWrongWithAFile)
{
    EXPECT_EQ(message_of(table_text("dense,,,80\n")), "no error");
    EXPECT_THAT(message_of("choice\n"), HasSubstr("format: missing"));
    EXPECT_THAT(message_of("# blocks: none\n"), HasSubstr("table.csv:1:11: blocks: 'none'"));
    EXPECT_THAT(message_of(table_text("threshold,2,0.5,70\n")),
                HasSubstr("no row of the dense network"));
    EXPECT_THAT(message_of(table_text("treshold,2,0.5,70\n")),
                HasSubstr("table.csv:8:1: choice: 'treshold'"));
    EXPECT_THAT(message_of(table_text("treshold,2,0.5,70\n")),
                HasSubstr("did you mean 'threshold'?"));
    EXPECT_THAT(message_of(table_text("threshold,3,0.5,70\n")),
                HasSubstr("8:11: before_blocks: '3'"));
    EXPECT_THAT(message_of(table_text("threshold,1 2,0.5 0.6,70\n")),
                HasSubstr("keep_ratios: '0.6'"));
    EXPECT_THAT(message_of(table_text("threshold,1 2,0.5,70\n")), HasSubstr("1 keep ratios"));
    EXPECT_THAT(message_of(table_text("threshold,2,0.5,170\n")), HasSubstr("top1_percent: '170'"));
    EXPECT_THAT(message_of(table_text("threshold,2,0.5\n")), HasSubstr("3 cells"));
    EXPECT_THAT(message_of(table_text("threshold,,,70\n")), HasSubstr("no selector"));
    EXPECT_THAT(message_of(table_text("dense,,,80\ntop_k,2,0.5,70\ntop_k,1 2,1 0.5,71\n")),
                HasSubstr("table.csv:10:1: the same choice and keep ratios"));
    EXPECT_THAT(message_of(""), HasSubstr("no line of column names"));
}

TEST(AccuracyTable, UnknownNamesHaveTheNearestOne)
{
    try {
        (void)AccuracyTable::load("deit_t_fashion_mnst", {"space.yaml", 3, 11});
        FAIL() << "there is no such table";
    } catch (const config::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("space.yaml:3:11: accuracy: no 'deit_t_fashion_mnst'"));
        EXPECT_THAT(error.what(), HasSubstr("did you mean 'deit_t_fashion_mnist'?"));
    }
    EXPECT_THROW((void)AccuracyTable::load("no/such.csv"), config::Error);
}

TEST(Hull, TakesTheLocalTriangleNotTheCheapestOne)
{
    // a bump in the middle: the lower envelope of the values alone would skip it
    const std::vector<std::vector<double>> points{{0.0}, {1.0}, {2.0}};
    const std::vector<Sample> samples{{&points[0], 0.0}, {&points[1], 10.0}, {&points[2], 0.0}};
    EXPECT_THAT(interpolate_in_hull(samples, {0.5}), Optional(DoubleNear(5.0, exact)));
    EXPECT_THAT(interpolate_in_hull(samples, {1.0}), Optional(10.0));
    EXPECT_THAT(interpolate_in_hull(samples, {1.75}), Optional(DoubleNear(2.5, exact)));
    EXPECT_EQ(interpolate_in_hull(samples, {2.001}), std::nullopt);
    EXPECT_EQ(interpolate_in_hull({}, {1.0}), std::nullopt);
}

TEST(Hull, TiesDoNotDependOnTheOrder)
{
    // the corners of a square lie on one circle: either diagonal is a triangulation
    const std::vector<std::vector<double>> points{{0.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}};
    std::vector<Sample> samples{
        {&points[0], 4.0}, {&points[1], 1.0}, {&points[2], 2.0}, {&points[3], 8.0}};
    std::sort(samples.begin(), samples.end(),
              [](const Sample& a, const Sample& b) { return a.value < b.value; });
    do {
        EXPECT_THAT(interpolate_in_hull(samples, {0.5, 0.5}), Optional(DoubleNear(1.5, exact)));
    } while (
        std::next_permutation(samples.begin(), samples.end(),
                              [](const Sample& a, const Sample& b) { return a.value < b.value; }));
}

} // namespace heatsim::sweep
