// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy.hpp"
#include "stats/distribution.hpp"
#include "system/catalog.hpp"
#include "system/result.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// A sum over images: exact as long as it is not divided.
struct Mean {
    std::uint64_t sum = 0;
    std::uint64_t count = 1;
    [[nodiscard]] double value() const
    {
        return static_cast<double>(sum) / static_cast<double>(count);
    }
    /// Integer where exact, else real.
    [[nodiscard]] nlohmann::ordered_json json() const;
};

/// Tokens between two selectors.
struct StageSummary {
    std::uint64_t first_block = 1;
    std::uint64_t last_block = 1;
    std::optional<std::uint64_t> selector_before_block;
    std::optional<std::uint64_t> selector_inside_block; ///< between its attention and FFN
    Mean tokens;
    std::uint64_t tokens_min = 0;
    std::uint64_t tokens_max = 0;
};

/// Operators of one kind taken together.
struct GroupSummary {
    std::string name;
    std::string meaning;
    std::uint64_t operators = 0;
    Mean cycles;            ///< over the batches
    Mean macs;              ///< over the images
    double energy_mj = 0.0; ///< of its operators per image, estimated, without static power
};

/// Estimated energy of a run.
struct EnergySummary {
    std::string table; ///< name of the energy table
    double uncertainty_percent = 0.0;
    stats::Distribution image_mj; ///< over the images
    /// Mean over the images, mJ, in the order of `estimate::energy_part_names`.
    std::array<double, estimate::energy_parts> by_part_mj{};
    double power_w = 0.0;        ///< energy / time
    double static_power_w = 0.0; ///< what is drawn without work
    double gops_per_w = 0.0;     ///< two operations per MAC
};

/// How one quantity is distributed over the images.
struct QuantityDistribution {
    const char* quantity = ""; ///< with its unit: `latency_ms`
    const char* unit = "";
    stats::Distribution of;
    stats::Histogram histogram;
};

/// Energy, mJ.
[[nodiscard]] double millijoules(double picojoules);

/// The key figures of a run. What summary.json and the terminal show is formed here and nowhere
/// else.
struct Summary {
    std::string model;
    std::string schedule;
    std::string trace;     ///< empty: none
    std::string image_set; ///< that a functional run computed; empty: token counts are given
    /// Top-1 accuracy that the trace was recorded with, or that is published of the schedule.
    std::optional<double> top1_percent;
    std::string top1_source; ///< empty: no accuracy
    std::string accelerator;
    std::string board;
    std::string memory; ///< name, `word_serial` or `ideal`
    double clock_mhz = 0.0;
    std::uint64_t images = 0;
    std::uint64_t batch_images = 1; ///< times are of a batch, all else is of an image
    std::uint64_t operators = 0;

    stats::Distribution latency_ms;
    stats::Distribution cycles;
    Mean total_cycles; ///< over the batches
    double fps = 0.0;
    Mean macs;

    std::uint64_t macs_per_cycle = 0;
    std::uint64_t macs_per_dsp = 1;
    std::uint64_t dsps = 0;
    double utilization = 0.0;
    channel::CauseCycles cycles_by_cause{}; ///< all batches together

    Mean read_bytes;
    Mean write_bytes;
    double bandwidth_gbs = 0.0;
    bool has_ddr = false; ///< the following one holds
    double peak_bandwidth_gbs = 0.0;
    bool has_rows = false; ///< the following ones hold: there is a DDR, and images were simulated
    Mean row_hits;
    Mean row_misses;
    Mean row_conflicts;

    EnergySummary energy;

    std::optional<system::Composition> composition;  ///< none: every image was simulated
    std::vector<QuantityDistribution> distributions; ///< latency, energy, DDR traffic

    std::vector<StageSummary> stages;
    std::vector<GroupSummary> groups; ///< in the order of first appearance, none empty

    /// Array cycles with one cause, per batch.
    [[nodiscard]] Mean cause_cycles(std::size_t cause) const
    {
        return {cycles_by_cause[cause], total_cycles.count};
    }
    [[nodiscard]] double milliseconds(double cycle_count) const
    {
        return cycle_count / (clock_mhz * 1e3);
    }
};

/// \pre the run has at least one image
[[nodiscard]] Summary summarize(const system::RunSetup& setup, const system::RunResult& run);

/// What the simulation cost the machine it ran on: differs from run to run.
struct HostCost {
    std::uint64_t cycles = 0;
    double cpu_seconds = 0.0;
    double wall_seconds = 0.0;
    std::uint64_t peak_memory_bytes = 0;
    std::optional<std::uint64_t> stored_simulations; ///< of a composed run
    [[nodiscard]] double cycles_per_second() const
    {
        return cpu_seconds > 0.0 ? static_cast<double>(cycles) / cpu_seconds : 0.0;
    }
};
/// Of this process so far and its workers; memory is that of the largest of them.
[[nodiscard]] HostCost host_cost(const system::RunResult& run);

/// Keys as in `summary_fields()`. \param baseline null: none
[[nodiscard]] nlohmann::ordered_json summary_json(const Summary& summary, const Summary* baseline);
[[nodiscard]] nlohmann::ordered_json host_json(const HostCost& host);
[[nodiscard]] nlohmann::ordered_json statistics_json(const system::RunResult& run);

/// Shape of `heatsim gemm`.
struct GemmShape {
    std::uint64_t m = 0;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t heads = 1;
};
/// \pre `run` is of one GEMM
[[nodiscard]] nlohmann::ordered_json
gemm_json(const Summary& summary, const GemmShape& shape, const system::RunResult& run);

/// Indented, with a line feed at its end. Bytes that are no UTF-8 (of a path) are replaced.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);

/// Group an operator belongs to, with its meaning.
struct OperatorGroup {
    const char* name;
    const char* meaning;
};
[[nodiscard]] const std::vector<OperatorGroup>& operator_groups();
[[nodiscard]] const OperatorGroup& group_of(const system::OperatorSummary& op);

} // namespace heatsim::report
