// SPDX-License-Identifier: Apache-2.0
#include "system/accelerator.hpp"

namespace heatsim::system {

using config::Presence;

void describe(config::Visitor& visitor, Board& board)
{
    constexpr config::Integers count{0, 100000000};
    visitor.text("name", board.name, "name of the board", Presence::Required);
    visitor.text("description", board.description, "what the board is, in one line");
    visitor.text("device", board.device, "FPGA device", Presence::Required);
    visitor.choice("dsp_slice", board.dsp_slice, dsp_slice_names, "DSP slice of the device family",
                   Presence::Required);
    visitor.boolean("processing_system", board.processing_system,
                    "whether CPU cores are on the device (power only)");
    visitor.sourced("luts", board.luts, count, "look-up tables of the device");
    visitor.sourced("flip_flops", board.flip_flops, count, "flip-flops of the device");
    visitor.sourced("dsps", board.dsps, count, "DSP slices of the device");
    visitor.sourced("bram36", board.bram36, count, "36-Kbit block RAMs of the device");
    visitor.sourced("urams", board.urams, count, "288-Kbit UltraRAMs of the device");
    visitor.text("memory", board.memory, "external memory, a name in configs/memories",
                 Presence::Required);
    visitor.text("memory_source", board.memory_source, "where the board's memory was read");
}

void describe(config::Visitor& visitor, Accelerator& accelerator)
{
    visitor.text("name", accelerator.name, "name of the design", Presence::Required);
    visitor.text("description", accelerator.description, "what the design is, in one line");
    visitor.text("source", accelerator.source,
                 "where it was read, and which parameters are assumed");
    visitor.text("board", accelerator.board, "board the design runs on, a name in configs/boards",
                 Presence::Required);
    visitor.text(
        "energy", accelerator.energy,
        "energy table, a name in configs/energy or a file; empty: by the board's dsp_slice");
    visitor.real("clock_mhz", accelerator.clock_mhz, {1.0, 2000.0}, "fabric clock",
                 Presence::Required);
    visitor.integer("activation_bits", accelerator.activation_bits, {8, 16},
                    "width of an activation");
    visitor.integer("weight_bits", accelerator.weight_bits, {8, 16}, "width of a weight");
    visitor.check(accelerator.activation_bits % 8 == 0, "activation_bits", "8 or 16");
    visitor.check(accelerator.weight_bits % 8 == 0, "weight_bits", "8 or 16");
    visitor.choice("memory", accelerator.memory, memory_model_names,
                   "the board's memory, one of a given latency and bandwidth, or transfers "
                   "without time");
    visitor.section("throttled_memory", accelerator.throttled_memory,
                    "the memory where `memory` is throttled");
    visitor.choice("layer_norm", accelerator.layer_norm, layer_norm_place_names,
                   "where LayerNorm runs");
    visitor.section("array", accelerator.array, "GEMM array", Presence::Required);
    visitor.section("tile", accelerator.tile, "largest tile", Presence::Required);
    visitor.section("buffers", accelerator.buffers, "on-chip buffers", Presence::Required);
    visitor.section("controller", accelerator.controller, "controller");
    visitor.section("dma", accelerator.dma, "DMA engines on AXI ports", Presence::Required);
    visitor.section("vector_unit", accelerator.vector_unit, "nonlinear units");
    visitor.section("token_selector", accelerator.token_selector,
                    "control logic of the token selector");
    visitor.section("host", accelerator.host, "CPU cores beside the fabric");

    const auto& array = accelerator.array;
    const auto& tile = accelerator.tile;
    const auto& buffers = accelerator.buffers;
    const std::uint64_t slots = buffers.double_buffered ? 2 : 1;
    const auto fits = [&](const char* key, std::uint64_t capacity, std::uint64_t slot_bytes) {
        visitor.check(capacity >= slots * slot_bytes, key,
                      "at least " + std::to_string(slots * slot_bytes) +
                          " bytes: " + std::to_string(slots) + " tile(s) of " +
                          std::to_string(slot_bytes) + " bytes (see tile)");
    };
    fits("buffers.input_bytes", buffers.input_bytes,
         tile.tokens * tile.input_channels * accelerator.activation_bytes());
    fits("buffers.weight_bytes", buffers.weight_bytes,
         tile.input_channels * tile.output_channels * accelerator.weight_bytes());
    fits("buffers.accumulator_bytes", buffers.accumulator_bytes,
         tile.tokens * tile.output_channels * 4);
    fits("buffers.output_bytes", buffers.output_bytes,
         tile.tokens * tile.output_channels * accelerator.activation_bytes());
    visitor.check(tile.input_channels >= array.heads * array.spatial_input_channels(),
                  "tile.input_channels",
                  "at least what the array takes at once, " +
                      std::to_string(array.heads * array.spatial_input_channels()));
    visitor.check(tile.output_channels >= array.heads * array.spatial_output_channels(),
                  "tile.output_channels",
                  "at least what the array computes at once, " +
                      std::to_string(array.heads * array.spatial_output_channels()));
}

const char* default_energy_table(const Board& board)
{
    return board.dsp_slice == DspSlice::Dsp48e2 ? "ultrascale_plus_16nm" : "series_7_28nm";
}

std::uint64_t macs_per_dsp(const Accelerator& accelerator, const Board& board)
{
    const bool packs = accelerator.activation_bits == 8 && accelerator.weight_bits == 8 &&
                       board.dsp_slice == DspSlice::Dsp48e2;
    return packs ? 2 : 1;
}

} // namespace heatsim::system
