// SPDX-License-Identifier: Apache-2.0
#include "report/comparison_page.hpp"

#include "config/text_file.hpp"
#include "report/comparison.hpp"
#include "report/page.hpp"
#include "report/summary_reader.hpp"
#include "report/vocabulary.hpp"
#include "system/resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;

/// The folder's own name.
[[nodiscard]] std::string short_name(const std::string& path)
{
    auto folder = std::filesystem::path{path}.lexically_normal();
    if (!folder.has_filename()) // a slash at its end
        folder = folder.parent_path();
    return folder.filename().string();
}

/// Latencies that 0, 1, … 100 % of the images do not exceed; null for one image.
[[nodiscard]] ordered_json quantiles_of(const RunFigures& run)
{
    constexpr std::size_t steps = 200;
    constexpr double whole_percent = 100.0;
    if (run.per_image.size() < 2)
        return nullptr;
    std::vector<double> latencies;
    latencies.reserve(run.per_image.size());
    for (const auto& image : run.per_image)
        latencies.push_back(image.latency_ms);
    std::sort(latencies.begin(), latencies.end());
    std::vector<double> percent;
    std::vector<double> ms;
    for (std::size_t step = 0; step <= steps; ++step) {
        percent.push_back(whole_percent * static_cast<double>(step) / steps);
        ms.push_back(latencies[step * (latencies.size() - 1) / steps]);
    }
    return {{"percent", short_numbers(percent)}, {"ms", short_numbers(ms)}};
}

[[nodiscard]] ordered_json
run_json(std::size_t index, const RunFigures& run, const ResultFiles& files)
{
    const SummaryReader summary{files};
    std::vector<double> causes;
    causes.reserve(channel::array_causes);
    for (const auto& cause : channel::array_cause_names)
        causes.push_back(
            summary.number(fmt::format("array.cycles_by_cause.{}", cause.name)).value_or(0.0) /
            static_cast<double>(run.batch_images));
    std::vector<double> energy;
    energy.reserve(estimate::energy_parts);
    for (const auto& part : estimate::energy_part_names)
        energy.push_back(
            summary.number(fmt::format("energy.by_part_mj.{}", part.name)).value_or(0.0));
    return {{"letter", run_letter(index)},
            {"name", run.name},
            {"facts", facts_json(run)},
            {"clock_mhz", run.clock_mhz},
            {"causes", short_numbers(causes)},
            {"energy_parts", short_numbers(energy)},
            {"latency_quantiles", quantiles_of(run)}};
}

[[nodiscard]] ordered_json parts_json(const std::vector<PartDifference>& parts,
                                      const std::vector<RunFigures>& runs)
{
    auto rows = ordered_json::array();
    for (const auto& part : parts) {
        auto cycles = ordered_json::array();
        auto ms = ordered_json::array();
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const auto& value = part.cycles[i];
            cycles.push_back(value ? short_number(*value) : ordered_json{});
            ms.push_back(value ? short_number(*value / (runs[i].clock_mhz * 1e3)) : ordered_json{});
        }
        rows.push_back({{"name", part.name}, {"cycles", std::move(cycles)}, {"ms", std::move(ms)}});
    }
    return rows;
}

/// What each run takes of its own board.
[[nodiscard]] ordered_json resources_json(const Comparison& comparison,
                                          const std::vector<ResultFiles>& files)
{
    auto rows = ordered_json::array();
    for (std::size_t run = 0; run < files.size(); ++run) {
        const auto uses =
            system::resource_use(comparison.runs[run].resources, setup_of(files[run]).design.board);
        for (std::size_t i = 0; i < uses.size(); ++i) {
            if (run == 0)
                rows.push_back({{"name", uses[i].name},
                                {"explain", "resources." + uses[i].column},
                                {"values", ordered_json::array()},
                                {"available", ordered_json::array()}});
            rows[i]["values"].push_back(short_number(uses[i].used));
            rows[i]["available"].push_back(short_number(uses[i].available));
        }
    }
    return rows;
}

} // namespace

ordered_json comparison_page(const std::vector<ResultFiles>& files)
{
    std::vector<RunFigures> figures;
    std::vector<std::string> names;
    std::vector<std::string> words{"heatsim report"};
    for (const auto& run : files) {
        figures.push_back(figures_of(run));
        names.push_back(short_name(run.name));
        words.push_back(config::shell_quoted(run.name));
    }
    const auto comparison = compare_runs(std::move(figures));
    auto page = page_frame("comparison", fmt::format("{}", fmt::join(names, " · ")),
                           fmt::format("{}", fmt::join(words.begin() + 1, words.end(), ", ")),
                           fmt::format("{}", fmt::join(words, " ")));
    auto runs = ordered_json::array();
    for (std::size_t i = 0; i < files.size(); ++i)
        runs.push_back(run_json(i, comparison.runs[i], files[i]));
    auto parts = ordered_json::array();
    for (const auto& part : estimate::energy_part_names)
        parts.push_back(word_json(part.name, fmt::format("energy.by_part_mj.{}", part.name),
                                  energy_part_meaning(part.value)));
    auto groups = parts_json(comparison.groups, comparison.runs);
    for (auto& group : groups)
        group["explain"] = group["name"];
    page["comparison"] = {{"runs", std::move(runs)},
                          {"baseline", 0},
                          {"causes", causes_json()},
                          {"energy_parts", std::move(parts)},
                          {"figures", compared_figures(comparison)},
                          {"groups", std::move(groups)},
                          {"operators", parts_json(comparison.operators, comparison.runs)},
                          {"resources", resources_json(comparison, files)},
                          {"notes", comparison_notes(comparison)}};
    return page;
}

} // namespace heatsim::report
