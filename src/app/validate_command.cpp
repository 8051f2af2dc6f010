// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/ddr_validation_report.hpp"
#include "report/error_bands.hpp"
#include "report/summary.hpp"
#include "report/validation_page.hpp"
#include "report/validation_report.hpp"
#include "report/version.hpp"
#include "system/ddr_validation.hpp"
#include "system/methods_validation.hpp"
#include "system/model_validation.hpp"
#include "system/peer_validation.hpp"
#include "system/process.hpp"
#include "system/published_validation.hpp"
#include "system/resources.hpp"
#include "system/rtl_validation.hpp"
#include "system/synthesis.hpp"
#include "system/synthesis_validation.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using nlohmann::ordered_json;
using system::ValidationTable;

/// A comparison, and how it is shown where its table alone does not say everything.
struct Result {
    ValidationTable table;
    std::function<std::string(const report::Style&)> text = {};
    std::function<ordered_json()> json = {};
    std::function<std::string()> markdown = {};
};

/// What can be validated. One line of `targets` adds one.
struct Target {
    const char* name;
    Result (*validate)(const ValidateOptions& options);
    bool shortened; ///< in the overview and on docs/validation.md: the rows with the largest errors
};

constexpr std::size_t most_rows = 8; ///< of a table that is shortened

template <ValidationTable (*validate)()>
Result table_of(const ValidateOptions& /*options*/)
{
    return {validate()};
}

Result validate_ddr(const ValidateOptions& /*options*/)
{
    const auto validation = system::validate_ddr(system::shipped_ddr_references());
    Result result{system::ddr_table(validation)};
    result.text = [validation](const report::Style& style) {
        return report::ddr_validation_text(validation, style);
    };
    result.json = [validation] { return report::ddr_validation_json(validation); };
    result.markdown = [validation] { return report::ddr_validation_markdown(validation); };
    return result;
}

/// The engine beside its RTL; in the overview as recorded where there is no Verilator.
Result validate_rtl(const ValidateOptions& options)
{
    system::RtlValidationRequest request;
    if (options.recorded || (options.target.empty() && !system::has_tool("verilator")))
        request.reference = system::RtlReference::Recorded;
    std::vector<config::Violation> violations;
    request.overrides = overrides_of(options.settings, violations);
    if (isatty(STDERR_FILENO) != 0)
        request.announce = [](const std::string& what) {
            static_cast<void>(std::fprintf(stderr, "heatsim: %s\n", what.c_str()));
        };
    if (options.quick) {
        request.accelerators = {"rtl_engine_8x8"};
        request.shapes = system::small_gemm_shapes();
    }
    if (!options.accelerator.empty())
        request.accelerators = {options.accelerator};
    if (!options.shapes.empty())
        keep_violations(violations,
                        [&] { request.shapes = system::read_gemm_shapes(options.shapes); });
    throw_if_any(std::move(violations));
    return {system::validate_rtl(request)};
}

/// Closed forms beside yosys: every row, the quick ones, or, in the overview, all as recorded and
/// the quick ones synthesized where there is yosys.
Result validate_synthesis(const ValidateOptions& options)
{
    using system::SynthesisReference;
    auto reference = SynthesisReference::Rerun;
    if (options.recorded)
        reference = SynthesisReference::Recorded;
    else if (options.quick)
        reference = SynthesisReference::Quick;
    else if (options.target.empty())
        reference =
            system::has_tool("yosys") ? SynthesisReference::Spot : SynthesisReference::Recorded;
    return {system::validate_synthesis(system::shipped_synthesis_table(), system::resource_model(),
                                       reference)};
}

constexpr std::array<Target, 8> targets{{
    {"models", table_of<system::validate_models>, true},
    {"methods", table_of<system::validate_methods>, false},
    {"peers", table_of<system::validate_peers>, true},
    {"heatvit_rtl", table_of<system::validate_heatvit_rtl>, false},
    {"rtl", validate_rtl, true},
    {"synthesis", validate_synthesis, true},
    {"ddr", validate_ddr, true},
    {"published", table_of<system::validate_published>, false},
}};

/// What no target compares with anything.
const std::vector<std::string> never_validated{
    "energy and power: estimates from a table, no constant of which was measured on such a design",
    "the host: CPU cycles of LayerNorm, interrupt latency, other load on the CPU or the memory",
    "clock frequencies: they are inputs, nothing says that a design meets them",
    "two images at once; images whose token counts were not recorded from a trained model",
};

