// SPDX-License-Identifier: Apache-2.0
#include "report/search_report.hpp"

#include "config/document.hpp"
#include "report/version.hpp"

#include <fmt/format.h>

#include <cmath>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using sweep::Candidate;
using sweep::Stages;
using Align = TextTable::Align;

[[nodiscard]] ordered_json selectors_json(const Stages& stages)
{
    ordered_json list = ordered_json::array();
    for (const auto& stage : stages)
        list.push_back({{"before_block", stage.before_block}, {"keep_ratio", stage.keep_ratio}});
    return list;
}

[[nodiscard]] ordered_json number_or_null(const std::optional<double>& value)
{
    return value ? ordered_json(*value) : ordered_json{};
}

/// `4: 0.70 · 7: 0.45`
[[nodiscard]] std::string selectors_text(const Stages& stages, const Style& style)
{
    std::string text;
    for (const auto& stage : stages)
        text += fmt::format("{}{}: {:g}", text.empty() ? "" : style.dot(), stage.before_block,
                            stage.keep_ratio);
    return text.empty() ? "none" : text;
}

[[nodiscard]] std::string latency_text(double latency_ms)
{
    return fmt::format("{:.3f}", latency_ms);
}

[[nodiscard]] std::string top1_text(const Candidate& candidate)
{
    return candidate.top1_percent ? fmt::format("{:.2f}", *candidate.top1_percent) : "-";
}

/// Two decimals with their sign, never `-0.00`.
[[nodiscard]] std::string signed_text(double value)
{
    const double rounded = std::round(value * 100.0) / 100.0;
    return fmt::format("{:+.2f}", rounded == 0.0 ? 0.0 : rounded);
}

[[nodiscard]] double drop_points(const SearchReport& report, const Candidate& candidate)
{
    return report.dense_top1_percent - candidate.top1_percent.value_or(0.0);
}

[[nodiscard]] std::string steps_text(const SearchReport& report, const Style& style)
{
    TextTable table{
        {Align::Left, Align::Left, Align::Right, Align::Right, Align::Left, Align::Left}};
    table.add({"step", "selectors: before block, keep ratio", "latency ms", "top-1 %", "hull", ""});
    for (const auto& step : report.search.steps) {
        const auto& candidate = step.candidate;
        table.add({config::name_of(step.kind, sweep::step_kind_names),
                   selectors_text(candidate.stages, style), latency_text(candidate.latency_ms),
                   top1_text(candidate), candidate.top1_percent ? "inside" : "outside",
                   step.kept ? "" : "taken back"});
    }
    return table.text(style);
}

[[nodiscard]] std::string verdict(const SearchReport& report, const Style& style)
{
    if (report.met())
        return style.bold(
            fmt::format("Target met: {:.3f} ms of {:g} ms, {:.2f} of at most {:g} points lost.\n",
                        report.simulated_ms, report.latency_target_ms,
                        drop_points(report, report.search.best), report.accuracy_drop_points));
    return fmt::format(
        "{}{}",
        style.bold(fmt::format("Target NOT met: {:.3f} ms instead of {:g} ms.\n",
                               report.simulated_ms, report.latency_target_ms)),
        note_text(
            fmt::format("These selectors are the fastest found that the accuracy table knows "
                        "to lose at most {:g} points; where selectors are outside the hull of "
                        "its networks it knows nothing.",
                        report.accuracy_drop_points),
            style));
}

[[nodiscard]] std::string exhaustive_text(const SearchReport& report, const Style& style)
{
    const auto& exhaustive = *report.exhaustive;
    const auto& best = exhaustive.result.best;
    const auto& found = report.search.best;
    TextTable table{{Align::Left, Align::Right, Align::Right, Align::Left}};
    table.add({"", "latency ms", "top-1 %", "selectors"});
    table.add({"found", latency_text(found.latency_ms), top1_text(found),
               selectors_text(found.stages, style)});
    table.add({"exhaustive", latency_text(best.latency_ms), top1_text(best),
               selectors_text(best.stages, style)});
    table.add({"difference", fmt::format("{:+.3f}", found.latency_ms - best.latency_ms),
               signed_text(found.top1_percent.value_or(0.0) - best.top1_percent.value_or(0.0)),
               exhaustive.result.met ? "" : "no choice of the grid meets the target"});
    return fmt::format(
        "\n{}{}{}", style.bold("Beside all choices on a grid"),
        fmt::format(" (up to {} selectors, keep ratios in steps of {:g}: {} choices; "
                    "the search looked at {})\n",
                    report.max_selectors, exhaustive.step, grouped(exhaustive.result.evaluations),
                    grouped(report.search.evaluations)),
        table.text(style));
}

} // namespace

