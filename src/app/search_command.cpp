// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/output_folder.hpp"
#include "report/search_report.hpp"
#include "report/summary.hpp"
#include "sweep/accuracy_table.hpp"
#include "sweep/latency_search.hpp"
#include "sweep/latency_table.hpp"
#include "system/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr double shortest_ms = 1e-6;
constexpr double longest_ms = 1e6;
constexpr double whole_percent = 100.0;
constexpr double finest_step = 0.01;
constexpr double coarsest_step = 0.5;
constexpr std::uint64_t most_selectors = 12;
constexpr std::size_t most_choices = 2000000;
/// How many times the target in the table is lowered where the table predicted too little.
constexpr int most_searches = 4;

/// Everything that can be wrong before the work starts.
struct Inputs {
    system::RunSetup setup;
    std::optional<sweep::AccuracyTable> accuracy;
    double latency_ms = 0.0;
    double accuracy_drop_points = 0.0;
    double step = 0.0;
    double grid_step = 0.0;
    std::size_t max_selectors = 0;
};

/// Folder and name of a file that can be written; a violation otherwise.
[[nodiscard]] std::pair<std::string, std::string>
output_file(const std::string& path, std::vector<config::Violation>& violations)
{
    namespace fs = std::filesystem;
    const fs::path target{path};
    std::error_code ignored; // where nothing can be found, writing says why
    const auto status = fs::status(target, ignored);
    if (!target.has_filename() || (fs::exists(status) && !fs::is_regular_file(status))) {
        refuse_option(violations, "--output", fmt::format("'{}' is not a regular file", path),
                      "a file to write the schedule to");
        return {};
    }
    auto folder = target.has_parent_path() ? target.parent_path().string() : std::string{"."};
    auto name = target.filename().string();
    const auto refused = report::output_folder_violations(folder, {name});
    violations.insert(violations.end(), refused.begin(), refused.end());
    return {std::move(folder), std::move(name)};
}

void check_schedule_form(const workload::Schedule& form,
                         const sweep::AccuracyTable& accuracy,
                         const workload::Model& model,
                         std::vector<config::Violation>& violations)
{
    if (!accuracy.is_of(model)) {
        refuse_option(violations, "--accuracy",
                      fmt::format("networks of {}, not of this {}", accuracy.model(), model.name),
                      "a table of the model (`heatsim list accuracy`), or -m of the table");
        return;
    }
    const auto known = std::any_of(
        accuracy.networks().begin(), accuracy.networks().end(), [&](const auto& network) {
            sweep::Stages stages;
            stages.reserve(network.before_blocks.size());
            for (std::size_t i = 0; i < network.before_blocks.size(); ++i)
                stages.push_back({network.before_blocks[i], network.keep_ratios[i]});
            return !stages.empty() &&
                   accuracy.top1_percent(model, sweep::schedule_of(form, stages));
        });
    if (!known)
        refuse_option(
            violations, "--accuracy",
            fmt::format("no networks with such selectors: scoring {}, choice {}, package_token {}",
                        config::name_of(form.scoring, workload::scoring_names),
                        config::name_of(form.choice, workload::choice_names),
                        config::name_of(form.package_token, workload::package_token_names)),
            "--set schedule.choice=... and so on as the table's networks");
    constexpr double any_ratio = 0.5;
    for (const auto& found :
         workload::violations(sweep::schedule_of(form, {{2, any_ratio}}), model))
        refuse_option(violations, "--model", found.found, found.expected);
}

[[nodiscard]] Inputs checked(const SearchOptions& options,
                             std::pair<std::string, std::string>& output)
{
    std::vector<config::Violation> violations;
    Inputs inputs;
    system::RunRequest request;
    request.model = options.model;
    request.accelerator = options.accelerator;
    request.schedule = "dense"; // selectors of the default form, HeatViT's, but none of them yet
    request.allow_oversize = options.allow_oversize;
    request.overrides = overrides_of(options.settings, violations);
    bool is_loaded = false;
    keep_violations(violations, [&] {
        inputs.setup = system::load(request);
        is_loaded = true;
    });
    keep_violations(violations,
                    [&] { inputs.accuracy = sweep::AccuracyTable::load(options.accuracy); });
    inputs.latency_ms =
        real_option("--latency-ms", options.latency_ms, shortest_ms, longest_ms, violations);
    inputs.accuracy_drop_points =
        real_option("--accuracy-drop", options.accuracy_drop, 0.0, whole_percent, violations);
    inputs.step = real_option("--step", options.step, finest_step, coarsest_step, violations);
    inputs.grid_step =
        real_option("--grid-step", options.grid_step, finest_step, coarsest_step, violations);
    inputs.max_selectors =
        integer_option("--max-selectors", options.max_selectors, 1, most_selectors, violations);
    if (options.output)
        output = output_file(*options.output, violations);
    if (is_loaded && inputs.accuracy)
        check_schedule_form(inputs.setup.schedule, *inputs.accuracy, inputs.setup.model,
                            violations);
    throw_if_any(std::move(violations));
    return inputs;
}

