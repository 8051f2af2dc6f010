// SPDX-License-Identifier: Apache-2.0
#include "report/staircase_report.hpp"

#include "report/csv_table.hpp"
#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using system::BlockCost;
using system::Plateau;
using Align = TextTable::Align;

constexpr double plateau_tolerance = 0.005; // of the latency
constexpr double flat = 0.5;                // of the mean cost of a token
constexpr double step_factor = 2.0;         // of the mean cost of a token
constexpr std::size_t narrow_page = 80;

[[nodiscard]] std::optional<Plateau> plateau_of(const std::vector<Plateau>& plateaus,
                                                std::uint64_t tokens)
{
    for (const auto& plateau : plateaus)
        if (tokens >= plateau.low && tokens <= plateau.high)
            return plateau;
    return std::nullopt;
}

[[nodiscard]] std::vector<StageOnStaircase> stages_of(const system::RunSetup& setup,
                                                      const std::vector<Plateau>& plateaus)
{
    const auto& selectors = setup.schedule.selectors;
    std::vector<StageOnStaircase> stages(selectors.size() + 1);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        auto& stage = stages[i];
        stage.first_block = i > 0 ? selectors[i - 1].before_block : 1;
        stage.last_block = i < selectors.size() ? selectors[i].before_block - 1 : setup.model.depth;
        stage.images = setup.images.size();
        for (const auto& tokens : setup.images) {
            const auto plateau = plateau_of(plateaus, tokens[i]);
            if (!plateau || tokens[i] == plateau->high)
                continue;
            ++stage.below_high;
            stage.free_tokens += plateau->high - tokens[i];
        }
    }
    return stages;
}