/// A source whose tools are missing on this machine is not compared, and does not hold.
[[nodiscard]] Result run(const Target& target, const ValidateOptions& options)
{
    try {
        return target.validate(options);
    } catch (const system::ToolError& error) {
        Result result;
        result.table.target = target.name;
        result.table.title = fmt::format("{}: not run", target.name);
        result.table.reference = error.what();
        result.table.checks.push_back({"sources that could not be run", "", 1.0, 0.0});
        result.table.not_validated = {fmt::format("everything of {}", target.name)};
        return result;
    }
}

[[nodiscard]] std::string
single_text(const Target& target, const Result& result, const ValidateOptions& options)
{
    switch (options.format) {
    case Format::Json:
        return report::json_text(result.json ? result.json()
                                             : report::validation_json(result.table));
    case Format::Markdown:
        return result.markdown
                   ? result.markdown()
                   : report::validation_markdown(target.shortened && !options.full
                                                     ? system::worst_rows(result.table, most_rows)
                                                     : result.table);
    case Format::Csv:
        return report::error_bands_csv(report::error_bands({result.table}));
    case Format::Html: // the command line has no such choice here
    case Format::Text:
        break;
    }
    const auto style = report::style_of(stdout);
    return result.text ? result.text(style) : report::validation_text(result.table, style);
}

[[nodiscard]] std::string
overview_text(const std::vector<std::pair<const Target*, Result>>& results,
              const ValidateOptions& options)
{
    const auto style = report::style_of(stdout);
    std::string text;
    std::size_t failed = 0;
    for (const auto& [target, result] : results) {
        const auto& table = result.table;
        failed += table.holds() ? 0U : 1U;
        const bool whole = options.full || !target->shortened;
        text +=
            report::validation_text(whole ? table : system::worst_rows(table, most_rows), style);
        text += '\n';
    }
    text += style.bold("Not validated by anything") + '\n';
    for (const auto& item : never_validated)
        text += fmt::format("  {}\n", item);
    text += '\n';
    text +=
        failed == 0
            ? fmt::format("All checks of {} sources hold\n", results.size())
            : style.bold(fmt::format("Checks of {} of {} sources FAIL\n", failed, results.size()));
    return text;
}

[[nodiscard]] std::string overview(const std::vector<std::pair<const Target*, Result>>& results,
                                   bool holds,
                                   const ValidateOptions& options)
{
    switch (options.format) {
    case Format::Json: {
        ordered_json tables = ordered_json::array();
        for (const auto& [target, result] : results)
            tables.push_back(report::validation_json(result.table));
        return report::json_text({{"version", report::version},
                                  {"tables", tables},
                                  {"holds", holds},
                                  {"not_validated", never_validated}});
    }
    case Format::Markdown: {
        std::map<std::string, std::string> sections;
        for (const auto& [target, result] : results)
            sections[target->name] = single_text(*target, result, options);
        std::string list;
        for (const auto& item : never_validated)
            list += fmt::format("- {}\n", item);
        sections["not_validated"] = list;
        return report::validation_page(sections);
    }
    case Format::Csv: {
        std::vector<ValidationTable> tables;
        tables.reserve(results.size());
        for (const auto& [target, result] : results)
            tables.push_back(result.table);
        return report::error_bands_csv(report::error_bands(tables));
    }
    case Format::Html: // the command line has no such choice here
    case Format::Text:
        break;
    }
    return overview_text(results, options);
}

} // namespace

bool validate_command(const ValidateOptions& options)
{
    std::vector<std::string> names;
    for (const auto& target : targets) {
        names.emplace_back(target.name);
        if (options.target != target.name)
            continue;
        const auto result = target.validate(options);
        print(single_text(target, result, options));
        return result.table.holds();
    }
    if (!options.target.empty())
        refuse_name("validate", options.target, names);
    std::vector<std::pair<const Target*, Result>> results;
    bool holds = true;
    for (const auto& target : targets) {
        results.emplace_back(&target, run(target, options));
        holds = holds && results.back().second.table.holds();
    }
    print(overview(results, holds, options));
    return holds;
}

} // namespace heatsim::app
