// SPDX-License-Identifier: Apache-2.0
#include "report/summary.hpp"

#include "config/text_file.hpp"
#include "report/distribution_report.hpp"
#include "report/version.hpp"
#include "units/units.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using system::ImageResult;

/// Cycles and bytes are whole numbers far below 2^53: nothing is lost on the way through `double`.
[[nodiscard]] std::uint64_t whole(double value)
{
    return static_cast<std::uint64_t>(value);
}

template <typename Get>
[[nodiscard]] Mean mean_over(const std::vector<ImageResult>& images, Get get)
{
    Mean mean{0, images.size()};
    for (const auto& image : images)
        mean.sum += get(image);
    return mean;
}

[[nodiscard]] std::string memory_name(const system::Design& design)
{
    if (design.accelerator.dma.engine == hw::DmaEngine::WordSerial)
        return "word_serial";
    if (design.accelerator.memory == system::MemoryModel::Ideal)
        return "ideal";
    if (design.accelerator.memory == system::MemoryModel::Throttled)
        return "throttled";
    return design.memory.name;
}

[[nodiscard]] std::vector<StageSummary> summarize_stages(const system::RunSetup& setup,
                                                         const std::vector<ImageResult>& images)
{
    const auto& selectors = setup.schedule.selectors;
    std::vector<StageSummary> stages(selectors.size() + 1);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        auto& stage = stages[i];
        if (i > 0) {
            const auto& selector = selectors[i - 1];
            stage.first_block = selector.block();
            (selector.is_inside() ? stage.selector_inside_block : stage.selector_before_block) =
                selector.block();
        }
        stage.last_block = setup.model.depth;
        if (i < selectors.size()) // a block that a selector is inside of belongs to both stages
            stage.last_block = selectors[i].block() - (selectors[i].is_inside() ? 0 : 1);
        stage.tokens = mean_over(images, [i](const auto& image) { return image.tokens[i]; });
        const auto [least, most] =
            std::minmax_element(images.begin(), images.end(), [i](const auto& a, const auto& b) {
                return a.tokens[i] < b.tokens[i];
            });
        stage.tokens_min = least->tokens[i];
        stage.tokens_max = most->tokens[i];
    }
    return stages;
}

[[nodiscard]] std::vector<GroupSummary> summarize_groups(const system::RunResult& run)
{
    std::vector<GroupSummary> groups;
    for (const auto& known : operator_groups()) {
        GroupSummary group{known.name,
                           known.meaning,
                           0,
                           {0, run.images.size() / run.batch_images},
                           {0, run.images.size()},
                           0.0};
        for (const auto& op : run.operators) {
            if (&group_of(op) != &known)
                continue;
            ++group.operators;
            group.cycles.sum += op.sum.cycles();
            group.macs.sum += op.macs;
            group.energy_mj +=
                millijoules(op.energy.picojoules()) / static_cast<double>(run.images.size());
        }
        if (group.operators > 0)
            groups.push_back(std::move(group));
    }
    return groups;
}

[[nodiscard]] ordered_json array_json(const Summary& summary)
{
    ordered_json causes = ordered_json::object();
    for (const auto& cause : channel::array_cause_names)
        causes[cause.name] = summary.cause_cycles(static_cast<std::size_t>(cause.value)).json();
    return {
        {"macs_per_cycle", summary.macs_per_cycle}, {"dsps", summary.dsps},
        {"macs_per_dsp", summary.macs_per_dsp},     {"utilization", summary.utilization},
        {"cycles", summary.total_cycles.json()},    {"cycles_by_cause", std::move(causes)},
    };
}

