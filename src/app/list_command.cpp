// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/document.hpp"
#include "report/point_metrics.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"
#include "sweep/accuracy_table.hpp"
#include "sweep/design_space.hpp"
#include "sweep/strategy.hpp"
#include "system/embedded_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using nlohmann::ordered_json;
using system::ConfigKind;

/// One line of a list: key figures in the order of their columns. Texts hold what the terminal
/// shows, `json` the same as values.
struct Entry {
    std::string name;
    std::string description;
    std::vector<std::string> figures;
    ordered_json json;
};

struct Listing {
    std::vector<std::string> columns; ///< headings of the figures, with units
    std::vector<Entry> entries;
};

template <typename T>
[[nodiscard]] T read_shipped(ConfigKind kind, const std::string& name)
{
    const std::string kind_name = config::name_of(kind, system::config_kind_names);
    const auto path =
        (kind == ConfigKind::Model ? "" : "configs/") + kind_name + "/" + name + ".yaml";
    T value;
    if (const auto* const file = system::find_embedded_file(path))
        config::Document::parse(std::string{file->text}, path).read(value);
    return value;
}

[[nodiscard]] Entry entry_of(const workload::Model& model)
{
    const auto macs = workload::lower(model, workload::Schedule{}, {model.tokens()}).macs();
    return {model.name,
            model.description,
            {std::to_string(model.depth), std::to_string(model.embed_dim),
             std::to_string(model.heads), std::to_string(model.tokens()),
             fmt::format("{:.2f}", static_cast<double>(macs) / 1e9)},
            {{"depth", model.depth},
             {"embed_dim", model.embed_dim},
             {"heads", model.heads},
             {"tokens", model.tokens()},
             {"macs", macs}}};
}

[[nodiscard]] Entry entry_of(const system::Accelerator& accelerator)
{
    const auto macs = accelerator.array.macs_per_cycle();
    const double peak = static_cast<double>(macs) * accelerator.clock_mhz / 1e3;
    const std::string style = config::name_of(accelerator.array.style, hw::array_style_names);
    return {accelerator.name,
            accelerator.description,
            {accelerator.board, style,
             fmt::format("{} x {}", accelerator.activation_bits, accelerator.weight_bits),
             report::grouped(macs), fmt::format("{}", accelerator.clock_mhz),
             report::significant(peak)},
            {{"board", accelerator.board},
             {"array_style", style},
             {"activation_bits", accelerator.activation_bits},
             {"weight_bits", accelerator.weight_bits},
             {"macs_per_cycle", macs},
             {"clock_mhz", accelerator.clock_mhz},
             {"peak_gmacs_per_second", peak}}};
}

[[nodiscard]] Entry entry_of(const system::Board& board)
{
    return {board.name,
            board.description,
            {board.device, report::grouped(board.dsps.value), report::grouped(board.bram36.value),
             report::grouped(board.urams.value), report::grouped(board.luts.value), board.memory},
            {{"device", board.device},
             {"dsps", board.dsps.value},
             {"bram36", board.bram36.value},
             {"urams", board.urams.value},
             {"luts", board.luts.value},
             {"flip_flops", board.flip_flops.value},
             {"memory", board.memory}}};
}

[[nodiscard]] std::string first_sentence(const std::string& text)
{
    const auto end = text.find(". ");
    return text.substr(0, end);
}

[[nodiscard]] Entry entry_of(const hw::DdrConfig& memory)
{
    const double peak = memory.peak_bandwidth_bytes_per_s() / 1e9;
    return {memory.name,
            first_sentence(memory.source),
            {std::to_string(memory.channels), std::to_string(memory.data_width_bits),
             report::significant(2.0 * memory.clock_mhz), report::significant(peak),
             fmt::format("{:.1f}", static_cast<double>(memory.capacity_bytes) / 1073741824.0)},
            {{"channels", memory.channels},
             {"data_width_bits", memory.data_width_bits},
             {"clock_mhz", memory.clock_mhz},
             {"peak_bandwidth_gbs", peak},
             {"capacity_bytes", memory.capacity_bytes},
             {"source", memory.source}}};
}

