// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/text_file.hpp"
#include "report/summary.hpp"
#include "report/trace_report.hpp"
#include "report/version.hpp"
#include "workload/keep_masks.hpp"
#include "workload/trace_generator.hpp"
#include "workload/trace_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr std::uint64_t most_trace_images = 1000000; // what a trace may have
constexpr std::uint64_t most_class_tokens = 16;
constexpr std::uint64_t last_block = 1024;

using Violations = std::vector<config::Violation>;

/// Numbers between commas, each from `min` to `max`.
[[nodiscard]] std::vector<double> numbers_of(const std::string& option,
                                             const std::string& text,
                                             double min,
                                             double max,
                                             Violations& violations)
{
    std::vector<double> numbers;
    for (const auto& piece : config::split({text, 0, 0}, ',')) {
        const auto number = config::to_number<double>(piece.text);
        if (number && *number >= min && *number <= max)
            numbers.push_back(*number);
        else
            refuse_option(
                violations, option, config::quoted(piece.text),
                fmt::format("numbers from {:g} to {:g} with commas between them", min, max));
    }
    return numbers;
}

/// One number for each of `count`, from that many numbers or from one for all.
[[nodiscard]] std::vector<double> spread_over(std::vector<double> numbers,
                                              std::size_t count,
                                              const std::string& option,
                                              const std::string& what,
                                              Violations& violations)
{
    if (numbers.size() == 1)
        numbers.resize(count, numbers.front());
    if (numbers.size() != count)
        refuse_option(violations, option, fmt::format("{} numbers", numbers.size()),
                      fmt::format("1, or one for each of the {} {}", count, what));
    return numbers;
}

struct ModelAndSchedule {
    workload::Model model;
    workload::Schedule schedule;
};

/// \param schedule empty: the network's default
[[nodiscard]] ModelAndSchedule load(const std::string& model, const std::string& schedule)
{
    system::RunRequest request;
    request.model = model;
    request.schedule = schedule;
    request.allow_oversize = true; // nothing is simulated
    auto setup = system::load(request);
    return {std::move(setup.model), std::move(setup.schedule)};
}

[[nodiscard]] bool is_shipped_model(const std::string& name)
{
    const auto names = system::catalog_names(system::ConfigKind::Model);
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Mean keep ratios a schedule aims at, one per selector.
[[nodiscard]] std::vector<double> keep_ratios_of(const workload::Model& model,
                                                 const workload::Schedule& schedule)
{
    workload::TokenTrace trace; // as the schedule's token counts would stand in one
    trace.package_token = schedule.package_token;
    trace.class_tokens = model.class_tokens;
    trace.tokens = model.tokens();
    const auto kept = workload::kept_patches(trace, workload::target_token_counts(schedule, model));
    std::vector<double> ratios;
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto& selector = schedule.selectors[i];
        const bool given =
            selector.keep_ratio > 0.0 && schedule.keep_ratio_of == workload::KeepRatioOf::Original;
        ratios.push_back(given ? selector.keep_ratio
                               : static_cast<double>(kept[i]) /
                                     static_cast<double>(model.patch_tokens()));
    }
    return ratios;
}

void check_can_be_traced(const workload::Schedule& schedule, Violations& violations)
{
    if (!workload::can_be_traced(schedule))
        refuse_option(violations, "--schedule",
                      fmt::format("{}, whose token counts no trace can tell", schedule.name),
                      "a schedule with selectors in front of blocks and package_token one, "
                      "one_per_selector or none");
}

/// Adds an option with these numbers to a command line; nothing where there are none.
void add_numbers(std::string& command, const char* option, const std::vector<double>& numbers)
{
    if (!numbers.empty())
        command += fmt::format(" {} {:.6g}", option, fmt::join(numbers, ","));
}

void finish(workload::TokenTrace trace, const ModelAndSchedule* known, const TraceOptions& options)
{
    workload::write_trace_file(options.output, workload::trace_text(trace), options.force);
    trace.path = options.output;
    const auto report = known != nullptr
                            ? report::inspect(std::move(trace), &known->model, known->schedule)
                            : report::inspect(std::move(trace), nullptr, workload::Schedule{});
    print(options.format == Format::Json
              ? report::json_text(report::trace_json(report))
              : report::trace_written_text(report, options.output, report::style_of(stdout)));
}

