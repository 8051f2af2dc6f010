// SPDX-License-Identifier: Apache-2.0
#include "report/run_page.hpp"

#include "report/csv_reader.hpp"
#include "report/csv_table.hpp"
#include "report/error_bands.hpp"
#include "report/kept_picture.hpp"
#include "report/page.hpp"
#include "report/summary.hpp"
#include "report/summary_reader.hpp"
#include "report/text.hpp"
#include "report/timeline_json.hpp"
#include "system/child_process.hpp"
#include "system/resources.hpp"
#include "system/simulation.hpp"
#include "system/staircase.hpp"
#include "system/timeline.hpp"
#include "workload/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace heatsim::report {

using nlohmann::ordered_json;

namespace {

constexpr double whole_percent = 100.0;
constexpr const char* images_file = "images.csv";

// ---------------------------------------------------------------- what is simulated again

/// Rows of images.csv, as far as they say what to simulate.
struct ImageRows {
    std::vector<std::string> names;
    std::vector<double> cycles;
    std::vector<std::vector<double>> tokens; ///< per stage

    [[nodiscard]] workload::TokenCounts counts(std::size_t image) const
    {
        workload::TokenCounts counts;
        for (const auto& stage : tokens)
            counts.push_back(static_cast<std::uint64_t>(stage[image]));
        return counts;
    }
};

[[nodiscard]] ImageRows image_rows(const ResultFiles& files)
{
    CsvTable table{files.path_of(images_file), files.images_csv};
    ImageRows rows;
    rows.names = table.names("image");
    rows.cycles = table.numbers("cycles");
    const auto& header = table.header();
    for (std::size_t stage = 0;; ++stage) {
        const auto name = fmt::format("n{}", stage);
        if (stage > 0 && std::find(header.begin(), header.end(), name) == header.end())
            break;
        rows.tokens.push_back(table.numbers(name));
    }
    table.throw_if_any();
    return rows;
}

/// An image that the page shows, and why.
struct Chosen {
    std::size_t image = 0;
    std::string why;
};

[[nodiscard]] std::vector<Chosen> choose(const ImageRows& rows, const ShownImages& shown)
{
    std::vector<Chosen> chosen;
    if (!shown.timelines)
        return chosen;
    for (const auto image : shown.images) {
        const auto found = std::find(rows.names.begin(), rows.names.end(), std::to_string(image));
        chosen.push_back({static_cast<std::size_t>(found - rows.names.begin()), ""});
    }
    if (!chosen.empty())
        return chosen;
    std::vector<std::size_t> order(rows.cycles.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&rows](auto a, auto b) { return rows.cycles[a] < rows.cycles[b]; });
    const auto median = order[(order.size() - 1) / 2];
    const auto slowest = order.back();
    if (rows.cycles[median] == rows.cycles[slowest])
        return {{0, order.size() > 1 ? "all images take as long" : ""}};
    return {{median, "median latency"}, {slowest, "slowest"}};
}

[[nodiscard]] ordered_json staircase_of(system::Simulation& simulation,
                                        const workload::Model& model)
{
    const auto& accelerator = simulation.design().accelerator;
    const auto staircase = system::block_staircase(simulation, model, 1);
    auto tokens = ordered_json::array();
    auto cycles = ordered_json::array();
    auto ms = ordered_json::array();
    for (const auto& cost : staircase.costs) {
        tokens.push_back(cost.tokens);
        cycles.push_back(cost.cycles);
        ms.push_back(
            short_number(static_cast<double>(cost.cycles) / (accelerator.clock_mhz * 1e3)));
    }
    auto pieces = ordered_json::array();
    for (const auto& [name, size] : system::token_pieces(accelerator))
        pieces.push_back({{"name", name}, {"tokens", size}});
    return {{"tokens", tokens}, {"block_cycles", cycles}, {"block_ms", ms}, {"pieces", pieces}};
}

/// Whether an image put together from parts can be this one simulated.
[[nodiscard]] bool is_near(double simulated, double composed)
{
    constexpr double largest_deviation = 0.01; // far above what `--compose` measures of itself
    return std::abs(simulated - composed) <= largest_deviation * composed;
}

[[nodiscard]] std::string grouped_cycles(double cycles)
{
    return grouped(static_cast<std::uint64_t>(cycles));
}

