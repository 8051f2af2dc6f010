// SPDX-License-Identifier: Apache-2.0
#include "inference/byte_table.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

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
