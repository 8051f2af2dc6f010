// SPDX-License-Identifier: Apache-2.0
// COMPUTE_REPORT.csv and BANDWIDTH_REPORT.csv beside operators.csv and SCALE-Sim's own figures.
#include "cli/program.hpp"
#include "support/csv.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::cli {

namespace {

using test::CsvRow;
using Table = std::vector<CsvRow>;

[[nodiscard]] Table table(const std::string& path)
{
    std::istringstream text{content(path)};
    return test::read_table(text);
}

[[nodiscard]] double real(const CsvRow& row, const std::string& column)
{
    return std::stod(row.at(column));
}

[[nodiscard]] double sum(const Table& rows, const std::string& column)
{
    double total = 0.0;
    for (const auto& row : rows)
        total += real(row, column);
    return total;
}

void run_into(const std::string& folder, std::vector<std::string> options)
{
    options.insert(options.begin(), "run");
    options.insert(options.end(), {"-q", "-o", folder});
    const auto outcome = heatsim(options);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
}

/// Rows of operators.csv that the reports have to have, in their order.
[[nodiscard]] Table gemms(const std::string& folder)
{
    Table rows;
    for (auto& row : table(folder + "/operators.csv"))
        if (row["kind"] == "gemm" || row["kind"] == "convolution")
            rows.push_back(std::move(row));
    return rows;
}

void expect_as_in_operators(const std::string& folder)
{
    const auto operators = gemms(folder);
    const auto compute = table(folder + "/COMPUTE_REPORT.csv");
    const auto bandwidth = table(folder + "/BANDWIDTH_REPORT.csv");
    ASSERT_GT(operators.size(), 70U);
    ASSERT_EQ(compute.size(), operators.size());
    ASSERT_EQ(bandwidth.size(), operators.size());
    for (std::size_t i = 0; i < operators.size(); ++i) {
        const auto& op = operators[i];
        SCOPED_TRACE(op.at("operator"));
        for (const auto* report : {&compute[i], &bandwidth[i]}) {
            EXPECT_EQ(report->at("LayerID"), std::to_string(i));
            EXPECT_EQ(report->at("Operator"), op.at("operator"));
        }
        EXPECT_EQ(op.at("unit"), "gemm_array");
        EXPECT_EQ(op.at("unit_cycles"), op.at("busy_cycles"));
        EXPECT_EQ(compute[i].at("Total Cycles (cycles)"), op.at("cycles"));
        EXPECT_EQ(compute[i].at("Overall Util %"), op.at("utilization_percent"));
        double stalls = real(op, "control_cycles");
        for (const auto& [column, cell] : op)
            if (column.rfind("wait_", 0) == 0)
                stalls += std::stod(cell);
        EXPECT_NEAR(real(compute[i], "Stall Cycles (cycles)"), stalls, 1e-6);
        const auto cycles = real(op, "cycles");
        if (cycles == 0.0)
            continue;
        EXPECT_GE(real(compute[i], "Compute Util %"), real(compute[i], "Overall Util %"));
        EXPECT_GE(real(compute[i], "Mapping Efficiency %"), real(compute[i], "Compute Util %"));
        EXPECT_LE(real(compute[i], "Mapping Efficiency %"), 100.0 + 1e-9);
        const auto bytes = [&](const char* column) { return real(bandwidth[i], column) * cycles; };
        EXPECT_NEAR(bytes("Avg IFMAP DRAM BW (bytes/cycle)"), real(op, "input_bytes"), 1e-3);
        EXPECT_NEAR(bytes("Avg FILTER DRAM BW (bytes/cycle)"), real(op, "weight_bytes"), 1e-3);
        EXPECT_NEAR(bytes("Avg OFMAP DRAM BW (bytes/cycle)"), real(op, "output_bytes"), 1e-3);
    }
    EXPECT_NEAR(sum(compute, "Total Cycles (cycles)"), sum(operators, "cycles"), 1e-3);
}

} // namespace

