// SPDX-License-Identifier: Apache-2.0
#include "sweep/design_space.hpp"
#include "sweep/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace heatsim::sweep {

namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Optional;

std::optional<double> value_of(const std::string& text, const Numbers& numbers = {})
{
    return Expression{text}.evaluate(lookup_in(numbers));
}

} // namespace

TEST(Expression, BindsAsInMathematics)
{
    EXPECT_THAT(value_of("2 + 3 * 4"), Optional(DoubleEq(14.0)));
    EXPECT_THAT(value_of("(2 + 3) * 4"), Optional(DoubleEq(20.0)));
    EXPECT_THAT(value_of("20 - 8 - 4"), Optional(DoubleEq(8.0)));
    EXPECT_THAT(value_of("64 / 4 / 2"), Optional(DoubleEq(8.0)));
    EXPECT_THAT(value_of("2 ^ 3 ^ 2"), Optional(DoubleEq(512.0)));
    EXPECT_THAT(value_of("-2 ^ 2"), Optional(DoubleEq(-4.0)));
    EXPECT_THAT(value_of("1 + 1 < 3 && 2 > 1"), Optional(DoubleEq(1.0)));
    EXPECT_THAT(value_of("0 && 0 || 1"), Optional(DoubleEq(1.0)));
    EXPECT_THAT(value_of("1e3 + .5"), Optional(DoubleEq(1000.5)));
}

TEST(Expression, HasFunctionsAndAChoice)
{
    EXPECT_THAT(value_of("min(3, 1, 2) + max(3, 1, 2)"), Optional(DoubleEq(4.0)));
    EXPECT_THAT(value_of("rint(2.6) + sqrt(16) + log2(8)"), Optional(DoubleEq(10.0)));
    EXPECT_THAT(value_of("x > 2 ? 10 : 20", {{"x", 3.0}}), Optional(DoubleEq(10.0)));
    EXPECT_THAT(value_of("x > 2 ? 10 : 20", {{"x", 1.0}}), Optional(DoubleEq(20.0)));
}

TEST(Expression, ComparisonsAreOneOrZero)
{
    const Numbers numbers{{"x", 2.0}};
    for (const auto* const holds : {"x < 3", "x <= 2", "x > 1", "x >= 2", "x == 2", "x != 3"})
        EXPECT_THAT(value_of(holds, numbers), Optional(DoubleEq(1.0))) << holds;
    for (const auto* const broken : {"x < 2", "x <= 1", "x > 2", "x >= 3", "x == 3", "x != 2"})
        EXPECT_THAT(value_of(broken, numbers), Optional(DoubleEq(0.0))) << broken;
}

TEST(Expression, NamesHaveDotsAndAreListedOnce)
{
    const Expression expression{"latency_ms.p99 + array.heads * latency_ms.p99 + b_1"};
    EXPECT_THAT(expression.names(), ElementsAre("array.heads", "b_1", "latency_ms.p99"));
    const Numbers numbers{{"latency_ms.p99", 2.0}, {"array.heads", 3.0}, {"b_1", 0.25}};
    EXPECT_THAT(expression.evaluate(lookup_in(numbers)), Optional(DoubleEq(8.25)));
    EXPECT_TRUE(Expression{"1 + 2"}.names().empty());
}

TEST(Expression, TakesOtherNumbersEveryTime)
{
    const Expression expression{"x * x"};
    EXPECT_THAT(expression.evaluate(lookup_in({{"x", 3.0}})), Optional(DoubleEq(9.0)));
    EXPECT_THAT(expression.evaluate(lookup_in({{"x", -4.0}})), Optional(DoubleEq(16.0)));
}

TEST(Expression, CanBeMoved)
{
    Expression first{"x + y"};
    const Expression second{std::move(first)};
    Expression third{"1"};
    third = Expression{"x - y"};
    const Numbers numbers{{"x", 3.0}, {"y", 1.0}};
    EXPECT_THAT(second.evaluate(lookup_in(numbers)), Optional(DoubleEq(4.0)));
    EXPECT_THAT(third.evaluate(lookup_in(numbers)), Optional(DoubleEq(2.0)));
}

TEST(Expression, IsNothingWithoutOneOfItsNumbers)
{
    EXPECT_EQ(value_of("x + y", {{"x", 1.0}}), std::nullopt);
    EXPECT_EQ(value_of("0 * y"), std::nullopt);
}

TEST(Expression, IsNothingWhereItIsNotFinite)
{
    EXPECT_EQ(value_of("1 / x", {{"x", 0.0}}), std::nullopt);
    EXPECT_EQ(value_of("x / x", {{"x", 0.0}}), std::nullopt);
    EXPECT_EQ(value_of("sqrt(x)", {{"x", -1.0}}), std::nullopt);
    EXPECT_EQ(value_of("log2(x)", {{"x", 0.0}}), std::nullopt);
    EXPECT_EQ(value_of("10 ^ x", {{"x", 400.0}}), std::nullopt);
}

TEST(Expression, RefusesWhatIsNone)
{
    for (const auto* const text :
         {"",      " ",        "1 +",   "* 2",   "(1",     "1)",         "a b",
          "2 a",   "1 2",      "f(x)",  "min()", "sqrt()", "sqrt(1, 2)", "a ? b",
          "a # b", "\"text\"", "not a", "a <",   "<= 3",   "a === 3"})
        EXPECT_THROW(Expression{text}, ExpressionError) << text;
    EXPECT_THROW(Expression{std::string(5000, '1')}, ExpressionError);
}

// `latency = 5` would set the number, and hold always
TEST(Expression, ComparesWithTwoEqualsSigns)
{
    for (const auto* const text : {"a = 3", "max(a = 3, 2)", "a <= 3 && b = 2", "a = b == c"})
        EXPECT_THROW(Expression{text}, ExpressionError) << text;
    EXPECT_THAT(value_of("a<=3&&a>=3&&a==3&&a!=4", {{"a", 3.0}}), Optional(DoubleEq(1.0)));
}

// the last of several would count
TEST(Expression, IsOneNumber)
{
    EXPECT_THROW(Expression{"a, b"}, ExpressionError);
    EXPECT_THROW(Expression{"a <= 1, b <= 2"}, ExpressionError);
}

TEST(Expression, SaysWhatCanNameANumber)
{
    for (const auto* const name : {"x", "array.heads", "keep_ratio_1", "X9", "dma.ports.0.bits"})
        EXPECT_TRUE(Expression::can_name(name)) << name;
    for (const auto* const name :
         {"", "1x", ".x", "_x", "a b", "a-b", "a+b", "min", "sqrt", "log2", "\xc3\xa9", "a[0]"})
        EXPECT_FALSE(Expression::can_name(name)) << name;
    EXPECT_TRUE(Expression::can_name(std::string(64, 'x')));
    EXPECT_FALSE(Expression::can_name(std::string(65, 'x')));
}

} // namespace heatsim::sweep
