// SPDX-License-Identifier: Apache-2.0
#include "report/network_accuracy_report.hpp"

#include "config/pending_file.hpp"
#include "report/version.hpp"
#include "workload/trace_statistics.hpp"
#include "workload/trace_writer.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace heatsim::report {

using nlohmann::ordered_json;
using system::AccuracyRow;
using system::Arithmetic;
using workload::percent_of;

namespace {

using Align = TextTable::Align;

[[nodiscard]] const char* name_of(Arithmetic arithmetic)
{
    return arithmetic == Arithmetic::Float ? "fp32" : "int8";
}

[[nodiscard]] std::vector<double> mean_tokens(const AccuracyRow& row, std::uint64_t images)
{
    std::vector<double> means;
    means.reserve(row.tokens.size());
    for (const auto sum : row.tokens)
        means.push_back(static_cast<double>(sum) / static_cast<double>(images));
    return means;
}

/// `143.8 / 83.1 / 47.6`
[[nodiscard]] std::string tokens_text(const std::vector<double>& tokens)
{
    return fmt::format("{:.1f}", fmt::join(tokens, " / "));
}

} // namespace

ordered_json network_accuracy_json(const NetworkAccuracyReport& report)
{
    const auto images = report.accuracy.images;
    ordered_json rows = ordered_json::array();
    for (const auto& row : report.accuracy.rows) {
        ordered_json json{{"functions", row.functions.name},
                          {"arithmetic", name_of(row.arithmetic)},
                          {"top1_percent", report.accuracy.labelled
                                               ? ordered_json(percent_of(row.correct, images))
                                               : ordered_json{}},
                          {"tokens", mean_tokens(row, images)},
                          {"same_prediction_percent", percent_of(row.same_predictions, images)},
                          {"same_counts_percent", percent_of(row.same_counts, images)},
                          {"recorded_top1_percent", nullptr},
                          {"recorded_tokens", ordered_json::array()}};
        if (row.recorded) {
            json["recorded_top1_percent"] = row.recorded->top1_percent;
            json["recorded_tokens"] = row.recorded->tokens;
        }
        rows.push_back(std::move(json));
    }
    return {{"version", version},
            {"model", report.model},
            {"schedule", report.schedule},
            {"weights", report.weights},
            {"images", report.images},
            {"image_count", images},
            {"calibration", report.calibration},
            {"calibration_images", report.calibration_images},
            {"recorded", report.recorded.empty() ? ordered_json{} : ordered_json(report.recorded)},
            {"rows", std::move(rows)}};
}

std::string trace_file_name(const system::FunctionSet& functions, Arithmetic arithmetic)
{
    return fmt::format("{}_{}.csv.gz", name_of(arithmetic), functions.name);
}

std::vector<NamedText> network_accuracy_traces(const NetworkAccuracyReport& report,
                                               const workload::TokenTrace& header,
                                               const system::ImageSample& sample,
                                               const std::string& command)
{
    std::vector<NamedText> files;
    files.reserve(report.accuracy.rows.size());
    for (const auto& row : report.accuracy.rows) {
        auto trace = header;
        trace.dataset = report.images;
        trace.source = fmt::format("heatsim {}: {} inferred in {}, functions {}", version,
                                   report.weights, name_of(row.arithmetic), row.functions.name);
        trace.command = command;
        for (std::size_t i = 0; i < row.answers.size(); ++i) {
            const auto& answer = row.answers[i];
            trace.image_ids.push_back(sample.indices[i]);
            trace.images.push_back(answer.tokens);
            trace.predicted.push_back(std::to_string(answer.predicted));
            if (report.accuracy.labelled)
                trace.correct.push_back(answer.predicted == sample.images.label(sample.indices[i]));
        }
        files.emplace_back(trace_file_name(row.functions, row.arithmetic),
                           config::gzip_of(workload::trace_text(trace)));
    }
    return files;
}

