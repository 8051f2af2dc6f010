// SPDX-License-Identifier: Apache-2.0
#include "numerics/accuracy.hpp"
#include "numerics/exact.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>

namespace heatsim::numerics {
namespace {

TEST(Accuracy, EveryFunctionHasErrorsThatAreSmallAndNotNone)
{
    // largest error that the first implementation may have
    const std::map<std::string, double> limits{{"gelu", 0.0182},        {"softmax", 0.0004},
                                               {"exponential", 0.0022}, {"sigmoid", 0.019},
                                               {"requantize", 0.51},    {"package_token", 0.5001}};
    EXPECT_EQ(accuracy_functions().size(), limits.size());
    for (const auto& function : accuracy_functions()) {
        const auto result = accuracy(function.name);
        EXPECT_EQ(result.function, function.name);
        ASSERT_FALSE(result.errors.empty());
        EXPECT_LT(result.errors[0].max, limits.at(function.name)) << function.name;
        for (const auto& row : result.errors) {
            EXPECT_GT(row.max, row.mean) << function.name << ' ' << row.implementation;
            EXPECT_GT(row.mean, 0.0) << function.name << ' ' << row.implementation;
        }
        for (const auto& point : result.curve.points)
            EXPECT_EQ(point.size(), result.curve.columns.size());
    }
    EXPECT_THROW((void)accuracy("erf"), std::invalid_argument);
}

/// The largest slope of δ is `a + b·δ`, which is what damping does; δ 0.25, 0.5, 0.75, 1.
void expect_linear_in_delta(const std::string& function, double at_0, double at_1)
{
    const auto rows = accuracy(function).derivatives;
    ASSERT_EQ(rows.size(), 4U);
    for (const auto& row : rows) {
        EXPECT_NEAR(row.largest, at_0 + (at_1 - at_0) * row.delta, 1e-4) << function;
        // no more than the slope between two inputs, beside a rounding of both results
        EXPECT_LE(row.step_growth, row.largest + 0.02) << function;
        EXPECT_GE(row.step_growth, 0.9 * row.largest) << function;
    }
}

TEST(Accuracy, DampingBoundsTheSlope)
{
    // half of x goes through whatever δ1 is
    expect_linear_in_delta("gelu", 0.5, 1.1506);
    expect_linear_in_delta("softmax", 0.0, 0.2496);
    expect_linear_in_delta("exponential", 0.0, 2 * 0.3585 * 1.353);
    // at 0.5, the paper's, errors shrink
    for (const auto* function : {"gelu", "softmax", "exponential"})
        EXPECT_LT(accuracy(function).derivatives[1].largest, 1.0);
    EXPECT_GT(accuracy("gelu").derivatives[3].largest, 1.0);
}

TEST(Accuracy, SlopesAreDerivatives)
{
    constexpr double h = 1e-6;
    const auto expect_slope = [](const std::function<double(double)>& function, double slope,
                                 double x) {
        EXPECT_NEAR((function(x + h) - function(x - h)) / (2 * h), slope, 1e-6) << x;
    };
    for (double x = -7.013; x < 7.0; x += 0.0517) {
        for (const double delta : {0.5, 1.0}) {
            expect_slope([delta](double v) { return gelu_polynomial(v, delta); },
                         gelu_polynomial_slope(x, delta), x);
            expect_slope(
                [delta](double v) {
                    return softmax_polynomial({v, 0.0}, delta)[0];
                },
                softmax_pair_slope(x, delta), x);
        }
        expect_slope(sigmoid_plan, sigmoid_plan_slope(x), x);
        if (x > 0)
            expect_slope(exponential_polynomial, -exponential_polynomial_slope(x), x);
    }
}

TEST(Exact, FunctionsAreTheTextbooks)
{
    EXPECT_NEAR(gelu_exact(1.0), 0.8413447, 1e-6); // Φ(1)
    EXPECT_NEAR(gelu_exact(-1.0), -0.1586553, 1e-6);
    EXPECT_NEAR(sigmoid_exact(1.0), 0.7310586, 1e-6);
    const auto row = softmax_exact({0.0, std::log(3.0)}, 0.5);
    EXPECT_NEAR(row[0], 0.125, 1e-12);
    EXPECT_NEAR(row[1], 0.375, 1e-12);
}

} // namespace
} // namespace heatsim::numerics
