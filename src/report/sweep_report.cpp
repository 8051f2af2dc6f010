// SPDX-License-Identifier: Apache-2.0
#include "report/sweep_report.hpp"

#include "config/text_file.hpp"
#include "report/csv_table.hpp"
#include "report/point_metrics.hpp"
#include "report/summary.hpp"
#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace heatsim::report {

namespace {

constexpr double whole_percent = 100.0;

using nlohmann::ordered_json;
using sweep::Numbers;
using sweep::PointRow;
using sweep::ResultStore;
using sweep::SweepRecord;

/// All numbers of a row by name; inputs that are words are left out.
[[nodiscard]] Numbers
numbers_of(const ResultStore::Format& format, const SweepRecord& sweep, const PointRow& row)
{
    Numbers numbers;
    const auto add = [&numbers](const std::string& name, double number) {
        if (!std::isnan(number))
            numbers[name] = number;
    };
    for (std::size_t i = 0; i < sweep.inputs.size() && i < row.point.inputs.size(); ++i)
        if (const auto number = config::to_number<double>(row.point.inputs[i]))
            add(sweep.inputs[i], *number);
    for (std::size_t i = 0; i < format.statics.size(); ++i)
        add(format.statics[i], row.point.statics[i]);
    if (row.evaluation)
        for (std::size_t i = 0; i < format.metrics.size(); ++i)
            add(format.metrics[i], row.evaluation->metrics[i]);
    return numbers;
}

/// One cell of the exported table.
struct Cell {
    std::string name;
    ordered_json value;
};

[[nodiscard]] ordered_json number_json(double number)
{
    return std::isnan(number) ? ordered_json{} : ordered_json(number);
}

/// An input as a number where it is one.
[[nodiscard]] ordered_json input_json(const std::string& text)
{
    const auto number = config::to_number<double>(text);
    return number ? ordered_json(*number) : ordered_json(text);
}

[[nodiscard]] std::vector<Cell>
cells_of(const ResultStore::Format& format, const SweepRecord& sweep, const PointRow& row)
{
    const auto& point = row.point;
    std::vector<Cell> cells{
        {"point", point.point}, {"status", sweep::name_of(point.status)}, {"reason", point.reason}};
    for (std::size_t i = 0; i < sweep.inputs.size(); ++i)
        cells.push_back({sweep.inputs[i],
                         i < point.inputs.size() ? input_json(point.inputs[i]) : ordered_json{}});
    for (std::size_t i = 0; i < format.statics.size(); ++i)
        cells.push_back({format.statics[i], number_json(point.statics[i])});
    for (std::size_t i = 0; i < format.metrics.size(); ++i)
        cells.push_back({format.metrics[i], row.evaluation ? number_json(row.evaluation->metrics[i])
                                                           : ordered_json{}});
    cells.push_back({"version", row.evaluation ? row.evaluation->version : ""});
    cells.push_back({"configuration", row.evaluation ? row.evaluation->configuration : ""});
    return cells;
}

[[nodiscard]] std::string csv_cell(const ordered_json& value)
{
    if (value.is_null())
        return "";
    return value.is_string() ? quoted(value.get<std::string>()) : value.dump();
}

[[nodiscard]] std::string dump(const ordered_json& json)
{
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// Characters of the columns of a table side by side.
[[nodiscard]] std::size_t width_of(const std::vector<std::vector<std::string>>& columns)
{
    constexpr std::size_t gap = 2;
    std::size_t width = 0;
    for (const auto& column : columns) {
        std::size_t widest = 0;
        for (const auto& cell : column)
            widest = std::max(widest, display_width(cell));
        width += widest + (width == 0 ? 0 : gap);
    }
    return width;
}

[[nodiscard]] std::string objective_text(const sweep::Objective& objective)
{
    return fmt::format("{} {}", objective.maximize ? "max" : "min", objective.name);
}

/// What one pass over the points of a sweep finds.
struct GatheredFront {
    std::uint64_t points = 0; ///< of which the front is
    sweep::ParetoFront front;
    std::map<std::string, std::uint64_t> reasons; ///< of all other points
};

[[nodiscard]] GatheredFront gather(const ResultStore& store,
                                   const SweepRecord& sweep,
                                   const std::vector<sweep::Objective>& objectives)
{
    GatheredFront gathered;
    store.for_each_point(sweep.id, [&](const PointRow& row) {
        if (row.point.status != sweep::PointStatus::Ok) {
            ++gathered.reasons[fmt::format("{}: {}", sweep::name_of(row.point.status),
                                           row.point.reason)];
            return;
        }
        auto costs = sweep::costs_of(objectives, numbers_of(store.format(), sweep, row));
        if (costs.empty())
            return;
        ++gathered.points;
        (void)gathered.front.add(row.point.point, std::move(costs));
    });
    return gathered;
}

/// The most frequent first.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>>
frequent(const std::map<std::string, std::uint64_t>& numbers)
{
    constexpr std::size_t most_reasons = 5;
    std::vector<std::pair<std::string, std::uint64_t>> reasons(numbers.begin(), numbers.end());
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    reasons.resize(std::min(reasons.size(), most_reasons));
    return reasons;
}

/// The box between the ideal point and the nadir of a front: the best and the worst value of each
/// objective on it.
struct Box {
    std::vector<double> best;
    std::vector<double> worst;

    explicit Box(const sweep::ParetoFront& front)
    {
        for (const auto& member : front.members()) {
            if (best.empty())
                best = worst = member.costs;
            for (std::size_t i = 0; i < best.size(); ++i) {
                best[i] = std::min(best[i], member.costs[i]);
                worst[i] = std::max(worst[i], member.costs[i]);
            }
        }
    }
};

/// Share of the box that the members dominate.
[[nodiscard]] std::optional<double> share_of_box(const sweep::ParetoFront& front, const Box& box)
{
    constexpr std::size_t least_objectives = 2;
    const auto& [best, worst] = box;
    if (best.size() < least_objectives || front.members().empty())
        return std::nullopt;
    sweep::ParetoFront scaled; // to 0 … 1, so that the units do not matter
    for (const auto& member : front.members()) {
        auto costs = member.costs;
        for (std::size_t i = 0; i < costs.size(); ++i) {
            if (best[i] == worst[i])
                return std::nullopt;
            costs[i] = (costs[i] - best[i]) / (worst[i] - best[i]);
        }
        (void)scaled.add(member.point, std::move(costs));
    }
    return sweep::hypervolume(scaled, std::vector<double>(best.size(), 1.0));
}

} // namespace

// ---------------------------------------------------------------- progress

SweepProgress::SweepProgress(std::string label, bool wanted)
    : label_{std::move(label)}
    , line_{wanted}
{}

void SweepProgress::show(const sweep::SweepCounts& counts)
{
    if (!line_.is_due())
        return;
    const auto worked = counts.done() - std::min(counts.reused, counts.done());
    const double per_second = static_cast<double>(worked) / line_.seconds();
    const auto left = counts.planned - std::min(counts.done(), counts.planned);
    line_.show(
        fmt::format("{}  {} of {} points  {} infeasible  {} failed  {:.0f}/s  {} left  front {}",
                    label_, grouped(counts.done()), grouped(counts.planned),
                    grouped(counts.infeasible), grouped(counts.failed), per_second,
                    per_second > 0.0 ? duration_text(static_cast<double>(left) / per_second) : "?",
                    counts.front));
}

// ---------------------------------------------------------------- front

SweepRecord find_sweep(const ResultStore& store, const std::string& wanted)
{
    const auto sweeps = store.sweeps();
    std::vector<std::string> names;
    for (auto sweep = sweeps.rbegin(); sweep != sweeps.rend(); ++sweep) {
        if (wanted.empty() || sweep->name == wanted || std::to_string(sweep->id) == wanted)
            return *sweep;
        names.push_back(sweep->name);
    }
    config::Violation violation;
    violation.where.file = store.path();
    violation.found = wanted.empty() ? "no sweep" : fmt::format("no sweep '{}'", wanted);
    violation.expected = names.empty()
                             ? "a store that a sweep has written"
                             : fmt::format("one of {}, or its number", fmt::join(names, ", "));
    violation.nearest = config::nearest_name(wanted, names);
    throw config::Error{violation};
}

std::vector<sweep::Objective> objectives_of(const SweepRecord& sweep)
{
    std::vector<sweep::Objective> objectives;
    objectives.reserve(sweep.objectives.size());
    for (const auto& text : sweep.objectives)
        if (!text.empty())
            objectives.push_back({text.substr(1), text.front() == '+'});
    return objectives;
}

FrontReport front_report(const ResultStore& store,
                         const SweepRecord& sweep,
                         std::vector<sweep::Objective> objectives,
                         const SweepRecord* other)
{
    FrontReport report;
    report.store = store.path();
    report.sweep = sweep;
    report.objectives = objectives.empty() ? objectives_of(sweep) : std::move(objectives);
    const auto [points, front, reasons] = gather(store, sweep, report.objectives);
    report.points = points;
    report.reasons = frequent(reasons);
    auto reference = front; // the best of both sweeps
    if (other != nullptr) {
        const auto theirs = gather(store, *other, report.objectives);
        for (const auto& member : theirs.front.members())
            (void)reference.add(member.point, member.costs);
        report.compared = {*other, theirs.points, share_of_box(theirs.front, Box{reference})};
    }
    report.hypervolume = share_of_box(front, Box{reference});
    auto members = front.members();
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return std::tie(a.costs, a.point) < std::tie(b.costs, b.point);
    });
    report.rows.reserve(members.size());
    for (const auto& member : members) {
        auto row = store.find_point(sweep.id, member.point);
        if (!row)
            continue;
        std::vector<double> values;
        values.reserve(member.costs.size());
        for (std::size_t i = 0; i < member.costs.size(); ++i)
            values.push_back(report.objectives[i].cost(member.costs[i])); // its own inverse
        report.rows.push_back({std::move(*row), std::move(values)});
    }
    return report;
}

