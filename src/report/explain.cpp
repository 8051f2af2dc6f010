// SPDX-License-Identifier: Apache-2.0
#include "report/explain.hpp"

#include "config/document.hpp"
#include "config/text_file.hpp"
#include "numerics/accuracy.hpp"
#include "report/accuracy_report.hpp"
#include "report/advice_report.hpp"
#include "report/comparison.hpp"
#include "report/csv.hpp"
#include "report/distribution_report.hpp"
#include "report/error_bands.hpp"
#include "report/functional_report.hpp"
#include "report/network_accuracy_report.hpp"
#include "report/quantization_report.hpp"
#include "report/run_page.hpp"
#include "report/scale_sim_report.hpp"
#include "report/search_report.hpp"
#include "report/staircase_report.hpp"
#include "report/streaming_report.hpp"
#include "report/summary.hpp"
#include "report/sweep_report.hpp"
#include "report/timeline_json.hpp"
#include "report/trace_report.hpp"
#include "report/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

namespace heatsim::report {

namespace {

using config::ends_with;

constexpr const char* fixed_point_kind = "fixed-point function";

/// Unit of a configuration key: style.md has it in the name.
[[nodiscard]] std::string unit_of(const config::KeyInfo& key)
{
    constexpr std::array<std::pair<const char*, const char*>, 13> units{{
        {"_bytes", "bytes"},
        {"_cycles", "cycles of the fabric clock"},
        {"cycles_per_element", "host cycles per element"},
        {"_mhz", "MHz"},
        {"_ns", "ns"},
        {"_us", "µs"},
        {"_bits", "bits"},
        {"_pixels", "pixels"},
        {"_beats", "beats"},
        {"_pj", "pJ"},
        {"_w", "W"},
        {"_w_per_million_luts", "W per million LUTs"},
        {"_percent", "%"},
    }};
    if (ends_with(key.meaning, ", tCK"))
        return "memory clock cycles";
    const std::string value = ".value"; // of a figure with its source: the unit is in front of it
    const auto path =
        ends_with(key.path, value) ? key.path.substr(0, key.path.size() - value.size()) : key.path;
    for (const auto& [suffix, unit] : units)
        if (ends_with(path, suffix))
            return unit;
    return "";
}

/// Collects topics, one per name and kind.
class Collector {
  public:
    template <typename T>
    void configuration(const char* kind, const std::string& prefix, const T& value)
    {
        config::KeyCollector collector;
        for (const auto& key : collector.collect(value))
            add({prefix + key.path, kind, unit_of(key), key.type, key.range, key.default_value,
                 key.meaning});
    }
    void fields(const char* kind, const std::vector<Field>& fields)
    {
        for (const auto& field : fields)
            add({field.name, kind, field.unit, field.type, "", "", field.meaning});
    }
    void add(Topic topic)
    {
        if (known_.insert(topic.kind + '\n' + topic.name).second)
            topics_.push_back(std::move(topic));
    }
    [[nodiscard]] std::vector<Topic> take() { return std::move(topics_); }

