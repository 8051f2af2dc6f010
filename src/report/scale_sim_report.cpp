// SPDX-License-Identifier: Apache-2.0
#include "report/scale_sim_report.hpp"

#include "estimate/energy.hpp"
#include "report/csv_table.hpp"
#include "report/summary.hpp"
#include "system/chip.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace heatsim::report {

namespace {

using channel::ArrayCause;
using estimate::ArrayWords;
using system::OperatorSummary;

/// A row of either table. Counts are sums over the executions.
struct Layer {
    std::size_t id = 0;
    const OperatorSummary* op = nullptr;
    ArrayWords words;

    [[nodiscard]] std::uint64_t cycles() const { return op->sum.cycles(); }
    [[nodiscard]] std::uint64_t cycles(ArrayCause cause) const
    {
        return op->sum.cycles_by_cause[static_cast<std::size_t>(cause)];
    }
    /// Cycles in which the array works on what it has, as SCALE-Sim counts without a stall.
    [[nodiscard]] std::uint64_t compute_cycles() const
    {
        return cycles(ArrayCause::Busy) + cycles(ArrayCause::FillDrain);
    }
};

using LayerColumns = std::vector<Column<Layer>>;

[[nodiscard]] bool runs_on_array(const OperatorSummary& op)
{
    return op.unit == channel::Worker::Array && workload::is_gemm(op.kind);
}

/// \param words of every operator of the run; empty: not asked for
[[nodiscard]] std::vector<Layer> layers_of(const system::RunResult& run,
                                           const std::vector<ArrayWords>& words)
{
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < run.operators.size(); ++i)
        if (runs_on_array(run.operators[i]))
            layers.push_back(
                {layers.size(), &run.operators[i], words.empty() ? ArrayWords{} : words[i]});
    return layers;
}

/// What the array reads and writes for each operator, summed over the images: every batch is
/// lowered again, those of the same token counts once.
[[nodiscard]] std::vector<ArrayWords> words_of(const system::RunSetup& setup,
                                               const system::RunResult& run)
{
    std::map<std::vector<workload::TokenCounts>, std::uint64_t> batches;
    const auto batch_images = std::max<std::size_t>(run.batch_images, 1);
    for (std::size_t first = 0; first < run.images.size(); first += batch_images) {
        std::vector<workload::TokenCounts> batch;
        batch.reserve(batch_images);
        for (auto i = first; i < std::min(first + batch_images, run.images.size()); ++i)
            batch.push_back(run.images[i].tokens);
        ++batches[std::move(batch)];
    }
    const auto& accelerator = setup.design.accelerator;
    const auto settings = system::controller_settings(accelerator);
    std::vector<ArrayWords> sums(run.operators.size());
    for (const auto& [batch, times] : batches) {
        const auto workload = workload::lower_batch(setup.model, setup.schedule, batch,
                                                    {accelerator.controller.layout_copies});
        HEATSIM_CHECK(workload.operators.size() == sums.size(), "the operators of another run");
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (!runs_on_array(run.operators[i]))
                continue;
            const auto words =
                estimate::array_words(workload.operators[i], settings, accelerator.array);
            sums[i].inputs += times * words.inputs;
            sums[i].weights += times * words.weights;
            sums[i].sums += times * words.sums;
        }
    }
    return sums;
}

/// Empty where nothing is there to divide by.
[[nodiscard]] std::string ratio_text(double dividend, double divisor)
{
    return divisor == 0.0 ? std::string{} : real_text(dividend / divisor);
}

[[nodiscard]] Column<Layer> layer_id()
{
    return {{"LayerID", "", "integer", "operator of the GEMM array, from 0 in execution order"},
            [](const Layer& layer) { return std::to_string(layer.id); }};
}

/// The last column: SCALE-Sim has none there.
[[nodiscard]] Column<Layer> operator_name()
{
    return {{"Operator", "", "text", "name of the operator, as in operators.csv"},
            [](const Layer& layer) { return quoted(layer.op->name); }};
}