std::string front_text(const FrontReport& report, const Style& style)
{
    if (report.objectives.empty())
        return "";
    std::string text;
    std::vector<std::string> wanted;
    wanted.reserve(report.objectives.size());
    for (const auto& objective : report.objectives)
        wanted.push_back(objective_text(objective));
    text += style.bold(fmt::format("Pareto front: {} of {} points", grouped(report.rows.size()),
                                   grouped(report.points)));
    text += fmt::format("{}{}\n", style.dot(), fmt::join(wanted, ", "));
    if (report.hypervolume)
        text +=
            fmt::format("dominates {:.4f} of the box between the best and the worst values on it\n",
                        *report.hypervolume);
    if (report.compared && report.compared->hypervolume && report.hypervolume)
        text += fmt::format("beside {:.4f} of sweep {} with {} points: {:.2f} %\n",
                            *report.compared->hypervolume, report.compared->sweep.id,
                            grouped(report.compared->points),
                            whole_percent * *report.hypervolume / *report.compared->hypervolume);
    if (report.rows.empty())
        return text;
    constexpr std::size_t most_rows = 20;
    const auto shown = std::min(report.rows.size(), most_rows);
    const auto row_at = [&](std::size_t line) -> const FrontRow& { // evenly over the whole front
        return report.rows[shown < 2 ? 0 : line * (report.rows.size() - 1) / (shown - 1)];
    };
    std::vector<std::vector<std::string>> columns(1 + report.objectives.size());
    columns.front().emplace_back("point");
    for (std::size_t o = 0; o < report.objectives.size(); ++o)
        columns[o + 1].push_back(report.objectives[o].name);
    for (std::size_t i = 0; i < shown; ++i) {
        columns.front().push_back(std::to_string(row_at(i).row.point.point));
        for (std::size_t o = 0; o < report.objectives.size(); ++o)
            columns[o + 1].push_back(significant(row_at(i).objectives[o]));
    }
    std::vector<std::string> left_out;
    for (std::size_t input = 0; input < report.sweep.inputs.size(); ++input) {
        const auto& name = report.sweep.inputs[input];
        if (std::any_of(report.objectives.begin(), report.objectives.end(),
                        [&name](const auto& objective) { return objective.name == name; }))
            continue; // it is there already
        std::vector<std::string> column{name};
        for (std::size_t i = 0; i < shown; ++i)
            column.push_back(row_at(i).row.point.inputs[input]);
        columns.push_back(std::move(column));
        if (width_of(columns) > page_width) {
            left_out.push_back(name);
            columns.pop_back();
        }
    }
    TextTable table{std::vector<TextTable::Align>(columns.size(), TextTable::Align::Right)};
    for (std::size_t line = 0; line <= shown; ++line) {
        std::vector<std::string> cells;
        cells.reserve(columns.size());
        for (const auto& column : columns)
            cells.push_back(column[line]);
        table.add(std::move(cells));
    }
    text += '\n';
    text += table.text(style);
    if (!left_out.empty())
        text += style.dim(fmt::format("columns left out here: {}\n", fmt::join(left_out, ", ")));
    if (shown < report.rows.size())
        text += style.dim(fmt::format("{} of {} members, evenly: `heatsim pareto {} --format csv` "
                                      "has all\n",
                                      shown, grouped(report.rows.size()), report.store));
    return text;
}

