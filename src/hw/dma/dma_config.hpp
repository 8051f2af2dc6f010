// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::hw {

/// One AXI port and the operand streams it carries.
struct DmaPortConfig {
    std::string name;
    std::uint64_t width_bits = 128;
    double clock_mhz = 0.0;      ///< 0: the accelerator's
    std::string controller_port; ///< ports with the same one share it; empty: one of its own
    bool input = false;          ///< carries input tiles
    bool weight = false;         ///< carries weight tiles
    bool output = false;         ///< carries output tiles

    [[nodiscard]] std::uint64_t width_bytes() const { return width_bits / 8; }
};

enum class DmaEngine : std::uint8_t {
    Axi,        ///< bursts on AXI ports to the board's memory, many in flight
    WordSerial, ///< one state machine, one request at a time, over a word-wide memory without
                ///< latency
};
inline constexpr std::array<config::EnumName<DmaEngine>, 2> dma_engine_names{{
    {DmaEngine::Axi, "axi"},
    {DmaEngine::WordSerial, "word_serial"},
}};

/// Costs of the word-serial loader. A transfer is a list of requests (one per row); a request costs
/// its set-up plus so many cycles for each memory word that it covers.
struct WordSerialConfig {
    std::uint64_t word_bytes = 8;
    std::uint64_t read_request_cycles = 8;  ///< tile loads
    std::uint64_t read_word_cycles = 9;     ///< receive, then scatter byte by byte
    std::uint64_t write_request_cycles = 9; ///< tile stores
    std::uint64_t write_word_cycles = 2;
    std::uint64_t phase_cycles = 4; ///< state change behind each load, stored lane and tile
    std::uint64_t stream_read_request_cycles = 4; ///< operators outside the array
    std::uint64_t stream_read_word_cycles = 2;
    std::uint64_t stream_write_request_cycles = 5;
    std::uint64_t stream_write_word_cycles = 1;
};

/// DMA engines: one per AXI port.
struct DmaConfig {
    DmaEngine engine = DmaEngine::Axi;
    std::vector<DmaPortConfig> ports;
    std::uint64_t burst_beats = 64; ///< longest burst; AXI4 allows 256, and no burst crosses 4 KiB
    std::uint64_t outstanding_reads = 8;  ///< read bursts in flight per port
    std::uint64_t outstanding_writes = 8; ///< write bursts in flight per port
    std::uint64_t descriptor_cycles = 8;  ///< descriptor accepted → first address
    WordSerialConfig word_serial;
};

void describe(config::Visitor& visitor, DmaPortConfig& config);
void describe(config::Visitor& visitor, WordSerialConfig& config);
void describe(config::Visitor& visitor, DmaConfig& config);

} // namespace heatsim::hw
