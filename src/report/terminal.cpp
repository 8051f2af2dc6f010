// SPDX-License-Identifier: Apache-2.0
#include "report/terminal.hpp"

#include "report/distribution_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace heatsim::report {

namespace {

using Lines = std::vector<std::string>;
using Align = TextTable::Align;

constexpr std::size_t half_page = page_width / 2 - 1;

[[nodiscard]] std::string joined(const Lines& lines)
{
    std::string text;
    for (const auto& line : lines)
        text += line + '\n';
    return text;
}

void append(Lines& lines, const Lines& more)
{
    lines.insert(lines.end(), more.begin(), more.end());
}

/// Two columns of lines beside each other.
[[nodiscard]] Lines beside(const Lines& left, const Lines& right)
{
    Lines lines;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        auto line = i < left.size() ? left[i] : std::string{};
        if (i < right.size())
            line = pad_right(line, half_page + 2) + right[i];
        lines.push_back(line);
    }
    return lines;
}

/// At most `width` characters, `~` in place of the others.
[[nodiscard]] std::string shortened(const std::string& text, std::size_t width)
{
    return text.size() <= width ? text : text.substr(0, width - 1) + "~";
}

[[nodiscard]] std::string ms_text(double milliseconds)
{
    return significant(milliseconds) + " ms";
}

[[nodiscard]] std::string percent_text(double percent)
{
    return fmt::format("{:.1f} %", percent);
}

/// `new / old` as `1.85×`.
[[nodiscard]] std::string ratio_text(double ratio, const Style& style)
{
    return fmt::format("{:.2f}{}", ratio, style.times());
}

[[nodiscard]] std::string mean_text(const Mean& mean)
{
    return mean.sum % mean.count == 0
               ? grouped(mean.sum / mean.count)
               : grouped(static_cast<std::uint64_t>(std::llround(mean.value())));
}

[[nodiscard]] std::string tokens_text(const Mean& mean)
{
    return mean.sum % mean.count == 0 ? grouped(mean.sum / mean.count)
                                      : fmt::format("{:.1f}", mean.value());
}

[[nodiscard]] std::string memory_text(const Summary& summary)
{
    if (summary.memory == "ideal")
        return "ideal memory";
    if (summary.memory == "word_serial")
        return "word-serial loader";
    if (summary.memory == "throttled")
        return "throttled memory";
    return summary.memory;
}

[[nodiscard]] std::string chip_text(const Summary& summary, const Style& style)
{
    return summary.accelerator + style.dot() + "board " + summary.board + style.dot() +
           memory_text(summary) + style.dot() + fmt::format("{} MHz", summary.clock_mhz);
}

[[nodiscard]] Lines title(const Summary& summary, const Style& style)
{
    std::string counts;
    if (!summary.image_set.empty())
        counts = "token counts: computed";
    else if (summary.trace.empty())
        counts = "token counts: the schedule's targets";
    else
        counts = "token counts: " + std::filesystem::path{summary.trace}.filename().string();
    auto images = grouped(summary.images) + (summary.images == 1 ? " image" : " images");
    if (summary.batch_images > 1)
        images += fmt::format(" in batches of {}", grouped(summary.batch_images));
    Lines lines{style.bold(summary.model + style.dot() + "schedule " + summary.schedule) +
                    style.dot() + images + style.dot() + counts,
                style.dim(chip_text(summary, style))};
    if (summary.top1_percent)
        lines.push_back(style.dim(fmt::format("top-1 accuracy {:.4g} % ({})", *summary.top1_percent,
                                              summary.top1_source)));
    return lines;
}

[[nodiscard]] bool varies(const Summary& summary)
{
    return summary.cycles.min != summary.cycles.max;
}

[[nodiscard]] std::string array_text(const Summary& summary)
{
    return fmt::format("{} utilized ({} MACs per cycle on {} DSP slices)",
                       percent_text(100.0 * summary.utilization), grouped(summary.macs_per_cycle),
                       grouped(summary.dsps));
}