/// In a process of its own: everything that is simulated again.
[[nodiscard]] ordered_json simulate_again(const system::RunSetup& setup,
                                          const ImageRows& rows,
                                          std::size_t batch_images,
                                          bool composed,
                                          const std::vector<Chosen>& chosen)
{
    system::Simulation simulation{setup.design};
    auto timelines = ordered_json::array();
    auto notes = ordered_json::array();
    for (const auto& [image, why] : chosen) {
        const auto first = image - image % batch_images;
        std::vector<workload::TokenCounts> counts;
        for (std::size_t i = first; i < std::min(first + batch_images, rows.names.size()); ++i)
            counts.push_back(rows.counts(i));
        const auto workload =
            workload::lower_batch(setup.model, setup.schedule, counts,
                                  {setup.design.accelerator.controller.layout_copies});
        const auto timeline = system::record_timeline(simulation, workload);
        const auto cycles = static_cast<double>(timeline.image.cycles);
        if (cycles != rows.cycles[image] && !(composed && is_near(cycles, rows.cycles[image]))) {
            notes.push_back(fmt::format(
                "Image {} takes {} cycles in this version of heatsim, {} in the folder: nothing is "
                "shown that this version would simulate otherwise.",
                rows.names[image], grouped_cycles(cycles), grouped_cycles(rows.cycles[image])));
            return {{"timelines", ordered_json::array()}, {"notes", notes}, {"staircase", nullptr}};
        }
        if (cycles != rows.cycles[image])
            notes.push_back(fmt::format("Image {} takes {} cycles composed of parts, and {} "
                                        "simulated, as it is shown in time.",
                                        rows.names[image], grouped_cycles(rows.cycles[image]),
                                        grouped_cycles(cycles)));
        const auto title =
            fmt::format("image {}{}{}{}", rows.names[image], why.empty() ? "" : ", ", why,
                        batch_images == 1 ? "" : fmt::format(", in its batch of {}", batch_images));
        timelines.push_back(timeline_json(timeline, title, rows.names[image]));
    }
    return {{"timelines", timelines},
            {"notes", notes},
            {"staircase", staircase_of(simulation, setup.model)}};
}

// ---------------------------------------------------------------- the page

/// How a figure of summary.json is shown.
struct Shown {
    const char* label = "";
    const char* key = "";
    const char* unit = "";
    double scale = 1.0;
    const char* many_images_only = ""; ///< not empty: of several images
};

constexpr std::array<Shown, 16> shown_figures{{
    {"Latency, mean", "latency_ms.mean", "ms"},
    {"Latency, p50", "latency_ms.p50", "ms", 1.0, "*"},
    {"Latency, p95", "latency_ms.p95", "ms", 1.0, "*"},
    {"Latency, p99", "latency_ms.p99", "ms", 1.0, "*"},
    {"Latency, slowest image", "latency_ms.max", "ms", 1.0, "*"},
    {"Frame rate", "fps", "images/s"},
    {"Power", "energy.power_w", "W"},
    {"Energy per image", "energy.image_mj.mean", "mJ"},
    {"Energy efficiency", "energy.gops_per_w", "GOPS/W"},
    {"Top-1 accuracy", "top1_percent", "%"},
    {"Array utilization", "array.utilization", "%", whole_percent},
    {"Compute per image", "macs", "GMACs", 1e-9},
    {"Cycles per image", "cycles.mean", "cycles"},
    {"DDR bandwidth", "ddr.bandwidth_gbs", "GB/s"},
    {"Read per image", "ddr.read_bytes", "MB", 1e-6},
    {"Written per image", "ddr.write_bytes", "MB", 1e-6},
}};

[[nodiscard]] ordered_json headline(const SummaryReader& summary, std::uint64_t images)
{
    auto figures = ordered_json::array();
    for (const auto& shown : shown_figures) {
        const auto value = summary.number(shown.key);
        if (!value || (*shown.many_images_only != '\0' && images == 1))
            continue;
        const double scaled = *value * shown.scale;
        figures.push_back(figure_json(shown.label, shown.key, scaled, shown.unit,
                                      number_with_unit(significant(scaled), shown.unit)));
    }
    if (const auto speedup = summary.number("baseline.speedup"))
        figures.push_back(
            figure_json(fmt::format("Speed-up over {}", summary.text("baseline.schedule")),
                        "baseline.speedup", speedup, "×", fmt::format("{:.2f} ×", *speedup)));
    return figures;
}

