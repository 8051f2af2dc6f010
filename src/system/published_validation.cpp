// SPDX-License-Identifier: Apache-2.0
#include "system/published_validation.hpp"

#include "config/text_file.hpp"
#include "system/child_process.hpp"
#include "system/resources.hpp"
#include "system/simulation.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace heatsim::system {

namespace {

/// What one run of one design gives.
struct RunFigures {
    double latency_ms = 0.0;
    double energy_mj = 0.0;
    double macs = 0.0;
};

/// Simulates each combination once.
class Runs {
  public:
    const RunFigures&
    of(const std::string& accelerator, const std::string& model, const std::string& schedule)
    {
        auto& run = runs_[{accelerator, model, schedule}];
        if (run.macs == 0.0)
            run = simulate(accelerator, model, schedule);
        return run;
    }

  private:
    [[nodiscard]] static RunFigures
    simulate(const std::string& accelerator, const std::string& model, const std::string& schedule)
    {
        RunRequest request;
        request.accelerator = accelerator;
        request.model = model;
        request.schedule = schedule;
        const auto figures = in_child([&request] {
            const auto setup = load(request);
            Simulation simulation{setup.design};
            const auto run = run_images(simulation, setup);
            const auto& image = run.images.front();
            constexpr double per_millisecond = 1e3;
            constexpr double per_millijoule = 1e-9;
            return std::vector<double>{static_cast<double>(image.cycles) /
                                           (setup.design.accelerator.clock_mhz * per_millisecond),
                                       image.energy.picojoules() * per_millijoule,
                                       static_cast<double>(image.macs)};
        });
        return {figures.at(0), figures.at(1), figures.at(2)};
    }

    std::map<std::tuple<std::string, std::string, std::string>, RunFigures> runs_;
};

/// A column of the table that is compared.
struct Quantity {
    const char* column;
    const char* name;
    const char* unit;
};
constexpr std::array<Quantity, 8> quantities{{
    {"latency_ms", "latency", "ms"},
    {"fps", "frame rate", "images/s"},
    {"gops", "throughput", "GOPS"},
    {"power_w", "power", "W"},
    {"dsp", "DSP", ""},
    {"lut", "LUT", ""},
    {"bram36", "BRAM36", ""},
    {"speedup", "speed-up", ""},
}};

/// Prediction of a quantity; none: it is not estimated.
[[nodiscard]] std::optional<double> prediction(Runs& runs,
                                               const ReferenceRow& row,
                                               const std::string& model,
                                               const std::string& schedule,
                                               const std::string& column)
{
    const auto& accelerator = row.text("accelerator");
    const auto& run = runs.of(accelerator, model, schedule);
    constexpr double milliseconds = 1e3;
    constexpr double operations_per_mac = 2.0;
    if (column == "latency_ms")
        return run.latency_ms;
    if (column == "fps")
        return milliseconds / run.latency_ms;
    if (column == "gops")
        return operations_per_mac * run.macs / (run.latency_ms * 1e6);
    if (column == "power_w")
        return run.energy_mj / run.latency_ms;
    if (column == "speedup") {
        const double dense = runs.of(row.text("against"), model, "dense").latency_ms;
        return dense / run.latency_ms;
    }
    RunRequest request;
    request.accelerator = accelerator;
    request.allow_oversize = true;
    const auto design = load(request).design;
    return row.text(column).find('%') == std::string::npos
               ? published_resource(design, column)
               : selector_overhead_percent(design, column);
}

/// What of a remark is about a quantity: parts are separated by `;`, those that begin with `power:`
/// are about power only.
[[nodiscard]] std::string remark_on(const std::string& remark, const std::string& column)
{
    const std::string power = "power: ";
    std::string found;
    for (const auto& part : config::split({remark, 0, 0}, ';')) {
        std::string text{part.text};
        const bool of_power = text.rfind(power, 0) == 0;
        if (of_power != (column == "power_w"))
            continue;
        text = of_power ? text.substr(power.size()) : text;
        found += (found.empty() ? "" : "; ") + text;
    }
    return found;
}

[[nodiscard]] std::string joined(const std::string& first, const std::string& second)
{
    return first.empty() || second.empty() ? first + second : first + "; " + second;
}

/// `HeatViT, DeiT-S: 9.15 ms, 10.697 W`
[[nodiscard]] std::string published_text(const ReferenceRow& row)
{
    auto text = row.text("design") + ", " + row.text("model") + ":";
    const char* separator = " ";
    for (const auto& quantity : quantities) {
        const auto& field = row.text(quantity.column);
        if (field.empty())
            continue;
        text.append(separator).append(field).append(" ");
        text.append(*quantity.unit != '\0' ? quantity.unit : quantity.name);
        separator = ", ";
    }
    return text + " (" + row.text("trust") + ")";
}

/// The quantity is in the name already: `HeatViT total` of `HeatViT total speed-up range`.
[[nodiscard]] std::string design_name(const ReferenceRow& row)
{
    auto name = row.text("design");
    return name.substr(0, name.find(" speed-up range"));
}

/// A comparison of one quantity of one run; an estimate that there is none of is listed instead.
void compare(ValidationTable& table,
             Runs& runs,
             const ReferenceRow& row,
             const std::string& run,
             const Quantity& quantity)
{
    const auto figure = published_figure(row.text(quantity.column));
    if (!figure)
        return;
    const auto slash = run.find('/');
    const auto predicted =
        prediction(runs, row, run.substr(0, slash), run.substr(slash + 1), quantity.column);
    if (!predicted) {
        table.not_validated.push_back(row.text("design") + ", " + row.text("model") + ": " +
                                      row.text(quantity.column) + " " + quantity.name +
                                      ": not compared here");
        return;
    }
    ValidationRow compared;
    compared.name = design_name(row) + "/" + run + "/" + quantity.name;
    compared.quantity = quantity.name;
    compared.accelerator = row.text("accelerator");
    compared.unit =
        row.text(quantity.column).find('%') == std::string::npos ? quantity.unit : "% more";
    compared.predicted = *predicted;
    compared.reference = figure->nearest(*predicted);
    compared.trust = row.text("trust");
    compared.calibrated = row.text("calibrated") == quantity.name;
    if (figure->is_range())
        compared.note = "published: " + row.text(quantity.column);
    compared.note = joined(compared.note, remark_on(row.text("remark"), quantity.column));
    table.rows.push_back(std::move(compared));
}

[[nodiscard]] std::string summary_note(const std::string& what,
                                       const std::vector<ValidationRow>& rows)
{
    double sum = 0.0;
    double worst = 0.0;
    std::size_t near = 0;
    for (const auto& row : rows) {
        const double error = std::abs(row.error_percent().value_or(0.0));
        constexpr double promised_percent = 10.0;
        near += error <= promised_percent ? 1 : 0;
        sum += error;
        worst = std::max(worst, error);
    }
    const auto percent = [](double value) {
        return std::to_string(static_cast<long>(std::lround(value))) + " %";
    };
    return what + ": " + std::to_string(rows.size()) + " figures, " + std::to_string(near) +
           " within 10 %, mean error " +
           percent(rows.empty() ? 0.0 : sum / static_cast<double>(rows.size())) + ", worst " +
           percent(worst);
}

} // namespace

