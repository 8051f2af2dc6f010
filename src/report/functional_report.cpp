// SPDX-License-Identifier: Apache-2.0
#include "report/functional_report.hpp"

#include "inference/integer_inference.hpp"
#include "inference/npy.hpp"
#include "report/csv_table.hpp"
#include "report/kept_picture.hpp"
#include "report/version.hpp"
#include "workload/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using Align = TextTable::Align;

/// A row of predictions.csv.
struct Prediction {
    std::uint64_t image = 0;
    std::string name;
    std::optional<std::uint32_t> label;
    const inference::Inference* inference = nullptr;

    [[nodiscard]] bool is_correct() const { return label && *label == inference->predicted; }
};

[[nodiscard]] std::vector<Prediction> predictions(const FunctionalRun& run)
{
    std::vector<Prediction> rows;
    rows.reserve(run.inferences->size());
    for (std::size_t i = 0; i < run.inferences->size(); ++i) {
        const auto number = run.number(i);
        rows.push_back({number, run.functional->images.image_name(number),
                        run.functional->images.label(number), &(*run.inferences)[i]});
    }
    return rows;
}

/// By how much the largest logit is above the second; 0 where there is one class.
[[nodiscard]] double logit_margin(const inference::Inference& inference)
{
    auto second = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < inference.logits.size(); ++i)
        if (i != inference.predicted)
            second = std::max(second, inference.logits[i]);
    return inference.logits.size() < 2 ? 0.0 : inference.logits[inference.predicted] - second;
}

[[nodiscard]] Field tokens_field(const std::string& stage)
{
    return {"n" + stage, "tokens", "integer",
            "tokens behind selector " + stage + " (class, patch and package tokens)"};
}

[[nodiscard]] Field kept_field(const std::string& selector)
{
    return {"kept" + selector, "patches", "integer",
            "patches that selector " + selector + " keeps"};
}

[[nodiscard]] std::vector<Column<Prediction>> prediction_table(std::size_t selectors)
{
    std::vector<Column<Prediction>> columns;
    const auto add = [&](Field field, std::function<std::string(const Prediction&)> cell) {
        columns.push_back({std::move(field), std::move(cell)});
    };
    add({"image", "", "integer",
         "number of the image in its set, from 0; rows are in the order of images.csv"},
        [](const auto& row) { return std::to_string(row.image); });
    add({"name", "", "text", "name of the image's file, or of its set and its number there"},
        [](const auto& row) { return quoted(row.name); });
    add({"label", "", "integer or empty", "class of the image, from 0; empty where nobody says it"},
        [](const auto& row) { return row.label ? std::to_string(*row.label) : std::string{}; });
    add({"predicted", "", "integer",
         "class of the largest logit, from 0; of equal ones, the first"},
        [](const auto& row) { return std::to_string(row.inference->predicted); });
    add({"correct", "", "0, 1 or empty", "whether that is the label; empty where there is none"},
        [](const auto& row) {
            return row.label ? std::string{row.is_correct() ? "1" : "0"} : std::string{};
        });
    add({"logit_margin", "", "real",
         "largest logit minus the second largest: how far the image is from another class"},
        [](const auto& row) { return real_text(logit_margin(*row.inference)); });
    for (std::size_t s = 1; s <= selectors; ++s)
        add(tokens_field(std::to_string(s)),
            [s](const Prediction& row) { return std::to_string(row.inference->tokens.at(s)); });
    for (std::size_t s = 1; s <= selectors; ++s)
        add(kept_field(std::to_string(s)), [s](const Prediction& row) {
            return std::to_string(row.inference->kept_patches.at(s - 1).size());
        });
    return columns;
}

[[nodiscard]] std::string file_name(const std::string& path)
{
    return std::filesystem::path{path}.filename().string();
}

} // namespace

FunctionalSummary summarize(const FunctionalRun& run)
{
    FunctionalSummary summary;
    summary.image_set = run.functional->images.name();
    summary.set_images = run.functional->images.size();
    summary.first_image = run.functional->first_image;
    summary.images = run.inferences->size();
    summary.weights = run.weights;
    summary.weights_hash = run.weights_hash;
    for (const auto& row : predictions(run)) {
        summary.labelled += row.label ? 1U : 0U;
        summary.correct += row.is_correct() ? 1U : 0U;
    }
    const auto& selectors = run.setup->schedule.selectors;
    const auto patches = run.setup->model.tokens() - run.setup->model.class_tokens;
    summary.stage_tokens.assign(selectors.size() + 1, Mean{0, summary.images});
    summary.selectors.reserve(selectors.size());
    for (const auto& selector : selectors)
        summary.selectors.push_back({selector.block(), Mean{0, summary.images}, 0.0});
    for (const auto& inference : *run.inferences) {
        for (std::size_t stage = 0; stage < summary.stage_tokens.size(); ++stage)
            summary.stage_tokens[stage].sum += inference.tokens.at(stage);
        for (std::size_t s = 0; s < selectors.size(); ++s)
            summary.selectors[s].patches.sum += inference.kept_patches.at(s).size();
    }
    for (auto& selector : summary.selectors)
        selector.percent = 100.0 * selector.patches.value() / static_cast<double>(patches);
    return summary;
}

