// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_validation_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

namespace heatsim::report {

using nlohmann::ordered_json;
using system::DdrComparison;
using system::DdrGroup;
using system::DdrValidation;

namespace {

using Align = TextTable::Align;

/// What is compared, and how it is shown.
struct Quantity {
    const char* name;
    const char* heading;
    const char* unit;
    int decimals;
    DdrComparison DdrGroup::*comparison;
};
constexpr std::array<Quantity, 2> quantities{{
    {"bandwidth", "Bandwidth, GB/s", "GB/s", 2, &DdrGroup::bandwidth_gbs},
    {"mean_read_latency", "Mean read latency, ns", "ns", 1, &DdrGroup::mean_read_latency_ns},
}};
constexpr std::size_t heading_width = 21; ///< the tables of all quantities align

[[nodiscard]] ordered_json rows_of(const DdrGroup& group, const Quantity& quantity)
{
    ordered_json rows = ordered_json::array();
    const auto& comparison = group.*quantity.comparison;
    for (const auto& [simulator, value] : comparison.references)
        rows.push_back({{"name", fmt::format("{}/{}/{}", group.name(), quantity.name, simulator)},
                        {"mapping", group.mapping},
                        {"simulator", simulator},
                        {"pattern", group.pattern},
                        {"outstanding", group.outstanding},
                        {"quantity", quantity.name},
                        {"unit", quantity.unit},
                        {"predicted", comparison.predicted},
                        {"reference", value},
                        {"error_percent", system::error_percent(comparison.predicted, value)},
                        {"reference_low", comparison.low()},
                        {"reference_high", comparison.high()},
                        {"deviation_percent", comparison.deviation_percent()},
                        {"within", comparison.within()}});
    return rows;
}

/// `DRAMsim3` of `DRAMsim3 2981759`.
[[nodiscard]] std::string without_version(const std::string& simulator)
{
    return simulator.substr(0, simulator.find(' '));
}

/// The groups of one mapping that have references for a quantity.
[[nodiscard]] std::vector<const DdrGroup*> compared_groups(const DdrValidation& validation,
                                                           const std::string& mapping,
                                                           const Quantity& quantity)
{
    std::vector<const DdrGroup*> groups;
    for (const auto& group : validation.groups)
        if (group.mapping == mapping && !(group.*quantity.comparison).references.empty())
            groups.push_back(&group);
    return groups;
}

[[nodiscard]] std::string
figure_of(const DdrComparison& comparison, const std::string& simulator, int decimals)
{
    for (const auto& reference : comparison.references)
        if (reference.simulator == simulator)
            return fmt::format("{:.{}f}", reference.value, decimals);
    return "-";
}

[[nodiscard]] std::string deviation_text(const DdrComparison& comparison)
{
    const double deviation = comparison.deviation_percent();
    if (deviation == 0.0)
        return "in range";
    constexpr double shown_as_zero = 0.05;
    return std::abs(deviation) < shown_as_zero ? "0.0 %" : fmt::format("{:+.1f} %", deviation);
}

/// The simulators with a figure of a quantity for one of the groups.
[[nodiscard]] std::vector<std::string> simulators_of(const std::vector<const DdrGroup*>& groups,
                                                     const Quantity& quantity)
{
    std::set<std::string> names;
    for (const auto* group : groups)
        for (const auto& reference : (group->*quantity.comparison).references)
            names.insert(reference.simulator);
    return {names.begin(), names.end()};
}

[[nodiscard]] std::string
table_text(const std::vector<const DdrGroup*>& groups, const Quantity& quantity, const Style& style)
{
    const auto simulators = simulators_of(groups, quantity);
    std::vector<Align> aligns{Align::Left};
    aligns.insert(aligns.end(), simulators.size() + 3, Align::Right);
    aligns.push_back(Align::Left);
    TextTable table{aligns};

    std::vector<std::string> headings{pad_right(quantity.heading, heading_width), "outstanding",
                                      "heatsim"};
    std::transform(simulators.begin(), simulators.end(), std::back_inserter(headings),
                   without_version);
    headings.insert(headings.end(), {"deviation", ""});
    table.add(std::move(headings));
    for (const auto* group : groups) {
        const auto& comparison = group->*quantity.comparison;
        std::vector<std::string> cells{
            "  " + group->pattern, std::to_string(group->outstanding),
            fmt::format("{:.{}f}", comparison.predicted, quantity.decimals)};
        std::transform(simulators.begin(), simulators.end(), std::back_inserter(cells),
                       [&](const std::string& simulator) {
                           return figure_of(comparison, simulator, quantity.decimals);
                       });
        cells.push_back(deviation_text(comparison));
        cells.push_back(comparison.within()
                            ? ""
                            : style.bold(fmt::format("beyond {} %", comparison.limit_percent)));
        table.add(std::move(cells));
    }
    return table.text(style);
}

[[nodiscard]] std::string summary_text(const DdrValidation& validation, const Style& style)
{
    const auto summary = system::summarize(validation.groups);
    auto text =
        style.bold(fmt::format("{} of {} streams are within {} % of bandwidth and {} % of "
                               "latency",
                               summary.groups_within, summary.groups,
                               system::bandwidth_limit_percent, system::latency_limit_percent)) +
        '\n';
    TextTable table{{Align::Left, Align::Right, Align::Right}};
    table.add({"", "bandwidth", "latency"});
    table.add({"Largest deviation from the simulators' range",
               fmt::format("{:+.1f} %", summary.worst_bandwidth_deviation_percent),
               fmt::format("{:+.1f} %", summary.worst_latency_deviation_percent)});
    table.add({"Median error against one simulator",
               fmt::format("{:.1f} %", summary.median_absolute_bandwidth_error_percent),
               fmt::format("{:.1f} %", summary.median_absolute_latency_error_percent)});
    for (const auto& line : table.lines())
        text += line + '\n';
    return text;
}

[[nodiscard]] std::string notes_text(const DdrValidation& validation, const Style& style)
{
    const auto notes = fmt::format(
        "References: {}, configured alike, see {} and docs/validation.md. Where they disagree, the "
        "range of all of them counts: a deviation is the distance from its nearer end. DRAMSys "
        "holds one of the outstanding requests per write until it is answered, the others post "
        "writes, as heatsim does: with writes its figures are not comparable, and they widen the "
        "range.",
        fmt::join(validation.table.simulators(), ", "), validation.table.name);
    return note_text(notes, style);
}

} // namespace

ordered_json ddr_validation_json(const DdrValidation& validation)
{
    ordered_json rows = ordered_json::array();
    ordered_json outside = ordered_json::array();
    for (const auto& group : validation.groups) {
        for (const auto& quantity : quantities)
            for (auto& row : rows_of(group, quantity))
                rows.push_back(std::move(row));
        if (!group.within())
            outside.push_back(group.name());
    }
    const auto summary = system::summarize(validation.groups);
    return {
        {"version", version},
        {"memory", validation.memory},
        {"reference",
         {{"file", validation.table.name},
          {"description", validation.table.description},
          {"simulators", validation.table.simulators()}}},
        {"limits",
         {{"bandwidth_percent", system::bandwidth_limit_percent},
          {"latency_percent", system::latency_limit_percent}}},
        {"rows", rows},
        {"summary",
         {{"groups", summary.groups},
          {"groups_within", summary.groups_within},
          {"groups_outside", outside},
          {"figures", summary.figures},
          {"worst_bandwidth_deviation_percent", summary.worst_bandwidth_deviation_percent},
          {"worst_latency_deviation_percent", summary.worst_latency_deviation_percent},
          {"median_absolute_error_percent", summary.median_absolute_error_percent},
          {"median_absolute_bandwidth_error_percent",
           summary.median_absolute_bandwidth_error_percent},
          {"median_absolute_latency_error_percent",
           summary.median_absolute_latency_error_percent}}},
    };
}

std::string ddr_validation_text(const DdrValidation& validation, const Style& style)
{
    auto text = style.bold(fmt::format("{} beside {}", validation.memory,
                                       fmt::join(validation.table.simulators(), style.dot()))) +
                '\n' +
                style.dim(fmt::format("{} streams{}{}", validation.groups.size(), style.dot(),
                                      validation.table.name)) +
                "\n\n";
    std::vector<std::string> mappings;
    for (const auto& group : validation.groups)
        if (std::find(mappings.begin(), mappings.end(), group.mapping) == mappings.end())
            mappings.push_back(group.mapping);
    for (const auto& mapping : mappings) {
        text += style.bold("mapping " + mapping) + "\n";
        for (const auto& quantity : quantities) {
            const auto groups = compared_groups(validation, mapping, quantity);
            if (!groups.empty())
                text += table_text(groups, quantity, style) + '\n';
        }
    }
    return text + summary_text(validation, style) + '\n' + notes_text(validation, style);
}

std::string ddr_validation_markdown(const DdrValidation& validation)
{
    std::vector<std::string> patterns;
    for (const auto& group : validation.groups)
        if (std::find(patterns.begin(), patterns.end(), group.pattern) == patterns.end())
            patterns.push_back(group.pattern);
    std::string text =
        "| pattern | streams within | bandwidth, largest deviation | latency, largest "
        "deviation |\n|---|---:|---:|---:|\n";
    for (const auto& pattern : patterns) {
        std::vector<DdrGroup> groups;
        std::copy_if(validation.groups.begin(), validation.groups.end(), std::back_inserter(groups),
                     [&pattern](const DdrGroup& group) { return group.pattern == pattern; });
        const auto summary = system::summarize(groups);
        const bool has_reads = std::any_of(groups.begin(), groups.end(), [](const DdrGroup& group) {
            return !group.mean_read_latency_ns.references.empty();
        });
        text += fmt::format(
            "| `{}` | {} of {} | {:+.1f} % | {} |\n", pattern, summary.groups_within,
            summary.groups, summary.worst_bandwidth_deviation_percent,
            has_reads ? fmt::format("{:+.1f} %", summary.worst_latency_deviation_percent)
                      : "no reads");
    }
    const auto summary = system::summarize(validation.groups);
    text += fmt::format("\n{} of {} streams are within the limits. The median error against one "
                        "simulator is {:.1f} % of bandwidth and {:.1f} % of latency.\n",
                        summary.groups_within, summary.groups,
                        summary.median_absolute_bandwidth_error_percent,
                        summary.median_absolute_latency_error_percent);
    return text;
}

} // namespace heatsim::report
