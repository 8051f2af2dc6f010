// SPDX-License-Identifier: Apache-2.0
#include "system/quantization.hpp"

#include "config/text_file.hpp"
#include "inference/safetensors.hpp"
#include "system/child_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace heatsim::system {

namespace {

using config::Violation;

/// Keeps what a part of the input is refused for.
template <typename Action>
void keep_violations(std::vector<Violation>& violations, Action action)
{
    try {
        action();
    } catch (const config::Error& error) {
        violations.insert(violations.end(), error.violations().begin(), error.violations().end());
    }
}

/// What says better than a list of tensors that the weights are those of another schedule.
void check_selectors(const inference::Safetensors& file,
                     const workload::Schedule& schedule,
                     std::vector<Violation>& violations)
{
    const auto& tensors = file.tensors();
    const bool in_file = std::any_of(tensors.begin(), tensors.end(), [](const auto& tensor) {
        return config::starts_with(tensor.first, "selector.");
    });
    const bool in_schedule = !schedule.selectors.empty();
    if (in_file == in_schedule)
        return;
    Violation violation;
    violation.where.file = file.name();
    violation.found = in_file
                          ? fmt::format("selectors, which schedule {} has none of", schedule.name)
                          : fmt::format("no selectors, schedule {} has {}", schedule.name,
                                        schedule.selectors.size());
    violation.expected = in_file ? "-s with the schedule that the weights were trained with"
                                 : "-s dense for weights without selectors";
    violations.push_back(std::move(violation));
}

} // namespace

inference::FloatNetwork load_float_network(const WeightsRequest& request)
{
    std::vector<Violation> violations;
    RunRequest run;
    run.model = request.model;
    run.schedule = request.schedule;
    run.allow_oversize = true; // no design is asked for
    for (const auto& change : request.overrides) {
        if (config::starts_with(change.key, "model.") ||
            config::starts_with(change.key, "schedule.")) {
            run.overrides.push_back(change);
            continue;
        }
        Violation violation;
        violation.key = origin_of(change);
        violation.found = "no key of the model or the schedule";
        violation.expected = "a key with the prefix model. or schedule.";
        violations.push_back(std::move(violation));
    }
    RunSetup setup;
    const auto before = violations.size();
    keep_violations(violations, [&] { setup = load(run); });
    const bool is_known = violations.size() == before;
    inference::FloatNetwork network;
    keep_violations(violations, [&] {
        const auto file = inference::Safetensors::load(request.weights);
        if (!is_known)
            return;
        const auto found = violations.size();
        check_selectors(file, setup.schedule, violations);
        if (violations.size() == found)
            network = inference::float_network(file, setup.model, setup.schedule);
    });
    if (!violations.empty())
        throw config::Error{std::move(violations)};
    return network;
}

ImageSample sample_images(const std::string& set,
                          std::size_t count,
                          const std::string& count_option,
                          const workload::Model& model)
{
    ImageSample sample{inference::ImageSet::open(set), {}};
    const auto size = sample.images.size();
    if (count > size) {
        Violation violation;
        violation.key = count_option;
        violation.found = fmt::format("{} images, {} has {}", count, set, size);
        violation.expected = fmt::format("1 to {}", size);
        throw config::Error{violation};
    }
    std::vector<Violation> violations;
    sample.indices.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto index = i * size / count;
        sample.indices.push_back(index);
        keep_violations(violations, [&] {
            inference::check_image(sample.images.image(index), model,
                                   sample.images.image_name(index));
        });
    }
    if (!violations.empty()) {
        constexpr std::size_t most_violations = 20;
        violations.resize(std::min(violations.size(), most_violations));
        throw config::Error{std::move(violations)};
    }
    return sample;
}

inference::Calibration calibrate(const inference::FloatNetwork& network,
                                 const inference::Functions& functions,
                                 const ImageSample& sample,
                                 std::size_t workers,
                                 const Progress& progress)
{
    inference::Calibration sum{network};
    inference::Calibration of_worker{network}; // in each copy its own
    std::size_t done = 0;
    SharedWork work;
    work.tasks = sample.indices.size();
    work.run = [&](std::size_t task) {
        of_worker.add(functions, sample.images.image(sample.indices[task]));
        return std::string{};
    };
    work.finish = [&] { return of_worker.bytes(); };
    work.take = [&](std::size_t, std::string_view) {
        if (progress)
            progress(++done, work.tasks);
    };
    work.take_gathered = [&](std::string_view bytes) { sum.add(bytes); };
    (void)run_in_workers(work, std::max<std::size_t>(std::min(workers, work.tasks), 1));
    return sum;
}

} // namespace heatsim::system
