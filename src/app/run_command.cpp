// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "app/functional.hpp"
#include "app/streaming.hpp"
#include "config/pending_file.hpp"
#include "config/text_file.hpp"
#include "report/csv.hpp"
#include "report/ddr_trace_file.hpp"
#include "report/distribution_report.hpp"
#include "report/output_folder.hpp"
#include "report/perfetto_trace.hpp"
#include "report/progress.hpp"
#include "report/scale_sim_report.hpp"
#include "report/summary.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "system/composition.hpp"
#include "system/simulation.hpp"
#include "system/timeline.hpp"
#include "system/waveform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr std::uint64_t most_batch_images = 1024;
const std::vector<std::string> result_files{
    "summary.json", "host.json",   "operators.csv",      "images.csv",          "distribution.csv",
    "stats.json",   "config.yaml", "COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv"};

/// Simulates the slowest images and typical ones again, which are few, to compare what they did.
template <typename Simulate>
[[nodiscard]] std::optional<report::Tail>
tail_of(const system::RunSetup& setup, const system::RunResult& run, Simulate simulate)
{
    const auto selection = report::select_tail(run);
    if (!selection)
        return std::nullopt;
    const auto again = [&](const std::vector<std::size_t>& numbers) {
        std::vector<workload::TokenCounts> counts;
        counts.reserve(numbers.size());
        for (const auto number : numbers)
            counts.push_back(run.images[number].tokens);
        return simulate(counts);
    };
    return report::tail_of(setup, run, *selection, again(selection->slowest),
                           again(selection->typical));
}

/// What one image is to be recorded for; files that are null are not asked for.
struct Recording {
    std::unique_ptr<config::PendingFile> timeline;
    std::unique_ptr<config::PendingFile> vcd;
    std::optional<std::size_t> image; ///< none: the one of median latency

    [[nodiscard]] bool is_wanted() const { return timeline || vcd; }
};

/// Files, rules over several files, the output folder: everything that can be wrong before the
/// simulation starts.
struct Inputs {
    system::RunSetup run;
    std::optional<system::RunSetup> baseline;
    system::Execution execution;
    system::CompositionOptions composition;
    std::unique_ptr<report::DdrTraceFile> ddr_trace; ///< null: none is asked for
    Recording recording;
    std::optional<StreamRequest> stream;
    std::optional<FunctionalInputs> functional;

    [[nodiscard]] std::size_t images() const
    {
        return functional ? functional->setup.image_count : run.images.size();
    }
};

/// What is written into the output folder. Of tensors and pictures, their folders.
[[nodiscard]] std::vector<std::string> files_of(const Inputs& inputs)
{
    auto files = result_files;
    if (inputs.stream)
        files.emplace_back("streaming.csv");
    if (!inputs.functional)
        return files;
    const auto more = functional_files(inputs.run.schedule);
    files.insert(files.end(), more.begin(), more.end());
    if (inputs.functional->pictures > 0)
        files.emplace_back("pictures/");
    if (!inputs.functional->tensors.empty())
        files.emplace_back("tensors/");
    return files;
}

/// Whether a trace of DDR traffic can be made of this design.
void check_has_ddr(const system::Design& design, std::vector<config::Violation>& violations)
{
    if (design.accelerator.has_ddr())
        return;
    const char* reason =
        design.accelerator.dma.engine == hw::DmaEngine::WordSerial ? "its loader is word_serial"
        : design.accelerator.memory == system::MemoryModel::Ideal  ? "its memory is ideal"
                                                                   : "its memory is throttled";
    refuse_option(violations, "--ddr-trace",
                  fmt::format("{} has no DDR to trace: {}", design.accelerator.name, reason),
                  "a design with memory: board and dma.engine: axi");
}

[[nodiscard]] system::Execution execution_of(const RunOptions& options,
                                             std::vector<config::Violation>& violations)
{
    system::Execution execution;
    execution.reuse = !options.no_reuse;
    execution.workers =
        options.ddr_trace && !options.jobs ? 1 : jobs_option(options.jobs, violations);
    if (options.ddr_trace && execution.workers > 1)
        refuse_option(violations, "-j",
                      fmt::format("{} processes with --ddr-trace", execution.workers),
                      "-j 1: a trace has its images in order, from one process");
    if (options.ddr_trace) // every image is in the trace
        execution.reuse = false;
    return execution;
}

