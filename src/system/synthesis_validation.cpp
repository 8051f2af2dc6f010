// SPDX-License-Identifier: Apache-2.0
#include "system/synthesis_validation.hpp"

#include "system/embedded_files.hpp"
#include "system/synthesis.hpp"
#include "tlm/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

namespace {

using estimate::FpgaResources;
using estimate::Quantity;
using estimate::SynthesisCounts;
using estimate::SynthesisRow;

constexpr const char* table_path = "validation/synthesis.csv";

/// Collects the rows of the table and what they show.
class Comparison {
  public:
    explicit Comparison(ValidationTable& table)
        : table_{table}
    {}

    void add(const SynthesisRow& row, const SynthesisCounts& counts, const FpgaResources& predicted)
    {
        row_ = &row;
        block_worst_.reserve(estimate::rtl_blocks().size());
        if (block_worst_.empty() || block_worst_.back().block != row.block)
            block_worst_.push_back({row.block, 0.0, 0.0});
        exact("DSP", static_cast<double>(predicted.dsps), static_cast<double>(counts.dsps));
        exact("BRAM36", predicted.bram36(), static_cast<double>(counts.bram18_equivalents()) / 2.0);
        exact("URAM", static_cast<double>(predicted.urams), static_cast<double>(counts.urams));
        auto& worst = block_worst_.back();
        fitted("LUT", std::round(predicted.luts), counts.value(Quantity::Luts), worst.luts);
        fitted("FF", std::round(predicted.flip_flops), counts.value(Quantity::FlipFlops),
               worst.flip_flops);
        double ignored = 0.0;
        fitted("memory LUT", std::round(predicted.memory_luts), counts.value(Quantity::MemoryLuts),
               ignored);
        if (!(counts == row.counts))
            ++changed_;
    }

    void finish(bool rerun)
    {
        table_.checks.push_back(
            {"DSP, BRAM and URAM figures that differ", "", static_cast<double>(different_), 0.0});
        for (const auto& worst : block_worst_) {
            table_.checks.push_back({fmt::format("{}: worst LUT error", worst.block->name), "%",
                                     worst.luts, synthesis_limit_percent});
            table_.checks.push_back({fmt::format("{}: worst FF error", worst.block->name), "%",
                                     worst.flip_flops, synthesis_limit_percent});
        }
        if (rerun)
            table_.checks.push_back({"syntheses that differ from validation/synthesis.csv", "",
                                     static_cast<double>(changed_), 0.0});
    }

  private:
    struct Worst {
        const estimate::RtlBlock* block;
        double luts;
        double flip_flops;
    };

    ValidationRow& add_row(const char* quantity, double predicted, double reference)
    {
        ValidationRow row;
        row.name = fmt::format("{} {}", row_->name(), quantity);
        row.quantity = quantity;
        row.predicted = predicted;
        row.reference = reference;
        table_.rows.push_back(std::move(row));
        return table_.rows.back();
    }

    void exact(const char* quantity, double predicted, double reference)
    {
        if (predicted == 0.0 && reference == 0.0)
            return;
        add_row(quantity, predicted, reference);
        if (predicted != reference)
            ++different_;
    }

    void fitted(const char* quantity, double predicted, double reference, double& worst)
    {
        if (predicted == 0.0 && reference == 0.0)
            return;
        const auto error = add_row(quantity, predicted, reference).error_percent();
        constexpr double whole = 100.0; // something where there is nothing
        worst = std::max(worst, std::abs(error.value_or(whole)));
    }

    ValidationTable& table_;
    const SynthesisRow* row_ = nullptr;
    std::vector<Worst> block_worst_;
    std::size_t different_ = 0;
    std::size_t changed_ = 0;
};

} // namespace

estimate::SynthesisTable shipped_synthesis_table()
{
    const auto* const file = find_embedded_file(table_path);
    HEATSIM_CHECK(file != nullptr, "the table of syntheses is not carried");
    return estimate::parse_synthesis_table(file->path, file->text);
}

ValidationTable validate_synthesis(const estimate::SynthesisTable& table,
                                   const estimate::ResourceModel& model,
                                   SynthesisReference reference)
{
    const auto runs = [reference](const SynthesisRow& row) {
        return reference == SynthesisReference::Rerun ||
               (reference != SynthesisReference::Recorded && row.quick);
    };
    ValidationTable result;
    result.target = "synthesis";
    result.title = "Resources of the blocks beside synthesis of the RTL";
    result.reference = fmt::format("yosys, DSP48E2 packing flow of rtl/synthesis, {}",
                                   reference == SynthesisReference::Recorded ||
                                           reference == SynthesisReference::Spot
                                       ? "recorded in validation/synthesis.csv"
                                       : "run now");
    auto rows = table.rows;
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [reference](const SynthesisRow& row) {
                                  return row.fit ||
                                         (reference == SynthesisReference::Quick && !row.quick);
                              }),
               rows.end());
    std::stable_sort(rows.begin(), rows.end(), [](const SynthesisRow& a, const SynthesisRow& b) {
        return a.block < b.block; // in the order of the blocks: they are one vector's elements
    });
    Comparison comparison{result};
    for (const auto& row : rows)
        comparison.add(row, runs(row) ? synthesize(*row.block, row.parameters) : row.counts,
                       estimate::estimate_block(model, *row.block, row.parameters));
    comparison.finish(reference != SynthesisReference::Recorded);
    result.notes = {
        fmt::format(
            "Only parameters that no coefficient was fitted on; {} others are in the table.",
            std::count_if(table.rows.begin(), table.rows.end(),
                          [](const SynthesisRow& row) { return row.fit; })),
        "LUT: logic LUTs and inverters; memory LUT: shift registers and distributed memories.",
    };
    result.not_validated = {
        "clock frequency, routed area and power: no open tool places and routes UltraScale+",
        "systolic and outer-product arrays, LayerNorm and residual lanes: no RTL here",
        "operands of 16 bit: scaled from the 8-bit array",
        "LUTs of Vivado: public reports suggest this flow counts 9 % more, single blocks up to 40 "
        "%",
    };
    return result;
}

} // namespace heatsim::system
