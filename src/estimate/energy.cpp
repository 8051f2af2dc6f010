// SPDX-License-Identifier: Apache-2.0
#include "estimate/energy.hpp"

#include "units/units.hpp"

#include <algorithm>
#include <string>

namespace heatsim::estimate {

namespace {

using hw::ArrayStyle;
using hw::HeadLanes;
using hw::OperatorRecord;
using workload::Operand;
using workload::Operator;
using workload::OperatorKind;

constexpr double picojoules_per_joule = 1e12;
constexpr double luts_per_million = 1e6;
constexpr double halt_additions = 3.0;
constexpr double merge_products = 3.0;
constexpr double table_data_bits = 64.0; ///< width the memories' figures are for

[[nodiscard]] double real(std::uint64_t count)
{
    return static_cast<double>(count);
}

/// Passes over an extent that is cut into tiles, each covered `width` at a time.
[[nodiscard]] std::uint64_t passes(std::uint64_t extent, std::uint64_t tile, std::uint64_t width)
{
    const auto rest = extent % tile;
    return extent / tile * ceil_div(tile, width) + ceil_div(rest, width);
}

/// The memory's figures for a channel of its width; nothing for a standard the table does not have.
[[nodiscard]] MemoryEnergy memory_energy(const EnergyTable& table, const EnergyDesign& design)
{
    MemoryEnergy none;
    if (!design.has_ddr)
        return none;
    const auto& name = design.memory.name;
    const auto standard = name.substr(0, name.find('_'));
    const auto found =
        std::find_if(table.memories.begin(), table.memories.end(),
                     [&standard](const auto& memory) { return memory.standard == standard; });
    if (found == table.memories.end())
        return none;
    auto scaled = *found;
    const double width = real(design.memory.data_width_bits) / table_data_bits;
    scaled.activate_pj.value *= width;
    scaled.refresh_pj.value *= width;
    scaled.standby_w.value *= width * real(design.memory.channels);
    return scaled;
}

[[nodiscard]] double mac_pj(const EnergyTable& table, const EnergyDesign& design)
{
    const auto& settings = design.settings;
    if (settings.activation_bytes > 1 || settings.weight_bytes > 1)
        return table.mac_int16_pj.value;
    return design.macs_per_dsp > 1 ? table.mac_int8_packed_pj.value : table.mac_int8_pj.value;
}

} // namespace

ArrayWords array_words(const Operator& op,
                       const hw::ControllerSettings& settings,
                       const hw::GemmArrayConfig& array)
{
    if (op.macs() == 0)
        return {};
    const auto tiles = hw::tiling(op, settings);
    // lanes that share the operand's dimension widen a pass over it
    const auto lanes = [&](HeadLanes of) {
        return op.batch == 1 && array.dense_lanes == of ? array.heads : 1;
    };
    const auto column_passes = passes(
        op.n, tiles.tile_n, array.spatial_output_channels() * lanes(HeadLanes::OutputChannels));
    const bool outputs_stay = array.style == ArrayStyle::BroadcastOuterProduct ||
                              array.style == ArrayStyle::SystolicOutputStationary;
    const auto row_passes = outputs_stay
                                ? passes(op.m, tiles.tile_m, array.rows * lanes(HeadLanes::Tokens))
                                : ceil_div(op.m, tiles.tile_m);
    const auto depth_passes =
        outputs_stay ? ceil_div(op.k, tiles.tile_k)
                     : passes(op.k, tiles.tile_k,
                              array.spatial_input_channels() * lanes(HeadLanes::InputChannels));
    return {op.batch * op.m * op.k * column_passes, op.batch * op.k * op.n * row_passes,
            op.batch * op.m * op.n * depth_passes};
}

BufferTraffic buffer_traffic(const Operator& op,
                             const hw::ControllerSettings& settings,
                             const hw::GemmArrayConfig& array)
{
    BufferTraffic traffic;
    if (op.macs() == 0)
        return traffic;
    constexpr std::uint64_t sum_bytes = 4;
    const auto words = array_words(op, settings, array);
    traffic.input_bytes = words.inputs * settings.activation_bytes;
    traffic.weight_bytes =
        words.weights * (op.static_weights ? settings.weight_bytes : settings.activation_bytes);
    traffic.accumulator_bytes = 2 * words.sums * sum_bytes;
    traffic.output_bytes = 2 * op.rows() * op.n * settings.activation_bytes;
    return traffic;
}

EnergyModel::EnergyModel(const EnergyTable& table, const EnergyDesign& design)
    : table_{table}
    , design_{design}
    , memory_{memory_energy(table, design)}
    , mac_pj_{mac_pj(table, design)}
{
    const double dsps = real(design.dsps);
    logic_cycle_pj_ = dsps * (table.luts_per_dsp.value * table.lut_cycle_pj.value +
                              table.flip_flops_per_dsp.value * table.flip_flop_cycle_pj.value) +
                      table.clock_tree_cycle_pj.value;
    static_w_ =
        table.static_w_per_million_luts.value * real(design.device_luts) / luts_per_million +
        (design.processing_system ? table.processing_system_w.value : 0.0) +
        memory_.standby_w.value;
}

std::vector<Energy> EnergyModel::operators(const workload::Workload& workload,
                                           const std::vector<OperatorRecord>& records,
                                           const MemoryCommands& commands) const
{
    std::uint64_t bytes = 0;
    std::uint64_t cycles = 0;
    for (const auto& record : records) {
        bytes += record.cost.input_bytes + record.cost.weight_bytes + record.cost.output_bytes;
        cycles += record.cost.cycles();
    }
    const auto share = [](double whole, std::uint64_t count) {
        return count > 0 ? whole / real(count) : 0.0;
    };
    const double activates_per_byte =
        share(real(commands.activates) * memory_.activate_pj.value, bytes);
    const double refreshes_per_cycle =
        share(real(commands.refreshes) * memory_.refresh_pj.value, cycles);

    std::vector<Energy> energies;
    energies.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& cost = records[i].cost;
        auto energy = own(workload.operators[i], records[i]);
        energy.add(EnergyPart::Memory,
                   activates_per_byte *
                           real(cost.input_bytes + cost.weight_bytes + cost.output_bytes) +
                       refreshes_per_cycle * real(cost.cycles()));
        energies.push_back(energy);
    }
    return energies;
}

