// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/dma/burst_iterator.hpp"
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "tlm/links.hpp"
#include "tlm/payload_pool.hpp"
#include "units/units.hpp"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <deque>
#include <optional>

namespace heatsim::hw {

/// Parameters of one AXI port with its DMA engine, in cycles of the port's clock.
struct AxiDmaConfig {
    std::uint64_t width_bytes = 16;
    std::uint64_t burst_bytes = 1024;
    std::uint64_t outstanding_reads = 8;
    std::uint64_t outstanding_writes = 8;
    std::uint64_t descriptor_cycles = 8;
};

/// DMA engine on one AXI port, TLM-2.0 base protocol (AT) towards the memory.
///
/// Modelled:     descriptors in order per direction; splitting into bursts at 4 KiB boundaries and
///               at the longest burst; bursts in flight per direction; the port's data channels,
///               one beat per cycle each, and one address; unaligned first beats.
/// Not modelled: reordering between AXI IDs.
/// Timing:       first burst of a descriptor descriptor_cycles after it is submitted or its
///               predecessor's last burst is issued; a burst is complete max(first data, channel
///               free) + beats cycles after the port's edge, and not before its last data beat has
///               left the memory; then the next fabric edge.
/// Source:       docs/models/dma.md; AXI4 (IHI 0022).
/// Errors:       any response but TLM_OK_RESPONSE is a broken invariant.
class AxiDma final : public sc_core::sc_module, public channel::TransferIf {
  public:
    tlm_utils::simple_initiator_socket<AxiDma> memory_socket{"memory_socket"};
    sc_core::sc_export<channel::TransferIf> transfer_export{"transfer_export"};
    sc_core::sc_port<channel::CompletionIf> completion_port{"completion_port"};

    SC_HAS_PROCESS(AxiDma);
    /// \param port_clock clock of the port; completions are handed over at the next edge of
    ///        `fabric_clock`
    AxiDma(const sc_core::sc_module_name& name,
           const AxiDmaConfig& config,
           Clock port_clock,
           Clock fabric_clock);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter read_transfers{*this, "read_transfers", stats::Unit::Count,
                                      "Read descriptors"};
        stats::Counter write_transfers{*this, "write_transfers", stats::Unit::Count,
                                       "Write descriptors"};
        stats::Counter read_bursts{*this, "read_bursts", stats::Unit::Count, "AXI read bursts"};
        stats::Counter write_bursts{*this, "write_bursts", stats::Unit::Count, "AXI write bursts"};
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte, "Bytes written"};
        stats::Counter read_busy_cycles{*this, "read_busy_cycles", stats::Unit::Cycle,
                                        "Port cycles with a beat on the read data channel"};
        stats::Counter write_busy_cycles{*this, "write_busy_cycles", stats::Unit::Cycle,
                                         "Port cycles with a beat on the write data channel"};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }
    [[nodiscard]] Clock clock() const noexcept { return clock_; }
    /// \param observer null: nobody \param port what this one is to the observer
    void observe(channel::ActivityObserver* observer, std::size_t port)
    {
        observer_ = observer;
        observed_port_ = port;
    }

    void submit(const channel::Transfer& transfer) override;
    void restart() override;

  private:
    struct Pending {
        channel::Stream stream = channel::Stream::Input;
        bool completes = true; ///< its end is the end of a tile
        BurstIterator bursts;
        std::uint64_t ready_fs = 0; ///< descriptor decoded
    };
    struct Prepared {
        BurstIterator::Burst burst;
        std::uint32_t tag; ///< stream, and whether it ends its transfer
        std::uint64_t send_fs;
    };
    /// A burst between its request and its end at the port.
    struct InFlight {
        const ::tlm::tlm_generic_payload* unanswered; ///< null: the memory has answered
        std::uint32_t tag;
        std::uint32_t bytes;
        std::uint64_t busy_cycles; ///< its beats on the port
        std::uint64_t first_data_fs;
        std::uint64_t last_data_fs;
        std::uint64_t done_fs; ///< known once all bursts before it are answered
    };
    /// One direction of the port: AXI's read and write channels are independent.
    struct Direction {
        explicit Direction(const char* event_name, bool is_write, std::uint64_t most)
            : write{is_write}
            , outstanding{most}
            , wake_event{event_name}
        {}
        const bool write;
        const std::uint64_t outstanding; ///< most bursts in flight
        std::deque<Pending> queue;
        std::optional<Prepared> prepared;
        std::deque<InFlight> in_flight; ///< in order of issue, which is that of completion
        std::size_t timed = 0;          ///< of them, from the front: those whose end is known
        std::uint64_t done_fs = 0;      ///< end of the last timed burst
        std::uint64_t issue_fs = 0;     ///< earliest time of the next burst
        std::uint64_t channel_free_fs = 0;
        std::uint64_t wake_fs = never_fs;
        sc_core::sc_event wake_event;
    };
    static constexpr std::uint64_t never_fs = ~std::uint64_t{0};
    static constexpr std::uint32_t last_flag = 0x100; ///< in a tag: last burst of a tile

    // TLM-2.0 interface
    ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload& trans,
                                         ::tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay);

    // Processes
    void serve_reads() { serve(reads_); }
    void serve_writes() { serve(writes_); }

    // Behaviour
    void serve(Direction& direction);
    void complete(Direction& direction, std::uint64_t now);
    void issue(Direction& direction, std::uint64_t now);
    void prepare(Direction& direction, std::uint64_t now);
    void send(Direction& direction, std::uint64_t now);
    void answered(::tlm::tlm_generic_payload& trans);
    void time_answered(Direction& direction);
    [[nodiscard]] std::uint64_t next_time(const Direction& direction, std::uint64_t now) const;
    [[nodiscard]] static bool is_next_of_all(const Direction& direction, std::uint64_t time_fs);
    void wake_at(Direction& direction, std::uint64_t time_fs);
    [[nodiscard]] std::uint64_t beats(std::uint64_t address, std::uint64_t bytes) const;
    [[nodiscard]] Direction& direction_of(const ::tlm::tlm_generic_payload& trans)
    {
        return trans.is_read() ? reads_ : writes_;
    }

    const AxiDmaConfig config_;
    const Clock clock_; ///< of the port
    const Clock fabric_clock_;
    channel::PayloadPool pool_;
    Direction reads_;
    Direction writes_;
    std::uint64_t local_fs_ = 0; ///< ahead of the kernel where `serve` goes on by itself
    std::uint64_t epoch_fs_ = 0; ///< start of the image: fabric edges are counted from here
    ::tlm::tlm_generic_payload* request_in_progress_ =
        nullptr; ///< base protocol: one until END_REQ
    channel::ActivityObserver* observer_ = nullptr;
    std::size_t observed_port_ = 0;
    Stats stats_;
};

} // namespace heatsim::hw
