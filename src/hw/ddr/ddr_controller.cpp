// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_controller.hpp"

#include "tlm/check.hpp"
#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

DdrController::DdrController(const DdrConfig& config)
    : config_{config}
    , rotating_spacing_{std::max(config.t_ccd_s, ceil_div(config.t_ccd_l, config.bank_groups))}
    , overlaps_drain_{config.overlaps_write_drain()}
    , channel_{config}
{
    restart();
}

void DdrController::restart()
{
    channel_.restart();
    for (auto* queue : {&reads_, &writes_}) {
        queue->pool.clear();
        queue->order.clear();
        queue->free.clear();
        queue->accesses = 0;
        queue->open_entries = 0;
        queue->hits_per_bank.assign(channel_.banks(), 0);
        queue->entries_per_bank.assign(channel_.banks(), 0);
        queue->touched_banks = 0;
        queue->row_needs.assign(channel_.banks(), {});
        queue->wanted_banks = queue->stale_banks = 0;
    }
    draining_ = finishing_reads_ = false;
    reads_until_ = command_slot_ = last_accept_ = next_order_ = 0;
    find_next_refresh();
    planned_ = false;
    served_.clear();
}

// Queues ---------------------------------------------------------------------------------------

std::uint64_t DdrController::bank_mask(const Entry& entry) const
{
    std::uint64_t mask = 0;
    const auto bank_of = map().banks(entry.run, entry.done);
    for (std::uint32_t i = 0; i < entry.banks(); ++i)
        mask |= std::uint64_t{1} << bank_of[i];
    return mask;
}

bool DdrController::rows_open(const Entry& entry) const
{
    const auto bank_of = map().banks(entry.run, entry.done);
    for (std::uint32_t i = 0; i < entry.banks(); ++i)
        if (channel_.row(bank_of[i]) != entry.run.row)
            return false;
    return true;
}

void DdrController::accept(const AccessRun& run, bool write, std::uint64_t cycle, std::uint32_t tag)
{
    if (config_.page_policy == PagePolicy::Timeout)
        close_idle_rows(run, cycle);
    last_accept_ = cycle;
    planned_ = false;
    auto& queue = write ? writes_ : reads_;
    // a run that needs each of its banks once must not wait for one that is slower than the others
    const Entry entry{run};
    const bool waits = run.accesses <= run.groups && !rows_open(entry);
    if (run.groups == 1 || (!waits && !is_contested(run))) {
        enqueue(queue, run, cycle, tag);
        return;
    }
    // where somebody wants other rows of the banks, two runs could wait for each other
    auto single = run;
    single.accesses = single.groups = 1;
    for (std::uint32_t i = 0; i < run.accesses; ++i) {
        single.group = static_cast<std::uint8_t>(run.group + i);
        enqueue(queue, single, cycle, tag);
    }
}

void DdrController::enqueue(Queue& queue,
                            const AccessRun& run,
                            std::uint64_t cycle,
                            std::uint32_t tag)
{
    if (queue.free.empty()) {
        queue.free.push_back(static_cast<std::uint16_t>(queue.pool.size()));
        queue.pool.emplace_back();
    }
    const auto index = queue.free.back();
    queue.free.pop_back();
    queue.order.push_back(index);
    auto& entry = queue.pool[index];
    entry = {run, tag, 0, cycle + config_.request_cycles, next_order_++, 0, 0};
    const auto bank_of = map().banks(run);
    for (std::uint32_t i = 0; i < entry.banks(); ++i) {
        const auto bank = bank_of[i];
        const auto bit = std::uint64_t{1} << bank;
        entry.bank_mask |= bit;
        ++queue.entries_per_bank[bank];
        if (channel_.row(bank) == run.row) {
            entry.open_mask |= bit;
            ++queue.hits_per_bank[bank];
        }
    }
    queue.open_entries += entry.is_open() ? 1U : 0U;
    queue.wanted_banks |= entry.bank_mask & ~entry.open_mask;
    queue.stale_banks |= entry.bank_mask;
    queue.touched_banks |= entry.bank_mask;
    queue.accesses += run.accesses;
}

/// Whether a request that waits wants another row of one of the run's banks.
bool DdrController::is_contested(const AccessRun& run) const
{
    const auto banks = bank_mask(Entry{run});
    for (const auto* queue : {&reads_, &writes_})
        for (const auto index : queue->order) {
            const auto& other = queue->pool[index];
            if ((other.bank_mask & banks) != 0 && other.run.row != run.row)
                return true;
        }
    return false;
}

