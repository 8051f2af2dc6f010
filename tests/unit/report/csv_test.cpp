// SPDX-License-Identifier: Apache-2.0
#include "report/csv.hpp"
#include "unit/report/example_run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::report {

namespace {

/// Rows of cells; no cell of these tests has a comma in it.
std::vector<std::vector<std::string>> cells_of(const std::string& csv)
{
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines{csv};
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        std::string cell;
        for (const char letter : line + ',') {
            if (letter == ',') {
                rows.back().push_back(cell);
                cell.clear();
            } else {
                cell += letter;
            }
        }
    }
    return rows;
}

std::map<std::string, std::string> row_of(const std::string& csv, std::size_t row)
{
    const auto rows = cells_of(csv);
    std::map<std::string, std::string> cells;
    EXPECT_EQ(rows.at(row + 1).size(), rows.at(0).size());
    for (std::size_t i = 0; i < rows.at(0).size(); ++i)
        cells[rows[0][i]] = rows.at(row + 1).at(i);
    return cells;
}

} // namespace

TEST(OperatorsCsv, HeadersAreTheFields)
{
    const auto [setup, run] = example_run();
    const auto header = cells_of(operators_csv(setup, run)).at(0);
    const auto fields = operators_columns();
    ASSERT_EQ(header.size(), fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        EXPECT_EQ(header[i], fields[i].name);
        EXPECT_FALSE(fields[i].meaning.empty()) << fields[i].name;
    }
}

TEST(OperatorsCsv, NumbersAreMeansOverTheImages)
{
    const auto [setup, run] = example_run();
    auto qkv = row_of(operators_csv(setup, run), 1);
    EXPECT_EQ(qkv["operator"], "blocks.1.attn.qkv");
    EXPECT_EQ(qkv["kind"], "gemm");
    EXPECT_EQ(qkv["unit"], "gemm_array");
    EXPECT_EQ(qkv["block"], "1");
    EXPECT_EQ(qkv["rows"], "197");
    EXPECT_EQ(qkv["macs"], "150500");
    EXPECT_EQ(qkv["cycles"], "140.5");
    EXPECT_EQ(qkv["busy_cycles"], "140.5");
    EXPECT_EQ(qkv["wait_host_cycles"], "0");
    EXPECT_DOUBLE_EQ(std::stod(qkv["utilization_percent"]), 100.0 * 301000.0 / (281.0 * 2304.0));
}

TEST(OperatorsCsv, FusedOperatorsHaveNoUtilizationOfTheirOwn)
{
    const auto [setup, run] = example_run();
    auto gelu = row_of(operators_csv(setup, run), 2);
    EXPECT_EQ(gelu["fused_into"], "blocks.1.mlp.fc1");
    EXPECT_EQ(gelu["cycles"], "0");
    EXPECT_EQ(gelu["utilization_percent"], "");
}

TEST(OperatorsCsv, NamesThatWouldEndACellAreQuoted)
{
    auto [setup, run] = example_run();
    run.operators[0].name = R"(a,"b")";
    const auto csv = operators_csv(setup, run);
    EXPECT_NE(csv.find("\n\"a,\"\"b\"\"\","), std::string::npos) << csv;
}

TEST(ImagesCsv, HeadersAreTheFields)
{
    const auto [setup, run] = example_run();
    const auto header = cells_of(images_csv(setup, run)).at(0);
    const auto fields = images_columns();
    // n0 to n3 stand for n<stage>
    ASSERT_EQ(header.size(), fields.size() + 3);
    EXPECT_EQ(header[0], "image");
    EXPECT_EQ(header[1], "n0");
    EXPECT_EQ(header[4], "n3");
    EXPECT_EQ(fields[1].name, "n<stage>");
    for (std::size_t i = 2; i < fields.size(); ++i)
        EXPECT_EQ(header[i + 3], fields[i].name);
}

TEST(ImagesCsv, OneRowPerImageInOrder)
{
    const auto [setup, run] = example_run();
    const auto csv = images_csv(setup, run);
    EXPECT_EQ(cells_of(csv).size(), 3U);
    auto first = row_of(csv, 0);
    EXPECT_EQ(first["image"], "0");
    EXPECT_EQ(first["n0"], "197");
    EXPECT_EQ(first["n3"], "44");
    EXPECT_EQ(first["cycles"], "201");
    EXPECT_EQ(first["latency_ms"], "0.00134");
    EXPECT_EQ(first["busy_cycles"], "191");
    EXPECT_EQ(first["write_bytes"], "501");
    auto second = row_of(csv, 1);
    EXPECT_EQ(second["image"], "1");
    EXPECT_EQ(second["n3"], "43");
}

} // namespace heatsim::report
