// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <string>
#include <vector>

namespace heatsim::estimate {

/// What one kind of external memory costs. Figures of activate, refresh and standby are for 64 data
/// bits and scale with the width of a channel.
struct MemoryEnergy {
    std::string standard; ///< first part of the memory's name: `ddr4` of `ddr4_2400_x64`
    config::Sourced<double> activate_pj;       ///< activate and precharge of one row
    config::Sourced<double> read_byte_pj;      ///< in the DRAM
    config::Sourced<double> write_byte_pj;     ///< in the DRAM
    config::Sourced<double> interface_byte_pj; ///< pins, PHY and controller, both directions
    config::Sourced<double> refresh_pj;        ///< one all-bank refresh of one rank
    config::Sourced<double> standby_w;         ///< one channel with a row open
};

/// Energy of each counted event, and power without any. `configs/energy/*.yaml`.
struct EnergyTable {
    std::string name;
    std::string description;
    std::string source;
    double uncertainty_percent = 40.0; ///< of everything computed with the table

    config::Sourced<double> mac_int8_packed_pj; ///< two MACs share a DSP slice
    config::Sourced<double> mac_int8_pj;        ///< one MAC per DSP slice
    config::Sourced<double> mac_int16_pj;       ///< one MAC per DSP slice
    config::Sourced<double> buffer_byte_pj;     ///< read or written in an on-chip buffer
    config::Sourced<double> requantize_pj;      ///< the following ones: one element
    config::Sourced<double> gelu_pj;
    config::Sourced<double> softmax_pj;
    config::Sourced<double> layer_norm_pj;
    config::Sourced<double> sigmoid_pj;
    config::Sourced<double> add_pj; ///< also ReLU, means, copies
    config::Sourced<double> division_pj;
    config::Sourced<double> host_cycle_pj; ///< one clock cycle of one CPU core at work

    config::Sourced<double> lut_cycle_pj; ///< one LUT with its wires, one fabric cycle
    config::Sourced<double> flip_flop_cycle_pj;
    config::Sourced<double> clock_tree_cycle_pj;
    config::Sourced<double> luts_per_dsp;       ///< of a whole design
    config::Sourced<double> flip_flops_per_dsp; ///< of a whole design

    config::Sourced<double> static_w_per_million_luts; ///< leakage, by the device's LUTs
    config::Sourced<double> processing_system_w;       ///< on boards that have one
    std::vector<MemoryEnergy> memories;
};

void describe(config::Visitor& visitor, MemoryEnergy& memory);
void describe(config::Visitor& visitor, EnergyTable& table);

} // namespace heatsim::estimate