void set_functional(Summary& summary, const FunctionalSummary& functional)
{
    summary.image_set = functional.image_set;
    summary.top1_percent.reset(); // what was published of the schedule is not of these images
    summary.top1_source.clear();
    if (functional.labelled == 0)
        return;
    summary.top1_percent = functional.top1_percent();
    summary.top1_source =
        fmt::format("computed, {} of {} images of {}", grouped(functional.correct),
                    grouped(functional.labelled), functional.image_set);
}

ordered_json functional_json(const FunctionalSummary& summary)
{
    ordered_json tokens = ordered_json::array();
    for (const auto& stage : summary.stage_tokens)
        tokens.push_back(stage.json());
    ordered_json selectors = ordered_json::array();
    for (const auto& selector : summary.selectors)
        selectors.push_back({{"before_block", selector.block},
                             {"kept_patches", selector.patches.json()},
                             {"kept_percent", selector.percent}});
    return {{"weights", summary.weights},
            {"weights_hash", summary.weights_hash},
            {"image_set", summary.image_set},
            {"set_images", summary.set_images},
            {"first_image", summary.first_image},
            {"images", summary.images},
            {"labelled", summary.labelled},
            {"correct", summary.correct},
            {"top1_percent",
             summary.labelled > 0 ? ordered_json(summary.top1_percent()) : ordered_json{}},
            {"tokens", std::move(tokens)},
            {"selectors", std::move(selectors)},
            {"pictures", summary.pictures}};
}

const std::vector<Field>& functional_fields()
{
    constexpr const char* number_type = "number (integer where exact)";
    static const std::vector<Field> fields{
        {"functional", "", "object",
         "with --functional: what the chip computed of the images; else the key is not there"},
        {"functional.weights", "", "text", "file of the quantized network"},
        {"functional.weights_hash", "", "text", "of its bytes: XXH3, 32 hexadecimal digits"},
        {"functional.image_set", "", "text", "where the images come from, as --images named it"},
        {"functional.set_images", "images", "integer", "images of the whole set"},
        {"functional.first_image", "", "integer", "number of the first image in its set, from 0"},
        {"functional.images", "images", "integer", "images that were computed"},
        {"functional.labelled", "images", "integer", "images whose class is known"},
        {"functional.correct", "images", "integer", "of those, the ones that were classified so"},
        {"functional.top1_percent", "%", "real or null",
         "correct / labelled; null where no image has a label"},
        {"functional.tokens", "tokens", "list of numbers",
         "tokens of every stage (class, patch and package tokens), mean over the images"},
        {"functional.selectors", "", "list", "what the selectors keep, in order"},
        {"functional.selectors[].before_block", "", "integer",
         "block in front of which the selector stands, from 1"},
        {"functional.selectors[].kept_patches", "patches", number_type,
         "patches that it keeps, mean over the images"},
        {"functional.selectors[].kept_percent", "%", "real",
         "the same of the patches of the unpruned image"},
        {"functional.pictures", "", "list of integers",
         "images whose picture is in the folder, as pictures/<image>.svg"},
    };
    return fields;
}

std::string functional_text(const FunctionalSummary& summary, const Style& style)
{
    auto text = style.bold("Computed") + style.dot();
    text +=
        fmt::format("{}{}network {}\n", summary.image_set, style.dot(), file_name(summary.weights));
    TextTable table{{Align::Left, Align::Left}};
    table.add({"  Top-1", summary.labelled == 0
                              ? std::string{"not known: no image has a label"}
                              : fmt::format("{:.2f} %, {} of {} images", summary.top1_percent(),
                                            grouped(summary.correct), grouped(summary.labelled))});
    for (std::size_t s = 0; s < summary.selectors.size(); ++s) {
        const auto& selector = summary.selectors[s];
        table.add(
            {fmt::format("  Selector {}, before block {}", s + 1, selector.block),
             fmt::format("keeps {:.1f} % of the patches{}{:.1f} tokens behind it", selector.percent,
                         style.dot(), summary.stage_tokens[s + 1].value())});
    }
    for (const auto& line : table.lines())
        text.append(line).append("\n");
    return text;
}

std::string predictions_csv(const FunctionalRun& run)
{
    return csv_table(prediction_table(run.setup->schedule.selectors.size()), predictions(run));
}

std::vector<Field> predictions_columns()
{
    auto fields = fields_of(prediction_table(0));
    fields.push_back(tokens_field("<stage>"));
    fields.push_back(kept_field("<selector>"));
    return fields;
}

