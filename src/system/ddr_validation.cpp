// SPDX-License-Identifier: Apache-2.0
#include "system/ddr_validation.hpp"

#include "config/document.hpp"
#include "config/text_file.hpp"
#include "stats/distribution.hpp"
#include "system/catalog.hpp"
#include "system/ddr_run.hpp"
#include "system/embedded_files.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace heatsim::system {

using config::quoted;
using config::Text;

namespace {

constexpr const char* table_path = "validation/dram_reference.csv";
constexpr const char* table_memory = "ddr4_2400_x64";

/// The table's patterns as workload::TrafficConfig, whose defaults are the rest of its streams:
/// 360,448 requests of 64 B in 1 GiB.
struct Pattern {
    const char* name;
    const char* traffic;
};
constexpr std::array<Pattern, 7> patterns{{
    {"seq_rd", "{pattern: sequential}"},
    {"seq_wr", "{pattern: sequential, write_every: 1}"},
    {"seq_r2w1", "{pattern: sequential, read_block_bytes: 128, write_block_bytes: 64}"},
    {"stride4k_rd", "{pattern: strided, stride_bytes: 4096}"},
    {"rand64_rd", "{pattern: random}"},
    {"rand256_rd", "{pattern: random, burst_bytes: 256}"},
    {"rand4k_rd", "{pattern: random, burst_bytes: 4096}"},
}};

/// The names of a table of them.
template <typename Entries>
[[nodiscard]] std::vector<std::string> names_of(const Entries& entries)
{
    std::vector<std::string> names;
    std::transform(entries.begin(), entries.end(), std::back_inserter(names),
                   [](const auto& entry) { return std::string{entry.name}; });
    return names;
}

[[nodiscard]] workload::TrafficConfig traffic_of(const std::string& pattern)
{
    const auto* const found =
        std::find_if(patterns.begin(), patterns.end(),
                     [&pattern](const Pattern& known) { return pattern == known.name; });
    HEATSIM_CHECK(found != patterns.end(), "pattern that was not checked");
    workload::TrafficConfig traffic;
    config::Document::parse(found->traffic, pattern).read(traffic);
    return traffic;
}

class ReferenceParser {
  public:
    explicit ReferenceParser(const std::string& name)
        : violations_{name}
    {
        table_.name = name;
    }

    DdrReferenceTable parse(std::string_view text)
    {
        const auto number =
            config::for_each_line(text, [this](const Text& line) { add_line(line); });
        if (columns_.empty() || (table_.references.empty() && violations_.empty()))
            violations_.add(number, 0, "", "empty table", "a CSV header and a line per stream");
        violations_.throw_if_any();
        return std::move(table_);
    }

  private:
    void add_line(const Text& line)
    {
        if (line.text.empty())
            return;
        if (line.text.front() == '#')
            add_comment(config::trimmed({line.text.substr(1), line.line, line.column + 1}));
        else if (columns_.empty())
            read_header(line);
        else
            read_row(line);
    }

    void add_comment(const Text& comment)
    {
        table_.description += (table_.description.empty() ? "" : " ") + std::string{comment.text};
    }

    void read_header(const Text& line)
    {
        const auto names = config::split(line, ',');
        count_ = names.size();
        for (std::size_t i = 0; i < names.size(); ++i)
            columns_.emplace(names[i].text, i);
        for (const char* name : {"mapping", "simulator", "pattern", "outstanding", "bandwidth_gbs",
                                 "mean_read_latency_ns"})
            if (columns_.count(name) == 0)
                violations_.add(line, name, "column missing", "a column of this name");
        violations_.throw_if_any(); // no row can be read
    }

