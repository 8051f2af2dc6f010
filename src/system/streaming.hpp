// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "stats/distribution.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Images that arrive over time at one accelerator: a queue in front of a single server, first in,
/// first out, simulated event by event.
///
/// Modelled:     arrivals, waiting, drops at a full queue, service times of the simulated images,
///               which repeat in the order of the trace; batches of so many arrivals each, which
///               start when their last image is there.
/// Not modelled: the camera's or host's transfer of an image into external memory before it
///               arrives; batches that start with fewer images after a time.
namespace heatsim::system {

/// When images arrive, in mean intervals: entry k is the time of arrival k, the first is 0.
using ArrivalPattern = std::vector<double>;

/// One image per interval.
[[nodiscard]] ArrivalPattern fixed_arrivals(std::size_t frames);
/// Exponential intervals of mean 1: −ln(1 − u) with u = (x >> 11) · 2⁻⁵³ of the numbers x of
/// std::mt19937_64, whose sequence the C++ standard fixes.
[[nodiscard]] ArrivalPattern poisson_arrivals(std::size_t frames, std::uint64_t seed);

/// Arrival times of a file.
struct RecordedArrivals {
    std::vector<double> times_ms; ///< at least two, ascending, the last above the first
    [[nodiscard]] double mean_interval_ms() const;
    [[nodiscard]] ArrivalPattern pattern() const;
};
/// Reads arrival times, ms, plain or gzip: the first column of a CSV file, one a line. Empty lines,
/// lines that start with `#` and a first line of names are passed over; further columns are
/// ignored. \throws config::Error with the first 20 violations: times that are no finite number
/// from 0 on or smaller than the one before, fewer than two different ones, more than a million
[[nodiscard]] RecordedArrivals read_arrivals(const std::string& path);

/// Times of `pattern` at a mean rate, ms.
[[nodiscard]] std::vector<double> arrival_times_ms(const ArrivalPattern& pattern,
                                                   double images_per_second);

/// How long the accelerator is busy with an image.
struct ServiceTimes {
    std::vector<double> alone_ms; ///< per image of the run, from an idle accelerator; of its batch
    std::size_t batch_images = 1; ///< \pre divides the images of the run
    /// The same right behind image `previous`: what completing it takes after that one's end.
    /// Empty: as long as alone.
    std::function<double(std::size_t previous, std::size_t image)> behind_ms;
};

/// One arrival and what became of it.
struct Frame {
    std::size_t image = 0; ///< of the run, from 0
    double arrival_ms = 0.0;
    double start_ms = 0.0;       ///< not of a dropped one
    double finish_ms = 0.0;      ///< not of a dropped one
    std::size_t queue_depth = 0; ///< images that wait when it has arrived, itself included
    bool dropped = false;        ///< the queue was full
    [[nodiscard]] double waiting_ms() const { return start_ms - arrival_ms; }
    [[nodiscard]] double service_ms() const { return finish_ms - start_ms; }
    [[nodiscard]] double response_ms() const { return finish_ms - arrival_ms; }
};

/// Sends the images of a run, again and again, one per arrival. An image is right behind the one
/// before it where it was waiting when that one started. An image that ends at the time of an
/// arrival has left before it.
/// \pre `batch_images` divides the arrivals; batches have neither `behind_ms` nor a capacity
/// \param queue_capacity images that may wait, without the one in work; nothing: any number
[[nodiscard]] std::vector<Frame> serve(const std::vector<double>& arrivals_ms,
                                       const ServiceTimes& service,
                                       std::optional<std::size_t> queue_capacity);

/// Images that wait at one time.
struct QueueSample {
    double time_ms = 0.0;
    std::size_t waiting = 0;
};

/// What a stream of images comes to.
struct StreamSummary {
    std::size_t frames = 0; ///< arrivals
    std::size_t served = 0;
    std::size_t dropped = 0;
    std::size_t late = 0;            ///< served, but not within the deadline
    stats::Distribution response_ms; ///< arrival to result, of those served
    stats::Distribution waiting_ms;
    stats::Distribution service_ms;
    double mean_queue_depth = 0.0; ///< over time
    std::size_t most_queue_depth = 0;
    std::size_t waiting_at_last_arrival = 0;
    std::vector<QueueSample> queue;
    double utilization = 0.0;   ///< time in work / time from the first arrival to the last result
    double completed_fps = 0.0; ///< images served / the same time
    [[nodiscard]] std::size_t missed() const { return late + dropped; }
};
/// \param samples of the queue, at equal distances from the first arrival to the last result
[[nodiscard]] StreamSummary summarize(const std::vector<Frame>& frames,
                                      double deadline_ms,
                                      std::size_t samples,
                                      std::size_t batch_images = 1);

/// Images per second that the accelerator completes when it never idles: 1000 · images of a batch /
/// mean service time over the images of the run, each right behind the one before it.
[[nodiscard]] double saturation_fps(const ServiceTimes& service);

/// Highest mean rate of `pattern`, up to saturation, at which the p99 response time meets the
/// deadline and no image is dropped for want of room: bisection to a relative 10⁻⁴. Nothing if it
/// does not meet it at any rate. Batches wait for their images, so a rate can be too low, too: from
/// saturation down in steps of 1 %, then bisection above the first rate that meets the deadline.
[[nodiscard]] std::optional<double>
sustained_fps(const ArrivalPattern& pattern, const ServiceTimes& service, double deadline_ms);

} // namespace heatsim::system
