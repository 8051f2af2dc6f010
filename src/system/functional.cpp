// SPDX-License-Identifier: Apache-2.0
#include "system/functional.hpp"

#include "hw/controller/data_path.hpp"
#include "inference/integer_inference.hpp"
#include "inference/integer_network_file.hpp"
#include "system/byte_archive.hpp"
#include "system/child_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace heatsim::system {

namespace {

using config::Violation;

/// What a functional run does not know of a design.
void check_design(const Accelerator& accelerator, std::vector<Violation>& violations)
{
    for (const auto& [key, bits] : {std::pair{"activation_bits", accelerator.activation_bits},
                                    std::pair{"weight_bits", accelerator.weight_bits}}) {
        if (bits == 8)
            continue;
        Violation violation;
        violation.key = key;
        violation.found = fmt::format("{} computes with {} bits", accelerator.name, bits);
        violation.expected = "8 bits: --functional computes int8 networks";
        violations.push_back(std::move(violation));
    }
}

/// The bytes of an inference on the way to the process that sums up: both ends are the same
/// program.
[[nodiscard]] std::string bytes_of(const inference::Inference& result)
{
    std::string bytes;
    const auto append = [&bytes](const auto& values) {
        append_bytes(bytes, std::uint64_t{values.size()});
        for (const auto& value : values)
            append_bytes(bytes, value);
    };
    append(result.logits);
    append_bytes(bytes, std::uint64_t{result.predicted});
    append(result.tokens);
    append_bytes(bytes, std::uint64_t{result.kept_patches.size()});
    for (const auto& patches : result.kept_patches)
        append(patches);
    return bytes;
}

[[nodiscard]] inference::Inference inference_of(std::string_view bytes)
{
    ByteReader reader{bytes};
    const auto read = [&reader](auto& values) {
        values.resize(reader.get<std::uint64_t>());
        for (auto& value : values)
            value = reader.get<std::remove_reference_t<decltype(value)>>();
    };
    inference::Inference result;
    read(result.logits);
    result.predicted = reader.get<std::uint64_t>();
    read(result.tokens);
    result.kept_patches.resize(reader.get<std::uint64_t>());
    for (auto& patches : result.kept_patches)
        read(patches);
    return result;
}

/// The reference's answers for all images.
[[nodiscard]] std::vector<inference::Inference> infer_images(const RunSetup& setup,
                                                             const FunctionalSetup& functional,
                                                             std::size_t workers,
                                                             const Progress& progress,
                                                             double& cpu_seconds)
{
    std::vector<inference::Inference> results(functional.image_count);
    std::size_t done = 0;
    const auto infer = [&](std::size_t index) {
        return inference::infer(functional.network, setup.model, setup.schedule,
                                functional.images.image(functional.first_image + index));
    };
    const auto take = [&](std::size_t index, inference::Inference result) {
        results[index] = std::move(result);
        if (progress)
            progress(++done, 2 * results.size());
    };
    if (std::min(workers, results.size()) <= 1) {
        for (std::size_t i = 0; i < results.size(); ++i)
            take(i, infer(i));
        return results;
    }
    SharedWork work;
    work.tasks = results.size();
    work.run = [&](std::size_t index) { return bytes_of(infer(index)); };
    work.take = [&](std::size_t index, std::string_view bytes) {
        take(index, inference_of(bytes));
    };
    cpu_seconds += run_in_workers(work, std::min(workers, results.size()));
    return results;
}

/// The chip computes with a data path as long as this lives.
class Computing {
  public:
    Computing(Simulation& simulation, hw::DataPath& data_path)
        : simulation_{simulation}
    {
        simulation.compute_with(&data_path);
    }
    ~Computing() { simulation_.compute_with(nullptr); }
    Computing(const Computing&) = delete;
    Computing& operator=(const Computing&) = delete;
    Computing(Computing&&) = delete;
    Computing& operator=(Computing&&) = delete;

  private:
    Simulation& simulation_;
};

} // namespace

FunctionalSetup load_functional(const FunctionalRequest& request, const RunSetup& setup)
{
    auto violations = inference::unsupported_in_integers(setup.model, setup.schedule);
    check_design(setup.design.accelerator, violations);
    if (!violations.empty())
        throw config::Error{std::move(violations)};
    FunctionalSetup functional{
        inference::load_integer_network(request.weights, setup.model, setup.schedule),
        inference::ImageSet::open(request.images), request.first_image, request.image_count};
    const auto size = functional.images.size();
    if (request.first_image >= size) {
        Violation violation;
        violation.key = "--first-image";
        violation.found = fmt::format("{} of {} images of {}", request.first_image, size,
                                      functional.images.name());
        violation.expected = fmt::format("0 to {}", size == 0 ? 0 : size - 1);
        throw config::Error{violation};
    }
    const auto left = size - request.first_image;
    if (request.image_count > left) {
        Violation violation;
        violation.key = "--image-count";
        violation.found = fmt::format("{} images from number {} on, {} has {}", request.image_count,
                                      request.first_image, functional.images.name(), size);
        violation.expected = fmt::format("1 to {}", left);
        throw config::Error{violation};
    }
    functional.image_count = request.image_count == 0 ? left : request.image_count;
    const auto last = functional.first_image + functional.image_count;
    for (auto i = functional.first_image; i < last; ++i) // said now, not after an hour
        inference::check_image(functional.images.image(i), setup.model,
                               functional.images.image_name(i));
    return functional;
}

FunctionalResult run_functional(Simulation& simulation,
                                RunSetup& setup,
                                const FunctionalSetup& functional,
                                std::size_t workers,
                                const Progress& progress)
{
    FunctionalResult result;
    double cpu_seconds = 0.0;
    result.inferences = infer_images(setup, functional, workers, progress, cpu_seconds);
    setup.images.clear();
    setup.images.reserve(result.inferences.size());
    for (const auto& inference : result.inferences)
        setup.images.push_back(inference.tokens);

    hw::DataPath data_path{controller_settings(setup.design.accelerator), setup.model,
                           setup.schedule, functional.network};
    const Computing computing{simulation, data_path};
    Execution execution;
    execution.workers = workers;
    execution.reuse = false; // images of the same counts have other numbers
    execution.before_image = [&](std::size_t index) {
        data_path.set_image(inference::quantized_pixels(
            functional.network.pixels, functional.images.image(functional.first_image + index)));
    };
    execution.after_image = [&](std::size_t index) {
        const auto& expected = result.inferences[index];
        const auto logits = data_path.logits();
        const bool same = std::equal(logits.begin(), logits.end(), expected.logits.begin(),
                                     expected.logits.end(), [&](std::int8_t logit, double real) {
                                         return logit * functional.network.logit_scale == real;
                                     });
        if (!same || data_path.kept_patches() != expected.kept_patches)
            throw SimulationError{fmt::format(
                "image {}: the chip computes other numbers than the network's integer reference",
                functional.images.image_name(functional.first_image + index))};
    };
    const auto images = result.inferences.size();
    result.run = run_images(simulation, setup, execution,
                            progress ? Progress{[&](std::size_t done, std::size_t) {
                                progress(images + done, 2 * images);
                            }}
                                     : Progress{});
    result.run.cpu_seconds += cpu_seconds;
    return result;
}

} // namespace heatsim::system