TEST(ScaleSimReports, HaveTheNumbersOfOperatorsCsv)
{
    const Folder folder;
    const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
    run_into(folder.path("one"), {});
    expect_as_in_operators(folder.path("one"));
    run_into(folder.path("three"), {"-t", trace, "-n", "3"});
    expect_as_in_operators(folder.path("three"));
    run_into(folder.path("batch"), {"-t", trace, "-n", "4", "--batch", "2"});
    expect_as_in_operators(folder.path("batch"));
}

/// Whatever the images, the array reads no more per busy cycle than its multipliers take: T_h x
/// T_i activations, T_h x T_i x T_o weights.
TEST(ScaleSimReports, TheArrayReadsNoMoreThanItsWidth)
{
    const Folder folder;
    run_into(folder.path("out"), {});
    const auto operators = gemms(folder.path("out"));
    const auto bandwidth = table(folder.path("out") + "/BANDWIDTH_REPORT.csv");
    ASSERT_EQ(bandwidth.size(), operators.size());
    for (std::size_t i = 0; i < operators.size(); ++i) {
        const auto per_busy_cycle =
            real(operators[i], "cycles") / real(operators[i], "busy_cycles");
        SCOPED_TRACE(operators[i].at("operator"));
        const auto words = [&](const char* column) {
            return real(bandwidth[i], column) * per_busy_cycle;
        };
        EXPECT_LE(words("Avg IFMAP SRAM BW (words/cycle)"), 3.0 * 24.0 + 1e-9);
        EXPECT_LE(words("Avg FILTER SRAM BW (words/cycle)"), 3.0 * 24.0 * 32.0 + 1e-9);
        EXPECT_LE(words("Avg OFMAP SRAM BW (words/cycle)"), 3.0 * 32.0 + 1e-9);
        EXPECT_GT(words("Avg OFMAP SRAM BW (words/cycle)"), 0.0);
    }
}

/// DeiT-S on the arrays of `heatsim validate peers`: without what the vector unit adds, the cycles
/// are those of the reference table.
TEST(ScaleSimReports, CyclesAreThoseOfTheReferenceTable)
{
    const std::map<std::string, std::vector<std::string>> shapes{
        {"patch_embed.proj", {"196", "768", "384"}},
        {"blocks.1.attn.qkv", {"197", "384", "1152"}},
        {"blocks.1.attn.proj", {"197", "384", "384"}},
        {"blocks.1.mlp.fc1", {"197", "384", "1536"}},
        {"blocks.1.mlp.fc2", {"197", "1536", "384"}},
        {"head.fc", {"1", "384", "1000"}},
    };
    const auto references = test::read_reference("peer_gemm_cycles.csv");
    const Folder folder;
    for (const std::string stationarity : {"output", "weight"}) {
        const auto out = folder.path(stationarity);
        run_into(out, {"-m", "deit_s", "-s", "dense", "-a",
                       "systolic_" + stationarity + "_stationary_32x32_ideal"});
        std::map<std::string, CsvRow> rows;
        for (auto& row : table(out + "/COMPUTE_REPORT.csv")) {
            auto name = row.at("Operator");
            rows.emplace(std::move(name), std::move(row));
        }
        std::size_t compared = 0;
        for (const auto& [name, shape] : shapes)
            for (const auto& reference : references) {
                if (std::vector<std::string>{reference.at("M"), reference.at("K"),
                                             reference.at("N")} != shape ||
                    reference.at("stationarity") != stationarity || reference.at("R") != "32")
                    continue;
                const auto& row = rows.at(name);
                EXPECT_EQ(test::number(row, "Total Cycles (cycles)") -
                              test::number(row, "Stall Cycles (cycles)"),
                          test::number(reference, "cycles"))
                    << name << ", " << stationarity;
                ++compared;
            }
        EXPECT_EQ(compared, shapes.size());
        // nothing follows QKV on its tiles
        EXPECT_EQ(rows.at("blocks.1.attn.qkv").at("Stall Cycles (cycles)"), "0");
    }
}

} // namespace heatsim::cli
