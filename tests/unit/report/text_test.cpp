// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::report {

using Lines = std::vector<std::string>;

TEST(Text, NumbersAreGroupedByThousands)
{
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1253683200), "1,253,683,200");
}

TEST(Text, SignificantDigitsNeverCutTheWholeNumber)
{
    EXPECT_EQ(significant(0.0), "0");
    EXPECT_EQ(significant(4.20169), "4.202");
    EXPECT_EQ(significant(37.6), "37.60");
    EXPECT_EQ(significant(0.00062667), "0.0006267");
    EXPECT_EQ(significant(123456.7), "123,457");
    EXPECT_EQ(significant(17.0667, 3), "17.1");
}

TEST(Text, BytesHaveDecimalPrefixes)
{
    EXPECT_EQ(bytes_text(12.0), "12 B");
    EXPECT_EQ(bytes_text(37824.0), "37.8 kB");
    EXPECT_EQ(bytes_text(7876426.0), "7.88 MB");
}

TEST(Text, WidthCountsCharactersOnTheScreen)
{
    EXPECT_EQ(display_width("a·b×"), 4U);
    EXPECT_EQ(display_width("\x1b[1mbold\x1b[0m"), 4U);
    EXPECT_EQ(pad_left("×", 3), "  ×");
    EXPECT_EQ(pad_right("×", 3), "×  ");
}

TEST(Text, WrapsAtBlanks)
{
    EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
    EXPECT_EQ(wrapped("unbreakable", 3), Lines{"unbreakable"});
    EXPECT_EQ(wrapped("", 3), Lines{});
}

TEST(Text, BarsAreFilledToEighths)
{
    const Style style;
    EXPECT_EQ(style.bar(0.5, 4), "██");
    EXPECT_EQ(style.bar(0.53125, 4), "██▏");
    EXPECT_EQ(style.bar(2.0, 2), "██");
    EXPECT_EQ(style.bar(-1.0, 2), "");
    EXPECT_EQ((Style{false, false}.bar(0.5, 4)), "##");
}

TEST(Text, NoColourMeansNoEscapeSequence)
{
    EXPECT_EQ((Style{false, true}.bold("x")), "x");
    EXPECT_EQ((Style{true, true}.bold("x")), "\x1b[1mx\x1b[0m");
}

TEST(Text, TablesAlignTheirColumns)
{
    TextTable table{{TextTable::Align::Left, TextTable::Align::Right}};
    table.add({"a", "1"});
    table.add({"long", "100"});
    EXPECT_EQ(table.lines(), (Lines{"a       1", "long  100"}));
}

} // namespace heatsim::report
