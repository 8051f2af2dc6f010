// SPDX-License-Identifier: Apache-2.0
#include "report/csv_table.hpp"
#include "report/markdown.hpp"
#include "report/run_page.hpp"
#include "report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t most_mistakes = 20; // of a functional run, in Markdown

[[nodiscard]] std::string text_of(const ordered_json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0)
        return grouped(value.get<std::uint64_t>());
    return value.is_number() ? significant(value.get<double>()) : std::string{};
}

/// Cycles of every cause, over all operators.
[[nodiscard]] std::vector<double> cause_sums(const ordered_json& run)
{
    std::vector<double> sums;
    for (const auto& cycles : run["operators"]["causes"])
        sums.push_back(
            std::accumulate(cycles.begin(), cycles.end(), 0.0, [](double sum, const auto& value) {
                return sum + value.template get<double>();
            }));
    return sums;
}

[[nodiscard]] double milliseconds(const ordered_json& run, double cycles)
{
    constexpr double kilo = 1e3;
    return cycles / (run["clock_mhz"].get<double>() * kilo);
}

/// One figure of the CSV file.
struct Line {
    std::string section;
    std::string name;
    std::string quantity;
    ordered_json value;
    std::string unit;
};

[[nodiscard]] const std::vector<Column<Line>>& columns()
{
    static const std::vector<Column<Line>> all{
        {{"section", "", "text", "part of the report"},
         [](const Line& line) { return quoted(line.section); }},
        {{"name", "", "text", "what the figure is of"},
         [](const Line& line) { return quoted(line.name); }},
        {{"quantity", "", "text", "what was counted or computed, as `heatsim explain` knows it"},
         [](const Line& line) { return quoted(line.quantity); }},
        {{"value", "", "number", "in the unit beside it"},
         [](const Line& line) { return line.value.is_null() ? "" : line.value.dump(); }},
        {{"unit", "", "text", "of the value; empty: a count or a ratio"},
         [](const Line& line) { return quoted(line.unit); }},
    };
    return all;
}

/// Figures that are the same kind of thing for every entry of a list.
struct Listed {
    const char* list;
    const char* name;                                            ///< key of the entry's name
    std::vector<std::pair<const char*, const char*>> quantities; ///< keys with their units
};

} // namespace

