// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/advice_report.hpp"
#include "report/progress.hpp"
#include "report/summary.hpp"
#include "sweep/sensitivity.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr std::size_t default_trace_images = 8; ///< every design is simulated with all of them

} // namespace

void advise_command(const AdviseOptions& options)
{
    std::vector<config::Violation> violations;
    system::RunRequest request;
    request.model = options.model;
    request.schedule = options.schedule;
    request.accelerator = options.accelerator;
    request.energy = options.energy;
    request.trace = options.trace;
    request.allow_oversize = options.allow_oversize;
    request.overrides = overrides_of(options.settings, violations);
    request.images = options.trace.empty() ? 1 : default_trace_images;
    if (options.image_count)
        request.images =
            integer_option("--image-count", *options.image_count, 1, most_images, violations);
    const auto jobs = jobs_option(options.jobs, violations);
    system::RunSetup setup;
    keep_violations(violations, [&] { setup = system::load(request); });
    throw_if_any(std::move(violations));

    report::Progress progress{setup.design.accelerator.name, !options.quiet};
    auto advice =
        sweep::advise(request, setup, jobs, [&progress](std::size_t done, std::size_t total) {
            progress.show(done, total);
        });
    const auto report = report::advice_report(setup, std::move(advice));
    print(options.format == Format::Json ? report::json_text(report::advice_json(report))
                                         : report::advice_text(report, report::style_of(stdout)));
}

} // namespace heatsim::app