[[nodiscard]] system::CompositionOptions composition_of(const RunOptions& options,
                                                        std::vector<config::Violation>& violations)
{
    system::CompositionOptions composition;
    if (options.sample) {
        composition.sample_images =
            integer_option("--sample", *options.sample, 1, most_images, violations);
        if (!options.compose)
            refuse_option(violations, "--sample", "nothing is composed", "--compose beside it");
    }
    if (options.compose && options.ddr_trace)
        refuse_option(violations, "--compose", "composed images have no traffic of their own",
                      "a run without --ddr-trace");
    if (options.compose && options.batch)
        refuse_option(violations, "--compose", "batches are not composed", "a run without --batch");
    return composition;
}

[[nodiscard]] Recording recording_of(const RunOptions& options,
                                     std::size_t images,
                                     std::vector<config::Violation>& violations)
{
    Recording recording;
    if (options.timeline_image) {
        recording.image = integer_option("--timeline-image", *options.timeline_image, 0,
                                         images > 0 ? images - 1 : most_images, violations);
        if (!options.timeline && !options.vcd)
            refuse_option(violations, "--timeline-image", "no image is recorded",
                          "--timeline or --vcd beside it");
    }
    if (options.timeline && options.timeline == options.vcd)
        refuse_option(violations, "--vcd", fmt::format("'{}', as --timeline", *options.vcd),
                      "another file");
    const auto open = [&violations](const char* option, const std::optional<std::string>& path) {
        std::unique_ptr<config::PendingFile> file;
        if (path)
            keep_violations(violations,
                            [&] { file = std::make_unique<config::PendingFile>(option, *path); });
        return file;
    };
    recording.timeline = open("--timeline", options.timeline);
    recording.vcd = open("--vcd", options.vcd);
    return recording;
}

[[nodiscard]] Inputs read(const RunOptions& options)
{
    std::vector<config::Violation> violations;
    system::RunRequest request;
    request.model = options.model.value_or(request.model);
    request.schedule = options.schedule;
    request.accelerator = options.accelerator;
    request.energy = options.energy;
    request.trace = options.trace;
    request.allow_oversize = options.allow_oversize;
    request.overrides = overrides_of(options.settings, violations);
    if (options.image_count && !options.functional.enabled)
        request.images =
            integer_option("--image-count", *options.image_count, 1, most_images, violations);
    if (options.batch)
        request.batch_images =
            integer_option("--batch", *options.batch, 1, most_batch_images, violations);

    Inputs inputs;
    inputs.execution = execution_of(options, violations);
    inputs.composition = composition_of(options, violations);
    check_functional(options, violations);
    const bool is_computed =
        options.functional.enabled && options.functional.weights && options.functional.images;
    keep_violations(violations, [&] {
        if (is_computed)
            name_network(options, request);
        inputs.run = system::load(request);
        if (options.ddr_trace)
            check_has_ddr(inputs.run.design, violations);
        if (is_computed)
            inputs.functional = read_functional(options, request, inputs.run);
    });
    if (!options.baseline.empty()) {
        auto baseline = request;
        baseline.schedule = options.baseline;
        baseline.trace.clear(); // the schedule's own targets; all images are the same then
        baseline.images = 0;
        auto& overrides = baseline.overrides;
        overrides.erase(std::remove_if(overrides.begin(), overrides.end(),
                                       [](const auto& change) {
                                           return change.key.rfind("schedule.", 0) == 0;
                                       }),
                        overrides.end());
        keep_violations(violations, [&] { inputs.baseline = system::load(baseline); });
    }
    inputs.stream = read_streaming(options.streaming, request.batch_images, violations);
    if (options.output) {
        const auto refused = report::output_folder_violations(*options.output, files_of(inputs));
        violations.insert(violations.end(), refused.begin(), refused.end());
    }
    if (options.ddr_trace)
        keep_violations(violations, [&] {
            inputs.ddr_trace = std::make_unique<report::DdrTraceFile>(*options.ddr_trace);
        });
    inputs.recording = recording_of(options, inputs.images(), violations);
    throw_if_any(std::move(violations));
    return inputs;
}

[[nodiscard]] system::RunResult simulate(system::Simulation& simulation,
                                         const system::RunSetup& setup,
                                         const system::Execution& execution,
                                         bool show_progress)
{
    report::Progress progress{setup.model.name + ", schedule " + setup.schedule.name,
                              show_progress};
    return system::run_images(
        simulation, setup, execution,
        [&progress](std::size_t done, std::size_t total) { progress.show(done, total); });
}

