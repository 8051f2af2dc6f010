// SPDX-License-Identifier: Apache-2.0
#include "report/quantization_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace heatsim::report {

using inference::TensorError;
using inference::TensorKind;
using nlohmann::ordered_json;

namespace {

using Align = TextTable::Align;

constexpr double whole_percent = 100.0;

struct KindName {
    TensorKind kind;
    const char* name;  ///< in JSON
    const char* title; ///< in text
};
constexpr std::array<KindName, 4> kind_names{{
    {TensorKind::Weights, "weights", "weights"},
    {TensorKind::TokenStream, "token_stream", "token stream"},
    {TensorKind::Activations, "activations", "activations"},
    {TensorKind::UnitFormats, "unit_formats", "unit formats"},
}};

[[nodiscard]] const char* name_of(TensorKind kind)
{
    for (const auto& entry : kind_names)
        if (entry.kind == kind)
            return entry.name;
    return "";
}

/// dB; infinite where nothing is lost.
[[nodiscard]] double signal_to_noise(const TensorError& error)
{
    constexpr double decibels_per_decade = 10.0;
    return decibels_per_decade * std::log10(error.signal / error.noise);
}

[[nodiscard]] double percent(double part, double whole)
{
    return whole > 0.0 ? whole_percent * part / whole : 0.0;
}

/// Null where it is no number: a tensor of zeros, or one that loses nothing.
[[nodiscard]] ordered_json finite(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json{};
}

/// Tensors of one kind together.
struct KindSummary {
    std::size_t tensors = 0;
    double mean = 0.0;                  ///< signal to noise, dB, over tensors that lose something
    const TensorError* worst = nullptr; ///< null: no tensor loses anything
    double saturated_percent = 0.0;
};

[[nodiscard]] KindSummary summary_of(const QuantizationReport& report, TensorKind kind)
{
    KindSummary summary;
    std::size_t measured = 0;
    double values = 0.0;
    double saturated = 0.0;
    for (const auto& error : report.errors) {
        if (error.kind != kind)
            continue;
        ++summary.tensors;
        values += error.values;
        saturated += error.saturated;
        const auto ratio = signal_to_noise(error);
        if (!std::isfinite(ratio))
            continue;
        summary.mean += ratio;
        ++measured;
        if (summary.worst == nullptr || ratio < signal_to_noise(*summary.worst))
            summary.worst = &error;
    }
    if (measured > 0)
        summary.mean /= static_cast<double>(measured);
    summary.saturated_percent = percent(saturated, values);
    return summary;
}

} // namespace

std::string power_of_two_name(const inference::QuantizerOptions& options)
{
    if (options.power_of_two_activations)
        return options.power_of_two_weights ? "all" : "activations";
    return options.power_of_two_weights ? "weights" : "none";
}

ordered_json quantization_json(const QuantizationReport& report)
{
    ordered_json kinds = ordered_json::array();
    for (const auto& entry : kind_names) {
        const auto summary = summary_of(report, entry.kind);
        const auto* const worst = summary.worst;
        kinds.push_back(
            {{"kind", entry.name},
             {"tensors", summary.tensors},
             {"mean_db", worst == nullptr ? ordered_json{} : ordered_json(summary.mean)},
             {"worst_db", worst == nullptr ? ordered_json{} : finite(signal_to_noise(*worst))},
             {"worst", worst == nullptr ? ordered_json{} : ordered_json(worst->name)},
             {"saturated_percent", summary.saturated_percent}});
    }
    ordered_json tensors = ordered_json::array();
    for (const auto& error : report.errors)
        tensors.push_back({{"name", error.name},
                           {"kind", name_of(error.kind)},
                           {"values", static_cast<std::uint64_t>(error.values)},
                           {"signal_to_noise_db", finite(signal_to_noise(error))},
                           {"saturated_percent", percent(error.saturated, error.values)}});
    return {{"version", version},
            {"model", report.model},
            {"schedule", report.schedule},
            {"weights", report.weights},
            {"output", report.output},
            {"bytes", report.bytes},
            {"file_tensors", report.tensors},
            {"images", report.images},
            {"image_count", report.image_count},
            {"gelu_delta", report.functions.gelu_delta},
            {"softmax_delta", report.functions.softmax_delta},
            {"percentile", report.options.percentile},
            {"power_of_two", power_of_two_name(report.options)},
            {"residual_scales", report.options.residual_per_channel ? "channel" : "tensor"},
            {"kinds", std::move(kinds)},
            {"tensors", std::move(tensors)}};
}

