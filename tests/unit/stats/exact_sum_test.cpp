// SPDX-License-Identifier: Apache-2.0
#include "stats/exact_sum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace heatsim::stats {
namespace {

ExactSum sum_of(const std::vector<double>& terms)
{
    ExactSum sum;
    for (const auto term : terms)
        sum.add(term);
    return sum;
}

TEST(ExactSum, OfOneTermIsTheTerm)
{
    EXPECT_EQ(ExactSum{}.value(), 0.0);
    for (const double term : {0.1, 1.0 / 3.0, 123456789.123456789, 1e15 + 0.125, 2.5e-4})
        EXPECT_EQ(sum_of({term}).value(), term);
}

TEST(ExactSum, DoesNotDependOnTheOrder)
{
    // in double the small terms are lost beside the large one, or not
    const double large = std::ldexp(1.0, 53);
    ASSERT_NE(large + 1.0 + 1.0, 1.0 + 1.0 + large);
    EXPECT_EQ(sum_of({large, 1.0, 1.0}).value(), large + 2.0);
    EXPECT_EQ(sum_of({1.0, large, 1.0}).value(), large + 2.0);
    EXPECT_EQ(sum_of({1.0, 1.0, large}).value(), large + 2.0);
}

TEST(ExactSum, OfSumsIsTheSumOfAllTerms)
{
    auto left = sum_of({0.1, 0.2, 0.3});
    left += sum_of({0.7, 1e12});
    EXPECT_EQ(left.value(), sum_of({1e12, 0.7, 0.3, 0.2, 0.1}).value());
}

TEST(ExactSum, AddsATermManyTimesAtOnce)
{
    ExactSum at_once;
    at_once.add(0.1, 1000);
    EXPECT_EQ(at_once.value(), sum_of(std::vector<double>(1000, 0.1)).value());
}

} // namespace
} // namespace heatsim::stats
