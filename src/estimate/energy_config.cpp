// SPDX-License-Identifier: Apache-2.0
#include "estimate/energy_config.hpp"

namespace heatsim::estimate {

using config::Presence;

void describe(config::Visitor& visitor, MemoryEnergy& memory)
{
    constexpr config::Reals picojoules{0.0, 1e9};
    visitor.text("standard", memory.standard,
                 "first part of the names of the memories it is for, e.g. ddr4",
                 Presence::Required);
    visitor.sourced("activate_pj", memory.activate_pj, picojoules,
                    "activate and precharge of one row, for 64 data bits");
    visitor.sourced("read_byte_pj", memory.read_byte_pj, picojoules, "a byte read in the DRAM");
    visitor.sourced("write_byte_pj", memory.write_byte_pj, picojoules,
                    "a byte written in the DRAM");
    visitor.sourced("interface_byte_pj", memory.interface_byte_pj, picojoules,
                    "a byte over pins, PHY and controller");
    visitor.sourced("refresh_pj", memory.refresh_pj, picojoules,
                    "one all-bank refresh of one rank, for 64 data bits");
    visitor.sourced("standby_w", memory.standby_w, {0.0, 1000.0},
                    "one channel with a row open and no access, for 64 data bits");
}

void describe(config::Visitor& visitor, EnergyTable& table)
{
    constexpr config::Reals picojoules{0.0, 1e6};
    constexpr config::Reals ratio{0.0, 1e4};
    constexpr config::Reals watts{0.0, 1e3};
    visitor.text("name", table.name, "name of the table", Presence::Required);
    visitor.text("description", table.description, "what it is for, in one line");
    visitor.text("source", table.source, "where its figures come from, taken together");
    visitor.real("uncertainty_percent", table.uncertainty_percent, {0.0, 1000.0},
                 "how far off an estimate with this table may be");
    visitor.sourced("mac_int8_packed_pj", table.mac_int8_packed_pj, picojoules,
                    "one 8-bit MAC where two share a DSP slice");
    visitor.sourced("mac_int8_pj", table.mac_int8_pj, picojoules,
                    "one 8-bit MAC on a DSP slice of its own");
    visitor.sourced("mac_int16_pj", table.mac_int16_pj, picojoules,
                    "one 16-bit MAC on a DSP slice of its own");
    visitor.sourced("buffer_byte_pj", table.buffer_byte_pj, picojoules,
                    "a byte read or written in an on-chip buffer");
    visitor.sourced("requantize_pj", table.requantize_pj, picojoules,
                    "one accumulator to one activation");
    visitor.sourced("gelu_pj", table.gelu_pj, picojoules, "GELU of one element");
    visitor.sourced("softmax_pj", table.softmax_pj, picojoules, "softmax of one element");
    visitor.sourced("layer_norm_pj", table.layer_norm_pj, picojoules,
                    "LayerNorm of one element on the fabric");
    visitor.sourced("sigmoid_pj", table.sigmoid_pj, picojoules, "sigmoid of one element");
    visitor.sourced("add_pj", table.add_pj, picojoules,
                    "sum of two elements; also ReLU, means and copies");
    visitor.sourced("division_pj", table.division_pj, picojoules,
                    "one division of the token selector");
    visitor.sourced("host_cycle_pj", table.host_cycle_pj, picojoules,
                    "one clock cycle of one CPU core at work");
    visitor.sourced("lut_cycle_pj", table.lut_cycle_pj, picojoules,
                    "one LUT with its wires in one fabric cycle");
    visitor.sourced("flip_flop_cycle_pj", table.flip_flop_cycle_pj, picojoules,
                    "one flip-flop in one fabric cycle");
    visitor.sourced("clock_tree_cycle_pj", table.clock_tree_cycle_pj, picojoules,
                    "the clock tree in one fabric cycle");
    visitor.sourced("luts_per_dsp", table.luts_per_dsp, ratio,
                    "LUTs of a whole design per DSP slice of its array");
    visitor.sourced("flip_flops_per_dsp", table.flip_flops_per_dsp, ratio,
                    "flip-flops of a whole design per DSP slice of its array");
    visitor.sourced("static_w_per_million_luts", table.static_w_per_million_luts, watts,
                    "static power of the device per million LUTs it has");
    visitor.sourced("processing_system_w", table.processing_system_w, watts,
                    "processing system of the boards that have one");
    visitor.list("memories", table.memories, "external memories by standard");
}

} // namespace heatsim::estimate