[[nodiscard]] std::string bandwidth_text(const Summary& summary)
{
    auto text = significant(summary.bandwidth_gbs, 3) + " GB/s";
    if (summary.has_ddr)
        text +=
            fmt::format(", {} of the pins' {} GB/s",
                        percent_text(100.0 * summary.bandwidth_gbs / summary.peak_bandwidth_gbs),
                        significant(summary.peak_bandwidth_gbs, 3));
    return text;
}

[[nodiscard]] std::string millijoules_text(double mj)
{
    return significant(mj, 3) + " mJ";
}

/// `23.1 mJ · 5.9 W · estimate, ±40 %`
[[nodiscard]] std::string energy_text(const EnergySummary& energy, const Style& style)
{
    return fmt::format("{}{}{} W{}estimate, {}{} %", millijoules_text(energy.image_mj.mean),
                       style.dot(), significant(energy.power_w, 3), style.dot(), style.plus_minus(),
                       significant(energy.uncertainty_percent, 2));
}

/// Parts of the energy, largest first; those below a percent are left out.
[[nodiscard]] std::string energy_parts_text(const EnergySummary& energy, const Style& style)
{
    std::vector<std::pair<double, const char*>> parts;
    parts.reserve(estimate::energy_parts);
    for (const auto& part : estimate::energy_part_names)
        parts.emplace_back(100.0 * energy.by_part_mj[static_cast<std::size_t>(part.value)] /
                               energy.image_mj.mean,
                           part.name);
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (const auto& [percent, name] : parts)
        if (percent >= 1.0)
            text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : style.dot(), name, percent);
    return text;
}

/// Key figures of one run.
[[nodiscard]] Lines figures(const Summary& summary, const Style& style)
{
    TextTable table{{Align::Left, Align::Left}};
    const auto add = [&](const char* name, const std::string& value) { table.add({name, value}); };
    const auto& latency = summary.latency_ms;
    const auto of = summary.batch_images > 1
                        ? fmt::format(" per batch of {}", grouped(summary.batch_images))
                        : std::string{};
    if (varies(summary)) {
        add("Latency", fmt::format("{} mean{}", style.bold(ms_text(latency.mean)), of));
        add("", "p50 " + significant(latency.p50) + style.dot() + "p90 " +
                    significant(latency.p90) + style.dot() + "p95 " + significant(latency.p95) +
                    style.dot() + "p99 " + significant(latency.p99) + style.dot() + "max " +
                    ms_text(latency.max));
    } else {
        add("Latency", fmt::format("{}{}{} cycles{}", style.bold(ms_text(latency.mean)),
                                   style.dot(), mean_text(summary.total_cycles), of));
    }
    add("Frame rate", style.bold(significant(summary.fps) + " images/s"));
    add("Work", mean_text(summary.macs) + " MACs per image");
    add("GEMM array", array_text(summary));
    add("Memory", bandwidth_text(summary));
    add("Traffic", bytes_text(summary.read_bytes.value()) + " read, " +
                       bytes_text(summary.write_bytes.value()) + " written per image");
    if (summary.energy.image_mj.mean > 0.0) {
        add("Energy", energy_text(summary.energy, style)); // per image
        add("", energy_parts_text(summary.energy, style));
    }
    return table.lines();
}