/// The images computed, with what they are.
[[nodiscard]] system::FunctionalResult
compute(system::Simulation& simulation, Inputs& inputs, bool show_progress)
{
    report::Progress progress{fmt::format("{}, images of {}", inputs.run.model.name,
                                          inputs.functional->setup.images.name()),
                              show_progress};
    return system::run_functional(
        simulation, inputs.run, inputs.functional->setup, inputs.execution.workers,
        [&progress](std::size_t done, std::size_t total) { progress.show(done, total); });
}

/// Images from parts, and what the user has to know of the store of them.
[[nodiscard]] system::RunResult
compose(system::Simulation& simulation, const Inputs& inputs, bool show_progress)
{
    report::Progress progress{inputs.run.model.name + ", parts", show_progress};
    auto options = inputs.composition;
    options.parts_progress = [&progress](std::size_t done, std::size_t total) {
        progress.show(done, total);
    };
    auto composed = system::compose_images(simulation, inputs.run, inputs.execution, options);
    for (const auto& note : composed.notes)
        std::fputs(fmt::format("note: {}\n", note).c_str(), stderr);
    return std::move(composed.run);
}

/// Number of the image of median latency (nearest rank), the first one of them. \pre any images
[[nodiscard]] std::size_t median_image(const system::RunResult& run)
{
    std::vector<std::size_t> numbers(run.images.size());
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    std::stable_sort(numbers.begin(), numbers.end(), [&run](std::size_t a, std::size_t b) {
        return run.images[a].cycles < run.images[b].cycles;
    });
    const auto median = run.images[numbers[(numbers.size() - 1) / 2]].cycles;
    return *std::find_if(numbers.begin(), numbers.end(), [&run, median](std::size_t number) {
        return run.images[number].cycles == median;
    });
}

/// Simulates one image, or the batch it is in, again and writes down what happens.
/// \returns what the user has to know, a line per file
[[nodiscard]] std::string record(system::Simulation& simulation,
                                 const Inputs& inputs,
                                 const system::RunResult& run,
                                 system::WaveformPlayer* player)
{
    const auto& setup = inputs.run;
    const auto number = inputs.recording.image.value_or(median_image(run));
    const auto first = number - number % run.batch_images;
    std::vector<workload::TokenCounts> counts;
    counts.reserve(run.batch_images);
    for (std::size_t i = 0; i < run.batch_images; ++i)
        counts.push_back(run.images[first + i].tokens);
    const auto workload = workload::lower_batch(
        setup.model, setup.schedule, counts, {setup.design.accelerator.controller.layout_copies});
    const auto timeline = system::record_timeline(simulation, workload);
    const auto image = run.batch_images == 1
                           ? fmt::format("image {}", number)
                           : fmt::format("images {} to {}", first, first + run.batch_images - 1);
    const auto write = [](config::PendingFile& file, const std::string& bytes) {
        file.write(config::ends_with(file.name(), ".gz") ? config::gzip_of(bytes) : bytes);
        file.publish();
    };
    std::string text;
    if (inputs.recording.timeline) {
        auto& file = *inputs.recording.timeline;
        write(file,
              report::perfetto_trace(
                  timeline, fmt::format("{}: {}, schedule {}, {}", setup.design.accelerator.name,
                                        setup.model.name, setup.schedule.name, image)));
        text += fmt::format("Timeline of {} in {}: opens in ui.perfetto.dev\n", image, file.name());
    }
    if (inputs.recording.vcd) {
        auto& file = *inputs.recording.vcd;
        write(file, player->vcd(system::waveform(timeline, workload)));
        text += fmt::format("Signals of {} in {}: opens in GTKWave\n", image, file.name());
    }
    return text;
}

} // namespace

