// SPDX-License-Identifier: Apache-2.0
#include "report/scale_sim_report.hpp"
#include "support/csv.hpp"
#include "support/designs.hpp"
#include "unit/report/example_run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::report {

namespace {

using channel::ArrayCause;
using test::CsvRow;

/// What an operator of an example took.
struct Cost {
    std::uint64_t busy = 0;
    std::uint64_t fill_drain = 0;
    std::uint64_t wait_vector = 0;
};

/// A run of which only these operators took any time: the others are there with no cycles.
[[nodiscard]] system::RunResult run_of(const system::RunSetup& setup,
                                       const std::vector<workload::TokenCounts>& images,
                                       std::size_t batch_images,
                                       const std::map<std::string, Cost>& costs)
{
    system::RunResult run;
    run.batch_images = batch_images;
    for (const auto& tokens : images) {
        system::ImageResult image;
        image.tokens = tokens;
        run.images.push_back(std::move(image));
    }
    for (std::size_t first = 0; first < images.size(); first += batch_images) {
        const std::vector<workload::TokenCounts> batch(
            images.begin() + static_cast<std::ptrdiff_t>(first),
            images.begin() + static_cast<std::ptrdiff_t>(first + batch_images));
        const auto workload = workload::lower_batch(setup.model, setup.schedule, batch);
        run.operators.resize(workload.operators.size());
        for (std::size_t i = 0; i < workload.operators.size(); ++i) {
            auto& op = run.operators[i];
            op.name = workload.operators[i].name;
            op.kind = workload.operators[i].kind;
            op.unit =
                workload::is_gemm(op.kind) ? channel::Worker::Array : channel::Worker::VectorUnit;
            op.executions += 1;
            op.macs += workload.operators[i].macs();
        }
    }
    const auto add = [](system::OperatorSummary& op, ArrayCause cause, std::uint64_t cycles) {
        op.sum.cycles_by_cause[static_cast<std::size_t>(cause)] += cycles;
        op.sum.end_cycle += cycles;
    };
    for (auto& op : run.operators) {
        const auto cost = costs.find(op.name);
        if (cost == costs.end())
            continue;
        add(op, ArrayCause::Busy, cost->second.busy);
        add(op, ArrayCause::FillDrain, cost->second.fill_drain);
        add(op, ArrayCause::WaitVector, cost->second.wait_vector);
    }
    return run;
}

[[nodiscard]] CsvRow row_of(const std::string& csv, const std::string& name)
{
    std::istringstream text{csv};
    for (const auto& row : test::read_table(text))
        if (row.at("Operator") == name)
            return row;
    ADD_FAILURE() << "no row of " << name;
    return {};
}

[[nodiscard]] double real(const CsvRow& row, const std::string& column)
{
    return std::stod(row.at(column));
}

/// The header with what stands behind SCALE-Sim's name taken away.
[[nodiscard]] std::string scale_sim_header(const std::vector<Field>& fields)
{
    std::string header;
    for (const auto& field : fields) {
        header += header.empty() ? "" : ", ";
        header += field.name.substr(0, field.name.find(" ("));
    }
    return header;
}

[[nodiscard]] system::RunSetup systolic(const std::string& stationarity)
{
    return test::shipped_setup("systolic_" + stationarity + "_stationary_32x32_ideal", "deit_s",
                               "dense");
}

} // namespace

TEST(ScaleSimReports, HaveItsColumnsInItsOrderAndTheOperatorBehindThem)
{
    EXPECT_EQ(scale_sim_header(compute_report_columns()),
              "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, "
              "Compute Util %, Operator");
    EXPECT_EQ(scale_sim_header(bandwidth_report_columns()),
              "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, "
              "Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW, Operator");
}

TEST(ScaleSimReports, NameTheUnitInEveryHeader)
{
    for (const auto& fields : {compute_report_columns(), bandwidth_report_columns()})
        for (const auto& field : fields) {
            EXPECT_FALSE(field.meaning.empty()) << field.name;
            if (field.unit.empty())
                EXPECT_TRUE(field.name == "LayerID" || field.name == "Operator") << field.name;
            else
                EXPECT_NE(field.name.find(field.unit == "%" ? " %" : "(" + field.unit + ")"),
                          std::string::npos)
                    << field.name;
        }
}

TEST(ScaleSimReports, HeadersAreTheFields)
{
    const auto setup = systolic("output");
    const auto run = run_of(setup, {{197}}, 1, {});
    const auto expect = [](const std::string& csv, const std::vector<Field>& fields) {
        std::string header;
        for (const auto& field : fields)
            header += (header.empty() ? "" : ",") + field.name;
        EXPECT_EQ(csv.substr(0, csv.find('\n')), header);
    };
    expect(compute_report_csv(setup, run), compute_report_columns());
    expect(bandwidth_report_csv(setup, run), bandwidth_report_columns());
}