/// Key figures of two runs beside each other.
[[nodiscard]] Lines comparison(const Summary& summary, const Summary& baseline, const Style& style)
{
    TextTable table{{Align::Left, Align::Right, Align::Right, Align::Left}};
    constexpr std::size_t name_width = 22;
    const auto before_name = shortened(baseline.schedule, name_width);
    table.add({"", style.bold(before_name), style.bold(shortened(summary.schedule, name_width)),
               style.dim("vs " + before_name)});
    const auto ratio = [&](double now, double before) {
        return before > 0.0 ? ratio_text(now / before, style) : std::string{};
    };
    const auto add = [&](const char* name, const auto& text, const auto& value,
                         bool emphasis = false) {
        auto now = text(summary);
        table.add({name, text(baseline), emphasis ? style.bold(now) : now,
                   ratio(value(summary), value(baseline))});
    };
    const auto add_latency = [&](const char* name, double stats::Distribution::*part,
                                 bool first = false) {
        const double before = baseline.latency_ms.*part;
        const double now = summary.latency_ms.*part;
        table.add({name, ms_text(before), first ? style.bold(ms_text(now)) : ms_text(now),
                   now > 0.0
                       ? ratio_text(before / now, style) + (before >= now ? " faster" : " as fast")
                       : ""});
    };
    add_latency("Latency, mean", &stats::Distribution::mean, true);
    if (varies(summary)) {
        add_latency("  p50", &stats::Distribution::p50);
        add_latency("  p90", &stats::Distribution::p90);
        add_latency("  p95", &stats::Distribution::p95);
        add_latency("  p99", &stats::Distribution::p99);
        add_latency("  fastest image", &stats::Distribution::min);
        add_latency("  slowest image", &stats::Distribution::max);
    }
    add(
        "Frame rate", [](const Summary& s) { return significant(s.fps) + " images/s"; },
        [](const Summary& s) { return s.fps; }, true);
    add(
        "Cycles per image", [](const Summary& s) { return mean_text(s.total_cycles); },
        [](const Summary& s) { return s.total_cycles.value(); });
    add(
        "MACs per image", [](const Summary& s) { return mean_text(s.macs); },
        [](const Summary& s) { return s.macs.value(); });
    add(
        "Array utilization", [](const Summary& s) { return percent_text(100.0 * s.utilization); },
        [](const Summary& s) { return s.utilization; });
    add(
        "Memory bandwidth",
        [](const Summary& s) { return significant(s.bandwidth_gbs, 3) + " GB/s"; },
        [](const Summary& s) { return s.bandwidth_gbs; });
    add(
        "Read per image", [](const Summary& s) { return bytes_text(s.read_bytes.value()); },
        [](const Summary& s) { return s.read_bytes.value(); });
    add(
        "Written per image", [](const Summary& s) { return bytes_text(s.write_bytes.value()); },
        [](const Summary& s) { return s.write_bytes.value(); });
    add(
        "Energy per image",
        [](const Summary& s) { return millijoules_text(s.energy.image_mj.mean); },
        [](const Summary& s) { return s.energy.image_mj.mean; });
    add(
        "Power", [](const Summary& s) { return significant(s.energy.power_w, 3) + " W"; },
        [](const Summary& s) { return s.energy.power_w; });
    auto lines = table.lines();
    lines.push_back(style.dim(
        fmt::format("Peaks: {} MACs per cycle on {} DSP slices{}", grouped(summary.macs_per_cycle),
                    grouped(summary.dsps),
                    summary.has_ddr ? fmt::format("; {} GB/s at the memory's pins",
                                                  significant(summary.peak_bandwidth_gbs, 3))
                                    : "")));
    if (summary.energy.image_mj.mean > 0.0)
        lines.push_back(
            style.dim(fmt::format("Energy and power: estimate, {}{} %; {}", style.plus_minus(),
                                  significant(summary.energy.uncertainty_percent, 2),
                                  energy_parts_text(summary.energy, style))));
    return lines;
}

[[nodiscard]] Lines stages(const Summary& summary, const Style& style)
{
    Lines lines{style.bold("Tokens per stage")};
    TextTable table{{Align::Left, Align::Right, Align::Left, Align::Left}};
    const double most = static_cast<double>(summary.stages.front().tokens_max);
    for (const auto& stage : summary.stages) {
        const auto blocks =
            stage.first_block == stage.last_block
                ? fmt::format("block {}", stage.first_block)
                : fmt::format("blocks {} to {}", stage.first_block, stage.last_block);
        constexpr std::size_t bar_width = 24;
        table.add(
            {"  " + blocks, tokens_text(stage.tokens),
             style.accent(style.bar(stage.tokens.value() / most, bar_width)),
             stage.tokens_min == stage.tokens_max
                 ? std::string{}
                 : fmt::format("{} to {} over the images", stage.tokens_min, stage.tokens_max)});
    }
    append(lines, table.lines());
    return lines;
}

/// A named share of the time.
struct Share {
    std::string name;
    double milliseconds = 0.0;
    double baseline_milliseconds = 0.0;
};

/// What the second column of a panel shows.
enum class PanelStyle : std::uint8_t { Time, Cycles, Comparison };

