// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/resources_report.hpp"
#include "report/summary.hpp"
#include "system/resources.hpp"

#include <utility>
#include <vector>

namespace heatsim::app {

void resources_command(const ResourcesOptions& options)
{
    std::vector<config::Violation> violations;
    system::RunRequest request;
    request.accelerator = options.accelerator;
    request.model = options.model;
    request.schedule = options.schedule;
    request.allow_oversize = true; // whether it fits is what is asked
    request.overrides = overrides_of(options.settings, violations);
    system::RunSetup setup;
    keep_violations(violations, [&] { setup = system::load(request); });
    throw_if_any(std::move(violations));

    const auto& design = setup.design;
    auto shape = system::chip_shape(design.accelerator, design.board, setup.model, setup.schedule);
    report::ResourcesReport report;
    report.accelerator = design.accelerator.name;
    report.board = design.board;
    report.clock_mhz = design.accelerator.clock_mhz;
    report.model = &system::resource_model();
    report.chip = estimate::estimate_chip(shape, *report.model);
    shape.token_selection = false;
    report.without_selection = estimate::estimate_chip(shape, *report.model);
    print(options.format == Format::Json
              ? report::json_text(report::resources_json(report))
              : report::resources_text(report, report::style_of(stdout)));
}

} // namespace heatsim::app