namespace {

[[nodiscard]] ordered_json compared_json(const FrontReport& report)
{
    if (!report.compared)
        return nullptr;
    const auto& compared = *report.compared;
    return {{"sweep", compared.sweep.id},
            {"points", compared.points},
            {"hypervolume",
             compared.hypervolume ? ordered_json(*compared.hypervolume) : ordered_json{}}};
}

} // namespace

ordered_json front_json(const FrontReport& report)
{
    ordered_json objectives = ordered_json::array();
    for (const auto& objective : report.objectives)
        objectives.push_back({{"name", objective.name},
                              {"direction", objective.maximize ? "maximize" : "minimize"}});
    ordered_json members = ordered_json::array();
    for (const auto& row : report.rows) {
        ordered_json inputs = ordered_json::object();
        for (std::size_t i = 0; i < report.sweep.inputs.size(); ++i)
            inputs[report.sweep.inputs[i]] = input_json(row.row.point.inputs[i]);
        ordered_json values = ordered_json::object();
        for (std::size_t i = 0; i < report.objectives.size(); ++i)
            values[report.objectives[i].name] = row.objectives[i];
        members.push_back({{"point", row.row.point.point},
                           {"inputs", std::move(inputs)},
                           {"objectives", std::move(values)}});
    }
    return {
        {"version", version},
        {"store", report.store},
        {"space", report.sweep.name},
        {"objectives", std::move(objectives)},
        {"points", report.points},
        {"hypervolume", report.hypervolume ? ordered_json(*report.hypervolume) : ordered_json{}},
        {"compared", compared_json(report)},
        {"front", std::move(members)}};
}