[[nodiscard]] double percent(std::uint64_t part, std::uint64_t whole)
{
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

[[nodiscard]] double mean_free_tokens(const StageOnStaircase& stage)
{
    return static_cast<double>(stage.free_tokens) / static_cast<double>(stage.images);
}

[[nodiscard]] ordered_json marginal_cycles(const StaircaseReport& report, const BlockCost& cost)
{
    if (cost.tokens == report.staircase.costs.front().tokens)
        return {};
    return static_cast<std::int64_t>(cost.cycles) -
           static_cast<std::int64_t>(report.staircase.at(cost.tokens - 1).cycles);
}

/// A row of staircase.csv.
struct CountRow {
    const StaircaseReport* report;
    const BlockCost* cost;
};

[[nodiscard]] std::vector<Column<CountRow>> count_table()
{
    const auto edge = [](const CountRow& row, std::uint64_t Plateau::*side) {
        const auto plateau = plateau_of(row.report->plateaus, row.cost->tokens);
        return plateau ? std::to_string((*plateau).*side) : std::string{};
    };
    return {
        {{"tokens", "tokens", "integer", "tokens of the block"},
         [](const CountRow& row) { return std::to_string(row.cost->tokens); }},
        {{"cycles", "cycles", "integer", "fabric cycles of one transformer block"},
         [](const CountRow& row) { return std::to_string(row.cost->cycles); }},
        {{"latency_ms", "ms", "real", "the same as time"},
         [](const CountRow& row) { return real_text(row.report->milliseconds(row.cost->cycles)); }},
        {{"marginal_cycles", "cycles", "integer or empty",
          "cycles - those of one token less; empty for the fewest tokens"},
         [](const CountRow& row) {
             const auto cycles = marginal_cycles(*row.report, *row.cost);
             return cycles.is_null() ? std::string{} : cycles.dump();
         }},
        {{"plateau_low", "tokens", "integer or empty",
          "fewest tokens of the plateau the count lies on; empty: on none"},
         [edge](const CountRow& row) { return edge(row, &Plateau::low); }},
        {{"plateau_high", "tokens", "integer or empty",
          "most tokens of that plateau: pruning from there down to the count buys nothing"},
         [edge](const CountRow& row) { return edge(row, &Plateau::high); }},
    };
}

/// Latency over tokens, a column per one or a few token counts.
[[nodiscard]] std::string plot(const StaircaseReport& report, const Style& style)
{
    constexpr std::size_t rows = 10;
    constexpr std::size_t most_columns = 66;
    constexpr std::size_t eighths = 8;
    constexpr std::array<const char*, eighths + 1> utf8{" ", "▁", "▂", "▃", "▄",
                                                        "▅", "▆", "▇", "█"};
    const auto& costs = report.staircase.costs;
    const auto per_column = (costs.size() + most_columns - 1) / most_columns;
    std::uint64_t most = 0;
    for (const auto& cost : costs)
        most = std::max(most, cost.cycles);
    std::string text;
    for (std::size_t row = rows; row-- > 0;) {
        const double edge = static_cast<double>(row + 1) / static_cast<double>(rows);
        std::string line;
        for (std::size_t i = 0; i < costs.size(); i += per_column) {
            const double height =
                static_cast<double>(rows * costs[i].cycles) / static_cast<double>(most) -
                static_cast<double>(row);
            const auto filled = static_cast<std::size_t>(
                std::clamp(std::round(height * eighths), 0.0, static_cast<double>(eighths)));
            if (style.utf8)
                line += utf8[filled];
            else
                line += filled * 2 >= eighths ? '#' : ' ';
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += fmt::format("  {:>8} ", fmt::format("{:.3f}", edge * report.milliseconds(most)));
        text.append(style.accent(line)).append("\n");
    }
    const auto columns = (costs.size() + per_column - 1) / per_column;
    const auto first = std::to_string(costs.front().tokens);
    const auto last = fmt::format("{} tokens", costs.back().tokens);
    text += fmt::format("  {:>8} {}{}\n", "ms", first,
                        pad_left(last, columns - std::min(columns, first.size())));
    return text;
}

[[nodiscard]] std::string blocks_text(const StageOnStaircase& stage)
{
    return stage.first_block == stage.last_block
               ? fmt::format("block {}", stage.first_block)
               : fmt::format("blocks {} to {}", stage.first_block, stage.last_block);
}

} // namespace

StaircaseReport staircase_report(const system::RunSetup& setup, system::Staircase staircase)
{
    StaircaseReport report;
    report.model = setup.model.name;
    report.accelerator = setup.design.accelerator.name;
    report.board = setup.design.board.name;
    report.clock_mhz = setup.design.accelerator.clock_mhz;
    report.staircase = std::move(staircase);
    report.plateaus = system::plateaus(report.staircase, plateau_tolerance, flat);
    report.pieces = system::token_pieces(setup.design.accelerator);
    report.steps = system::steps(report.staircase, step_factor, report.pieces);
    if (setup.trace) {
        report.trace = setup.trace->path;
        report.stages = stages_of(setup, report.plateaus);
    }
    return report;
}

ordered_json staircase_json(const StaircaseReport& report)
{
    ordered_json counts = ordered_json::array();
    for (const auto& cost : report.staircase.costs)
        counts.push_back({{"tokens", cost.tokens},
                          {"cycles", cost.cycles},
                          {"latency_ms", report.milliseconds(cost.cycles)},
                          {"marginal_cycles", marginal_cycles(report, cost)}});
    ordered_json plateaus = ordered_json::array();
    for (const auto& plateau : report.plateaus)
        plateaus.push_back(
            {{"low", plateau.low},
             {"high", plateau.high},
             {"latency_ms", report.milliseconds(report.staircase.at(plateau.high).cycles)}});
    ordered_json steps = ordered_json::array();
    for (const auto& step : report.steps)
        steps.push_back({{"tokens", step.tokens},
                         {"rise_cycles", step.rise_cycles},
                         {"operator", report.staircase.operators[step.largest_operator]},
                         {"operator_rise_cycles", step.largest_rise_cycles},
                         {"boundaries", step.boundaries}});
    ordered_json stages = ordered_json::array();
    for (std::size_t i = 0; i < report.stages.size(); ++i) {
        const auto& stage = report.stages[i];
        stages.push_back({{"stage", i},
                          {"images", stage.images},
                          {"below_high", stage.below_high},
                          {"below_high_percent", percent(stage.below_high, stage.images)},
                          {"free_tokens", mean_free_tokens(stage)}});
    }
    return {{"version", version},
            {"model", report.model},
            {"accelerator", report.accelerator},
            {"board", report.board},
            {"clock_mhz", report.clock_mhz},
            {"cycles_per_token", report.staircase.cycles_per_token()},
            {"counts", std::move(counts)},
            {"plateaus", std::move(plateaus)},
            {"steps", std::move(steps)},
            {"trace", report.trace.empty() ? ordered_json{} : ordered_json(report.trace)},
            {"stages", std::move(stages)}};
}

std::vector<Field> staircase_fields()
{
    return {
        {"version", "", "text", "version of heatsim that printed it"},
        {"model", "", "text", "name of the network"},
        {"accelerator", "", "text", "name of the accelerator design"},
        {"board", "", "text", "name of the board"},
        {"clock_mhz", "MHz", "real", "fabric clock; all cycles are cycles of it"},
        {"cycles_per_token", "cycles", "real",
         "(cycles of the most tokens - cycles of the fewest) / difference of the tokens"},
        {"counts", "", "list", "one transformer block at every token count"},
        {"counts[].tokens", "tokens", "integer", "tokens of the block"},
        {"counts[].cycles", "cycles", "integer", "fabric cycles of one transformer block"},
        {"counts[].latency_ms", "ms", "real", "the same as time"},
        {"counts[].marginal_cycles", "cycles", "integer or null",
         "cycles - those of one token less; null for the fewest tokens"},
        {"plateaus", "", "list",
         "token counts that cost as much as the highest one among them, or up to 0.5 % less, with "
         "at most 0.5 x cycles_per_token a token: pruning from there down to the lowest one buys "
         "nothing"},
        {"plateaus[].low", "tokens", "integer", "lowest count"},
        {"plateaus[].high", "tokens", "integer", "highest count"},
        {"plateaus[].latency_ms", "ms", "real", "time of the block at the highest count"},
        {"steps", "", "list", "token counts whose marginal_cycles are above 2 x cycles_per_token"},
        {"steps[].tokens", "tokens", "integer", "first count above the step"},
        {"steps[].rise_cycles", "cycles", "integer", "its marginal_cycles"},
        {"steps[].operator", "", "text", "operator of the block whose cycles rise most"},
        {"steps[].operator_rise_cycles", "cycles", "integer", "by how much"},
        {"steps[].boundaries", "", "list",
         "keys of the design that cut the tokens into pieces, where one token less fills whole "
         "pieces"},
        {"trace", "", "text or null",
         "token trace whose images stand on the staircase; null: none"},
        {"stages", "", "list", "images of the trace by stage; empty without a trace"},
        {"stages[].stage", "", "integer", "number of the stage, from 0"},
        {"stages[].images", "images", "integer", "images of the trace"},
        {"stages[].below_high", "images", "integer",
         "images on a plateau with fewer tokens than its highest count"},
        {"stages[].below_high_percent", "%", "real", "their share"},
        {"stages[].free_tokens", "tokens", "real",
         "tokens an image could keep for at most 0.5 % of the block's time: up to the highest "
         "count of its plateau, mean over all images"},
    };
}

std::string staircase_text(const StaircaseReport& report, const Style& style)
{
    const auto& costs = report.staircase.costs;
    std::string text = style.bold(report.model) + style.dot() + "one transformer block" +
                       style.dot() +
                       fmt::format("{} to {} tokens\n", costs.front().tokens, costs.back().tokens) +
                       style.dim(report.accelerator + style.dot() + "board " + report.board +
                                 style.dot() + fmt::format("{} MHz", report.clock_mhz)) +
                       "\n\n" + style.bold("Latency of the block") + '\n' + plot(report, style);
    text += fmt::format("\nA token costs {} cycles on average.\n",
                        significant(report.staircase.cycles_per_token(), 4));
    const auto add_note = [&text](const std::string& note) {
        for (const auto& line : wrapped(note, narrow_page))
            text.append(line).append("\n");
    };

    text.append("\n").append(style.bold("Steps")).append("\n");
    if (report.steps.empty()) {
        add_note("  None: no token costs more than twice the average.");
    } else {
        TextTable table{{Align::Right, Align::Right, Align::Left, Align::Left}};
        table.add({"  tokens", "cycles more", "most in", "multiple of"});
        std::map<std::uint64_t, std::string> legend; // keys by the size they have
        for (const auto& step : report.steps) {
            std::set<std::uint64_t> sizes;
            for (const auto& [name, size] : report.pieces)
                if (std::count(step.boundaries.begin(), step.boundaries.end(), name) > 0)
                    sizes.insert(size);
            table.add({fmt::format("  {} to {}", step.tokens - 1, step.tokens),
                       fmt::format("{:+}", step.rise_cycles),
                       fmt::format("{} ({:+})", report.staircase.operators[step.largest_operator],
                                   step.largest_rise_cycles),
                       fmt::format("{}", fmt::join(sizes, ", "))});
        }
        for (const auto& line : table.lines())
            text.append(line).append("\n");
        for (const auto& [name, size] : report.pieces)
            legend[size] += (legend[size].empty() ? "" : ", ") + name;
        std::string note;
        for (const auto& [size, names] : legend)
            note += fmt::format("{}{}: {}", note.empty() ? "" : "; ", size, names);
        add_note(note + ".");
    }

    text.append("\n").append(style.bold("Plateaus")).append("\n");
    if (report.plateaus.empty()) {
        add_note("  None: every token less saves time.");
    } else {
        std::string list;
        for (const auto& plateau : report.plateaus)
            list += fmt::format("{}{} to {}", list.empty() ? "" : ", ", plateau.low, plateau.high);
        for (const auto& line : wrapped(list, narrow_page - 2))
            text.append("  ").append(line).append("\n");
        add_note("Within one of them pruning saves at most 0.5 % of the block's time, and a token "
                 "costs less than half the average: it buys nothing there.");
    }

    if (!report.stages.empty()) {
        text.append("\n").append(style.bold("Images of the trace")).append("\n");
        TextTable table{{Align::Left, Align::Right, Align::Right}};
        table.add({"", "on a plateau, not at its top", "tokens to keep for nothing"});
        for (const auto& stage : report.stages)
            table.add({"  " + blocks_text(stage),
                       fmt::format("{:.1f} % of {}", percent(stage.below_high, stage.images),
                                   grouped(stage.images)),
                       fmt::format("{:.2f} per image", mean_free_tokens(stage))});
        for (const auto& line : table.lines())
            text.append(line).append("\n");
    }
    return text;
}

std::string staircase_csv(const StaircaseReport& report)
{
    std::vector<CountRow> rows;
    rows.reserve(report.staircase.costs.size());
    for (const auto& cost : report.staircase.costs)
        rows.push_back({&report, &cost});
    return csv_table(count_table(), rows);
}

std::vector<Field> staircase_columns()
{
    return fields_of(count_table());
}

} // namespace heatsim::report