    void read_row(const Text& line)
    {
        const auto fields = config::split(line, ',');
        if (fields.size() != count_) {
            violations_.add(line, "", std::to_string(fields.size()) + " fields",
                            std::to_string(count_) + ", as in the header");
            return;
        }
        const auto field = [&](const char* column) { return fields[columns_.at(column)]; };
        DdrReference reference;
        reference.mapping = known(field("mapping"), "mapping", names_of(hw::address_mapping_names));
        reference.pattern = known(field("pattern"), "pattern", names_of(patterns));
        reference.simulator = field("simulator").text;
        if (reference.simulator.empty())
            violations_.add(field("simulator"), "simulator", "no name", "name and version");
        const auto outstanding = config::to_number<std::uint64_t>(field("outstanding").text);
        if (!outstanding || *outstanding == 0)
            violations_.add(field("outstanding"), "outstanding", quoted(field("outstanding").text),
                            "a positive integer");
        reference.outstanding = outstanding.value_or(0);
        reference.bandwidth_gbs = figure(field("bandwidth_gbs"), "bandwidth_gbs");
        reference.mean_read_latency_ns =
            figure(field("mean_read_latency_ns"), "mean_read_latency_ns");
        if (!seen_
                 .emplace(reference.mapping, reference.pattern, reference.outstanding,
                          reference.simulator)
                 .second)
            violations_.add(line, "", "stream given twice by " + reference.simulator, "once");
        table_.references.push_back(std::move(reference));
    }

    std::string known(const Text& field, const char* column, const std::vector<std::string>& names)
    {
        std::string text{field.text};
        if (std::find(names.begin(), names.end(), text) != names.end())
            return text;
        std::string list;
        for (const auto& name : names)
            list += (list.empty() ? "one of " : ", ") + name;
        violations_.add(field.line, field.column, column, quoted(text), list,
                        config::nearest_name(text, names));
        return text;
    }

    double figure(const Text& field, const char* column)
    {
        const auto value = config::to_number<double>(field.text);
        if (value && std::isfinite(*value) && *value >= 0.0)
            return *value;
        violations_.add(field, column, quoted(field.text), "a number from 0 on");
        return 0.0;
    }

    config::ViolationList violations_;
    DdrReferenceTable table_;
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::size_t count_ = 0; ///< columns
    std::set<std::tuple<std::string, std::string, std::uint64_t, std::string>> seen_;
};

void add_reference(DdrComparison& comparison, const std::string& simulator, double value)
{
    if (value > 0.0)
        comparison.references.push_back({simulator, value});
}

void predict(DdrGroup& group, const hw::DdrConfig& memory)
{
    const auto traffic = workload::generate_traffic(traffic_of(group.pattern));
    const auto result = run_ddr(memory, *traffic, group.outstanding);
    group.bandwidth_gbs.predicted = bandwidth_gbs(memory, result);
    group.mean_read_latency_ns.predicted = nanoseconds(memory, result.read_latency_cycles.mean);
}

[[nodiscard]] double worst_deviation_percent(const std::vector<DdrGroup>& groups,
                                             DdrComparison DdrGroup::*quantity)
{
    double worst = 0.0;
    for (const auto& group : groups) {
        const double deviation = (group.*quantity).deviation_percent();
        if (std::abs(deviation) > std::abs(worst))
            worst = deviation;
    }
    return worst;
}

[[nodiscard]] std::vector<double> absolute_errors_percent(const std::vector<DdrGroup>& groups,
                                                          DdrComparison DdrGroup::*quantity)
{
    std::vector<double> errors;
    for (const auto& group : groups) {
        const auto& comparison = group.*quantity;
        for (const auto& reference : comparison.references)
            errors.push_back(std::abs(error_percent(comparison.predicted, reference.value)));
    }
    return errors;
}

} // namespace

std::vector<std::string> DdrReferenceTable::simulators() const
{
    std::set<std::string> names;
    for (const auto& reference : references)
        names.insert(reference.simulator);
    return {names.begin(), names.end()};
}

DdrReferenceTable parse_ddr_references(const std::string& name, std::string_view text)
{
    return ReferenceParser{name}.parse(text);
}

DdrReferenceTable shipped_ddr_references()
{
    const auto* const file = find_embedded_file(table_path);
    HEATSIM_CHECK(file != nullptr, "reference table is not carried");
    return parse_ddr_references(file->path, file->text);
}

double DdrComparison::low() const
{
    return std::min_element(references.begin(), references.end(),
                            [](const auto& a, const auto& b) { return a.value < b.value; })
        ->value;
}

double DdrComparison::high() const
{
    return std::max_element(references.begin(), references.end(),
                            [](const auto& a, const auto& b) { return a.value < b.value; })
        ->value;
}

double DdrComparison::deviation_percent() const
{
    if (references.empty())
        return 0.0;
    const double nearest = std::clamp(predicted, low(), high());
    return nearest == predicted ? 0.0 : error_percent(predicted, nearest);
}

bool DdrComparison::within() const
{
    return std::abs(deviation_percent()) <= limit_percent;
}

