// SPDX-License-Identifier: Apache-2.0
#include "report/streaming_report.hpp"

#include "report/csv_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using system::Frame;
using Align = TextTable::Align;

constexpr std::size_t named_images = 20;
constexpr std::size_t shown_images = 4;
constexpr std::size_t narrow_page = 80;

/// How often each image of the run missed its deadline or was dropped, most often first.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>>
missed_images(const StreamReport& report)
{
    std::map<std::size_t, std::size_t> times;
    for (const auto& frame : report.frames)
        if (frame.dropped || frame.response_ms() > report.deadline_ms)
            ++times[frame.image];
    std::vector<std::pair<std::size_t, std::size_t>> images{times.begin(), times.end()};
    std::stable_sort(images.begin(), images.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return images;
}

[[nodiscard]] double missed_percent(const StreamReport& report)
{
    return 100.0 * static_cast<double>(report.summary.missed()) /
           static_cast<double>(report.summary.frames);
}

[[nodiscard]] ordered_json distribution_json(const stats::Distribution& of)
{
    return {{"mean", of.mean}, {"p50", of.p50}, {"p90", of.p90}, {"p95", of.p95},
            {"p99", of.p99},   {"min", of.min}, {"max", of.max}};
}

[[nodiscard]] std::vector<Column<Frame>> frame_table(double deadline_ms)
{
    std::vector<Column<Frame>> columns;
    const auto add = [&](const char* name, const char* unit, const char* type, const char* meaning,
                         std::function<std::string(const Frame&)> cell) {
        columns.push_back({{name, unit, type, meaning}, std::move(cell)});
    };
    const auto add_time = [&](const char* name, const char* meaning, double (*time)(const Frame&)) {
        add(name, "ms", "real or empty", meaning, [time](const Frame& frame) {
            return frame.dropped ? std::string{} : real_text(time(frame));
        });
    };
    add("image", "", "integer", "number of the image in the run, from 0",
        [](const Frame& frame) { return std::to_string(frame.image); });
    add("arrival_ms", "ms", "real", "when it arrives",
        [](const Frame& frame) { return real_text(frame.arrival_ms); });
    add_time("start_ms", "when the accelerator starts with it; empty: it was dropped",
             [](const Frame& frame) { return frame.start_ms; });
    add_time("finish_ms", "when its result is there; empty: it was dropped",
             [](const Frame& frame) { return frame.finish_ms; });
    add_time("waiting_ms", "start_ms - arrival_ms",
             [](const Frame& frame) { return frame.waiting_ms(); });
    add_time("service_ms", "finish_ms - start_ms",
             [](const Frame& frame) { return frame.service_ms(); });
    add_time("response_ms", "finish_ms - arrival_ms",
             [](const Frame& frame) { return frame.response_ms(); });
    add("queue_depth", "images", "integer",
        "images that wait when it has arrived, itself included if it does",
        [](const Frame& frame) { return std::to_string(frame.queue_depth); });
    add("outcome", "", "text", "`in_time`, `late` (response_ms above the deadline) or `dropped`",
        [deadline_ms](const Frame& frame) {
            if (frame.dropped)
                return std::string{"dropped"};
            return std::string{frame.response_ms() > deadline_ms ? "late" : "in_time"};
        });
    return columns;
}

[[nodiscard]] std::string arrivals_text(const StreamReport& report)
{
    if (report.seed)
        return fmt::format("Poisson, seed {}", *report.seed);
    if (report.arrivals == "fixed")
        return "fixed interval";
    return std::filesystem::path{report.arrivals}.filename().string();
}

[[nodiscard]] std::string quantiles_text(const stats::Distribution& of, const Style& style)
{
    return fmt::format("mean {}{}p50 {}{}p90 {}{}p99 {}{}max {} ms", significant(of.mean, 3),
                       style.dot(), significant(of.p50, 3), style.dot(), significant(of.p90, 3),
                       style.dot(), significant(of.p99, 3), style.dot(), significant(of.max, 3));
}

} // namespace

std::string stream_sentence(const StreamReport& report)
{
    const auto& summary = report.summary;
    if (report.saturated()) {
        auto text = fmt::format("Saturated: {} images/s arrive, the accelerator completes {} at "
                                "most",
                                significant(report.fps), significant(report.saturation_fps));
        if (report.queue_capacity)
            return fmt::format("{}: the queue fills and {} images are dropped.", text,
                               grouped(summary.dropped));
        return fmt::format("{}: the queue grows by {} images a second, {} wait at the last "
                           "arrival.",
                           text, significant(report.fps - report.saturation_fps, 3),
                           grouped(summary.waiting_at_last_arrival));
    }
    return fmt::format("The accelerator keeps up: {} images/s arrive, {:.1f} % of the {} it can "
                       "complete.",
                       significant(report.fps), 100.0 * report.load(),
                       significant(report.saturation_fps));
}

