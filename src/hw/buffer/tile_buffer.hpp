// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "tlm/links.hpp"

#include <systemc>

namespace heatsim::hw {

/// On-chip buffer of equal slots (two are a ping-pong buffer).
///
/// Modelled:     capacity in whole tiles; occupancy.
/// Not modelled: banks and ports of the memory behind it.
/// Timing:       none of its own: a full buffer holds back loads, an empty one the array.
/// Source:       docs/models/buffer.md.
class TileBuffer final : public sc_core::sc_module, public channel::BufferIf {
  public:
    sc_core::sc_export<channel::BufferIf> slots_export{"slots_export"};

    /// \param slots at least 1
    TileBuffer(const sc_core::sc_module_name& name, std::uint64_t slots);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter tiles{*this, "tiles", stats::Unit::Count,
                             "Tiles that went through the buffer"};
        stats::Counter peak_slots{*this, "peak_slots", stats::Unit::Count,
                                  "Most slots in use at once", stats::Merge::Maximum};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }
    /// \param observer null: nobody \param buffer what this one is to the observer
    void observe(channel::ActivityObserver* observer, channel::Buffer buffer)
    {
        observer_ = observer;
        identity_ = buffer;
    }

    [[nodiscard]] std::uint64_t slots() const override { return slots_; }
    [[nodiscard]] bool has_free_slot() const override { return reserved_ - released_ < slots_; }
    [[nodiscard]] bool is_empty() const override { return reserved_ == released_; }
    void reserve() override;
    void fill() override;
    void release() override;
    [[nodiscard]] std::uint64_t filled() const override { return filled_; }
    void restart() override;

  private:
    void tell() const
    {
        if (observer_ != nullptr)
            observer_->buffer_holds(identity_, reserved_ - released_, filled_ - released_);
    }

    const std::uint64_t slots_;
    std::uint64_t reserved_ = 0;
    std::uint64_t filled_ = 0;
    std::uint64_t released_ = 0;
    channel::ActivityObserver* observer_ = nullptr;
    channel::Buffer identity_ = channel::Buffer::Input; ///< to the observer
    Stats stats_;
};

} // namespace heatsim::hw