[[nodiscard]] ordered_json ddr_json(const Summary& summary)
{
    const auto with_ddr = [&](const ordered_json& value) {
        return summary.has_ddr ? value : ordered_json{};
    };
    const auto with_rows = [&](const Mean& mean) {
        return summary.has_rows ? mean.json() : ordered_json{};
    };
    return {
        {"read_bytes", summary.read_bytes.json()},
        {"write_bytes", summary.write_bytes.json()},
        {"bandwidth_gbs", summary.bandwidth_gbs},
        {"peak_bandwidth_gbs", with_ddr(summary.peak_bandwidth_gbs)},
        {"efficiency_percent",
         with_ddr(100.0 * summary.bandwidth_gbs / summary.peak_bandwidth_gbs)},
        {"row_hits", with_rows(summary.row_hits)},
        {"row_misses", with_rows(summary.row_misses)},
        {"row_conflicts", with_rows(summary.row_conflicts)},
    };
}

/// \param interval_ms from one image's result to the next one's, mean
[[nodiscard]] EnergySummary summarize_energy(const system::RunSetup& setup,
                                             const std::vector<ImageResult>& images,
                                             double interval_ms)
{
    const auto& table = setup.design.energy;
    EnergySummary summary;
    summary.table = table.name;
    summary.uncertainty_percent = table.uncertainty_percent;
    std::vector<double> energies;
    energies.reserve(images.size());
    const double count = static_cast<double>(images.size());
    double macs = 0.0;
    for (const auto& image : images) {
        energies.push_back(millijoules(image.energy.picojoules()));
        macs += static_cast<double>(image.macs) / count;
        for (const auto& part : estimate::energy_part_names)
            summary.by_part_mj[static_cast<std::size_t>(part.value)] +=
                millijoules(image.energy.picojoules(part.value)) / count;
    }
    summary.image_mj = stats::distribution(std::move(energies));
    summary.power_w = summary.image_mj.mean / interval_ms; // mJ / ms
    summary.static_power_w =
        summary.by_part_mj[static_cast<std::size_t>(estimate::EnergyPart::Static)] / interval_ms;
    constexpr double operations_per_mac = 2.0;
    if (summary.image_mj.mean > 0.0) // operations per mJ = 10^3 operations per J
        summary.gops_per_w = operations_per_mac * macs / summary.image_mj.mean * 1e-6;
    return summary;
}

[[nodiscard]] ordered_json energy_json(const EnergySummary& energy)
{
    ordered_json parts = ordered_json::object();
    for (const auto& part : estimate::energy_part_names)
        parts[part.name] = energy.by_part_mj[static_cast<std::size_t>(part.value)];
    return {
        {"estimate", true},
        {"table", energy.table},
        {"uncertainty_percent", energy.uncertainty_percent},
        {"image_mj",
         {{"mean", energy.image_mj.mean},
          {"p50", energy.image_mj.p50},
          {"p90", energy.image_mj.p90},
          {"p95", energy.image_mj.p95},
          {"p99", energy.image_mj.p99},
          {"min", energy.image_mj.min},
          {"max", energy.image_mj.max}}},
        {"by_part_mj", std::move(parts)},
        {"power_w", energy.power_w},
        {"static_power_w", energy.static_power_w},
        {"gops_per_w", energy.gops_per_w},
    };
}

[[nodiscard]] ordered_json stages_json(const Summary& summary)
{
    ordered_json stages = ordered_json::array();
    for (std::size_t i = 0; i < summary.stages.size(); ++i) {
        const auto& stage = summary.stages[i];
        stages.push_back({
            {"stage", i},
            {"first_block", stage.first_block},
            {"last_block", stage.last_block},
            {"selector_before_block", stage.selector_before_block
                                          ? ordered_json(*stage.selector_before_block)
                                          : ordered_json{}},
            {"selector_inside_block", stage.selector_inside_block
                                          ? ordered_json(*stage.selector_inside_block)
                                          : ordered_json{}},
            {"tokens", stage.tokens.json()},
            {"tokens_min", stage.tokens_min},
            {"tokens_max", stage.tokens_max},
        });
    }
    return stages;
}

[[nodiscard]] ordered_json groups_json(const Summary& summary)
{
    ordered_json groups = ordered_json::array();
    for (const auto& group : summary.groups) {
        groups.push_back({
            {"group", group.name},
            {"operators", group.operators},
            {"cycles", group.cycles.json()},
            {"latency_ms", summary.milliseconds(group.cycles.value())},
            {"share_percent", 100.0 * static_cast<double>(group.cycles.sum) /
                                  static_cast<double>(summary.total_cycles.sum)},
            {"macs", group.macs.json()},
            {"energy_mj", group.energy_mj},
        });
    }
    return groups;
}