/// M 197, K 384, N 384 on 32 x 32, outputs stay: 7 folds of tokens x 12 of outputs, each of 384
/// cycles in which operands enter and 62 of skew, one of them saved; 1000 more in which it waits.
TEST(ScaleSimReports, OneGemmByHand)
{
    const auto setup = systolic("output");
    auto run = run_of(setup, {{197}}, 1, {{"blocks.1.attn.proj", {32256, 5207, 1000}}});
    for (auto& op : run.operators)
        if (op.name == "blocks.1.attn.proj") {
            op.sum.input_bytes = 75648;
            op.sum.weight_bytes = 148992;
            op.sum.output_bytes = 38463;
        }
    const auto compute = row_of(compute_report_csv(setup, run), "blocks.1.attn.proj");
    EXPECT_EQ(compute.at("LayerID"), "4"); // patch embedding, QKV, QK and AV are in front of it
    EXPECT_EQ(compute.at("Total Cycles (cycles)"), "38463");
    EXPECT_EQ(compute.at("Stall Cycles (cycles)"), "1000");
    // 197 * 384 * 384 MACs on 1024 multipliers
    EXPECT_DOUBLE_EQ(real(compute, "Overall Util %"), 100.0 * 29048832.0 / (38463.0 * 1024.0));
    // 7 * 12 folds have room for 86016 outputs, 197 * 384 = 75648 of them are there
    EXPECT_DOUBLE_EQ(real(compute, "Mapping Efficiency %"), 100.0 * 75648.0 / 86016.0);
    EXPECT_DOUBLE_EQ(real(compute, "Compute Util %"), 100.0 * 29048832.0 / (37463.0 * 1024.0));

    const auto bandwidth = row_of(bandwidth_report_csv(setup, run), "blocks.1.attn.proj");
    EXPECT_EQ(bandwidth.at("LayerID"), "4");
    // each token enters for 12 folds of outputs, each weight for 7 folds of tokens
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg IFMAP SRAM BW (words/cycle)"),
                     12.0 * 197.0 * 384.0 / 38463.0);
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg FILTER SRAM BW (words/cycle)"),
                     7.0 * 384.0 * 384.0 / 38463.0);
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg OFMAP SRAM BW (words/cycle)"), 197.0 * 384.0 / 38463.0);
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg IFMAP DRAM BW (bytes/cycle)"), 75648.0 / 38463.0);
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg FILTER DRAM BW (bytes/cycle)"), 148992.0 / 38463.0);
    EXPECT_DOUBLE_EQ(real(bandwidth, "Avg OFMAP DRAM BW (bytes/cycle)"), 1.0);
}

/// What SCALE-Sim 3 prints for M 197, K 384, N 1152 on 32 x 32, without a stall. Its `Compute
/// Util %` counts one cycle more with outputs that stay, and the drain twice with weights that
/// stay; its OFMAP SRAM counts 32 + 32 writes too many for each fold with outputs that stay.
TEST(ScaleSimReports, OneGemmBesideScaleSim)
{
    const std::string name = "blocks.1.attn.qkv";
    {
        const auto setup = systolic("output");
        const auto run = run_of(setup, {{197}}, 1, {{name, {96768, 15623, 0}}});
        const auto compute = row_of(compute_report_csv(setup, run), name);
        EXPECT_EQ(compute.at("Total Cycles (cycles)"), "112391");
        EXPECT_EQ(compute.at("Stall Cycles (cycles)"), "0");
        EXPECT_DOUBLE_EQ(real(compute, "Overall Util %"), 75.72136558977142);
        EXPECT_DOUBLE_EQ(real(compute, "Mapping Efficiency %"), 87.94642857142857);
        EXPECT_NEAR(real(compute, "Compute Util %"), 75.72069186418933, 0.001);
        const auto bandwidth = row_of(bandwidth_report_csv(setup, run), name);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg IFMAP SRAM BW (words/cycle)"), 24.230836988726857);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg FILTER SRAM BW (words/cycle)"), 27.55181464708028);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg OFMAP SRAM BW (words/cycle)"),
                         2.162735450347448 - 7.0 * 36.0 * 64.0 / 112391.0);
    }
    {
        const auto setup = systolic("weight");
        const auto run = run_of(setup, {{197}}, 1, {{name, {85104, 40607, 0}}});
        const auto compute = row_of(compute_report_csv(setup, run), name);
        EXPECT_EQ(compute.at("Total Cycles (cycles)"), "125711");
        EXPECT_EQ(compute.at("Stall Cycles (cycles)"), "0");
        EXPECT_DOUBLE_EQ(real(compute, "Overall Util %"), 67.69813301938574);
        EXPECT_DOUBLE_EQ(real(compute, "Mapping Efficiency %"), 100.0);
        const auto bandwidth = row_of(bandwidth_report_csv(setup, run), name);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg IFMAP SRAM BW (words/cycle)"), 21.663402566203434);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg FILTER SRAM BW (words/cycle)"), 3.518928335626954);
        EXPECT_DOUBLE_EQ(real(bandwidth, "Avg OFMAP SRAM BW (words/cycle)"), 21.663402566203434);
    }
}