std::string run_page_markdown(const ordered_json& page)
{
    const auto& run = page["run"];
    auto text = fmt::format("# {}\n\n", markdown_cell(text_of(page["title"])));
    const auto section = [&text](const std::string& title, const std::vector<std::string>& header,
                                 const Rows& rows, std::size_t left = 1) {
        if (!rows.empty())
            text += fmt::format("\n## {}\n\n{}", title, markdown_table(header, rows, left));
    };
    Rows rows;
    for (const auto& fact : run["facts"])
        rows.push_back({text_of(fact["label"]), text_of(fact["text"])});
    text += markdown_table({"", ""}, std::exchange(rows, {}), 2);
    for (const auto& figure : run["headline"])
        rows.push_back({text_of(figure["label"]), text_of(figure["text"])});
    section("Key figures", {"figure", "value"}, std::exchange(rows, {}));
    for (const auto& verdict : run["verdict"])
        text += fmt::format("\n- {}: {}", markdown_cell(text_of(verdict["label"])),
                            markdown_cell(text_of(verdict["text"])));
    text += '\n';
    for (const auto& note : run["notes"])
        text += fmt::format("\n> {}\n", markdown_cell(text_of(note)));

    const auto sums = cause_sums(run);
    const double all = std::max(1.0, std::accumulate(sums.begin(), sums.end(), 0.0));
    constexpr double whole_percent = 100.0;
    for (std::size_t i = 0; i < sums.size(); ++i)
        rows.push_back({text_of(run["causes"][i]["name"]), text_of(run["causes"][i]["meaning"]),
                        fmt::format("{} ms", significant(milliseconds(run, sums[i]))),
                        fmt::format("{:.1f} %", whole_percent * sums[i] / all)});
    section("Where the array's cycles went", {"cause", "meaning", "time", "share"},
            std::exchange(rows, {}), 2);
    for (const auto& group : run["groups"])
        rows.push_back(
            {text_of(group["name"]), text_of(group["operators"]),
             fmt::format("{} ms", significant(milliseconds(run, group["cycles"].get<double>()))),
             fmt::format("{} GMACs", significant(group["macs"].get<double>() / 1e9)),
             fmt::format("{} mJ", significant(group["energy_mj"].get<double>()))});
    section("Cost by group of operators", {"group", "operators", "time", "compute", "energy"},
            std::exchange(rows, {}));
    for (const auto& stage : run["stages"])
        rows.push_back(
            {fmt::format("{} to {}", text_of(stage["first_block"]), text_of(stage["last_block"])),
             text_of(stage["selector"]), text_of(stage["tokens_mean"]),
             fmt::format("{} to {}", text_of(stage["tokens_min"]), text_of(stage["tokens_max"]))});
    section("Tokens per stage", {"blocks", "selector", "tokens, mean", "over the images"},
            std::exchange(rows, {}), 2);
    for (const auto& use : run["resources"]["uses"])
        rows.push_back({text_of(use["name"]), text_of(use["used"]), text_of(use["available"]),
                        fmt::format("{:.0f} %", use["percent"].get<double>())});
    section(fmt::format("Resources of {}", markdown_cell(text_of(run["resources"]["board"]))),
            {"resource", "used", "available", "share"}, std::exchange(rows, {}));
    for (const auto& part : run["energy"]["parts"])
        rows.push_back({text_of(part["name"]), text_of(part["meaning"]),
                        fmt::format("{} mJ", text_of(part["mj"]))});
    section(fmt::format("Energy per image, ±{} %", text_of(run["energy"]["uncertainty_percent"])),
            {"part", "meaning", "energy"}, std::exchange(rows, {}), 2);
    for (const auto& of : run["distribution"]) {
        std::vector<std::string> row{
            fmt::format("{}, {}", text_of(of["name"]), text_of(of["unit"]))};
        for (const auto* key : {"mean", "min", "p50", "p90", "p95", "p99", "max"})
            row.push_back(text_of(of[key]));
        rows.push_back(std::move(row));
    }
    section("Over the images", {"", "mean", "min", "p50", "p90", "p95", "p99", "max"},
            std::exchange(rows, {}));
    if (const auto& functional = run["functional"]; !functional.is_null()) {
        const auto& predictions = functional["predictions"];
        for (std::size_t i = 0; i < predictions["image"].size(); ++i)
            if (predictions["correct"][i] == "0" && rows.size() < most_mistakes)
                rows.push_back({text_of(predictions["name"][i]), text_of(predictions["label"][i]),
                                text_of(predictions["predicted"][i]),
                                text_of(predictions["logit_margin"][i])});
        section("Wrong predictions", {"image", "label", "predicted", "logit margin"},
                std::exchange(rows, {}));
    }
    if (!run["tail"].is_null())
        text += fmt::format("\n{}\n", markdown_cell(text_of(run["tail"]["text"])));
    for (const auto& band : run["error_bands"])
        rows.push_back({text_of(band["quantity"]), text_of(band["text"]),
                        text_of(band["comparisons"]), text_of(band["of"]), text_of(band["trust"]),
                        text_of(band["reference"])});
    section("How far off it can be",
            {"quantity", "error", "comparisons", "of", "trust", "reference"},
            std::exchange(rows, {}));
    text += fmt::format("\nheatsim {}, `{}`\n", text_of(page["version"]), text_of(page["command"]));
    return text;
}

std::string run_page_csv(const ordered_json& page)
{
    const auto& run = page["run"];
    std::vector<Line> lines;
    for (const auto& figure : run["headline"])
        lines.push_back({"headline", text_of(figure["label"]), text_of(figure["explain"]),
                         figure["value"], text_of(figure["unit"])});
    const auto sums = cause_sums(run);
    for (std::size_t i = 0; i < sums.size(); ++i)
        lines.push_back({"causes", text_of(run["causes"][i]["name"]), "array.cycles_by_cause",
                         sums[i], "cycles"});
    const std::array<Listed, 3> lists{{
        {"groups",
         "name",
         {{"operators", ""}, {"cycles", "cycles"}, {"macs", "MACs"}, {"energy_mj", "mJ"}}},
        {"stages",
         "stage",
         {{"tokens_mean", "tokens"}, {"tokens_min", "tokens"}, {"tokens_max", "tokens"}}},
        {"error_bands",
         "quantity",
         {{"low_percent", "%"}, {"high_percent", "%"}, {"comparisons", ""}}},
    }};
    for (const auto& [list, name, quantities] : lists)
        for (const auto& entry : run[list])
            for (const auto& [key, unit] : quantities)
                lines.push_back({list, text_of(entry[name]), key, entry[key], unit});
    for (const auto& use : run["resources"]["uses"])
        for (const auto& [key, unit] :
             {std::pair{"used", ""}, std::pair{"available", ""}, std::pair{"percent", "%"}})
            lines.push_back({"resources", text_of(use["name"]), key, use[key], unit});
    for (const auto& part : run["energy"]["parts"])
        lines.push_back({"energy", text_of(part["name"]), "energy.by_part_mj", part["mj"], "mJ"});
    for (const auto& of : run["distribution"])
        for (const auto* key : {"mean", "min", "p50", "p90", "p95", "p99", "max"})
            lines.push_back(
                {"distribution", text_of(of["name"]), key, of[key], text_of(of["unit"])});
    return csv_table(columns(), lines);
}

std::vector<Field> run_page_columns()
{
    return fields_of(columns());
}

} // namespace heatsim::report