[[nodiscard]] LayerColumns compute_table(const hw::GemmArrayConfig& array)
{
    LayerColumns columns{layer_id()};
    const auto add_cycles = [&](const char* name, const char* meaning,
                                std::uint64_t (*cycles)(const Layer&)) {
        columns.push_back({{name, "cycles", "number (integer where exact)", meaning},
                           [cycles](const Layer& layer) {
                               return Mean{cycles(layer), layer.op->executions}.json().dump();
                           }});
    };
    const auto macs_per_cycle = static_cast<double>(array.macs_per_cycle());
    const auto add_percent = [&](const char* name, const char* meaning, double macs_per_cycle_then,
                                 std::uint64_t (*cycles)(const Layer&)) {
        columns.push_back(
            {{name, "%", "real", meaning}, [macs_per_cycle_then, cycles](const Layer& layer) {
                 constexpr double percent = 100.0;
                 return ratio_text(percent * static_cast<double>(layer.op->macs),
                                   static_cast<double>(cycles(layer)) * macs_per_cycle_then);
             }});
    };
    add_cycles("Total Cycles (cycles)", "`cycles` of the operator in operators.csv",
               [](const Layer& layer) { return layer.cycles(); });
    add_cycles("Stall Cycles (cycles)",
               "of them those in which the array neither multiplies nor fills nor drains: all "
               "`wait_` causes and `control`",
               [](const Layer& layer) { return layer.cycles() - layer.compute_cycles(); });
    add_percent("Overall Util %", "MACs / (Total Cycles x peak MACs per cycle of the array)",
                macs_per_cycle, [](const Layer& layer) { return layer.cycles(); });
    add_percent("Mapping Efficiency %",
                "multipliers that have work, of all, mean over the cycles in which the array "
                "multiplies; empty where it does not",
                macs_per_cycle / static_cast<double>(array.initiation_interval_cycles),
                [](const Layer& layer) { return layer.cycles(ArrayCause::Busy); });
    add_percent("Compute Util %",
                "MACs / (cycles in which the array multiplies, fills or drains x peak MACs per "
                "cycle of the array); empty where there are none",
                macs_per_cycle, [](const Layer& layer) { return layer.compute_cycles(); });
    columns.push_back(operator_name());
    return columns;
}

[[nodiscard]] LayerColumns bandwidth_table()
{
    LayerColumns columns{layer_id()};
    const auto add = [&](const char* name, const char* unit, const char* meaning,
                         std::uint64_t (*count)(const Layer&)) {
        columns.push_back({{name, unit, "real", meaning}, [count](const Layer& layer) {
                               return ratio_text(static_cast<double>(count(layer)),
                                                 static_cast<double>(layer.cycles()));
                           }});
    };
    add("Avg IFMAP SRAM BW (words/cycle)", "words/cycle",
        "activations that the array reads from the input buffer / Total Cycles",
        [](const Layer& layer) { return layer.words.inputs; });
    add("Avg FILTER SRAM BW (words/cycle)", "words/cycle",
        "weights (or K and V) that the array reads from the weight buffer / Total Cycles",
        [](const Layer& layer) { return layer.words.weights; });
    add("Avg OFMAP SRAM BW (words/cycle)", "words/cycle",
        "sums that the array writes into the accumulators, partial ones too / Total Cycles",
        [](const Layer& layer) { return layer.words.sums; });
    add("Avg IFMAP DRAM BW (bytes/cycle)", "bytes/cycle",
        "`input_bytes` of the operator in operators.csv / Total Cycles",
        [](const Layer& layer) { return layer.op->sum.input_bytes; });
    add("Avg FILTER DRAM BW (bytes/cycle)", "bytes/cycle",
        "`weight_bytes` of the operator in operators.csv / Total Cycles",
        [](const Layer& layer) { return layer.op->sum.weight_bytes; });
    add("Avg OFMAP DRAM BW (bytes/cycle)", "bytes/cycle",
        "`output_bytes` of the operator in operators.csv / Total Cycles",
        [](const Layer& layer) { return layer.op->sum.output_bytes; });
    columns.push_back(operator_name());
    return columns;
}

} // namespace

std::string compute_report_csv(const system::RunSetup& setup, const system::RunResult& run)
{
    return csv_table(compute_table(setup.design.accelerator.array), layers_of(run, {}));
}

std::vector<Field> compute_report_columns()
{
    return fields_of(compute_table({}));
}

std::string bandwidth_report_csv(const system::RunSetup& setup, const system::RunResult& run)
{
    return csv_table(bandwidth_table(), layers_of(run, words_of(setup, run)));
}

std::vector<Field> bandwidth_report_columns()
{
    return fields_of(bandwidth_table());
}

} // namespace heatsim::report
