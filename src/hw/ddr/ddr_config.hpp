// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace heatsim::hw {

/// Which bank, row and column an address means. Bits above one column access, lowest first.
enum class AddressMapping : std::uint8_t {
    RowBankColumn,        ///< column, bank group, bank, rank, row: a row stays in one bank
    BankGroupInterleaved, ///< bank group, column, bank, rank, row: neighbouring accesses change the
                          ///< bank group
    BankGroupXor,         ///< as BankGroupInterleaved, bank group and bank XORed with the low row
                          ///< bits (permutation-based interleaving, Zhang et al., MICRO 2000)
    Mop4ClXor,            ///< 2 column bits, rank, bank group, bank, other column bits, row; all
                          ///< but the column XORed with the column, in this order (minimalist open
                          ///< page, Kaseridis et al., MICRO 2011, in Ramulator's form)
};
inline constexpr std::array<config::EnumName<AddressMapping>, 5> address_mapping_names{{
    {AddressMapping::RowBankColumn, "row_bank_column"},
    {AddressMapping::RowBankColumn, "column_lowest"}, // its name in dram_reference.csv
    {AddressMapping::BankGroupInterleaved, "bank_group_interleaved"},
    {AddressMapping::BankGroupXor, "bank_group_xor"},
    {AddressMapping::Mop4ClXor, "mop4clxor"},
}};

enum class DdrScheduling : std::uint8_t {
    Fcfs,   ///< first come, first served, reads and writes in one order
    FrFcfs, ///< what is ready first, row hits before other commands, then the oldest (Rixner et
            ///< al., ISCA 2000)
};
inline constexpr std::array<config::EnumName<DdrScheduling>, 2> ddr_scheduling_names{{
    {DdrScheduling::Fcfs, "fcfs"},
    {DdrScheduling::FrFcfs, "fr_fcfs"},
}};

/// What becomes of a row behind its last access.
enum class PagePolicy : std::uint8_t {
    Open,    ///< it stays open until another row of the bank is wanted
    Closed,  ///< auto-precharge with the last access that waits for it
    Timeout, ///< it is precharged after so many cycles without an access
};
inline constexpr std::array<config::EnumName<PagePolicy>, 3> page_policy_names{{
    {PagePolicy::Open, "open"},
    {PagePolicy::Closed, "closed"},
    {PagePolicy::Timeout, "timeout"},
}};

/// How much the controller decides at once.
enum class WriteDrain : std::uint8_t {
    ByMapping,  ///< exclusive with mop4clxor, which comes from Ramulator 2; else overlapped
    Overlapped, ///< reads whose rows are open go first; rows for reads are opened towards its end
    Exclusive   ///< nothing is done for reads
};
inline constexpr std::array<config::EnumName<WriteDrain>, 3> write_drain_names{{
    {WriteDrain::ByMapping, "by_mapping"},
    {WriteDrain::Overlapped, "overlapped"},
    {WriteDrain::Exclusive, "exclusive"},
}};

enum class CommandGranularity : std::uint8_t {
    Command, ///< every column access by itself
    Run,     ///< a run of column accesses in open rows at once, where nothing can come between
};
inline constexpr std::array<config::EnumName<CommandGranularity>, 2> command_granularity_names{{
    {CommandGranularity::Command, "command"},
    {CommandGranularity::Run, "run"},
}};

/// External memory: geometry and JEDEC timing of one channel, and the controller in front of it.
/// Timing parameters are in memory clock cycles (tCK), named as in JEDEC JESD79-4.
struct DdrConfig {
    static constexpr std::uint64_t most_bank_groups = 16;

    std::string name;
    std::string source;
    double clock_mhz = 1200.0; ///< memory clock; the data bus moves two beats per cycle
    std::uint64_t channels = 1;
    std::uint64_t channel_interleave_bytes = 4096;
    std::uint64_t ranks = 1; ///< per channel
    std::uint64_t data_width_bits = 64;
    std::uint64_t burst_length = 8; ///< beats of one column access
    std::uint64_t bank_groups = 4;
    std::uint64_t banks_per_group = 4;
    std::uint64_t row_bytes = 8192; ///< page size over the whole data width
    std::uint64_t capacity_bytes = 4294967296;
    std::uint64_t cl = 17;
    std::uint64_t cwl = 12;
    std::uint64_t t_rcd = 17;
    std::uint64_t t_rp = 17;
    std::uint64_t t_ras = 39;
    std::uint64_t t_rrd_s = 4;
    std::uint64_t t_rrd_l = 6;
    std::uint64_t t_faw = 26;
    std::uint64_t t_ccd_s = 4;
    std::uint64_t t_ccd_l = 6;
    std::uint64_t t_wr = 18;
    std::uint64_t t_wtr_s = 3;
    std::uint64_t t_wtr_l = 9;
    std::uint64_t t_rtp = 9;
    std::uint64_t t_rtrs = 1; ///< gap on the data bus between two ranks
    std::uint64_t t_rfc = 420;
    std::uint64_t t_refi = 9360;
    AddressMapping mapping = AddressMapping::BankGroupInterleaved;
    PagePolicy page_policy = PagePolicy::Open;
    std::uint64_t page_timeout_cycles = 200;
    DdrScheduling scheduling = DdrScheduling::FrFcfs;
    std::uint64_t row_hit_limit = 2;       ///< hits that may pass an older request to the bank
    std::uint64_t read_queue_entries = 32; ///< column accesses waiting per channel
    std::uint64_t write_queue_entries = 32;
    WriteDrain write_drain = WriteDrain::ByMapping;
    std::uint64_t write_high_watermark = 26; ///< writes waiting that start a drain
    std::uint64_t write_low_watermark = 2;   ///< writes left that end it while reads wait
    std::uint64_t write_spare_watermark = 2; ///< more start one while no read waits
    std::uint64_t write_idle_cycles = 64;    ///< without requests until the last writes are drained
    std::uint64_t request_cycles = 1;        ///< request accepted to first command
    std::uint64_t response_cycles = 0;       ///< last beat to response
    CommandGranularity granularity = CommandGranularity::Run;
    double controller_latency_ns = 40.0; ///< port to controller and back, unloaded
    std::uint64_t port_width_bits = 0;   ///< of each port of the controller; 0: no limit
    double port_clock_mhz = 0.0;         ///< of these ports; 0: half the memory clock

    [[nodiscard]] std::uint64_t banks_per_rank() const { return bank_groups * banks_per_group; }
    [[nodiscard]] bool overlaps_write_drain() const
    {
        return write_drain == WriteDrain::ByMapping ? mapping != AddressMapping::Mop4ClXor
                                                    : write_drain == WriteDrain::Overlapped;
    }
    /// Bytes of one column access.
    [[nodiscard]] std::uint64_t access_bytes() const { return data_width_bits / 8 * burst_length; }
    /// Memory clock cycles of one column access on the data bus.
    [[nodiscard]] std::uint64_t access_cycles() const { return burst_length / 2; }
    /// Pin bandwidth of all channels, bytes per second.
    [[nodiscard]] double peak_bandwidth_bytes_per_s() const
    {
        const auto bus_bytes = data_width_bits / 8 * channels;
        return 2e6 * clock_mhz * static_cast<double>(bus_bytes);
    }
};

void describe(config::Visitor& visitor, DdrConfig& config);

} // namespace heatsim::hw
