// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/address_map.hpp"
#include "hw/ddr/ddr_config.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace heatsim::hw {

enum class DramCommandKind : std::uint8_t { Activate, Precharge, Read, Write, Refresh };

/// One command on the command bus, as an observer sees it.
struct DramCommand {
    DramCommandKind kind = DramCommandKind::Activate;
    std::uint32_t bank = 0; ///< over all ranks; Refresh: first bank of its rank
    std::uint64_t row = 0;  ///< Activate
    std::uint64_t cycle = 0;
};

/// Counts of one channel since the start of the image.
struct DramCounts {
    std::uint64_t accesses = 0;           ///< column accesses
    std::uint64_t activates_closed = 0;   ///< of a bank without open row
    std::uint64_t activates_conflict = 0; ///< of a bank whose row a request had to close
    std::uint64_t refreshes = 0;
    std::uint64_t refresh_cycles = 0; ///< a rank neither serves nor activates, from due to done
    std::uint64_t turnarounds = 0;
    std::uint64_t turnaround_cycles = 0; ///< the data bus idles for a change of direction
    std::uint64_t data_cycles = 0;

    [[nodiscard]] std::uint64_t row_hits() const
    {
        const auto opened = activates_closed + activates_conflict;
        return accesses > opened ? accesses - opened : 0;
    }
    DramCounts& operator+=(const DramCounts& other);
};

/// Ranks, bank groups, banks and the data bus of one channel: state and timing gates of JESD79-4,
/// plain C++. Times are memory clock cycles since the start of the image.
///
/// Contract: each `earliest_*` is tight: the command is legal at the returned cycle, unless other
/// commands come first, and at no earlier one. Commands may be given in any order of time that
/// respects them.
class DramChannel {
  public:
    static constexpr std::uint64_t closed = ~std::uint64_t{0};

    explicit DramChannel(const DdrConfig& config);
    void restart();

    [[nodiscard]] const AddressMap& map() const noexcept { return map_; }
    [[nodiscard]] std::uint64_t row(std::uint32_t bank) const { return banks_[bank].row; }
    [[nodiscard]] std::uint64_t last_access(std::uint32_t bank) const
    {
        return banks_[bank].last_access;
    }
    /// Column accesses to the bank since its row was opened.
    [[nodiscard]] std::uint64_t accesses_since_activate(std::uint32_t bank) const
    {
        return banks_[bank].accesses;
    }
    [[nodiscard]] std::uint64_t earliest_activate(std::uint32_t bank) const
    {
        return std::max(banks_[bank].activate_ready, earliest_activate_beside(bank));
    }
    /// Part of `earliest_activate` that is its bank group's and its rank's.
    [[nodiscard]] std::uint64_t earliest_activate_beside(std::uint32_t bank) const
    {
        const auto& rank = ranks_[map_.rank_of(bank)];
        return std::max({groups_[map_.group_of(bank)].activate_ready, rank.activate_ready,
                         rank.window[rank.oldest]});
    }
    /// Part of `earliest_activate` that is the bank's own.
    [[nodiscard]] std::uint64_t earliest_activate_in_bank(std::uint32_t bank) const
    {
        return banks_[bank].activate_ready;
    }
    [[nodiscard]] std::uint64_t earliest_precharge(std::uint32_t bank) const
    {
        return banks_[bank].precharge_ready;
    }
    [[nodiscard]] std::uint64_t earliest_column(std::uint32_t bank, bool write) const
    {
        return std::max(earliest_in_bank(bank, write), earliest_on_bus(map_.rank_of(bank), write));
    }
    /// Part of `earliest_column` that is the bank's and its group's own.
    [[nodiscard]] std::uint64_t earliest_in_bank(std::uint32_t bank, bool write) const
    {
        const auto& group = groups_[map_.group_of(bank)];
        return std::max(banks_[bank].column_ready, write ? group.write_ready : group.read_ready);
    }
    /// No bank of the rank has an `earliest_in_bank` behind it.
    [[nodiscard]] std::uint64_t latest_bank_gate(std::uint32_t rank, bool write) const
    {
        const auto& gates = ranks_[rank];
        return std::max(gates.latest_column_ready,
                        write ? gates.latest_group_write : gates.latest_group_read);
    }
    /// Part of `earliest_column` that is the same for all banks of a rank.
    [[nodiscard]] std::uint64_t earliest_on_bus(std::uint32_t rank, bool write) const
    {
        const auto& ready = ranks_[rank];
        return std::max(write ? ready.write_ready : ready.read_ready,
                        rank == bus_rank_ ? bus_gate_[write ? 1 : 0]
                                          : other_rank_gate_[write ? 1 : 0]);
    }
    /// Cycle from which the data bus is free.
    [[nodiscard]] std::uint64_t bus_free() const noexcept { return bus_free_; }
    [[nodiscard]] std::uint64_t next_refresh(std::uint32_t rank) const
    {
        return ranks_[rank].next_refresh;
    }
    [[nodiscard]] std::uint32_t ranks() const { return static_cast<std::uint32_t>(ranks_.size()); }
    [[nodiscard]] std::uint32_t banks() const { return static_cast<std::uint32_t>(banks_.size()); }

