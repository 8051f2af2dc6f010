// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/document.hpp"
#include "report/ddr_report.hpp"
#include "report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr std::uint64_t most_outstanding = 65536;

constexpr const char* no_file = "traffic"; ///< of options that were not given

/// The traffic options that were given, checked as a configuration is.
workload::TrafficConfig traffic_of(const std::vector<DdrOptions::Given>& given,
                                   std::uint64_t capacity_bytes)
{
    auto document = config::Document::parse("pattern: sequential", no_file);
    if (workload::TrafficConfig{}.footprint_bytes > capacity_bytes)
        document.set("footprint_bytes", std::to_string(capacity_bytes), no_file);
    for (const auto& [option, key, value] : given)
        document.set(key, value, fmt::format("{} {}", option, value));
    workload::TrafficConfig traffic;
    std::vector<config::Violation> violations;
    keep_violations(violations, [&] { document.read(traffic); });
    for (auto& violation : violations) {
        if (violation.where.file != no_file)
            continue;
        violation.where = {};
        std::replace(violation.key.begin(), violation.key.end(), '_', '-');
        violation.key.insert(0, "--");
    }
    throw_if_any(std::move(violations));
    return traffic;
}

/// What the generated traffic was, in the words of its options.
std::string traffic_text(const std::vector<DdrOptions::Given>& given)
{
    std::string text;
    bool pattern = false;
    for (const auto& [option, key, value] : given) {
        pattern = pattern || key == "pattern";
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, value);
    }
    return pattern ? text : "pattern=sequential" + (text.empty() ? "" : " " + text);
}

void refuse_with_trace(const std::vector<DdrOptions::Given>& given,
                       std::vector<config::Violation>& violations)
{
    for (const auto& [option, key, value] : given) {
        if (key == "request_bytes")
            continue;
        refuse_option(violations, option, "describes generated traffic",
                      "either --trace or generated traffic");
    }
}

void check_footprint(const workload::TrafficConfig& traffic,
                     std::uint64_t capacity_bytes,
                     std::vector<config::Violation>& violations)
{
    if (traffic.footprint_bytes <= capacity_bytes)
        return;
    refuse_option(violations, "--footprint-bytes", fmt::format("{} bytes", traffic.footprint_bytes),
                  fmt::format("at most the memory's {} bytes", capacity_bytes));
}

} // namespace

void ddr_command(const DdrOptions& options)
{
    std::vector<config::Violation> violations;
    report::DdrReport report;
    report.outstanding =
        integer_option("--outstanding", options.outstanding, 1, most_outstanding, violations);
    auto overrides = overrides_of(options.settings, violations);
    if (!options.mapping.empty())
        overrides.emplace_back("mapping", options.mapping, "--mapping " + options.mapping);
    auto capacity_bytes = std::numeric_limits<std::uint64_t>::max(); // of a memory that is wrong
    keep_violations(violations, [&] {
        report.memory = system::load_memory(options.memory, overrides);
        capacity_bytes = report.memory.capacity_bytes;
    });
    workload::TrafficConfig traffic;
    keep_violations(violations, [&] { traffic = traffic_of(options.traffic, capacity_bytes); });
    std::unique_ptr<workload::MemoryTraffic> requests;
    if (options.trace.empty()) {
        report.traffic = traffic_text(options.traffic);
        check_footprint(traffic, capacity_bytes, violations);
        requests = workload::generate_traffic(traffic);
    } else {
        report.traffic = options.trace;
        refuse_with_trace(options.traffic, violations);
        keep_violations(violations, [&] {
            requests =
                workload::read_memory_trace(options.trace, traffic.request_bytes, capacity_bytes);
        });
    }
    throw_if_any(std::move(violations));

    report.result = system::run_ddr(report.memory, *requests, report.outstanding);
    print(options.format == Format::Json ? report::json_text(report::ddr_json(report))
                                         : report::ddr_text(report, report::style_of(stdout)));
}

} // namespace heatsim::app
