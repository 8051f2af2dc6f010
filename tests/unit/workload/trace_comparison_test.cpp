// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "workload/trace_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace heatsim::workload {

namespace {

/// Two selectors, images 3, 5 and 8.
TokenTrace trace()
{
    TokenTrace result;
    result.path = "first.csv";
    result.selectors_before_blocks = {4, 7};
    result.tokens = 17;
    result.image_ids = {3, 5, 8};
    result.images = {{17, 12, 6}, {17, 10, 10}, {17, 17, 2}};
    result.predicted = {"0", "1", "2"};
    result.correct = {true, true, false};
    return result;
}

} // namespace

TEST(TraceComparison, ATraceIsLikeItself)
{
    const auto result = compare_traces(trace(), trace());
    EXPECT_EQ(result.images, 3U);
    EXPECT_EQ(result.only_first, 0U);
    EXPECT_EQ(result.only_second, 0U);
    EXPECT_EQ(result.same_counts, 3U);
    EXPECT_EQ(result.same_predictions, 3U);
    EXPECT_EQ(result.first_correct, 2U);
    for (const auto& selector : result.selectors) {
        EXPECT_EQ(selector.first_mean, selector.second_mean);
        EXPECT_EQ(selector.mean_magnitude, 0.0);
        EXPECT_EQ(selector.same, 3U);
    }
}

TEST(TraceComparison, ImagesAreMatchedByTheirNumbers)
{
    auto second = trace();
    second.image_ids = {8, 9, 3}; // image 5 is missing, 9 is new, the order is another
    second.images = {{17, 16, 2}, {17, 3, 3}, {17, 12, 8}};
    second.predicted = {"2", "4", "7"};
    second.correct = {false, true, false};
    const auto result = compare_traces(trace(), second);
    EXPECT_EQ(result.images, 2U);
    EXPECT_EQ(result.only_first, 1U);
    EXPECT_EQ(result.only_second, 1U);
    EXPECT_EQ(result.same_counts, 0U);
    EXPECT_EQ(result.same_predictions, 1U); // of image 8
    EXPECT_EQ(result.first_correct, 1U);    // image 3
    EXPECT_EQ(result.second_correct, 0U);
    ASSERT_EQ(result.selectors.size(), 2U);
    EXPECT_EQ(result.selectors[0].before_block, 4U);
    EXPECT_EQ(result.selectors[0].first_mean, (12.0 + 17.0) / 2.0);
    EXPECT_EQ(result.selectors[0].second_mean, (12.0 + 16.0) / 2.0);
    EXPECT_EQ(result.selectors[0].mean_magnitude, 0.5);
    EXPECT_EQ(result.selectors[0].same, 1U);
    EXPECT_EQ(result.selectors[1].largest, 2U);
}

TEST(TraceComparison, WhatATraceDoesNotSayIsNotCompared)
{
    auto second = trace();
    second.predicted.clear();
    second.correct.clear();
    const auto result = compare_traces(trace(), second);
    EXPECT_FALSE(result.same_predictions);
    EXPECT_TRUE(result.first_correct);
    EXPECT_FALSE(result.second_correct);
}

TEST(TraceComparison, OtherSelectorsOrTokensAreRefused)
{
    auto second = trace();
    second.path = "second.csv";
    second.selectors_before_blocks = {4, 10};
    second.tokens = 10;
    second.header_locations["tokens"] = {"second.csv", 7, 11};
    try {
        (void)compare_traces(trace(), second);
        FAIL() << "nothing was refused";
    } catch (const config::Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("second.csv: selectors_before_blocks: 4 10"));
        EXPECT_THAT(error.what(), testing::HasSubstr("expected 4 7, as in first.csv"));
        EXPECT_THAT(error.what(), testing::HasSubstr("second.csv:7:11: tokens: 10"));
    }
}

TEST(TraceComparison, TracesOfOtherImagesAreRefused)
{
    auto second = trace();
    second.image_ids = {0, 1, 2};
    EXPECT_THROW((void)compare_traces(trace(), second), config::Error);
}

} // namespace heatsim::workload