/// Refuses a grid that would take too long.
void check_grid(const sweep::SearchProblem& problem)
{
    if (sweep::exhaustive_choices(problem, most_choices) < most_choices)
        return;
    std::vector<config::Violation> violations;
    refuse_option(violations, "--exhaustive",
                  fmt::format("too many choices of {} selectors in steps of {:g}",
                              problem.max_selectors, problem.step),
                  fmt::format("fewer than {}: a larger --grid-step or fewer --max-selectors",
                              report::grouped(most_choices)));
    throw_if_any(std::move(violations));
}

} // namespace

bool search_command(const SearchOptions& options)
{
    std::pair<std::string, std::string> output; // folder and name
    const auto inputs = checked(options, output);
    const auto& setup = inputs.setup;
    const auto& model = setup.model;
    const auto& accuracy = *inputs.accuracy;
    const double clock_mhz = setup.design.accelerator.clock_mhz;
    const auto milliseconds = [clock_mhz](std::uint64_t cycles) {
        return static_cast<double>(cycles) / (clock_mhz * 1e3);
    };

    report::SearchReport report;
    report.model = model.name;
    report.accelerator = setup.design.accelerator.name;
    report.board = setup.design.board.name;
    report.clock_mhz = clock_mhz;
    report.accuracy_table = accuracy.name();
    report.dataset = accuracy.dataset();
    report.sampling_error_points = accuracy.sampling_error_points();
    report.accuracy_drop_points = inputs.accuracy_drop_points;
    report.dense_top1_percent = accuracy.dense_top1_percent();
    report.latency_target_ms = inputs.latency_ms;
    report.least_top1_percent = accuracy.dense_top1_percent() - inputs.accuracy_drop_points;
    report.step = inputs.step;
    report.max_selectors = inputs.max_selectors;

    sweep::LatencyTable table;
    sweep::SearchProblem problem;
    problem.blocks = model.depth;
    problem.step = inputs.step;
    problem.max_selectors = inputs.max_selectors;
    problem.latency_target_ms = inputs.latency_ms;
    problem.least_top1_percent = report.least_top1_percent;
    problem.latency_ms = [&](const sweep::Stages& stages) {
        return milliseconds(table.cycles(model, sweep::schedule_of(setup.schedule, stages)));
    };
    problem.top1_percent = [&](const sweep::Stages& stages) {
        return accuracy.top1_percent(model, sweep::schedule_of(setup.schedule, stages));
    };
    auto grid = problem;
    grid.step = inputs.grid_step;
    if (options.exhaustive)
        check_grid(grid);

    system::Simulation simulation{setup.design};
    table = sweep::simulated_latency_table(simulation, model, setup.schedule);
    report.table_simulations = table.simulations;
    const workload::LoweringOptions lowering{setup.design.accelerator.controller.layout_copies};
    for (int searches = 1; searches <= most_searches; ++searches) {
        report.search = sweep::latency_search(problem);
        report.table_target_ms = problem.latency_target_ms;
        const auto schedule = sweep::schedule_of(setup.schedule, report.search.best.stages);
        const auto counts = workload::target_token_counts(schedule, model);
        report.simulated_ms =
            milliseconds(simulation.run(workload::lower(model, schedule, counts, lowering)).cycles);
        if (report.met() || !report.search.met)
            break;
        // the table predicted less than the simulation takes: leave that much room
        problem.latency_target_ms -=
            std::max(report.simulated_ms - report.search.best.latency_ms, shortest_ms);
    }
    if (options.exhaustive)
        report.exhaustive.emplace(
            report::ExhaustiveReport{inputs.grid_step, sweep::exhaustive_search(grid)});

    if (options.output) {
        report.output = *options.output;
        report::write_output_folder(
            output.first, {{output.second, report::schedule_text(
                                               report::found_schedule(report, setup.schedule))}});
    }
    print(options.format == Format::Json ? report::json_text(report::search_json(report))
                                         : report::search_text(report, report::style_of(stdout)));
    return report.met();
}

} // namespace heatsim::app
