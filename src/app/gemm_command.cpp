// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/summary.hpp"
#include "report/terminal.hpp"
#include "system/simulation.hpp"

#include <string>
#include <vector>

namespace heatsim::app {

namespace {

constexpr std::uint64_t most_elements = 65536; ///< of each dimension
constexpr std::uint64_t most_heads = 1024;

void check_capacity(const system::Design& design, const workload::Workload& workload)
{
    const auto needed =
        hw::address_map_bytes(workload, system::controller_settings(design.accelerator));
    if (needed <= design.memory.capacity_bytes)
        return;
    config::Violation violation;
    violation.key = "gemm";
    violation.found = "its operands need " + std::to_string(needed) + " bytes";
    violation.expected = "at most the " + std::to_string(design.memory.capacity_bytes) +
                         " bytes of the board's memory";
    throw config::Error{violation};
}

} // namespace

void gemm_command(const GemmOptions& options)
{
    std::vector<config::Violation> violations;
    const auto dimension = [&](const char* option, const std::string& text) {
        return integer_option(option, text, 1, most_elements, violations);
    };
    report::GemmShape shape;
    shape.m = dimension("-M", options.m);
    shape.k = dimension("-K", options.k);
    shape.n = dimension("-N", options.n);
    shape.heads = integer_option("--heads", options.heads, 1, most_heads, violations);
    system::RunRequest request;
    request.accelerator = options.accelerator;
    request.allow_oversize = options.allow_oversize;
    request.energy = options.energy;
    request.overrides = overrides_of(options.settings, violations);
    system::RunSetup setup;
    keep_violations(violations, [&] { setup = system::load(request); });
    throw_if_any(std::move(violations));
    const auto workload = workload::single_gemm(shape.m, shape.k, shape.n, shape.heads);
    check_capacity(setup.design, workload);

    system::Simulation simulation{setup.design};
    const auto run = system::run_workload(simulation, workload);
    const auto summary = report::summarize(setup, run);
    const auto host = report::host_cost(run);
    if (options.format == Format::Json) {
        auto json = report::gemm_json(summary, shape, run);
        json["host"] = report::host_json(host);
        print(report::json_text(json));
    } else {
        print(report::gemm_text(summary, shape, run, host, report::style_of(stdout)));
    }
}

} // namespace heatsim::app
