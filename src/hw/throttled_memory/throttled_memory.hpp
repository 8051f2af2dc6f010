// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/throttled_memory/throttled_memory_config.hpp"
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "units/units.hpp"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>

namespace heatsim::hw {

/// Memory of a fixed latency with one data bus that all ports share, TLM-2.0 base protocol (AT).
///
/// Modelled:     latency; the bus, which serves whole bursts in order of arrival, reads and writes
///               alike, several that arrive in the same cycle in the order of their ports.
/// Not modelled: banks, rows, refresh, turnaround (that is `Ddr`); a limit of waiting bursts.
/// Timing:       a burst's turn is latency_cycles after its request (a write's: its last beat), or
///               when the bus is free; it takes ceil(bytes / bytes_per_cycle) cycles. Port 0 is
///               answered in the call (TLM_COMPLETED), nothing of the same cycle goes before it;
///               the others get BEGIN_RESP when a later burst arrives, at the latest when their
///               turn has come. The delay is that of the first beat (a write's: of its end), the
///               extension has the burst's times.
/// Source:       docs/models/throttled_memory.md; the memory behind the reference RTL.
/// Errors:       a command that is neither read nor write -> TLM_COMMAND_ERROR_RESPONSE.
class ThrottledMemory final : public sc_core::sc_module {
  public:
    using Socket = tlm_utils::simple_target_socket_tagged<ThrottledMemory>;
    sc_core::sc_vector<Socket> port_sockets;

    SC_HAS_PROCESS(ThrottledMemory);
    ThrottledMemory(const sc_core::sc_module_name& name,
                    const ThrottledMemoryConfig& config,
                    Clock clock,
                    std::size_t ports);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read, all ports"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte,
                                   "Bytes written, all ports"};
        stats::Counter bursts{*this, "bursts", stats::Unit::Count, "Bursts served"};
        stats::Counter busy_cycles{*this, "busy_cycles", stats::Unit::Cycle,
                                   "Fabric cycles the data bus is occupied"};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }

    /// \param observer null: nobody; to it, the bus is channel 0
    void observe(channel::ActivityObserver* observer) { observer_ = observer; }

    /// Start of an image: bus free. \pre no burst waits
    void restart();

  private:
    /// A burst whose place on the bus others of the same cycle may still take.
    struct Waiting {
        ::tlm::tlm_generic_payload* trans;
        std::size_t port;
        std::uint64_t turn_fs; ///< not before
    };

    // TLM-2.0 interface
    ::tlm::tlm_sync_enum nb_transport_fw(int port,
                                         ::tlm::tlm_generic_payload& trans,
                                         ::tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay);

    // Processes
    void serve();

    // Behaviour
    /// Serves what waits for a turn before `turn_fs`.
    void serve_before(std::uint64_t turn_fs);
    /// Gives a burst the bus. \returns when the initiator sees it
    std::uint64_t take_bus(::tlm::tlm_generic_payload& trans, std::uint64_t turn_fs);

    const ThrottledMemoryConfig config_;
    const Clock clock_;
    std::deque<Waiting> waiting_; ///< in order of turn and port
    std::uint64_t bus_free_fs_ = 0;
    sc_core::sc_event turn_event_{"turn_event"};
    channel::ActivityObserver* observer_ = nullptr;
    Stats stats_;
};

} // namespace heatsim::hw