std::string logits_npy(const FunctionalRun& run)
{
    std::vector<float> values;
    const auto classes = run.setup->model.classes;
    values.reserve(run.inferences->size() * classes);
    for (const auto& inference : *run.inferences)
        for (const auto logit : inference.logits)
            values.push_back(static_cast<float>(logit));
    return inference::npy(values, {run.inferences->size(), classes});
}

std::string kept_patches_npy(const FunctionalRun& run)
{
    const auto& model = run.setup->model;
    const auto rows = model.image_height_pixels / model.patch_size;
    const auto columns = model.image_width_pixels / model.patch_size;
    const auto selectors = run.setup->schedule.selectors.size();
    std::vector<std::uint8_t> values(run.inferences->size() * selectors * rows * columns, 0);
    std::size_t begin = 0;
    for (const auto& inference : *run.inferences)
        for (const auto& kept : inference.kept_patches) {
            for (const auto patch : kept)
                values.at(begin + patch) = 1;
            begin += rows * columns;
        }
    return inference::npy(values, {run.inferences->size(), selectors, rows, columns});
}

workload::TokenTrace recorded_trace(const FunctionalRun& run, std::string command)
{
    auto trace = workload::trace_without_images(run.setup->model, run.setup->schedule);
    trace.dataset = run.functional->images.name();
    trace.source = fmt::format("heatsim {}: functional run of {} ({})", version,
                               file_name(run.weights), run.weights_hash);
    trace.command = std::move(command);
    bool all_labelled = true;
    const auto rows = predictions(run);
    trace.images.reserve(rows.size());
    trace.image_ids.reserve(rows.size());
    trace.correct.reserve(rows.size());
    trace.predicted.reserve(rows.size());
    for (const auto& row : rows) {
        trace.images.push_back(row.inference->tokens);
        trace.image_ids.push_back(row.image);
        trace.correct.push_back(row.is_correct());
        trace.predicted.push_back(std::to_string(row.inference->predicted));
        all_labelled = all_labelled && row.label.has_value();
    }
    if (!all_labelled)
        trace.correct.clear();
    return trace;
}

std::vector<std::string> tensor_names(const system::RunSetup& setup)
{
    const auto workload =
        workload::lower(setup.model, setup.schedule,
                        workload::TokenCounts(setup.schedule.stages(), setup.model.tokens()));
    std::vector<std::string> names{"image"};
    names.reserve(workload.operators.size() + 1);
    for (const auto& op : workload.operators)
        names.push_back(op.name);
    return names;
}

std::vector<std::string> matching_names(const std::vector<std::string>& names,
                                        const std::string& pattern)
{
    // greedy with one step back: where a letter differs, the last `*` takes one more
    const auto matches = [&pattern](const std::string& name) {
        std::size_t at = 0;
        std::size_t star = std::string::npos;
        std::size_t taken = 0;
        for (std::size_t i = 0; i < name.size();) {
            if (at < pattern.size() && pattern[at] == '*') {
                star = at++;
                taken = i;
            } else if (at < pattern.size() && pattern[at] == name[i]) {
                ++at;
                ++i;
            } else if (star != std::string::npos) {
                at = star + 1;
                i = ++taken;
            } else {
                return false;
            }
        }
        return pattern.find_first_not_of('*', at) == std::string::npos;
    };
    std::vector<std::string> found;
    std::copy_if(names.begin(), names.end(), std::back_inserter(found), matches);
    return found;
}

std::vector<NamedText> tensor_files(const FunctionalRun& run, const std::vector<std::string>& names)
{
    const std::set<std::string_view> wanted{names.begin(), names.end()};
    std::vector<NamedText> files;
    for (std::size_t i = 0; i < run.inferences->size(); ++i) {
        const auto number = run.number(i);
        const auto keep = [&](std::string_view name, const std::int8_t* data, std::size_t rows,
                              std::size_t columns) {
            if (wanted.count(name) == 0)
                return;
            files.emplace_back(fmt::format("tensors/{}/{}.npy", number, name),
                               inference::npy(std::vector<std::int8_t>(data, data + rows * columns),
                                              {rows, columns}));
        };
        (void)inference::infer(run.functional->network, run.setup->model, run.setup->schedule,
                               run.functional->images.image(number), keep);
    }
    return files;
}

std::string picture_file(std::uint64_t image)
{
    return fmt::format("pictures/{}.svg", image);
}

std::vector<NamedText> picture_files(const FunctionalRun& run, std::size_t count)
{
    const auto rows = predictions(run);
    const auto pictures = std::min(count, rows.size());
    std::vector<NamedText> files;
    files.reserve(pictures);
    for (std::size_t i = 0; i < pictures; ++i) {
        const auto& row = rows[i];
        files.emplace_back(picture_file(row.image),
                           kept_picture(run.setup->model, run.setup->schedule,
                                        run.functional->images.image(row.image), row.name,
                                        row.label, *row.inference));
    }
    return files;
}

} // namespace heatsim::report