std::string front_csv(const FrontReport& report)
{
    std::string text = "point";
    for (const auto& objective : report.objectives)
        text += fmt::format(",{}", quoted(objective.name));
    for (const auto& input : report.sweep.inputs)
        text += fmt::format(",{}", quoted(input));
    text += '\n';
    for (const auto& row : report.rows) {
        text += std::to_string(row.row.point.point);
        for (const auto value : row.objectives)
            text += fmt::format(",{}", real_text(value));
        for (const auto& input : row.row.point.inputs)
            text += fmt::format(",{}", quoted(input));
        text += '\n';
    }
    return text;
}

std::vector<Field> front_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"store", "", "text", "path of the result store"},
        {"space", "", "text", "name of the design space"},
        {"objectives", "", "list", "what decides the front"},
        {"objectives[].name", "", "text", "name of the number"},
        {"objectives[].direction", "", "text", "minimize or maximize"},
        {"points", "points", "integer", "points that keep all constraints and have all objectives"},
        {"hypervolume", "1", "real or null",
         "share of the box between the best and the worst value of every objective on the front "
         "(ideal and nadir point) that it dominates; null with fewer than two objectives, or where "
         "one does not vary"},
        {"compared", "", "object or null",
         "another sweep of the store, in the same box: that of the front of both together"},
        {"compared.sweep", "", "integer", "its number"},
        {"compared.points", "points", "integer", "its points, as above"},
        {"compared.hypervolume", "1", "real or null", "what its front dominates"},
        {"front", "", "list", "members of the front, the best of the first objective first"},
        {"front[].point", "", "integer", "number of the point on the grid of the space"},
        {"front[].inputs", "", "object", "its axes and derived numbers"},
        {"front[].objectives", "", "object", "its objectives, by name"},
    };
}

