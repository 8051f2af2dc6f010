// SPDX-License-Identifier: Apache-2.0
#include "system/streaming.hpp"

#include "config/text_file.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>
#include <utility>

namespace heatsim::system {

namespace {

constexpr double ms_per_second = 1000.0;
constexpr std::size_t most_arrivals = 1000000;

/// Uniform in [0, 1): the upper 53 bits of the number.
[[nodiscard]] double unit_interval(std::uint64_t random)
{
    constexpr int dropped_bits = 11;
    constexpr double steps = 9007199254740992.0; // 2^53
    return static_cast<double>(random >> dropped_bits) / steps;
}

} // namespace

ArrivalPattern fixed_arrivals(std::size_t frames)
{
    ArrivalPattern times(frames);
    std::iota(times.begin(), times.end(), 0.0);
    return times;
}

ArrivalPattern poisson_arrivals(std::size_t frames, std::uint64_t seed)
{
    std::mt19937_64 random{seed};
    ArrivalPattern times;
    times.reserve(frames);
    double time = 0.0;
    for (std::size_t i = 0; i < frames; ++i) {
        times.push_back(time);
        time -= std::log1p(-unit_interval(random()));
    }
    return times;
}

double RecordedArrivals::mean_interval_ms() const
{
    return (times_ms.back() - times_ms.front()) / static_cast<double>(times_ms.size() - 1);
}

ArrivalPattern RecordedArrivals::pattern() const
{
    const double interval = mean_interval_ms();
    ArrivalPattern times;
    times.reserve(times_ms.size());
    for (const double time : times_ms)
        times.push_back((time - times_ms.front()) / interval);
    return times;
}

RecordedArrivals read_arrivals(const std::string& path)
{
    config::ViolationList violations{path};
    config::LineReader reader{path, violations};
    RecordedArrivals arrivals;
    auto& times = arrivals.times_ms;
    const std::string key = "arrival time";
    bool may_be_names = true;
    bool all_read = true;
    while (reader.next()) {
        const auto line = config::trimmed(reader.line());
        if (line.text.empty() || line.text.front() == '#')
            continue;
        const auto cell = config::split(line, ',').front();
        const auto time = config::to_number<double>(cell.text);
        const bool is_first = std::exchange(may_be_names, false);
        if (!time && is_first)
            continue;
        if (!time || !std::isfinite(*time) || *time < 0.0) {
            violations.add(cell, key, config::quoted(cell.text), "a time in ms, 0 or more");
            continue;
        }
        if (!times.empty() && *time < times.back()) {
            violations.add(cell, key, config::quoted(cell.text) + ", earlier than the one before",
                           "times in ascending order");
            continue;
        }
        if (times.size() == most_arrivals) {
            violations.add(cell, key, "more than a million", "at most 1000000 arrivals");
            all_read = false;
            break;
        }
        times.push_back(*time);
    }
    if (all_read && violations.empty() && (times.size() < 2 || times.front() == times.back()))
        violations.add(0, 0, key, times.empty() ? "none" : "no two different ones",
                       "at least two arrivals at different times");
    violations.throw_if_any();
    return arrivals;
}

std::vector<double> arrival_times_ms(const ArrivalPattern& pattern, double images_per_second)
{
    std::vector<double> times;
    times.reserve(pattern.size());
    for (const double time : pattern)
        times.push_back(time * ms_per_second / images_per_second);
    return times;
}

namespace {

/// Each batch starts when its last image is there and the batch before it has ended.
[[nodiscard]] std::vector<Frame> serve_batches(const std::vector<double>& arrivals_ms,
                                               const ServiceTimes& service)
{
    std::vector<Frame> frames(arrivals_ms.size());
    double free_ms = 0.0;
    for (std::size_t first = 0; first < frames.size(); first += service.batch_images) {
        const auto last = first + service.batch_images - 1;
        const auto start_ms = std::max(arrivals_ms[last], free_ms);
        free_ms = start_ms + service.alone_ms[first % service.alone_ms.size()];
        for (auto i = first; i <= last; ++i) {
            frames[i].image = i % service.alone_ms.size();
            frames[i].arrival_ms = arrivals_ms[i];
            frames[i].start_ms = start_ms;
            frames[i].finish_ms = free_ms;
        }
    }
    std::size_t started = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        while (started <= i && frames[started].start_ms <= frames[i].arrival_ms)
            ++started;
        frames[i].queue_depth = i + 1 - started;
    }
    return frames;
}

} // namespace

std::vector<Frame> serve(const std::vector<double>& arrivals_ms,
                         const ServiceTimes& service,
                         std::optional<std::size_t> queue_capacity)
{
    if (service.batch_images > 1)
        return serve_batches(arrivals_ms, service);
    std::vector<Frame> frames;
    frames.reserve(arrivals_ms.size());
    std::deque<double> starts;   // of those that wait
    const Frame* last = nullptr; // served
    for (const double arrival : arrivals_ms) {
        Frame frame;
        frame.image = frames.size() % service.alone_ms.size();
        frame.arrival_ms = arrival;
        while (!starts.empty() && starts.front() <= arrival)
            starts.pop_front();
        const bool busy = last != nullptr && last->finish_ms > arrival;
        frame.dropped = busy && queue_capacity && starts.size() >= *queue_capacity;
        if (!frame.dropped) {
            const bool behind = busy && arrival <= last->start_ms;
            frame.start_ms = busy ? last->finish_ms : arrival;
            frame.finish_ms = frame.start_ms + (behind && service.behind_ms
                                                    ? service.behind_ms(last->image, frame.image)
                                                    : service.alone_ms[frame.image]);
            if (busy)
                starts.push_back(frame.start_ms);
        }
        frame.queue_depth = starts.size();
        frames.push_back(frame);
        if (!frame.dropped)
            last = &frames.back(); // stays valid: all of them have been reserved
    }
    return frames;
}

