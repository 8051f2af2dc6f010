// SPDX-License-Identifier: Apache-2.0
#include "report/resources_report.hpp"

#include "report/version.hpp"
#include "system/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace heatsim::report {

using estimate::FpgaResources;
using nlohmann::ordered_json;
using Align = TextTable::Align;

namespace {

[[nodiscard]] std::string count_text(double value)
{
    return grouped(static_cast<std::uint64_t>(std::llround(value)));
}

[[nodiscard]] double real(std::uint64_t value)
{
    return static_cast<double>(value);
}

/// LUTs or flip-flops of whole published designs with as many DSP slices.
struct Band {
    double low;
    double middle;
    double high;
};

[[nodiscard]] Band whole_luts(const ResourcesReport& report)
{
    const auto& whole = report.model->whole_designs;
    const auto dsps = real(report.chip.total.dsps);
    return {whole.luts_per_dsp_low * dsps, whole.luts_per_dsp * dsps,
            whole.luts_per_dsp_high * dsps};
}

[[nodiscard]] Band whole_flip_flops(const ResourcesReport& report)
{
    const auto& whole = report.model->whole_designs;
    const auto dsps = real(report.chip.total.dsps);
    return {whole.flip_flops_per_dsp_low * dsps, whole.flip_flops_per_dsp * dsps,
            whole.flip_flops_per_dsp_high * dsps};
}

/// What is on top of the engine in such a design.
[[nodiscard]] Band on_top(const Band& whole, double engine)
{
    return {std::max(whole.low - engine, 0.0), std::max(whole.middle - engine, 0.0),
            std::max(whole.high - engine, 0.0)};
}

[[nodiscard]] ordered_json resources_of(const FpgaResources& resources)
{
    return {{"dsps", resources.dsps},
            {"luts", std::round(resources.luts)},
            {"memory_luts", std::round(resources.memory_luts)},
            {"flip_flops", std::round(resources.flip_flops)},
            {"bram36", resources.bram36()},
            {"urams", resources.urams}};
}

[[nodiscard]] ordered_json band_json(const Band& band)
{
    return {{"low", std::round(band.low)},
            {"middle", std::round(band.middle)},
            {"high", std::round(band.high)}};
}

[[nodiscard]] std::vector<std::string> cells(const std::string& name,
                                             const FpgaResources& resources,
                                             const std::string& basis,
                                             const std::string& parts)
{
    return {name,
            grouped(resources.dsps),
            count_text(resources.luts),
            count_text(resources.memory_luts),
            count_text(resources.flip_flops),
            fmt::format("{}", resources.bram36()),
            grouped(resources.urams),
            basis,
            parts};
}

[[nodiscard]] std::string block_table(const ResourcesReport& report, const Style& style)
{
    TextTable table{{Align::Left, Align::Right, Align::Right, Align::Right, Align::Right,
                     Align::Right, Align::Right, Align::Left, Align::Left}};
    table.add({"block", "DSP", "LUT", "LUT as memory", "FF", "BRAM36", "URAM", "basis", "parts"});
    for (const auto& block : report.chip.blocks)
        table.add(cells(block.name, block.resources,
                        config::name_of(block.basis, estimate::basis_names), block.parts));
    table.add(cells("total", report.chip.total, "", ""));
    return table.text(style);
}

[[nodiscard]] std::string board_table(const ResourcesReport& report, const Style& style)
{
    TextTable table{{Align::Left, Align::Right, Align::Right, Align::Right, Align::Left}};
    table.add({report.board.name, "engine", "board", "used", ""});
    for (const auto& use : system::resource_use(report.chip.total, report.board))
        table.add({use.name, fmt::format("{}", use.used), count_text(use.available),
                   use.available == 0.0 ? "-" : fmt::format("{:.1f} %", use.percent()),
                   use.fits() ? "fits"
                              : fmt::format("DOES NOT FIT, {} short", use.used - use.available)});
    return table.text(style);
}

[[nodiscard]] std::string band_text(const char* name, double engine, const Band& whole)
{
    const auto rest = on_top(whole, engine);
    return fmt::format("  {:10} engine {}, on top of it {} to {} (typical {}), in all {} to {}\n",
                       name, count_text(engine), count_text(rest.low), count_text(rest.high),
                       count_text(rest.middle), count_text(std::max(whole.low, engine)),
                       count_text(std::max(whole.high, engine)));
}

} // namespace

double selector_dsps_percent(const ResourcesReport& report)
{
    return system::error_percent(real(report.chip.total.dsps),
                                 real(report.without_selection.total.dsps));
}

