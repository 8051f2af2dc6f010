// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/ddr_config.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace heatsim::hw {

/// When a burst's data moves, in memory clock cycles.
struct BurstTiming {
    std::uint64_t first_data = 0; ///< first beat on the data bus
    std::uint64_t last_data = 0;  ///< cycle after the last beat
};

/// Counts of one channel.
struct DdrCounts {
    std::uint64_t row_hits = 0;
    std::uint64_t row_misses = 0;
    std::uint64_t row_conflicts = 0;
    std::uint64_t refreshes = 0;
    std::uint64_t turnarounds = 0;
    std::uint64_t data_cycles = 0;
};

/// Banks, rows, data bus and refresh of one DDR channel: plain C++, no SystemC. Times are memory
/// clock cycles since the start of the image; `serve` is called in the order the scheduler chose.
///
/// A burst is a run of column accesses. Its rows are opened as early as its arrival and the banks
/// allow, under the data of the bursts before it; its accesses follow each other at tCCD_S where
/// they change the bank group, at tCCD_L where they do not.
class DdrChannel {
  public:
    explicit DdrChannel(const DdrConfig& config);

    /// Serves one burst. \param address byte address within the channel \param arrival when the
    /// controller knows of it
    BurstTiming
    serve(std::uint64_t address, std::uint64_t bytes, bool write, std::uint64_t arrival);

    /// True if every row the burst starts in is open.
    [[nodiscard]] bool is_row_hit(std::uint64_t address) const;
    [[nodiscard]] bool last_was_write() const noexcept { return last_was_write_; }
    /// Cycle from which the data bus is free.
    [[nodiscard]] std::uint64_t bus_free() const noexcept { return bus_free_; }
    [[nodiscard]] const DdrCounts& counts() const noexcept { return counts_; }
    void restart();

  private:
    static constexpr std::uint64_t closed = ~std::uint64_t{0};
    struct Bank {
        std::uint64_t row = closed;
        std::uint64_t activate_ready = 0;  ///< earliest activate
        std::uint64_t precharge_ready = 0; ///< earliest precharge
        std::uint64_t column_ready = 0;    ///< earliest column access
    };
    struct Place {
        std::uint64_t bank; ///< over all bank groups: group · banks_per_group + bank
        std::uint64_t row;
    };

    [[nodiscard]] Place place(std::uint64_t address) const;
    std::uint64_t open_row(Place place, std::uint64_t earliest);
    std::uint64_t activate(Bank& bank, std::uint64_t earliest);
    void refresh_until(std::uint64_t cycle);

    const DdrConfig config_;
    // All of the geometry is a power of two: shifts and masks, as divisions would be a third of the
    // run time
    const bool interleaved_; ///< neighbouring accesses change the bank group
    const unsigned access_shift_;
    const unsigned span_shift_; ///< consecutive bytes that lie in the same rows
    const unsigned group_shift_;
    const unsigned bank_shift_;
    std::vector<Bank> banks_;
    std::array<std::uint64_t, 4>
        last_activates_{}; ///< of the last four, oldest at activate_index_; 0 = none
    std::size_t activate_index_ = 0;
    std::uint64_t activates_ = 0;
    std::uint64_t bus_free_ = 0;
    std::uint64_t last_write_end_ = 0;
    bool last_was_write_ = false;
    bool bus_used_ = false;
    std::uint64_t next_refresh_ = 0;
    DdrCounts counts_;
};

} // namespace heatsim::hw