void DdrController::remove(Queue& queue, std::uint16_t index)
{
    queue.order.erase(std::find(queue.order.begin(), queue.order.end(), index));
    queue.free.push_back(index);
}

/// Entries that touch `bank` see its new row, or that it has none.
void DdrController::row_changed(std::uint32_t bank)
{
    const auto bit = std::uint64_t{1} << bank;
    const auto row = channel_.row(bank);
    for (auto* queue : {&reads_, &writes_}) {
        queue->hits_per_bank[bank] = 0;
        queue->stale_banks |= bit;
        for (const auto index : queue->order) {
            auto& entry = queue->pool[index];
            if ((entry.bank_mask & bit) == 0)
                continue;
            queue->open_entries -= entry.is_open() ? 1U : 0U;
            if (entry.run.row == row) {
                entry.open_mask |= bit;
                ++queue->hits_per_bank[bank];
            } else {
                entry.open_mask &= ~bit;
                queue->wanted_banks |= bit;
            }
            queue->open_entries += entry.is_open() ? 1U : 0U;
        }
    }
}

void DdrController::close_idle_rows(const AccessRun& run, std::uint64_t cycle)
{
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(run.accesses, run.groups); ++i) {
        const auto bank = map().bank_of(run, i);
        if (channel_.row(bank) == DramChannel::closed || is_hit(bank))
            continue;
        const auto closes = std::max(channel_.last_access(bank) + config_.page_timeout_cycles,
                                     channel_.earliest_precharge(bank));
        if (closes > cycle)
            continue;
        channel_.precharge(bank, closes, false);
        row_changed(bank);
    }
}

/// Page policy `closed`: auto-precharge behind the last access that wants the row.
void DdrController::close_unwanted_rows(const Entry& entry)
{
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(entry.run.accesses, entry.run.groups);
         ++i) {
        const auto bank = map().bank_of(entry.run, i);
        if (channel_.row(bank) != entry.run.row || is_hit(bank))
            continue;
        channel_.precharge(bank, channel_.earliest_precharge(bank), false);
        row_changed(bank);
    }
}

std::optional<ServedAccesses>
DdrController::serve_at_once(const AccessRun& run, bool write, std::uint64_t cycle)
{
    const bool gaps = run.accesses > 1 && spacing(run) > config_.access_cycles();
    if (gaps || config_.granularity != CommandGranularity::Run ||
        config_.page_policy != PagePolicy::Open || !is_next(run, write, cycle))
        return std::nullopt;
    Entry entry{run};
    entry.ready = cycle + config_.request_cycles;
    if (!rows_open(entry)) {
        const bool conflict = channel_.row(map().bank_of(run, 0)) != DramChannel::closed;
        if (conflict && latest_precharge(entry) > entry.ready)
            return std::nullopt; // a hit may come before
        const auto column = entry.ready + (conflict ? config_.t_rp : 0) + config_.t_rcd;
        const auto data = column + (write ? config_.cwl : config_.cl);
        if (!reads_.order.empty() || channel_.bus_free() > data || !opens_at_once(entry) ||
            !is_before_refresh(data))
            return std::nullopt;
        open_rows(entry);
    }
    const auto start = access_time(entry, write);
    if (start + (run.accesses - 1) * spacing(run) >= next_refresh_)
        return std::nullopt;
    last_accept_ = cycle;
    planned_ = false;
    command_slot_ = start + 1;
    reads_.stale_banks = writes_.stale_banks = all_banks; // row hits count
    return place(entry, run.accesses, write, start);
}

/// Whether no request that waits goes before a run that is a row hit or finds the bus free.
bool DdrController::is_next(const AccessRun& run, bool write, std::uint64_t cycle) const
{
    if (config_.scheduling == DdrScheduling::Fcfs)
        return is_empty();
    if (write) // more than the few that wait until nobody reads
        return is_empty() && run.accesses > config_.write_spare_watermark && cycle >= reads_until_;
    if (draining_)
        return false;
    // reads that wait for other rows of other banks go after it
    return reads_.order.empty() ||
           (reads_.open_entries == 0 && (bank_mask(Entry{run}) & reads_.wanted_banks) == 0);
}

// Planning -------------------------------------------------------------------------------------

