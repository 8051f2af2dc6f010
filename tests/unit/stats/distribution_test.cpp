// SPDX-License-Identifier: Apache-2.0
#include "stats/distribution.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace heatsim::stats {
namespace {

TEST(Distribution, OfNothingIsZero)
{
    const auto d = distribution({});
    EXPECT_EQ(d.mean, 0.0);
    EXPECT_EQ(d.p50, 0.0);
    EXPECT_EQ(d.max, 0.0);
}

TEST(Distribution, OfOneValueIsThatValue)
{
    const auto d = distribution({3.5});
    for (const double value : {d.mean, d.p50, d.p90, d.p95, d.p99, d.min, d.max})
        EXPECT_EQ(value, 3.5);
}

TEST(Distribution, IsNearestRankWhateverTheOrder)
{
    // ranks of 1 to 20: p50 = ceil(10.0) = 10, p95 = ceil(19.0) = 19, p99 = ceil(19.8) = 20
    std::vector<double> sample;
    sample.reserve(20);
    for (int i = 0; i < 20; ++i)
        sample.push_back((i * 7) % 20 + 1);
    const auto d = distribution(sample);
    EXPECT_EQ(d.min, 1.0);
    EXPECT_EQ(d.p50, 10.0);
    EXPECT_EQ(d.p90, 18.0);
    EXPECT_EQ(d.p95, 19.0);
    EXPECT_EQ(d.p99, 20.0);
    EXPECT_EQ(d.max, 20.0);
    EXPECT_DOUBLE_EQ(d.mean, 10.5);
}

TEST(Distribution, PercentilesAreValuesThatOccurred)
{
    const auto d = distribution({1.0, 2.0});
    EXPECT_EQ(d.p50, 1.0);
    EXPECT_EQ(d.p95, 2.0);
}

TEST(Percentile, IsTheSmallestValueWithThatShareAtOrBelowIt)
{
    const std::vector<double> sorted{1.0, 2.0, 3.0, 4.0};
    EXPECT_EQ(percentile(sorted, 25.0), 1.0);
    EXPECT_EQ(percentile(sorted, 25.1), 2.0);
    EXPECT_EQ(percentile(sorted, 100.0), 4.0);
    EXPECT_EQ(percentile(sorted, 1e-9), 1.0);
}

TEST(Histogram, OfNothingHasNoBins)
{
    EXPECT_TRUE(histogram({}, 10).counts.empty());
    EXPECT_TRUE(histogram({}, 10).cumulative_percent().empty());
}

TEST(Histogram, OfOneValueHasOneBin)
{
    const auto h = histogram({3.5, 3.5, 3.5}, 10);
    EXPECT_EQ(h.counts, std::vector<std::uint64_t>{3});
    EXPECT_EQ(h.low, 3.5);
    EXPECT_EQ(h.bin_width, 0.0);
    EXPECT_EQ(h.cumulative_percent(), std::vector<double>{100.0});
}

TEST(Histogram, BinsAreAsWideAsFreedmanAndDiaconisHaveIt)
{
    // 1 to 64: quartiles 16 and 48, so 2 x 32 / 4 = 16; 63 / 16 = 3.94, rounded up to 4 bins
    std::vector<double> sample;
    sample.reserve(64);
    for (int i = 64; i >= 1; --i)
        sample.push_back(i);
    const auto h = histogram(sample, 10);
    EXPECT_EQ(h.low, 1.0);
    EXPECT_EQ(h.bin_width, 63.0 / 4.0);
    EXPECT_EQ(h.counts, (std::vector<std::uint64_t>{16, 16, 16, 16}));
    EXPECT_EQ(h.cumulative_percent(), (std::vector<double>{25.0, 50.0, 75.0, 100.0}));
    EXPECT_EQ(histogram(sample, 2).counts, (std::vector<std::uint64_t>{32, 32}));
}

TEST(Histogram, BinsHoldTheirLowerEdgeAndTheLastOneBoth)
{
    // quartiles 0 and 0: Sturges, ceil(log2 8) + 1 = 4 bins of width 1
    const auto h = histogram({0, 0, 0, 0, 0, 0, 1, 4}, 10);
    EXPECT_EQ(h.counts, (std::vector<std::uint64_t>{6, 1, 0, 1}));
    EXPECT_EQ(h.edge(4), 4.0);
}

TEST(Histogram, LosesNoValue)
{
    std::vector<double> sample;
    sample.reserve(1000);
    for (int i = 0; i < 1000; ++i)
        sample.push_back(0.1 * ((i * 7919) % 1009));
    for (const std::size_t most : {1U, 3U, 7U, 100U}) {
        const auto h = histogram(sample, most);
        EXPECT_LE(h.counts.size(), most);
        std::uint64_t sum = 0;
        for (const auto count : h.counts)
            sum += count;
        EXPECT_EQ(sum, sample.size());
        EXPECT_EQ(h.cumulative_percent().back(), 100.0);
    }
}

} // namespace
} // namespace heatsim::stats
