// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/dma_config.hpp"

#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

void describe(config::Visitor& visitor, DmaPortConfig& config)
{
    using config::Presence;
    visitor.text("name", config.name, "name of the AXI port", Presence::Required);
    visitor.integer("width_bits", config.width_bits, {8, 1024}, "data width of the port",
                    Presence::Required);
    visitor.real("clock_mhz", config.clock_mhz, {0.0, 10000.0},
                 "clock of the port; 0: the accelerator's");
    visitor.text("controller_port", config.controller_port,
                 "port of the memory controller; AXI ports that name the same share it, without a "
                 "name each has its own");
    visitor.boolean("input", config.input, "carries input tiles");
    visitor.boolean("weight", config.weight, "carries weight tiles");
    visitor.boolean("output", config.output, "carries output tiles");
    visitor.check(is_power_of_two(config.width_bits), "width_bits", "a power of two");
}

void describe(config::Visitor& visitor, WordSerialConfig& config)
{
    constexpr config::Integers cycles{0, 100000};
    visitor.integer("word_bytes", config.word_bytes, {1, 128}, "bytes of one memory word");
    visitor.integer("read_request_cycles", config.read_request_cycles, cycles,
                    "set-up of one row of a tile load");
    visitor.integer("read_word_cycles", config.read_word_cycles, cycles,
                    "each word of a tile load");
    visitor.integer("write_request_cycles", config.write_request_cycles, cycles,
                    "set-up of one row of a tile store");
    visitor.integer("write_word_cycles", config.write_word_cycles, cycles,
                    "each word of a tile store");
    visitor.integer("phase_cycles", config.phase_cycles, cycles,
                    "state change behind each load, each stored lane and each stored tile");
    visitor.integer("stream_read_request_cycles", config.stream_read_request_cycles, cycles,
                    "set-up of one row read by an operator outside the array");
    visitor.integer("stream_read_word_cycles", config.stream_read_word_cycles, cycles,
                    "each word of such a read");
    visitor.integer("stream_write_request_cycles", config.stream_write_request_cycles, cycles,
                    "set-up of one row written by an operator outside the array");
    visitor.integer("stream_write_word_cycles", config.stream_write_word_cycles, cycles,
                    "each word of such a write");
    visitor.check(is_power_of_two(config.word_bytes), "word_bytes", "a power of two");
}

void describe(config::Visitor& visitor, DmaConfig& config)
{
    visitor.choice("engine", config.engine, dma_engine_names, "how tiles are moved");
    if (config.engine == DmaEngine::WordSerial) {
        visitor.section("word_serial", config.word_serial, "costs of the word-serial loader",
                        config::Presence::Required);
        return;
    }
    visitor.list("ports", config.ports, "AXI ports, each with its DMA engine",
                 config::Presence::Required);
    visitor.integer("burst_beats", config.burst_beats, {1, 256}, "longest AXI burst in beats");
    visitor.integer("outstanding_reads", config.outstanding_reads, {1, 256},
                    "read bursts in flight per port");
    visitor.integer("outstanding_writes", config.outstanding_writes, {1, 256},
                    "write bursts in flight per port");
    visitor.integer("descriptor_cycles", config.descriptor_cycles, {0, 100000},
                    "descriptor accepted to first address on the bus");
    const auto carried_once = [&config](bool DmaPortConfig::*role) {
        return std::count_if(config.ports.begin(), config.ports.end(),
                             [role](const DmaPortConfig& port) { return port.*role; }) == 1;
    };
    visitor.check(carried_once(&DmaPortConfig::input), "ports",
                  "exactly one port with `input: true`");
    visitor.check(carried_once(&DmaPortConfig::weight), "ports",
                  "exactly one port with `weight: true`");
    visitor.check(carried_once(&DmaPortConfig::output), "ports",
                  "exactly one port with `output: true`");
}

} // namespace heatsim::hw
