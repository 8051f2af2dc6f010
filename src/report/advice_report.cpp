// SPDX-License-Identifier: Apache-2.0
#include "report/advice_report.hpp"

#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

namespace heatsim::report {

namespace {

using channel::ArrayCause;
using nlohmann::ordered_json;
using sweep::Advice;
using sweep::Move;
using sweep::MoveDirection;
using sweep::MoveNeeds;
using sweep::RunFigures;
using sweep::Variant;
using Align = TextTable::Align;

constexpr double whole_percent = 100.0;
constexpr std::size_t most_rows = 15;  ///< of a table for people
constexpr double smallest_share = 5.0; ///< % of the lost cycles that a sentence mentions
constexpr std::uint64_t bytes_per_kib = 1024;

/// Order of `system::resource_use`.
enum Resource : std::size_t { Dsps, Luts, FlipFlops, Bram36, Urams };

[[nodiscard]] double extra(const Advice& advice, const Variant& variant, Resource resource)
{
    return variant.resources.at(resource).used - advice.resources.at(resource).used;
}

/// What the array does in cycles of a cause.
[[nodiscard]] const char* cause_text(ArrayCause cause)
{
    switch (cause) {
    case ArrayCause::Busy:
        return "compute";
    case ArrayCause::FillDrain:
        return "fill and drain the array";
    case ArrayCause::WaitInput:
        return "wait for inputs";
    case ArrayCause::WaitWeights:
        return "wait for weights";
    case ArrayCause::WaitOutput:
        return "wait for room for outputs";
    case ArrayCause::WaitVector:
        return "wait for the nonlinear units";
    case ArrayCause::WaitSelector:
        return "wait for the token selector";
    case ArrayCause::WaitHost:
        return "wait for the host";
    case ArrayCause::Control:
        return "set up operators";
    }
    return "";
}

[[nodiscard]] const char* arrow(const Style& style)
{
    return style.utf8 ? "→" : "->";
}

[[nodiscard]] std::string ratio_text(double ratio, const Style& style)
{
    return fmt::format("{:.2f}{}", ratio, style.times());
}

[[nodiscard]] std::string ms_text(double milliseconds)
{
    return fmt::format("{} ms", significant(milliseconds));
}

/// `+1.2`, and `0.0` where nothing changes.
[[nodiscard]] std::string signed_text(double value, int digits)
{
    const auto text = fmt::format("{:+.{}f}", value, digits);
    const bool is_zero = text.find_first_not_of("+-0.") == std::string::npos;
    return is_zero ? text.substr(1) : text;
}

/// `array.heads 3 → 6`; bytes in KiB, of a memory only the new one.
[[nodiscard]] std::string move_text(const Move& move, const Style& style)
{
    if (move.parameter == "board.memory")
        return fmt::format("{} {} {}", move.parameter, arrow(style), move.to);
    const std::string bytes = "_bytes";
    const auto& key = move.parameter;
    const bool is_bytes = key.size() > bytes.size() &&
                          key.compare(key.size() - bytes.size(), bytes.size(), bytes) == 0;
    if (is_bytes && move.from != "0") {
        const auto from = std::stoull(move.from);
        const auto to = std::stoull(move.to);
        if (from % bytes_per_kib == 0 && to % bytes_per_kib == 0)
            return fmt::format("{} {} {} {} KiB", key, from / bytes_per_kib, arrow(style),
                               to / bytes_per_kib);
    }
    return fmt::format("{} {} {} {}", key, move.from, arrow(style), move.to);
}

/// The same with what the parameter is.
[[nodiscard]] std::string long_text(const Move& move, const Style& style)
{
    return fmt::format("{} ({})", move_text(move, style), move.meaning);
}

[[nodiscard]] std::string count_text(double value)
{
    return value == std::floor(value) ? grouped(static_cast<std::uint64_t>(value))
                                      : fmt::format("{:.1f}", value);
}

/// `120 DSP slices, 3,400 LUTs`: of the resources with `sign` times a positive change.
[[nodiscard]] std::string changes_text(const Advice& advice, const Variant& variant, double sign)
{
    std::vector<std::string> parts;
    parts.reserve(variant.resources.size());
    for (std::size_t i = 0; i < variant.resources.size(); ++i) {
        const auto change = sign * extra(advice, variant, static_cast<Resource>(i));
        if (change > 0.0)
            parts.push_back(fmt::format("{} {}", count_text(change), variant.resources[i].name));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// `1,152 DSP slices too many`.
[[nodiscard]] std::string shortage_text(const Variant& variant)
{
    std::vector<std::string> parts;
    parts.reserve(variant.shortages.size());
    for (const auto& use : variant.shortages)
        parts.push_back(fmt::format("{} {} too many",
                                    count_text(std::ceil(use.used - use.available)), use.name));
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// What has to be said beside a claim of a variant; empty: nothing.
[[nodiscard]] std::string condition_text(const Variant& variant)
{
    std::string text;
    if (!variant.fits())
        text = fmt::format(" It does not fit on the board: {}.", shortage_text(variant));
    switch (variant.moves.front().needs) {
    case MoveNeeds::Design:
        break;
    case MoveNeeds::Timing:
        text.append(
            " It needs a design that closes timing at that clock, which is not estimated here.");
        break;
    case MoveNeeds::Board:
        text.append(" It needs another board, memory or processor.");
        break;
    }
    return text;
}

[[nodiscard]] bool is_faster(const Advice& advice, const Variant& variant)
{
    return advice.speedup(variant.figures) >= sweep::least_speedup;
}

/// Whether less hardware does nearly the same.
[[nodiscard]] bool is_oversized(const Advice& advice, const Variant& variant)
{
    const auto& move = variant.moves.front();
    return move.direction == MoveDirection::Less &&
           advice.latency_change_percent(variant.figures) < sweep::oversized_percent &&
           (!changes_text(advice, variant, -1.0).empty() || move.needs == MoveNeeds::Board ||
            move.parameter.find("clock_mhz") != std::string::npos);
}

[[nodiscard]] const char* fits_text(const Variant& variant)
{
    if (!variant.fits())
        return "no";
    switch (variant.moves.front().needs) {
    case MoveNeeds::Design:
        return "yes";
    case MoveNeeds::Timing:
        return "timing";
    case MoveNeeds::Board:
        return "board";
    }
    return "";
}

[[nodiscard]] const Variant* any_remedy(const Advice& advice, ArrayCause cause)
{
    return advice.remedy(cause, [](const Variant&) { return true; });
}

[[nodiscard]] const Variant* feasible_remedy(const Advice& advice, ArrayCause cause)
{
    return advice.remedy(cause, [](const Variant& variant) { return variant.is_feasible(); });
}

[[nodiscard]] std::string bottleneck_claim(const Advice& advice, const Style& style)
{
    const auto causes = advice.lost_causes();
    const auto busy_percent =
        whole_percent * (1.0 - advice.base.lost_cycles() / advice.base.cycles);
    if (causes.empty())
        return "The array computes in all of its cycles.";
    std::vector<std::string> shares;
    shares.reserve(causes.size());
    for (const auto cause : causes)
        if (advice.lost_share_percent(cause) >= smallest_share)
            shares.push_back(
                fmt::format("{:.0f} % {}", advice.lost_share_percent(cause), cause_text(cause)));
    auto text = fmt::format("The array computes in {:.1f} % of its cycles. Of the lost ones {}.",
                            busy_percent, fmt::join(shares, ", "));
    const auto cause = causes.front();
    const auto* const remedy = any_remedy(advice, cause);
    if (remedy == nullptr)
        return fmt::format("{} No move takes of the largest share and makes the design faster.",
                           text);
    const auto claim = [&](const Variant& variant) {
        return fmt::format(
            "from {} to {}, and makes the design {} as fast.{}",
            ms_text(advice.base.cause_ms(cause)), ms_text(variant.figures.cause_ms(cause)),
            ratio_text(advice.speedup(variant.figures), style), condition_text(variant));
    };
    text = fmt::format("{} {} shortens the largest share most, {}", text,
                       long_text(remedy->moves.front(), style), claim(*remedy));
    const auto* const feasible = feasible_remedy(advice, cause);
    if (feasible != nullptr && feasible != remedy)
        text = fmt::format("{} Of what fits and needs the design alone {} does most, {}", text,
                           long_text(feasible->moves.front(), style), claim(*feasible));
    return text;
}

/// The best of the variants that `wanted` holds for.
template <typename Predicate>
[[nodiscard]] const Variant* best(const Advice& advice, Predicate wanted)
{
    const auto found =
        std::find_if(advice.variants.begin(), advice.variants.end(), [&](const Variant& variant) {
            return is_faster(advice, variant) && wanted(variant);
        });
    return found == advice.variants.end() ? nullptr : &*found;
}

[[nodiscard]] std::string
gain_claim(const Advice& advice, const Variant& variant, const Style& style)
{
    const auto takes = changes_text(advice, variant, 1.0);
    return fmt::format("{} gives {}: {} instead of {}, for {} more.{}",
                       long_text(variant.moves.front(), style),
                       ratio_text(advice.speedup(variant.figures), style),
                       ms_text(variant.figures.latency_ms), ms_text(advice.base.latency_ms),
                       takes.empty() ? "nothing" : takes, condition_text(variant));
}

[[nodiscard]] std::string ideal_claim(const Advice& advice, const Style& style)
{
    return fmt::format("With a memory that takes no time the same design takes {}, {} as fast: no "
                       "port, burst or memory gives more.",
                       ms_text(advice.ideal_memory->latency_ms),
                       ratio_text(advice.speedup(*advice.ideal_memory), style));
}

[[nodiscard]] std::string combination_claim(const Advice& advice, const Style& style)
{
    const auto& both = *advice.combination;
    return fmt::format(
        "The best pair of moves that fit and need the design alone, {} and {}, gives "
        "{} together: {}.",
        move_text(both.moves[0], style), move_text(both.moves[1], style),
        ratio_text(advice.speedup(both.figures), style), ms_text(both.figures.latency_ms));
}

[[nodiscard]] std::string
oversized_claim(const Advice& advice, const Variant& variant, const Style& style)
{
    constexpr double smallest_percent = 0.05; // what one digit shows
    const auto percent = advice.latency_change_percent(variant.figures);
    const auto cost = percent < -smallest_percent
                          ? fmt::format("makes it {:.1f} % faster", -percent)
                      : percent < smallest_percent ? std::string{"costs no time"}
                                                   : fmt::format("costs only {:.1f} %", percent);
    return fmt::format("{} {} and frees {}.", long_text(variant.moves.front(), style), cost,
                       changes_text(advice, variant, -1.0));
}

/// The one that frees most of what the design takes, by its scarcest resource.
[[nodiscard]] const Variant* most_oversized(const Advice& advice)
{
    const Variant* most = nullptr;
    double most_share = 0.0;
    for (const auto& variant : advice.variants) {
        if (!is_oversized(advice, variant))
            continue;
        for (std::size_t i = 0; i < variant.resources.size(); ++i) {
            const auto& available = variant.resources[i].available;
            const auto share = available > 0.0
                                   ? -extra(advice, variant, static_cast<Resource>(i)) / available
                                   : 0.0;
            if (share > most_share) {
                most_share = share;
                most = &variant;
            }
        }
    }
    return most;
}

[[nodiscard]] ordered_json causes_json(const RunFigures& figures)
{
    ordered_json causes = ordered_json::object();
    for (const auto& cause : channel::array_cause_names)
        causes[cause.name] = figures.cycles_by_cause[static_cast<std::size_t>(cause.value)];
    return causes;
}

[[nodiscard]] ordered_json changes_json(const Variant& variant)
{
    ordered_json changes = ordered_json::array();
    for (const auto& change : variant.changes)
        changes.push_back({{"key", change.key}, {"value", change.value}});
    return changes;
}

[[nodiscard]] ordered_json resources_json_of(const Advice& advice, const Variant& variant)
{
    const auto more = [&](Resource resource) { return extra(advice, variant, resource); };
    return {{"dsps", more(Dsps)},
            {"luts", more(Luts)},
            {"flip_flops", more(FlipFlops)},
            {"bram36", more(Bram36)},
            {"urams", more(Urams)}};
}

/// What moves and combination have in common.
void add_figures(ordered_json& json, const Advice& advice, const Variant& variant)
{
    const auto& figures = variant.figures;
    json["latency_ms"] = figures.latency_ms;
    json["speedup"] = advice.speedup(figures);
    json["latency_change_percent"] = advice.latency_change_percent(figures);
    json["energy_mj"] = figures.energy_mj;
    json["energy_change_percent"] = advice.energy_change_percent(figures);
    json["extra"] = resources_json_of(advice, variant);
    json["fits"] = variant.fits();
    json["shortage"] = shortage_text(variant);
    json["cycles_by_cause"] = causes_json(figures);
}

[[nodiscard]] ordered_json move_json(const Advice& advice, const Variant& variant)
{
    const auto& move = variant.moves.front();
    const auto elasticity = advice.elasticity(variant);
    ordered_json json{
        {"parameter", move.parameter},
        {"meaning", move.meaning},
        {"from", move.from},
        {"to", move.to},
        {"direction", config::name_of(move.direction, sweep::move_direction_names)},
        {"needs", config::name_of(move.needs, sweep::move_needs_names)},
        {"changes", changes_json(variant)},
        {"elasticity", elasticity ? ordered_json(*elasticity) : ordered_json{}},
        {"oversized", is_oversized(advice, variant)},
    };
    add_figures(json, advice, variant);
    return json;
}

[[nodiscard]] ordered_json combination_json(const Advice& advice)
{
    if (!advice.combination)
        return {};
    const auto& both = *advice.combination;
    ordered_json parameters = ordered_json::array();
    for (const auto& move : both.moves)
        parameters.push_back(move.parameter);
    ordered_json json{{"parameters", std::move(parameters)}, {"changes", changes_json(both)}};
    add_figures(json, advice, both);
    return json;
}

[[nodiscard]] ordered_json remedy_json(const Variant* variant)
{
    if (variant == nullptr)
        return {};
    return {{"parameter", variant->moves.front().parameter}, {"to", variant->moves.front().to}};
}

[[nodiscard]] ordered_json bottleneck_json(const Advice& advice)
{
    const auto causes = advice.lost_causes();
    if (causes.empty())
        return {};
    const auto cause = causes.front();
    return {{"cause", config::name_of(cause, channel::array_cause_names)},
            {"lost_share_percent", advice.lost_share_percent(cause)},
            {"remedy", remedy_json(any_remedy(advice, cause))},
            {"feasible_remedy", remedy_json(feasible_remedy(advice, cause))}};
}

[[nodiscard]] std::string memory_of(const system::Design& design)
{
    if (design.accelerator.dma.engine == hw::DmaEngine::WordSerial)
        return "word_serial";
    if (design.accelerator.memory == system::MemoryModel::Board)
        return design.memory.name;
    return config::name_of(design.accelerator.memory, system::memory_model_names);
}

/// Rows of a table, at most so many; what is left out is said.
[[nodiscard]] std::string
table_text(const std::vector<const Variant*>& variants, const Advice& advice, const Style& style)
{
    const bool has_urams = advice.resources.at(Urams).available > 0.0;
    std::vector<Align> columns{Align::Left,  Align::Right, Align::Right, Align::Right,
                               Align::Right, Align::Right, Align::Right};
    std::vector<std::string> headings{"", "ms", "speed-up", "energy", "DSP", "LUT", "BRAM36"};
    if (has_urams) {
        columns.push_back(Align::Right);
        headings.emplace_back("URAM");
    }
    columns.push_back(Align::Left);
    headings.emplace_back("fits");
    TextTable table{std::move(columns)};
    table.add(std::move(headings));
    const auto shown = std::min(variants.size(), most_rows);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& variant = *variants[i];
        const auto cell = [&](Resource resource, int digits) {
            return signed_text(extra(advice, variant, resource), digits);
        };
        std::vector<std::string> cells{
            fmt::format("  {}", move_text(variant.moves.front(), style)),
            significant(variant.figures.latency_ms),
            fmt::format("{:.3f}", advice.speedup(variant.figures)),
            fmt::format("{}%", signed_text(advice.energy_change_percent(variant.figures), 1)),
            cell(Dsps, 0),
            cell(Luts, 0),
            cell(Bram36, 1)};
        if (has_urams)
            cells.push_back(cell(Urams, 0));
        cells.emplace_back(fits_text(variant));
        table.add(std::move(cells));
    }
    std::string text;
    for (const auto& line : table.lines())
        text.append(line).append("\n");
    if (shown < variants.size())
        text += fmt::format("  and {} more: --format json has all\n", variants.size() - shown);
    return text;
}

/// Wraps to the page; no line begins with the sign of a percentage.
void add_wrapped(std::string& text,
                 const std::string& first,
                 const std::string& rest,
                 std::string words)
{
    constexpr char no_break = '\x1f'; // in no text; counts as one character
    const std::string sign = " %";
    for (auto at = words.find(sign); at != std::string::npos; at = words.find(sign, at))
        words[at] = no_break;
    bool is_first = true;
    for (auto line : wrapped(words, page_width - rest.size())) {
        std::replace(line.begin(), line.end(), no_break, ' ');
        text.append(is_first ? first : rest).append(line).append("\n");
        is_first = false;
    }
}

} // namespace

AdviceReport advice_report(const system::RunSetup& setup, sweep::Advice advice)
{
    AdviceReport report;
    report.model = setup.model.name;
    report.schedule = setup.schedule.name;
    report.trace = setup.trace ? setup.trace->path : "";
    report.images = setup.images.size();
    report.accelerator = setup.design.accelerator.name;
    report.board = setup.design.board.name;
    report.memory = memory_of(setup.design);
    report.clock_mhz = setup.design.accelerator.clock_mhz;
    report.energy_uncertainty_percent = setup.design.energy.uncertainty_percent;
    report.advice = std::move(advice);
    return report;
}

std::vector<std::string> advice_claims(const AdviceReport& report, const Style& style)
{
    const auto& advice = report.advice;
    std::vector<std::string> claims{bottleneck_claim(advice, style)};
    const auto* const first = best(advice, [](const Variant&) { return true; });
    const auto* const feasible =
        best(advice, [](const Variant& variant) { return variant.is_feasible(); });
    if (first != nullptr)
        claims.push_back(fmt::format("Most of all: {}", gain_claim(advice, *first, style)));
    if (feasible != nullptr && feasible != first)
        claims.push_back(fmt::format("Most of what fits and needs the design alone: {}",
                                     gain_claim(advice, *feasible, style)));
    if (first == nullptr)
        claims.emplace_back("No move of one parameter makes it faster by half a percent.");
    if (advice.combination)
        claims.push_back(combination_claim(advice, style));
    if (advice.ideal_memory)
        claims.push_back(ideal_claim(advice, style));
    const auto* const oversized = most_oversized(advice);
    if (oversized != nullptr)
        claims.push_back(fmt::format("Too large: {}", oversized_claim(advice, *oversized, style)));
    return claims;
}

ordered_json advice_json(const AdviceReport& report)
{
    const auto& advice = report.advice;
    ordered_json shares = ordered_json::object();
    for (const auto& cause : channel::array_cause_names)
        if (cause.value != ArrayCause::Busy)
            shares[cause.name] = advice.lost_share_percent(cause.value);
    ordered_json moves = ordered_json::array();
    for (const auto& variant : advice.variants)
        moves.push_back(move_json(advice, variant));
    ordered_json refused = ordered_json::array();
    for (const auto& [move, reason] : advice.refused)
        refused.push_back({{"parameter", move.parameter},
                           {"from", move.from},
                           {"to", move.to},
                           {"reason", reason}});
    ordered_json ideal;
    if (advice.ideal_memory)
        ideal = {{"latency_ms", advice.ideal_memory->latency_ms},
                 {"speedup", advice.speedup(*advice.ideal_memory)}};
    return {
        {"version", version},
        {"model", report.model},
        {"schedule", report.schedule},
        {"trace", report.trace.empty() ? ordered_json{} : ordered_json(report.trace)},
        {"images", report.images},
        {"accelerator", report.accelerator},
        {"board", report.board},
        {"memory", report.memory},
        {"clock_mhz", report.clock_mhz},
        {"simulations", advice.simulations},
        {"design",
         {{"latency_ms", advice.base.latency_ms},
          {"fps", advice.base.fps},
          {"energy_mj", advice.base.energy_mj},
          {"fits", advice.fits},
          {"cycles", advice.base.cycles},
          {"cycles_by_cause", causes_json(advice.base)},
          {"lost_cycles", advice.base.lost_cycles()},
          {"lost_share_percent", std::move(shares)}}},
        {"bottleneck", bottleneck_json(advice)},
        {"ideal_memory", std::move(ideal)},
        {"moves", std::move(moves)},
        {"not_possible", std::move(refused)},
        {"combination", combination_json(advice)},
        {"claims", advice_claims(report, {})},
    };
}

namespace {

void add_figure_fields(std::vector<Field>& fields, const std::string& prefix)
{
    const auto add = [&](const char* name, const char* unit, const char* type,
                         const char* meaning) {
        fields.push_back({fmt::format("{}{}", prefix, name), unit, type, meaning});
    };
    add("latency_ms", "ms", "real", "mean of the images, of the changed design");
    add("speedup", "", "real", "latency of the design / latency of the changed one");
    add("latency_change_percent", "%", "real", "change of the latency; negative: faster");
    add("energy_mj", "mJ", "real", "of an image, estimated");
    add("energy_change_percent", "%", "real", "change of the energy");
    add("extra", "", "object", "estimated resources more than those of the design");
    add("extra.dsps", "", "real", "DSP slices more");
    add("extra.luts", "", "real", "LUTs more");
    add("extra.flip_flops", "", "real", "flip-flops more");
    add("extra.bram36", "", "real", "36-Kbit block RAMs more");
    add("extra.urams", "", "real", "UltraRAMs more");
    add("fits", "", "boolean", "whether the changed design fits on the board");
    add("shortage", "", "text", "what it is short of; empty: it fits");
    add("cycles_by_cause", "cycles", "object", "array cycles of an image by cause");
    for (const auto& cause : channel::array_cause_names)
        fields.push_back({fmt::format("{}cycles_by_cause.{}", prefix, cause.name), "cycles", "real",
                          cause_meaning(cause.value)});
}

} // namespace

std::vector<Field> advice_fields()
{
    std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"model", "", "text", "name of the network"},
        {"schedule", "", "text", "name of the pruning schedule"},
        {"trace", "", "text or null", "path of the token trace; null: none"},
        {"images", "images", "integer", "images that every simulation is of"},
        {"accelerator", "", "text", "name of the accelerator design"},
        {"board", "", "text", "name of the board"},
        {"memory", "", "text", "name of the memory, `throttled`, `ideal` or `word_serial`"},
        {"clock_mhz", "MHz", "real", "fabric clock of the design"},
        {"simulations", "", "integer", "simulations made, the design's own among them"},
        {"design", "", "object", "the design as it is"},
        {"design.latency_ms", "ms", "real", "mean of the images"},
        {"design.fps", "images/s", "real", "frame rate, one image behind the other"},
        {"design.energy_mj", "mJ", "real", "of an image, estimated"},
        {"design.fits", "", "boolean", "whether it fits on its board"},
        {"design.cycles", "cycles", "real", "of an image"},
        {"design.cycles_by_cause", "cycles", "object", "array cycles of an image by cause"},
        {"design.lost_cycles", "cycles", "real", "cycles - busy ones"},
        {"design.lost_share_percent", "%", "object", "share of the lost cycles by cause"},
        {"bottleneck", "", "object or null",
         "what costs the array most of its lost cycles; null: none is lost"},
        {"bottleneck.cause", "", "text", "the cause"},
        {"bottleneck.lost_share_percent", "%", "real", "its share of the lost cycles"},
        {"bottleneck.remedy", "", "object or null",
         "move that takes away most of the time of that cause and makes the design faster; null: "
         "none does"},
        {"bottleneck.remedy.parameter", "", "text", "key that moves"},
        {"bottleneck.remedy.to", "", "text", "value it moves to"},
        {"bottleneck.feasible_remedy", "", "object or null",
         "the same of the moves that fit and need the design alone"},
        {"bottleneck.feasible_remedy.parameter", "", "text", "key that moves"},
        {"bottleneck.feasible_remedy.to", "", "text", "value it moves to"},
        {"ideal_memory", "", "object or null",
         "the design with transfers that take no time; null: it has such a memory"},
        {"ideal_memory.latency_ms", "ms", "real", "mean of the images"},
        {"ideal_memory.speedup", "", "real", "most that ports, bursts and memory can give"},
        {"moves", "", "list", "every move of one parameter that can be made, the fastest first"},
        {"moves[].parameter", "", "text", "key that moves"},
        {"moves[].meaning", "", "text", "what it is"},
        {"moves[].from", "", "text", "value of the design"},
        {"moves[].to", "", "text", "value that was simulated"},
        {"moves[].direction", "", "text",
         "`more` hardware or speed, `less`, or another `choice` with about the same"},
        {"moves[].needs", "", "text",
         "`design`: nothing else; `timing`: that it closes at that clock; `board`: another "
         "memory, processor or device"},
        {"moves[].changes", "", "list", "all keys that change, those that have to follow, too"},
        {"moves[].changes[].key", "", "text", "key, as `--set` takes it"},
        {"moves[].changes[].value", "", "text", "its new value, as YAML"},
        {"moves[].elasticity", "", "real or null",
         "change of the latency in % / change of the parameter in %; null: it is no number"},
        {"moves[].oversized", "", "boolean",
         "a move to less that costs under 1 % of latency and saves something"},
        {"not_possible", "", "list", "moves that break a rule of the configuration"},
        {"not_possible[].parameter", "", "text", "key that would move"},
        {"not_possible[].from", "", "text", "value of the design"},
        {"not_possible[].to", "", "text", "value that it cannot have"},
        {"not_possible[].reason", "", "text", "why"},
        {"combination", "", "object or null",
         "the fastest pair of the six best moves that fit and need the design alone, simulated "
         "together; null: there are no two"},
        {"combination.parameters", "", "list", "keys that move"},
        {"combination.changes", "", "list", "all keys that change"},
        {"combination.changes[].key", "", "text", "key, as `--set` takes it"},
        {"combination.changes[].value", "", "text", "its new value, as YAML"},
        {"claims", "", "list", "what follows, in sentences; each figure is of a simulation made"},
    };
    for (const auto& cause : channel::array_cause_names) {
        fields.push_back({fmt::format("design.cycles_by_cause.{}", cause.name), "cycles", "real",
                          cause_meaning(cause.value)});
        if (cause.value != ArrayCause::Busy)
            fields.push_back({fmt::format("design.lost_share_percent.{}", cause.name), "%", "real",
                              cause_meaning(cause.value)});
    }
    add_figure_fields(fields, "moves[].");
    add_figure_fields(fields, "combination.");
    return fields;
}

std::string advice_text(const AdviceReport& report, const Style& style)
{
    const auto& advice = report.advice;
    const auto counts = report.trace.empty()
                            ? std::string{"token counts: the schedule's targets"}
                            : fmt::format("token counts: {}",
                                          std::filesystem::path{report.trace}.filename().string());
    auto text = fmt::format(
        "{}{}{} image{}{}{}\n",
        style.bold(fmt::format("{}{}schedule {}", report.model, style.dot(), report.schedule)),
        style.dot(), grouped(report.images), report.images == 1 ? "" : "s", style.dot(), counts);
    text += fmt::format(
        "{}\n", style.dim(fmt::format("{}{}board {}{}{}{}{} MHz{}", report.accelerator, style.dot(),
                                      report.board, style.dot(), report.memory, style.dot(),
                                      report.clock_mhz, advice.fits ? "" : ", does not fit")));
    text += fmt::format("{}{}{:.1f} images/s{}{} mJ per image\n\n",
                        style.bold(ms_text(advice.base.latency_ms)), style.dot(), advice.base.fps,
                        style.dot(), significant(advice.base.energy_mj, 3));
    for (const auto& claim : advice_claims(report, style))
        add_wrapped(text, "- ", "  ", claim);

    std::vector<const Variant*> faster;
    std::vector<const Variant*> oversized;
    std::vector<std::string> idle;
    for (const auto& variant : advice.variants) {
        const auto& move = variant.moves.front();
        if (is_faster(advice, variant))
            faster.push_back(&variant);
        else if (is_oversized(advice, variant))
            oversized.push_back(&variant);
        else if (move.direction != MoveDirection::Less)
            idle.push_back(move_text(move, style));
    }
    if (!faster.empty())
        text += fmt::format("\n{}\n{}", style.bold("What makes it faster"),
                            table_text(faster, advice, style));
    if (!oversized.empty())
        text += fmt::format("\n{}\n{}", style.bold("What is larger than it has to be"),
                            table_text(oversized, advice, style));
    if (!idle.empty()) {
        text += fmt::format("\n{}\n", style.bold("What gives less than 0.5 %, or makes it slower"));
        add_wrapped(text, "  ", "  ", fmt::format("{}", fmt::join(idle, "; ")));
    }
    if (!advice.refused.empty()) {
        text += fmt::format("\n{}\n", style.bold("Not possible"));
        for (const auto& [move, reason] : advice.refused)
            add_wrapped(text, "  ", "    ", fmt::format("{}: {}", move_text(move, style), reason));
    }
    text.append("\n");
    text += note_text(
        fmt::format(
            "{} simulations, each of a design that differs in one parameter, or in two of the "
            "pairs, and in what has to follow. Resources are estimates, energy {}{:g} %. "
            "fits: no = larger than the board, timing = if it closes at that clock, board = "
            "with another memory, processor or device.",
            advice.simulations, style.plus_minus(), report.energy_uncertainty_percent),
        style);
    return text;
}

} // namespace heatsim::report