void run_command(const RunOptions& options)
{
    auto inputs = read(options);

    std::unique_ptr<system::WaveformPlayer> player; // before the chip: its process has none
    if (inputs.recording.vcd)
        player = std::make_unique<system::WaveformPlayer>();
    // one chip for all: SystemC elaborates once per process; workers are copies of this one
    system::Simulation simulation{inputs.run.design};
    std::optional<report::Summary> baseline;
    if (inputs.baseline)
        baseline = report::summarize(*inputs.baseline,
                                     simulate(simulation, *inputs.baseline, {}, !options.quiet));
    auto* const ddr_trace = inputs.ddr_trace.get();
    if (ddr_trace != nullptr) {
        ddr_trace->write_header(inputs.run.design);
        simulation.trace_ddr([ddr_trace](const auto& request) { ddr_trace->write(request); });
    }
    std::optional<system::FunctionalResult> computed;
    if (inputs.functional)
        computed = compute(simulation, inputs, !options.quiet);
    const auto run = computed ? std::move(computed->run)
                     : options.compose
                         ? compose(simulation, inputs, !options.quiet)
                         : simulate(simulation, inputs.run, inputs.execution, !options.quiet);
    if (ddr_trace != nullptr)
        ddr_trace->publish();
    auto summary = report::summarize(inputs.run, run);
    report::FunctionalRun functional;
    std::optional<report::FunctionalSummary> functional_summary;
    if (computed) {
        functional = {&inputs.run, &inputs.functional->setup, &computed->inferences,
                      inputs.functional->weights, inputs.functional->weights_hash};
        functional_summary = report::summarize(functional);
        functional_summary->pictures.reserve(inputs.functional->pictures);
        for (std::size_t i = 0; i < inputs.functional->pictures; ++i)
            functional_summary->pictures.push_back(functional.number(i));
        report::set_functional(summary, *functional_summary);
    }
    const auto host = report::host_cost(run);
    if (ddr_trace != nullptr) // what follows is no image of the run
        simulation.trace_ddr([](const auto& /*request*/) {});
    const auto recorded = inputs.recording.is_wanted()
                              ? record(simulation, inputs, run, player.get())
                              : std::string{};
    std::optional<report::Tail> tail;
    if (run.batch_images == 1) // an image of a batch is as slow as its neighbours make it
        tail = tail_of(inputs.run, run, [&](const auto& counts) {
            return system::run_images(simulation, inputs.run.model, inputs.run.schedule, counts,
                                      inputs.execution);
        });
    const auto* other = baseline ? &*baseline : nullptr;

    auto json = report::summary_json(summary, other);
    std::optional<report::StreamReport> stream;
    if (inputs.stream) {
        system::BackToBack back_to_back{simulation, inputs.run.model, inputs.run.schedule,
                                        run.images};
        stream = stream_images(*inputs.stream, run, summary.clock_mhz,
                               [&back_to_back](std::size_t previous, std::size_t image) {
                                   return back_to_back.cycles(previous, image);
                               });
        json["streaming"] = report::streaming_json(*stream);
    }
    if (functional_summary)
        json["functional"] = report::functional_json(*functional_summary);
    json["tail"] = tail ? report::tail_json(*tail) : nlohmann::ordered_json{};
    std::vector<report::NamedText> functional_files;
    if (computed)
        functional_files =
            functional_outputs(*inputs.functional, functional, options.output.has_value());
    if (options.output) {
        std::vector<report::NamedText> files{
            {"summary.json", report::json_text(json)},
            {"host.json", report::json_text(report::host_json(host))},
            {"operators.csv", report::operators_csv(inputs.run, run)},
            {"images.csv", report::images_csv(inputs.run, run)},
            {"distribution.csv", report::distribution_csv(summary)},
            {"stats.json", report::json_text(report::statistics_json(run))},
            {"config.yaml", system::resolved_configuration(inputs.run)},
            {"COMPUTE_REPORT.csv", report::compute_report_csv(inputs.run, run)},
            {"BANDWIDTH_REPORT.csv", report::bandwidth_report_csv(inputs.run, run)}};
        if (stream)
            files.emplace_back("streaming.csv", report::streaming_csv(*stream));
        files.insert(files.end(), std::make_move_iterator(functional_files.begin()),
                     std::make_move_iterator(functional_files.end()));
        report::write_output_folder(*options.output, files);
    }
    if (options.format == Format::Json) {
        json["host"] = report::host_json(host);
        print(report::json_text(json));
    } else if (!options.quiet) {
        const auto style = report::style_of(stdout);
        std::vector<std::string> sections;
        if (functional_summary)
            sections.push_back(report::functional_text(*functional_summary, style));
        if (tail)
            sections.push_back(report::tail_text(*tail, style));
        if (stream)
            sections.push_back(report::streaming_text(*stream, style));
        auto text = report::run_text(summary, other, run, host, style, sections);
        if (options.output)
            text += fmt::format("Results in {}: {}\n", *options.output,
                                fmt::join(files_of(inputs), ", "));
        if (options.functional.record_trace)
            text += fmt::format("Token trace in {}\n", *options.functional.record_trace);
        if (ddr_trace != nullptr)
            text += fmt::format("DDR trace in {}: {} column accesses\n", *options.ddr_trace,
                                report::grouped(ddr_trace->requests()));
        text += recorded;
        print(text);
    }
}

} // namespace heatsim::app
