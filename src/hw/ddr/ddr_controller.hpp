// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/dram_channel.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim::hw {

/// Column accesses that have got their place on the data bus.
struct ServedAccesses {
    std::uint32_t tag = 0; ///< the caller's
    std::uint32_t accesses = 0;
    bool write = false;
    std::uint64_t first_data = 0; ///< first beat on the data bus
    std::uint64_t last_data = 0;  ///< cycle after the last beat
};

/// Memory controller of one channel: read and write queue, scheduler, page policy, write drain,
/// refresh. Plain C++, driven from command to command: time jumps to the next one that is ready.
///
/// Modelled:     FR-FCFS or FCFS over the queues; a write drain between two watermarks, that
///               overlaps with reads or not, and of the last writes when nobody asks for anything;
///               row hits that may pass an older request up to a limit; open, closed and timeout
///               page policy; all-bank refresh per rank, which goes before everything; one command
///               a cycle (granularity `command`).
/// Not modelled: forwarding of a read from the write queue (pessimistic); postponed refreshes;
///               power-down.
/// Timing:       a request may get its first command request_cycles after it is accepted; DRAM
///               commands as `DramChannel` allows them.
/// Contract:     `accept` is called in order of time, behind `advance(cycle)`; with granularity
///               `run`, row commands may be accepted for cycles that lie before the last column
///               access of a run that is already placed.
/// Source:       docs/models/ddr.md.
class DdrController {
  public:
    static constexpr std::uint64_t never = ~std::uint64_t{0};

    explicit DdrController(const DdrConfig& config);
    void restart();

    [[nodiscard]] const AddressMap& map() const noexcept { return channel_.map(); }
    /// Longest run that may be accepted now; 0 while the queue is full.
    [[nodiscard]] std::uint64_t longest_run(bool write) const
    {
        const auto room = write ? config_.write_queue_entries - writes_.accesses
                                : config_.read_queue_entries - reads_.accesses;
        return config_.granularity == CommandGranularity::Run ? room
                                                              : std::min<std::uint64_t>(room, 1);
    }
    [[nodiscard]] bool can_accept(bool write) const { return longest_run(write) > 0; }
    /// \pre `run.accesses` is at most `longest_run(write)`
    void accept(const AccessRun& run, bool write, std::uint64_t cycle, std::uint32_t tag);
    /// Cycle of the next step; `never` while there is nothing to do.
    [[nodiscard]] std::uint64_t next_time()
    {
        if (!planned_)
            plan();
        return step_.cycle;
    }
    /// Takes the next step: a command, a run of accesses, or a refresh. \pre next_time() != never
    void step();
    /// Takes all steps up to and including `cycle`.
    void advance(std::uint64_t cycle)
    {
        while (next_time() <= cycle)
            step();
    }
    /// Serves a run past the queue where no request that may still come could go before it: its
    /// rows are open and its data follows that on the bus, or the bus is free before it is ready.
    /// What it does is what `accept` and the steps behind it would do.
    /// \pre advance(cycle), and `run.accesses` is at most `longest_run(write)`
    /// \returns its accesses; none where it has to wait, and with granularity `command`
    [[nodiscard]] std::optional<ServedAccesses>
    serve_at_once(const AccessRun& run, bool write, std::uint64_t cycle);
    [[nodiscard]] bool has_reads() const noexcept { return reads_.accesses > 0; }
    [[nodiscard]] bool is_empty() const noexcept
    {
        return reads_.accesses == 0 && writes_.accesses == 0;
    }
    /// What was served since the caller last cleared it.
    [[nodiscard]] std::vector<ServedAccesses>& served() noexcept { return served_; }
    [[nodiscard]] const DramCounts& counts() const noexcept { return channel_.counts(); }
    [[nodiscard]] DramChannel& channel() noexcept { return channel_; }

  private:
    static constexpr std::uint64_t all_banks = ~std::uint64_t{0}; ///< mask

    struct Entry {
        AccessRun run;
        std::uint32_t tag = 0;
        std::uint32_t done = 0;  ///< accesses served
        std::uint64_t ready = 0; ///< first cycle of a command for it
        std::uint64_t order = 0;
        std::uint64_t bank_mask = 0; ///< banks that the accesses left touch
        std::uint64_t open_mask = 0; ///< of them, those whose open row is the entry's

