// SPDX-License-Identifier: Apache-2.0
#include "report/csv.hpp"

#include "report/csv_table.hpp"
#include "report/summary.hpp"

#include <string>
#include <utility>

namespace heatsim::report {

namespace {

using system::ImageResult;
using system::OperatorSummary;

constexpr const char* number_type = "number (integer where exact)";

/// \param macs_per_cycle peak of the array
[[nodiscard]] std::vector<Column<OperatorSummary>> operator_table(std::uint64_t macs_per_cycle)
{
    std::vector<Column<OperatorSummary>> columns;
    const auto add = [&](Field field, std::function<std::string(const OperatorSummary&)> cell) {
        columns.push_back({std::move(field), std::move(cell)});
    };
    const auto add_mean = [&](const char* name, const char* unit, const char* meaning,
                              std::function<std::uint64_t(const OperatorSummary&)> sum) {
        add({name, unit, number_type, meaning}, [sum = std::move(sum)](const OperatorSummary& op) {
            return Mean{sum(op), op.executions}.json().dump();
        });
    };
    add({"operator", "", "text", "name of the operator, e.g. `blocks.3.attn.qkv`"},
        [](const auto& op) { return quoted(op.name); });
    add({"kind", "", "text", "kind of operator: gemm, softmax, …"}, [](const auto& op) {
        return std::string{config::name_of(op.kind, workload::operator_kind_names)};
    });
    add({"unit", "", "text", "where it ran: gemm_array, vector_unit, token_selector or host"},
        [](const auto& op) {
            return std::string{config::name_of(op.unit, channel::worker_names)};
        });
    add({"block", "", "integer", "transformer block, from 1; 0 outside the blocks"},
        [](const auto& op) { return std::to_string(op.block); });
    add({"stage", "", "integer", "stage (run of blocks between selectors), from 0"},
        [](const auto& op) { return std::to_string(op.stage); });
    add({"selector", "", "integer", "token selector, from 1; 0 outside the selectors"},
        [](const auto& op) { return std::to_string(op.selector); });
    add({"fused_into", "", "text",
         "operator on whose tiles it ran while they passed; empty: it ran by itself"},
        [](const auto& op) { return quoted(op.fused_into); });
    add_mean("rows", "rows", "token rows (or image positions) of the operator, times heads",
             [](const auto& op) { return op.rows; });
    add_mean("macs", "MACs", "multiply-accumulates of the operator",
             [](const auto& op) { return op.macs; });
    add_mean("start_cycle", "cycles", "from the image's start to the operator's",
             [](const auto& op) { return op.sum.start_cycle; });
    add_mean("end_cycle", "cycles", "from the image's start to the operator's end",
             [](const auto& op) { return op.sum.end_cycle; });
    add_mean("cycles", "cycles",
             "end_cycle - start_cycle; all operators together make up the image's cycles",
             [](const auto& op) { return op.sum.cycles(); });
    for (const auto& cause : channel::array_cause_names) {
        const auto index = static_cast<std::size_t>(cause.value);
        add(cause_field(cause.value), [index](const OperatorSummary& op) {
            return Mean{op.sum.cycles_by_cause[index], op.executions}.json().dump();
        });
    }
    add_mean("unit_cycles", "cycles", "cycles in which the operator's own unit worked on it",
             [](const auto& op) { return op.sum.unit_cycles; });
    add({"utilization_percent", "%", "real",
         "MACs / (cycles x peak MACs per cycle of the array); empty where no cycle is the "
         "operator's own"},
        [macs_per_cycle](const auto& op) {
            if (op.sum.cycles() == 0)
                return std::string{};
            return real_text(
                100.0 * static_cast<double>(op.macs) /
                (static_cast<double>(op.sum.cycles()) * static_cast<double>(macs_per_cycle)));
        });
    add_mean("input_bytes", "bytes", "read from external memory as input",
             [](const auto& op) { return op.sum.input_bytes; });
    add_mean("weight_bytes", "bytes", "read from external memory as weights (or K and V)",
             [](const auto& op) { return op.sum.weight_bytes; });
    add_mean("output_bytes", "bytes", "written to external memory",
             [](const auto& op) { return op.sum.output_bytes; });
    add({"energy_mj", "mJ", "real",
         "estimated energy of the operator without static power; all operators and the static "
         "power together make up the image's"},
        [](const auto& op) {
            return real_text(millijoules(op.energy.picojoules()) /
                             static_cast<double>(op.executions));
        });
    return columns;
}

/// A row of images.csv.
struct ImageRow {
    std::size_t index;
    const ImageResult* image;
    double latency_ms;
    bool has_rows; ///< of the DDR: it was simulated
};

[[nodiscard]] Field stage_field(const std::string& stage)
{
    return {"n" + stage, "tokens", "integer",
            "tokens of the image in stage " + stage + " (class, patch and package tokens)"};
}

[[nodiscard]] std::vector<Column<ImageRow>> image_table(std::size_t stages)
{
    std::vector<Column<ImageRow>> columns;
    const auto add = [&](Field field, std::function<std::string(const ImageRow&)> cell) {
        columns.push_back({std::move(field), std::move(cell)});
    };
    const auto add_integer = [&](const char* name, const char* unit, const char* meaning,
                                 std::uint64_t ImageResult::*value) {
        add({name, unit, "integer", meaning},
            [value](const auto& row) { return std::to_string(row.image->*value); });
    };
    add({"image", "", "integer", "number of the image in the run, from 0"},
        [](const auto& row) { return std::to_string(row.index); });
    for (std::size_t stage = 0; stage < stages; ++stage)
        add(stage_field(std::to_string(stage)),
            [stage](const ImageRow& row) { return std::to_string(row.image->tokens[stage]); });
    add_integer("macs", "MACs", "multiply-accumulates of the image", &ImageResult::macs);
    add_integer("cycles", "cycles", "fabric cycles from the image's start to its result",
                &ImageResult::cycles);
    add({"latency_ms", "ms", "real", "the same as time"},
        [](const auto& row) { return real_text(row.latency_ms); });
    for (const auto& cause : channel::array_cause_names) {
        const auto index = static_cast<std::size_t>(cause.value);
        auto field = cause_field(cause.value);
        field.type = "integer";
        add(std::move(field), [index](const ImageRow& row) {
            return std::to_string(row.image->cycles_by_cause[index]);
        });
    }
    add_integer("read_bytes", "bytes", "read from external memory, all ports",
                &ImageResult::read_bytes);
    add_integer("write_bytes", "bytes", "written to external memory, all ports",
                &ImageResult::write_bytes);
    const auto add_rows = [&](const char* name, const char* unit, const char* meaning,
                              std::uint64_t ImageResult::*value) {
        add({name, unit, "integer", std::string{meaning} + "; empty in a composed run"},
            [value](const ImageRow& row) {
                return row.has_rows ? std::to_string(row.image->*value) : std::string{};
            });
    };
    add_rows("row_hits", "accesses", "column accesses to a row that is open already",
             &ImageResult::row_hits);
    add_rows("row_misses", "activates", "activates of a bank with no open row",
             &ImageResult::row_misses);
    add_rows("row_conflicts", "activates",
             "activates of a bank whose open row had to be closed for another one",
             &ImageResult::row_conflicts);
    add({"energy_mj", "mJ", "real", "estimated energy of the image, static power included"},
        [](const auto& row) { return real_text(millijoules(row.image->energy.picojoules())); });
    add({"power_w", "W", "real", "energy_mj / latency_ms"}, [](const auto& row) {
        return real_text(millijoules(row.image->energy.picojoules()) / row.latency_ms);
    });
    return columns;
}

} // namespace

std::string operators_csv(const system::RunSetup& setup, const system::RunResult& run)
{
    return csv_table(operator_table(setup.design.accelerator.array.macs_per_cycle()),
                     run.operators);
}

std::vector<Field> operators_columns()
{
    return fields_of(operator_table(1));
}

std::string images_csv(const system::RunSetup& setup, const system::RunResult& run)
{
    std::vector<ImageRow> rows;
    for (const auto& image : run.images)
        rows.push_back(
            {rows.size(), &image,
             static_cast<double>(image.cycles) / (setup.design.accelerator.clock_mhz * 1e3),
             !run.composition});
    return csv_table(image_table(run.images.empty() ? 0 : run.images.front().tokens.size()), rows);
}

std::vector<Field> images_columns()
{
    auto fields = fields_of(image_table(0));
    fields.insert(fields.begin() + 1, stage_field("<stage>"));
    return fields;
}

} // namespace heatsim::report
