// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.hpp"
#include "report/markdown.hpp"
#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using Align = TextTable::Align;

constexpr double whole_percent = 100.0;
constexpr const char* nothing = "–";
constexpr const char* accuracy_key = "top1_percent";

/// How a figure is written beside that of the baseline.
enum class Change : std::uint8_t {
    Relative, ///< in percent of the baseline
    Points,   ///< a percentage: in percentage points
    None,     ///< it is a comparison itself
};

/// A figure of a run, for every format.
struct Metric {
    Field field;       ///< key of the JSON
    const char* label; ///< in tables
    const char* unit;  ///< in tables
    double scale;      ///< of the tables' unit
    Change change;
    std::function<std::optional<double>(const RunFigures& run, const RunFigures& baseline)> value;
};

[[nodiscard]] std::vector<Metric> make_metrics()
{
    using Run = RunFigures;
    std::vector<Metric> metrics;
    const auto add = [&](Field field, const char* label, const char* unit, double scale,
                         Change change, std::function<double(const Run&)> value) {
        metrics.push_back({std::move(field), label, unit, scale, change,
                           [value = std::move(value)](const Run& run, const Run&) {
                               return std::optional<double>{value(run)};
                           }});
    };
    constexpr double giga = 1e-9;
    constexpr double mega = 1e-6;
    constexpr auto relative = Change::Relative;
    const std::string latency = "time from an image's start to its result";
    add({"latency_mean_ms", "ms", "real", latency + ", mean over the images"}, "latency, mean",
        "ms", 1.0, relative, [](const Run& run) { return run.latency_mean_ms; });
    add({"latency_p50_ms", "ms", "real", latency + ", of at most half of the images"},
        "latency, p50", "ms", 1.0, relative, [](const Run& run) { return run.latency_p50_ms; });
    add({"latency_p99_ms", "ms", "real", latency + ", of at most 99 % of the images"},
        "latency, p99", "ms", 1.0, relative, [](const Run& run) { return run.latency_p99_ms; });
    add({"latency_max_ms", "ms", "real", latency + ", of the slowest image"}, "latency, worst",
        "ms", 1.0, relative, [](const Run& run) { return run.latency_max_ms; });
    add({"fps", "images/s", "real", "frame rate, 1000 batch_images / latency_mean_ms"},
        "frame rate", "images/s", 1.0, relative, [](const Run& run) { return run.fps; });
    metrics.push_back({{"speedup", "1", "real",
                        "latency_mean_ms of the baseline / latency_mean_ms: above 1 the run is "
                        "faster"},
                       "speed-up",
                       "",
                       1.0,
                       Change::None,
                       [](const Run& run, const Run& baseline) {
                           return std::optional<double>{baseline.latency_mean_ms /
                                                        run.latency_mean_ms};
                       }});
    metrics.push_back({{accuracy_key, "%", "real or null",
                        "images of the whole dataset that the network classifies correctly at "
                        "these token counts, "
                        "from the token trace; null: not known"},
                       "top-1 accuracy",
                       "%",
                       1.0,
                       Change::Points,
                       [](const Run& run, const Run&) { return run.top1_percent; }});
    add({"macs", "MACs", "real", "multiply-accumulates of an image, mean over the images"},
        "compute", "GMACs", giga, relative, [](const Run& run) { return run.macs; });
    add({"utilization_percent", "%", "real", "MACs / (cycles x peak MACs per cycle of the array)"},
        "array utilization", "%", 1.0, Change::Points,
        [](const Run& run) { return run.utilization_percent; });
    add({"ddr_bytes", "bytes", "real", "read from and written to external memory per image"},
        "DDR traffic", "MB", mega, relative, [](const Run& run) { return run.ddr_bytes; });
    add({"energy_mj", "mJ", "real", "estimated energy of an image, static power included"},
        "energy", "mJ", 1.0, relative, [](const Run& run) { return run.energy_mj; });
    add({"power_w", "W", "real", "energy_mj / latency_mean_ms"}, "power", "W", 1.0, relative,
        [](const Run& run) { return run.power_w; });
    const std::string engine = " of the whole design, estimated, without infrastructure";
    add({"dsps", "DSP slices", "integer", "DSP slices" + engine}, "DSP slices", "", 1.0, relative,
        [](const Run& run) { return static_cast<double>(run.resources.dsps); });
    add({"luts", "LUTs", "integer", "LUTs" + engine}, "LUTs", "", 1.0, relative,
        [](const Run& run) { return std::round(run.resources.all_luts()); });
    add({"flip_flops", "flip-flops", "integer", "flip-flops" + engine}, "flip-flops", "", 1.0,
        relative, [](const Run& run) { return std::round(run.resources.flip_flops); });
    add({"bram36", "BRAM36", "real", "block RAMs of 36 Kbit" + engine}, "BRAM36", "", 1.0, relative,
        [](const Run& run) { return run.resources.bram36(); });
    add({"urams", "URAM", "integer", "UltraRAMs" + engine}, "URAM", "", 1.0, relative,
        [](const Run& run) { return static_cast<double>(run.resources.urams); });
    return metrics;
}

