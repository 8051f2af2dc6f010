// SPDX-License-Identifier: Apache-2.0
#include "system/rtl_validation.hpp"

#include "config/text_file.hpp"
#include "system/child_process.hpp"
#include "system/engine_program.hpp"
#include "system/process.hpp"
#include "system/rtl_build.hpp"
#include "system/rtl_units.hpp"
#include "system/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <sstream>

namespace heatsim::system {

namespace {

constexpr int decimal = 10;

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

class EngineRun {
  public:
    EngineRun(std::string accelerator, const RtlValidationRequest& request, RtlValidation& result)
        : request_{request}
        , result_{result}
        , design_{design_of(accelerator, request)}
        , build_{"engine", engine_parameters(design_.accelerator)}
    {
        comparison_.accelerator = std::move(accelerator);
    }

    void compare(const RtlMemory& memory)
    {
        const auto design = behind(design_, memory);
        auto program = engine_preamble(design.accelerator);
        for (const auto& shape : request_.shapes)
            program += engine_program(design.accelerator, shape.name, gemm_of(design, shape));
        std::istringstream rtl{build_.run(program)};
        const auto predicted = in_child([&] { return simulate(design, request_.shapes); });
        for (std::size_t i = 0; i < request_.shapes.size(); ++i)
            add(memory, request_.shapes[i], predicted[i], rtl);
        comparison_.model_cpu_seconds += predicted.back();
    }
    [[nodiscard]] const EngineComparison& comparison() const noexcept { return comparison_; }

  private:
    void
    add(const RtlMemory& memory, const GemmShape& shape, double predicted, std::istringstream& rtl)
    {
        std::string line;
        std::getline(rtl, line);
        const auto fields = config::split({line, 1, 1}, ',');
        constexpr std::size_t columns = 4;
        if (fields.size() != columns || fields[0].text != shape.name)
            throw ToolError{fmt::format("{}: no result of the RTL for {}: '{}'",
                                        comparison_.accelerator, shape.name, line)};
        const auto number = [&fields](std::size_t column) {
            return std::strtoull(std::string{fields[column].text}.c_str(), nullptr, decimal);
        };
        const auto cycles = number(1);
        ValidationRow row;
        row.name = fmt::format("{}/{}/{}", comparison_.accelerator, memory.name, shape.name);
        row.quantity = row.unit = "cycles";
        row.predicted = predicted;
        row.reference = static_cast<double>(cycles);
        result_.table.rows.push_back(std::move(row));
        ++comparison_.gemms;
        comparison_.cycles += cycles;
        comparison_.wrong_bytes += number(2);
        comparison_.rtl_cpu_seconds += std::strtod(std::string{fields[3].text}.c_str(), nullptr);
    }

    const RtlValidationRequest& request_;
    RtlValidation& result_;
    const Design design_;
    const RtlBuild build_;
    EngineComparison comparison_;
};

[[nodiscard]] std::string speed_note(const EngineComparison& engine)
{
    constexpr double million = 1e6;
    const auto cycles = static_cast<double>(engine.cycles);
    return fmt::format("{}: {} GEMMs, {:.2f} M cycles. Verilator {:.2f} M cycles per CPU-second, "
                       "heatsim {:.0f} M: {:.0f} times as fast.",
                       engine.accelerator, engine.gemms, cycles / million,
                       cycles / million / engine.rtl_cpu_seconds,
                       cycles / million / engine.model_cpu_seconds, engine.speed_ratio());
}

/// Nonlinear units and token selector, on random data.
void compare_units(ValidationTable& table)
{
    const RtlBuild build{"vector_units", {}};
    const auto works = rtl_unit_works();
    std::string input;
    for (const auto& work : works)
        input += work.line + '\n';
    std::istringstream output{build.run(input)};
    for (const auto& work : works) {
        std::string line;
        std::getline(output, line);
        const auto comma = line.rfind(',');
        if (comma == std::string::npos || line.substr(0, comma) != work.line)
            throw ToolError{fmt::format("vector_units: no result for '{}': '{}'", work.line, line)};
        ValidationRow row;
        row.name = work.line;
        std::replace(row.name.begin(), row.name.end(), ' ', '/');
        row.quantity = row.unit = "cycles";
        row.predicted = static_cast<double>(work.predicted);
        row.reference = std::strtod(line.c_str() + comma + 1, nullptr);
        table.rows.push_back(std::move(row));
    }
}

} // namespace

const std::vector<RtlMemory>& rtl_memories()
{
    static const std::vector<RtlMemory> memories{
        {"fast", 20, 4.0}, {"shared", 60, 1.5}, {"throttled", 120, 0.75}};
    return memories;
}

RtlValidation validate_rtl(const RtlValidationRequest& request)
{
    RtlValidation result;
    auto& table = result.table;
    table.target = "rtl";
    table.title = "Cycles of GEMMs on the engine";
    table.reference = "rtl/engine.sv in Verilator, the same tile descriptors; every byte it wrote "
                      "compared with the exact result";
    double wrong_bytes = 0.0;
    for (const auto& accelerator : request.accelerators) {
        EngineRun run{accelerator, request, result};
        for (const auto& memory : rtl_memories())
            run.compare(memory);
        wrong_bytes += static_cast<double>(run.comparison().wrong_bytes);
        table.notes.push_back(speed_note(run.comparison()));
        result.engines.push_back(run.comparison());
    }
    if (request.units)
        compare_units(table);
    table.checks = {
        {"mean error", "%", mean_absolute_error_percent(table.rows), rtl_mean_limit_percent, false},
        {"worst error", "%", worst_absolute_error_percent(table.rows), rtl_worst_limit_percent,
         false},
        {"wrong bytes of the RTL", "", wrong_bytes, 0.0, false}};
    for (const auto& memory : rtl_memories())
        table.notes.push_back(
            fmt::format("Memory {}: {} cycles of latency, {} beats a cycle for all ports together.",
                        memory.name, memory.latency_cycles, memory.beats_per_cycle));
    table.not_validated = {
        "the engine on a real device: clock frequency, AXI interconnect, DDR behind it",
        "array styles other than broadcast_tree, fused nonlinear functions, residency"};
    return result;
}

} // namespace heatsim::system
