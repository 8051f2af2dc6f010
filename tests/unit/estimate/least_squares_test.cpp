// SPDX-License-Identifier: Apache-2.0
#include "estimate/least_squares.hpp"

#include <gtest/gtest.h>

namespace heatsim::estimate {
namespace {

TEST(LeastSquares, FindsWhatTheObservationsWereMadeOf)
{
    const auto coefficients = least_squares(
        {{{1, 1, 0}, 7}, {{2, 1, 1}, 14}, {{3, 1, 0}, 13}, {{4, 1, 3}, 28}, {{0, 1, 1}, 8}});
    ASSERT_EQ(coefficients.size(), 3U);
    EXPECT_NEAR(coefficients[0], 3.0, 1e-9);
    EXPECT_NEAR(coefficients[1], 4.0, 1e-9);
    EXPECT_NEAR(coefficients[2], 4.0, 1e-9);
}

TEST(LeastSquares, SplitsTheErrorBetweenObservationsThatDisagree)
{
    // mean of 4 and 10; with a weight of 2 on the first, (4 * 4 + 1 * 10) / 5
    EXPECT_NEAR(least_squares({{{1}, 4}, {{1}, 10}}).front(), 7.0, 1e-12);
    EXPECT_NEAR(least_squares({{{1}, 4, 2.0}, {{1}, 10, 1.0}}).front(), 5.2, 1e-12);
}

TEST(LeastSquares, RefusesWhatDoesNotDetermineTheCoefficients)
{
    EXPECT_THROW((void)least_squares({{{1, 2}, 3}}), SingularFit);
    EXPECT_THROW((void)least_squares({{{1, 2}, 3}, {{2, 4}, 6}, {{3, 6}, 9}}), SingularFit);
    EXPECT_THROW((void)least_squares({}), SingularFit);
}

} // namespace
} // namespace heatsim::estimate
