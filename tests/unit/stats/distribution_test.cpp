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
    for (const double value : {d.mean, d.p50, d.p95, d.p99, d.min, d.max})
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

} // namespace
} // namespace heatsim::stats
