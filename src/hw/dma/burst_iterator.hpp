// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/links.hpp"

#include <algorithm>
#include <cstdint>

namespace heatsim::hw {

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
        , planes_{transfer.planes}
        , rows_{transfer.rows}
        , row_bytes_{transfer.row_bytes}
        , row_stride_{transfer.row_stride_bytes}
        , plane_stride_{transfer.plane_stride_bytes}
    {
        if (row_stride_ == row_bytes_ || rows_ == 1) { // a plane is contiguous
            row_bytes_ *= rows_;
            rows_ = 1;
            if (plane_stride_ == row_bytes_) {
                row_bytes_ *= planes_;
                planes_ = 1;
            }
        }
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
