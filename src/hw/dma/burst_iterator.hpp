// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/links.hpp"

#include <algorithm>
#include <cstdint>

namespace heatsim::hw {

/// A transfer as runs of contiguous bytes: rows that follow each other are one run.
struct TransferRuns {
    std::uint64_t planes;
    std::uint64_t plane_stride_bytes;
    std::uint64_t runs; ///< per plane
    std::uint64_t run_stride_bytes;
    std::uint64_t run_bytes;

    explicit TransferRuns(const channel::Transfer& transfer)
        : planes{transfer.planes}
        , plane_stride_bytes{transfer.plane_stride_bytes}
        , runs{transfer.rows}
        , run_stride_bytes{transfer.row_stride_bytes}
        , run_bytes{transfer.row_bytes}
    {
        if (run_stride_bytes != run_bytes && runs != 1)
            return;
        run_bytes *= runs; // a plane is contiguous
        runs = 1;
        if (plane_stride_bytes == run_bytes) {
            run_bytes *= planes;
            planes = 1;
        }
    }
};

/// Splits a transfer into AXI bursts: contiguous rows are merged, no burst crosses a 4 KiB boundary
/// (AXI4, IHI 0022, A3.4.1) or is longer than the port's longest burst, counted from the aligned
/// address.
class BurstIterator {
  public:
    static constexpr std::uint64_t boundary_bytes = 4096;

    struct Burst {
        std::uint64_t address;
        std::uint64_t bytes;
    };

    BurstIterator() = default;
    BurstIterator(const channel::Transfer& transfer,
                  std::uint64_t width_bytes,
                  std::uint64_t burst_bytes)
        : width_bytes_{width_bytes}
        , burst_bytes_{burst_bytes}
        , address_{transfer.address}
        , plane_{transfer.address}
        , row_{transfer.address}
    {
        const TransferRuns runs{transfer};
        planes_ = runs.planes;
        rows_ = runs.runs;
        row_bytes_ = runs.run_bytes;
        row_stride_ = runs.run_stride_bytes;
        plane_stride_ = runs.plane_stride_bytes;
        if (row_bytes_ == 0)
            planes_ = 0;
        rows_left_ = rows_;
        left_in_row_ = row_bytes_;
    }

    [[nodiscard]] bool done() const noexcept { return planes_ == 0; }

    /// \pre !done()
    Burst next()
    {
        const auto to_boundary = boundary_bytes - address_ % boundary_bytes;
        const auto longest = burst_bytes_ - address_ % width_bytes_;
        const Burst burst{address_, std::min({left_in_row_, to_boundary, longest})};
        address_ += burst.bytes;
        left_in_row_ -= burst.bytes;
        if (left_in_row_ == 0)
            next_row();
        return burst;
    }

  private:
    void next_row()
    {
        if (--rows_left_ == 0) {
            rows_left_ = rows_;
            plane_ += plane_stride_;
            row_ = plane_;
            --planes_;
        } else {
            row_ += row_stride_;
        }
        address_ = row_;
        left_in_row_ = row_bytes_;
    }

    std::uint64_t width_bytes_ = 1;
    std::uint64_t burst_bytes_ = 1;
    std::uint64_t address_ = 0;
    std::uint64_t plane_ = 0;
    std::uint64_t row_ = 0;
    std::uint64_t planes_ = 0; ///< left
    std::uint64_t rows_ = 0;
    std::uint64_t rows_left_ = 0;
    std::uint64_t row_bytes_ = 0;
    std::uint64_t left_in_row_ = 0;
    std::uint64_t row_stride_ = 0;
    std::uint64_t plane_stride_ = 0;
};

} // namespace heatsim::hw