/// Shares with their bars.
struct Panel {
    std::string heading;
    std::vector<Share> shares;
};

[[nodiscard]] Lines panel_lines(const Panel& panel,
                                PanelStyle kind,
                                const Summary& summary,
                                const Summary* baseline,
                                const Style& style)
{
    constexpr std::size_t name_width = 9;
    TextTable table{{Align::Left, Align::Right, Align::Right}};
    switch (kind) {
    case PanelStyle::Time:
        table.add({"", "ms", "share"});
        break;
    case PanelStyle::Cycles:
        table.add({"", "cycles", "share"});
        break;
    case PanelStyle::Comparison:
        table.add({"  ms per image", shortened(baseline->schedule, name_width),
                   shortened(summary.schedule, name_width)});
        break;
    }
    double longest = 0.0;
    for (const auto& share : panel.shares) {
        longest = std::max(longest, share.milliseconds);
        const auto time = fmt::format("{:.3f}", share.milliseconds);
        const auto percent = percent_text(100.0 * share.milliseconds / summary.latency_ms.mean);
        const auto name = "  " + share.name;
        switch (kind) {
        case PanelStyle::Time:
            table.add({name, time, percent});
            break;
        case PanelStyle::Cycles:
            table.add({name,
                       grouped(static_cast<std::uint64_t>(
                           std::llround(share.milliseconds * summary.clock_mhz * 1e3))),
                       percent});
            break;
        case PanelStyle::Comparison:
            table.add({name, fmt::format("{:.3f}", share.baseline_milliseconds), time});
            break;
        }
    }
    auto lines = table.lines();
    std::size_t widest = 0;
    for (const auto& line : lines)
        widest = std::max(widest, display_width(line));
    constexpr std::size_t longest_bar = 13;
    const auto bar_width = std::min(longest_bar, half_page - std::min(half_page, widest + 2));
    for (std::size_t i = 0; i < panel.shares.size(); ++i) {
        const auto bar = style.bar(panel.shares[i].milliseconds / longest, bar_width);
        if (!bar.empty())
            lines[i + 1] = pad_right(lines[i + 1], widest + 2) + style.accent(bar);
    }
    lines.insert(lines.begin(), style.bold(panel.heading));
    return lines;
}

[[nodiscard]] std::vector<Share> cause_shares(const Summary& summary, const Summary* baseline)
{
    std::vector<Share> shares;
    const auto ms = [](const Summary& s, std::size_t cause) {
        return s.milliseconds(s.cause_cycles(cause).value());
    };
    for (const auto& cause : channel::array_cause_names) {
        const auto index = static_cast<std::size_t>(cause.value);
        const Share share{cause.name, ms(summary, index),
                          baseline != nullptr ? ms(*baseline, index) : 0.0};
        if (share.milliseconds > 0.0 || share.baseline_milliseconds > 0.0)
            shares.push_back(share);
    }
    return shares;
}

[[nodiscard]] std::vector<Share> group_shares(const Summary& summary, const Summary* baseline)
{
    std::vector<Share> shares;
    const auto ms = [](const Summary& s, const char* name) {
        for (const auto& group : s.groups)
            if (group.name == name)
                return s.milliseconds(group.cycles.value());
        return 0.0;
    };
    for (const auto& group : operator_groups()) {
        const Share share{group.name, ms(summary, group.name),
                          baseline != nullptr ? ms(*baseline, group.name) : 0.0};
        if (share.milliseconds > 0.0 || share.baseline_milliseconds > 0.0)
            shares.push_back(share);
    }
    return shares;
}

/// How far composed images are off.
[[nodiscard]] Lines
composition(const system::Composition& composition, const HostCost& host, const Style& style)
{
    TextTable table{{Align::Left, Align::Right, Align::Right}};
    table.add({"  error", style.dim("mean"), style.dim("worst")});
    const auto add = [&](const char* name, const system::CompositionError& error) {
        table.add({name, fmt::format("{:.3f} %", error.mean_percent),
                   fmt::format("{:.3f} %", error.worst_percent)});
    };
    add("  latency", composition.latency);
    add("  energy", composition.energy);
    add("  traffic", composition.traffic);
    Lines lines{
        style.bold("Composed") +
            fmt::format(" from {} simulated images, {} of them of an earlier run; against {} "
                        "random images (seed {})",
                        grouped(composition.simulations),
                        grouped(host.stored_simulations.value_or(0)),
                        grouped(composition.sample_images), composition.sample_seed),
        "simulated in full:"};
    append(lines, table.lines());
    lines.push_back(style.dim("  not composed: rows of the DDR, statistics of the units"));
    return lines;
}