namespace {

[[nodiscard]] std::vector<QueueSample>
queue_samples(const std::vector<Frame>& frames, double begin_ms, double end_ms, std::size_t samples)
{
    // arrivals and starts are both in ascending order: walk along both
    std::vector<double> arrivals;
    std::vector<double> starts;
    for (const auto& frame : frames) {
        if (frame.dropped)
            continue;
        arrivals.push_back(frame.arrival_ms);
        starts.push_back(frame.start_ms);
    }
    std::vector<QueueSample> result;
    result.reserve(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const double time = begin_ms + (end_ms - begin_ms) * static_cast<double>(i) /
                                           static_cast<double>(samples - 1);
        const auto arrived = std::upper_bound(arrivals.begin(), arrivals.end(), time);
        const auto started = std::upper_bound(starts.begin(), starts.end(), time);
        result.push_back({time, static_cast<std::size_t>((arrived - arrivals.begin()) -
                                                         (started - starts.begin()))});
    }
    return result;
}

} // namespace

StreamSummary summarize(const std::vector<Frame>& frames,
                        double deadline_ms,
                        std::size_t samples,
                        std::size_t batch_images)
{
    StreamSummary summary;
    summary.frames = frames.size();
    std::vector<double> responses;
    std::vector<double> waits;
    std::vector<double> services;
    double end_ms = 0.0;
    for (const auto& frame : frames) {
        summary.most_queue_depth = std::max(summary.most_queue_depth, frame.queue_depth);
        if (frame.dropped) {
            ++summary.dropped;
            continue;
        }
        ++summary.served;
        if (frame.response_ms() > deadline_ms)
            ++summary.late;
        responses.push_back(frame.response_ms());
        waits.push_back(frame.waiting_ms());
        services.push_back(frame.service_ms());
        end_ms = frame.finish_ms;
    }
    if (summary.served == 0)
        return summary;
    summary.waiting_at_last_arrival = frames.back().queue_depth;
    const double begin_ms = frames.front().arrival_ms;
    const double elapsed_ms = end_ms - begin_ms;
    const auto sum = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0);
    };
    summary.mean_queue_depth = sum(waits) / elapsed_ms; // each waits in the queue for its time
    summary.utilization = sum(services) / static_cast<double>(batch_images) / elapsed_ms;
    summary.completed_fps = ms_per_second * static_cast<double>(summary.served) / elapsed_ms;
    summary.queue = queue_samples(frames, begin_ms, end_ms, samples);
    summary.response_ms = stats::distribution(std::move(responses));
    summary.waiting_ms = stats::distribution(std::move(waits));
    summary.service_ms = stats::distribution(std::move(services));
    return summary;
}

double saturation_fps(const ServiceTimes& service)
{
    const auto images = service.alone_ms.size();
    double sum = 0.0;
    for (std::size_t i = 0; i < images; ++i)
        sum += service.behind_ms ? service.behind_ms(i, (i + 1) % images) : service.alone_ms[i];
    return ms_per_second * static_cast<double>(images * service.batch_images) / sum;
}

std::optional<double>
sustained_fps(const ArrivalPattern& pattern, const ServiceTimes& service, double deadline_ms)
{
    constexpr double tolerance = 1e-4;
    constexpr double p99 = 99.0;
    const auto meets = [&](std::vector<double> responses) {
        std::sort(responses.begin(), responses.end());
        return stats::percentile(responses, p99) <= deadline_ms;
    };
    const auto meets_at = [&](double rate) {
        std::vector<double> responses;
        responses.reserve(pattern.size());
        for (const auto& frame : serve(arrival_times_ms(pattern, rate), service, std::nullopt))
            responses.push_back(frame.response_ms());
        return meets(std::move(responses));
    };
    std::vector<double> alone; // nobody waits
    alone.reserve(pattern.size());
    for (std::size_t i = 0; i < pattern.size(); ++i)
        alone.push_back(service.alone_ms[i % service.alone_ms.size()]);
    if (!meets(std::move(alone)))
        return std::nullopt;
    double high = saturation_fps(service);
    if (meets_at(high))
        return high;
    double low = high * tolerance;
    if (service.batch_images > 1) {
        constexpr double step = 0.99;
        const auto lowest = low;
        for (low = high * step; low > lowest && !meets_at(low); low *= step)
            high = low;
    }
    if (!meets_at(low))
        return std::nullopt; // several images arrive at the same time, or batches fill too slowly
    while (high - low > tolerance * high) {
        const double middle = (low + high) / 2.0;
        (meets_at(middle) ? low : high) = middle;
    }
    return low;
}

} // namespace heatsim::system