void refuse_with(const std::optional<std::string>& value,
                 const std::string& option,
                 const std::string& other,
                 Violations& violations)
{
    if (value)
        refuse_option(violations, option, fmt::format("given with {}", other),
                      fmt::format("either {} or {}", option, other));
}

/// Keep ratios given with --keep-ratio, or nothing.
[[nodiscard]] std::vector<double>
given_keep_ratios(const TraceOptions& options, std::size_t selectors, Violations& violations)
{
    if (!options.keep_ratio)
        return {};
    const std::string option = "--keep-ratio";
    const auto before = violations.size();
    auto ratios = numbers_of(option, *options.keep_ratio, 0.0, 1.0, violations);
    if (violations.size() != before)
        return ratios;
    if (ratios.size() != selectors)
        refuse_option(violations, option, fmt::format("{} numbers", ratios.size()),
                      fmt::format("{}, one per selector", selectors));
    for (std::size_t i = 1; i < ratios.size(); ++i)
        if (ratios[i] > ratios[i - 1])
            refuse_option(violations, option,
                          fmt::format("{:g} behind {:g}", ratios[i], ratios[i - 1]),
                          "cumulative keep ratios, which fall");
    return ratios;
}

[[nodiscard]] workload::KeepRatioDistribution
distribution_of(const TraceOptions& options, const ModelAndSchedule& known, Violations& violations)
{
    const auto selectors = known.schedule.selectors.size();
    const auto pairs = selectors == 0 ? 0 : selectors - 1;
    workload::KeepRatioDistribution distribution;
    distribution.mean = given_keep_ratios(options, selectors, violations);
    if (!options.keep_ratio)
        distribution.mean = keep_ratios_of(known.model, known.schedule);
    if (options.spread)
        distribution.standard_deviation =
            spread_over(numbers_of("--std", *options.spread, 0.0, 1.0, violations), selectors,
                        "--std", "selectors", violations);
    else
        for (const auto mean : distribution.mean)
            distribution.standard_deviation.push_back(
                workload::typical_spread(known.model.patch_tokens(), mean));
    distribution.correlation =
        options.correlation
            ? spread_over(numbers_of("--correlation", *options.correlation, -1.0, 1.0, violations),
                          pairs, "--correlation", "pairs of consecutive selectors", violations)
            : std::vector<double>(pairs, workload::typical_correlation);
    return distribution;
}

[[nodiscard]] std::uint64_t seed_of(const TraceOptions& options, Violations& violations)
{
    return integer_option("--seed", options.seed, 0, std::numeric_limits<std::uint64_t>::max(),
                          violations);
}

void generate_from_distribution(const TraceOptions& options)
{
    constexpr std::uint64_t default_images = 1000;
    Violations violations;
    const auto images = options.image_count ? integer_option("--image-count", *options.image_count,
                                                             1, most_trace_images, violations)
                                            : default_images;
    const auto seed = seed_of(options, violations);
    ModelAndSchedule known;
    workload::KeepRatioDistribution distribution;
    keep_violations(violations, [&] {
        known =
            load(options.model.value_or(system::RunRequest{}.model), options.schedule.value_or(""));
        check_can_be_traced(known.schedule, violations);
        distribution = distribution_of(options, known, violations);
    });
    keep_violations(violations, [&] { workload::check_trace_path(options.output, options.force); });
    throw_if_any(std::move(violations));

    auto trace = workload::generate_trace(known.model, known.schedule, distribution,
                                          static_cast<std::size_t>(images), seed);
    trace.dataset = "none: drawn from a distribution";
    trace.source = fmt::format("heatsim {}: discrete normal distributions of the kept patches, "
                               "Gaussian copula, first-order autoregression",
                               report::version);
    trace.command =
        fmt::format("heatsim trace generate -m {} -s {}", options.model.value_or(known.model.name),
                    options.schedule.value_or(known.schedule.name));
    if (options.keep_ratio)
        add_numbers(trace.command, "--keep-ratio", distribution.mean);
    add_numbers(trace.command, "--std", distribution.standard_deviation);
    add_numbers(trace.command, "--correlation", distribution.correlation);
    trace.command += fmt::format(" --image-count {} --seed {}", images, seed);
    if (options.keep_ratio)
        trace.schedule_name.clear(); // no longer that schedule
    finish(std::move(trace), &known, options);
}