[[nodiscard]] ordered_json composition_json(const system::Composition& composition)
{
    const auto error = [](const system::CompositionError& e) {
        return ordered_json{{"mean", e.mean_percent}, {"worst", e.worst_percent}};
    };
    return {
        {"simulations", composition.simulations},
        {"sample_images", composition.sample_images},
        {"sample_seed", composition.sample_seed},
        {"latency_error_percent", error(composition.latency)},
        {"energy_error_percent", error(composition.energy)},
        {"traffic_error_percent", error(composition.traffic)},
    };
}

[[nodiscard]] ordered_json run_json(const Summary& summary)
{
    const auto& latency = summary.latency_ms;
    const auto& cycles = summary.cycles;
    return {
        {"version", version},
        {"model", summary.model},
        {"schedule", summary.schedule},
        {"trace", summary.trace.empty() ? ordered_json{} : ordered_json(summary.trace)},
        {"top1_percent",
         summary.top1_percent ? ordered_json(*summary.top1_percent) : ordered_json{}},
        {"top1_source",
         summary.top1_source.empty() ? ordered_json{} : ordered_json(summary.top1_source)},
        {"accelerator", summary.accelerator},
        {"board", summary.board},
        {"memory", summary.memory},
        {"clock_mhz", summary.clock_mhz},
        {"images", summary.images},
        {"batch_images", summary.batch_images},
        {"operators", summary.operators},
        {"latency_ms",
         {{"mean", latency.mean},
          {"p50", latency.p50},
          {"p90", latency.p90},
          {"p95", latency.p95},
          {"p99", latency.p99},
          {"min", latency.min},
          {"max", latency.max}}},
        {"cycles",
         {{"mean", summary.total_cycles.json()},
          {"p50", whole(cycles.p50)},
          {"p90", whole(cycles.p90)},
          {"p95", whole(cycles.p95)},
          {"p99", whole(cycles.p99)},
          {"min", whole(cycles.min)},
          {"max", whole(cycles.max)},
          {"total", summary.total_cycles.sum}}},
        {"fps", summary.fps},
        {"macs", summary.macs.json()},
        {"array", array_json(summary)},
        {"ddr", ddr_json(summary)},
        {"energy", energy_json(summary.energy)},
        {"stages", stages_json(summary)},
        {"groups", groups_json(summary)},
        {"distributions", distributions_json(summary.distributions)},
    };
}

} // namespace

double millijoules(double picojoules)
{
    return picojoules * 1e-9;
}

ordered_json Mean::json() const
{
    return sum % count == 0 ? ordered_json(sum / count) : ordered_json(value());
}

const std::vector<OperatorGroup>& operator_groups()
{
    static const std::vector<OperatorGroup> groups{
        {"stem", "convolution stem and its activations (LV-ViT)"},
        {"patch embedding", "patch embedding and position embedding"},
        {"LayerNorm", "LayerNorms of the blocks and of the head"},
        {"attention GEMMs", "QKV, QK^T, AV and output projection of the blocks"},
        {"softmax", "softmax of the attention"},
        {"FFN GEMMs", "FC1 and FC2 of the blocks"},
        {"GELU", "activation between FC1 and FC2, as far as it is not fused into FC1"},
        {"residual", "residual sums of the blocks, as far as they are not fused into a GEMM"},
        {"layout copies", "rearrangement of patches and heads in memory"},
        {"token selector", "everything of the token selectors: their GEMMs, nonlinear functions "
                           "and control logic"},
        {"head", "classification head and token-labelling head"},
        {"other", "operators of no other group (heatsim gemm)"},
    };
    return groups;
}