ordered_json streaming_json(const StreamReport& report)
{
    const auto& summary = report.summary;
    ordered_json missed = ordered_json::array();
    for (const auto& [image, times] : missed_images(report)) {
        if (missed.size() == named_images)
            break;
        missed.push_back({{"image", image}, {"times", times}});
    }
    ordered_json samples = ordered_json::array();
    for (const auto& sample : summary.queue)
        samples.push_back({{"time_ms", sample.time_ms}, {"waiting", sample.waiting}});
    const auto optional = [](const auto& value) {
        return value ? ordered_json(*value) : ordered_json{};
    };
    return {{"arrivals", report.arrivals},
            {"seed", optional(report.seed)},
            {"fps", report.fps},
            {"deadline_ms", report.deadline_ms},
            {"batch_images", report.batch_images},
            {"overlap", report.overlap},
            {"queue_capacity", optional(report.queue_capacity)},
            {"frames", summary.frames},
            {"served", summary.served},
            {"dropped", summary.dropped},
            {"late", summary.late},
            {"missed", summary.missed()},
            {"missed_percent", missed_percent(report)},
            {"missed_images", std::move(missed)},
            {"response_ms", distribution_json(summary.response_ms)},
            {"waiting_ms", distribution_json(summary.waiting_ms)},
            {"service_ms", distribution_json(summary.service_ms)},
            {"queue",
             {{"mean", summary.mean_queue_depth},
              {"max", summary.most_queue_depth},
              {"at_last_arrival", summary.waiting_at_last_arrival},
              {"samples", std::move(samples)}}},
            {"utilization", summary.utilization},
            {"completed_fps", summary.completed_fps},
            {"saturation_fps", report.saturation_fps},
            {"load", report.load()},
            {"saturated", report.saturated()},
            {"sustained_fps", optional(report.sustained_fps)},
            {"verdict", stream_sentence(report)}};
}

std::vector<Field> streaming_fields()
{
    const std::string root = "streaming";
    std::vector<Field> fields{
        {root, "", "object", "images that arrive over time, with --fps or --arrivals"},
        {root + ".arrivals", "", "text", "`fixed`, `poisson` or the file of the arrival times"},
        {root + ".seed", "", "integer or null", "of Poisson arrivals; null for others"},
        {root + ".fps", "images/s", "real", "mean rate of the arrivals"},
        {root + ".deadline_ms", "ms", "real", "longest response time that is in time"},
        {root + ".batch_images", "images", "integer",
         "arrivals that are executed together, when the last of them is there"},
        {root + ".overlap", "", "boolean",
         "whether the next image's first weights are loaded under the end of an image"},
        {root + ".queue_capacity", "images", "integer or null",
         "images that may wait, without the one in work; null: any number"},
        {root + ".frames", "images", "integer",
         "arrivals; the images of the run, again and again in their order"},
        {root + ".served", "images", "integer", "arrivals that got a result"},
        {root + ".dropped", "images", "integer", "arrivals that found the queue full"},
        {root + ".late", "images", "integer", "served, but after more than the deadline"},
        {root + ".missed", "images", "integer", "late or dropped: deadline misses"},
        {root + ".missed_percent", "%", "real", "missed / frames"},
        {root + ".missed_images", "", "list",
         "images of the run that missed most often, at most 20"},
        {root + ".missed_images[].image", "", "integer", "number of the image in the run, from 0"},
        {root + ".missed_images[].times", "", "integer", "how often it missed"},
    };
    const auto add = [&](const char* name, const char* meaning) {
        const auto key = root + "." + name;
        fields.push_back({key, "ms", "object", std::string{meaning} + ", of those served"});
        fields.push_back({key + ".mean", "ms", "real", "arithmetic mean"});
        for (const auto* percent : {"50", "90", "95", "99"})
            fields.push_back({fmt::format("{}.p{}", key, percent), "ms", "real",
                              fmt::format("{} % have at most this (nearest rank)", percent)});
        fields.push_back({key + ".min", "ms", "real", "least"});
        fields.push_back({key + ".max", "ms", "real", "most"});
    };
    add("response_ms", "arrival to result");
    add("waiting_ms", "arrival to start");
    add("service_ms", "start to result");
    const std::vector<Field> rest{
        {root + ".queue", "images", "object", "images that wait, without the one in work"},
        {root + ".queue.mean", "images", "real",
         "mean over the time from the first arrival to the last result"},
        {root + ".queue.max", "images", "integer", "most"},
        {root + ".queue.at_last_arrival", "images", "integer",
         "wait when the last image has arrived"},
        {root + ".queue.samples", "", "list", "the queue over time, at equal distances"},
        {root + ".queue.samples[].time_ms", "ms", "real", "time"},
        {root + ".queue.samples[].waiting", "images", "integer", "wait at that time"},
        {root + ".utilization", "1", "real",
         "time the accelerator works / time from the first arrival to the last result"},
        {root + ".completed_fps", "images/s", "real", "served / the same time"},
        {root + ".saturation_fps", "images/s", "real",
         "1000 batch_images / mean service time of the run's images, each right behind the one "
         "before it"},
        {root + ".load", "1", "real", "fps / saturation_fps"},
        {root + ".saturated", "", "boolean", "whether load is 1 or more: the queue grows"},
        {root + ".sustained_fps", "images/s", "real or null",
         "highest rate of these arrivals, up to saturation_fps, at which response_ms.p99 is within "
         "the deadline, without a limit of the queue; null: at no rate"},
        {root + ".verdict", "", "text", "whether the accelerator keeps up"},
    };
    fields.insert(fields.end(), rest.begin(), rest.end());
    return fields;
}