void resample(const TraceOptions& options)
{
    Violations violations;
    workload::Resampling resampling;
    if (options.image_count)
        resampling.images = static_cast<std::size_t>(integer_option(
            "--image-count", *options.image_count, 1, most_trace_images, violations));
    resampling.seed = seed_of(options, violations);
    refuse_with(options.spread, "--std", "--resample", violations);
    refuse_with(options.correlation, "--correlation", "--resample", violations);

    workload::TokenTrace recorded;
    ModelAndSchedule known;
    keep_violations(violations, [&] { recorded = workload::read_trace(*options.resample); });
    keep_violations(violations, [&] {
        const auto own =
            is_shipped_model(recorded.model) ? recorded.model : system::RunRequest{}.model;
        // the recording's schedule replaces the one that is loaded with the network
        known = load(options.model.value_or(own), options.schedule.value_or("dense"));
        if (!options.schedule)
            known.schedule = workload::schedule_of(recorded);
        check_can_be_traced(known.schedule, violations);
        for (const auto& found : workload::violations(known.schedule, known.model))
            refuse_option(violations, found.key, found.found, found.expected);
        const auto selectors = recorded.selectors_before_blocks.size();
        if (known.schedule.selectors.size() != selectors)
            refuse_option(violations, "--schedule",
                          fmt::format("{} has {} selectors", known.schedule.name,
                                      known.schedule.selectors.size()),
                          fmt::format("as many as the recording, {}", selectors));
        resampling.keep_ratio = given_keep_ratios(options, selectors, violations);
        if (options.schedule && !options.keep_ratio)
            resampling.keep_ratio = keep_ratios_of(known.model, known.schedule);
    });
    keep_violations(violations, [&] { workload::check_trace_path(options.output, options.force); });
    throw_if_any(std::move(violations));

    auto trace = workload::resample_trace(recorded, known.model, known.schedule, resampling);
    trace.source = fmt::format("heatsim {}: resampled from a recording ({})", report::version,
                               recorded.source.empty() ? "source not named" : recorded.source);
    trace.command = fmt::format("heatsim trace generate --resample {} -m {}", *options.resample,
                                options.model.value_or(known.model.name));
    if (options.schedule)
        trace.command += fmt::format(" -s {}", *options.schedule);
    if (options.keep_ratio)
        add_numbers(trace.command, "--keep-ratio", resampling.keep_ratio);
    if (options.image_count)
        trace.command +=
            fmt::format(" --image-count {} --seed {}", resampling.images, resampling.seed);
    if (options.keep_ratio || (!options.schedule && recorded.schedule_name.empty()))
        trace.schedule_name.clear(); // no schedule that has a name
    finish(std::move(trace), &known, options);
}

[[nodiscard]] workload::PackageToken package_token_of(const std::string& name,
                                                      Violations& violations)
{
    std::vector<std::string> names;
    for (const auto& entry : workload::traced_package_token_names) {
        if (name == entry.name)
            return entry.value;
        names.emplace_back(entry.name);
    }
    refuse_option(violations, "--package-token", config::quoted(name),
                  fmt::format("{}", fmt::join(names, " or ")), config::nearest_name(name, names));
    return {};
}

[[nodiscard]] std::vector<std::uint64_t> blocks_of(const std::string& text, Violations& violations)
{
    const std::string option = "--selectors";
    std::vector<std::uint64_t> blocks;
    for (const auto& piece : config::split({text, 0, 0}, ',')) {
        const auto block =
            integer_option(option, std::string{piece.text}, 1, last_block, violations);
        if (!blocks.empty() && block <= blocks.back())
            refuse_option(violations, option, config::quoted(piece.text),
                          "a later block than the one before");
        blocks.push_back(block);
    }
    return blocks;
}