[[nodiscard]] ordered_json facts_of(const RunFigures& run)
{
    auto facts = facts_json(run);
    if (!run.dataset.empty())
        facts.push_back(fact_json("Dataset", "dataset", run.dataset));
    if (run.batch_images > 1)
        facts.push_back(fact_json("Images in a batch", "batch_images", grouped(run.batch_images)));
    return facts;
}

[[nodiscard]] std::string band_text(const ErrorBand& band)
{
    const auto size = std::max(std::abs(band.low_percent), std::abs(band.high_percent));
    if (band.low_percent == band.high_percent)
        return size == 0.0 ? "exact" : fmt::format("{:+.1f} %", band.low_percent);
    return fmt::format("{:+.1f} to {:+.1f} %", band.low_percent, band.high_percent);
}

[[nodiscard]] ordered_json error_bands_json(const RunFigures& run)
{
    auto rows = ordered_json::array();
    for (const auto& band : recorded_error_bands(run.accelerator))
        rows.push_back({{"quantity", band.quantity},
                        {"of", band.accelerator.empty() ? "model" : band.accelerator},
                        {"comparisons", band.comparisons},
                        {"low_percent", band.low_percent},
                        {"high_percent", band.high_percent},
                        {"text", band_text(band)},
                        {"trust", band.trust},
                        {"reference", band.reference}});
    return rows;
}

/// Worst error of a quantity over the references measured here.
[[nodiscard]] std::string worst_text(const std::vector<ErrorBand>& bands,
                                     const std::string& quantity)
{
    double worst = 0.0;
    for (const auto& band : bands)
        if (band.quantity == quantity && band.trust == "measured")
            worst = std::max({worst, std::abs(band.low_percent), std::abs(band.high_percent)});
    return fmt::format("{} within {:.1f} %", quantity, worst);
}

[[nodiscard]] ordered_json verdict(const RunFigures& run,
                                   const std::vector<system::ResourceUse>& uses,
                                   const SummaryReader& summary)
{
    std::vector<std::string> short_of;
    const system::ResourceUse* fullest = nullptr;
    for (const auto& use : uses) {
        if (!use.fits())
            short_of.push_back(
                fmt::format("{} {:.0f} of {:.0f}", use.name, use.used, use.available));
        if (fullest == nullptr || use.percent() > fullest->percent())
            fullest = &use;
    }
    auto rows = ordered_json::array();
    const auto add = [&rows](const std::string& label, bool ok, const std::string& explain,
                             const std::string& text) {
        rows.push_back({{"label", label}, {"ok", ok}, {"explain", explain}, {"text", text}});
    };
    add(short_of.empty() ? fmt::format("Fits {}", run.board)
                         : fmt::format("Does not fit {}", run.board),
        short_of.empty(), "resources.fits",
        short_of.empty() && fullest != nullptr
            ? fmt::format("{:.0f} % of its {}", fullest->percent(), fullest->name)
            : fmt::format("{}", fmt::join(short_of, ", ")));
    const auto bands = recorded_error_bands(run.accelerator);
    add("Error band of the model", true, "error band",
        fmt::format("{} of RTL, DDR {} and {} of reference simulators; published boards: see below",
                    worst_text(bands, "cycles"), worst_text(bands, "bandwidth"),
                    worst_text(bands, "mean read latency")));
    if (const auto percent = summary.number("energy.uncertainty_percent"))
        add("Energy and power", true, "energy.uncertainty_percent",
            fmt::format("estimates, ±{:.0f} %", *percent));
    return rows;
}

/// operators.csv by columns. What each image of a batch does for itself stays a row of its own.
[[nodiscard]] ordered_json operators_json(const ResultFiles& files)
{
    CsvTable table{files.path_of("operators.csv"), files.operators_csv};
    const auto names = table.names("operator");
    const auto kinds = table.texts("kind");
    const auto blocks = table.numbers("block");
    const auto selectors = table.numbers("selector");
    ordered_json columns{{"name", names},
                         {"kind", kinds},
                         {"unit", table.texts("unit")},
                         {"group", ordered_json::array()},
                         {"block", short_numbers(blocks)},
                         {"stage", short_numbers(table.numbers("stage"))},
                         {"fused_into", table.texts("fused_into")}};
    auto causes = ordered_json::array();
    for (const auto& cause : channel::array_cause_names)
        causes.push_back(short_numbers(table.numbers(fmt::format("{}_cycles", cause.name))));
    columns["causes"] = std::move(causes);
    for (const auto* name : {"cycles", "macs", "input_bytes", "weight_bytes", "output_bytes",
                             "unit_cycles", "energy_mj"})
        columns[name] = short_numbers(table.numbers(name));
    table.throw_if_any();
    for (std::size_t i = 0; i < names.size(); ++i) {
        system::OperatorSummary op;
        op.name = names[i];
        op.block = static_cast<std::uint32_t>(blocks[i]);
        op.selector = static_cast<std::uint32_t>(selectors[i]);
        for (const auto& kind : workload::operator_kind_names)
            if (kinds[i] == kind.name)
                op.kind = kind.value;
        columns["group"].push_back(group_of(op).name);
    }
    return columns;
}

