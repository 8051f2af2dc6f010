// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace heatsim::report {

using nlohmann::ordered_json;

namespace {

[[nodiscard]] double requests_per_second(const system::DdrRunResult& result)
{
    return static_cast<double>(result.requests) / std::max(result.cpu_seconds, 1e-6);
}

} // namespace

double DdrReport::bandwidth_gbs() const
{
    return system::bandwidth_gbs(memory, result);
}

double DdrReport::efficiency_percent() const
{
    return 100.0 * bandwidth_gbs() * 1e9 / memory.peak_bandwidth_bytes_per_s();
}

double DdrReport::percent(std::uint64_t cycles) const
{
    const auto all = result.cycles * memory.channels;
    return all == 0 ? 0.0 : 100.0 * static_cast<double>(cycles) / static_cast<double>(all);
}

ordered_json ddr_json(const DdrReport& report)
{
    const auto& result = report.result;
    const auto& latency = result.read_latency_cycles;
    return {
        {"version", version},
        {"memory", report.memory.name},
        {"mapping", config::name_of(report.memory.mapping, hw::address_mapping_names)},
        {"traffic", report.traffic},
        {"outstanding", report.outstanding},
        {"requests", result.requests},
        {"read_bytes", result.read_bytes},
        {"write_bytes", result.write_bytes},
        {"memory_cycles", result.cycles},
        {"memory_clock_mhz", report.memory.clock_mhz},
        {"bandwidth_gbs", report.bandwidth_gbs()},
        {"peak_bandwidth_gbs", report.memory.peak_bandwidth_bytes_per_s() / 1e9},
        {"efficiency_percent", report.efficiency_percent()},
        {"mean_read_latency_ns", report.nanoseconds(latency.mean)},
        {"read_latency_ns",
         {{"mean", report.nanoseconds(latency.mean)},
          {"p50", report.nanoseconds(latency.p50)},
          {"p95", report.nanoseconds(latency.p95)},
          {"p99", report.nanoseconds(latency.p99)},
          {"min", report.nanoseconds(latency.min)},
          {"max", report.nanoseconds(latency.max)}}},
        {"column_accesses", result.counts.accesses},
        {"row_hits", result.counts.row_hits()},
        {"row_misses", result.counts.activates_closed},
        {"row_conflicts", result.counts.activates_conflict},
        {"refreshes", result.counts.refreshes},
        {"refresh_cycles", result.counts.refresh_cycles},
        {"turnarounds", result.counts.turnarounds},
        {"turnaround_cycles", result.counts.turnaround_cycles},
        {"data_cycles", result.counts.data_cycles},
        {"host",
         {{"requests_per_second", requests_per_second(result)},
          {"cpu_seconds", result.cpu_seconds}}},
    };
}

std::string ddr_text(const DdrReport& report, const Style& style)
{
    const auto& result = report.result;
    const auto& latency = result.read_latency_cycles;
    const auto& counts = result.counts;
    std::string text =
        style.bold(fmt::format("{}{}{}", report.memory.name, style.dot(), report.traffic)) + '\n' +
        style.dim(fmt::format("mapping {}{}{} outstanding{}{} requests",
                              config::name_of(report.memory.mapping, hw::address_mapping_names),
                              style.dot(), report.outstanding, style.dot(),
                              grouped(result.requests))) +
        "\n\n";
    const auto share = [&](std::uint64_t accesses) {
        return fmt::format("{:.1f} %", counts.accesses == 0
                                           ? 0.0
                                           : 100.0 * static_cast<double>(accesses) /
                                                 static_cast<double>(counts.accesses));
    };
    const auto ns = [&](double cycles) { return significant(report.nanoseconds(cycles)) + " ns"; };
    TextTable table{{TextTable::Align::Left, TextTable::Align::Left}};
    table.add({"Bandwidth",
               style.bold(fmt::format("{} GB/s", significant(report.bandwidth_gbs()))) +
                   fmt::format("{}{:.1f} % of {} GB/s at the pins", style.dot(),
                               report.efficiency_percent(),
                               significant(report.memory.peak_bandwidth_bytes_per_s() / 1e9, 3))});
    if (result.reads > 0)
        table.add({"Read latency",
                   fmt::format("mean {}{}p50 {}{}p95 {}{}p99 {}{}max {}", ns(latency.mean),
                               style.dot(), ns(latency.p50), style.dot(), ns(latency.p95),
                               style.dot(), ns(latency.p99), style.dot(), ns(latency.max))});
    table.add({"Traffic", fmt::format("{} read, {} written",
                                      bytes_text(static_cast<double>(result.read_bytes)),
                                      bytes_text(static_cast<double>(result.write_bytes)))});
    table.add({"Rows",
               fmt::format("{} hits ({}), {} misses ({}), {} conflicts ({})",
                           grouped(counts.row_hits()), share(counts.row_hits()),
                           grouped(counts.activates_closed), share(counts.activates_closed),
                           grouped(counts.activates_conflict), share(counts.activates_conflict))});
    table.add({"Data bus", fmt::format("{:.1f} % of the memory's {} cycles with data, {:.1f} % "
                                       "turnaround",
                                       report.percent(counts.data_cycles), grouped(result.cycles),
                                       report.percent(counts.turnaround_cycles))});
    table.add(
        {"Refresh", fmt::format("{} refreshes, {:.1f} % of the time", grouped(counts.refreshes),
                                report.percent(counts.refresh_cycles) /
                                    static_cast<double>(report.memory.ranks))});
    for (const auto& line : table.lines())
        text += line + '\n';
    text += style.dim(fmt::format("\nSimulated {} requests in {} s of CPU time: {} M requests/s",
                                  grouped(result.requests), significant(result.cpu_seconds, 3),
                                  significant(requests_per_second(result) / 1e6, 3))) +
            '\n';
    return text;
}

} // namespace heatsim::report
