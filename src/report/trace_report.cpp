// SPDX-License-Identifier: Apache-2.0
#include "report/trace_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace heatsim::report {

using nlohmann::ordered_json;
using workload::percent_of;
using workload::SampleStatistics;

namespace {

[[nodiscard]] ordered_json statistics_of(const SampleStatistics& sample)
{
    return {{"mean", sample.mean}, {"std", sample.standard_deviation},
            {"min", sample.min},   {"p5", sample.p5},
            {"p50", sample.p50},   {"p95", sample.p95},
            {"max", sample.max}};
}

template <typename T>
[[nodiscard]] ordered_json or_null(const std::optional<T>& value)
{
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

[[nodiscard]] ordered_json text_or_null(const std::string& text)
{
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

[[nodiscard]] std::string package_token_of(const workload::TokenTrace& trace)
{
    return config::name_of(trace.package_token, workload::package_token_names);
}

[[nodiscard]] ordered_json selectors_json(const workload::TraceStatistics& statistics)
{
    ordered_json selectors = ordered_json::array();
    for (std::size_t i = 0; i < statistics.selectors.size(); ++i) {
        const auto& selector = statistics.selectors[i];
        ordered_json bins = ordered_json::array();
        for (const auto& bin : selector.tokens_histogram)
            bins.push_back({{"from", bin.from}, {"to", bin.to}, {"images", bin.images}});
        ordered_json correlations = ordered_json::array();
        for (const auto& value : statistics.correlations[i])
            correlations.push_back(or_null(value));
        selectors.push_back({{"selector", i + 1},
                             {"before_block", selector.before_block},
                             {"target_keep_ratio", or_null(selector.target_keep_ratio)},
                             {"tokens", statistics_of(selector.tokens)},
                             {"kept_patches", statistics_of(selector.kept_patches)},
                             {"keep_ratio", statistics_of(selector.keep_ratio)},
                             {"correlations", std::move(correlations)},
                             {"tokens_histogram", std::move(bins)}});
    }
    return selectors;
}

/// `145.2`, or `139` where the sample does not vary.
[[nodiscard]] std::string mean_text(const SampleStatistics& sample)
{
    return sample.min == sample.max ? fmt::format("{:g}", sample.mean)
                                    : fmt::format("{:.1f}", sample.mean);
}

[[nodiscard]] std::string percent_text(double ratio)
{
    return fmt::format("{:.1f} %", 100.0 * ratio);
}

using Align = TextTable::Align;

[[nodiscard]] std::string selector_table(const TraceReport& report, const Style& style)
{
    TextTable table{{Align::Right, Align::Right, Align::Right, Align::Right, Align::Right,
                     Align::Right, Align::Right, Align::Right, Align::Right, Align::Right,
                     Align::Right}};
    table.add({"selector", "before block", "tokens", "std", "min", "p5", "p50", "p95", "max",
               "keep ratio", "target"});
    for (std::size_t i = 0; i < report.statistics.selectors.size(); ++i) {
        const auto& selector = report.statistics.selectors[i];
        const auto& tokens = selector.tokens;
        const auto& target = selector.target_keep_ratio;
        table.add({fmt::format("{}", i + 1), fmt::format("{}", selector.before_block),
                   mean_text(tokens), fmt::format("{:.1f}", tokens.standard_deviation),
                   fmt::format("{:g}", tokens.min), fmt::format("{:g}", tokens.p5),
                   fmt::format("{:g}", tokens.p50), fmt::format("{:g}", tokens.p95),
                   fmt::format("{:g}", tokens.max), percent_text(selector.keep_ratio.mean),
                   target ? percent_text(*target) : "-"});
    }
    return table.text(style);
}

/// `1-2 0.76, 1-3 0.67, 2-3 0.83`, or empty where no two counts vary.
[[nodiscard]] std::string correlations_text(const workload::TraceStatistics& statistics)
{
    std::vector<std::string> pairs;
    for (std::size_t i = 0; i < statistics.correlations.size(); ++i)
        for (std::size_t j = i + 1; j < statistics.correlations.size(); ++j)
            if (const auto& value = statistics.correlations[i][j]; value)
                pairs.push_back(fmt::format("{}-{} {:.2f}", i + 1, j + 1, *value));
    return fmt::format("{}", fmt::join(pairs, ", "));
}

[[nodiscard]] bool varies(const workload::TraceStatistics& statistics)
{
    return std::any_of(
        statistics.selectors.begin(), statistics.selectors.end(),
        [](const auto& selector) { return selector.tokens.min != selector.tokens.max; });
}

[[nodiscard]] std::string facts(const TraceReport& report, const Style& style)
{
    const auto& statistics = report.statistics;
    std::string text;
    const auto add = [&](const std::string& name, const std::string& value) {
        constexpr std::size_t name_width = 14;
        if (!value.empty())
            text += pad_right(name, name_width) + value + '\n';
    };
    add("correlation", correlations_text(statistics));
    add("unpruned", fmt::format("{:.2f} % of the images", statistics.unpruned_percent));
    if (report.gmacs)
        add("GMACs", fmt::format("{} {} {} per image ({})", significant(report.gmacs->mean),
                                 style.plus_minus(),
                                 significant(report.gmacs->standard_deviation, 3), report.model));
    if (statistics.top1_percent)
        add("top-1", fmt::format("{:.2f} %", *statistics.top1_percent));
    return text;
}

[[nodiscard]] std::string accuracy_text(const TraceReport& report, const Style& style)
{
    const auto& groups = report.statistics.accuracy_by_tokens;
    if (groups.empty())
        return "";
    TextTable table{{Align::Left, Align::Right, Align::Right}};
    table.add({"mean tokens behind the selectors", "images", "top-1 %"});
    for (const auto& group : groups)
        table.add({fmt::format("{:.1f} to {:.1f}", group.min_tokens, group.max_tokens),
                   grouped(group.images), fmt::format("{:.2f}", group.top1_percent)});
    auto text = '\n' + style.bold("Accuracy by token count, quarters of the images") + '\n';
    text += table.text(style);
    if (const auto& value = report.statistics.correlation_tokens_correct; value)
        text += note_text(fmt::format("Correlation of tokens with being right: {:+.2f}", *value),
                          style);
    return text;
}

[[nodiscard]] std::string histogram_text(const TraceReport& report, const Style& style)
{
    constexpr std::size_t bar_width = 60;
    std::string text;
    for (std::size_t i = 0; i < report.statistics.selectors.size(); ++i) {
        const auto& selector = report.statistics.selectors[i];
        if (selector.tokens.min == selector.tokens.max)
            continue;
        std::size_t most = 1;
        for (const auto& bin : selector.tokens_histogram)
            most = std::max(most, bin.images);
        TextTable table{{Align::Right, Align::Right, Align::Left}};
        table.add({"tokens", "images", ""});
        for (const auto& bin : selector.tokens_histogram)
            table.add(
                {bin.from == bin.to ? fmt::format("{}", bin.from)
                                    : fmt::format("{} to {}", bin.from, bin.to),
                 grouped(bin.images),
                 style.accent(style.bar(static_cast<double>(bin.images) / static_cast<double>(most),
                                        bar_width))});
        text +=
            '\n' +
            style.bold(fmt::format("Selector {}, before block {}", i + 1, selector.before_block)) +
            '\n' + table.text(style);
    }
    return text;
}

} // namespace

TraceReport inspect(workload::TokenTrace trace,
                    const workload::Model* model,
                    const workload::Schedule& schedule)
{
    TraceReport report;
    report.statistics = workload::trace_statistics(trace);
    if (model != nullptr) {
        report.model = model->name;
        report.gmacs =
            workload::sample_statistics(workload::image_gmacs(*model, schedule, trace.images));
    }
    report.trace = std::move(trace);
    return report;
}

ordered_json trace_json(const TraceReport& report)
{
    const auto& trace = report.trace;
    const auto& statistics = report.statistics;
    ordered_json groups = ordered_json::array();
    for (const auto& group : statistics.accuracy_by_tokens)
        groups.push_back({{"images", group.images},
                          {"min_tokens", group.min_tokens},
                          {"max_tokens", group.max_tokens},
                          {"top1_percent", group.top1_percent}});
    return {
        {"version", version},
        {"trace", trace.path},
        {"model", text_or_null(trace.model)},
        {"dataset", text_or_null(trace.dataset)},
        {"schedule", text_or_null(trace.schedule_name)},
        {"package_token", package_token_of(trace)},
        {"class_tokens", trace.class_tokens},
        {"unpruned_tokens", trace.tokens},
        {"convention", text_or_null(trace.convention)},
        {"source", text_or_null(trace.source)},
        {"command", text_or_null(trace.command)},
        {"images", trace.images.size()},
        {"selectors", selectors_json(statistics)},
        {"unpruned_percent", statistics.unpruned_percent},
        {"stated_top1_percent", or_null(trace.top1_percent)},
        {"top1_percent", or_null(statistics.top1_percent)},
        {"accuracy_by_tokens", std::move(groups)},
        {"correlation_tokens_correct", or_null(statistics.correlation_tokens_correct)},
        {"gmacs_model", text_or_null(report.model)},
        {"gmacs", report.gmacs ? statistics_of(*report.gmacs) : ordered_json(nullptr)},
    };
}

std::string trace_text(const TraceReport& report, const Style& style)
{
    const auto& trace = report.trace;
    const auto name_of = [](const std::string& name) { return name.empty() ? "not named" : name; };
    auto text = style.bold(std::filesystem::path{trace.path}.filename().string()) + style.dot() +
                grouped(trace.images.size()) + (trace.images.size() == 1 ? " image" : " images") +
                '\n';
    std::vector<std::pair<std::string, std::string>> header{
        {"model",
         fmt::format("{}, {} tokens unpruned, {} of them class token{}", name_of(trace.model),
                     trace.tokens, trace.class_tokens, trace.class_tokens == 1 ? "" : "s")},
        {"schedule", fmt::format("{}, package token: {}", name_of(trace.schedule_name),
                                 package_token_of(trace))},
        {"dataset", trace.dataset},
        {"convention", trace.convention},
        {"source", trace.source},
        {"command", trace.command}};
    constexpr std::size_t name_width = 14;
    for (const auto& [name, value] : header) {
        if (value.empty())
            continue;
        auto start = pad_right(name, name_width);
        for (const auto& line : wrapped(value, page_width - name_width)) {
            text += style.dim(start + line) + '\n';
            start.assign(name_width, ' ');
        }
    }
    text += '\n';
    if (report.statistics.selectors.empty())
        text += "No selectors: every image keeps all its tokens.\n";
    else
        text += selector_table(report, style);
    text += '\n' + facts(report, style);
    if (!report.statistics.selectors.empty() && !varies(report.statistics))
        text += note_text("All images have the same token counts.", style);
    return text + accuracy_text(report, style) + histogram_text(report, style);
}

std::string
trace_written_text(const TraceReport& report, const std::string& path, const Style& style)
{
    auto text = fmt::format("{}: {} images\n", path, grouped(report.trace.images.size()));
    if (!report.statistics.selectors.empty())
        text += '\n' + selector_table(report, style);
    return text + '\n' + facts(report, style);
}

namespace {

[[nodiscard]] ordered_json percent_or_null(const std::optional<std::size_t>& part,
                                           std::size_t whole)
{
    return part ? ordered_json(percent_of(*part, whole)) : ordered_json(nullptr);
}

} // namespace

ordered_json trace_comparison_json(const TraceComparisonReport& report)
{
    const auto& comparison = report.comparison;
    const auto images = comparison.images;
    ordered_json selectors = ordered_json::array();
    for (std::size_t i = 0; i < comparison.selectors.size(); ++i) {
        const auto& selector = comparison.selectors[i];
        selectors.push_back({{"selector", i + 1},
                             {"before_block", selector.before_block},
                             {"first_tokens", selector.first_mean},
                             {"second_tokens", selector.second_mean},
                             {"mean_difference", selector.mean_magnitude},
                             {"largest_difference", selector.largest},
                             {"same_percent", percent_of(selector.same, images)}});
    }
    return {{"version", version},
            {"first", report.first},
            {"second", report.second},
            {"images", images},
            {"only_first", comparison.only_first},
            {"only_second", comparison.only_second},
            {"first_top1_percent", percent_or_null(comparison.first_correct, images)},
            {"second_top1_percent", percent_or_null(comparison.second_correct, images)},
            {"same_prediction_percent", percent_or_null(comparison.same_predictions, images)},
            {"same_counts_percent", percent_of(comparison.same_counts, images)},
            {"selectors", std::move(selectors)}};
}

std::vector<Field> trace_comparison_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"first", "", "text", "path of the first token trace"},
        {"second", "", "text", "path of the second one"},
        {"images", "images", "integer", "images that both traces have, by their column image"},
        {"only_first", "images", "integer", "images that the second trace does not have"},
        {"only_second", "images", "integer", "images that the first trace does not have"},
        {"first_top1_percent", "%", "real or null",
         "images of both that the first trace has right; null: it does not say it"},
        {"second_top1_percent", "%", "real or null", "the same of the second trace"},
        {"same_prediction_percent", "%", "real or null",
         "images that get the same class; null: a trace has no column predicted"},
        {"same_counts_percent", "%", "real", "images with equal counts behind every selector"},
        {"selectors", "", "list", "one per selector"},
        {"selectors[].selector", "", "integer", "number of the selector, from 1"},
        {"selectors[].before_block", "", "integer", "block behind it, from 1"},
        {"selectors[].first_tokens", "tokens", "real", "mean count of the first trace"},
        {"selectors[].second_tokens", "tokens", "real", "mean count of the second trace"},
        {"selectors[].mean_difference", "tokens", "real",
         "mean magnitude of the difference, image by image"},
        {"selectors[].largest_difference", "tokens", "integer", "largest magnitude of those"},
        {"selectors[].same_percent", "%", "real", "images with equal counts behind it"},
    };
}