[[nodiscard]] Entry entry_of(const workload::Schedule& schedule)
{
    std::vector<std::string> blocks;
    std::vector<std::string> targets;
    ordered_json selectors = ordered_json::array();
    for (const auto& selector : schedule.selectors) {
        blocks.push_back(fmt::format("{}{}", selector.is_inside() ? "in " : "", selector.block()));
        const bool has_ratio = selector.keep_ratio > 0.0;
        const bool removes = selector.removed_tokens > 0;
        if (!has_ratio && targets.empty())
            targets.emplace_back(removes ? "fewer" : "tokens");
        targets.push_back(has_ratio ? fmt::format("{}", selector.keep_ratio)
                                    : fmt::format("{}", selector.tokens + selector.removed_tokens));
        const auto given = [](std::uint64_t value) {
            return value > 0 ? ordered_json(value) : ordered_json{};
        };
        selectors.push_back(
            {{"before_block", given(selector.before_block)},
             {"inside_block", given(selector.inside_block)},
             {"keep_ratio", has_ratio ? ordered_json(selector.keep_ratio) : ordered_json{}},
             {"tokens", given(selector.tokens)},
             {"removed_tokens", given(selector.removed_tokens)}});
    }
    // a value that all selectors share stands once
    const auto shorten = [](std::vector<std::string>& values, std::size_t first) {
        constexpr std::size_t many = 4;
        if (values.size() > first + many &&
            std::all_of(values.begin() + static_cast<std::ptrdiff_t>(first), values.end(),
                        [&](const auto& value) { return value == values[first]; }))
            values.resize(first + 1);
    };
    shorten(targets, !targets.empty() && (targets[0] == "fewer" || targets[0] == "tokens") ? 1 : 0);
    if (constexpr std::size_t most_blocks = 4; blocks.size() > most_blocks)
        blocks = {blocks.front(), "to", fmt::format("{}", schedule.selectors.back().block())};
    const std::string package =
        config::name_of(schedule.package_token, workload::package_token_names);
    return {schedule.name,
            schedule.description,
            {fmt::format("{}", fmt::join(blocks, " ")), fmt::format("{}", fmt::join(targets, " ")),
             schedule.selectors.empty() ? "" : package},
            {{"selectors", selectors},
             {"scoring", config::name_of(schedule.scoring, workload::scoring_names)},
             {"choice", config::name_of(schedule.choice, workload::choice_names)},
             {"package_token", package}}};
}

[[nodiscard]] Entry entry_of(const sweep::SpaceConfig& space)
{
    sweep::SpaceRequest request;
    request.space = space.name;
    request.metrics = report::point_metric_names();
    const auto checked = sweep::DesignSpace::load(request);
    std::vector<std::string> objectives;
    for (const auto& objective : checked.objectives())
        objectives.push_back(objective.name);
    const auto points = sweep::planned_points(checked);
    const std::string strategy = config::name_of(space.strategy.kind, sweep::strategy_names);
    return {space.name,
            space.description,
            {space.base.model, strategy, report::grouped(points),
             fmt::format("{}", fmt::join(objectives, ", "))},
            {{"model", space.base.model},
             {"strategy", strategy},
             {"points", points},
             {"objectives", objectives}}};
}

[[nodiscard]] Entry entry_of(const estimate::EnergyTable& table)
{
    const auto& packed = table.mac_int8_packed_pj.value;
    const auto& byte = table.buffer_byte_pj.value;
    const auto& leakage = table.static_w_per_million_luts.value;
    return {table.name,
            table.description,
            {report::significant(packed), report::significant(table.mac_int8_pj.value),
             report::significant(byte), report::significant(leakage),
             report::significant(table.processing_system_w.value),
             report::significant(table.uncertainty_percent)},
            {{"mac_int8_packed_pj", packed},
             {"mac_int8_pj", table.mac_int8_pj.value},
             {"buffer_byte_pj", byte},
             {"static_w_per_million_luts", leakage},
             {"processing_system_w", table.processing_system_w.value},
             {"uncertainty_percent", table.uncertainty_percent},
             {"source", table.source}}};
}

template <typename T>
[[nodiscard]] Listing listing_of(ConfigKind kind, std::vector<std::string> columns)
{
    Listing listing{std::move(columns), {}};
    for (const auto& name : system::catalog_names(kind)) {
        listing.entries.push_back(entry_of(read_shipped<T>(kind, name)));
        listing.entries.back().name = name; // what the command line takes
    }
    return listing;
}