[[nodiscard]] const std::vector<Metric>& metrics()
{
    static const std::vector<Metric> all = make_metrics();
    return all;
}

/// A figure of a pair of runs' images.
struct PairedMetric {
    Field field;
    const char* label;
    const char* unit;
    std::function<double(const PairedImages&)> value;
};

[[nodiscard]] const std::vector<PairedMetric>& paired_metrics()
{
    const auto share = [](std::uint64_t part, const PairedImages& paired) {
        return whole_percent * static_cast<double>(part) / static_cast<double>(paired.images);
    };
    static const std::vector<PairedMetric> all{
        {{"images", "images", "integer", "images compared one by one with the baseline"},
         "images",
         "",
         [](const PairedImages& paired) { return static_cast<double>(paired.images); }},
        {{"faster_percent", "%", "real", "images that take less time than in the baseline"},
         "faster",
         "%",
         [share](const PairedImages& paired) { return share(paired.faster, paired); }},
        {{"slower_percent", "%", "real", "images that take more time than in the baseline"},
         "slower",
         "%",
         [share](const PairedImages& paired) { return share(paired.slower, paired); }},
        {{"ratio_p50", "1", "real",
          "latency of an image / its latency in the baseline, of at most half of the images"},
         "latency ratio, p50",
         "",
         [](const PairedImages& paired) { return paired.ratio.p50; }},
        {{"ratio_p95", "1", "real",
          "latency of an image / its latency in the baseline, of at most 95 % of the images"},
         "latency ratio, p95",
         "",
         [](const PairedImages& paired) { return paired.ratio.p95; }},
        {{"ratio_max", "1", "real",
          "latency of an image / its latency in the baseline, of the image that gains least"},
         "latency ratio, worst",
         "",
         [](const PairedImages& paired) { return paired.ratio.max; }},
    };
    return all;
}

[[nodiscard]] bool is_pairing(const Comparison& comparison)
{
    return std::any_of(comparison.paired.begin(), comparison.paired.end(),
                       [](const auto& paired) { return paired.has_value(); });
}

/// Counts in full, other figures with four digits.
[[nodiscard]] std::string figure_text(const Field& field, double value)
{
    return field.type == "integer" ? grouped(static_cast<std::uint64_t>(std::llround(value)))
                                   : significant(value);
}

/// `-12.3 %`; empty where nothing changes that one digit shows.
[[nodiscard]] std::string
change_text(std::optional<double> value, std::optional<double> before, Change change)
{
    if (!value || !before || *value == *before || change == Change::None)
        return "";
    if (change == Change::Points)
        return fmt::format("{:+.2f} pt", *value - *before);
    if (*before == 0.0)
        return "";
    constexpr double smallest_percent = 0.05;
    const double percent = whole_percent * (*value / *before - 1.0);
    return std::abs(percent) < smallest_percent ? "" : fmt::format("{:+.1f} %", percent);
}

