// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/array_cause.hpp"
#include "tlm/check.hpp"
#include "tlm/links.hpp"

#include <algorithm>
#include <cstdint>

namespace heatsim::hw {

/// Books every array cycle under exactly one cause. Cycles count from the start of the image; the
/// sum over the causes equals the cycle of the last booking, by construction.
class CauseLedger {
  public:
    void restart()
    {
        cycles_ = {};
        since_ = 0;
        drain_until_ = 0;
        cause_ = channel::ArrayCause::Control;
    }
    /// From `cycle` on the array waits for `cause`.
    void wait(channel::ArrayCause cause, std::uint64_t cycle)
    {
        settle(cycle);
        cause_ = cause;
    }
    void begin_tile(std::uint64_t cycle) { settle(cycle); }
    void end_tile(const channel::TileCycles& tile, std::uint64_t cycle)
    {
        HEATSIM_CHECK(since_ + tile.busy + tile.fill_drain == cycle,
                      "array cycles without a cause");
        at(channel::ArrayCause::Busy) += tile.busy;
        at(channel::ArrayCause::FillDrain) += tile.fill_drain;
        since_ = cycle;
        drain_until_ = cycle + tile.drain;
    }
    /// Books everything up to `cycle`.
    void settle(std::uint64_t cycle)
    {
        HEATSIM_CHECK(cycle >= since_, "time runs backwards");
        // an array that waits while its last tile drains is draining first
        const auto drained = std::clamp(drain_until_, since_, cycle);
        at(channel::ArrayCause::FillDrain) += drained - since_;
        at(cause_) += cycle - drained;
        since_ = cycle;
    }
    [[nodiscard]] const channel::CauseCycles& cycles() const noexcept { return cycles_; }

  private:
    std::uint64_t& at(channel::ArrayCause cause)
    {
        return cycles_[static_cast<std::size_t>(cause)];
    }

    channel::CauseCycles cycles_{};
    std::uint64_t since_ = 0;
    std::uint64_t drain_until_ = 0;
    channel::ArrayCause cause_ = channel::ArrayCause::Control;
};

} // namespace heatsim::hw