const OperatorGroup& group_of(const system::OperatorSummary& op)
{
    using workload::OperatorKind;
    const auto name = [&]() -> const char* {
        if (op.selector > 0)
            return "token selector";
        if (op.kind == OperatorKind::Copy)
            return "layout copies";
        if (op.kind == OperatorKind::LayerNorm)
            return "LayerNorm";
        if (config::starts_with(op.name, "stem."))
            return "stem";
        if (config::starts_with(op.name, "patch_embed."))
            return "patch embedding";
        if (config::starts_with(op.name, "head.") ||
            config::starts_with(op.name, "auxiliary_head."))
            return "head";
        if (op.block == 0)
            return "other";
        if (op.kind == OperatorKind::Softmax)
            return "softmax";
        if (op.kind == OperatorKind::Gelu)
            return "GELU";
        if (op.kind == OperatorKind::Add)
            return "residual";
        if (op.name.find(".attn.") != std::string::npos)
            return "attention GEMMs";
        return op.name.find(".mlp.") != std::string::npos ? "FFN GEMMs" : "other";
    }();
    const auto& groups = operator_groups();
    return *std::find_if(groups.begin(), groups.end(),
                         [name](const auto& group) { return std::string{group.name} == name; });
}

namespace {

/// The accuracy of the trace, else the published one of the schedule on this model.
void set_accuracy(Summary& summary, const system::RunSetup& setup)
{
    if (setup.trace) {
        summary.top1_percent = setup.trace->top1_percent;
        if (summary.top1_percent)
            summary.top1_source = "token trace " + setup.trace->path;
        return;
    }
    const auto* const point = workload::published_point(setup.schedule, setup.model.name);
    if (point == nullptr || point->top1_percent <= 0.0)
        return;
    summary.top1_percent = point->top1_percent;
    summary.top1_source = "published, " + point->source;
}

} // namespace

Summary summarize(const system::RunSetup& setup, const system::RunResult& run)
{
    const auto& accelerator = setup.design.accelerator;
    const auto& images = run.images;
    Summary summary;
    summary.model = setup.model.name;
    summary.schedule = setup.schedule.name;
    summary.trace = setup.trace ? setup.trace->path : "";
    set_accuracy(summary, setup);
    summary.accelerator = accelerator.name;
    summary.board = setup.design.board.name;
    summary.memory = memory_name(setup.design);
    summary.clock_mhz = accelerator.clock_mhz;
    summary.images = images.size();
    summary.batch_images = run.batch_images;
    summary.operators = run.operators.size();

    std::vector<double> cycles;
    std::vector<double> latencies;
    for (const auto& image : images) {
        cycles.push_back(static_cast<double>(image.cycles));
        latencies.push_back(summary.milliseconds(cycles.back()));
    }
    summary.total_cycles.count = images.size() / run.batch_images;
    for (std::size_t i = 0; i < images.size(); i += run.batch_images) {
        summary.total_cycles.sum += images[i].cycles;
        for (std::size_t cause = 0; cause < channel::array_causes; ++cause)
            summary.cycles_by_cause[cause] += images[i].cycles_by_cause[cause];
    }
    summary.cycles = stats::distribution(std::move(cycles));
    summary.latency_ms = stats::distribution(std::move(latencies));
    summary.latency_ms.mean = summary.milliseconds(summary.total_cycles.value());
    const double interval_ms = summary.latency_ms.mean / static_cast<double>(run.batch_images);
    summary.fps = 1000.0 / interval_ms;
    summary.macs = mean_over(images, [](const auto& image) { return image.macs; });

    summary.macs_per_cycle = accelerator.array.macs_per_cycle();
    summary.macs_per_dsp = system::macs_per_dsp(accelerator, setup.design.board);
    summary.dsps = ceil_div(summary.macs_per_cycle, summary.macs_per_dsp);
    summary.utilization =
        static_cast<double>(summary.macs.sum) / (static_cast<double>(summary.total_cycles.sum) *
                                                 static_cast<double>(summary.macs_per_cycle));

    summary.read_bytes = mean_over(images, [](const auto& image) { return image.read_bytes; });
    summary.write_bytes = mean_over(images, [](const auto& image) { return image.write_bytes; });
    const double bytes = summary.read_bytes.value() + summary.write_bytes.value();
    summary.bandwidth_gbs = bytes / (interval_ms * 1e6);
    summary.has_ddr = summary.memory == setup.design.memory.name;
    summary.has_rows = summary.has_ddr && !run.composition;
    summary.composition = run.composition;
    summary.peak_bandwidth_gbs = setup.design.memory.peak_bandwidth_bytes_per_s() / 1e9;
    summary.row_hits = mean_over(images, [](const auto& image) { return image.row_hits; });
    summary.row_misses = mean_over(images, [](const auto& image) { return image.row_misses; });
    summary.row_conflicts =
        mean_over(images, [](const auto& image) { return image.row_conflicts; });

    summary.energy = summarize_energy(setup, images, interval_ms);
    summary.distributions = distributions_of(images, summary.clock_mhz);
    if (images.front().tokens.size() == setup.schedule.stages())
        summary.stages = summarize_stages(setup, images);
    summary.groups = summarize_groups(run);
    return summary;
}