/// Less than half a cycle is no change that can be seen.
[[nodiscard]] std::string cycles_change_text(double cycles)
{
    const auto whole = std::llround(cycles);
    if (whole == 0)
        return "";
    return (whole < 0 ? "-" : "+") + grouped(static_cast<std::uint64_t>(std::abs(whole)));
}

[[nodiscard]] std::string cycles_text(std::optional<double> cycles)
{
    return cycles ? grouped(static_cast<std::uint64_t>(std::llround(*cycles))) : nothing;
}

/// What a table says of one run in one row.
struct Cell {
    std::string value;
    std::string change; ///< empty in the baseline's column
};

struct Row {
    std::string label;
    std::vector<Cell> cells; ///< per run
};

/// A table before it is laid out as text or Markdown.
struct Table {
    std::string title;
    std::string first_column;
    std::vector<Row> rows;
    std::vector<std::string> notes;
    bool with_baseline = true;
    std::vector<std::size_t> others; ///< runs it shows beside the baseline or without it
};

/// A table of all runs.
[[nodiscard]] Table
table_of_all(const Comparison& comparison, const char* title, const char* first_column)
{
    Table table;
    table.title = title;
    table.first_column = first_column;
    for (std::size_t i = 1; i < comparison.runs.size(); ++i)
        table.others.push_back(i);
    return table;
}

/// Which images the accuracies are of: figures of different ones do not compare.
[[nodiscard]] std::vector<std::string> dataset_notes(const std::vector<RunFigures>& runs)
{
    std::vector<std::pair<std::string, std::string>> letters; // by dataset, in order of appearance
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!runs[i].top1_percent)
            continue;
        const auto found = std::find_if(letters.begin(), letters.end(), [&](const auto& entry) {
            return entry.first == runs[i].dataset;
        });
        if (found == letters.end())
            letters.emplace_back(runs[i].dataset, run_letter(i));
        else
            found->second.append(", ").append(run_letter(i));
    }
    std::vector<std::string> notes;
    notes.reserve(letters.size());
    for (const auto& [dataset, names] : letters)
        notes.push_back(fmt::format("Accuracy of {}: {}.", names,
                                    dataset.empty() ? "images not known" : dataset));
    return notes;
}

/// Accuracies of other images do not compare.
[[nodiscard]] bool
is_comparable(const Metric& metric, const RunFigures& run, const RunFigures& baseline)
{
    return metric.field.name != accuracy_key || run.dataset == baseline.dataset;
}

[[nodiscard]] Table metric_table(const Comparison& comparison)
{
    auto table = table_of_all(comparison, "Figures", "per image");
    const auto& baseline = comparison.runs.front();
    for (const auto& metric : metrics()) {
        Row row{with_unit(metric.label, metric.unit), {}};
        const auto before = metric.value(baseline, baseline);
        bool known = false;
        for (const auto& run : comparison.runs) {
            const auto value = metric.value(run, baseline);
            known = known || value;
            row.cells.push_back({value ? figure_text(metric.field, *value * metric.scale) : nothing,
                                 is_comparable(metric, run, baseline)
                                     ? change_text(value, before, metric.change)
                                     : std::string{}});
        }
        if (known)
            table.rows.push_back(std::move(row));
    }
    auto accuracy_notes = dataset_notes(comparison.runs);
    std::move(accuracy_notes.begin(), accuracy_notes.end(), std::back_inserter(table.notes));
    table.notes.emplace_back("Energy, power and resources are estimates (`heatsim validate`).");
    const bool clocks_differ =
        std::any_of(comparison.runs.begin(), comparison.runs.end(),
                    [&](const RunFigures& run) { return run.clock_mhz != baseline.clock_mhz; });
    if (clocks_differ)
        table.notes.emplace_back("The clocks differ: equal cycles are not equal times.");
    return table;
}