void DdrController::plan()
{
    planned_ = true;
    step_ = {};
    if (is_empty()) {
        draining_ = false;
        return;
    }
    // (1) One command of the queue whose turn it is
    if (config_.scheduling == DdrScheduling::Fcfs) {
        auto& oldest =
            writes_.order.empty()  ? reads_
            : reads_.order.empty() ? writes_
            : reads_.pool[reads_.order.front()].order < writes_.pool[writes_.order.front()].order
                ? reads_
                : writes_;
        plan_entry(oldest, oldest.order.front());
    } else {
        choose_direction();
        if (reads_.order.empty() && !draining_) {
            // few writes wait until nobody asks for anything, more until no read is under way
            const bool few = writes_.accesses <= config_.write_spare_watermark;
            step_.kind = StepKind::Drain;
            step_.cycle = std::max(command_slot_,
                                   few ? last_accept_ + config_.write_idle_cycles : reads_until_);
        } else {
            auto& queue = draining_ ? writes_ : reads_;
            if (finishing_reads_)
                plan_access(reads_, drain_order_);
            if (queue.order.size() == 1 && !finishing_reads_) {
                plan_entry(queue, queue.order.front());
            } else {
                plan_access(queue, never);
                plan_row_command(queue, queue.wanted_banks);
            }
            if (draining_ && overlaps_drain_) // reads are prepared where no write wants the bank
                plan_row_command(reads_, reads_.wanted_banks & ~writes_.touched_banks);
        }
    }
    // (2) A refresh that is due goes before it
    if (step_.cycle >= next_refresh_)
        plan_refresh();
}

void DdrController::choose_direction()
{
    if (draining_)
        draining_ =
            !writes_.order.empty() && (reads_.order.empty() || writes_.accesses > drain_end_);
    else if (writes_.accesses >= config_.write_high_watermark)
        start_drain(config_.write_low_watermark);
}

/// \param end writes that are left to wait once reads do
void DdrController::start_drain(std::uint64_t end)
{
    draining_ = true;
    drain_end_ = end;
    finishing_reads_ = overlaps_drain_ && reads_.open_entries > 0;
    drain_order_ = next_order_;
    writes_.stale_banks = all_banks;
}

/// Whether a read that is older than the drain hits the bank's row.
bool DdrController::has_read_to_finish(std::uint32_t bank) const
{
    if (!finishing_reads_ || reads_.hits_per_bank[bank] == 0)
        return false;
    for (const auto index : reads_.order) {
        const auto& entry = reads_.pool[index];
        if (entry.order >= drain_order_)
            return false;
        if ((entry.open_mask >> bank & 1U) != 0)
            return true;
    }
    return false;
}

std::uint64_t DdrController::access_time(const Entry& entry, bool write) const
{
    auto cycle =
        std::max({entry.ready, command_slot_, channel_.earliest_on_bus(entry.run.rank, write)});
    if (channel_.latest_bank_gate(entry.run.rank, write) <= cycle)
        return cycle; // the usual case: no bank holds it up
    const auto banks = entry.banks();
    const auto bank_of = map().banks(entry.run, entry.done);
    for (std::uint32_t i = 0; i < banks; ++i) {
        const auto ready = channel_.earliest_in_bank(bank_of[i], write);
        cycle = std::max(cycle, ready - std::min(ready, i * rotating_spacing_));
    }
    return cycle;
}

/// The access that can go first, of those older than `before_order`.
void DdrController::plan_access(Queue& queue, std::uint64_t before_order)
{
    const auto earliest = std::max(
        command_slot_, channel_.ranks() == 1 ? channel_.earliest_on_bus(0, queue.write) : 0);
    auto open_entries = queue.open_entries;
    for (auto next = queue.order.begin(); open_entries > 0; ++next) {
        const auto index = *next;
        const auto& entry = queue.pool[index];
        if (entry.order >= before_order)
            return;
        if (!entry.is_open())
            continue;
        --open_entries;
        const auto cycle = access_time(entry, queue.write);
        if (cycle < step_.cycle) {
            step_ = {StepKind::Access, cycle, &queue, index, 0, 0, 0};
            if (cycle <= earliest)
                return; // nobody can be earlier, and this is the oldest
        }
    }
}

bool DdrController::may_precharge(const Queue& queue, const Entry& entry, std::uint32_t bank) const
{
    if (queue.write && has_read_to_finish(bank))
        return false;
    if (queue.hits_per_bank[bank] == 0 || config_.scheduling == DdrScheduling::Fcfs)
        return true;
    if (channel_.accesses_since_activate(bank) < config_.row_hit_limit)
        return false;
    for (const auto index : queue.order) { // older hits go first all the same
        const auto& other = queue.pool[index];
        if (other.order >= entry.order)
            return true;
        if ((other.open_mask >> bank & 1U) != 0)
            return false;
    }
    return true;
}

