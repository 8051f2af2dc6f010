// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "tlm/links.hpp"
#include "tlm/time.hpp"

#include <systemc>

namespace heatsim::channel {

/// A unit that is busy for a known number of fabric cycles and then says so. Array, vector unit,
/// token selector and host differ only in how many cycles a piece of work takes.
class TimedWorker : public sc_core::sc_module {
  public:
    sc_core::sc_port<CompletionIf> completion_port{"completion_port"};

    SC_HAS_PROCESS(TimedWorker);
    TimedWorker(const sc_core::sc_module_name& name, Worker worker, Clock clock);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter pieces{*this, "pieces", stats::Unit::Count,
                              "Pieces of work completed (tiles, row groups)"};
        stats::Counter busy_cycles{*this, "busy_cycles", stats::Unit::Cycle,
                                   "Fabric cycles the unit is occupied"};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }
    /// \param observer null: nobody
    void observe(ActivityObserver* observer) { observer_ = observer; }

  protected:
    /// Occupies the unit for `cycles` after a wait of `delay_cycles`.
    void occupy(std::uint64_t cycles, std::uint64_t delay_cycles);
    void restart_worker();

  private:
    void finish();

    const Worker worker_;
    const Clock clock_;
    bool busy_ = false;
    ActivityObserver* observer_ = nullptr;
    sc_core::sc_event done_event_{"done_event"};
    Stats stats_;
};

} // namespace heatsim::channel
