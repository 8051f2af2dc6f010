// SPDX-License-Identifier: Apache-2.0
#include "config/text_file.hpp"
#include "report/csv_reader.hpp"
#include "report/markdown.hpp"
#include "report/page.hpp"
#include "report/web_assets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The document between the tags of a page.
std::string data_of(const std::string& html)
{
    const std::string open = R"(id="report-data">)";
    const auto start = html.find(open) + open.size();
    return html.substr(start, html.find("</script>", start) - start);
}

} // namespace

TEST(Page, NothingInItIsTakenForMarkup)
{
    const std::string name = "</script><script>alert(1)</script><!-- & \xff {{script}}";
    auto page = page_frame("run", name, name, name);
    page["run"] = {{"notes", {name}}};
    const auto html = page_html(page);
    EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(html, HasSubstr("<title>&lt;/script&gt;&lt;script&gt;alert(1)"));
    const auto data = data_of(html);
    EXPECT_THAT(data, Not(HasSubstr("<")));
    const auto read = ordered_json::parse(data);
    EXPECT_THAT(read["run"]["notes"][0].get<std::string>(),
                HasSubstr("</script><script>alert(1)</script><!-- & "));
    EXPECT_THAT(read["run"]["notes"][0].get<std::string>(), HasSubstr("{{script}}"));
}

TEST(Page, WordsOfItsOwnAreExplained)
{
    auto page = page_frame("run", "", "", "");
    add_topics(page, all_topics({}));
    for (const std::string word : web_words)
        EXPECT_TRUE(page["topics"].contains(word)) << word;
}

TEST(Page, NumbersHaveSevenDigits)
{
    EXPECT_EQ(short_number(1.0 / 3.0).dump(), "0.3333333");
    EXPECT_EQ(short_number(123456789012.0).dump(), "123456789012"); // whole numbers are exact
    EXPECT_EQ(short_number(-2.5).dump(), "-2.5");
    EXPECT_EQ(short_number(1.0e300).dump(), "1e+300");
    EXPECT_TRUE(short_number(nan).is_null());
    EXPECT_TRUE(short_number(std::numeric_limits<double>::infinity()).is_null());
    EXPECT_EQ(short_numbers({1.0, nan, 0.5}).dump(), "[1,null,0.5]");
}

TEST(Page, TopicsAreThoseOfItsNames)
{
    auto page = page_frame("run", "t", "s", "c");
    page["figures"] = {figure_json("Frame rate", "fps", 2.0, "images/s", "2 images/s"),
                       figure_json("Nobody knows", "no such name", {}, "", "–")};
    page["columns"] = {{"explain", {"not", "a", "name"}}};
    Topic fps{"fps", "key of summary.json", "images/s", "real", "", "", "frame rate"};
    Topic other = fps;
    other.kind = "column of another table";
    Topic longer{"streaming.fps", "key", "images/s", "real", "", "", "of a stream"};
    add_topics(page, {fps, other, longer});
    EXPECT_EQ(page["topics"].size(), 1U);
    EXPECT_EQ(page["topics"]["fps"]["meaning"], "frame rate");
    EXPECT_EQ(page["topics"]["fps"]["see_also"],
              (ordered_json{"column of another table: fps", "streaming.fps"}));
}

TEST(Markdown, CellsCannotEndTheirTableOrBeHtml)
{
    EXPECT_EQ(markdown_cell("a|b<script>\nc"), "a\\|b&lt;script> c");
    EXPECT_EQ(markdown_table({"name", "ms"}, {{"a|b", "1.5"}}),
              "| name | ms |\n|---|--:|\n| a\\|b | 1.5 |\n");
    EXPECT_EQ(markdown_table({"a", "b"}, {}, 2), "| a | b |\n|---|---|\n");
}

TEST(CsvTable, HasColumnsByName)
{
    CsvTable table{"t.csv", "name,value\n\"a, \"\"b\"\"\",1.5\n\nc,2\n"};
    EXPECT_EQ(table.rows(), 2U);
    EXPECT_THAT(table.names("name"), ElementsAre("a, \"b\"", "c"));
    EXPECT_THAT(table.numbers("value"), ElementsAre(1.5, 2.0));
    EXPECT_NO_THROW(table.throw_if_any());
}

TEST(CsvTable, TellsEverythingThatIsWrong)
{
    CsvTable table{"t.csv", "name,value\na,-1\na,x\nb\n"};
    (void)table.names("name");
    (void)table.numbers("value");
    (void)table.texts("valeu");
    try {
        table.throw_if_any();
        FAIL() << "nothing is refused";
    } catch (const config::Error& error) {
        std::string places;
        for (const auto& violation : error.violations())
            places += std::to_string(violation.where.line) + " " + violation.key + "; ";
        EXPECT_THAT(places, HasSubstr("4 ; 3 name; 2 value; 3 value; 1 valeu; "));
    }
    EXPECT_THROW((CsvTable{"t.csv", "name,value\n"}.throw_if_any()), config::Error);
}

TEST(ShellQuoted, IsOneWordForAShell)
{
    EXPECT_EQ(config::shell_quoted("traces/deit_t.csv.gz"), "traces/deit_t.csv.gz");
    EXPECT_EQ(config::shell_quoted("it's $HOME"), "'it'\\''s $HOME'");
    EXPECT_EQ(config::shell_quoted(""), "''");
    EXPECT_EQ(config::shell_quoted("*"), "'*'");
}

} // namespace heatsim::report