std::string trace_comparison_text(const TraceComparisonReport& report, const Style& style)
{
    const auto& comparison = report.comparison;
    const auto images = comparison.images;
    auto text = style.bold(report.first) + style.dot() + style.bold(report.second) + '\n';
    text += style.dim(fmt::format("{} images in both", grouped(images)));
    for (const auto& [file, count] : {std::pair{&report.first, comparison.only_first},
                                      std::pair{&report.second, comparison.only_second}})
        if (count > 0)
            text += style.dot() + style.dim(fmt::format("{} only in {}", grouped(count), *file));
    text += "\n\n";
    if (!comparison.selectors.empty()) {
        TextTable table{{Align::Right, Align::Right, Align::Right, Align::Right, Align::Right,
                         Align::Right, Align::Right}};
        table.add({"selector", "before block", "first", "second", "mean |difference|", "largest",
                   "same %"});
        for (std::size_t i = 0; i < comparison.selectors.size(); ++i) {
            const auto& selector = comparison.selectors[i];
            table.add({fmt::format("{}", i + 1), fmt::format("{}", selector.before_block),
                       fmt::format("{:.2f}", selector.first_mean),
                       fmt::format("{:.2f}", selector.second_mean),
                       fmt::format("{:.2f}", selector.mean_magnitude),
                       fmt::format("{}", selector.largest),
                       fmt::format("{:.2f}", percent_of(selector.same, images))});
        }
        text += table.text(style);
        text += fmt::format("same counts    {:.2f} % of the images, behind every selector\n",
                            percent_of(comparison.same_counts, images));
    }
    if (comparison.same_predictions)
        text += fmt::format("same class     {:.2f} % of the images\n",
                            percent_of(*comparison.same_predictions, images));
    const auto top1 = [&](const std::optional<std::size_t>& correct) {
        return correct ? fmt::format("{:.2f} %", percent_of(*correct, images)) : "unknown";
    };
    if (comparison.first_correct || comparison.second_correct)
        text += fmt::format("top-1          {} and {}\n", top1(comparison.first_correct),
                            top1(comparison.second_correct));
    return text;
}

} // namespace heatsim::report