/// What the options of `trace convert` say about the selectors. \param known of -m and -s
[[nodiscard]] workload::TokenTrace
header_of(const TraceOptions& options, const ModelAndSchedule* known, Violations& violations)
{
    workload::TokenTrace trace;
    if (known != nullptr) {
        trace.model = known->model.name;
        trace.class_tokens = known->model.class_tokens;
    } else if (options.class_tokens) {
        trace.class_tokens = integer_option("--class-tokens", *options.class_tokens, 0,
                                            most_class_tokens, violations);
    }
    if (options.schedule && known != nullptr) {
        trace = workload::trace_without_images(known->model, known->schedule);
        trace.keep_ratio_targets = keep_ratios_of(known->model, known->schedule);
    } else {
        if (options.selectors)
            trace.selectors_before_blocks = blocks_of(*options.selectors, violations);
        if (options.package_token)
            trace.package_token = package_token_of(*options.package_token, violations);
    }
    trace.convention = workload::convention_text(trace.package_token);
    return trace;
}

/// The command that makes this trace again.
[[nodiscard]] std::string convert_command(const TraceOptions& options)
{
    auto command = fmt::format("heatsim trace convert {}", options.file);
    const std::vector<std::pair<const char*, const std::optional<std::string>*>> given{
        {"-m", &options.model},
        {"-s", &options.schedule},
        {"--selectors", &options.selectors},
        {"--package-token", &options.package_token},
        {"--class-tokens", &options.class_tokens}};
    for (const auto& [option, value] : given)
        if (*value)
            command += fmt::format(" {} {}", option, **value);
    return command;
}

} // namespace

void trace_inspect_command(const TraceOptions& options)
{
    auto trace = workload::read_trace(options.file);
    const bool has_model = options.model || is_shipped_model(trace.model);
    system::RunSetup setup;
    if (has_model) {
        system::RunRequest request;
        request.model = options.model.value_or(trace.model);
        request.trace = options.file;
        request.images = 1; // all of them are read already
        request.allow_oversize = true;
        setup = system::load(request);
        trace.class_tokens = setup.model.class_tokens; // the header need not say it
    }
    const auto report =
        report::inspect(std::move(trace), has_model ? &setup.model : nullptr, setup.schedule);
    print(options.format == Format::Json ? report::json_text(report::trace_json(report))
                                         : report::trace_text(report, report::style_of(stdout)));
}

void trace_compare_command(const TraceOptions& options)
{
    std::vector<workload::TokenTrace> traces;
    Violations violations;
    for (const auto& file : {options.file, options.second})
        keep_violations(violations, [&] { traces.push_back(workload::read_trace(file)); });
    throw_if_any(std::move(violations));
    const auto comparison = workload::compare_traces(traces.front(), traces.back());
    const report::TraceComparisonReport report{options.file, options.second, comparison};
    print(options.format == Format::Json
              ? report::json_text(report::trace_comparison_json(report))
              : report::trace_comparison_text(report, report::style_of(stdout)));
}

void trace_generate_command(const TraceOptions& options)
{
    if (options.resample)
        resample(options);
    else
        generate_from_distribution(options);
}

void trace_convert_command(const TraceOptions& options)
{
    Violations violations;
    if (options.schedule) {
        refuse_with(options.selectors, "--selectors", "--schedule", violations);
        refuse_with(options.package_token, "--package-token", "--schedule", violations);
        if (!options.model)
            refuse_option(violations, "--schedule", "no network for it", "--model, too");
    } else if (!options.selectors) {
        refuse_option(
            violations, "--selectors", "missing",
            "the blocks with a selector in front, e.g. 4,7,10, or --schedule and --model");
    }
    if (options.model)
        refuse_with(options.class_tokens, "--class-tokens", "--model", violations);
    std::optional<ModelAndSchedule> known;
    if (options.model)
        keep_violations(violations,
                        [&] { known = load(*options.model, options.schedule.value_or("dense")); });
    auto trace = header_of(options, known ? &*known : nullptr, violations);
    keep_violations(violations, [&] { workload::check_trace_path(options.output, options.force); });
    throw_if_any(std::move(violations));

    workload::read_keep_masks(options.file, known ? known->model.patch_tokens() : 0, trace);
    trace.dataset = options.dataset;
    trace.source =
        fmt::format("heatsim {}: keep masks of {} images", report::version, trace.images.size());
    trace.command = convert_command(options);
    if (known && !options.schedule) {
        known->schedule = workload::schedule_of(trace);
        Violations misplaced;
        for (const auto& found : workload::violations(known->schedule, known->model))
            refuse_option(misplaced, "--selectors", found.found, found.expected);
        throw_if_any(std::move(misplaced));
    }
    finish(std::move(trace), known ? &*known : nullptr, options);
}

} // namespace heatsim::app
