// SPDX-License-Identifier: Apache-2.0
#include "app/functional.hpp"

#include "config/text_file.hpp"
#include "inference/integer_network_file.hpp"
#include "system/content_hash.hpp"
#include "workload/trace_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace heatsim::app {

namespace {

constexpr std::size_t default_pictures = 16;
constexpr std::size_t most_dumped_images = 64;

/// Options that mean nothing without --functional.
void refuse_without_functional(const FunctionalOptions& options,
                               std::vector<config::Violation>& violations)
{
    const std::array<std::pair<const char*, bool>, 6> given{{
        {"--weights", options.weights.has_value()},
        {"--images", options.images.has_value()},
        {"--first-image", options.first_image.has_value()},
        {"--record-trace", options.record_trace.has_value()},
        {"--dump", !options.dump.empty()},
        {"--pictures", options.pictures.has_value()},
    }};
    for (const auto& [option, is_given] : given)
        if (is_given)
            refuse_option(violations, option, "nothing is computed", "--functional beside it");
}

/// The operators that --dump names, each once, in their order.
[[nodiscard]] std::vector<std::string> tensors_of(const std::vector<std::string>& patterns,
                                                  const system::RunSetup& setup,
                                                  std::vector<config::Violation>& violations)
{
    const auto names = report::tensor_names(setup);
    std::vector<std::string> wanted;
    for (const auto& pattern : patterns) {
        const auto found = report::matching_names(names, pattern);
        if (found.empty())
            refuse_option(violations, "--dump", fmt::format("no operator '{}'", pattern),
                          "names as in operators.csv, or patterns like blocks.3.*",
                          config::nearest_name(pattern, names));
        wanted.insert(wanted.end(), found.begin(), found.end());
    }
    std::vector<std::string> ordered;
    std::copy_if(names.begin(), names.end(), std::back_inserter(ordered), [&](const auto& name) {
        return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    });
    return ordered;
}

/// The file of --record-trace; null: none is asked for.
[[nodiscard]] std::unique_ptr<config::PendingFile>
trace_of(const RunOptions& options,
         const workload::Schedule& schedule,
         std::vector<config::Violation>& violations)
{
    std::unique_ptr<config::PendingFile> file;
    const auto& path = options.functional.record_trace;
    if (!path)
        return file;
    if (!workload::can_be_traced(schedule))
        refuse_option(violations, "--record-trace", fmt::format("schedule {}", schedule.name),
                      "a schedule with selectors in front of blocks");
    if (!config::ends_with(*path, ".csv") && !config::ends_with(*path, ".csv.gz"))
        refuse_option(violations, "--record-trace", fmt::format("'{}'", *path),
                      "a name that ends in .csv or .csv.gz");
    keep_violations(violations,
                    [&] { file = std::make_unique<config::PendingFile>("--record-trace", *path); });
    return file;
}

/// The command that records the same token trace.
[[nodiscard]] std::string record_command(const RunOptions& options,
                                         const system::RunRequest& request,
                                         const FunctionalInputs& inputs)
{
    auto command = fmt::format(
        "heatsim run --functional --weights {} --images {} --first-image {} -n {} -m "
        "{} -s {}",
        config::shell_quoted(inputs.weights), config::shell_quoted(*options.functional.images),
        inputs.setup.first_image, inputs.setup.image_count, config::shell_quoted(request.model),
        config::shell_quoted(request.schedule));
    for (const auto& change : request.overrides)
        if (config::starts_with(change.key, "model.") ||
            config::starts_with(change.key, "schedule."))
            command += fmt::format(
                " --set {}", config::shell_quoted(fmt::format("{}={}", change.key, change.value)));
    return command;
}

} // namespace