/// What stands below every summary.
[[nodiscard]] Lines closing(const HostCost& host, const Style& style)
{
    return {"",
            style.dim(fmt::format(
                "Simulated {} cycles in {} s of CPU time: {} M cycles/s, {} peak memory",
                grouped(host.cycles), significant(host.cpu_seconds, 3),
                significant(host.cycles_per_second() / 1e6, 3),
                bytes_text(static_cast<double>(host.peak_memory_bytes)))),
            style.dim("`heatsim explain NAME` tells what a name above means, e.g. wait_weights")};
}

} // namespace

std::string run_text(const Summary& summary,
                     const Summary* baseline,
                     const system::RunResult& run,
                     const HostCost& host,
                     const Style& style,
                     const std::vector<std::string>& sections)
{
    Lines lines = title(summary, style);
    lines.emplace_back();
    append(lines,
           baseline != nullptr ? comparison(summary, *baseline, style) : figures(summary, style));
    if (summary.stages.size() > 1) {
        lines.emplace_back();
        append(lines, stages(summary, style));
    }
    lines.emplace_back();
    const auto kind = baseline != nullptr ? PanelStyle::Comparison : PanelStyle::Time;
    const Panel causes{"Where the array's cycles went", cause_shares(summary, baseline)};
    const Panel groups{"Cost by group of operators", group_shares(summary, baseline)};
    append(lines, beside(panel_lines(causes, kind, summary, baseline, style),
                         panel_lines(groups, kind, summary, baseline, style)));
    if (varies(summary)) {
        lines.emplace_back();
        append(lines, histogram_lines(summary, run, style));
    }
    if (summary.composition) {
        lines.emplace_back();
        append(lines, composition(*summary.composition, host, style));
    }
    auto text = joined(lines);
    for (const auto& section : sections)
        text.append("\n").append(section);
    return text + joined(closing(host, style));
}

std::string gemm_text(const Summary& summary,
                      const GemmShape& shape,
                      const system::RunResult& run,
                      const HostCost& host,
                      const Style& style)
{
    const auto& sum = run.operators.front().sum;
    Lines lines{style.bold(fmt::format("GEMM M {} {} K {} {} N {}", grouped(shape.m), style.times(),
                                       grouped(shape.k), style.times(), grouped(shape.n))) +
                    (shape.heads > 1 ? style.dot() + fmt::format("{} heads", shape.heads) : ""),
                style.dim(chip_text(summary, style)), ""};
    TextTable table{{Align::Left, Align::Left}};
    table.add({"Cycles", style.bold(grouped(summary.total_cycles.sum)) + style.dot() +
                             ms_text(summary.latency_ms.mean)});
    table.add({"Work", grouped(summary.macs.sum) + " MACs"});
    table.add({"GEMM array", array_text(summary)});
    table.add({"Memory", bandwidth_text(summary)});
    table.add({"Traffic", fmt::format("{} input, {} weights, {} output",
                                      bytes_text(static_cast<double>(sum.input_bytes)),
                                      bytes_text(static_cast<double>(sum.weight_bytes)),
                                      bytes_text(static_cast<double>(sum.output_bytes)))});
    if (summary.energy.image_mj.mean > 0.0) {
        table.add({"Energy", energy_text(summary.energy, style)});
        table.add({"", energy_parts_text(summary.energy, style)});
    }
    append(lines, table.lines());
    lines.emplace_back();
    const Panel causes{"Where the array's cycles went", cause_shares(summary, nullptr)};
    append(lines, panel_lines(causes, PanelStyle::Cycles, summary, nullptr, style));
    append(lines, closing(host, style));
    return joined(lines);
}

} // namespace heatsim::report
