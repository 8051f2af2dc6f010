// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy_config.hpp"
#include "hw/controller/controller.hpp"
#include "hw/ddr/ddr_config.hpp"
#include "hw/gemm_array/gemm_array_config.hpp"
#include "hw/host/host_config.hpp"
#include "workload/operators.hpp"

#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

namespace heatsim::estimate {

/// What takes the energy.
enum class EnergyPart : std::uint8_t {
    GemmArray,
    Buffers,
    VectorUnit,
    TokenSelector,
    Host,
    Memory, ///< external memory and the way to it
    Logic,  ///< everything of the fabric that is clocked whether it works or not
    Static, ///< device, processing system, memory's standby
};
inline constexpr std::size_t energy_parts = 8;
inline constexpr std::array<config::EnumName<EnergyPart>, energy_parts> energy_part_names{{
    {EnergyPart::GemmArray, "gemm_array"},
    {EnergyPart::Buffers, "buffers"},
    {EnergyPart::VectorUnit, "vector_unit"},
    {EnergyPart::TokenSelector, "token_selector"},
    {EnergyPart::Host, "host"},
    {EnergyPart::Memory, "memory"},
    {EnergyPart::Logic, "logic"},
    {EnergyPart::Static, "static"},
}};

/// Energy by part, pJ.
class Energy {
  public:
    void add(EnergyPart part, double picojoules)
    {
        picojoules_[static_cast<std::size_t>(part)] += picojoules;
    }
    Energy& operator+=(const Energy& other)
    {
        for (std::size_t i = 0; i < energy_parts; ++i)
            picojoules_[i] += other.picojoules_[i];
        return *this;
    }
    [[nodiscard]] Energy divided_by(double divisor) const
    {
        auto energy = *this;
        for (auto& part : energy.picojoules_)
            part /= divisor;
        return energy;
    }
    [[nodiscard]] double picojoules(EnergyPart part) const
    {
        return picojoules_[static_cast<std::size_t>(part)];
    }
    [[nodiscard]] double picojoules() const
    {
        return std::accumulate(picojoules_.begin(), picojoules_.end(), 0.0);
    }

  private:
    std::array<double, energy_parts> picojoules_{};
};

/// What the energy depends on, table aside. Filled by the topology.
struct EnergyDesign {
    hw::ControllerSettings settings;
    hw::GemmArrayConfig array;
    hw::HostConfig host;
    std::uint64_t dsps = 0;         ///< of the array
    std::uint64_t macs_per_dsp = 1; ///< 2: 8-bit MACs packed in pairs
    double clock_mhz = 0.0;
    std::uint64_t device_luts = 0;
    bool processing_system = false;
    bool has_ddr = false;
    hw::DdrConfig memory; ///< where there is one
};

/// Commands of the external memory in one image.
struct MemoryCommands {
    std::uint64_t activates = 0;
    std::uint64_t refreshes = 0;
};

/// Energy of one image from what the simulation counted: an estimate, as far off as the table says.
///
/// Every figure is a product of a count and an entry of the table. Counts are closed forms of each
/// operator's shape, tiles and passes (nothing is counted while the image runs), bytes over the
/// ports, commands of the memory and cycles. Activates are shared out over the operators by the
/// bytes they move, refreshes by their cycles: the memory does not know for whom it works.
class EnergyModel {
  public:
    EnergyModel(const EnergyTable& table, const EnergyDesign& design);

    /// Of each operator; the part `Static` is 0.
    [[nodiscard]] std::vector<Energy> operators(const workload::Workload& workload,
                                                const std::vector<hw::OperatorRecord>& records,
                                                const MemoryCommands& commands) const;
    /// Of the time that passes: the part `Static`.
    [[nodiscard]] Energy over_time(std::uint64_t cycles) const;
    [[nodiscard]] double static_w() const noexcept { return static_w_; }

  private:
    [[nodiscard]] Energy own(const workload::Operator& op, const hw::OperatorRecord& record) const;
    void add_gemm(Energy& energy, const workload::Operator& op) const;
    void
    add_rows(Energy& energy, const workload::Operator& op, const hw::OperatorRecord& record) const;
    [[nodiscard]] double vector_pj(workload::OperatorKind kind) const;

    const EnergyTable table_;
    const EnergyDesign design_;
    MemoryEnergy memory_; ///< of the design's memory, its width counted; all 0 without one
    double mac_pj_ = 0.0;
    double logic_cycle_pj_ = 0.0;
    double static_w_ = 0.0;
};

/// Words that the array reads and writes in its buffers for one GEMM.
struct ArrayWords {
    std::uint64_t inputs = 0;  ///< operands read
    std::uint64_t weights = 0; ///< operands read: weights, or K and V
    std::uint64_t sums = 0;    ///< partial sums and sums written into the accumulators
};
/// Operands are read again for each pass over the array that needs them, see docs/energy.md.
/// \pre op is a GEMM
[[nodiscard]] ArrayWords array_words(const workload::Operator& op,
                                     const hw::ControllerSettings& settings,
                                     const hw::GemmArrayConfig& array);

/// Bytes a GEMM reads and writes in the buffers between loads and stores.
struct BufferTraffic {
    std::uint64_t input_bytes = 0;       ///< operands of the array
    std::uint64_t weight_bytes = 0;      ///< operands of the array
    std::uint64_t accumulator_bytes = 0; ///< partial sums, read and written
    std::uint64_t output_bytes = 0;      ///< results, written and read once
    [[nodiscard]] std::uint64_t sum() const
    {
        return input_bytes + weight_bytes + accumulator_bytes + output_bytes;
    }
};
/// The bytes of its `array_words`, and of its results. \pre op is a GEMM
[[nodiscard]] BufferTraffic buffer_traffic(const workload::Operator& op,
                                           const hw::ControllerSettings& settings,
                                           const hw::GemmArrayConfig& array);

} // namespace heatsim::estimate