HostCost host_cost(const system::RunResult& run)
{
    const auto peak_memory_bytes = [](auto who) {
        rusage usage{};
        getrusage(who, &usage);
        return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024; // Linux counts KiB
    };
    HostCost host;
    host.cycles = run.simulated_cycles;
    host.cpu_seconds = run.cpu_seconds;
    host.wall_seconds = run.wall_seconds;
    host.peak_memory_bytes =
        std::max(peak_memory_bytes(RUSAGE_SELF), peak_memory_bytes(RUSAGE_CHILDREN));
    if (run.composition)
        host.stored_simulations = run.composition->stored_simulations;
    return host;
}

ordered_json summary_json(const Summary& summary, const Summary* baseline)
{
    auto json = run_json(summary);
    if (summary.composition)
        json["composition"] = composition_json(*summary.composition);
    if (baseline != nullptr) {
        auto& other = json["baseline"] = run_json(*baseline);
        other["speedup"] = baseline->latency_ms.mean / summary.latency_ms.mean;
    }
    return json;
}

ordered_json host_json(const HostCost& host)
{
    ordered_json simulator{{"cycles_per_second", host.cycles_per_second()},
                           {"cpu_seconds", host.cpu_seconds},
                           {"wall_seconds", host.wall_seconds},
                           {"peak_memory_bytes", host.peak_memory_bytes}};
    if (host.stored_simulations)
        simulator["stored_simulations"] = *host.stored_simulations;
    return {{"simulator", std::move(simulator)}};
}

std::string json_text(const ordered_json& json)
{
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

ordered_json statistics_json(const system::RunResult& run)
{
    ordered_json samples = ordered_json::array();
    for (const auto& sample : run.statistics)
        samples.push_back({{"path", sample.path},
                           {"unit", stats::name(sample.unit)},
                           {"value", sample.value},
                           {"description", sample.description}});
    return {{"images", run.images.size()}, {"statistics", std::move(samples)}};
}

ordered_json gemm_json(const Summary& summary, const GemmShape& shape, const system::RunResult& run)
{
    const auto& sum = run.operators.front().sum;
    return {
        {"version", version},
        {"gemm", {{"m", shape.m}, {"k", shape.k}, {"n", shape.n}, {"heads", shape.heads}}},
        {"accelerator", summary.accelerator},
        {"board", summary.board},
        {"memory", summary.memory},
        {"clock_mhz", summary.clock_mhz},
        {"cycles", summary.total_cycles.sum},
        {"latency_ms", summary.latency_ms.mean},
        {"macs", summary.macs.sum},
        {"array", array_json(summary)},
        {"ddr", ddr_json(summary)},
        {"energy", energy_json(summary.energy)},
        {"operands",
         {{"input_bytes", sum.input_bytes},
          {"weight_bytes", sum.weight_bytes},
          {"output_bytes", sum.output_bytes}}},
    };
}

} // namespace heatsim::report