[[nodiscard]] Table paired_table(const Comparison& comparison)
{
    Table table;
    table.title = "The same images, one by one";
    table.first_column = "against A";
    table.with_baseline = false;
    for (std::size_t i = 0; i < comparison.paired.size(); ++i)
        if (comparison.paired[i])
            table.others.push_back(i);
    for (const auto& metric : paired_metrics()) {
        Row row{with_unit(metric.label, metric.unit), {}};
        for (const auto& paired : comparison.paired)
            row.cells.push_back(
                {paired ? figure_text(metric.field, metric.value(*paired)) : nothing, ""});
        table.rows.push_back(std::move(row));
    }
    table.notes.emplace_back(
        "Latency ratio: latency of an image / its latency in A; below 1 the image is faster. A run "
        "without a trace takes the same time for every image.");
    return table;
}

[[nodiscard]] Row part_row(const PartDifference& part)
{
    Row row{part.name, {}};
    for (std::size_t i = 0; i < part.cycles.size(); ++i)
        row.cells.push_back(
            {cycles_text(part.cycles[i]), i == 0 ? "" : cycles_change_text(part.change(i))});
    return row;
}

[[nodiscard]] Table group_table(const Comparison& comparison)
{
    auto table = table_of_all(
        comparison, "Cycles per image by group of operators, largest change first", "group");
    for (const auto& group : comparison.groups)
        table.rows.push_back(part_row(group));
    PartDifference total{"all", {}};
    for (const auto& run : comparison.runs)
        total.cycles.emplace_back(run.cycles);
    table.rows.push_back(part_row(total));
    return table;
}

/// `34 operators (12,345 cycles) in A only`: what a run has and another one has not.
[[nodiscard]] std::vector<std::string> one_sided_notes(const Comparison& comparison)
{
    std::vector<std::string> notes;
    for (std::size_t i = 1; i < comparison.runs.size(); ++i) {
        std::array<std::uint64_t, 2> counts{};
        std::array<double, 2> cycles{};
        for (const auto& part : comparison.operators) {
            const auto& before = part.cycles.front();
            const auto& after = part.cycles[i];
            if (before.has_value() == after.has_value())
                continue;
            const std::size_t side = before ? 0 : 1;
            ++counts[side];
            cycles[side] += before ? *before : *after;
        }
        const std::array<std::string, 2> letters{run_letter(0), run_letter(i)};
        for (const std::size_t side : {0U, 1U})
            if (counts[side] > 0)
                notes.push_back(fmt::format("In {}, not in {}: {} operator{} with {} cycles.",
                                            letters[side], letters[1 - side], counts[side],
                                            counts[side] == 1 ? "" : "s",
                                            cycles_text(cycles[side])));
    }
    return notes;
}

[[nodiscard]] std::size_t changed_operators(const Comparison& comparison)
{
    return static_cast<std::size_t>(
        std::count_if(comparison.operators.begin(), comparison.operators.end(),
                      [](const PartDifference& part) { return part.largest_change() > 0.0; }));
}

[[nodiscard]] Table operator_table(const Comparison& comparison, std::size_t most_operators)
{
    auto table =
        table_of_all(comparison, "Cycles per image by operator, largest change first", "operator");
    const auto shown = std::min(most_operators, comparison.operators.size());
    for (std::size_t i = 0; i < shown; ++i)
        table.rows.push_back(part_row(comparison.operators[i]));
    auto counts = fmt::format("{} of {} operators differ; {} shown", changed_operators(comparison),
                              comparison.operators.size(), shown);
    counts += shown < comparison.operators.size() ? " (--operators all shows all)." : ".";
    table.notes.push_back(std::move(counts));
    const auto notes = one_sided_notes(comparison);
    table.notes.insert(table.notes.end(), notes.begin(), notes.end());
    return table;
}

