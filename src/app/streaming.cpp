// SPDX-License-Identifier: Apache-2.0
#include "app/streaming.hpp"

#include "config/text_file.hpp"
#include "units/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <utility>

namespace heatsim::app {

namespace {

constexpr double ms_per_second = 1000.0;
constexpr double highest_fps = 1e6;
constexpr double lowest_fps = 1e-3;
constexpr double longest_deadline_ms = 1e6;
constexpr double shortest_deadline_ms = 1e-3;
constexpr std::uint64_t most_frames = 1000000;
constexpr std::size_t default_frames = 1000;
constexpr std::size_t queue_samples = 100;

const std::vector<std::string> generated{"fixed", "poisson"};

/// Options that mean nothing without a stream.
void refuse_without_stream(const StreamingOptions& options,
                           std::vector<config::Violation>& violations)
{
    const std::array<std::pair<const char*, bool>, 5> given{{
        {"--deadline-ms", options.deadline_ms.has_value()},
        {"--seed", options.seed.has_value()},
        {"--frames", options.frames.has_value()},
        {"--queue-capacity", options.queue_capacity.has_value()},
        {"--overlap", options.overlap},
    }};
    for (const auto& [option, is_given] : given)
        if (is_given)
            refuse_option(violations, option, "without arriving images",
                          "--fps RATE or --arrivals FILE, too");
}

/// Fixed or Poisson arrivals, whose rate is an option.
void read_generated(const StreamingOptions& options,
                    StreamRequest& request,
                    std::vector<config::Violation>& violations)
{
    if (!options.fps)
        refuse_option(violations, "--arrivals",
                      fmt::format("'{}' without a rate", request.arrivals), "--fps RATE, too");
    else
        request.fps = real_option("--fps", *options.fps, lowest_fps, highest_fps, violations);
    if (request.arrivals == "poisson")
        request.seed = options.seed
                           ? integer_option("--seed", *options.seed, 0,
                                            std::numeric_limits<std::uint64_t>::max(), violations)
                           : 1;
    else if (options.seed)
        refuse_option(violations, "--seed", "with arrivals that are not random",
                      "--arrivals poisson");
    if (options.frames)
        request.frames = integer_option("--frames", *options.frames, 1, most_frames, violations);
}

/// Arrivals of a file, whose rate is in it.
void read_recorded(const StreamingOptions& options,
                   StreamRequest& request,
                   std::vector<config::Violation>& violations)
{
    const std::array<std::pair<const char*, bool>, 3> others{{
        {"--fps", options.fps.has_value()},
        {"--seed", options.seed.has_value()},
        {"--frames", options.frames.has_value()},
    }};
    for (const auto& [option, is_given] : others)
        if (is_given)
            refuse_option(violations, option, "with arrival times of a file",
                          "--arrivals fixed or poisson");
    std::error_code ignored;
    const auto nearest = config::nearest_name(request.arrivals, generated);
    if (!nearest.empty() && !std::filesystem::exists(request.arrivals, ignored)) {
        refuse_option(violations, "--arrivals", fmt::format("'{}'", request.arrivals),
                      "fixed, poisson or a file of arrival times", nearest);
        return;
    }
    keep_violations(violations, [&] {
        request.recorded = system::read_arrivals(request.arrivals);
        request.fps = ms_per_second / request.recorded->mean_interval_ms();
    });
}

/// Only whole batches are executed, one after the other.
void check_batches(const StreamingOptions& options,
                   const StreamRequest& request,
                   std::size_t batch_images,
                   std::vector<config::Violation>& violations)
{
    const auto found = fmt::format("with batches of {}", batch_images);
    if (options.overlap)
        refuse_option(violations, "--overlap", found, "a stream without --batch");
    if (options.queue_capacity)
        refuse_option(violations, "--queue-capacity", found, "a stream without --batch");
    const auto arrivals = request.recorded ? request.recorded->times_ms.size()
                                           : request.frames.value_or(batch_images);
    if (arrivals % batch_images != 0)
        refuse_option(violations, request.recorded ? "--arrivals" : "--frames",
                      fmt::format("{} arrivals in batches of {}", arrivals, batch_images),
                      fmt::format("a multiple of {}", batch_images));
}

[[nodiscard]] system::ArrivalPattern pattern_of(const StreamRequest& request,
                                                const system::RunResult& run)
{
    if (request.recorded)
        return request.recorded->pattern();
    const auto batches = ceil_div(default_frames, run.batch_images);
    const auto frames =
        request.frames.value_or(std::max(run.images.size(), batches * run.batch_images));
    return request.seed ? system::poisson_arrivals(frames, *request.seed)
                        : system::fixed_arrivals(frames);
}

} // namespace

std::optional<StreamRequest> read_streaming(const StreamingOptions& options,
                                            std::size_t batch_images,
                                            std::vector<config::Violation>& violations)
{
    if (!options.fps && !options.arrivals) {
        refuse_without_stream(options, violations);
        return std::nullopt;
    }
    const auto before = violations.size();
    StreamRequest request;
    request.arrivals = options.arrivals.value_or("fixed");
    request.overlap = options.overlap;
    if (std::find(generated.begin(), generated.end(), request.arrivals) != generated.end())
        read_generated(options, request, violations);
    else
        read_recorded(options, request, violations);
    if (options.queue_capacity)
        request.queue_capacity =
            integer_option("--queue-capacity", *options.queue_capacity, 0, most_frames, violations);
    if (options.deadline_ms)
        request.deadline_ms = real_option("--deadline-ms", *options.deadline_ms,
                                          shortest_deadline_ms, longest_deadline_ms, violations);
    if (batch_images > 1)
        check_batches(options, request, batch_images, violations);
    if (violations.size() != before)
        return std::nullopt;
    if (!options.deadline_ms) // done before the next one arrives
        request.deadline_ms = ms_per_second / request.fps;
    return request;
}

report::StreamReport
stream_images(const StreamRequest& request,
              const system::RunResult& run,
              double clock_mhz,
              const std::function<std::uint64_t(std::size_t, std::size_t)>& behind)
{
    const auto milliseconds = [clock_mhz](std::uint64_t cycles) {
        return static_cast<double>(cycles) / (clock_mhz * 1e3);
    };
    system::ServiceTimes service;
    service.batch_images = run.batch_images;
    service.alone_ms.reserve(run.images.size());
    for (const auto& image : run.images)
        service.alone_ms.push_back(milliseconds(image.cycles));
    if (request.overlap)
        service.behind_ms = [&](std::size_t previous, std::size_t image) {
            return milliseconds(behind(previous, image));
        };
    const auto pattern = pattern_of(request, run);
    const auto times = request.recorded ? request.recorded->times_ms
                                        : system::arrival_times_ms(pattern, request.fps);
    report::StreamReport report;
    report.arrivals = request.arrivals;
    report.seed = request.seed;
    report.fps = request.fps;
    report.deadline_ms = request.deadline_ms;
    report.batch_images = run.batch_images;
    report.overlap = request.overlap;
    report.queue_capacity = request.queue_capacity;
    report.frames = system::serve(times, service, request.queue_capacity);
    report.summary =
        system::summarize(report.frames, request.deadline_ms, queue_samples, run.batch_images);
    report.saturation_fps = system::saturation_fps(service);
    report.sustained_fps = system::sustained_fps(pattern, service, request.deadline_ms);
    return report;
}

} // namespace heatsim::app