Energy EnergyModel::over_time(std::uint64_t cycles) const
{
    Energy energy;
    const double seconds = real(cycles) / (design_.clock_mhz * 1e6);
    energy.add(EnergyPart::Static, static_w_ * seconds * picojoules_per_joule);
    return energy;
}

Energy EnergyModel::own(const Operator& op, const OperatorRecord& record) const
{
    Energy energy;
    const auto& cost = record.cost;
    const double read = real(cost.input_bytes + cost.weight_bytes);
    const double written = real(cost.output_bytes);
    energy.add(EnergyPart::Memory,
               read * (memory_.read_byte_pj.value + memory_.interface_byte_pj.value) +
                   written * (memory_.write_byte_pj.value + memory_.interface_byte_pj.value));
    energy.add(EnergyPart::Logic, real(cost.cycles()) * logic_cycle_pj_);
    const bool on_host = record.unit == channel::Worker::Host;
    if (!on_host) // loads fill buffers, stores empty them
        energy.add(EnergyPart::Buffers, (read + written) * table_.buffer_byte_pj.value);
    if (workload::is_gemm(op.kind))
        add_gemm(energy, op);
    else
        add_rows(energy, op, record);
    return energy;
}

void EnergyModel::add_gemm(Energy& energy, const Operator& op) const
{
    energy.add(EnergyPart::GemmArray, real(op.macs()) * mac_pj_);
    energy.add(EnergyPart::Buffers,
               real(buffer_traffic(op, design_.settings, design_.array).sum()) *
                   table_.buffer_byte_pj.value);
    energy.add(EnergyPart::VectorUnit, real(op.batch * op.m * op.n) * table_.requantize_pj.value);
}

double EnergyModel::vector_pj(OperatorKind kind) const
{
    switch (kind) {
    case OperatorKind::Softmax:
        return table_.softmax_pj.value;
    case OperatorKind::Gelu:
        return table_.gelu_pj.value;
    case OperatorKind::LayerNorm:
    case OperatorKind::Normalize:
        return table_.layer_norm_pj.value;
    case OperatorKind::Sigmoid:
        return table_.sigmoid_pj.value;
    default:
        return table_.add_pj.value;
    }
}

void EnergyModel::add_rows(Energy& energy, const Operator& op, const OperatorRecord& record) const
{
    const double rows = real(op.rows());
    const double elements = rows * real(std::max(op.n, op.k));
    const auto element_bytes = design_.settings.activation_bytes;
    if (record.unit == channel::Worker::Host) {
        energy.add(EnergyPart::Host, rows * real(op.n) *
                                         design_.host.layer_norm_cycles_per_element *
                                         table_.host_cycle_pj.value);
        return;
    }
    // a fused operator takes its rows from the pipeline and only its second operand from a buffer
    const bool fused = record.fused_into != Operand::none;
    const auto second =
        op.b.used() ? (op.b_columns > 0 ? op.rows() * op.b_columns : op.b_elements) : 0;
    const auto results = (op.output_rows > 0 ? op.output_rows : op.rows()) * op.n;
    const auto moved = second + (fused ? 0 : op.rows() * op.k + results);
    energy.add(EnergyPart::Buffers, real(moved * element_bytes) * table_.buffer_byte_pj.value);
    switch (op.kind) {
    case OperatorKind::Score: // t·a of each head, then one division per token
        energy.add(EnergyPart::TokenSelector,
                   rows * (real(op.k) / 2.0 * table_.mac_int8_pj.value + table_.division_pj.value));
        break;
    case OperatorKind::Package: // weighted sum over the pruned tokens, then one division per
                                // channel
        if (op.rows() > 0)
            energy.add(EnergyPart::TokenSelector,
                       elements * table_.mac_int8_pj.value + real(op.n) * table_.division_pj.value);
        break;
    case OperatorKind::Compact:
    case OperatorKind::Append:
        energy.add(EnergyPart::TokenSelector, elements * table_.add_pj.value);
        break;
    case OperatorKind::TopK: // a comparison is a subtraction: each score with every score
        energy.add(EnergyPart::TokenSelector, rows * real(op.k) * real(op.k) * table_.add_pj.value);
        break;
    case OperatorKind::Match:
        energy.add(EnergyPart::TokenSelector, elements * table_.add_pj.value);
        break;
    case OperatorKind::Halt: // sum, remainder, comparison
        energy.add(EnergyPart::TokenSelector, rows * halt_additions * table_.add_pj.value);
        break;
    case OperatorKind::Fuse:
        energy.add(EnergyPart::TokenSelector, elements * table_.mac_int8_pj.value);
        break;
    case OperatorKind::Merge: // both tokens times their sizes, times the pair's one reciprocal
        energy.add(EnergyPart::TokenSelector, elements * merge_products * table_.mac_int8_pj.value +
                                                  rows * table_.division_pj.value);
        break;
    default:
        energy.add(EnergyPart::VectorUnit, elements * vector_pj(op.kind));
        break;
    }
}

} // namespace heatsim::estimate