[[nodiscard]] std::vector<Table> tables_of(const Comparison& comparison, std::size_t most_operators)
{
    std::vector<Table> tables{metric_table(comparison)};
    if (is_pairing(comparison))
        tables.push_back(paired_table(comparison));
    tables.push_back(group_table(comparison));
    if (most_operators > 0)
        tables.push_back(operator_table(comparison, most_operators));
    return tables;
}

[[nodiscard]] bool has_changes(const Table& table, std::size_t run)
{
    return std::any_of(table.rows.begin(), table.rows.end(),
                       [run](const Row& row) { return !row.cells[run].change.empty(); });
}

/// The table's columns of these runs, with a heading.
[[nodiscard]] TextTable
laid_out(const Table& table, const std::vector<std::size_t>& runs, const Style& style)
{
    std::vector<Align> aligns{Align::Left};
    std::vector<std::string> heading{table.first_column};
    for (const auto run : runs) {
        aligns.push_back(Align::Right);
        heading.push_back(run_letter(run));
        if (has_changes(table, run)) {
            aligns.push_back(Align::Right);
            heading.push_back(fmt::format("{}-{}", run_letter(run), run_letter(0)));
        }
    }
    TextTable text{std::move(aligns)};
    text.add(std::move(heading));
    for (const auto& row : table.rows) {
        std::vector<std::string> cells{row.label};
        for (const auto run : runs) {
            const auto& value = row.cells[run].value;
            cells.push_back(value == nothing && !style.utf8 ? "-" : value);
            if (has_changes(table, run))
                cells.push_back(row.cells[run].change);
        }
        text.add(std::move(cells));
    }
    return text;
}

[[nodiscard]] bool fits(const TextTable& table, std::size_t width)
{
    const auto lines = table.lines();
    return std::all_of(lines.begin(), lines.end(),
                       [width](const std::string& line) { return display_width(line) <= width; });
}

/// The baseline with as many other runs as fit, table after table; one other run at least.
[[nodiscard]] std::string pages_of(const Table& table, std::size_t width, const Style& style)
{
    std::string text;
    for (auto next = table.others.begin(); next != table.others.end();) {
        std::vector<std::size_t> runs;
        if (table.with_baseline)
            runs.push_back(0);
        runs.push_back(*next++);
        while (next != table.others.end()) {
            auto wider = runs;
            wider.push_back(*next);
            if (!fits(laid_out(table, wider, style), width))
                break;
            runs = std::move(wider);
            ++next;
        }
        text += (text.empty() ? "" : "\n") + laid_out(table, runs, style).text(style);
    }
    return text;
}

[[nodiscard]] std::string trace_text(const RunFigures& run)
{
    if (!run.image_set.empty())
        return fmt::format("computed of {}", run.image_set);
    return run.trace.empty()
               ? ""
               : fmt::format("trace {}", std::filesystem::path{run.trace}.filename().string());
}

/// What was simulated, part by part.
[[nodiscard]] std::vector<std::string> description(const RunFigures& run)
{
    std::vector<std::string> parts{run.model, fmt::format("schedule {}", run.schedule)};
    if (auto counts = trace_text(run); !counts.empty())
        parts.push_back(std::move(counts));
    parts.push_back(fmt::format("{} image{}", grouped(run.images), run.images == 1 ? "" : "s"));
    if (run.batch_images > 1)
        parts.push_back(fmt::format("batches of {}", grouped(run.batch_images)));
    parts.push_back(fmt::format("{} on {}", run.accelerator, run.board));
    parts.push_back(run.memory);
    parts.push_back(fmt::format("{:g} MHz", run.clock_mhz));
    return parts;
}

/// One row per part of a run, as in JSON and CSV.
[[nodiscard]] ordered_json part_json(const char* key, const PartDifference& part)
{
    ordered_json cycles = ordered_json::array();
    ordered_json changes = ordered_json::array();
    for (std::size_t i = 0; i < part.cycles.size(); ++i) {
        cycles.push_back(part.cycles[i] ? ordered_json(*part.cycles[i]) : ordered_json{});
        changes.push_back(part.change(i));
    }
    return {{key, part.name}, {"cycles", std::move(cycles)}, {"change_cycles", std::move(changes)}};
}

