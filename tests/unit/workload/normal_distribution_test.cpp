// SPDX-License-Identifier: Apache-2.0
#include "workload/normal_distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace heatsim::workload {
namespace {

// first digits as in M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, tables 26.1 and
// 26.5; all digits by the arbitrary-precision quantile of mpmath
TEST(NormalDistribution, QuantilesAreThoseOfTheTables)
{
    EXPECT_EQ(normal_quantile(0.5), 0.0);
    EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
    EXPECT_NEAR(normal_quantile(0.95), 1.6448536269514722, 1e-14);
    EXPECT_NEAR(normal_quantile(0.001), -3.090232306167814, 1e-14);
    EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-13);
    EXPECT_NEAR(normal_quantile(1e-16), -8.222082216130436, 1e-13);
}

TEST(NormalDistribution, QuantileIsTheInverseOfTheProbability)
{
    for (double p = 1e-12; p < 1.0 - 1e-12; p += p < 0.01 ? p * 0.7 : 0.0137)
        EXPECT_NEAR(normal_probability(normal_quantile(p)) / p, 1.0, 1e-12) << p;
    EXPECT_DOUBLE_EQ(normal_probability(0.0), 0.5);
}

} // namespace
} // namespace heatsim::workload