nlohmann::ordered_json search_json(const SearchReport& report)
{
    ordered_json steps = ordered_json::array();
    for (const auto& step : report.search.steps)
        steps.push_back({{"kind", config::name_of(step.kind, sweep::step_kind_names)},
                         {"selectors", selectors_json(step.candidate.stages)},
                         {"latency_ms", step.candidate.latency_ms},
                         {"top1_percent", number_or_null(step.candidate.top1_percent)},
                         {"inside_hull", step.candidate.top1_percent.has_value()},
                         {"kept", step.kept}});
    const auto& best = report.search.best;
    ordered_json exhaustive;
    if (report.exhaustive) {
        const auto& result = report.exhaustive->result;
        exhaustive = {{"step", report.exhaustive->step},
                      {"choices", result.evaluations},
                      {"met", result.met},
                      {"selectors", selectors_json(result.best.stages)},
                      {"latency_ms", result.best.latency_ms},
                      {"top1_percent", number_or_null(result.best.top1_percent)},
                      {"latency_difference_ms", best.latency_ms - result.best.latency_ms},
                      {"top1_difference_points",
                       best.top1_percent.value_or(0.0) - result.best.top1_percent.value_or(0.0)}};
    }
    return {{"version", version},
            {"model", report.model},
            {"accelerator", report.accelerator},
            {"board", report.board},
            {"clock_mhz", report.clock_mhz},
            {"accuracy_table", report.accuracy_table},
            {"dataset", report.dataset},
            {"sampling_error_points", report.sampling_error_points},
            {"latency_target_ms", report.latency_target_ms},
            {"table_target_ms", report.table_target_ms},
            {"accuracy_drop_allowed_points", report.accuracy_drop_points},
            {"dense_top1_percent", report.dense_top1_percent},
            {"least_top1_percent", report.least_top1_percent},
            {"step", report.step},
            {"max_selectors", report.max_selectors},
            {"table_simulations", report.table_simulations},
            {"evaluations", report.search.evaluations},
            {"steps", std::move(steps)},
            {"met", report.met()},
            {"selectors", selectors_json(best.stages)},
            {"table_latency_ms", best.latency_ms},
            {"simulated_latency_ms", report.simulated_ms},
            {"table_deviation_percent", report.deviation_percent()},
            {"found_top1_percent", number_or_null(best.top1_percent)},
            {"accuracy_drop_points", drop_points(report, best)},
            {"exhaustive", std::move(exhaustive)},
            {"output", report.output.empty() ? ordered_json{} : ordered_json(report.output)}};
}

std::vector<Field> search_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"model", "", "text", "name of the network"},
        {"accelerator", "", "text", "name of the accelerator design"},
        {"board", "", "text", "name of the board"},
        {"clock_mhz", "MHz", "real", "fabric clock"},
        {"accuracy_table", "", "text", "table of measured accuracies that was asked"},
        {"dataset", "", "text", "images its networks were measured on"},
        {"sampling_error_points", "percentage points", "real",
         "standard error of one measured accuracy; 0: not stated"},
        {"latency_target_ms", "ms", "real", "latency that was asked for"},
        {"table_target_ms", "ms", "real",
         "target of the search in the latency table: lower than latency_target_ms where the table "
         "had predicted less than the simulation"},
        {"accuracy_drop_allowed_points", "percentage points", "real",
         "accuracy budget: how much less than the dense network"},
        {"dense_top1_percent", "%", "real", "top-1 accuracy of the dense network"},
        {"least_top1_percent", "%", "real", "dense_top1_percent - accuracy_drop_allowed_points"},
        {"step", "", "real", "of the keep ratios"},
        {"max_selectors", "selectors", "integer", "most selectors of the result"},
        {"table_simulations", "images", "integer", "simulated for the latency table"},
        {"evaluations", "", "integer", "choices of selectors whose latency was looked up"},
        {"steps", "", "list", "what the search did, in its order"},
        {"steps[].kind", "", "text",
         "start (dense network), insert (a selector in front of the others, first keep ratio), "
         "tune (keep ratios lowered), merge (neighbours that prune alike) or refine (local search "
         "from the best selectors so far)"},
        {"steps[].selectors", "", "list", "selectors behind the step"},
        {"steps[].selectors[].before_block", "", "integer", "block, from 1"},
        {"steps[].selectors[].keep_ratio", "", "real", "kept / original patches, cumulative"},
        {"steps[].latency_ms", "ms", "real", "by the latency table"},
        {"steps[].top1_percent", "%", "real or null",
         "by the accuracy table; null: outside the hull"},
        {"steps[].inside_hull", "", "boolean",
         "whether the accuracy lies between measured networks"},
        {"steps[].kept", "", "boolean",
         "false: taken back, as the accuracy is out of the budget or not known, or the selector "
         "costs more time than it saves"},
        {"met", "", "boolean",
         "whether the selectors found meet the target within the accuracy budget, simulated"},
        {"selectors", "", "list",
         "found: the most accurate ones that meet the target, else the fastest in the budget"},
        {"selectors[].before_block", "", "integer", "block, from 1"},
        {"selectors[].keep_ratio", "", "real", "kept / original patches, cumulative"},
        {"table_latency_ms", "ms", "real", "of the selectors found, by the latency table"},
        {"simulated_latency_ms", "ms", "real", "the same, simulated in full"},
        {"table_deviation_percent", "%", "real",
         "100 (table_latency_ms - simulated_latency_ms) / simulated_latency_ms"},
        {"found_top1_percent", "%", "real or null", "of the selectors found, interpolated"},
        {"accuracy_drop_points", "percentage points", "real",
         "dense_top1_percent - found_top1_percent"},
        {"exhaustive", "", "section or null", "best of all choices on a grid; null: not asked for"},
        {"exhaustive.step", "", "real", "of the grid's keep ratios"},
        {"exhaustive.choices", "", "integer", "choices of the grid"},
        {"exhaustive.met", "", "boolean", "whether one of them meets the target in the budget"},
        {"exhaustive.selectors", "", "list", "of the best one"},
        {"exhaustive.selectors[].before_block", "", "integer", "block, from 1"},
        {"exhaustive.selectors[].keep_ratio", "", "real", "kept / original patches, cumulative"},
        {"exhaustive.latency_ms", "ms", "real", "by the latency table"},
        {"exhaustive.top1_percent", "%", "real or null", "by the accuracy table"},
        {"exhaustive.latency_difference_ms", "ms", "real",
         "table_latency_ms - exhaustive.latency_ms"},
        {"exhaustive.top1_difference_points", "percentage points", "real",
         "found_top1_percent - exhaustive.top1_percent"},
        {"output", "", "text or null", "file the schedule was written to; null: none"},
    };
}

