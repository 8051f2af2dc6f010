// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace heatsim::hw {

/// Order of the address bits above one column access, lowest first.
enum class AddressMapping : std::uint8_t {
    RowBankColumn,        ///< column, bank group, bank, row: a row stays in one bank
    BankGroupInterleaved, ///< bank group, column, bank, row: neighbouring accesses change the bank
                          ///< group
};
inline constexpr std::array<config::EnumName<AddressMapping>, 2> address_mapping_names{{
    {AddressMapping::RowBankColumn, "row_bank_column"},
    {AddressMapping::BankGroupInterleaved, "bank_group_interleaved"},
}};

enum class DdrScheduling : std::uint8_t {
    Fcfs,   ///< first come, first served
    FrFcfs, ///< row hits in the current bus direction first, then the oldest
};
inline constexpr std::array<config::EnumName<DdrScheduling>, 2> ddr_scheduling_names{{
    {DdrScheduling::Fcfs, "fcfs"},
    {DdrScheduling::FrFcfs, "fr_fcfs"},
}};

/// External memory: geometry and JEDEC timing of one channel, and the controller in front of it.
/// Timing parameters are in memory clock cycles (tCK), named as in JEDEC JESD79-4.
struct DdrConfig {
    std::string name;
    std::string source;
    double clock_mhz = 1200.0; ///< memory clock; the data bus moves two beats per cycle
    std::uint64_t channels = 1;
    std::uint64_t channel_interleave_bytes = 4096;
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
    std::uint64_t t_rrd = 6; ///< the long value where bank groups exist
    std::uint64_t t_faw = 26;
    std::uint64_t t_ccd_s = 4;
    std::uint64_t t_ccd_l = 6;
    std::uint64_t t_wr = 18;
    std::uint64_t t_wtr = 9; ///< the long value where bank groups exist
    std::uint64_t t_rtp = 9;
    std::uint64_t t_rfc = 420;
    std::uint64_t t_refi = 9360;
    AddressMapping mapping = AddressMapping::BankGroupInterleaved;
    DdrScheduling scheduling = DdrScheduling::FrFcfs;
    std::uint64_t queue_entries = 32;    ///< bursts waiting per channel before ports are held
    double controller_latency_ns = 40.0; ///< port to controller and back, unloaded

    /// Bytes of one column access.
    [[nodiscard]] std::uint64_t access_bytes() const { return data_width_bits / 8 * burst_length; }
    /// Pin bandwidth of all channels, bytes per second.
    [[nodiscard]] double peak_bandwidth_bytes_per_s() const
    {
        const auto bus_bytes = data_width_bits / 8 * channels;
        return 2e6 * clock_mhz * static_cast<double>(bus_bytes);
    }
};

void describe(config::Visitor& visitor, DdrConfig& config);

} // namespace heatsim::hw
