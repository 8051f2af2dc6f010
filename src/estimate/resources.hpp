// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/resource_model.hpp"
#include "hw/controller/controller_config.hpp"
#include "hw/dma/dma_config.hpp"
#include "hw/gemm_array/gemm_array_config.hpp"
#include "hw/token_selector/token_selector_config.hpp"
#include "hw/vector_unit/vector_unit_config.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::estimate {

/// What of a design decides its resources.
struct ChipShape {
    hw::GemmArrayConfig array;
    hw::TileConfig tile;
    hw::BuffersConfig buffers;
    hw::DmaConfig dma;
    hw::VectorUnitConfig vector_unit;
    hw::TokenSelectorConfig token_selector;
    std::uint64_t activation_bits = 8;
    std::uint64_t weight_bits = 8;
    std::uint64_t macs_per_dsp = 2;
    std::uint64_t softmax_columns = 256; ///< longest row of a softmax engine
    std::uint64_t urams = 0;             ///< of the device; large buffers go there first
    bool layer_norm_on_fabric = false;
    bool ideal_memory = false; ///< no buffers that could be built
    bool token_selection = true;
    /// What the schedule's selectors need beside thresholds.
    bool ranks_scores = false;   ///< top_k
    bool matches_tokens = false; ///< key_similarity
    bool halts_tokens = false;   ///< halting
};

/// Where the figures of a block come from.
enum class Basis : std::uint8_t {
    Rtl,          ///< closed form of our RTL, validated against yosys
    Extrapolated, ///< the same closed form of what the RTL lacks: wider operands, shared memories
    Counted,      ///< LUTs and registers of its structure added up by hand, not synthesized
    Prototype,    ///< measured with yosys on a prototype of that structure, not validated here
};
inline constexpr std::array<config::EnumName<Basis>, 4> basis_names{{
    {Basis::Rtl, "rtl"},
    {Basis::Extrapolated, "extrapolated"},
    {Basis::Counted, "counted"},
    {Basis::Prototype, "prototype"},
}};

/// One row of the table.
struct ChipBlock {
    std::string name;
    Basis basis = Basis::Rtl;
    std::string parts; ///< what it is made of, e.g. `3 x read_mover`
    FpgaResources resources;
};

struct ChipResources {
    std::vector<ChipBlock> blocks; ///< in the order of the data's way; none is empty
    FpgaResources total;
};

/// What the chip takes, block by block. The clock is not part of it: whether a design meets timing
/// is not known before place and route. \throws std::out_of_range: the model lacks a block
[[nodiscard]] ChipResources estimate_chip(const ChipShape& shape, const ResourceModel& model);

} // namespace heatsim::estimate