/// What an entry needs for its `i`-th bank from the next on, whose row is not its own.
DdrController::RowNeed
DdrController::row_need(const Queue& queue, std::uint16_t index, std::uint32_t i) const
{
    const auto& entry = queue.pool[index];
    const auto bank = map().bank_of(entry.run, entry.done + i);
    const auto age = entry.order * DdrConfig::most_bank_groups + i;
    if (channel_.row(bank) == DramChannel::closed)
        return {StepKind::Activate, index,
                std::max(entry.ready, channel_.earliest_activate_in_bank(bank)), age};
    return {may_precharge(queue, entry, bank) ? StepKind::Precharge : StepKind::Nothing, index,
            std::max(entry.ready, channel_.earliest_precharge(bank)), age};
}

/// The oldest entry decides what becomes of a bank.
void DdrController::look_up_row_need(Queue& queue, std::uint32_t bank)
{
    const auto bit = std::uint64_t{1} << bank;
    queue.stale_banks &= ~bit;
    for (const auto index : queue.order) {
        const auto& entry = queue.pool[index];
        if (((entry.bank_mask & ~entry.open_mask) & bit) == 0)
            continue;
        std::uint32_t i = 0;
        while (map().bank_of(entry.run, entry.done + i) != bank)
            ++i;
        queue.row_needs[bank] = row_need(queue, index, i);
        return;
    }
    queue.wanted_banks &= ~bit;
}

/// Makes it the step, if it is earlier than the step so far.
void DdrController::offer_row_command(Queue& queue, const RowNeed& need, std::uint32_t bank)
{
    if (need.kind == StepKind::Nothing)
        return;
    auto cycle = std::max(need.ready, command_slot_);
    if (need.kind == StepKind::Activate)
        cycle = std::max(cycle, channel_.earliest_activate_beside(bank));
    // an access goes before a row command of the same cycle
    if (cycle < step_.cycle || (cycle == step_.cycle && need.age < step_.age))
        step_ = {need.kind, cycle, &queue, need.entry, bank, queue.pool[need.entry].run.row,
                 need.age};
}

/// For the given banks, of which the queue wants another row.
void DdrController::plan_row_command(Queue& queue, std::uint64_t banks)
{
    if (step_.cycle <= command_slot_)
        return; // nothing can be earlier
    for (; banks != 0; banks &= banks - 1) {
        const auto bank = lowest_bit(banks);
        if ((queue.stale_banks >> bank & 1U) != 0) {
            look_up_row_need(queue, bank);
            if ((queue.wanted_banks >> bank & 1U) == 0)
                continue;
        }
        offer_row_command(queue, queue.row_needs[bank], bank);
    }
}

/// Only this entry matters: FCFS, or it is alone.
void DdrController::plan_entry(Queue& queue, std::uint16_t index)
{
    const auto& entry = queue.pool[index];
    if (entry.is_open()) {
        step_ = {StepKind::Access, access_time(entry, queue.write), &queue, index, 0, 0, 0};
        return;
    }
    for (std::uint32_t i = 0; i < entry.banks(); ++i) {
        const auto bank = map().bank_of(entry.run, entry.done + i);
        if ((entry.open_mask >> bank & 1U) == 0)
            offer_row_command(queue, row_need(queue, index, i), bank);
    }
}

/// Whether its row commands can be placed bank by bank: all its banks are in the same state.
bool DdrController::opens_at_once(const Entry& entry) const
{
    const auto bank_of = map().banks(entry.run, entry.done);
    const auto row = channel_.row(bank_of[0]);
    for (std::uint32_t i = 0; i < entry.banks(); ++i) {
        const auto other = channel_.row(bank_of[i]);
        if (other == entry.run.row ||
            (other == DramChannel::closed) != (row == DramChannel::closed))
            return false;
    }
    return true;
}

std::uint64_t DdrController::latest_precharge(const Entry& entry) const
{
    std::uint64_t cycle = 0;
    const auto bank_of = map().banks(entry.run, entry.done);
    for (std::uint32_t i = 0; i < entry.banks(); ++i)
        cycle = std::max(cycle, channel_.earliest_precharge(bank_of[i]));
    return cycle;
}

/// Of all ranks.
void DdrController::find_next_refresh()
{
    next_refresh_ = never;
    for (std::uint32_t rank = 0; rank < channel_.ranks(); ++rank)
        next_refresh_ = std::min(next_refresh_, channel_.next_refresh(rank));
}

void DdrController::plan_refresh()
{
    for (std::uint32_t rank = 0; rank < channel_.ranks(); ++rank)
        if (channel_.next_refresh(rank) == next_refresh_)
            step_ = {StepKind::Refresh, next_refresh_, nullptr, 0, rank, 0, 0};
}

// Steps ----------------------------------------------------------------------------------------

