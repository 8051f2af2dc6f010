// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/forked_process.hpp"
#include "system/timeline.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {

/// A wire or a bus over an image; 0 until its first change.
struct WaveSignal {
    struct Change {
        std::uint64_t time_ps = 0;
        std::uint64_t value = 0;
    };

    std::string name; ///< with its scopes: `chip.gemm_array.gemm_array_busy`
    unsigned bits = 1;
    std::vector<Change> changes; ///< ascending, each to another value than before
};

/// What a timeline comes to in signals, in scopes of units, ports, memory and buffers:
///
/// - `<unit>_busy`: works on something; `gemm_array_stall`: the array waits;
/// - `gemm_array_cause_<cause>`: what its cycles go to, one of them at a time;
/// - `<unit>_operator`: number of the operator, as the rows of operators.csv from 0;
/// - `<port>_<direction>_transfer`, `_data`, `_queue`: a tile is on its way, a beat is on the data
///   channel, tiles that wait; `ddr_data_read`, `_write`: data on the bus of a memory channel;
/// - `<buffer>_used`, `_filled`, in tiles; `tokens`.
[[nodiscard]] std::vector<WaveSignal> waveform(const Timeline& timeline,
                                               const workload::Workload& workload);

/// Plays signals back through SystemC's own tracing (`sc_create_vcd_trace_file`). SystemC
/// elaborates once per process, so that this has a process of its own, made here.
class WaveformPlayer {
  public:
    /// \pre no Simulation was made in this process
    /// \throws SimulationError if there can be no process
    WaveformPlayer();
    WaveformPlayer(const WaveformPlayer&) = delete;
    WaveformPlayer& operator=(const WaveformPlayer&) = delete;
    ~WaveformPlayer();

    /// The signals as a value change dump (IEEE 1364-2005, 18), in picoseconds from 0. Once per
    /// player.
    /// \throws SimulationError if the process failed
    [[nodiscard]] std::string vcd(const std::vector<WaveSignal>& signals);

  private:
    /// Both ends of a pipe to the process.
    struct Pipe {
        Pipe();
        Pipe(const Pipe&) = delete;
        Pipe& operator=(const Pipe&) = delete;
        ~Pipe();
        int read_end = -1;
        int write_end = -1;
    };

    Pipe orders_;
    ForkedProcess process_;
};

} // namespace heatsim::system