/// The first row of a tile enters every third cycle only: every multiplier has work then.
TEST(ScaleSimReports, MappingEfficiencyDoesNotCountTheInitiationInterval)
{
    auto setup = systolic("weight");
    setup.design.accelerator.array.initiation_interval_cycles = 3;
    const auto run = run_of(setup, {{197}}, 1, {{"blocks.1.attn.proj", {85104, 0, 0}}});
    const auto row = row_of(compute_report_csv(setup, run), "blocks.1.attn.proj");
    EXPECT_DOUBLE_EQ(real(row, "Mapping Efficiency %"), 100.0); // 3 * 144 folds * 197 tokens
    EXPECT_DOUBLE_EQ(real(row, "Overall Util %"), 100.0 / 3.0);
}

TEST(ScaleSimReports, HaveTheOperatorsOfTheArrayOnly)
{
    const auto [setup, run] = example_run();
    const auto csv = compute_report_csv(setup, run);
    std::istringstream text{csv};
    const auto rows = test::read_table(text);
    ASSERT_EQ(rows.size(), 1U) << csv; // beside LayerNorm and GELU
    EXPECT_EQ(rows[0].at("LayerID"), "0");
    EXPECT_EQ(rows[0].at("Operator"), "blocks.1.attn.qkv");
    EXPECT_EQ(rows[0].at("Total Cycles (cycles)"), "140.5"); // 281 in two images
    EXPECT_EQ(rows[0].at("Stall Cycles (cycles)"), "0");
    EXPECT_DOUBLE_EQ(real(rows[0], "Overall Util %"), 100.0 * 301000.0 / (281.0 * 2304.0));
}

TEST(ScaleSimReports, WordsAreSummedOverImagesOfUnequalTokens)
{
    auto setup = test::shipped_setup("systolic_output_stationary_32x32_ideal", "deit_t", "heatvit");
    const std::string name = "blocks.12.attn.proj";
    const auto words = [&](const std::vector<workload::TokenCounts>& images,
                           std::size_t batch_images) {
        const auto run = run_of(setup, images, batch_images, {{name, {1000, 0, 0}}});
        return real(row_of(bandwidth_report_csv(setup, run), name),
                    "Avg FILTER SRAM BW (words/cycle)") *
               1000.0 / (192.0 * 192.0);
    };
    // folds of 32 tokens, each of which reads all weights: 43 tokens need 2, 70 need 3
    EXPECT_NEAR(words({{197, 139, 78, 43}}, 1), 2.0, 1e-9);
    EXPECT_NEAR(words({{197, 139, 78, 43}, {197, 139, 78, 70}, {197, 139, 78, 43}}, 1), 7.0, 1e-9);
    // the rows of a batch are behind each other: 86 in 3 folds
    EXPECT_NEAR(words({{197, 139, 78, 43}, {197, 139, 78, 43}}, 2), 3.0, 1e-9);
}

TEST(ScaleSimReports, NothingIsDividedByNoCycles)
{
    const auto setup = systolic("output");
    const auto run = run_of(setup, {{197}}, 1, {{"blocks.1.attn.proj", {0, 0, 7}}});
    const auto idle = row_of(compute_report_csv(setup, run), "blocks.1.attn.qkv");
    EXPECT_EQ(idle.at("Total Cycles (cycles)"), "0");
    EXPECT_EQ(idle.at("Overall Util %"), "");
    EXPECT_EQ(idle.at("Mapping Efficiency %"), "");
    EXPECT_EQ(idle.at("Compute Util %"), "");
    const auto stalled = row_of(compute_report_csv(setup, run), "blocks.1.attn.proj");
    EXPECT_EQ(stalled.at("Stall Cycles (cycles)"), "7");
    EXPECT_EQ(stalled.at("Mapping Efficiency %"), "");
    const auto bandwidth = row_of(bandwidth_report_csv(setup, run), "blocks.1.attn.qkv");
    EXPECT_EQ(bandwidth.at("Avg IFMAP SRAM BW (words/cycle)"), "");
    EXPECT_EQ(bandwidth.at("Avg OFMAP DRAM BW (bytes/cycle)"), "");
}

} // namespace heatsim::report
