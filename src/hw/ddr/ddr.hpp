// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/ddr_channel.hpp"
#include "stats/stats.hpp"
#include "tlm/burst_extension.hpp"
#include "units/units.hpp"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace heatsim::hw {

/// External memory with its controller, TLM-2.0 base protocol (AT), one target socket per port.
///
/// Modelled:     channels, bank groups, banks, rows, tRCD/tRP/tRAS/tRRD/tFAW/tCCD/tWR/tWTR/tRTP,
///               all-bank refresh, bus turnaround; a scheduler queue per channel (FCFS or FR-FCFS
///               over the oldest burst of each port and direction); back-pressure when the queue is
///               full.
/// Not modelled: power-down, ECC, reordering within a port, command bus occupancy.
/// Timing:       BEGIN_REQ is accepted at once while the queue has room (else END_REQ follows when
///               it has); an idle channel answers in the same call (TLM_COMPLETED with the delay of
///               the first data beat), a busy one with BEGIN_RESP. The last beat's time is in the
///               burst extension.
/// Source:       docs/models/ddr.md; JEDEC JESD79-4.
/// Errors:       a burst that crosses a channel's interleave block, or a command that is neither
///               read nor write -> TLM_GENERIC_ERROR_RESPONSE.
class Ddr final : public sc_core::sc_module {
  public:
    using Socket = tlm_utils::simple_target_socket_tagged<Ddr>;
    sc_core::sc_vector<Socket> port_sockets;

    SC_HAS_PROCESS(Ddr);
    Ddr(const sc_core::sc_module_name& name, const DdrConfig& config, std::size_t ports);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read, all ports"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte,
                                   "Bytes written, all ports"};
        stats::Counter bursts{*this, "bursts", stats::Unit::Count, "Bursts served"};
        stats::Counter row_hits{*this, "row_hits", stats::Unit::Count,
                                "Accesses to an open row, per row a burst touches"};
        stats::Counter row_misses{*this, "row_misses", stats::Unit::Count,
                                  "Accesses to a bank with no open row"};
        stats::Counter row_conflicts{*this, "row_conflicts", stats::Unit::Count,
                                     "Accesses to a bank with another row open"};
        stats::Counter refreshes{*this, "refreshes", stats::Unit::Count,
                                 "All-bank refreshes, all channels"};
        stats::Counter turnarounds{*this, "turnarounds", stats::Unit::Count,
                                   "Changes of the bus direction"};
        stats::Counter data_cycles{*this, "data_cycles", stats::Unit::Cycle,
                                   "Memory clock cycles with data on the bus, all channels"};
    };
    /// Counts of the current image, channels summed up.
    [[nodiscard]] Stats& stats();

    /// Start of an image: rows closed, queues empty, refresh interval starts over.
    void restart();

  private:
    struct Request {
        ::tlm::tlm_generic_payload* trans = nullptr;
        std::uint32_t port = 0;
        std::uint64_t arrival = 0; ///< memory clock cycle the controller knows of it
        std::uint32_t passed = 0;  ///< how often a younger burst went first
    };
    /// One channel and the bursts waiting for it, oldest first.
    struct Channel {
        explicit Channel(const DdrConfig& config)
            : banks{config}
        {}
        DdrChannel banks;
        std::vector<Request> queue;
        bool scheduled = false; ///< an event for the next pick is pending
    };
    /// Bursts that wait because a queue is full: one per port, as the base protocol has it.
    struct Held {
        ::tlm::tlm_generic_payload* trans = nullptr;
        std::size_t channel = 0;
    };

    // TLM-2.0 interface
    ::tlm::tlm_sync_enum nb_transport_fw(int port,
                                         ::tlm::tlm_generic_payload& trans,
                                         ::tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay);

    // Processes
    void schedule();

    // Behaviour
    [[nodiscard]] std::size_t pick(const Channel& channel) const;
    /// Serves a burst on its channel; returns the time of its first data beat (or write response).
    std::uint64_t serve(Channel& channel, const Request& request);
    void admit_held(std::size_t channel_index);
    void wake(std::uint64_t time_fs);
    [[nodiscard]] std::uint64_t to_fs(std::uint64_t cycles) const
    {
        return epoch_fs_ + clock_.to_fs(cycles);
    }
    [[nodiscard]] std::uint64_t channel_address(std::uint64_t address) const;

    static constexpr std::uint64_t never_fs = ~std::uint64_t{0};

    const DdrConfig config_;
    const Clock clock_;
    const std::uint64_t half_latency_fs_; ///< controller latency each way
    const std::uint64_t
        capacity_mask_; ///< addresses wrap at the capacity, rounded up to a power of two
    const unsigned interleave_shift_;
    const unsigned channel_shift_;
    std::vector<Channel> channels_;
    std::vector<Held> held_;
    std::uint64_t epoch_fs_ = 0;
    sc_core::sc_event schedule_event_{"schedule_event"};
    std::uint64_t wake_fs_ = never_fs;
    Stats stats_;
};

} // namespace heatsim::hw
