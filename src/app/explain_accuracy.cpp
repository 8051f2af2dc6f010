// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/text_file.hpp"
#include "inference/integer_network.hpp"
#include "report/network_accuracy_report.hpp"
#include "report/progress.hpp"
#include "report/summary.hpp"
#include "system/network_accuracy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using Violations = std::vector<config::Violation>;

/// The images that a test set's int8 is calibrated on; empty where nobody knows.
[[nodiscard]] std::string training_set_of(const std::string& images)
{
    return images == "fashion_mnist_test" ? "fashion_mnist_train" : "";
}

[[nodiscard]] std::vector<system::FunctionSet> chosen(const std::vector<std::string>& names,
                                                      Violations& violations)
{
    const auto& sets = system::function_sets();
    if (names.empty())
        return sets;
    std::vector<std::string> known;
    known.reserve(sets.size());
    for (const auto& set : sets)
        known.emplace_back(set.name);
    for (const auto& name : names)
        if (std::find(known.begin(), known.end(), name) == known.end())
            refuse_option(violations, "--functions", fmt::format("'{}'", name),
                          fmt::format("one of {}", fmt::join(known, ", ")),
                          config::nearest_name(name, known));
    std::vector<system::FunctionSet> result;
    for (const auto& set : sets)
        if (std::find(names.begin(), names.end(), set.name) != names.end())
            result.push_back(set);
    return result;
}

/// The command that measures the same again.
[[nodiscard]] std::string command_of(const ExplainAccuracyOptions& options)
{
    auto command =
        fmt::format("heatsim explain accuracy --weights {} --images {} -m {}",
                    config::shell_quoted(options.weights), config::shell_quoted(options.images),
                    config::shell_quoted(options.model));
    if (!options.schedule.empty())
        command += fmt::format(" -s {}", config::shell_quoted(options.schedule));
    if (options.image_count)
        command += fmt::format(" -n {}", *options.image_count);
    if (!options.calibration.empty())
        command += fmt::format(" --calibration {}", config::shell_quoted(options.calibration));
    for (const auto& name : options.functions)
        command += fmt::format(" --functions {}", name);
    return command;
}

} // namespace

void explain_accuracy_command(const ExplainAccuracyOptions& options)
{
    constexpr std::uint64_t default_images = 1000;
    constexpr std::uint64_t least_calibration = 500;
    constexpr std::uint64_t most_calibration = 2000; // as of the shipped network
    Violations violations;
    const auto jobs = jobs_option(options.jobs, violations);
    const auto count = options.image_count ? integer_option("--image-count", *options.image_count,
                                                            1, most_images, violations)
                                           : default_images;
    system::AccuracyStudy study;
    study.functions = chosen(options.functions, violations);
    study.recorded = options.recorded;
    const auto networks = system::recorded_networks();
    if (!study.recorded.empty() &&
        std::find(networks.begin(), networks.end(), study.recorded) == networks.end())
        refuse_option(violations, "--recorded", fmt::format("'{}'", study.recorded),
                      fmt::format("one of {}", fmt::join(networks, ", ")),
                      config::nearest_name(study.recorded, networks));
    const auto calibration_set =
        options.calibration.empty() ? training_set_of(options.images) : options.calibration;
    if (calibration_set.empty())
        refuse_option(violations, "--calibration", "missing",
                      "images to calibrate int8 on, beside those that accuracy is measured on");

    system::WeightsRequest request;
    request.weights = options.weights;
    request.model = options.model;
    request.schedule = options.schedule;
    if (options.output) {
        std::vector<std::string> files;
        for (const auto& set : study.functions)
            for (const auto arithmetic : {system::Arithmetic::Float, system::Arithmetic::Integer})
                files.push_back(report::trace_file_name(set, arithmetic));
        const auto found = report::output_folder_violations(*options.output, files);
        violations.insert(violations.end(), found.begin(), found.end());
    }
    std::optional<inference::FloatNetwork> network;
    if (options.weights.empty())
        refuse_option(violations, "--weights", "missing",
                      "trained weights in 32-bit floats: a safetensors file; see "
                      "docs/quantization.md");
    else
        keep_violations(violations, [&] { network = system::load_float_network(request); });
    std::optional<system::ImageSample> sample;
    std::optional<system::ImageSample> calibration;
    if (network) {
        const auto unsupported =
            inference::unsupported_in_integers(network->model, network->schedule);
        violations.insert(violations.end(), unsupported.begin(), unsupported.end());
        keep_violations(violations, [&] {
            sample = system::sample_images(options.images, count, "--image-count", network->model);
        });
        if (!calibration_set.empty())
            keep_violations(violations, [&] {
                const auto size = inference::ImageSet::open(calibration_set).size();
                const auto wanted = std::clamp(count / 2, least_calibration, most_calibration);
                calibration = system::sample_images(calibration_set, std::min(wanted, size),
                                                    "--calibration", network->model);
            });
    }
    throw_if_any(std::move(violations));

    report::Progress progress{network->model.name + ", accuracy", !options.quiet};
    report::NetworkAccuracyReport report;
    report.accuracy = system::measure_accuracy(
        *network, study, *sample, *calibration, jobs,
        [&](std::size_t done, std::size_t all) { progress.show(done, all); });
    report.model = network->model.name;
    report.schedule = network->schedule.name;
    report.weights = options.weights;
    report.images = options.images;
    report.calibration = calibration_set;
    report.calibration_images = calibration->indices.size();
    report.recorded = options.recorded;
    if (options.output)
        report::write_output_folder(
            *options.output,
            report::network_accuracy_traces(
                report, workload::trace_without_images(network->model, network->schedule), *sample,
                command_of(options)));
    print(options.format == Format::Json
              ? report::json_text(report::network_accuracy_json(report))
              : report::network_accuracy_text(report, report::style_of(stdout)));
}

} // namespace heatsim::app
