// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/dma/burst_iterator.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <cstdint>
#include <vector>

namespace heatsim::test {

/// A burst as the movers of the RTL ask for it.
struct BeatBurst {
    std::uint64_t address;
    std::uint64_t beats;

    friend bool operator==(const BeatBurst& a, const BeatBurst& b)
    {
        return a.address == b.address && a.beats == b.beats;
    }
};

/// What the simulator's DMA engine makes of a transfer of whole beats.
inline std::vector<BeatBurst>
bursts_of(const channel::Transfer& transfer, std::uint64_t beat_bytes, std::uint64_t burst_beats)
{
    std::vector<BeatBurst> bursts;
    for (hw::BurstIterator iterator{transfer, beat_bytes, burst_beats * beat_bytes};
         !iterator.done();) {
        const auto burst = iterator.next();
        bursts.push_back({burst.address, burst.bytes / beat_bytes});
    }
    return bursts;
}

/// Planes of rows of `row_beats`; rows and planes follow each other or have gaps, and lie before a
/// 4 KiB boundary more often than chance has it.
inline channel::Transfer random_transfer(Random& random,
                                         std::uint64_t beat_bytes,
                                         std::uint64_t planes,
                                         std::uint64_t rows,
                                         std::uint64_t row_beats)
{
    channel::Transfer transfer;
    transfer.address = random.between(1, 1000) * hw::BurstIterator::boundary_bytes;
    if (random.chance(50))
        transfer.address -= random.between(1, 20) * beat_bytes;
    else
        transfer.address += random.between(0, 4000) * beat_bytes;
    transfer.planes = planes;
    transfer.rows = rows;
    transfer.row_bytes = row_beats * beat_bytes;
    transfer.row_stride_bytes =
        transfer.row_bytes + (random.chance(50) ? 0 : random.between(1, 100) * beat_bytes);
    transfer.plane_stride_bytes = rows * transfer.row_stride_bytes +
                                  (random.chance(50) ? 0 : random.between(1, 1000) * beat_bytes);
    return transfer;
}

/// Sets the descriptor's ports; rows that follow each other are one run, as the host program has
/// it.
template <typename Model>
void drive_descriptor(Model& rtl, const channel::Transfer& transfer, std::uint64_t beat_bytes)
{
    const hw::TransferRuns runs{transfer};
    drive(rtl->descriptor_address, transfer.address);
    drive(rtl->descriptor_planes, runs.planes);
    drive(rtl->descriptor_plane_stride_bytes, runs.plane_stride_bytes);
    drive(rtl->descriptor_runs, runs.runs);
    drive(rtl->descriptor_run_stride_bytes, runs.run_stride_bytes);
    drive(rtl->descriptor_run_beats, runs.run_bytes / beat_bytes);
}

} // namespace heatsim::test
