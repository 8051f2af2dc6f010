// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/fpga_resources.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heatsim::estimate {

/// Parameters of a module of rtl/ by their names there.
using Parameters = std::map<std::string, std::uint64_t>;

/// What is linear in the features of a block.
enum class Quantity : std::uint8_t { Luts, MemoryLuts, FlipFlops };
inline constexpr std::array<Quantity, 3> quantities{Quantity::Luts, Quantity::MemoryLuts,
                                                    Quantity::FlipFlops};

/// One count that the structure of a module gives, e.g. bits of its adders.
struct Feature {
    const char* name = "";
    double value = 0.0;
    bool luts = true; ///< whether the quantity depends on it
    bool flip_flops = true;
    bool memory_luts = false;

    [[nodiscard]] bool matters_to(Quantity quantity) const
    {
        return quantity == Quantity::Luts         ? luts
               : quantity == Quantity::MemoryLuts ? memory_luts
                                                  : flip_flops;
    }
};

/// One module of rtl/ in one style: what follows from its parameters alone.
struct RtlBlock {
    const char* name;    ///< of the block; one for each style of a module, e.g. `gemm_array_packed`
    const char* module;  ///< its top module, a file of rtl/
    const char* meaning; ///< what the block is
    Parameters defaults; ///< all parameters that it depends on, as the RTL has them
    /// DSP slices and block RAMs; LUTs and flip-flops stay 0.
    FpgaResources (*structure)(const Parameters& parameters);
    /// Always the same names in the same order.
    std::vector<Feature> (*features)(const Parameters& parameters);
    const char* settings = ""; ///< of parameters that are no numbers, as yosys' chparam takes them
    const char* options = "";  ///< of synth_xilinx, e.g. `-uram`
};

/// Every block that `heatsim resources` puts chips together from.
[[nodiscard]] const std::vector<RtlBlock>& rtl_blocks();
/// Null: there is none.
[[nodiscard]] const RtlBlock* find_rtl_block(const std::string& name);
/// The block's defaults with `parameters` put in.
[[nodiscard]] Parameters completed(const RtlBlock& block, const Parameters& parameters);

/// `HEADS=1 INPUT_CHANNELS=8`, in the order of the names.
[[nodiscard]] std::string parameters_text(const Parameters& parameters);

} // namespace heatsim::estimate