void DdrController::step()
{
    HEATSIM_CHECK(next_time() != never, "step without work");
    const auto step = step_;
    planned_ = false;
    switch (step.kind) {
    case StepKind::Access:
        serve(*step.queue, step.entry, step.cycle);
        command_slot_ = step.cycle + 1;
        break;
    case StepKind::Activate:
        channel_.activate(step.bank, step.row, step.cycle);
        row_changed(step.bank);
        command_slot_ = step.cycle + 1;
        break;
    case StepKind::Precharge:
        channel_.precharge(step.bank, step.cycle, true);
        row_changed(step.bank);
        command_slot_ = step.cycle + 1;
        break;
    case StepKind::Refresh:
        for (auto closed = channel_.refresh(step.bank); closed != 0; closed &= closed - 1)
            row_changed(lowest_bit(closed));
        reads_.stale_banks = writes_.stale_banks = all_banks; // all wait for it
        find_next_refresh();
        break;
    case StepKind::Drain:
        start_drain(0);
        break;
    case StepKind::Nothing:
        break;
    }
}

/// One access, or as many as nothing can come between.
std::uint32_t
DdrController::accesses_at_once(const Queue& queue, const Entry& entry, std::uint64_t cycle) const
{
    auto left = entry.left();
    if (queue.write && !reads_.order.empty() && config_.scheduling == DdrScheduling::FrFcfs)
        left = static_cast<std::uint32_t>(std::min<std::uint64_t>( // a drain ends at its watermark
            left, std::max<std::uint64_t>(writes_.accesses - drain_end_, 1)));
    if (left == 1)
        return 1;
    const auto step = spacing(entry.run);
    if (step > config_.access_cycles())
        return 1; // gaps on the bus, which others may fill
    // the refresh does not wait for more than the access under way
    if (cycle + (left - 1) * step < next_refresh_)
        return left;
    const auto before_refresh =
        next_refresh_ > cycle ? ceil_div(next_refresh_ - cycle, step) : std::uint64_t{1};
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(left, before_refresh));
}

void DdrController::open_rows(const Entry& entry)
{
    const auto slot = [&](std::uint64_t allowed) {
        const auto cycle = std::max({entry.ready, command_slot_, allowed});
        command_slot_ = cycle + 1;
        return cycle;
    };
    const auto banks = entry.banks();
    const auto bank_of = map().banks(entry.run, entry.done);
    for (std::uint32_t i = 0; i < banks; ++i) {
        const auto bank = bank_of[i];
        if (channel_.row(bank) != DramChannel::closed)
            channel_.precharge(bank, slot(channel_.earliest_precharge(bank)), true);
    }
    for (std::uint32_t i = 0; i < banks; ++i) {
        const auto bank = bank_of[i];
        channel_.activate(bank, entry.run.row, slot(channel_.earliest_activate(bank)));
        row_changed(bank);
    }
}

/// The accesses that come next, on the data bus. \pre they are legal
ServedAccesses
DdrController::place(const Entry& entry, std::uint32_t count, bool write, std::uint64_t cycle)
{
    if (!write)
        reads_until_ = cycle + (count - 1) * spacing(entry.run);
    const auto data_end =
        channel_.access(entry.run, entry.done, count, write, cycle, spacing(entry.run));
    return {entry.tag, count, write, cycle + (write ? config_.cwl : config_.cl), data_end};
}

void DdrController::serve(Queue& queue, std::uint16_t index, std::uint64_t cycle)
{
    auto& entry = queue.pool[index];
    const auto count = accesses_at_once(queue, entry, cycle);
    if (queue.write && finishing_reads_) {
        finishing_reads_ = false;
        writes_.stale_banks = all_banks;
    }
    served_.push_back(place(entry, count, queue.write, cycle));
    queue.accesses -= count;
    const auto before = entry.bank_mask;
    reads_.stale_banks |= before; // row hits count
    writes_.stale_banks |= before;
    entry.done += count;
    const bool finished = entry.left() == 0;
    entry.bank_mask = bank_mask(entry);
    entry.open_mask &= entry.bank_mask;
    for (auto left = before & ~entry.bank_mask; left != 0; left &= left - 1) {
        const auto bank = lowest_bit(left);
        --queue.hits_per_bank[bank];
        if (--queue.entries_per_bank[bank] == 0)
            queue.touched_banks &= ~(std::uint64_t{1} << bank);
    }
    if (!finished)
        return;
    --queue.open_entries;
    remove(queue, index);
    if (config_.page_policy == PagePolicy::Closed)
        close_unwanted_rows(entry);
}

} // namespace heatsim::hw