std::string search_text(const SearchReport& report, const Style& style)
{
    const auto& best = report.search.best;
    std::string text = fmt::format(
        "{}{}{}\n", style.bold(report.model), style.dot(),
        fmt::format("at most {:g} ms, at most {:g} points below the dense network's {:.2f} %",
                    report.latency_target_ms, report.accuracy_drop_points,
                    report.dense_top1_percent));
    text += note_text(fmt::format("{}{}board {}{}{} MHz", report.accelerator, style.dot(),
                                  report.board, style.dot(), report.clock_mhz),
                      style);
    text += note_text(fmt::format("accuracy {}: {}", report.accuracy_table, report.dataset), style);
    text.append("\n").append(steps_text(report, style)).append("\n");

    TextTable table{{Align::Left, Align::Left}};
    table.add({"Selectors", selectors_text(best.stages, style)});
    table.add({"Latency", fmt::format("{:.3f} ms simulated, {:.3f} ms by the table ({} %)",
                                      report.simulated_ms, best.latency_ms,
                                      signed_text(report.deviation_percent()))});
    auto accuracy = fmt::format("{:.2f} %, {:.2f} points below dense",
                                best.top1_percent.value_or(0.0), drop_points(report, best));
    if (report.sampling_error_points > 0.0)
        accuracy += fmt::format(" (sampling error of one figure {}{:.2f} points)",
                                style.plus_minus(), report.sampling_error_points);
    table.add({"Top-1", accuracy});
    for (const auto& line : table.lines())
        text.append(line).append("\n");
    text += verdict(report, style);
    if (report.exhaustive)
        text += exhaustive_text(report, style);
    if (!report.output.empty())
        text += fmt::format("Schedule in {0}, for heatsim run -s {0}\n", report.output);
    return text;
}

workload::Schedule found_schedule(const SearchReport& report, const workload::Schedule& form)
{
    const auto& best = report.search.best;
    auto schedule = sweep::schedule_of(form, best.stages);
    schedule.name = fmt::format("{}_at_{:g}_ms", report.model, report.latency_target_ms);
    schedule.description = fmt::format("found for {} on {}: {:.3f} ms simulated, target {:g} ms {}",
                                       report.model, report.accelerator, report.simulated_ms,
                                       report.latency_target_ms, report.met() ? "met" : "NOT met");
    schedule.source = fmt::format(
        "heatsim search {}; accuracy table {}: top-1 {:.2f} %, {:.2f} points below dense", version,
        report.accuracy_table, best.top1_percent.value_or(0.0), drop_points(report, best));
    return schedule;
}

std::string schedule_text(const workload::Schedule& schedule)
{
    config::Writer writer;
    writer.add_all(schedule);
    return writer.text();
}

} // namespace heatsim::report
