// SPDX-License-Identifier: Apache-2.0
#include "inference/byte_table.hpp"
#include "numerics/exact.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace heatsim::inference {
namespace {

TEST(ByteTable, HasEveryResultOfTheUnits)
{
    for (unsigned fraction = 2; fraction <= 10; ++fraction)
        for (const unsigned delta : {1U, 128U, 256U}) {
            const Gelu gelu{{delta, {8, fraction}, numerics::nonlinear_format}, {20000, 20}};
            const Sigmoid sigmoid{{{8, fraction}, {8, 8}}};
            const ByteTable gelu_table{gelu};
            const ByteTable sigmoid_table{sigmoid};
            for (int value = -128; value <= 127; ++value) {
                const auto code = static_cast<std::int8_t>(value);
                ASSERT_EQ(gelu_table(code),
                          numerics::requantize(numerics::gelu(gelu.unit, value), 20000, 20));
                ASSERT_EQ(static_cast<std::uint8_t>(sigmoid_table(code)),
                          numerics::sigmoid(sigmoid.unit, value));
            }
        }
}

TEST(ByteTable, ExactFunctionsAreWithinHalfAStep)
{
    const Gelu gelu{{128, {8, 4}, numerics::nonlinear_format}, {16384, 20}}; // times 1/64
    const Sigmoid sigmoid{{{8, 5}, {8, 8}}};
    const ByteTable gelu_table{gelu, true};
    const ByteTable sigmoid_table{sigmoid, true};
    for (int value = -128; value <= 127; ++value) {
        const auto code = static_cast<std::int8_t>(value);
        // 16 steps of the result are 1; the unit's own rounding adds 1/128 of a step
        EXPECT_NEAR(gelu_table(code), numerics::gelu_exact(value / 16.0, 0.5) * 16.0, 0.51);
        EXPECT_NEAR(static_cast<std::uint8_t>(sigmoid_table(code)),
                    std::min(numerics::sigmoid_exact(value / 32.0) * 256.0, 255.0), 0.5);
    }
    // where the approximations are far off: 0.019 of PLAN at 0.93, 0.018 of the polynomial
    EXPECT_NE(ByteTable{sigmoid}(30), sigmoid_table(30));
}

TEST(ByteSoftmax, ExactRowsAreWithinHalfAStep)
{
    test::Random random{17};
    for (const unsigned delta : {128U, 256U})
        for (const std::size_t columns : {1U, 2U, 197U}) {
            Softmax softmax;
            softmax.unit.input = {8, 4};
            softmax.unit.output = {9, 8};
            softmax.unit.delta = delta;
            std::vector<std::int8_t> row(columns);
            std::vector<double> real(columns);
            for (std::size_t i = 0; i < columns; ++i) {
                row[i] = static_cast<std::int8_t>(random.between(0, 127));
                real[i] = row[i] / 16.0;
            }
            const auto expected = numerics::softmax_exact(real, delta / 256.0);
            ByteSoftmax{softmax, true}.apply(row.data(), columns, row.data());
            for (std::size_t i = 0; i < columns; ++i)
                EXPECT_NEAR(static_cast<std::uint8_t>(row[i]), std::min(expected[i] * 256.0, 255.0),
                            0.5 + 1e-9);
        }
}

TEST(ByteTable, AppliesInPlace)
{
    const ByteTable table{Gelu{{256, {8, 4}, numerics::nonlinear_format}, {16384, 20}}};
    std::vector<std::int8_t> values{-128, -1, 0, 1, 127};
    std::vector<std::int8_t> expected;
    expected.reserve(values.size());
    for (const auto value : values)
        expected.push_back(table(value));
    table.apply(values.data(), values.size(), values.data());
    EXPECT_EQ(values, expected);
}

TEST(ByteSoftmax, EqualsTheUnit)
{
    test::Random random{9};
    for (int i = 0; i < 2000; ++i) {
        Softmax softmax;
        softmax.unit.input = {8, static_cast<unsigned>(random.between(2, 10))};
        softmax.unit.output =
            random.chance(50) ? numerics::Format{9, 8}
                              : numerics::Format{8, static_cast<unsigned>(random.between(0, 31))};
        softmax.unit.delta = static_cast<unsigned>(random.between(1, 256));
        std::vector<std::int8_t> row(random.between(1, 256));
        const auto most = random.pick({0, 3, 255});
        for (auto& value : row)
            value = static_cast<std::int8_t>(
                static_cast<int>(random.between(0, static_cast<std::uint64_t>(most))) - 128);
        const auto expected =
            numerics::softmax(softmax.unit, std::vector<std::int32_t>(row.begin(), row.end()));
        ByteSoftmax{softmax}.apply(row.data(), row.size(), row.data());
        for (std::size_t k = 0; k < row.size(); ++k)
            ASSERT_EQ(row[k], static_cast<std::int8_t>(expected[k])) << i << " " << k;
    }
}

} // namespace
} // namespace heatsim::inference
