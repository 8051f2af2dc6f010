// SPDX-License-Identifier: Apache-2.0
#include "report/validation_page.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace heatsim::report {

TEST(ValidationPage, PutsSectionsInPlaceOfTheirLines)
{
    EXPECT_EQ(fill_page("# Page\n\n{{a}}\ntext {{a}}\n{{b}}\n", {{"a", "1\n2\n"}, {"b", "3\n"}}),
              "# Page\n\n1\n2\ntext {{a}}\n3\n");
}

TEST(ValidationPageDeath, SectionsAndPlacesHaveToMatch)
{
    // what is wrong goes to standard output
    const std::map<std::string, std::string> none;
    const std::map<std::string, std::string> one{{"a", ""}};
    EXPECT_DEATH(static_cast<void>(fill_page("{{a}}\n", none)), "");
    EXPECT_DEATH(static_cast<void>(fill_page("{{a}}\n{{a}}\n", one)), "");
    EXPECT_DEATH(static_cast<void>(fill_page("text\n", one)), "");
}

} // namespace heatsim::report