// ---------------------------------------------------------------- sweep

std::string sweep_text(const SweepReport& report, const Style& style)
{
    const auto& counts = report.outcome.counts;
    std::string text = style.bold(report.space);
    text += fmt::format("{}{} of {} points{}{} simulated in {:.1f} s", style.dot(),
                        grouped(counts.done()), grouped(counts.planned), style.dot(),
                        grouped(counts.simulated), report.seconds);
    if (counts.simulated > 0)
        text += fmt::format(" ({:.0f}/s)", static_cast<double>(counts.simulated) / report.seconds);
    if (counts.reused > 0)
        text += fmt::format("{}{} reused", style.dot(), grouped(counts.reused));
    text += '\n';
    text += fmt::format("{} ok{}{} violate a constraint{}{} infeasible{}{} failed\n",
                        grouped(counts.ok), style.dot(), grouped(counts.violated), style.dot(),
                        grouped(counts.infeasible), style.dot(), grouped(counts.failed));
    for (const auto& [reason, number] : report.front.reasons)
        text += style.dim(fmt::format("{:>9}  {}\n", grouped(number), reason));
    if (report.outcome.interrupted)
        text += "interrupted: nothing finished is lost, the same command goes on\n";
    if (const auto front = front_text(report.front, style); !front.empty()) {
        text += '\n';
        text += front;
    }
    text += fmt::format("\nResults in {}: `heatsim export`, `heatsim pareto`\n", report.store);
    return text;
}

ordered_json sweep_json(const SweepReport& report)
{
    const auto& counts = report.outcome.counts;
    auto front = front_json(report.front);
    return {{"version", version},
            {"space", report.space},
            {"store", report.store},
            {"interrupted", report.outcome.interrupted},
            {"planned", counts.planned},
            {"done", counts.done()},
            {"ok", counts.ok},
            {"violated", counts.violated},
            {"infeasible", counts.infeasible},
            {"failed", counts.failed},
            {"simulated", counts.simulated},
            {"reused", counts.reused},
            {"wall_seconds", report.seconds},
            {"objectives", front["objectives"]},
            {"hypervolume", front["hypervolume"]},
            {"front", front["front"]}};
}

