// SPDX-License-Identifier: Apache-2.0
#include "workload/operators.hpp"
#include "workload/trace_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;

TEST(TraceStatistics, SampleByHand)
{
    const auto sample = sample_statistics({4.0, 1.0, 3.0, 2.0});
    EXPECT_DOUBLE_EQ(sample.mean, 2.5);
    EXPECT_DOUBLE_EQ(sample.standard_deviation, std::sqrt(1.25)); // (2.25 + 0.25) 2 / 4
    EXPECT_EQ(sample.min, 1.0);
    EXPECT_EQ(sample.p5, 1.0);
    EXPECT_EQ(sample.p50, 2.0);
    EXPECT_EQ(sample.p95, 4.0);
    EXPECT_EQ(sample.max, 4.0);
    EXPECT_EQ(sample_statistics({}).mean, 0.0);
    EXPECT_EQ(sample_statistics({0.1, 0.1, 0.1}).standard_deviation, 0.0);
}

TEST(TraceStatistics, CorrelationByHand)
{
    EXPECT_DOUBLE_EQ(*correlation({1, 2, 3}, {2, 4, 6}), 1.0);
    EXPECT_DOUBLE_EQ(*correlation({1, 2, 3}, {5, 4, 3}), -1.0);
    EXPECT_DOUBLE_EQ(*correlation({-1, 0, 1}, {1, 0, 1}), 0.0);
    EXPECT_FALSE(correlation({1, 2, 3}, {7, 7, 7}).has_value());
}

TEST(TraceStatistics, HistogramCoversTheRangeOnce)
{
    const auto bins = histogram({10, 11, 12, 19, 20}, 4); // 11 values in bins of 3
    ASSERT_EQ(bins.size(), 4U);
    EXPECT_EQ(bins[0].from, 10U);
    EXPECT_EQ(bins[0].to, 12U);
    EXPECT_EQ(bins[0].images, 3U);
    EXPECT_EQ(bins[1].images, 0U);
    EXPECT_EQ(bins[2].images, 0U);
    EXPECT_EQ(bins[3].from, 19U);
    EXPECT_EQ(bins[3].to, 20U);
    EXPECT_EQ(bins[3].images, 2U);
    EXPECT_EQ(histogram({5, 5}, 12).size(), 1U);
    EXPECT_TRUE(histogram({}, 12).empty());
}

TokenTrace four_images()
{
    TokenTrace trace;
    trace.tokens = 101;
    trace.selectors_before_blocks = {4, 7};
    trace.keep_ratio_targets = {0.5};
    trace.images = {{101, 101, 101}, {101, 52, 2}, {101, 52, 22}, {101, 32, 12}};
    trace.image_ids = {0, 1, 2, 3};
    return trace;
}

TEST(TraceStatistics, OfATraceByHand)
{
    auto trace = four_images();
    trace.correct = {false, true, false, true};
    const auto statistics = trace_statistics(trace);
    ASSERT_EQ(statistics.selectors.size(), 2U);
    const auto& first = statistics.selectors[0];
    EXPECT_EQ(first.before_block, 4U);
    EXPECT_EQ(first.target_keep_ratio, 0.5);
    EXPECT_FALSE(statistics.selectors[1].target_keep_ratio.has_value());
    EXPECT_DOUBLE_EQ(first.tokens.mean, (101 + 52 + 52 + 32) / 4.0);
    EXPECT_DOUBLE_EQ(first.kept_patches.mean, (100 + 50 + 50 + 30) / 4.0);
    EXPECT_DOUBLE_EQ(first.keep_ratio.max, 1.0);
    EXPECT_DOUBLE_EQ(statistics.selectors[1].keep_ratio.min, 0.0);
    EXPECT_DOUBLE_EQ(statistics.unpruned_percent, 25.0);
    EXPECT_DOUBLE_EQ(*statistics.correlations[0][0], 1.0);
    EXPECT_DOUBLE_EQ(*statistics.correlations[0][1], *statistics.correlations[1][0]);
    EXPECT_DOUBLE_EQ(*statistics.top1_percent, 50.0);
    // mean counts 101, 27, 37 and 22
    const auto& groups = statistics.accuracy_by_tokens;
    ASSERT_EQ(groups.size(), 4U);
    EXPECT_DOUBLE_EQ(groups[0].min_tokens, 22.0);
    EXPECT_DOUBLE_EQ(groups[0].top1_percent, 100.0);
    EXPECT_DOUBLE_EQ(groups[2].max_tokens, 37.0);
    EXPECT_DOUBLE_EQ(groups[2].top1_percent, 0.0);
    EXPECT_LT(*statistics.correlation_tokens_correct, 0.0);
}

TEST(TraceStatistics, EqualCountsStayInOneGroup)
{
    auto trace = four_images();
    trace.images.assign(7, {101, 52, 22});
    trace.images.push_back({101, 60, 30});
    trace.correct.assign(8, true);
    const auto groups = trace_statistics(trace).accuracy_by_tokens;
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].images, 7U);
    EXPECT_EQ(groups[1].images, 1U);
}

TEST(TraceStatistics, OfFixedCountsAndOfADenseNetwork)
{
    auto trace = four_images();
    trace.images.assign(3, {101, 52, 22});
    trace.correct.assign(3, true);
    const auto fixed = trace_statistics(trace);
    EXPECT_FALSE(fixed.correlations[0][1].has_value());
    EXPECT_TRUE(fixed.accuracy_by_tokens.empty());
    EXPECT_FALSE(fixed.correlation_tokens_correct.has_value());

    trace.selectors_before_blocks.clear();
    trace.images.assign(3, {101});
    const auto dense = trace_statistics(trace);
    EXPECT_TRUE(dense.selectors.empty());
    EXPECT_DOUBLE_EQ(dense.unpruned_percent, 100.0);
    EXPECT_DOUBLE_EQ(*dense.top1_percent, 100.0);
}

TEST(TraceStatistics, GmacsAreThoseOfTheOperators)
{
    const Model model;
    Schedule schedule;
    Selector selector;
    selector.before_block = 7;
    selector.keep_ratio = 0.5;
    schedule.selectors.push_back(selector);
    const auto gmacs = image_gmacs(model, schedule, {{197, 100}, {197, 197}, {197, 100}});
    EXPECT_THAT(gmacs, ElementsAre(gmacs[2], testing::Gt(gmacs[0]), gmacs[0]));
    EXPECT_DOUBLE_EQ(gmacs[0],
                     static_cast<double>(lower(model, schedule, {197, 100}).macs()) / 1e9);
}

/// Accuracies as the recording states them, from its own column.
TEST(TraceStatistics, AccuracyOfShippedTracesIsTheStatedOne)
{
    for (const char* name :
         {"deit_t_70_39_21", "deit_t_static_70_39_21", "deit_t_top_k_70_39_21", "deit_t_dense"}) {
        const auto trace =
            read_trace(std::string{HEATSIM_SOURCE_DIR "/traces/"} + name + ".csv.gz");
        EXPECT_NEAR(*trace_statistics(trace).top1_percent, *trace.top1_percent, 0.005) << name;
    }
}

} // namespace
} // namespace heatsim::workload