[[nodiscard]] ordered_json groups_json(const SummaryReader& summary, std::uint64_t batch_images)
{
    auto groups = ordered_json::array();
    for (const auto& entry : summary.list("groups")) {
        const auto name = SummaryReader::text_of(entry, "group");
        const auto known = std::find_if(operator_groups().begin(), operator_groups().end(),
                                        [&name](const auto& group) { return name == group.name; });
        const auto number = [&](const char* key) {
            return summary.number_of(entry, "groups", key);
        };
        groups.push_back(
            {{"name", name},
             {"explain", name},
             {"meaning", known == operator_groups().end() ? "" : known->meaning},
             {"operators", short_number(number("operators"))},
             {"cycles", short_number(number("cycles") / static_cast<double>(batch_images))},
             {"macs", short_number(number("macs"))},
             {"energy_mj", short_number(number("energy_mj"))}});
    }
    return groups;
}

[[nodiscard]] ordered_json roofline(const system::RunSetup& setup, const SummaryReader& summary)
{
    const auto& accelerator = setup.design.accelerator;
    constexpr double giga = 1e9;
    constexpr double mega = 1e6;
    auto limits = ordered_json::array();
    if (const auto pins = summary.number("ddr.peak_bandwidth_gbs"))
        limits.push_back({{"name", "memory pins"},
                          {"explain", "ddr.peak_bandwidth_gbs"},
                          {"gb_per_s", short_number(*pins)}});
    if (accelerator.has_ddr()) {
        double ports = 0.0;
        for (const auto& port : accelerator.dma.ports) {
            const double clock_mhz = port.clock_mhz > 0.0 ? port.clock_mhz : accelerator.clock_mhz;
            ports += static_cast<double>(port.width_bytes()) * clock_mhz * mega / giga;
        }
        limits.push_back({{"name", fmt::format("{} AXI port{}, read", accelerator.dma.ports.size(),
                                               accelerator.dma.ports.size() == 1 ? "" : "s")},
                          {"explain", "dma.ports"},
                          {"gb_per_s", short_number(ports)}});
    }
    const auto peak = accelerator.array.macs_per_cycle();
    return {{"peak_macs_per_cycle", peak},
            {"peak_gmacs", short_number(static_cast<double>(peak) * accelerator.clock_mhz / 1e3)},
            {"limits", std::move(limits)}};
}

[[nodiscard]] ordered_json stages_json(const SummaryReader& summary)
{
    auto stages = ordered_json::array();
    for (const auto& entry : summary.list("stages")) {
        const auto number = [&](const char* key) {
            return summary.number_of(entry, "stages", key);
        };
        std::string selector;
        for (const auto& [key, words] : {std::pair{"selector_before_block", "before block"},
                                         std::pair{"selector_inside_block", "inside block"}}) {
            const auto found = entry.find(key);
            if (found != entry.end() && found->is_number())
                selector = fmt::format("{} {}", words, found->get<std::uint64_t>());
        }
        stages.push_back({{"stage", short_number(number("stage"))},
                          {"first_block", short_number(number("first_block"))},
                          {"last_block", short_number(number("last_block"))},
                          {"selector", selector},
                          {"tokens_mean", short_number(number("tokens"))},
                          {"tokens_min", short_number(number("tokens_min"))},
                          {"tokens_max", short_number(number("tokens_max"))}});
    }
    return stages;
}