std::vector<Field> sweep_fields()
{
    std::vector<Field> fields{
        {"interrupted", "", "boolean", "whether points are missing because somebody asked to stop"},
        {"planned", "points", "integer",
         "points the strategy looks at; of an optimizer at most so many"},
        {"done", "points", "integer", "points with a result of any kind"},
        {"ok", "points", "integer", "simulated, and all constraints hold"},
        {"violated", "points", "integer", "simulated, but a constraint does not hold"},
        {"infeasible", "points", "integer",
         "rejected before the simulation: no valid configuration, too large for the board, or a "
         "constraint over inputs, resources or accuracy does not hold"},
        {"failed", "points", "integer", "the simulation crashed, took too long or had no memory"},
        {"simulated", "points", "integer", "simulations this run made"},
        {"reused", "points", "integer",
         "points that were in the store, or are the same simulation as another point"},
        {"wall_seconds", "s", "real", "elapsed time of this run"},
    };
    const auto front = front_fields();
    fields.insert(fields.end(), front.begin(), front.end());
    fields.erase(std::remove_if(fields.begin(), fields.end(),
                                [](const Field& field) {
                                    return field.name == "points" ||
                                           field.name.rfind("compared", 0) == 0;
                                }),
                 fields.end());
    return fields;
}

// ---------------------------------------------------------------- export

void export_csv(const ResultStore& store,
                const SweepRecord& sweep,
                const std::function<void(const std::string&)>& write)
{
    const auto line = [](const std::vector<Cell>& cells, bool is_header) {
        std::string text;
        for (const auto& cell : cells) {
            text += text.empty() ? "" : ",";
            text += is_header ? quoted(cell.name) : csv_cell(cell.value);
        }
        return text + '\n';
    };
    PointRow empty;
    empty.point.statics.resize(store.format().statics.size());
    write(line(cells_of(store.format(), sweep, empty), true));
    store.for_each_point(sweep.id, [&](const PointRow& row) {
        write(line(cells_of(store.format(), sweep, row), false));
    });
}

void export_json(const ResultStore& store,
                 const SweepRecord& sweep,
                 const std::function<void(const std::string&)>& write)
{
    const char* separator = "[\n";
    store.for_each_point(sweep.id, [&](const PointRow& row) {
        ordered_json object = ordered_json::object();
        for (auto& cell : cells_of(store.format(), sweep, row))
            object[cell.name] = std::move(cell.value);
        write(separator + dump(object));
        separator = ",\n";
    });
    write(*separator == '[' ? "[]\n" : "\n]\n");
}

std::vector<Field> export_columns()
{
    return {
        {"point", "", "integer", "number of the point on the grid of the space"},
        {"status", "", "text",
         "ok; violated: simulated, but a constraint does not hold; infeasible: rejected before the "
         "simulation; failed: the simulation did not end well"},
        {"reason", "", "text", "of every status but ok"},
        {"resources.dsps", "DSP slices", "real", "DSP slices of the chip, estimated"},
        {"resources.dsps_percent", "%", "real", "of the board's DSP slices"},
        {"resources.luts", "LUTs", "real", "LUTs of the chip, estimated"},
        {"resources.luts_percent", "%", "real", "of the board's LUTs"},
        {"resources.flip_flops", "flip-flops", "real", "flip-flops of the chip, estimated"},
        {"resources.flip_flops_percent", "%", "real", "of the board's flip-flops"},
        {"resources.bram36", "BRAM36", "real", "36-Kbit block RAMs of the chip, estimated"},
        {"resources.bram36_percent", "%", "real", "of the board's block RAMs"},
        {"resources.urams", "URAM", "real", "UltraRAMs of the chip, estimated"},
        {"resources.urams_percent", "%", "real", "of the board's UltraRAMs"},
        {"resources.fits", "1", "real", "1 where the chip fits on its board, else 0"},
        {"accuracy.top1_percent", "%", "real",
         "top-1 accuracy interpolated in the space's accuracy table; empty outside the hull of "
         "its measured networks"},
        {"version", "", "text", "version of heatsim that simulated the point"},
        {"configuration", "", "text",
         "hash (XXH3, 128 bits) of the resolved configuration: the same configuration has the same "
         "hash"},
    };
}

} // namespace heatsim::report
