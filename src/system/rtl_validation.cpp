// SPDX-License-Identifier: Apache-2.0
#include "system/rtl_validation.hpp"

#include "config/text_file.hpp"
#include "system/child_process.hpp"
#include "system/engine_program.hpp"
#include "system/process.hpp"
#include "system/reference_table.hpp"
#include "system/rtl_build.hpp"
#include "system/rtl_units.hpp"
#include "system/simulation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <sstream>

namespace heatsim::system {

namespace {

constexpr const char* recorded_path = "validation/rtl.csv";

[[nodiscard]] Design design_of(const std::string& accelerator, const RtlValidationRequest& asked)
{
    RunRequest request;
    request.accelerator = accelerator;
    request.overrides = asked.overrides;
    return load(request).design;
}

[[nodiscard]] Design behind(Design design, const RtlMemory& memory)
{
    const auto beat = static_cast<double>(design.accelerator.dma.ports.front().width_bytes());
    design.accelerator.throttled_memory.latency_cycles = memory.latency_cycles;
    design.accelerator.throttled_memory.bytes_per_cycle =
        static_cast<std::uint64_t>(std::llround(beat * memory.beats_per_cycle));
    return design;
}

[[nodiscard]] workload::Workload gemm_of(const Design& design, const GemmShape& shape)
{
    return padded_gemm(design.accelerator, shape.m, shape.k, shape.n, 1);
}

/// Cycles of all shapes, in order, then the CPU time without elaboration (that of the RTL is
/// without, too).
[[nodiscard]] std::vector<double> simulate(const Design& design,
                                           const std::vector<GemmShape>& shapes)
{
    Simulation simulation{design};
    const auto start = std::clock();
    std::vector<double> figures;
    figures.reserve(shapes.size() + 1);
    for (const auto& shape : shapes)
        figures.push_back(static_cast<double>(simulation.run(gemm_of(design, shape)).cycles));
    figures.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    return figures;
}

/// What the RTL took for one row.
struct RtlCycles {
    std::uint64_t cycles = 0;
    std::uint64_t wrong_bytes = 0;
    double cpu_seconds = 0.0;
};

/// The lines of a harness: `NAME,CYCLES` or `NAME,CYCLES,WRONG_BYTES,CPU_SECONDS`.
[[nodiscard]] std::map<std::string, RtlCycles> harness_cycles(const std::string& output)
{
    constexpr std::size_t most_fields = 4;
    std::map<std::string, RtlCycles> found;
    std::istringstream lines{output};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = config::split({line, 1, 1}, ',');
        const auto cycles =
            fields.size() < 2 ? std::nullopt : config::to_number<std::uint64_t>(fields[1].text);
        if (!cycles)
            throw ToolError{fmt::format("harness of the RTL: unexpected line '{}'", line)};
        RtlCycles row;
        row.cycles = *cycles;
        if (fields.size() == most_fields) {
            row.wrong_bytes = config::to_number<std::uint64_t>(fields[2].text).value_or(1);
            row.cpu_seconds = config::to_number<double>(fields[3].text).value_or(0.0);
        }
        found.emplace(fields[0].text, row);
    }
    return found;
}

[[nodiscard]] std::map<std::string, RtlCycles> recorded_cycles()
{
    std::map<std::string, RtlCycles> found;
    for (const auto& row : shipped_table(recorded_path).rows)
        found[row.text("name")].cycles = row.integer("cycles");
    return found;
}

[[nodiscard]] const RtlCycles& cycles_of(const std::map<std::string, RtlCycles>& cycles,
                                         const std::string& name)
{
    const auto found = cycles.find(name);
    if (found == cycles.end())
        throw ToolError{fmt::format("no cycles of the RTL for {}", name)};
    return found->second;
}

void add_row(ValidationTable& table, const std::string& name, double predicted, double cycles)
{
    ValidationRow row;
    row.name = name;
    row.quantity = row.unit = "cycles";
    row.predicted = predicted;
    row.reference = cycles;
    table.rows.push_back(std::move(row));
}

/// What the RTL engine and the simulation of one design took for the same GEMMs.
struct EngineComparison {
    std::string accelerator;
    std::uint64_t gemms = 0;
    std::uint64_t cycles = 0; ///< of the RTL, all GEMMs
    double rtl_cpu_seconds = 0.0;
    double model_cpu_seconds = 0.0; ///< both without elaboration
    std::uint64_t wrong_bytes = 0;  ///< of the RTL's results

