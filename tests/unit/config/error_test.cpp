// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"

#include <gtest/gtest.h>

namespace heatsim::config {
namespace {

TEST(ViolationMessage, HasAllParts)
{
    const Violation violation{{"a.yaml", 3, 7}, "array.rows", "unknown key", "a size", "cols"};
    EXPECT_EQ(violation.message(),
              "a.yaml:3:7: array.rows: unknown key; expected a size; did you mean 'cols'?");
}

TEST(ViolationMessage, OmitsEmptyParts)
{
    EXPECT_EQ((Violation{{"a.yaml", 0, 0}, "", "empty", "", ""}.message()), "a.yaml: empty");
    EXPECT_EQ((Violation{{"a.yaml", 4, 0}, "k", "bad", "", ""}.message()), "a.yaml:4: k: bad");
    EXPECT_EQ((Violation{{"", 0, 0}, "k", "", "text", ""}.message()), "k: expected text");
    EXPECT_EQ((Violation{{"", 2, 1}, "k", "bad", "", "b"}.message()),
              ":2:1: k: bad; did you mean 'b'?");
    EXPECT_EQ((Violation{{"--set a=1", 0, 0}, "a", "bad", "", ""}.message()), "--set a=1: a: bad");
}

TEST(ViolationMessage, StaysOnOneLine)
{
    const Violation violation{{"f", 1, 1}, "a\nb", "found 'x\ty\r\x7f'", "", ""};
    EXPECT_EQ(violation.message(), "f:1:1: a\\nb: found 'x\\ty\\x0d\\x7f'");
}

TEST(Error, JoinsMessagesByLines)
{
    const Violation first{{"f", 1, 1}, "a", "bad", "", ""};
    const Violation second{{"f", 2, 1}, "b", "worse", "", ""};
    const Error error{{first, second}};
    EXPECT_STREQ(error.what(), "f:1:1: a: bad\nf:2:1: b: worse");
    EXPECT_EQ(error.violations().size(), 2U);
    EXPECT_STREQ(Error{first}.what(), "f:1:1: a: bad");
    EXPECT_STREQ(Error{std::vector<Violation>{}}.what(), "");
}

TEST(NearestName, CountsInsertDeleteReplaceAndSwap)
{
    const std::vector<std::string> names{"array_rows", "array_cols", "frequency_mhz"};
    EXPECT_EQ(nearest_name("array_row", names), "array_rows");
    EXPECT_EQ(nearest_name("array_coils", names), "array_cols");
    EXPECT_EQ(nearest_name("array_cots", names), "array_cols");
    EXPECT_EQ(nearest_name("array_rosw", names), "array_rows");
    EXPECT_EQ(nearest_name("array_cols", names), "array_cols");
}

// Two swaps: 2 edits as swaps, 4 as replacements; the limit of 4 letters is 2.
TEST(NearestName, SwapCostsOne)
{
    EXPECT_EQ(nearest_name("badc", {"abcd"}), "abcd");
    EXPECT_EQ(nearest_name("ab", {"xx", "ba"}), "ba");
}

TEST(NearestName, IsEmptyBeyondAThird)
{
    EXPECT_EQ(nearest_name("abcdefghi", {"abcdefxyz"}), "abcdefxyz"); // 3 of 9
    EXPECT_EQ(nearest_name("abcdefghi", {"abcdewxyz"}), "");          // 4 of 9
    EXPECT_EQ(nearest_name("abc", {"axy"}), "axy");                   // 2 is always near
    EXPECT_EQ(nearest_name("abc", {"xyz"}), "");
    EXPECT_EQ(nearest_name("rows", {}), "");
    EXPECT_EQ(nearest_name("", {"rows"}), "");
    EXPECT_EQ(nearest_name(std::string(1'000'000, 'a'), {"rows"}), "");
}

TEST(NearestName, PrefersTheFirstOfEquallyNear)
{
    EXPECT_EQ(nearest_name("rowx", {"rows", "rowt"}), "rows");
}

} // namespace
} // namespace heatsim::config