    void activate(std::uint32_t bank, std::uint64_t row, std::uint64_t cycle);
    /// \param conflict a request wants another row
    void precharge(std::uint32_t bank, std::uint64_t cycle, bool conflict);
    /// Accesses `first` to `first + count - 1` of a run, one every `spacing` cycles from `cycle`.
    /// \returns end of the last one's data
    std::uint64_t access(const AccessRun& run,
                         std::uint32_t first,
                         std::uint32_t count,
                         bool write,
                         std::uint64_t cycle,
                         std::uint64_t spacing);
    /// Precharges what is open in the rank as soon as it may be, from `next_refresh` on, and
    /// refreshes. \returns the banks that were open, as a mask
    std::uint64_t refresh(std::uint32_t rank);

    [[nodiscard]] const DramCounts& counts() const noexcept { return counts_; }
    /// Called with every command; for tests and traces.
    void observe(std::function<void(const DramCommand&)> observer)
    {
        observer_ = std::move(observer);
    }

  private:
    struct alignas(64) Bank { // found by a shift
        std::uint64_t row = closed;
        std::uint64_t activate_ready = 0;
        std::uint64_t precharge_ready = 0;
        std::uint64_t column_ready = 0;
        std::uint64_t last_access = 0;
        std::uint64_t accesses = 0; ///< since the activate
        bool conflict = false;      ///< its last row was closed for another one
    };
    struct alignas(32) Group {
        std::uint64_t activate_ready = 0;
        std::uint64_t read_ready = 0;
        std::uint64_t write_ready = 0;
    };
    struct Rank {
        std::uint64_t activate_ready = 0;
        std::uint64_t read_ready = 0;
        std::uint64_t write_ready = 0;
        std::array<std::uint64_t, 4> window{}; ///< when the last four activates leave tFAW
        std::uint32_t oldest = 0;
        std::uint64_t next_refresh = 0;
        std::uint64_t latest_column_ready = 0; ///< of its banks
        std::uint64_t latest_group_read = 0;   ///< of its bank groups
        std::uint64_t latest_group_write = 0;
    };

    void take_bus(std::uint32_t rank, bool write, std::uint64_t data_start, std::uint64_t data_end);
    void tell(DramCommandKind kind, std::uint32_t bank, std::uint64_t row, std::uint64_t cycle)
    {
        if (observer_)
            observer_({kind, bank, row, cycle});
    }

    const DdrConfig config_;
    const AddressMap map_;
    std::vector<Bank> banks_;
    std::vector<Group> groups_;
    std::vector<Rank> ranks_;
    std::uint32_t bus_rank_ = 0;
    bool bus_used_ = false;
    bool bus_write_ = false;
    std::uint64_t bus_free_ = 0;
    std::array<std::uint64_t, 2> bus_gate_{};        ///< earliest read, write of the same rank
    std::array<std::uint64_t, 2> other_rank_gate_{}; ///< and of another one
    DramCounts counts_;
    std::function<void(const DramCommand&)> observer_;
};

} // namespace heatsim::hw
