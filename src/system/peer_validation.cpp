// SPDX-License-Identifier: Apache-2.0
#include "system/peer_validation.hpp"

#include "system/catalog.hpp"
#include "system/child_process.hpp"
#include "system/reference_table.hpp"
#include "system/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace heatsim::system {

namespace {

/// `output 16x64`
[[nodiscard]] std::string array_of(const ReferenceRow& row)
{
    return row.text("stationarity") + " " + row.text("R") + "x" + row.text("C");
}

/// Cycles of the rows of one array, in their order.
[[nodiscard]] std::vector<double> array_cycles(const std::vector<ReferenceRow>& rows)
{
    const auto& first = rows.front();
    RunRequest request;
    request.accelerator = "systolic_" + first.text("stationarity") + "_stationary_32x32_ideal";
    request.schedule = "dense";
    request.overrides = {{"array.rows", first.text("R")},
                         {"array.columns", first.text("C")},
                         {"controller.operator_cycles", "0"}};
    return in_child([&] {
        Simulation simulation{load(request).design};
        std::vector<double> cycles;
        std::transform(rows.begin(), rows.end(), std::back_inserter(cycles),
                       [&simulation](const ReferenceRow& row) {
                           const auto gemm = workload::single_gemm(
                               row.integer("M"), row.integer("K"), row.integer("N"), 1);
                           return static_cast<double>(simulation.run(gemm).cycles);
                       });
        return cycles;
    });
}

/// An item of the independent RTL: the operators that make it up, and how exact its figure is.
struct Item {
    const char* name; ///< in the table
    const char* schedule;
    std::vector<const char*> operators; ///< how their names begin
    double limit_percent;
    const char* note;
};

[[nodiscard]] const std::vector<Item>& items()
{
    constexpr double exact = 2.0;
    constexpr double rounded = 5.0;
    static const std::vector<Item> known{
        {"patch_embedding", "dense", {"patch_embed."}, exact, ""},
        {"block", "dense", {"blocks.1."}, exact, ""},
        {"block.qkv", "dense", {"blocks.1.attn.qkv"}, rounded, "rounded"},
        {"block.qk_t", "dense", {"blocks.1.attn.qk_t"}, rounded, "rounded"},
        {"block.softmax", "dense", {"blocks.1.attn.softmax"}, rounded, "rounded"},
        {"block.av", "dense", {"blocks.1.attn.av"}, rounded, "rounded"},
        {"block.projection", "dense", {"blocks.1.attn.proj"}, rounded, "rounded"},
        {"block.fc1",
         "dense",
         {"blocks.1.mlp.fc1", "blocks.1.mlp.gelu"},
         rounded,
         "rounded; with GELU"},
        {"block.fc2", "dense", {"blocks.1.mlp.fc2"}, rounded, "rounded"},
        {"block.rest",
         "dense",
         {"blocks.1.norm", "blocks.1.residual", "blocks.1.attn.split_heads",
          "blocks.1.attn.merge_heads"},
         rounded,
         "rounded to 100,000"},
        {"selector (197 tokens in)",
         "heatvit_rtl",
         {"selector.1."},
         exact,
         "98 kept, inferred from this row"},
    };
    return known;
}

/// Cycles of the items of one schedule, in their order.
[[nodiscard]] std::vector<double> item_cycles(const std::string& schedule)
{
    RunRequest request;
    request.accelerator = "heatvit_rtl_xc7k325t";
    request.schedule = schedule;
    return in_child([&] {
        const auto setup = load(request);
        Simulation simulation{setup.design};
        const auto run =
            run_images(simulation, setup.model, setup.schedule, {setup.images.front()});
        std::vector<double> found;
        for (const auto& item : items()) {
            if (schedule != item.schedule)
                continue;
            std::uint64_t cycles = 0;
            for (const auto& op : run.operators)
                if (std::any_of(item.operators.begin(), item.operators.end(),
                                [&op](const char* begin) { return op.name.rfind(begin, 0) == 0; }))
                    cycles += op.sum.cycles();
            found.push_back(static_cast<double>(cycles));
        }
        return found;
    });
}

} // namespace

ValidationTable validate_peers()
{
    const auto reference = shipped_table("validation/peer_gemm_cycles.csv");
    ValidationTable table;
    table.target = "peers";
    table.title = "Systolic arrays with ideal memory: cycles of GEMMs";
    table.reference = "closed forms that SCALE-Sim 3.0.0 equals, exact (" + reference.path + ")";
    std::map<std::string, std::vector<ReferenceRow>> arrays;
    for (const auto& row : reference.rows)
        arrays[array_of(row)].push_back(row);
    for (const auto& [array, rows] : arrays) {
        const auto cycles = array_cycles(rows);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            ValidationRow compared;
            compared.name =
                rows[i].text("M") + "x" + rows[i].text("K") + "x" + rows[i].text("N") + "/" + array;
            compared.quantity = compared.unit = "cycles";
            compared.predicted = cycles.at(i);
            compared.reference = rows[i].real("cycles");
            table.rows.push_back(std::move(compared));
        }
    }
    table.checks.push_back({"worst error", "%", worst_absolute_error_percent(table.rows), 0.0});
    table.not_validated = {"memory behind the array; overlap between folds"};
    return table;
}

ValidationTable validate_heatvit_rtl()
{
    const auto reference = shipped_table("validation/heatvit_rtl_xc7k325t.csv");
    ValidationTable table;
    table.target = "heatvit_rtl";
    table.title = "A block, the patch embedding and a selector of DeiT-T at 197 tokens";
    table.reference = "an independent RTL, YOUXINYANG/HeatViT on an xc7k325t, simulated by its "
                      "author (" +
                      reference.path + ")";
    double exact = 0.0;
    double rounded = 0.0;
    std::map<std::string, std::vector<double>> cycles;
    std::map<std::string, std::size_t> next;
    for (const auto& item : items()) {
        if (cycles.count(item.schedule) == 0)
            cycles[item.schedule] = item_cycles(item.schedule);
        ValidationRow compared;
        compared.name = item.name;
        compared.quantity = compared.unit = "cycles";
        compared.predicted = cycles[item.schedule].at(next[item.schedule]++);
        const auto row = std::find_if(
            reference.rows.begin(), reference.rows.end(),
            [&item](const ReferenceRow& candidate) { return candidate.text("item") == item.name; });
        if (row != reference.rows.end())
            compared.reference = row->real("cycles");
        compared.note = item.note;
        auto& worst = compared.note.rfind("rounded", 0) == 0 ? rounded : exact;
        worst = std::max(worst, std::abs(compared.error_percent().value_or(100.0)));
        table.rows.push_back(std::move(compared));
    }
    table.checks = {{"worst error of the exact figures", "%", exact, 2.0},
                    {"worst error of the rounded figures", "%", rounded, 5.0}};
    table.not_validated = {"other token counts of this RTL",
                           "the selector's number of kept tokens, which is inferred from its row"};
    return table;
}

} // namespace heatsim::system
