// SPDX-License-Identifier: Apache-2.0
#include "inference/float_functions.hpp"
#include "numerics/exact.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace heatsim::inference {
namespace {

std::vector<float> inputs()
{
    std::vector<float> values;
    values.reserve(8001);
    for (int i = -4000; i <= 4000; ++i)
        values.push_back(static_cast<float>(i) / 333.0F);
    return values;
}

std::vector<double> doubles(const std::vector<float>& values)
{
    return {values.begin(), values.end()};
}

TEST(FloatFunctions, GeluIsThatOfTheDoubles)
{
    for (const double delta : {0.5, 1.0}) {
        for (const bool polynomial : {false, true}) {
            Functions functions;
            functions.polynomial_gelu = polynomial;
            functions.gelu_delta = delta;
            const auto x = inputs();
            auto y = x;
            gelu(functions, y.data(), y.size());
            for (std::size_t i = 0; i < x.size(); ++i) {
                const auto input = static_cast<double>(x[i]);
                const auto expected = polynomial ? numerics::gelu_polynomial(input, delta)
                                                 : numerics::gelu_exact(input, delta);
                ASSERT_NEAR(static_cast<double>(y[i]), expected,
                            3e-7 * std::max(1.0, std::abs(input)))
                    << input;
            }
        }
    }
}

TEST(FloatFunctions, SoftmaxIsThatOfTheDoubles)
{
    for (const std::size_t count : {1U, 2U, 7U, 8U, 197U}) {
        for (const bool polynomial : {false, true}) {
            Functions functions;
            functions.polynomial_softmax = polynomial;
            std::vector<float> row(count);
            for (std::size_t i = 0; i < count; ++i) // distances of up to 200: e^-200 is no float
                row[i] = static_cast<float>((i * 37) % 201) - 80.0F + 0.01F * static_cast<float>(i);
            const auto expected = polynomial ? numerics::softmax_polynomial(doubles(row), 0.5)
                                             : numerics::softmax_exact(doubles(row), 0.5);
            softmax(functions, 0.5, row.data(), row.size());
            for (std::size_t i = 0; i < count; ++i)
                ASSERT_NEAR(static_cast<double>(row[i]), expected[i], 1e-6) << count << ' ' << i;
        }
    }
}

TEST(FloatFunctions, SoftmaxIsAsExactInTheTail)
{
    Functions functions;
    std::vector<float> row(64);
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = -static_cast<float>(i);
    const auto expected = numerics::softmax_exact(doubles(row), 1.0);
    softmax(functions, 1.0, row.data(), row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        EXPECT_NEAR(static_cast<double>(row[i]) / expected[i], 1.0, 1e-6) << i;
}

TEST(FloatFunctions, SigmoidIsThatOfTheDoubles)
{
    for (const bool plan : {false, true}) {
        Functions functions;
        functions.plan_sigmoid = plan;
        const auto x = inputs();
        auto y = x;
        sigmoid(functions, y.data(), y.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto input = static_cast<double>(x[i]);
            ASSERT_NEAR(static_cast<double>(y[i]),
                        plan ? numerics::sigmoid_plan(input) : numerics::sigmoid_exact(input),
                        1e-7);
        }
    }
}

} // namespace
} // namespace heatsim::inference
