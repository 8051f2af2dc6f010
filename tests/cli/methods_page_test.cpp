// SPDX-License-Identifier: Apache-2.0
// docs/methods.md: written by a script that runs for minutes; here its quick rows are simulated
// again.
#include "cli/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::cli {

namespace {

const std::string page_path = HEATSIM_SOURCE_DIR "/docs/methods.md";
const std::string hint = "docs/methods.md is old: scripts/update_methods_docs.py";

std::vector<std::string> cells_of(const std::string& line)
{
    std::vector<std::string> cells;
    std::istringstream text{line.substr(1)};
    for (std::string cell; std::getline(text, cell, '|');) {
        const auto first = cell.find_first_not_of(" `");
        const auto last = cell.find_last_not_of(" `");
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    return cells;
}

/// Rows of the first table behind the line `heading` whose own heading starts with `columns`.
std::vector<std::vector<std::string>> table_behind(const std::string& heading,
                                                   const std::string& columns)
{
    std::istringstream lines{content(page_path)};
    std::string line;
    while (line != heading && std::getline(lines, line))
        continue;
    while (line.rfind(columns, 0) != 0 && std::getline(lines, line))
        continue;
    std::getline(lines, line); // |---|
    std::vector<std::vector<std::string>> rows;
    while (std::getline(lines, line) && line.rfind('|', 0) == 0)
        rows.push_back(cells_of(line));
    EXPECT_GT(rows.size(), 15U) << heading;
    return rows;
}

std::vector<std::vector<std::string>> recorded_rows()
{
    return table_behind("## Recorded networks", "| method | trace |");
}

std::string trace_path(const std::string& name)
{
    return HEATSIM_SOURCE_DIR "/traces/deit_t_" + name + ".csv.gz";
}

std::string with_digits(double value, int digits)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

nlohmann::json run(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--format", "json", "-q"});
    const auto outcome = heatsim(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out);
}

/// Blanks and line ends count as one blank: the script wraps paragraphs with figures anew.
std::string one_line(const std::string& text)
{
    std::string line;
    for (const char letter : text) {
        const bool blank = std::isspace(static_cast<unsigned char>(letter)) != 0;
        if (!blank)
            line += letter;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

} // namespace

TEST(MethodsPage, HasTheTextOfItsTemplate)
{
    const auto page = one_line(content(page_path));
    const auto text = one_line(content(page_path + ".in"));
    EXPECT_EQ(page.find("{{"), std::string::npos);
    std::size_t at = 0;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find("{{", begin), text.size());
        const auto piece = text.substr(begin, end - begin);
        const auto found = page.find(piece, at);
        ASSERT_NE(found, std::string::npos) << hint << "\nnot on the page, or not there: " << piece;
        at = found + piece.size();
        const auto close = text.find("}}", end);
        begin = close == std::string::npos ? text.size() : close + 2;
    }
}

TEST(MethodsPage, NamesTracesThatAreThere)
{
    for (const auto& row : recorded_rows())
        EXPECT_TRUE(std::filesystem::exists(trace_path(row.at(1)))) << row.at(1);
}

/// Networks whose images all have the same token counts: one image is simulated.
TEST(MethodsPage, RowsOfFixedCountsAreThoseOfARun)
{
    std::size_t checked = 0;
    double dense_ms = 0.0;
    for (const auto& row : recorded_rows()) {
        const auto& method = row.at(0);
        const auto& name = row.at(1);
        if (method != "dense" && method != "static" && method != "ranked")
            continue;
        const auto result = run({"-t", trace_path(name), "-m", "deit_t"});
        const auto& latency = result["latency_ms"];
        const auto mean_ms = latency["mean"].get<double>();
        if (method == "dense")
            dense_ms = mean_ms;
        const auto energy_mj = result["energy"]["image_mj"]["mean"].get<double>();
        EXPECT_EQ(row.at(3), with_digits(result["top1_percent"].get<double>(), 2)) << name;
        EXPECT_EQ(row.at(4), with_digits(result["macs"].get<double>() / 1e9, 3))
            << name << ": " << hint;
        EXPECT_EQ(row.at(5), with_digits(mean_ms, 3)) << name << ": " << hint;
        EXPECT_EQ(row.at(6), with_digits(latency["p99"].get<double>(), 3)) << name << ": " << hint;
        EXPECT_EQ(row.at(7), with_digits(latency["max"].get<double>(), 3)) << name << ": " << hint;
        EXPECT_EQ(row.at(8), with_digits(result["fps"].get<double>(), 1)) << name << ": " << hint;
        EXPECT_EQ(row.at(9), with_digits(energy_mj, 2)) << name << ": " << hint;
        EXPECT_EQ(row.at(10), with_digits(dense_ms / mean_ms, 2)) << name << ": " << hint;
        ++checked;
    }
    EXPECT_EQ(checked, 12U);
}

/// All images of one adaptive trace, composed: docs/test_sets.md says how far that is off.
TEST(MethodsPage, AdaptiveRowIsThatOfAComposedRun)
{
    const Folder cache;                                 // the user's own stays as it is
    setenv("HEATSIM_CACHE", cache.path("").c_str(), 1); // NOLINT(concurrency-mt-unsafe)
    bool found = false;
    for (const auto& row : recorded_rows()) {
        if (row.at(1) != "70_39_21")
            continue;
        found = true;
        const auto result = run({"-t", trace_path(row.at(1)), "--compose", "--sample", "1"});
        const auto expect_near = [&](std::size_t column, double value) {
            EXPECT_NEAR(std::stod(row.at(column)), value, 0.002 * value) << hint;
        };
        EXPECT_EQ(row.at(4), with_digits(result["macs"].get<double>() / 1e9, 3)) << hint;
        expect_near(5, result["latency_ms"]["mean"].get<double>());
        expect_near(6, result["latency_ms"]["p99"].get<double>());
        expect_near(7, result["latency_ms"]["max"].get<double>());
        expect_near(9, result["energy"]["image_mj"]["mean"].get<double>());
    }
    EXPECT_TRUE(found);
}

TEST(MethodsPage, OperatingPointsAreThoseOfARun)
{
    for (const auto& [heading, model] :
         {std::pair{"DeiT-S:", "deit_s"}, std::pair{"DeiT-T:", "deit_t"}}) {
        const auto rows = table_behind(heading, "| method | schedule |");
        double dense_ms = 0.0;
        for (const auto& row : rows) {
            const auto& schedule = row.at(1);
            const auto result = run({"-m", model, "-s", schedule});
            const auto mean_ms = result["latency_ms"]["mean"].get<double>();
            if (schedule == "dense")
                dense_ms = mean_ms;
            const auto where =
                std::string{model}.append(" ").append(schedule).append(": ").append(hint);
            EXPECT_EQ(row.at(2), with_digits(result["macs"].get<double>() / 1e9, 2)) << where;
            EXPECT_EQ(row.at(3), result["top1_percent"].is_null()
                                     ? ""
                                     : with_digits(result["top1_percent"].get<double>(), 2))
                << where;
            EXPECT_EQ(row.at(4), with_digits(mean_ms, model == std::string{"deit_t"} ? 3 : 2))
                << where;
            EXPECT_EQ(row.at(6), with_digits(dense_ms / mean_ms, 2)) << where;
        }
    }
}

} // namespace heatsim::cli
