// SPDX-License-Identifier: Apache-2.0
#include "report/accuracy_report.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace heatsim::report {

using nlohmann::ordered_json;

namespace {

using Align = TextTable::Align;

[[nodiscard]] std::string figure(double value)
{
    return fmt::format("{:.6f}", value);
}

[[nodiscard]] std::string errors_text(const numerics::Accuracy& accuracy, const Style& style)
{
    TextTable table{{Align::Left, Align::Left, Align::Right, Align::Right, Align::Right}};
    table.add(
        {"implementation", "against", "largest", fmt::format("at {}", accuracy.where), "mean"});
    for (const auto& row : accuracy.errors)
        table.add({row.implementation, row.reference, figure(row.max),
                   fmt::format("{:.4f}", row.at), figure(row.mean)});
    return table.text(style);
}

[[nodiscard]] std::string derivatives_text(const numerics::Accuracy& accuracy, const Style& style)
{
    TextTable table{{Align::Right, Align::Right, Align::Right, Align::Right, Align::Right}};
    table.add({accuracy.delta.empty() ? "" : accuracy.delta, "largest |slope|", "at",
               "mean |slope|", "growth of an int8 step"});
    for (const auto& row : accuracy.derivatives)
        table.add({accuracy.delta.empty() ? "" : fmt::format("{:.2f}", row.delta),
                   fmt::format("{:.4f}", row.largest), fmt::format("{:.4f}", row.at),
                   fmt::format("{:.4f}", row.mean), fmt::format("{:.4f}", row.step_growth)});
    return table.text(style);
}

} // namespace

ordered_json accuracy_json(const numerics::Accuracy& accuracy)
{
    ordered_json errors = ordered_json::array();
    for (const auto& row : accuracy.errors)
        errors.push_back({{"implementation", row.implementation},
                          {"reference", row.reference},
                          {"max_error", row.max},
                          {"at", row.at},
                          {"mean_error", row.mean}});
    ordered_json derivatives = ordered_json::array();
    for (const auto& row : accuracy.derivatives)
        derivatives.push_back({{"delta", row.delta},
                               {"max_slope", row.largest},
                               {"at", row.at},
                               {"mean_slope", row.mean},
                               {"step_growth", row.step_growth}});
    return {
        {"function", accuracy.function},
        {"domain", accuracy.domain},
        {"at", accuracy.where},
        {"errors", std::move(errors)},
        {"delta", accuracy.delta},
        {"derivatives", std::move(derivatives)},
        {"curve", {{"columns", accuracy.curve.columns}, {"points", accuracy.curve.points}}},
    };
}

std::string accuracy_text(const numerics::Accuracy& accuracy, const Style& style)
{
    auto text = style.bold("Errors") + '\n';
    text += note_text("Over " + accuracy.domain + ".", style);
    text += errors_text(accuracy, style);
    if (!accuracy.derivatives.empty()) {
        text += '\n' + style.bold("Errors of the input") + '\n';
        text += note_text(
            "An error of the input is multiplied by the slope: below 1 it shrinks. Growth: largest "
            "change of the fixed-point result over the change of its input, one int8 step.",
            style);
        text += derivatives_text(accuracy, style);
    }
    return text;
}

} // namespace heatsim::report
