// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

TEST(ValidateDdr, JsonHasEveryFigureOfTheTable)
{
    const auto outcome = heatsim({"validate", "ddr", "--format", "json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    const auto result = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(result["version"], HEATSIM_VERSION);
    EXPECT_EQ(result["memory"], "ddr4_2400_x64");
    EXPECT_EQ(result["reference"]["simulators"].size(), 3U);

    // 126 bandwidths; latencies of all but the 18 lines of seq_wr
    EXPECT_EQ(result["rows"].size(), 126U + 108U);
    std::set<std::string> names;
    std::set<std::string> outside;
    for (const auto& row : result["rows"]) {
        const auto name = row["name"].get<std::string>();
        EXPECT_TRUE(names.insert(name).second) << name << " twice";
        const bool bandwidth = row["quantity"] == "bandwidth";
        EXPECT_EQ(row["unit"], bandwidth ? "GB/s" : "ns") << name;
        const auto number = [&row](const char* key) { return row[key].get<double>(); };
        EXPECT_NEAR(number("error_percent"),
                    (number("predicted") / number("reference") - 1.0) * 100.0, 1e-9)
            << name;
        EXPECT_LE(number("reference_low"), number("reference")) << name;
        EXPECT_GE(number("reference_high"), number("reference")) << name;
        const double nearest = std::min(std::max(number("predicted"), number("reference_low")),
                                        number("reference_high"));
        const double deviation = (number("predicted") / nearest - 1.0) * 100.0;
        EXPECT_NEAR(number("deviation_percent"), deviation, 1e-9) << name;
        EXPECT_EQ(row["within"], std::abs(deviation) <= (bandwidth ? 5.0 : 10.0)) << name;
        if (row["within"] == false)
            outside.insert(row["mapping"].get<std::string>() + "/" +
                           row["pattern"].get<std::string>() + "/" + row["outstanding"].dump());
    }
    const auto& summary = result["summary"];
    EXPECT_EQ(summary["groups"], 63);
    EXPECT_EQ(summary["groups_within"], 63U - outside.size());
    EXPECT_EQ(summary["groups_outside"].get<std::set<std::string>>(), outside);
    EXPECT_EQ(summary["figures"], result["rows"].size());
}

/// What `heatsim validate` compares; with the recorded references it needs no tools beside heatsim.
class ValidateTarget : public testing::TestWithParam<std::string> {};

/// The page is the template with the tables of the present model: it cannot go stale.
TEST_P(ValidateTarget, IsOnThePageAsItIsNow)
{
    const auto page = content(HEATSIM_SOURCE_DIR "/docs/validation.md");
    const auto section = heatsim({"validate", GetParam(), "--recorded", "--format", "markdown"});
    EXPECT_EQ(section.exit_code, 0) << section.err;
    EXPECT_NE(page.find(section.out), std::string::npos)
        << "docs/validation.md is old: scripts/update_validation_docs.sh\n"
        << section.out;
}
/// So are the error bands that reports show.
TEST_P(ValidateTarget, IsInTheErrorBandsAsItIsNow)
{
    const auto recorded = content(HEATSIM_SOURCE_DIR "/validation/error_bands.csv");
    const auto bands = heatsim({"validate", GetParam(), "--recorded", "--format", "csv"});
    EXPECT_EQ(bands.exit_code, 0) << bands.err;
    const auto rows = bands.out.substr(bands.out.find('\n') + 1);
    EXPECT_FALSE(rows.empty());
    EXPECT_NE(recorded.find(rows), std::string::npos)
        << "validation/error_bands.csv is old: scripts/update_validation_docs.sh\n"
        << rows;
}
INSTANTIATE_TEST_SUITE_P(
    Own,
    ValidateTarget,
    testing::Values(
        "models", "methods", "peers", "heatvit_rtl", "rtl", "synthesis", "ddr", "published"),
    [](const auto& test) { return test.param; });

TEST(Validate, TablesHaveRowsAndSayWhetherTheirChecksHold)
{
    for (const std::string target : {"models", "heatvit_rtl", "published"}) {
        const auto outcome = heatsim({"validate", target, "--format", "json"});
        const auto table = nlohmann::json::parse(outcome.out);
        EXPECT_EQ(table["target"], target);
        EXPECT_EQ(table["holds"], true) << target;
        EXPECT_EQ(outcome.exit_code, 0) << target;
        EXPECT_FALSE(table["rows"].empty()) << target;
        for (const auto& row : table["rows"])
            EXPECT_TRUE(row["predicted"].is_number() && row["reference"].is_number() &&
                        row["error_percent"].is_number())
                << row["name"];
    }
}

TEST(Validate, PageHasTheTextOfItsTemplate)
{
    const auto page = content(HEATSIM_SOURCE_DIR "/docs/validation.md");
    std::istringstream lines{content(HEATSIM_SOURCE_DIR "/docs/validation.md.in")};
    std::size_t at = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("{{", 0) == 0)
            continue;
        const auto found = page.find(line + '\n', at);
        ASSERT_NE(found, std::string::npos) << "not on the page, or not there: " << line;
        at = found + line.size();
    }
}

} // namespace heatsim::cli