double PublishedFigure::nearest(double value) const
{
    return std::clamp(value, low, high);
}

std::optional<PublishedFigure> published_figure(const std::string& text)
{
    if (text.empty())
        return std::nullopt;
    PublishedFigure figure;
    std::vector<double> numbers;
    for (const auto& word : config::words({text, 0, 0})) {
        std::string number{word.text};
        if (!number.empty() && number.front() == '+')
            number.erase(0, 1);
        if (!number.empty() && number.back() == '%')
            number.pop_back();
        if (const auto value = config::to_number<double>(number))
            numbers.push_back(*value);
    }
    const auto bracket = text.find('(');
    if (bracket != std::string::npos)
        figure.remark = text.substr(bracket + 1, text.find(')') - bracket - 1);
    HEATSIM_CHECK(numbers.size() == 1 || numbers.size() == 2, "field that is no published figure");
    figure.low = numbers.front();
    figure.high = numbers.back();
    return figure;
}

namespace {

/// One resource of a chip: `dsp`, `lut`, `bram36`.
[[nodiscard]] std::optional<double> resource_of(const estimate::FpgaResources& resources,
                                                const std::string& quantity)
{
    if (quantity == "dsp")
        return static_cast<double>(resources.dsps);
    if (quantity == "lut")
        return resources.all_luts();
    if (quantity == "bram36")
        return resources.bram36();
    return std::nullopt;
}

} // namespace

std::optional<double> published_resource(const Design& design, const std::string& quantity)
{
    const auto& model = resource_model();
    const auto chip =
        estimate::estimate_chip(chip_shape(design.accelerator, design.board), model).total;
    if (quantity == "lut") // a published design is more than its engine
        return std::max(chip.all_luts(),
                        model.whole_designs.luts_per_dsp * static_cast<double>(chip.dsps));
    return resource_of(chip, quantity);
}

std::optional<double> selector_overhead_percent(const Design& design, const std::string& quantity)
{
    auto shape = chip_shape(design.accelerator, design.board);
    const auto with = estimate::estimate_chip(shape, resource_model()).total;
    shape.token_selection = false;
    const auto without = estimate::estimate_chip(shape, resource_model()).total;
    const auto value = resource_of(with, quantity);
    const auto base = resource_of(without, quantity);
    if (!value || !base)
        return std::nullopt;
    return error_percent(*value, *base);
}

ValidationTable validate_published()
{
    const auto reference = shipped_table("validation/published.csv");
    ValidationTable table;
    table.target = "published";
    table.title = "Published boards";
    table.reference = "papers; most figures are read elsewhere or recalled (" + reference.path +
                      "). Nothing here is a validation";
    Runs runs;
    for (const auto& row : reference.rows) {
        if (row.text("accelerator").empty()) {
            table.not_validated.push_back(published_text(row) +
                                          ": not modelled: " + row.text("remark"));
            continue;
        }
        for (const auto& run : row.words("runs"))
            for (const auto& quantity : quantities)
                compare(table, runs, row, run, quantity);
    }
    std::vector<ValidationRow> read;
    std::vector<ValidationRow> recalled;
    std::vector<ValidationRow> power;
    for (const auto& row : table.rows) {
        if (row.calibrated)
            continue;
        auto& group = row.trust == "recalled" ? recalled : row.quantity == "power" ? power : read;
        group.push_back(row);
    }
    table.notes = {summary_note("Read somewhere, nothing calibrated with them", read),
                   summary_note("Power, the same", power),
                   summary_note("Recalled, never a validation", recalled),
                   "Of a range the nearest point is the reference; a value inside it has no error"};
    return table;
}

} // namespace heatsim::system