[[nodiscard]] ordered_json resources_json(const system::RunSetup& setup,
                                          const estimate::ChipResources& chip,
                                          const std::vector<system::ResourceUse>& uses)
{
    auto rows = ordered_json::array();
    for (const auto& use : uses)
        rows.push_back({{"name", use.name},
                        {"explain", "resources." + use.column},
                        {"used", short_number(use.used)},
                        {"available", short_number(use.available)},
                        {"percent", short_number(use.percent())},
                        {"fits", use.fits()}});
    auto blocks = ordered_json::array();
    for (const auto& block : chip.blocks) {
        std::vector<double> values;
        for (const auto& use : system::resource_use(block.resources, setup.design.board))
            values.push_back(use.used);
        blocks.push_back(
            {{"name", block.name}, {"explain", block.name}, {"values", short_numbers(values)}});
    }
    return {{"board", setup.design.board.name},
            {"uses", std::move(rows)},
            {"blocks", std::move(blocks)},
            {"uncertainty", "closed forms of our RTL's blocks, checked against yosys; "
                            "infrastructure (interconnect, memory controller) is not counted"}};
}

[[nodiscard]] ordered_json energy_json(const SummaryReader& summary)
{
    auto parts = ordered_json::array();
    for (const auto& part : estimate::energy_part_names) {
        auto row = word_json(part.name, fmt::format("energy.by_part_mj.{}", part.name),
                             energy_part_meaning(part.value));
        row["mj"] = short_number(
            summary.number(fmt::format("energy.by_part_mj.{}", part.name)).value_or(0));
        parts.push_back(std::move(row));
    }
    return {{"parts", std::move(parts)},
            {"uncertainty_percent", summary.number("energy.uncertainty_percent").value_or(0.0)}};
}

[[nodiscard]] ordered_json images_json(const ResultFiles& files)
{
    const auto rows = image_rows(files);
    CsvTable table{files.path_of(images_file), files.images_csv};
    ordered_json columns{{"image", rows.names}};
    for (const auto* name : {"latency_ms", "energy_mj", "macs"})
        columns[name] = short_numbers(table.numbers(name));
    table.throw_if_any();
    auto tokens = ordered_json::array();
    for (const auto& stage : rows.tokens)
        tokens.push_back(short_numbers(stage));
    columns["tokens"] = std::move(tokens);
    return columns;
}

[[nodiscard]] ordered_json distribution_json(const SummaryReader& summary)
{
    constexpr std::array<std::pair<const char*, const char*>, 3> labels{
        {{"latency_ms", "Latency"}, {"energy_mj", "Energy"}, {"ddr_bytes", "DDR traffic"}}};
    auto quantities = ordered_json::array();
    for (const auto& entry : summary.list("distributions")) {
        const auto quantity = SummaryReader::text_of(entry, "quantity");
        ordered_json row{{"name", quantity},
                         {"explain", "distributions[].quantity"},
                         {"unit", SummaryReader::text_of(entry, "unit")}};
        for (const auto& [key, label] : labels)
            if (quantity == key)
                row["name"] = label;
        for (const auto* key : {"mean", "p50", "p90", "p95", "p99", "min", "max"})
            row[key] = short_number(summary.number_of(entry, "distributions", key));
        auto edges = ordered_json::array();
        auto images = ordered_json::array();
        const auto bins = entry.find("bin_images");
        if (bins != entry.end() && bins->is_array()) {
            const double low = summary.number_of(entry, "distributions", "min");
            const double width = summary.number_of(entry, "distributions", "bin_width");
            for (std::size_t bin = 0; bin <= bins->size(); ++bin)
                edges.push_back(short_number(low + width * static_cast<double>(bin)));
            images = *bins;
        }
        row["edges"] = std::move(edges);
        row["images"] = std::move(images);
        quantities.push_back(std::move(row));
    }
    return quantities;
}