  private:
    std::vector<Topic> topics_;
    std::set<std::string> known_;
};

void add_configuration(Collector& collector)
{
    // which keys there are depends on the array's style and the loader's engine
    for (const auto style :
         {hw::ArrayStyle::BroadcastTree, hw::ArrayStyle::SystolicOutputStationary}) {
        for (const auto engine : {hw::DmaEngine::Axi, hw::DmaEngine::WordSerial}) {
            system::Accelerator accelerator;
            accelerator.array.style = style;
            accelerator.dma.engine = engine;
            collector.configuration("accelerator key", "", accelerator);
        }
    }
    collector.configuration("board key (--set board.…)", "board.", system::Board{});
    collector.configuration("memory key (--set memory.…)", "memory.", hw::DdrConfig{});
    collector.configuration("model key (--set model.…)", "model.", workload::Model{});
    collector.configuration("schedule key (--set schedule.…)", "schedule.", workload::Schedule{});
    collector.configuration("energy key (--set energy.…)", "energy.", estimate::EnergyTable{});
    collector.configuration("design-space key (heatsim sweep --set …)", "space.",
                            sweep::SpaceConfig{});
}

/// Where a key of a summary is found.
[[nodiscard]] const char* source_of(const Field& field)
{
    const auto root = field.name.substr(0, field.name.find('.'));
    if (root == "host")
        return "key of host.json";
    return root == "gemm" || root == "operands" ? "key of heatsim gemm --format json"
                                                : "key of summary.json";
}

/// `chip.dma_hp0.bursts` as `chip.dma_<port>.bursts`, `dma_hp0 read` as `dma_<port> read`: the
/// configuration names the ports.
[[nodiscard]] std::string with_any_port(const std::string& path)
{
    const std::string prefix = "dma_";
    const auto begin = path.find(prefix);
    const auto end = path.find_first_of(". ", begin);
    if (begin == std::string::npos || end == std::string::npos ||
        (begin > 0 && path[begin - 1] != '.'))
        return path;
    return path.substr(0, begin + prefix.size()) + "<port>" + path.substr(end);
}

[[nodiscard]] std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

[[nodiscard]] bool is_number(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// `Stages[0].tokens` and `stages.0.tokens` as `stages[].tokens`, `n2` as `n<stage>`, `kept2` as
/// `kept<selector>`.
[[nodiscard]] std::string canonical(const std::string& name)
{
    std::string result;
    std::string part;
    const auto end_part = [&] {
        if (is_number(part))
            result += "[]";
        else
            result += (result.empty() ? "" : ".") + part;
        part.clear();
    };
    const auto text = lower(name);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '.') {
            end_part();
        } else if (text[i] == '[') {
            const auto end = text.find(']', i);
            if (end == std::string::npos ||
                !(end == i + 1 || is_number(text.substr(i + 1, end - i - 1)))) {
                part += text[i];
                continue;
            }
            part += "[]";
            i = end;
        } else {
            part += text[i];
        }
    }
    end_part();
    if (result.size() > 1 && result.front() == 'n' && is_number(result.substr(1)))
        return "n<stage>";
    const std::string kept = "kept"; // of predictions.csv
    if (config::starts_with(result, kept) && is_number(result.substr(kept.size())))
        return "kept<selector>";
    const std::string channel = "ddr channel"; // of a timeline
    if (config::starts_with(result, channel)) {
        const auto behind = result.find_first_not_of("0123456789", channel.size());
        if (behind != std::string::npos && behind > channel.size())
            return fmt::format("{}<n>{}", channel, result.substr(behind));
    }
    return with_any_port(result);
}

/// Every part of `text` that stands behind a dot: `b.c` and `c` of `a.b.c`.
[[nodiscard]] std::vector<std::string> tails(const std::string& text)
{
    std::vector<std::string> parts;
    for (auto dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 1))
        parts.push_back(text.substr(dot + 1));
    return parts;
}

} // namespace

