// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/output_folder.hpp"
#include "report/staircase_report.hpp"
#include "report/summary.hpp"
#include "system/simulation.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

void staircase_command(const StaircaseOptions& options)
{
    const std::vector<std::string> files{"staircase.json", "staircase.csv"};
    std::vector<config::Violation> violations;
    system::RunRequest request;
    request.model = options.model;
    request.accelerator = options.accelerator;
    request.trace = options.trace;
    request.allow_oversize = options.allow_oversize;
    request.overrides = overrides_of(options.settings, violations);
    system::RunSetup setup;
    keep_violations(violations, [&] { setup = system::load(request); });
    if (options.output) {
        const auto refused = report::output_folder_violations(*options.output, files);
        violations.insert(violations.end(), refused.begin(), refused.end());
    }
    throw_if_any(std::move(violations));

    system::Simulation simulation{setup.design};
    const auto fewest = setup.model.class_tokens + 1; // a package token is the least beside them
    const auto report =
        report::staircase_report(setup, system::block_staircase(simulation, setup.model, fewest));
    const auto json = report::json_text(report::staircase_json(report));
    if (options.output)
        report::write_output_folder(
            *options.output,
            {{"staircase.json", json}, {"staircase.csv", report::staircase_csv(report)}});
    if (options.format == Format::Json) {
        print(json);
        return;
    }
    auto text = report::staircase_text(report, report::style_of(stdout));
    if (options.output)
        text += fmt::format("Results in {}: {}\n", *options.output, fmt::join(files, ", "));
    print(text);
}

} // namespace heatsim::app
