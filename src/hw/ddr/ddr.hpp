// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/ddr_controller.hpp"
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "tlm/burst_extension.hpp"
#include "units/units.hpp"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace heatsim::hw {

/// External memory, TLM-2.0 base protocol (AT), one target socket per port: the port fabric in
/// front of one `DdrController` per channel.
///
/// Modelled:     the way from the port to the controller and back; the controller's ports, of a
///               width and a clock, which several sockets may share; sockets that take turns where
///               a queue is full; everything `DdrController` and `DramChannel` model.
/// Not modelled: arbitration of addresses within a shared port: its data come in order of service.
/// Timing:       END_REQ when the queue has taken the whole burst, at once while it has room. A
///               channel with nothing else to do answers in the same call (TLM_COMPLETED), a busy
///               one with BEGIN_RESP when the place of the burst's last access on the data bus is
///               known. Both carry the time of the first beat as delay (0 where it has passed), the
///               burst extension those of the first and the last beat. Writes are answered when
///               they are accepted.
/// Source:       docs/models/ddr.md; JEDEC JESD79-4.
/// Errors:       a burst that crosses a channel's interleave block, or a command that is neither
///               read nor write -> TLM_GENERIC_ERROR_RESPONSE; an address outside the memory ->
///               TLM_ADDRESS_ERROR_RESPONSE.
class Ddr final : public sc_core::sc_module {
  public:
    using Socket = tlm_utils::simple_target_socket_tagged<Ddr>;
    sc_core::sc_vector<Socket> port_sockets;

