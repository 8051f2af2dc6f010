// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/array_cause.hpp"
#include "tlm/cost.hpp"
#include "tlm/links.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heatsim::channel {

/// On-chip buffers, in the order of the tiles' way.
enum class Buffer : std::uint8_t { Input, Weight, Accumulators, Output };
inline constexpr std::size_t buffers = 4;

/// What a unit is about to work on, and which tiles had to be loaded for it: their numbers within
/// their stream, from 1 at the start of the image. 0: they were there already.
struct WorkStart {
    Worker worker = Worker::Array;
    std::uint32_t op = 0; ///< index into the workload's operators
    std::uint64_t input_tile = 0;
    std::uint64_t weight_tile = 0;
};

/// Data on the way between two blocks, without a gap.
struct DataBeats {
    bool write = false;
    bool last = false; ///< of its tile; DMA ports only
    std::uint64_t start_fs = 0;
    std::uint64_t end_fs = 0;
    std::uint64_t bytes = 0;
};

/// Is told what the blocks of a chip do while they simulate. Times are absolute simulation times;
/// they may lie ahead of the kernel's, which some blocks are. An observer changes nothing: blocks
/// without one do the same.
class ActivityObserver {
  public:
    ActivityObserver() = default;
    virtual ~ActivityObserver() = default;
    ActivityObserver(const ActivityObserver&) = delete;
    ActivityObserver& operator=(const ActivityObserver&) = delete;

    // Controller
    /// What follows is for operator `op`, except transfers.
    virtual void operator_starts(std::uint32_t op) = 0;
    /// Cycles of the array since the start of the image, in order and without a gap.
    virtual void
    array_cause(ArrayCause cause, std::uint64_t begin_cycle, std::uint64_t end_cycle) = 0;
    /// The next call of `works` is this piece of work.
    virtual void work_starts(const WorkStart& start) = 0;
    /// The next call of `transfer_submitted` is for operator `op`.
    virtual void transfer_of(std::uint32_t op) = 0;

    // Units
    virtual void works(Worker worker, std::uint64_t start_fs, std::uint64_t end_fs) = 0;

    // Buffers
    /// \param used slots reserved or filled \param filled slots whose tile is complete
    virtual void buffer_holds(Buffer buffer, std::uint64_t used, std::uint64_t filled) = 0;

    // DMA, by the number of the port
    virtual void transfer_submitted(std::size_t port, const Transfer& transfer) = 0;
    /// The oldest tile of the stream is complete.
    virtual void transfer_done(std::size_t port, Stream stream) = 0;
    /// Beats of one burst at the port, which are never those of another one of that direction.
    virtual void port_beats(std::size_t port, const DataBeats& beats) = 0;

    // Memory, by the number of the channel
    virtual void memory_beats(std::size_t channel, const DataBeats& beats) = 0;
};

} // namespace heatsim::channel
