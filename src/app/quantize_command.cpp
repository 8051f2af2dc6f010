// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/pending_file.hpp"
#include "inference/integer_network_file.hpp"
#include "report/progress.hpp"
#include "report/quantization_report.hpp"
#include "report/summary.hpp"
#include "system/content_hash.hpp"
#include "system/quantization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace fs = std::filesystem;

namespace {

using Violations = std::vector<config::Violation>;

constexpr double least_delta = 1.0 / 256; // a step of the units
constexpr double least_percentile = 50.0;
constexpr double whole_percent = 100.0;

/// \returns whether `name` is the second of two names; otherwise it has to be the first
[[nodiscard]] bool is_second(const std::string& option,
                             const std::string& name,
                             const std::string& first,
                             const std::string& second,
                             Violations& violations)
{
    if (name != first && name != second)
        refuse_option(violations, option, fmt::format("'{}'", name),
                      fmt::format("{} or {}", first, second),
                      config::nearest_name(name, {first, second}));
    return name == second;
}

[[nodiscard]] inference::QuantizerOptions quantizer_options(const QuantizeOptions& options,
                                                            Violations& violations)
{
    inference::QuantizerOptions result;
    if (options.percentile)
        result.percentile = real_option("--percentile", *options.percentile, least_percentile,
                                        whole_percent, violations);
    const std::vector<std::string> names{"none", "activations", "weights", "all"};
    const auto& power = options.power_of_two;
    if (std::find(names.begin(), names.end(), power) == names.end())
        refuse_option(violations, "--power-of-two", fmt::format("'{}'", power),
                      fmt::format("one of {}", fmt::join(names, ", ")),
                      config::nearest_name(power, names));
    result.power_of_two_activations = power == "activations" || power == "all";
    result.power_of_two_weights = power == "weights" || power == "all";
    result.residual_per_channel =
        !is_second("--residual-scales", options.residual_scales, "channel", "tensor", violations);
    return result;
}

/// The last part of a path: what a file says of its origin is the same on every machine.
[[nodiscard]] std::string file_name(const std::string& path)
{
    const fs::path whole{path};
    return (whole.has_filename() ? whole.filename() : whole.parent_path().filename()).string();
}

} // namespace

void quantize_command(const QuantizeOptions& options)
{
    constexpr std::uint64_t default_images = 500;
    Violations violations;
    inference::Functions functions{true, true, true, 1.0, 1.0};
    if (options.gelu_delta)
        functions.gelu_delta =
            real_option("--gelu-delta", *options.gelu_delta, least_delta, 1.0, violations);
    if (options.softmax_delta)
        functions.softmax_delta =
            real_option("--softmax-delta", *options.softmax_delta, least_delta, 1.0, violations);
    const auto quantizer = quantizer_options(options, violations);
    const auto jobs = jobs_option(options.jobs, violations);
    const auto count = options.image_count ? integer_option("--image-count", *options.image_count,
                                                            1, most_images, violations)
                                           : default_images;
    if (options.images.empty())
        refuse_option(violations, "--images", "missing",
                      "images to measure activations on, e.g. fashion_mnist_train");
    if (options.output.empty())
        refuse_option(violations, "-o", "missing", "a file for the quantized network");

    system::WeightsRequest request;
    request.weights = options.weights;
    request.model = options.model;
    request.schedule = options.schedule;
    request.overrides = overrides_of(options.settings, violations);
    std::optional<inference::FloatNetwork> network;
    keep_violations(violations, [&] { network = system::load_float_network(request); });
    if (network) {
        const auto unsupported =
            inference::unsupported_in_integers(network->model, network->schedule);
        violations.insert(violations.end(), unsupported.begin(), unsupported.end());
    }
    std::optional<system::ImageSample> sample;
    if (!options.images.empty())
        keep_violations(violations, [&] {
            if (network)
                sample =
                    system::sample_images(options.images, count, "--image-count", network->model);
            else // a set that is not there is one violation more
                (void)inference::ImageSet::open(options.images);
        });
    std::error_code ignored; // writing it says what is wrong
    if (!options.force && !options.output.empty() && fs::exists(options.output, ignored))
        refuse_option(violations, "-o", fmt::format("'{}' exists", options.output),
                      "a new file, or --force to replace it");
    std::optional<config::PendingFile> file;
    if (!options.output.empty())
        keep_violations(violations, [&] { file.emplace("-o", options.output); });
    throw_if_any(std::move(violations));

    report::Progress progress{network->model.name + ", calibration", !options.quiet};
    const auto calibration =
        system::calibrate(*network, functions, *sample, jobs,
                          [&](std::size_t done, std::size_t all) { progress.show(done, all); });
    report::QuantizationReport report;
    auto quantized =
        inference::quantize(*network, functions, calibration, quantizer, &report.errors);
    quantized.provenance["weights"] = file_name(options.weights);
    system::ContentHash hash;
    hash.add_file(options.weights);
    quantized.provenance["weights_xxh3_128"] = hash.text();
    quantized.provenance["image_set"] = file_name(options.images);
    if (!options.settings.empty())
        quantized.provenance["settings"] = fmt::format("{}", fmt::join(options.settings, " "));
    const auto bytes = inference::bytes_of(quantized);
    file->write(bytes);
    file->publish();

    report.model = network->model.name;
    report.schedule = network->schedule.name;
    report.weights = options.weights;
    report.output = options.output;
    report.bytes = bytes.size();
    report.tensors = inference::Safetensors::parse(bytes, options.output).tensors().size();
    report.images = options.images;
    report.image_count = sample->indices.size();
    report.functions = functions;
    report.options = quantizer;
    if (options.format == Format::Json)
        print(report::json_text(report::quantization_json(report)));
    else if (!options.quiet)
        print(report::quantization_text(report, report::style_of(stdout)));
}

} // namespace heatsim::app