void check_functional(const RunOptions& options, std::vector<config::Violation>& violations)
{
    const auto& functional = options.functional;
    if (!functional.enabled) {
        refuse_without_functional(functional, violations);
        return;
    }
    if (!functional.weights)
        refuse_option(violations, "--functional", "no network", "--weights FILE beside it");
    if (!functional.images)
        refuse_option(violations, "--functional", "no images", "--images SET beside it");
    const std::array<std::pair<const char*, std::pair<bool, const char*>>, 4> others{{
        {"-t", {!options.trace.empty(), "the network decides on the token counts"}},
        {"--compose", {options.compose, "every image has its own numbers"}},
        {"--batch", {options.batch.has_value(), "images are computed one by one"}},
        {"--no-reuse", {options.no_reuse, "every image is simulated anyway"}},
    }};
    for (const auto& [option, given] : others)
        if (given.first)
            refuse_option(violations, option, fmt::format("with --functional: {}", given.second),
                          fmt::format("a run without {} or without --functional", option));
    for (const auto& [option, is_given] :
         {std::pair{"--dump", !functional.dump.empty()},
          std::pair{"--pictures", functional.pictures.has_value()}})
        if (is_given && !options.output)
            refuse_option(violations, option, "no folder to write into", "-o DIR beside it");
}

void name_network(const RunOptions& options, system::RunRequest& request)
{
    if (options.model && !options.schedule.empty())
        return;
    const auto names = inference::network_names(*options.functional.weights);
    if (!options.model)
        request.model = names.model;
    if (options.schedule.empty())
        request.schedule = names.schedule;
}

FunctionalInputs read_functional(const RunOptions& options,
                                 const system::RunRequest& run,
                                 const system::RunSetup& setup)
{
    const auto& functional = options.functional;
    std::vector<config::Violation> violations;
    system::FunctionalRequest request{*functional.weights, *functional.images, 0, 0};
    if (functional.first_image)
        request.first_image =
            integer_option("--first-image", *functional.first_image, 0, most_images, violations);
    if (options.image_count)
        request.image_count =
            integer_option("--image-count", *options.image_count, 1, most_images, violations);
    std::size_t pictures = functional.pictures || !options.output ? 0 : default_pictures;
    if (functional.pictures)
        pictures = integer_option("--pictures", *functional.pictures, 0, most_images, violations);
    auto tensors = tensors_of(functional.dump, setup, violations);
    auto trace = trace_of(options, setup.schedule, violations);
    throw_if_any(std::move(violations));

    FunctionalInputs inputs{system::load_functional(request, setup),
                            request.weights,
                            "",
                            "",
                            std::move(tensors),
                            pictures,
                            std::move(trace)};
    const auto images = inputs.setup.image_count;
    if (!inputs.tensors.empty() && images > most_dumped_images) {
        std::vector<config::Violation> too_many;
        refuse_option(
            too_many, "--dump", fmt::format("{} images", images),
            fmt::format("at most {}, e.g. -n {}", most_dumped_images, most_dumped_images));
        throw_if_any(std::move(too_many));
    }
    inputs.pictures = std::min(inputs.pictures, images);
    system::ContentHash hash;
    hash.add_file(inputs.weights);
    inputs.weights_hash = hash.text();
    inputs.command = record_command(options, run, inputs);
    return inputs;
}

std::vector<std::string> functional_files(const workload::Schedule& schedule)
{
    std::vector<std::string> files{"predictions.csv", "logits.npy", "kept_patches.npy"};
    if (workload::can_be_traced(schedule))
        files.emplace_back("trace.csv.gz");
    return files;
}

std::vector<report::NamedText>
functional_outputs(FunctionalInputs& inputs, const report::FunctionalRun& run, bool has_folder)
{
    std::string trace;
    if (workload::can_be_traced(run.setup->schedule))
        trace = workload::trace_text(report::recorded_trace(run, inputs.command));
    if (inputs.trace) {
        inputs.trace->write(config::ends_with(inputs.trace->name(), ".gz") ? config::gzip_of(trace)
                                                                           : trace);
        inputs.trace->publish();
    }
    if (!has_folder)
        return {};
    std::vector<report::NamedText> files{{"predictions.csv", report::predictions_csv(run)},
                                         {"logits.npy", report::logits_npy(run)},
                                         {"kept_patches.npy", report::kept_patches_npy(run)}};
    if (!trace.empty())
        files.emplace_back("trace.csv.gz", config::gzip_of(trace));
    const auto append = [&files](std::vector<report::NamedText> more) {
        files.insert(files.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    };
    append(report::picture_files(run, inputs.pictures));
    append(report::tensor_files(run, inputs.tensors));
    return files;
}

} // namespace heatsim::app