[[nodiscard]] ordered_json number_json(std::optional<double> value)
{
    if (!value)
        return {};
    constexpr double largest_exact = 9007199254740992.0; // 2^53
    if (*value == std::floor(*value) && std::abs(*value) < largest_exact)
        return static_cast<std::int64_t>(*value);
    return *value;
}

/// RFC 4180: quoted where the text would end its cell.
[[nodiscard]] std::string csv_cell(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string cell = "\"";
    for (const char letter : text) {
        if (letter == '"')
            cell += '"';
        cell += letter;
    }
    return cell + '"';
}

[[nodiscard]] std::string markdown_of(const Table& table)
{
    auto runs = table.others;
    if (table.with_baseline)
        runs.insert(runs.begin(), 0);
    std::vector<std::string> header{table.first_column};
    for (const auto run : runs)
        header.push_back(run_letter(run));
    std::vector<std::vector<std::string>> rows;
    rows.reserve(table.rows.size());
    for (const auto& row : table.rows) {
        std::vector<std::string> cells{row.label};
        for (const auto run : runs) {
            const auto& cell = row.cells[run];
            cells.push_back(cell.change.empty() ? cell.value
                                                : fmt::format("{} ({})", cell.value, cell.change));
        }
        rows.push_back(std::move(cells));
    }
    auto text = fmt::format("### {}\n\n{}", table.title, markdown_table(header, rows));
    for (const auto& note : table.notes)
        text += fmt::format("\n{}\n", note);
    return text;
}

} // namespace

std::string comparison_text(const Comparison& comparison,
                            std::size_t most_operators,
                            std::size_t width,
                            const Style& style)
{
    constexpr std::size_t indent = 3;
    std::string text;
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const auto& run = comparison.runs[i];
        text += style.bold(fmt::format("{}  {}", run_letter(i), run.name));
        text += i == 0 ? " (baseline)\n" : "\n";
        const auto parts = fmt::format("{}", fmt::join(description(run), style.dot()));
        for (const auto& line : wrapped(parts, width - indent))
            text += fmt::format("{:{}}{}\n", "", indent, line);
    }
    for (const auto& table : tables_of(comparison, most_operators)) {
        text += '\n' + style.bold(table.title) + '\n';
        text += pages_of(table, width, style);
        for (const auto& note : table.notes)
            for (const auto& line : wrapped(note, width))
                text += style.dim(line) + '\n';
    }
    return text;
}

std::string comparison_markdown(const Comparison& comparison, std::size_t most_operators)
{
    std::string text = "| | run | model | schedule | trace | images | accelerator | board | MHz |\n"
                       "|---|---|---|---|---|--:|---|---|--:|\n";
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const auto& run = comparison.runs[i];
        text += fmt::format(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:g} |\n", run_letter(i),
            markdown_cell(run.name), markdown_cell(run.model), markdown_cell(run.schedule),
            run.trace.empty() ? nothing : markdown_cell(run.trace), grouped(run.images),
            markdown_cell(run.accelerator), markdown_cell(run.board), run.clock_mhz);
    }
    for (const auto& table : tables_of(comparison, most_operators))
        text += '\n' + markdown_of(table);
    return text;
}