double selector_luts_percent(const ResourcesReport& report)
{
    return system::error_percent(report.chip.total.all_luts(),
                                 report.without_selection.total.all_luts());
}

ordered_json resources_json(const ResourcesReport& report)
{
    ordered_json blocks = ordered_json::array();
    for (const auto& block : report.chip.blocks) {
        auto entry = ordered_json{{"name", block.name},
                                  {"basis", config::name_of(block.basis, estimate::basis_names)},
                                  {"parts", block.parts}};
        entry.update(resources_of(block.resources));
        blocks.push_back(std::move(entry));
    }
    ordered_json uses = ordered_json::array();
    bool fits = true;
    for (const auto& use : system::resource_use(report.chip.total, report.board)) {
        fits = fits && use.fits();
        uses.push_back({{"resource", use.name},
                        {"used", use.used},
                        {"available", use.available},
                        {"percent", use.percent()},
                        {"fits", use.fits()}});
    }
    const auto& total = report.chip.total;
    return {{"version", version},
            {"accelerator", report.accelerator},
            {"board", report.board.name},
            {"clock_mhz", report.clock_mhz},
            {"model", report.model->name},
            {"rtl_style", report.model->rtl_style},
            {"lut_error_percent", report.model->lut_error_percent},
            {"flip_flop_error_percent", report.model->flip_flop_error_percent},
            {"vivado_lut_error_percent", report.model->vivado_lut_error_percent},
            {"blocks", blocks},
            {"total", resources_of(total)},
            {"fits", fits},
            {"board_use", uses},
            {"infrastructure",
             {{"luts", band_json(on_top(whole_luts(report), total.all_luts()))},
              {"flip_flops", band_json(on_top(whole_flip_flops(report), total.flip_flops))},
              {"source", report.model->whole_designs.source}}},
            {"token_selection",
             {{"without", resources_of(report.without_selection.total)},
              {"dsps_percent", selector_dsps_percent(report)},
              {"luts_percent", selector_luts_percent(report)},
              {"published_dsps_percent",
               {SelectorOverhead::dsps_low_percent, SelectorOverhead::dsps_high_percent}},
              {"published_luts_percent",
               {SelectorOverhead::luts_low_percent, SelectorOverhead::luts_high_percent}}}}};
}

std::string resources_text(const ResourcesReport& report, const Style& style)
{
    const auto& model = *report.model;
    const auto& total = report.chip.total;
    auto text = fmt::format("{}\n\n",
                            style.bold(fmt::format("Resources of {} on {} ({})", report.accelerator,
                                                   report.board.name, report.board.device)));
    text += block_table(report, style) + '\n';
    text += board_table(report, style) + '\n';
    text += note_text(
        fmt::format("Basis rtl: {}. Against yosys on parameters not used in the fit: DSP, BRAM and "
                    "URAM exact, LUT within {} %, FF within {} %; yosys against Vivado: LUT +-{} % "
                    "typically. Basis extrapolated, counted and prototype: not validated here. The "
                    "clock of "
                    "{} MHz is an input: nothing here says that the design reaches it.",
                    model.rtl_style, model.lut_error_percent, model.flip_flop_error_percent,
                    model.vivado_lut_error_percent, report.clock_mhz),
        style);
    text += '\n' + style.bold("Infrastructure") + '\n';
    text += band_text("LUTs", total.all_luts(), whole_luts(report));
    text += band_text("flip-flops", total.flip_flops, whole_flip_flops(report));
    text +=
        note_text(fmt::format("What whole published designs carry per DSP slice, interconnect, HLS "
                              "control and processing-system glue included: {}. Not part of the "
                              "totals above and of the check against the board.",
                              model.whole_designs.source),
                  style);
    text += '\n' + style.bold("Token selection") + '\n';
    text +=
        fmt::format("  DSP slices {} with, {} without: {:+.1f} % (published +{:g} to +{:g} %)\n",
                    grouped(total.dsps), grouped(report.without_selection.total.dsps),
                    selector_dsps_percent(report), SelectorOverhead::dsps_low_percent,
                    SelectorOverhead::dsps_high_percent);
    text += fmt::format(
        "  LUTs       {} with, {} without: {:+.1f} % (published +{:g} to +{:g} %)\n",
        count_text(total.all_luts()), count_text(report.without_selection.total.all_luts()),
        selector_luts_percent(report), SelectorOverhead::luts_low_percent,
        SelectorOverhead::luts_high_percent);
    text +=
        note_text("Published: abstract of HeatViT (arXiv 2211.08110), against the whole baseline "
                  "design with its infrastructure; here against the engine alone.",
                  style);
    return text;
}

} // namespace heatsim::report