std::vector<Field> quantization_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"model", "", "text", "name of the network"},
        {"schedule", "", "text", "name of the pruning schedule"},
        {"weights", "", "text", "file of the weights in floats"},
        {"output", "", "text", "file of the quantized network"},
        {"bytes", "B", "integer", "size of that file"},
        {"file_tensors", "", "integer", "tensors in that file"},
        {"images", "", "text", "image set that activations were measured on"},
        {"image_count", "images", "integer", "how many of its images, spread evenly"},
        {"gelu_delta", "", "real", "δ1 of the GELU units"},
        {"softmax_delta", "", "real", "δ2 of the attention's softmax units"},
        {"percentile", "%", "real",
         "share of the magnitudes of a tensor that the code 127 covers; larger ones saturate"},
        {"power_of_two", "", "none, activations, weights or all",
         "which scales are powers of two, beside those of the units' formats"},
        {"residual_scales", "", "channel or tensor", "what the token stream has a scale per"},
        {"kinds", "", "list", "tensors by what they have a scale for"},
        {"kinds[].kind", "", "text",
         "weights (a scale per output channel), token_stream, activations (per tensor) or "
         "unit_formats (powers of two: inputs of nonlinear units, attention probabilities)"},
        {"kinds[].tensors", "", "integer", "how many tensors"},
        {"kinds[].mean_db", "dB", "real or null",
         "mean of their signal_to_noise_db; null: none loses anything"},
        {"kinds[].worst_db", "dB", "real or null", "lowest signal_to_noise_db"},
        {"kinds[].worst", "", "text or null", "tensor that has it"},
        {"kinds[].saturated_percent", "%", "real", "share of all their values that saturate"},
        {"tensors", "", "list", "what each tensor loses by becoming integers"},
        {"tensors[].name", "", "text", "operator of the workload"},
        {"tensors[].kind", "", "text", "one of kinds[].kind"},
        {"tensors[].values", "", "integer", "numbers: weights, or of all calibration images"},
        {"tensors[].signal_to_noise_db", "dB", "real or null",
         "10 log10 of the sum of squares over that of the errors of rounding and saturation, "
         "without errors of inputs; null: nothing is lost"},
        {"tensors[].saturated_percent", "%", "real",
         "share of the values beyond the largest code, from a histogram of 32 bins per octave"},
    };
}

std::string quantization_text(const QuantizationReport& report, const Style& style)
{
    auto text = style.bold(report.output) + style.dot() +
                fmt::format("{} tensors{}{}\n", report.tensors, style.dot(),
                            bytes_text(static_cast<double>(report.bytes)));
    text += style.dim(fmt::format("{}, schedule {}{}calibrated on {} images of {}", report.model,
                                  report.schedule, style.dot(), grouped(report.image_count),
                                  report.images));
    text += "\n\n";
    TextTable table{
        {Align::Left, Align::Right, Align::Right, Align::Right, Align::Left, Align::Right}};
    table.add({"", "tensors", "mean dB", "worst dB", "in", "saturated %"});
    for (const auto& entry : kind_names) {
        const auto summary = summary_of(report, entry.kind);
        const auto* const worst = summary.worst;
        table.add({entry.title, std::to_string(summary.tensors),
                   worst == nullptr ? "" : fmt::format("{:.1f}", summary.mean),
                   worst == nullptr ? "" : fmt::format("{:.1f}", signal_to_noise(*worst)),
                   worst == nullptr ? "" : worst->name,
                   fmt::format("{:.4f}", summary.saturated_percent)});
    }
    text += table.text(style);
    text += note_text("Signal to noise of rounding and saturation alone, tensor by tensor over the "
                      "calibration images. What it does to a network's answers: heatsim explain "
                      "accuracy.",
                      style);
    return text;
}

} // namespace heatsim::report