    SC_HAS_PROCESS(Ddr);
    /// \param controller_ports of each socket: the controller's port that it goes through, counted
    ///        from 0
    Ddr(const sc_core::sc_module_name& name,
        const DdrConfig& config,
        std::vector<std::size_t> controller_ports);
    /// Each socket has its own port.
    Ddr(const sc_core::sc_module_name& name, const DdrConfig& config, std::size_t ports);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read, all ports"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte,
                                   "Bytes written, all ports"};
        stats::Counter bursts{*this, "bursts", stats::Unit::Count, "Bursts accepted"};
        stats::Counter row_hits{*this, "row_hits", stats::Unit::Count,
                                "Column accesses to a row that is open already"};
        stats::Counter row_misses{*this, "row_misses", stats::Unit::Count,
                                  "Activates of a bank with no open row"};
        stats::Counter row_conflicts{*this, "row_conflicts", stats::Unit::Count,
                                     "Activates of a bank whose open row had to be closed"};
        stats::Counter refreshes{*this, "refreshes", stats::Unit::Count,
                                 "All-bank refreshes, all channels"};
        stats::Counter refresh_cycles{
            *this, "refresh_cycles", stats::Unit::Cycle,
            "Memory clock cycles a rank is refreshed, precharge included, "
            "all channels"};
        stats::Counter turnarounds{*this, "turnarounds", stats::Unit::Count,
                                   "Changes of the bus direction"};
        stats::Counter turnaround_cycles{*this, "turnaround_cycles", stats::Unit::Cycle,
                                         "Memory clock cycles the data bus idles for a change of "
                                         "direction, all channels"};
        stats::Counter data_cycles{*this, "data_cycles", stats::Unit::Cycle,
                                   "Memory clock cycles with data on the bus, all channels"};
    };
    /// Counts of the current image up to now, channels summed up.
    [[nodiscard]] Stats& stats();

    /// End of an image: serves the writes that wait, which nobody waits for. \pre no read waits
    void settle();
    /// Start of an image: rows closed, queues empty, refresh interval starts over.
    void restart();

    /// Called with every column access that a burst is made of, when its channel's controller gets
    /// to know of it: address, and memory clock cycle since the start of the simulation.
    using Observer = std::function<void(std::uint64_t cycle, std::uint64_t address, bool write)>;
    void observe(Observer observer) { observer_ = std::move(observer); }

    /// Every column access at its place on its channel's data bus, in order of time within the
    /// channel. \param observer null: nobody
    void observe_data(channel::ActivityObserver* observer);

  private:
    /// A read between its request and its response.
    struct Read {
        ::tlm::tlm_generic_payload* trans = nullptr;
        std::uint32_t port = 0;
        std::uint64_t accesses_left = 0;
        std::uint64_t first_data = 0; ///< memory clock cycle
        std::uint64_t last_data = 0;
    };
    /// A burst on its way into a queue. The base protocol allows one per port.
    struct Entering {
        ::tlm::tlm_generic_payload* trans = nullptr;
        std::size_t channel = 0;
        std::uint64_t address = 0; ///< of the next access, within the channel
        std::uint64_t accesses = 0;
        std::uint32_t read = 0;
    };
    struct Channel {
        explicit Channel(const DdrConfig& config)
            : controller{config}
        {}
        DdrController controller;
        std::size_t last_port = 0;     ///< that was let in
        std::size_t waiting_ports = 0; ///< with a burst that has not got in
    };
    /// Data path of one port of the controller, a direction each.
    struct ControllerPort {
        std::uint64_t read_free_fs = 0;
        std::uint64_t write_free_fs = 0;
    };
    static constexpr std::uint32_t posted = ~std::uint32_t{0}; ///< tag of writes
    static constexpr std::uint64_t never_fs = ~std::uint64_t{0};
    static constexpr std::uint64_t never = DdrController::never;

    // TLM-2.0 interface
    ::tlm::tlm_sync_enum nb_transport_fw(int port,
                                         ::tlm::tlm_generic_payload& trans,
                                         ::tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay);

    static ::tlm::tlm_sync_enum complete(::tlm::tlm_generic_payload& trans,
                                         sc_core::sc_time& delay);

    // Processes
    void schedule();

    // Behaviour
    [[nodiscard]] ::tlm::tlm_response_status check(const ::tlm::tlm_generic_payload& trans) const;
    [[nodiscard]] Entering entering(::tlm::tlm_generic_payload& trans) const;
    [[nodiscard]] std::uint32_t
    take_read(std::size_t port, ::tlm::tlm_generic_payload& trans, std::uint64_t accesses);
    bool serve_at_once(std::size_t port, const Entering& burst, std::uint64_t cycle);
    /// Books the way of a burst through its port of the controller and tells the initiator.
    void read_through(std::size_t port,
                      ::tlm::tlm_generic_payload& trans,
                      std::uint64_t first_data,
                      std::uint64_t last_data);
    void write_through(std::size_t port, ::tlm::tlm_generic_payload& trans, std::uint64_t cycle);
    [[nodiscard]] std::uint64_t port_busy_fs(std::uint64_t bytes) const
    {
        return port_bytes_ == 0 ? 0 : port_clock_.to_fs(ceil_div(bytes, port_bytes_));
    }
    /// Accepts what the queue has room for. \returns whether that is all
    bool feed(Entering& burst, std::uint64_t cycle);
    void admit(std::size_t channel_index, std::uint64_t cycle);
    /// Books what the controller has served and answers the bursts that are complete.
    void answer(Channel& channel);
    void respond(std::size_t port, ::tlm::tlm_generic_payload& trans);
    void tell(const Entering& burst, std::uint64_t accesses, std::uint64_t cycle) const;
    /// When the port sees what the controller does at `cycle`.
    [[nodiscard]] std::uint64_t accepted_fs(std::uint64_t cycle) const
    {
        return to_fs(cycle) + half_latency_fs_;
    }
    [[nodiscard]] std::uint64_t response_fs(std::uint64_t cycle) const
    {
        return accepted_fs(cycle + config_.response_cycles);
    }
    /// Takes the controller's steps up to and including `cycle`.
    void advance(std::size_t channel_index, std::uint64_t cycle);
    void wake_for(std::size_t channel_index);
    [[nodiscard]] std::uint64_t to_fs(std::uint64_t cycles) const
    {
        return epoch_fs_ + clock_.to_fs(cycles);
    }
    [[nodiscard]] std::uint64_t arrival_cycle(std::uint64_t time_fs) const
    {
        return clock_.ceil_cycles(time_fs - epoch_fs_ + half_latency_fs_);
    }

    const DdrConfig config_;
    const Clock clock_;
    const std::uint64_t half_latency_fs_; ///< controller latency each way
    const std::uint64_t port_bytes_;      ///< 0: no limit
    const Clock port_clock_;
    const std::vector<std::size_t> controller_port_of_; ///< per socket
    const unsigned access_shift_;
    const ChannelMap channel_map_;
    std::vector<Channel> channels_;
    std::vector<Entering> entering_; ///< per socket
    std::vector<ControllerPort> controller_ports_;
    std::vector<Read> reads_;
    std::vector<std::uint32_t> free_reads_;
    std::uint64_t epoch_fs_ = 0;
    sc_core::sc_event schedule_event_{"schedule_event"};
    std::uint64_t wake_fs_ = never_fs;
    Observer observer_;
    Stats stats_;
};

} // namespace heatsim::hw