    /// How many times as fast the simulation is.
    [[nodiscard]] double speed_ratio() const { return rtl_cpu_seconds / model_cpu_seconds; }
};

/// One design behind all memories.
[[nodiscard]] EngineComparison compare_engine(const std::string& accelerator,
                                              const RtlValidationRequest& request,
                                              const std::map<std::string, RtlCycles>& recorded,
                                              ValidationTable& table)
{
    EngineComparison comparison;
    comparison.accelerator = accelerator;
    const auto design = design_of(accelerator, request);
    const auto parameters = engine_parameters(design.accelerator);
    std::optional<RtlBuild> build;
    if (request.reference == RtlReference::Verilator)
        build.emplace("engine", parameters, request.announce);
    for (const auto& memory : rtl_memories()) {
        const auto behind_memory = behind(design, memory);
        const auto predicted = in_child([&] { return simulate(behind_memory, request.shapes); });
        const auto row_name = [&](const GemmShape& shape) {
            return fmt::format("{}/{}/{}", accelerator, memory.name, shape.name);
        };
        std::map<std::string, RtlCycles> run;
        if (build) {
            request.announce(fmt::format("running {} behind memory {}", accelerator, memory.name));
            auto program = engine_preamble(behind_memory.accelerator);
            for (const auto& shape : request.shapes)
                program += engine_program(behind_memory.accelerator, row_name(shape),
                                          gemm_of(behind_memory, shape));
            run = harness_cycles(build->run(program));
        }
        for (std::size_t i = 0; i < request.shapes.size(); ++i) {
            const auto name = row_name(request.shapes[i]);
            const auto& rtl = cycles_of(build ? run : recorded, name);
            add_row(table, name, predicted[i], static_cast<double>(rtl.cycles));
            ++comparison.gemms;
            comparison.cycles += rtl.cycles;
            comparison.wrong_bytes += rtl.wrong_bytes;
            comparison.rtl_cpu_seconds += rtl.cpu_seconds;
        }
        comparison.model_cpu_seconds += predicted.back();
    }
    return comparison;
}

/// Nonlinear units and token selector, on random data.
void compare_units(const RtlValidationRequest& request,
                   std::map<std::string, RtlCycles> cycles,
                   ValidationTable& table)
{
    const auto works = rtl_unit_works();
    if (request.reference == RtlReference::Verilator) {
        std::string input;
        for (const auto& work : works)
            input += work.line + '\n';
        cycles = harness_cycles(RtlBuild{"vector_units", {}, request.announce}.run(input));
    }
    for (const auto& work : works)
        add_row(table, work.line, static_cast<double>(work.predicted),
                static_cast<double>(cycles_of(cycles, work.line).cycles));
}

[[nodiscard]] std::string speed_note(const EngineComparison& engine)
{
    constexpr double million = 1e6;
    const auto cycles = static_cast<double>(engine.cycles) / million;
    return fmt::format("{}: {} GEMMs, {:.2f} M cycles. Verilator {:.2f} M cycles per CPU-second, "
                       "heatsim {:.0f} M: {:.0f} times as fast.",
                       engine.accelerator, engine.gemms, cycles, cycles / engine.rtl_cpu_seconds,
                       cycles / engine.model_cpu_seconds, engine.speed_ratio());
}

} // namespace

const std::vector<RtlMemory>& rtl_memories()
{
    static const std::vector<RtlMemory> memories{
        {"fast", 20, 4.0}, {"shared", 60, 1.5}, {"throttled", 120, 0.75}};
    return memories;
}

ValidationTable validate_rtl(const RtlValidationRequest& request)
{
    const bool live = request.reference == RtlReference::Verilator;
    const auto recorded = live ? std::map<std::string, RtlCycles>{} : recorded_cycles();
    ValidationTable table;
    table.target = "rtl";
    table.title = "Cycles of the engine, its nonlinear units and its token selector";
    table.reference =
        live ? "rtl/ in Verilator: the same tile descriptors; every byte the engine wrote is "
               "compared with the exact result"
             : fmt::format("rtl/ in Verilator, as recorded in {}", recorded_path);
    double wrong_bytes = 0.0;
    for (const auto& accelerator : request.accelerators) {
        const auto engine = compare_engine(accelerator, request, recorded, table);
        wrong_bytes += static_cast<double>(engine.wrong_bytes);
        if (live)
            table.notes.push_back(speed_note(engine));
    }
    if (request.units)
        compare_units(request, recorded, table);
    table.checks = {
        {"mean error", "%", mean_absolute_error_percent(table.rows), rtl_mean_limit_percent, false},
        {"worst error", "%", worst_absolute_error_percent(table.rows), rtl_worst_limit_percent,
         false}};
    if (live)
        table.checks.push_back({"wrong bytes of the RTL", "", wrong_bytes, 0.0, false});
    for (const auto& memory : rtl_memories())
        table.notes.push_back(
            fmt::format("Memory {}: {} cycles of latency, {} beats a cycle for all ports together.",
                        memory.name, memory.latency_cycles, memory.beats_per_cycle));
    table.not_validated = {
        "the engine on a real device: clock frequency, AXI interconnect, DDR behind it",
        "array styles other than broadcast_tree; GEMMs with heads; fused nonlinear functions; "
        "residency; biases"};
    return table;
}

} // namespace heatsim::system