std::string streaming_text(const StreamReport& report, const Style& style)
{
    const auto& summary = report.summary;
    std::string text = style.bold("Streaming") + style.dot() +
                       fmt::format("{} images at {} images/s{}{}\n", grouped(summary.frames),
                                   significant(report.fps), style.dot(), arrivals_text(report));
    for (const auto& line : wrapped(stream_sentence(report), narrow_page - 2))
        text.append("  ").append(line).append("\n");
    TextTable table{{Align::Left, Align::Left}};
    const auto add = [&table](const char* name, const std::string& value) {
        table.add({name, value});
    };
    add("  Deadline", significant(report.deadline_ms) + " ms");
    if (report.batch_images > 1)
        add("  Execution",
            fmt::format("batches of {}, each when its last image is there", report.batch_images));
    if (report.overlap)
        add("  Execution", "first weights load under the end of the image before");
    auto misses = fmt::format("{} ({:.2f} %)", grouped(summary.missed()), missed_percent(report));
    if (summary.missed() > 0)
        misses +=
            fmt::format(": {} late, {} dropped", grouped(summary.late), grouped(summary.dropped));
    add("  Deadline misses", misses);
    const auto images = missed_images(report);
    if (!images.empty()) {
        std::string names;
        for (std::size_t i = 0; i < std::min(shown_images, images.size()); ++i)
            names += fmt::format("{}{} ({}{})", i == 0 ? "" : ", ", images[i].first,
                                 images[i].second, style.times());
        add("  Missed by images",
            fmt::format("{}{}", names,
                        images.size() > shown_images
                            ? fmt::format(" and {} others", images.size() - shown_images)
                            : ""));
    }
    add("  Response time", quantiles_text(summary.response_ms, style));
    add("  Waiting time", quantiles_text(summary.waiting_ms, style));
    add("  Service time", quantiles_text(summary.service_ms, style));
    add("  Queue", fmt::format("mean {}{}max {}{}{} at the last arrival",
                               significant(summary.mean_queue_depth, 3), style.dot(),
                               grouped(summary.most_queue_depth), style.dot(),
                               grouped(summary.waiting_at_last_arrival)));
    add("  Utilization", fmt::format("{:.1f} %, {} images/s completed", 100.0 * summary.utilization,
                                     significant(summary.completed_fps)));
    add("  Sustained rate",
        report.sustained_fps
            ? fmt::format("{} images/s with p99 of the response within {} ms",
                          significant(*report.sustained_fps), significant(report.deadline_ms))
            : fmt::format("none: p99 of the response is above {} ms at any rate",
                          significant(report.deadline_ms)));
    for (const auto& line : table.lines())
        text.append(line).append("\n");
    return text;
}

std::string streaming_csv(const StreamReport& report)
{
    return csv_table(frame_table(report.deadline_ms), report.frames);
}

std::vector<Field> streaming_columns()
{
    return fields_of(frame_table(0.0));
}

} // namespace heatsim::report