        [[nodiscard]] std::uint32_t left() const { return run.accesses - done; }
        [[nodiscard]] std::uint32_t banks() const
        {
            return std::min<std::uint32_t>(left(), run.groups);
        }
        [[nodiscard]] bool is_open() const { return open_mask == bank_mask; }
    };
    enum class StepKind : std::uint8_t { Nothing, Access, Activate, Precharge, Refresh, Drain };
    /// What the oldest entry that wants another row of a bank needs next.
    struct RowNeed {
        StepKind kind = StepKind::Nothing; ///< Nothing: row hits go first
        std::uint16_t entry = 0;
        std::uint64_t ready = 0; ///< for the entry and the bank; others may hold it up
        std::uint64_t age = 0;   ///< order of the entry, and of the bank within it
    };
    /// Reads or writes that wait, oldest first.
    struct Queue {
        explicit Queue(bool is_write)
            : write{is_write}
        {}
        bool write;
        std::vector<Entry> pool;
        std::vector<std::uint16_t> order; ///< indices into `pool`
        std::vector<std::uint16_t> free;
        std::uint64_t accesses = 0;
        std::uint32_t open_entries = 0;
        std::vector<std::uint32_t> hits_per_bank;    ///< entries that want its open row
        std::vector<std::uint32_t> entries_per_bank; ///< entries that touch it
        std::uint64_t touched_banks = 0;             ///< mask
        // what an entry needs a bank's row changed for, looked up again where it is stale
        std::vector<RowNeed> row_needs; ///< per bank
        std::uint64_t wanted_banks = 0; ///< mask
        std::uint64_t stale_banks = 0;  ///< mask
    };
    struct Step {
        StepKind kind = StepKind::Nothing;
        std::uint64_t cycle = never;
        Queue* queue = nullptr;
        std::uint16_t entry = 0;
        std::uint32_t bank = 0; ///< Refresh: the rank
        std::uint64_t row = 0;
        std::uint64_t age = 0; ///< row commands: the older goes first
    };

    void enqueue(Queue& queue, const AccessRun& run, std::uint64_t cycle, std::uint32_t tag);
    [[nodiscard]] bool is_contested(const AccessRun& run) const;
    [[nodiscard]] bool is_next(const AccessRun& run, bool write, std::uint64_t cycle) const;
    void plan();
    void choose_direction();
    void plan_access(Queue& queue, std::uint64_t before_order);
    void start_drain(std::uint64_t end);
    [[nodiscard]] bool has_read_to_finish(std::uint32_t bank) const;
    void plan_row_command(Queue& queue, std::uint64_t banks);
    void plan_entry(Queue& queue, std::uint16_t index);
    [[nodiscard]] bool opens_at_once(const Entry& entry) const;
    [[nodiscard]] std::uint64_t latest_precharge(const Entry& entry) const;
    [[nodiscard]] bool is_before_refresh(std::uint64_t cycle) const
    {
        return cycle + config_.t_ras + config_.t_rp + config_.t_faw < next_refresh_;
    }
    void find_next_refresh();
    void plan_refresh();
    [[nodiscard]] std::uint64_t access_time(const Entry& entry, bool write) const;
    [[nodiscard]] RowNeed row_need(const Queue& queue, std::uint16_t index, std::uint32_t i) const;
    void look_up_row_need(Queue& queue, std::uint32_t bank);
    void offer_row_command(Queue& queue, const RowNeed& need, std::uint32_t bank);
    [[nodiscard]] bool
    may_precharge(const Queue& queue, const Entry& entry, std::uint32_t bank) const;
    void open_rows(const Entry& entry);
    void serve(Queue& queue, std::uint16_t index, std::uint64_t cycle);
    ServedAccesses place(const Entry& entry, std::uint32_t count, bool write, std::uint64_t cycle);
    [[nodiscard]] std::uint32_t
    accesses_at_once(const Queue& queue, const Entry& entry, std::uint64_t cycle) const;
    void remove(Queue& queue, std::uint16_t index);
    [[nodiscard]] std::uint64_t bank_mask(const Entry& entry) const;
    [[nodiscard]] bool rows_open(const Entry& entry) const;
    void row_changed(std::uint32_t bank);
    /// Whether a request that waits wants the bank's open row.
    [[nodiscard]] bool is_hit(std::uint32_t bank) const
    {
        return reads_.hits_per_bank[bank] > 0 || writes_.hits_per_bank[bank] > 0;
    }
    void close_idle_rows(const AccessRun& run, std::uint64_t cycle);
    void close_unwanted_rows(const Entry& entry);
    [[nodiscard]] std::uint64_t spacing(const AccessRun& run) const
    {
        return run.groups > 1 ? rotating_spacing_ : config_.t_ccd_l;
    }

    const DdrConfig config_;
    const std::uint64_t rotating_spacing_; ///< between accesses that go round the bank groups
    const bool overlaps_drain_;
    DramChannel channel_;
    Queue reads_{false};
    Queue writes_{true};
    bool draining_ = false;
    std::uint64_t drain_end_ = 0;
    bool finishing_reads_ = false;   ///< a drain lets the reads go first whose rows were open
    std::uint64_t drain_order_ = 0;  ///< reads older than the drain
    std::uint64_t command_slot_ = 0; ///< first cycle without a command
    std::uint64_t reads_until_ = 0;  ///< cycle of the last read command that is placed
    std::uint64_t last_accept_ = 0;
    std::uint64_t next_order_ = 0;
    std::uint64_t next_refresh_ = 0; ///< of all ranks
    bool planned_ = false;
    Step step_;
    std::vector<ServedAccesses> served_;
};

} // namespace heatsim::hw
