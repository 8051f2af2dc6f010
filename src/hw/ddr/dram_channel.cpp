// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/dram_channel.hpp"

#include <algorithm>

namespace heatsim::hw {

namespace {

/// Idle cycles on the data bus between read data and the write data behind it: RD to WR is
/// CL + BL/2 + 2 - CWL (JESD79-4B, 4.24.5, 1 tCK preamble).
constexpr std::uint64_t read_to_write_gap = 2;

[[nodiscard]] std::uint64_t minus(std::uint64_t value, std::uint64_t amount)
{
    return value > amount ? value - amount : 0;
}

} // namespace

DramCounts& DramCounts::operator+=(const DramCounts& other)
{
    accesses += other.accesses;
    activates_closed += other.activates_closed;
    activates_conflict += other.activates_conflict;
    refreshes += other.refreshes;
    refresh_cycles += other.refresh_cycles;
    turnarounds += other.turnarounds;
    turnaround_cycles += other.turnaround_cycles;
    data_cycles += other.data_cycles;
    return *this;
}

DramChannel::DramChannel(const DdrConfig& config)
    : config_{config}
    , map_{config}
    , banks_(config.ranks * config.banks_per_rank())
    , groups_(config.ranks * config.bank_groups)
    , ranks_(config.ranks)
{
    restart();
}

void DramChannel::restart()
{
    std::fill(banks_.begin(), banks_.end(), Bank{});
    std::fill(groups_.begin(), groups_.end(), Group{});
    std::fill(ranks_.begin(), ranks_.end(), Rank{});
    // ranks take turns, so that one works while another is refreshed
    for (std::uint64_t rank = 0; rank < config_.ranks; ++rank)
        ranks_[rank].next_refresh = config_.t_refi - rank * (config_.t_refi / config_.ranks);
    bus_rank_ = 0;
    bus_used_ = false;
    bus_write_ = false;
    bus_free_ = 0;
    bus_gate_ = other_rank_gate_ = {};
    counts_ = {};
}

void DramChannel::activate(std::uint32_t bank_index, std::uint64_t row, std::uint64_t cycle)
{
    auto& bank = banks_[bank_index];
    auto& rank = ranks_[map_.rank_of(bank_index)];
    ++(bank.conflict ? counts_.activates_conflict : counts_.activates_closed);
    bank.conflict = false;
    bank.row = row;
    bank.last_access = cycle;
    bank.accesses = 0;
    bank.column_ready = cycle + config_.t_rcd;
    bank.precharge_ready = cycle + config_.t_ras;
    bank.activate_ready = cycle + config_.t_ras + config_.t_rp;
    groups_[map_.group_of(bank_index)].activate_ready = cycle + config_.t_rrd_l;
    rank.activate_ready = cycle + config_.t_rrd_s;
    rank.latest_column_ready = std::max(rank.latest_column_ready, bank.column_ready);
    rank.window[rank.oldest] = cycle + config_.t_faw;
    rank.oldest = (rank.oldest + 1) % static_cast<std::uint32_t>(rank.window.size());
    tell(DramCommandKind::Activate, bank_index, row, cycle);
}

void DramChannel::precharge(std::uint32_t bank_index, std::uint64_t cycle, bool conflict)
{
    auto& bank = banks_[bank_index];
    bank.row = closed;
    bank.conflict = conflict;
    bank.activate_ready = std::max(bank.activate_ready, cycle + config_.t_rp);
    tell(DramCommandKind::Precharge, bank_index, 0, cycle);
}

std::uint64_t DramChannel::access(const AccessRun& run,
                                  std::uint32_t first,
                                  std::uint32_t count,
                                  bool write,
                                  std::uint64_t cycle,
                                  std::uint64_t spacing)
{
    const auto latency = write ? config_.cwl : config_.cl;
    const auto data_cycles = config_.access_cycles();
    const auto last = cycle + (count - 1) * spacing;
    const auto data_end = last + latency + data_cycles;
    // each bank counts from its own last access
    const std::uint32_t banks = std::min<std::uint32_t>(count, run.groups);
    const std::uint32_t rounds = count > banks ? count / banks : 1;
    const std::uint32_t more = count - rounds * banks; // banks with one access more
    const auto bank_of = map_.banks(run, first + count - banks);
    auto when = last - (banks - 1) * spacing;
    for (std::uint32_t i = 0; i < banks; ++i, when += spacing) {
        const auto bank_index = bank_of[i];
        auto& bank = banks_[bank_index];
        auto& group = groups_[map_.group_of(bank_index)];
        bank.last_access = when;
        bank.accesses += i + more < banks ? rounds : rounds + 1;
        if (write) {
            const auto end = when + latency + data_cycles;
            bank.precharge_ready = std::max(bank.precharge_ready, end + config_.t_wr);
            group.write_ready = when + config_.t_ccd_l;
            group.read_ready = std::max(group.read_ready, end + config_.t_wtr_l);
        } else {
            bank.precharge_ready = std::max(bank.precharge_ready, when + config_.t_rtp);
            group.read_ready = std::max(group.read_ready, when + config_.t_ccd_l);
        }
    }
    auto& rank = ranks_[run.rank];
    if (write) {
        rank.write_ready = last + config_.t_ccd_s;
        rank.read_ready = std::max(rank.read_ready, data_end + config_.t_wtr_s);
        rank.latest_group_write = std::max(rank.latest_group_write, last + config_.t_ccd_l);
        rank.latest_group_read = std::max(rank.latest_group_read, data_end + config_.t_wtr_l);
    } else {
        rank.read_ready = std::max(rank.read_ready, last + config_.t_ccd_s);
        rank.latest_group_read = std::max(rank.latest_group_read, last + config_.t_ccd_l);
    }
    take_bus(run.rank, write, cycle + latency, data_end);
    counts_.accesses += count;
    counts_.data_cycles += count * data_cycles;
    if (observer_)
        for (std::uint32_t i = 0; i < count; ++i)
            tell(write ? DramCommandKind::Write : DramCommandKind::Read,
                 map_.bank_of(run, first + i), run.row, cycle + i * spacing);
    return data_end;
}

void DramChannel::take_bus(std::uint32_t rank,
                           bool write,
                           std::uint64_t data_start,
                           std::uint64_t data_end)
{
    if (bus_used_ && write != bus_write_) {
        // what the change of direction can cost, however long nobody wanted the bus before
        const auto most = write ? read_to_write_gap : config_.t_wtr_l + config_.cl;
        ++counts_.turnarounds;
        counts_.turnaround_cycles += std::min(minus(data_start, bus_free_), most);
    }
    bus_used_ = true;
    bus_write_ = write;
    bus_rank_ = rank;
    bus_free_ = data_end;
    const auto to_write = write ? 0 : read_to_write_gap;
    bus_gate_ = {minus(data_end, config_.cl), minus(data_end + to_write, config_.cwl)};
    other_rank_gate_ = {minus(data_end + config_.t_rtrs, config_.cl),
                        minus(data_end + std::max(config_.t_rtrs, to_write), config_.cwl)};
}

std::uint64_t DramChannel::refresh(std::uint32_t rank_index)
{
    auto& rank = ranks_[rank_index];
    const auto due = rank.next_refresh;
    const auto begin = rank_index * static_cast<std::uint32_t>(config_.banks_per_rank());
    const auto end = begin + static_cast<std::uint32_t>(config_.banks_per_rank());
    // (1) one precharge for all banks, when the last of them allows it
    auto precharge_cycle = due;
    std::uint64_t open = 0;
    for (auto bank = begin; bank < end; ++bank)
        if (banks_[bank].row != closed) {
            open |= std::uint64_t{1} << bank;
            precharge_cycle = std::max(precharge_cycle, banks_[bank].precharge_ready);
        }
    // (2) the refresh, tRP behind every precharge
    auto start = open != 0 ? precharge_cycle + config_.t_rp : due;
    for (auto bank = begin; bank < end; ++bank) {
        if (banks_[bank].row == closed)
            start = std::max(start, banks_[bank].activate_ready);
        else
            precharge(bank, precharge_cycle, false);
    }
    // (3) nothing for tRFC
    const auto done = start + config_.t_rfc;
    for (auto bank = begin; bank < end; ++bank) {
        banks_[bank].activate_ready = std::max(banks_[bank].activate_ready, done);
        banks_[bank].conflict = false;
    }
    tell(DramCommandKind::Refresh, begin, 0, start);
    ++counts_.refreshes;
    counts_.refresh_cycles += done - due;
    rank.next_refresh += config_.t_refi;
    return open;
}

} // namespace heatsim::hw