std::string DdrGroup::name() const
{
    return mapping + "/" + pattern + "/" + std::to_string(outstanding);
}

std::vector<DdrGroup> ddr_groups(const std::vector<DdrReference>& references)
{
    std::vector<DdrGroup> groups;
    std::map<std::string, std::size_t> indices;
    for (const auto& reference : references) {
        DdrGroup group;
        group.mapping = reference.mapping;
        group.pattern = reference.pattern;
        group.outstanding = reference.outstanding;
        group.bandwidth_gbs.limit_percent = bandwidth_limit_percent;
        group.mean_read_latency_ns.limit_percent = latency_limit_percent;
        const auto [index, is_new] = indices.emplace(group.name(), groups.size());
        if (is_new)
            groups.push_back(std::move(group));
        auto& found = groups[index->second];
        add_reference(found.bandwidth_gbs, reference.simulator, reference.bandwidth_gbs);
        add_reference(found.mean_read_latency_ns, reference.simulator,
                      reference.mean_read_latency_ns);
    }
    return groups;
}

DdrValidation validate_ddr(DdrReferenceTable table)
{
    DdrValidation validation{table_memory, std::move(table), {}};
    validation.groups = ddr_groups(validation.table.references);
    for (auto& group : validation.groups)
        predict(group, load_memory(validation.memory, {{"mapping", group.mapping, "mapping"}}));
    return validation;
}

DdrValidationSummary summarize(const std::vector<DdrGroup>& groups)
{
    DdrValidationSummary summary;
    summary.groups = groups.size();
    summary.groups_within = static_cast<std::size_t>(std::count_if(
        groups.begin(), groups.end(), [](const DdrGroup& group) { return group.within(); }));
    summary.worst_bandwidth_deviation_percent =
        worst_deviation_percent(groups, &DdrGroup::bandwidth_gbs);
    summary.worst_latency_deviation_percent =
        worst_deviation_percent(groups, &DdrGroup::mean_read_latency_ns);
    const auto median = [](const std::vector<double>& errors) {
        return stats::distribution(errors).p50;
    };
    auto errors = absolute_errors_percent(groups, &DdrGroup::bandwidth_gbs);
    summary.median_absolute_bandwidth_error_percent = median(errors);
    const auto latency = absolute_errors_percent(groups, &DdrGroup::mean_read_latency_ns);
    summary.median_absolute_latency_error_percent = median(latency);
    errors.insert(errors.end(), latency.begin(), latency.end());
    summary.median_absolute_error_percent = median(errors);
    summary.figures = errors.size();
    return summary;
}

ValidationTable ddr_table(const DdrValidation& validation)
{
    ValidationTable table;
    table.target = "ddr";
    table.title = "DDR: " + validation.memory + " on streams of requests";
    std::string simulators;
    for (const auto& name : validation.table.simulators())
        simulators += (simulators.empty() ? "" : ", ") + name;
    table.reference = "range of " + simulators + " (" + validation.table.name + ")";
    const auto add = [&table](const DdrGroup& group, const DdrComparison& comparison,
                              const char* quantity, const char* unit) {
        if (comparison.references.empty())
            return;
        ValidationRow row;
        row.name = group.name() + "/" + quantity;
        row.quantity = quantity;
        row.unit = unit;
        row.predicted = comparison.predicted;
        row.reference = std::clamp(comparison.predicted, comparison.low(), comparison.high());
        table.rows.push_back(std::move(row));
    };
    for (const auto& group : validation.groups) {
        add(group, group.bandwidth_gbs, "bandwidth", "GB/s");
        add(group, group.mean_read_latency_ns, "mean read latency", "ns");
    }
    const auto summary = summarize(validation.groups);
    table.checks = {
        {"worst deviation of bandwidth from the range", "%",
         std::abs(summary.worst_bandwidth_deviation_percent), bandwidth_limit_percent},
        {"worst deviation of mean read latency from the range", "%",
         std::abs(summary.worst_latency_deviation_percent), latency_limit_percent},
    };
    table.notes = {"A figure inside the simulators' range has no error; outside, the nearer end is "
                   "the reference"};
    table.not_validated = {
        "other memories; several ranks or channels; other page policies and schedulers",
        "bank_group_xor; percentiles of latency; controller_latency_ns"};
    return table;
}

} // namespace heatsim::system
