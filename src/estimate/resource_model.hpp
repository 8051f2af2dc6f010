// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"
#include "estimate/fpga_resources.hpp"
#include "estimate/rtl_block.hpp"

#include <string>
#include <vector>

namespace heatsim::estimate {

/// What one unit of a feature costs.
struct Term {
    std::string feature;
    double luts = 0.0;
    double memory_luts = 0.0;
    double flip_flops = 0.0;

    [[nodiscard]] double of(Quantity quantity) const
    {
        return quantity == Quantity::Luts         ? luts
               : quantity == Quantity::MemoryLuts ? memory_luts
                                                  : flip_flops;
    }
};

/// Closed form of one block.
struct BlockModel {
    std::string block; ///< as rtl_blocks() calls it
    std::vector<Term> terms;
};

/// What whole published designs take per DSP slice, everything in them included.
struct WholeDesigns {
    double luts_per_dsp_low = 0.0;
    double luts_per_dsp = 0.0;
    double luts_per_dsp_high = 0.0;
    double flip_flops_per_dsp_low = 0.0;
    double flip_flops_per_dsp = 0.0;
    double flip_flops_per_dsp_high = 0.0;
    std::string source;
};

/// Coefficients of all blocks: a file of configs/resources.
struct ResourceModel {
    std::string name;
    std::string description;
    std::string source; ///< tool, data set, how they were fitted
    std::string rtl_style;
    double lut_error_percent = 0.0; ///< worst of a block on parameters not used in the fit
    double flip_flop_error_percent = 0.0;
    double vivado_lut_error_percent = 0.0; ///< typical, of the tool against Vivado
    std::vector<BlockModel> blocks;
    WholeDesigns whole_designs;

    /// Null: there is none.
    [[nodiscard]] const BlockModel* find(const std::string& block) const;
};

void describe(config::Visitor& visitor, Term& term);
void describe(config::Visitor& visitor, BlockModel& block);
void describe(config::Visitor& visitor, WholeDesigns& whole);
void describe(config::Visitor& visitor, ResourceModel& model);

/// Everything that `block` takes with `parameters` (others as in the RTL).
/// \throws std::out_of_range: the model lacks the block or one of its features
[[nodiscard]] FpgaResources
estimate_block(const ResourceModel& model, const RtlBlock& block, const Parameters& parameters);

} // namespace heatsim::estimate