[[nodiscard]] Entry entry_of(const sweep::AccuracyTable& table)
{
    const auto networks = table.networks().size();
    return {table.name(),
            fmt::format("{}: {}", table.dataset(), table.meaning()),
            {table.model(), report::grouped(networks),
             fmt::format("{:.2f}", table.dense_top1_percent()),
             fmt::format("{:.2f}", table.sampling_error_points())},
            {{"model", table.model()},
             {"networks", networks},
             {"dense_top1_percent", table.dense_top1_percent()},
             {"sampling_error_points", table.sampling_error_points()}}};
}

[[nodiscard]] Listing accuracy_listing()
{
    Listing listing{{"model", "networks", "dense top-1 %", "+- points"}, {}};
    const auto names = system::catalog_names(ConfigKind::Accuracy);
    listing.entries.reserve(names.size());
    for (const auto& name : names)
        listing.entries.push_back(entry_of(sweep::AccuracyTable::load(name)));
    return listing;
}

[[nodiscard]] Listing listing_of(ConfigKind kind)
{
    switch (kind) {
    case ConfigKind::Model:
        return listing_of<workload::Model>(kind,
                                           {"blocks", "width", "heads", "tokens", "GMACs dense"});
    case ConfigKind::Accelerator:
        return listing_of<system::Accelerator>(
            kind, {"board", "array", "bits", "MACs/cycle", "MHz", "GMACs/s"});
    case ConfigKind::Board:
        return listing_of<system::Board>(kind,
                                         {"device", "DSPs", "BRAM36", "URAMs", "LUTs", "memory"});
    case ConfigKind::Memory:
        return listing_of<hw::DdrConfig>(kind, {"channels", "bits each", "MT/s", "GB/s", "GiB"});
    case ConfigKind::Schedule:
        return listing_of<workload::Schedule>(
            kind, {"selectors before blocks", "keep ratios or tokens", "package tokens"});
    case ConfigKind::Sweep:
        return listing_of<sweep::SpaceConfig>(kind, {"model", "strategy", "points", "objectives"});
    case ConfigKind::Energy:
        return listing_of<estimate::EnergyTable>(kind, {"pJ/MAC packed", "pJ/MAC", "pJ/buffer byte",
                                                        "static W/M LUTs", "processing system W",
                                                        "+- %"});
    case ConfigKind::Accuracy:
        return accuracy_listing();
    }
    return {};
}

[[nodiscard]] std::string listing_text(const Listing& listing, const report::Style& style)
{
    using Align = report::TextTable::Align;
    std::vector<Align> aligns{Align::Left};
    for (std::size_t i = 0; i < listing.columns.size(); ++i) {
        const auto& text = listing.entries.front().figures[i];
        const bool number =
            text.find_first_not_of("0123456789.,") == std::string::npos && !text.empty();
        aligns.push_back(number ? Align::Right : Align::Left);
    }
    report::TextTable table{aligns};
    const auto add = [&table](std::string name, const std::vector<std::string>& figures) {
        std::vector<std::string> cells{std::move(name)};
        cells.insert(cells.end(), figures.begin(), figures.end());
        table.add(std::move(cells));
    };
    add("name", listing.columns);
    for (const auto& entry : listing.entries)
        add(entry.name, entry.figures);
    const auto lines = table.lines();
    std::string text = style.dim(lines.front()) + '\n';
    for (std::size_t i = 0; i < listing.entries.size(); ++i) {
        const auto& entry = listing.entries[i];
        const auto& line = lines[i + 1];
        text +=
            style.bold(line.substr(0, entry.name.size())) + line.substr(entry.name.size()) + '\n';
        for (const auto& part : report::wrapped(entry.description, report::page_width - 4))
            text += "    " + style.dim(part) + '\n';
    }
    return text;
}

} // namespace

void list_command(const ListOptions& options)
{
    std::vector<std::string> kinds;
    for (const auto& [kind, name] : system::config_kind_names) {
        kinds.emplace_back(name);
        if (options.kind != name)
            continue;
        const auto listing = listing_of(kind);
        if (options.format == Format::Text) {
            print(listing_text(listing, report::style_of(stdout)));
            return;
        }
        ordered_json json = ordered_json::array();
        for (const auto& entry : listing.entries) {
            ordered_json item{{"name", entry.name}, {"description", entry.description}};
            item.update(entry.json);
            json.push_back(std::move(item));
        }
        print(report::json_text(json));
        return;
    }
    refuse_name("list", options.kind, kinds);
}

} // namespace heatsim::app
