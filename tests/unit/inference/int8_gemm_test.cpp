// SPDX-License-Identifier: Apache-2.0
#include "inference/int8_gemm.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace heatsim::inference {
namespace {

class Int8Gemm : public testing::TestWithParam<Int8Instructions> {
  protected:
    /// One product of random numbers against the sums of its definition; strides are longer than
    /// rows, and what lies between the rows of c stays as it is.
    void check(std::size_t m, std::size_t n, std::size_t k, bool accumulate)
    {
        const auto stride_a = k + random.between(0, 5);
        const auto stride_b = k + random.between(0, 5);
        const auto stride_c = n + random.between(0, 5);
        const auto a = numbers(m * stride_a);
        const auto b = numbers(n * stride_b);
        std::vector<std::int32_t> c(m * stride_c);
        for (auto& value : c)
            value = static_cast<std::int32_t>(random.between(0, 2'000'000)) - 1'000'000;
        auto expected = c;
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                std::int64_t sum = accumulate ? c[i * stride_c + j] : 0;
                for (std::size_t p = 0; p < k; ++p)
                    sum += std::int64_t{a[i * stride_a + p]} * b[j * stride_b + p];
                expected[i * stride_c + j] = static_cast<std::int32_t>(sum);
            }
        multiply_with(GetParam(), a.data(), stride_a, b.data(), stride_b, c.data(), stride_c, m, n,
                      k, accumulate);
        ASSERT_EQ(c, expected) << m << " x " << n << " x " << k << " " << accumulate;
    }

    std::vector<std::int8_t> numbers(std::size_t count)
    {
        std::vector<std::int8_t> result(count);
        for (auto& value : result)
            value = static_cast<std::int8_t>(static_cast<int>(random.between(0, 255)) - 128);
        return result;
    }

    test::Random random{5};
};

TEST_P(Int8Gemm, EqualsTheSumsOfRandomShapes)
{
    for (int i = 0; i < 300; ++i)
        check(random.between(1, 40), random.between(1, 80), random.between(1, 150),
              random.chance(50));
}

TEST_P(Int8Gemm, EqualsTheSumsOfShapesAroundItsBlocks)
{
    for (const std::size_t m : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 17U})
        for (const std::size_t n : {1U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 65U})
            for (const std::size_t k : {1U, 2U, 3U, 4U, 5U, 511U, 512U, 513U, 1030U})
                check(m, n, k, (m + n + k) % 2 == 0);
}

TEST_P(Int8Gemm, ExtremesDoNotSaturate)
{
    constexpr std::size_t m = 9;
    constexpr std::size_t n = 35;
    constexpr std::size_t k = 4096;
    for (const auto& [left, right] :
         {std::pair{-128, -128}, std::pair{127, -128}, std::pair{-128, 127}, std::pair{127, 127}}) {
        const std::vector<std::int8_t> a(m * k, static_cast<std::int8_t>(left));
        const std::vector<std::int8_t> b(n * k, static_cast<std::int8_t>(right));
        std::vector<std::int32_t> c(m * n);
        multiply_with(GetParam(), a.data(), k, b.data(), k, c.data(), n, m, n, k, false);
        EXPECT_EQ(c, std::vector<std::int32_t>(m * n, left * right * 4096));
    }
}

TEST_P(Int8Gemm, NothingIsNothing)
{
    const std::vector<std::int8_t> a(8, 1);
    std::vector<std::int32_t> c{7, 7, 7, 7};
    multiply_with(GetParam(), a.data(), 0, a.data(), 0, c.data(), 2, 2, 2, 0, true);
    EXPECT_EQ(c, (std::vector<std::int32_t>{7, 7, 7, 7}));
    multiply_with(GetParam(), a.data(), 0, a.data(), 0, c.data(), 2, 2, 2, 0, false);
    EXPECT_EQ(c, (std::vector<std::int32_t>{0, 0, 0, 0}));
    multiply_with(GetParam(), a.data(), 4, a.data(), 4, c.data(), 2, 0, 2, 4, false);
    multiply_with(GetParam(), a.data(), 4, a.data(), 4, c.data(), 2, 2, 0, 4, false);
    EXPECT_EQ(c, (std::vector<std::int32_t>{0, 0, 0, 0}));
}

INSTANTIATE_TEST_SUITE_P(Instructions,
                         Int8Gemm,
                         testing::ValuesIn(int8_instructions()),
                         [](const auto& instance) {
                             switch (instance.param) {
                             case Int8Instructions::Portable:
                                 return "Portable";
                             case Int8Instructions::Avx2:
                                 return "Avx2";
                             case Int8Instructions::Avx512Vnni:
                                 break;
                             }
                             return "Avx512Vnni";
                         });

TEST(Int8GemmChoice, TakesTheBestInstructions)
{
    EXPECT_EQ(int8_instructions().front(), Int8Instructions::Portable);
    const std::vector<std::int8_t> a{1, 2, 3, 4, 5, 6};
    const std::vector<std::int8_t> b{1, 0, -1, 2, 2, 2};
    std::vector<std::int32_t> c(4);
    multiply(a.data(), 3, b.data(), 3, c.data(), 2, 2, 2, 3, false);
    EXPECT_EQ(c, (std::vector<std::int32_t>{-2, 12, -2, 30}));
}

} // namespace
} // namespace heatsim::inference