/// What a functional run computed; null: it is another run. Pictures are shown as images, in which
/// nothing runs and nothing is loaded, whoever wrote them.
[[nodiscard]] ordered_json functional_json(const ResultFiles& files,
                                           const workload::Model& model,
                                           const SummaryReader& summary)
{
    if (files.predictions_csv.empty())
        return {};
    CsvTable table{files.path_of("predictions.csv"), files.predictions_csv};
    const auto images = table.names("image");
    ordered_json predictions{{"image", images},
                             {"name", table.texts("name")},
                             {"label", table.texts("label")},
                             {"predicted", table.texts("predicted")},
                             {"correct", table.texts("correct")},
                             {"logit_margin", short_numbers(table.numbers("logit_margin"))}};
    auto kept = ordered_json::array();
    const auto selectors = summary.list("functional.selectors").size();
    for (std::size_t s = 1; s <= selectors; ++s)
        kept.push_back(short_numbers(table.numbers(fmt::format("kept{}", s))));
    predictions["kept"] = std::move(kept);
    table.throw_if_any();
    auto pictures = ordered_json::array();
    for (const auto& picture : files.pictures) {
        const auto found = std::find(images.begin(), images.end(), std::to_string(picture.image));
        if (found != images.end())
            pictures.push_back(
                {{"row", found - images.begin()},
                 {"source", fmt::format("data:image/svg+xml;base64,{}", base64(picture.svg))}});
    }
    auto words = ordered_json::array();
    for (const auto* word : {"functional run", "top1_percent", "confusion matrix", "label",
                             "predicted", "logit_margin", "kept<selector>", "package token"})
        words.push_back({{"explain", word}});
    auto kept_percent = ordered_json::array();
    for (const auto& selector : summary.list("functional.selectors"))
        kept_percent.push_back(
            short_number(summary.number_of(selector, "functional.selectors", "kept_percent")));
    const auto number = [&summary](const char* key) {
        return short_number(summary.number(key).value_or(0.0));
    };
    return {{"image_set", summary.text("functional.image_set")},
            {"labelled", number("functional.labelled")},
            {"correct", number("functional.correct")},
            {"classes", model.classes},
            {"kept_percent", std::move(kept_percent)},
            {"predictions", std::move(predictions)},
            {"pictures", std::move(pictures)},
            {"words", std::move(words)}};
}

} // namespace

RunReplay replay_run(const ResultFiles& files, const ShownImages& shown)
{
    const auto run = figures_of(files);
    const auto rows = image_rows(files);
    for (const auto image : shown.images)
        if (image >= rows.names.size()) {
            config::Violation violation;
            violation.key = "--image";
            violation.found = fmt::format("no image {} in {}", image, files.name);
            violation.expected = fmt::format("0 to {}", rows.names.size() - 1);
            throw config::Error{violation};
        }
    RunReplay replay;
    const auto setup = setup_of(files);
    const bool composed = SummaryReader{files}.at("composition").is_object();
    try {
        const auto found = ordered_json::parse(system::text_of_child([&] {
            return simulate_again(setup, rows, run.batch_images, composed, choose(rows, shown))
                .dump();
        }));
        replay.timelines = found.at("timelines");
        replay.staircase = found.at("staircase");
        replay.notes = found.at("notes").get<std::vector<std::string>>();
    } catch (const system::SimulationError& error) {
        replay.notes.push_back(
            fmt::format("The folder's configuration cannot be simulated: {}", error.what()));
    }
    return replay;
}

ordered_json run_page(const ResultFiles& files, const RunReplay& replay)
{
    const auto run = figures_of(files);
    const auto setup = setup_of(files);
    const SummaryReader summary{files};
    const auto shape = system::chip_shape(setup.design.accelerator, setup.design.board, setup.model,
                                          setup.schedule);
    const auto chip = estimate::estimate_chip(shape, system::resource_model());
    const auto uses = system::resource_use(chip.total, setup.design.board);

    auto page =
        page_frame("run", fmt::format("{} · {} · {}", run.model, run.schedule, run.accelerator),
                   files.name, fmt::format("heatsim report {}", config::shell_quoted(files.name)));
    auto notes = ordered_json(replay.notes);
    const auto tail = summary.text("tail.reason");
    page["run"] = {
        {"facts", facts_of(run)},
        {"headline", headline(summary, run.images)},
        {"verdict", verdict(run, uses, summary)},
        {"error_bands", error_bands_json(run)},
        {"notes", std::move(notes)},
        {"clock_mhz", run.clock_mhz},
        {"causes", causes_json()},
        {"operators", operators_json(files)},
        {"groups", groups_json(summary, run.batch_images)},
        {"roofline", roofline(setup, summary)},
        {"stages", stages_json(summary)},
        {"resources", resources_json(setup, chip, uses)},
        {"energy", energy_json(summary)},
        {"images", run.images > 1 ? images_json(files) : ordered_json{}},
        {"distribution", run.images > 1 ? distribution_json(summary) : ordered_json::array()},
        {"staircase", replay.staircase},
        {"tail", tail.empty() ? ordered_json{} : ordered_json{{"text", tail}}},
        {"timelines", replay.timelines},
        {"functional", functional_json(files, setup.model, summary)},
    };
    return page;
}

} // namespace heatsim::report
