// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/activity.hpp"
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
    /// \param observer null: nobody
    void observe(channel::ActivityObserver* observer) { observer_ = observer; }
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
        book(channel::ArrayCause::Busy, since_ + tile.busy);
        book(channel::ArrayCause::FillDrain, cycle);
        drain_until_ = cycle + tile.drain;
    }
    /// Books everything up to `cycle`.
    void settle(std::uint64_t cycle)
    {
        HEATSIM_CHECK(cycle >= since_, "time runs backwards");
        // an array that waits while its last tile drains is draining first
        const auto drained = std::clamp(drain_until_, since_, cycle);
        book(channel::ArrayCause::FillDrain, drained);
        book(cause_, cycle);
    }
    [[nodiscard]] const channel::CauseCycles& cycles() const noexcept { return cycles_; }

  private:
    void book(channel::ArrayCause cause, std::uint64_t end_cycle)
    {
        cycles_[static_cast<std::size_t>(cause)] += end_cycle - since_;
        if (observer_ != nullptr && end_cycle > since_)
            observer_->array_cause(cause, since_, end_cycle);
        since_ = end_cycle;
    }

    channel::CauseCycles cycles_{};
    std::uint64_t since_ = 0;
    std::uint64_t drain_until_ = 0;
    channel::ArrayCause cause_ = channel::ArrayCause::Control;
    channel::ActivityObserver* observer_ = nullptr;
};

} // namespace heatsim::hw