ordered_json compared_figures(const Comparison& comparison)
{
    constexpr std::array<std::string_view, 4> higher_is_better{"fps", "speedup", accuracy_key,
                                                               "utilization_percent"};
    const auto& baseline = comparison.runs.front();
    ordered_json figures = ordered_json::array();
    for (const auto& metric : metrics()) {
        const auto before = metric.value(baseline, baseline);
        ordered_json values = ordered_json::array();
        ordered_json texts = ordered_json::array();
        ordered_json changes = ordered_json::array();
        for (const auto& run : comparison.runs) {
            const auto value = metric.value(run, baseline);
            values.push_back(value ? ordered_json(*value * metric.scale) : ordered_json{});
            texts.push_back(value ? figure_text(metric.field, *value * metric.scale) : nothing);
            changes.push_back(is_comparable(metric, run, baseline)
                                  ? change_text(value, before, metric.change)
                                  : std::string{});
        }
        const bool higher = std::find(higher_is_better.begin(), higher_is_better.end(),
                                      metric.field.name) != higher_is_better.end();
        figures.push_back({{"label", metric.label},
                           {"explain", metric.field.name},
                           {"unit", metric.unit},
                           {"better", higher ? "higher" : "lower"},
                           {"values", std::move(values)},
                           {"texts", std::move(texts)},
                           {"changes", std::move(changes)}});
    }
    return figures;
}

std::vector<std::string> comparison_notes(const Comparison& comparison)
{
    auto notes = metric_table(comparison).notes;
    const auto sided = one_sided_notes(comparison);
    notes.insert(notes.end(), sided.begin(), sided.end());
    return notes;
}

ordered_json comparison_json(const Comparison& comparison, std::size_t most_operators)
{
    const auto& baseline = comparison.runs.front();
    ordered_json runs = ordered_json::array();
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const auto& run = comparison.runs[i];
        ordered_json entry{
            {"run", run_letter(i)},
            {"name", run.name},
            {"model", run.model},
            {"schedule", run.schedule},
            {"trace", run.trace.empty() ? ordered_json{} : ordered_json(run.trace)},
            {"dataset", run.dataset.empty() ? ordered_json{} : ordered_json(run.dataset)},
            {"accelerator", run.accelerator},
            {"board", run.board},
            {"memory", run.memory},
            {"clock_mhz", run.clock_mhz},
            {"images", run.images},
            {"batch_images", run.batch_images},
            {"cycles", number_json(run.cycles)},
        };
        for (const auto& metric : metrics())
            entry[metric.field.name] = number_json(metric.value(run, baseline));
        auto& paired = entry["paired"] = nullptr;
        if (comparison.paired[i])
            for (const auto& metric : paired_metrics())
                paired[metric.field.name] = number_json(metric.value(*comparison.paired[i]));
        runs.push_back(std::move(entry));
    }
    ordered_json groups = ordered_json::array();
    for (const auto& group : comparison.groups)
        groups.push_back(part_json("group", group));
    ordered_json operators = ordered_json::array();
    const auto shown = std::min(most_operators, comparison.operators.size());
    for (std::size_t i = 0; i < shown; ++i)
        operators.push_back(part_json("operator", comparison.operators[i]));
    return {{"version", version},
            {"runs", std::move(runs)},
            {"groups", std::move(groups)},
            {"operators", std::move(operators)}};
}

std::string comparison_csv(const Comparison& comparison, std::size_t most_operators)
{
    std::string text;
    for (const auto& column : comparison_columns())
        text += (text.empty() ? "" : ",") + column.name;
    text += '\n';
    const auto cell = [](std::optional<double> value) {
        return value ? number_json(value).dump() : std::string{};
    };
    const auto add = [&](const char* table, const std::string& figure, const std::string& unit,
                         std::size_t run, std::optional<double> value,
                         std::optional<double> before) {
        text +=
            fmt::format("{},{},{},{},{},{},{}\n", table, csv_cell(figure), unit, run_letter(run),
                        csv_cell(comparison.runs[run].name), cell(value), cell(before));
    };
    const auto& baseline = comparison.runs.front();
    for (const auto& metric : metrics())
        for (std::size_t i = 0; i < comparison.runs.size(); ++i)
            add("figures", metric.field.name, metric.field.unit, i,
                metric.value(comparison.runs[i], baseline), metric.value(baseline, baseline));
    for (const auto& metric : paired_metrics())
        for (std::size_t i = 0; i < comparison.runs.size(); ++i)
            if (comparison.paired[i])
                add("paired", metric.field.name, metric.field.unit, i,
                    metric.value(*comparison.paired[i]), std::nullopt);
    const auto add_parts = [&](const char* table, const std::vector<PartDifference>& parts,
                               std::size_t most) {
        for (std::size_t part = 0; part < std::min(most, parts.size()); ++part)
            for (std::size_t i = 0; i < comparison.runs.size(); ++i)
                add(table, parts[part].name, "cycles", i, parts[part].cycles[i],
                    parts[part].cycles.front());
    };
    add_parts("groups", comparison.groups, all_operators);
    add_parts("operators", comparison.operators, most_operators);
    return text;
}