std::vector<Field> network_accuracy_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"model", "", "text", "name of the network"},
        {"schedule", "", "text", "name of the pruning schedule"},
        {"weights", "", "text", "file of the weights in floats"},
        {"images", "", "text", "image set that was inferred"},
        {"image_count", "images", "integer", "how many of its images, spread evenly"},
        {"calibration", "", "text", "image set that int8 was calibrated on"},
        {"calibration_images", "images", "integer", "how many of its images, spread evenly"},
        {"recorded", "", "text or null",
         "network of validation/quantization.csv that is shown beside; null: none"},
        {"rows", "", "list", "functions × arithmetic"},
        {"rows[].functions", "", "text",
         "exact, gelu_δ, softmax_δ, sigmoid or all_δ: which functions are approximated"},
        {"rows[].arithmetic", "", "text", "fp32, or int8 quantized for these functions"},
        {"rows[].top1_percent", "%", "real or null",
         "images whose class is the label; null: an image has no label"},
        {"rows[].tokens", "tokens", "list of real", "mean behind each selector, all tokens"},
        {"rows[].same_prediction_percent", "%", "real",
         "images that get the class that exact functions in fp32 give"},
        {"rows[].same_counts_percent", "%", "real",
         "images that keep as many tokens in every stage as with exact functions in fp32"},
        {"rows[].recorded_top1_percent", "%", "real or null",
         "recorded with the same functions in fp32 or int8; null: not recorded"},
        {"rows[].recorded_tokens", "tokens", "list of real",
         "recorded mean behind each selector; empty: not recorded"},
    };
}

std::string network_accuracy_text(const NetworkAccuracyReport& report, const Style& style)
{
    const auto& accuracy = report.accuracy;
    const bool prunes = !accuracy.rows.front().tokens.empty();
    const bool is_recorded = !report.recorded.empty();
    auto text = style.bold(report.weights) + style.dot() +
                fmt::format("{} images of {}\n", grouped(accuracy.images), report.images);
    text += style.dim(fmt::format("{}, schedule {}{}int8 calibrated on {} images of {}",
                                  report.model, report.schedule, style.dot(),
                                  grouped(report.calibration_images), report.calibration));
    text += "\n\n";
    std::vector<Align> aligns{Align::Left, Align::Left, Align::Right};
    std::vector<std::string> heading{"functions", "", "top-1 %"};
    const auto add_column = [&](const char* title) {
        aligns.push_back(Align::Right);
        heading.emplace_back(title);
    };
    if (prunes)
        add_column("tokens");
    add_column("same class %");
    if (prunes)
        add_column("same counts %");
    if (is_recorded)
        add_column("recorded %");
    if (is_recorded && prunes)
        add_column("tokens");
    TextTable table{aligns};
    table.add(heading);
    for (const auto& row : accuracy.rows) {
        std::vector<std::string> cells{
            row.arithmetic == Arithmetic::Float ? row.functions.title : "", name_of(row.arithmetic),
            accuracy.labelled ? fmt::format("{:.2f}", percent_of(row.correct, accuracy.images))
                              : ""};
        if (prunes)
            cells.push_back(tokens_text(mean_tokens(row, accuracy.images)));
        cells.push_back(fmt::format("{:.2f}", percent_of(row.same_predictions, accuracy.images)));
        if (prunes)
            cells.push_back(fmt::format("{:.2f}", percent_of(row.same_counts, accuracy.images)));
        if (is_recorded)
            cells.push_back(row.recorded ? fmt::format("{:.2f}", row.recorded->top1_percent) : "");
        if (is_recorded && prunes)
            cells.push_back(row.recorded ? tokens_text(row.recorded->tokens) : "");
        table.add(std::move(cells));
    }
    text += table.text(style);
    text +=
        note_text("The same class, the same token counts: as with exact functions in fp32.", style);
    return text;
}

} // namespace heatsim::report
