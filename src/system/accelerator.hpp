// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"
#include "hw/controller/controller_config.hpp"
#include "hw/ddr/ddr_config.hpp"
#include "hw/dma/dma_config.hpp"
#include "hw/gemm_array/gemm_array_config.hpp"
#include "hw/host/host_config.hpp"
#include "hw/throttled_memory/throttled_memory_config.hpp"
#include "hw/token_selector/token_selector_config.hpp"
#include "hw/vector_unit/vector_unit_config.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace heatsim::system {

/// DSP slice of a device family; decides how many int8 MACs fit in one slice.
enum class DspSlice : std::uint8_t {
    Dsp48e1, ///< 7 series, 25 × 18: one MAC
    Dsp48e2, ///< UltraScale(+), 27 × 18: two int8 MACs that share an operand (Xilinx WP486)
};
inline constexpr std::array<config::EnumName<DspSlice>, 2> dsp_slice_names{{
    {DspSlice::Dsp48e1, "dsp48e1"},
    {DspSlice::Dsp48e2, "dsp48e2"},
}};

/// An FPGA board: what the device has, and the memory beside it.
struct Board {
    std::string name;
    std::string description;
    std::string device;
    DspSlice dsp_slice = DspSlice::Dsp48e2;
    bool processing_system = false; ///< CPU cores on the device
    config::Sourced<std::uint64_t> luts;
    config::Sourced<std::uint64_t> flip_flops;
    config::Sourced<std::uint64_t> dsps;
    config::Sourced<std::uint64_t> bram36;
    config::Sourced<std::uint64_t> urams;
    std::string memory;        ///< name of a file in configs/memories
    std::string memory_source; ///< where the memory was read
};

enum class MemoryModel : std::uint8_t {
    Board,     ///< the board's DDR behind AXI ports
    Throttled, ///< a latency and a bandwidth behind AXI ports
    Ideal,     ///< every transfer takes no time; bytes are still counted
};
inline constexpr std::array<config::EnumName<MemoryModel>, 3> memory_model_names{{
    {MemoryModel::Board, "board"},
    {MemoryModel::Throttled, "throttled"},
    {MemoryModel::Ideal, "ideal"},
}};

enum class LayerNormPlace : std::uint8_t { Host, Fabric };
inline constexpr std::array<config::EnumName<LayerNormPlace>, 2> layer_norm_place_names{{
    {LayerNormPlace::Host, "host"},
    {LayerNormPlace::Fabric, "fabric"},
}};

/// One accelerator design. Board and memory are read from files of their own.
struct Accelerator {
    std::string name;
    std::string description;
    std::string source;
    std::string board;
    std::string energy; ///< name of a file in configs/energy; empty: that of the device family
    double clock_mhz = 150.0;
    std::uint64_t activation_bits = 8;
    std::uint64_t weight_bits = 8;
    MemoryModel memory = MemoryModel::Board;
    hw::ThrottledMemoryConfig throttled_memory;
    LayerNormPlace layer_norm = LayerNormPlace::Host;
    hw::GemmArrayConfig array;
    hw::TileConfig tile;
    hw::BuffersConfig buffers;
    hw::ControllerConfig controller;
    hw::DmaConfig dma;
    hw::VectorUnitConfig vector_unit;
    hw::TokenSelectorConfig token_selector;
    hw::HostConfig host;

    [[nodiscard]] std::uint64_t activation_bytes() const { return activation_bits / 8; }
    [[nodiscard]] std::uint64_t weight_bytes() const { return weight_bits / 8; }
    /// Whether there are banks behind the ports.
    [[nodiscard]] bool has_ddr() const
    {
        return memory == MemoryModel::Board && dma.engine == hw::DmaEngine::Axi;
    }
};

/// The energy table that is used where none is named.
[[nodiscard]] const char* default_energy_table(const Board& board);

void describe(config::Visitor& visitor, Board& board);
void describe(config::Visitor& visitor, Accelerator& accelerator);

/// MACs one DSP slice does per cycle: two where both operands are 8 bit and the slice packs them.
[[nodiscard]] std::uint64_t macs_per_dsp(const Accelerator& accelerator, const Board& board);

} // namespace heatsim::system