std::vector<Topic> all_topics(const std::vector<stats::Sample>& statistics)
{
    Collector collector;
    add_configuration(collector);
    for (const auto& field : summary_fields())
        collector.fields(source_of(field), {field});
    collector.fields("key of heatsim ddr --format json", ddr_fields());
    collector.fields("key of heatsim validate ddr --format json", ddr_validation_fields());
    collector.fields("key of heatsim explain --format json", explain_fields());
    collector.fields("key of heatsim validate --format json", validation_fields());
    collector.fields("column of heatsim validate --format csv", error_bands_columns());
    collector.fields("column of heatsim report --format csv, of a run", run_page_columns());
    collector.fields("key of heatsim compare --format json", comparison_fields());
    collector.fields("column of heatsim compare --format csv", comparison_columns());
    collector.fields("key of heatsim trace --format json", trace_fields());
    collector.fields("key of heatsim trace compare --format json", trace_comparison_fields());
    collector.fields("column of operators.csv", operators_columns());
    collector.fields("column of images.csv", images_columns());
    collector.fields("column of COMPUTE_REPORT.csv", compute_report_columns());
    collector.fields("column of BANDWIDTH_REPORT.csv", bandwidth_report_columns());
    collector.fields("key of summary.json, with --fps or --arrivals", streaming_fields());
    collector.fields("column of streaming.csv", streaming_columns());
    collector.fields("key of summary.json, with --functional", functional_fields());
    collector.fields("column of predictions.csv", predictions_columns());
    collector.fields("column of distribution.csv", distribution_columns());
    collector.fields("key of heatsim advise --format json", advice_fields());
    collector.fields("key of heatsim quantize --format json", quantization_fields());
    collector.fields("key of heatsim explain accuracy --format json", network_accuracy_fields());
    collector.fields("key of heatsim staircase --format json", staircase_fields());
    collector.fields("column of staircase.csv", staircase_columns());
    collector.fields("key of heatsim search --format json", search_fields());
    collector.fields("key of heatsim sweep --format json", sweep_fields());
    collector.fields("key of heatsim pareto --format json", front_fields());
    collector.fields("column of heatsim export", export_columns());
    collector.fields("key of stats.json", statistics_fields());
    collector.fields("part of heatsim run --timeline", timeline_fields());
    collector.fields("in heatsim run --timeline", timeline_names());
    for (const auto& sample : statistics)
        collector.add({with_any_port(sample.path), "statistic of stats.json",
                       stats::name(sample.unit), "integer", "", "", sample.description});
    for (const auto& cause : channel::array_cause_names)
        collector.add({cause.name, "cause of an array cycle", "cycles", "", "", "",
                       cause_meaning(cause.value)});
    for (const auto& part : estimate::energy_part_names)
        collector.add({part.name, "part of the estimated energy", "mJ", "", "", "",
                       energy_part_meaning(part.value)});
    for (const auto& kind : workload::operator_kind_names)
        collector.add(
            {kind.name, "kind of operator", "", "", "", "", operator_kind_meaning(kind.value)});
    for (const auto& group : operator_groups())
        collector.add({group.name, "group of operators", "", "", "", "", group.meaning});
    collector.fields("block of the resource estimate", resource_blocks());
    for (const auto& function : numerics::accuracy_functions())
        collector.add({function.name, fixed_point_kind, "", "", "", "", function.meaning});
    collector.fields("term", glossary());
    return collector.take();
}

Found find_topics(const std::vector<Topic>& topics, const std::string& name)
{
    const auto wanted = canonical(name);
    Found found;
    for (const auto& topic : topics) {
        const auto known = lower(topic.name);
        const auto parts = tails(known);
        if (known == wanted)
            found.topics.push_back(topic);
        else if (std::find(parts.begin(), parts.end(), wanted) != parts.end())
            found.see_also.push_back(topic);
    }
    if (found.topics.empty())
        std::swap(found.topics, found.see_also);
    return found;
}

std::string fixed_point_function(const std::vector<Topic>& topics)
{
    for (const auto& topic : topics)
        if (topic.kind == fixed_point_kind)
            return topic.name;
    return "";
}

nlohmann::ordered_json explain_json(const Found& found)
{
    using nlohmann::ordered_json;
    ordered_json topics = ordered_json::array();
    for (const auto& topic : found.topics)
        topics.push_back({{"name", topic.name},
                          {"kind", topic.kind},
                          {"unit", topic.unit},
                          {"type", topic.type},
                          {"range", topic.range},
                          {"default", topic.default_value},
                          {"meaning", topic.meaning}});
    ordered_json see_also = ordered_json::array();
    for (const auto& topic : found.see_also)
        see_also.push_back(topic.name);
    ordered_json json{
        {"version", version}, {"topics", std::move(topics)}, {"see_also", std::move(see_also)}};
    const auto function = fixed_point_function(found.topics);
    if (!function.empty())
        json["accuracy"] = accuracy_json(numerics::accuracy(function));
    return json;
}

std::vector<std::string> near_names(const std::vector<Topic>& topics, const std::string& name)
{
    constexpr std::size_t most = 5;
    const auto wanted = canonical(name);
    std::set<std::string> names;
    std::vector<std::string> nearest;
    const auto take = [&](const std::string& found) {
        names.erase(found);
        if (std::find(nearest.begin(), nearest.end(), found) == nearest.end())
            nearest.push_back(found);
    };
    for (const auto& topic : topics) {
        names.insert(topic.name);
        for (const auto& part : tails(topic.name))
            names.insert(part);
    }
    while (nearest.size() < most) {
        const auto found = config::nearest_name(wanted, {names.begin(), names.end()});
        if (found.empty())
            break;
        take(found);
    }
    if (wanted.size() >= 3)
        for (const auto& topic : topics)
            if (nearest.size() < most && lower(topic.name).find(wanted) != std::string::npos)
                take(topic.name);
    return nearest;
}

} // namespace heatsim::report
