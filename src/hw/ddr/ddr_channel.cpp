// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/ddr_channel.hpp"

#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

namespace {

/// Idle cycles on the data bus between a read and the write behind it (preamble, JESD79-4 4.24).
constexpr std::uint64_t read_to_write_gap = 2;

} // namespace

DdrChannel::DdrChannel(const DdrConfig& config)
    : config_{config}
    , interleaved_{config.mapping == AddressMapping::BankGroupInterleaved && config.bank_groups > 1}
    , access_shift_{log2_ceil(config.access_bytes())}
    , span_shift_{log2_ceil(config.row_bytes * (interleaved_ ? config.bank_groups : 1))}
    , group_shift_{log2_ceil(config.bank_groups)}
    , bank_shift_{log2_ceil(config.banks_per_group)}
    , banks_(config.bank_groups * config.banks_per_group)
    , next_refresh_{config.t_refi}
{}

void DdrChannel::restart()
{
    std::fill(banks_.begin(), banks_.end(), Bank{});
    last_activates_ = {};
    activate_index_ = 0;
    activates_ = 0;
    bus_free_ = 0;
    last_write_end_ = 0;
    last_was_write_ = false;
    bus_used_ = false;
    next_refresh_ = config_.t_refi;
    counts_ = {};
}

DdrChannel::Place DdrChannel::place(std::uint64_t address) const
{
    const auto group_mask = config_.bank_groups - 1;
    const auto bank_mask = config_.banks_per_group - 1;
    const auto span = address >> span_shift_;
    if (interleaved_) { // bank group, column, bank, row
        const auto group = (address >> access_shift_) & group_mask;
        return {(group << bank_shift_) + (span & bank_mask), span >> bank_shift_};
    }
    // column, bank group, bank, row
    const auto group = span & group_mask;
    const auto bank = (span >> group_shift_) & bank_mask;
    return {(group << bank_shift_) + bank, span >> (group_shift_ + bank_shift_)};
}

bool DdrChannel::is_row_hit(std::uint64_t address) const
{
    const auto where = place(address);
    return banks_[where.bank].row == where.row;
}

std::uint64_t DdrChannel::activate(Bank& bank, std::uint64_t earliest)
{
    auto when = std::max(earliest, bank.activate_ready);
    if (activates_ >= 1) {
        const auto newest = last_activates_[(activate_index_ + 3) % 4];
        when = std::max(when, newest + config_.t_rrd);
    }
    if (activates_ >= 4)
        when = std::max(when, last_activates_[activate_index_] + config_.t_faw);
    last_activates_[activate_index_] = when;
    activate_index_ = (activate_index_ + 1) % 4;
    ++activates_;
    bank.column_ready = when + config_.t_rcd;
    bank.precharge_ready = when + config_.t_ras;
    bank.activate_ready = when + config_.t_ras + config_.t_rp;
    return when;
}

std::uint64_t DdrChannel::open_row(Place where, std::uint64_t earliest)
{
    auto& bank = banks_[where.bank];
    if (bank.row == where.row) {
        ++counts_.row_hits;
        return std::max(bank.column_ready, earliest);
    }
    if (bank.row == closed) {
        ++counts_.row_misses;
    } else {
        ++counts_.row_conflicts;
        bank.activate_ready =
            std::max(bank.activate_ready, std::max(earliest, bank.precharge_ready) + config_.t_rp);
    }
    bank.row = where.row;
    activate(bank, earliest);
    return bank.column_ready;
}

void DdrChannel::refresh_until(std::uint64_t cycle)
{
    while (next_refresh_ <= cycle) {
        // all banks precharged once their last access allows it, then refreshed together
        auto start = std::max(next_refresh_, bus_free_);
        bool any_open = false;
        for (const auto& bank : banks_) {
            if (bank.row != closed) {
                any_open = true;
                start = std::max(start, bank.precharge_ready);
            }
        }
        const auto end = start + (any_open ? config_.t_rp : 0) + config_.t_rfc;
        for (auto& bank : banks_)
            bank = Bank{closed, end, end, end};
        ++counts_.refreshes;
        next_refresh_ += config_.t_refi;
    }
}

BurstTiming
DdrChannel::serve(std::uint64_t address, std::uint64_t bytes, bool write, std::uint64_t arrival)
{
    const auto access_bytes = config_.access_bytes();
    const auto latency = write ? config_.cwl : config_.cl;
    const auto beats_per_access = config_.burst_length / 2; // clock cycles on the data bus
    const auto end = address + bytes;
    address &= ~(access_bytes - 1);

    // accesses of a chunk go round the bank groups
    const auto group_mask = interleaved_ ? config_.bank_groups - 1 : 0;

    BurstTiming timing;
    bool first = true;
    while (address < end) {
        const auto chunk_end = std::min(end, ((address >> span_shift_) + 1) << span_shift_);
        const auto accesses = (chunk_end - address + access_bytes - 1) >> access_shift_;
        refresh_until(std::max(arrival, bus_free_ > latency ? bus_free_ - latency : 0));

        // (1) open the rows: one bank, or one in each bank group the chunk touches
        const auto touched = interleaved_ ? std::min(accesses, config_.bank_groups) : 1;
        const auto spacing = interleaved_ && accesses > 1 ? config_.t_ccd_s : config_.t_ccd_l;
        std::uint64_t column = arrival;
        for (std::uint64_t i = 0; i < touched;
             ++i) { // access i follows i spacings behind the first
            const auto ready = open_row(place(address + i * access_bytes), arrival);
            column = std::max(column, ready - std::min(ready, i * spacing));
        }

        // (2) find room on the data bus, behind a turnaround where the direction changes
        auto bus_ready = bus_free_;
        if (bus_used_ && write != last_was_write_) {
            if (first)
                ++counts_.turnarounds;
            if (write)
                bus_ready += read_to_write_gap;
            else
                column = std::max(column, last_write_end_ + config_.t_wtr);
        }
        const auto data = std::max(column + latency, bus_ready);
        column = data - latency;

        // (3) move the data
        const auto last_column = column + (accesses - 1) * spacing;
        const auto data_end = last_column + latency + beats_per_access;
        for (std::uint64_t i = 0; i < touched; ++i) {
            // each bank counts from its own last access: the next burst may start in another group
            auto& bank = banks_[place(address + i * access_bytes).bank];
            const auto own_last =
                column + (accesses - 1 - ((accesses - 1 - i) & group_mask)) * spacing;
            const auto own_end = own_last + latency + beats_per_access;
            bank.column_ready = std::max(bank.column_ready, own_last + config_.t_ccd_l);
            bank.precharge_ready = std::max(bank.precharge_ready, write ? own_end + config_.t_wr
                                                                        : own_last + config_.t_rtp);
        }
        counts_.data_cycles += accesses * beats_per_access;
        bus_free_ = data_end;
        bus_used_ = true;
        last_was_write_ = write;
        if (write)
            last_write_end_ = data_end;
        if (first)
            timing.first_data = data;
        timing.last_data = data_end;
        first = false;
        address = chunk_end;
    }
    return timing;
}

} // namespace heatsim::hw