const std::vector<Field>& comparison_fields()
{
    static const std::vector<Field> fields = [] {
        std::vector<Field> all{
            {"version", "", "text", "version of heatsim that printed it"},
            {"runs", "", "list", "the runs, the baseline first"},
            {"runs[].run", "", "text", "its letter in the tables, `A` for the baseline"},
            {"runs[].name", "", "text", "result folder, or options of what was simulated"},
            {"runs[].model", "", "text", "name of the network"},
            {"runs[].schedule", "", "text", "name of the pruning schedule"},
            {"runs[].trace", "", "text or null",
             "token trace with the token counts of the images; null: none"},
            {"runs[].dataset", "", "text or null",
             "images that the trace and the accuracy are of; null: not known"},
            {"runs[].accelerator", "", "text", "name of the accelerator design"},
            {"runs[].board", "", "text", "name of the board"},
            {"runs[].memory", "", "text", "name of the external memory"},
            {"runs[].clock_mhz", "MHz", "real", "fabric clock; all cycles are cycles of it"},
            {"runs[].images", "images", "integer", "images simulated"},
            {"runs[].batch_images", "images", "integer", "images executed together"},
            {"runs[].cycles", "cycles", "real",
             "cycles of an image, mean over the images; of a batch divided by its images"},
        };
        for (const auto& metric : metrics()) {
            all.push_back(metric.field);
            all.back().name = fmt::format("runs[].{}", metric.field.name);
        }
        all.push_back({"runs[].paired", "", "object or null",
                       "the images of the run and of the baseline one by one; null of the baseline "
                       "and where the images are others"});
        for (const auto& metric : paired_metrics()) {
            all.push_back(metric.field);
            all.back().name = fmt::format("runs[].paired.{}", metric.field.name);
        }
        const std::array<std::array<const char*, 3>, 2> lists{{
            {"groups", "group", "groups of operators, largest change first"},
            {"operators", "operator", "operators, largest change first"},
        }};
        for (const auto& [list, key, meaning] : lists) {
            all.push_back({list, "", "list", meaning});
            all.push_back({fmt::format("{}[].{}", list, key), "", "text", "its name"});
            all.push_back({fmt::format("{}[].cycles", list), "cycles", "list",
                           "cycles per image in each run; null: the run has none of that name"});
            all.push_back({fmt::format("{}[].change_cycles", list), "cycles", "list",
                           "cycles less those of the baseline, in each run; what a run has not "
                           "takes none"});
        }
        return all;
    }();
    return fields;
}

const std::vector<Field>& comparison_columns()
{
    static const std::vector<Field> columns{
        {"table", "", "text", "figures, paired, groups or operators"},
        {"figure", "", "text", "key of the JSON, or name of the group or operator"},
        {"unit", "", "text", "unit of value and baseline"},
        {"run", "", "text", "letter of the run, `A` for the baseline"},
        {"name", "", "text", "result folder, or options of what was simulated"},
        {"value", "", "real", "of the run; empty: not known, or the run has none of that name"},
        {"baseline", "", "real", "the same of the baseline; empty of table paired"},
    };
    return columns;
}

} // namespace heatsim::report
