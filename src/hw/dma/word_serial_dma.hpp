// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/dma/dma_config.hpp"
#include "stats/stats.hpp"
#include "tlm/activity.hpp"
#include "tlm/links.hpp"
#include "units/units.hpp"

#include <systemc>

#include <deque>

namespace heatsim::hw {

/// A loader that is one state machine over a word-wide memory without latency: one request at a
/// time, reads and writes alike, nothing overlaps.
///
/// Modelled:     set-up per request (row), cycles per memory word it covers (unaligned rows cover
///               one more), state changes per transfer and per stored lane.
/// Not modelled: waiting for the memory, which is always ready.
/// Timing:       a transfer takes word_serial_cycles(transfer), behind those submitted before it.
/// Source:       docs/models/dma.md; constants read in the state machines of the public HeatViT
///               RTL.
class WordSerialDma final : public sc_core::sc_module, public channel::TransferIf {
  public:
    sc_core::sc_export<channel::TransferIf> transfer_export{"transfer_export"};
    sc_core::sc_port<channel::CompletionIf> completion_port{"completion_port"};

    SC_HAS_PROCESS(WordSerialDma);
    WordSerialDma(const sc_core::sc_module_name& name, const WordSerialConfig& config, Clock clock);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter transfers{*this, "transfers", stats::Unit::Count, "Transfers completed"};
        stats::Counter requests{*this, "requests", stats::Unit::Count, "Memory requests (rows)"};
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte, "Bytes written"};
        stats::Counter busy_cycles{*this, "busy_cycles", stats::Unit::Cycle,
                                   "Fabric cycles the loader works"};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }
    /// \param observer null: nobody; to it, this is port 0
    void observe(channel::ActivityObserver* observer) { observer_ = observer; }

    void submit(const channel::Transfer& transfer) override;
    void restart() override;

  private:
    void finish();
    void start_next();

    const WordSerialConfig config_;
    const Clock clock_;
    std::deque<channel::Transfer> queue_; ///< front is under way
    sc_core::sc_event done_event_{"done_event"};
    channel::ActivityObserver* observer_ = nullptr;
    Stats stats_;
};

/// Cycles of one transfer, from its real addresses.
[[nodiscard]] std::uint64_t word_serial_cycles(const WordSerialConfig& config,
                                               const channel::Transfer& transfer);

/// Transfers that take no time, for comparisons with simulators that assume an ideal memory.
class IdealDma final : public sc_core::sc_module, public channel::TransferIf {
  public:
    sc_core::sc_export<channel::TransferIf> transfer_export{"transfer_export"};
    sc_core::sc_port<channel::CompletionIf> completion_port{"completion_port"};

    SC_HAS_PROCESS(IdealDma);
    explicit IdealDma(const sc_core::sc_module_name& name);

    struct Stats : stats::Group {
        using Group::Group;
        stats::Counter transfers{*this, "transfers", stats::Unit::Count, "Transfers completed"};
        stats::Counter read_bytes{*this, "read_bytes", stats::Unit::Byte, "Bytes read"};
        stats::Counter write_bytes{*this, "write_bytes", stats::Unit::Byte, "Bytes written"};
    };
    [[nodiscard]] Stats& stats() noexcept { return stats_; }
    /// \param observer null: nobody; to it, this is port 0
    void observe(channel::ActivityObserver* observer) { observer_ = observer; }

    void submit(const channel::Transfer& transfer) override;
    void restart() override;

  private:
    void finish();

    std::deque<channel::Stream> queue_;
    sc_core::sc_event done_event_{"done_event"};
    channel::ActivityObserver* observer_ = nullptr;
    Stats stats_;
};

} // namespace heatsim::hw
