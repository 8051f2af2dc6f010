// SPDX-License-Identifier: Apache-2.0
#include "hw/ddr/address_map.hpp"

#include "units/units.hpp"

#include <algorithm>

namespace heatsim::hw {

namespace {

constexpr unsigned mop_column_bits = 2; ///< four accesses in a row before the bank changes

/// Takes fields off an address, lowest bits first.
class Fields {
  public:
    explicit Fields(std::uint64_t bits)
        : bits_{bits}
    {}
    std::uint64_t take(unsigned width)
    {
        const auto field = bits_ & ((std::uint64_t{1} << width) - 1);
        bits_ >>= width;
        return field;
    }
    [[nodiscard]] std::uint64_t rest() const { return bits_; }

  private:
    std::uint64_t bits_;
};

} // namespace

ChannelMap::ChannelMap(const DdrConfig& config)
    : interleave_shift_{log2_ceil(config.channel_interleave_bytes)}
    , interleave_mask_{config.channel_interleave_bytes - 1}
    , channel_shift_{log2_ceil(config.channels)}
    , channel_mask_{config.channels - 1}
{}

AddressMap::AddressMap(const DdrConfig& config)
    : mapping_{config.mapping}
    , access_shift_{log2_ceil(config.access_bytes())}
    , column_bits_{log2_ceil(config.row_bytes / config.access_bytes())}
    , group_bits_{log2_ceil(config.bank_groups)}
    , bank_bits_{log2_ceil(config.banks_per_group)}
    , rank_bits_{log2_ceil(config.ranks)}
    , group_mask_{static_cast<std::uint32_t>(config.bank_groups - 1)}
{}

AccessRun AddressMap::run(std::uint64_t address, std::uint64_t accesses) const
{
    AccessRun run;
    Fields fields{address >> access_shift_};
    std::uint64_t group = 0;
    std::uint64_t bank = 0;
    std::uint64_t rank = 0;
    std::uint64_t left = 1; // accesses up to the end of the run
    switch (mapping_) {
    case AddressMapping::RowBankColumn:
        left = (std::uint64_t{1} << column_bits_) - fields.take(column_bits_);
        group = fields.take(group_bits_);
        bank = fields.take(bank_bits_);
        rank = fields.take(rank_bits_);
        run.row = fields.rest();
        break;
    case AddressMapping::BankGroupInterleaved:
    case AddressMapping::BankGroupXor: {
        const auto span = std::uint64_t{1} << (group_bits_ + column_bits_);
        left = span - ((address >> access_shift_) & (span - 1));
        group = fields.take(group_bits_);
        (void)fields.take(column_bits_);
        bank = fields.take(bank_bits_);
        rank = fields.take(rank_bits_);
        run.row = fields.rest();
        if (mapping_ == AddressMapping::BankGroupXor) {
            run.group_xor = static_cast<std::uint8_t>(run.row & group_mask_);
            bank ^= (run.row >> group_bits_) & ((std::uint64_t{1} << bank_bits_) - 1);
        }
        break;
    }
    case AddressMapping::Mop4ClXor: {
        const auto low_bits = std::min(mop_column_bits, column_bits_);
        const auto low = fields.take(low_bits);
        rank = fields.take(rank_bits_);
        group = fields.take(group_bits_);
        bank = fields.take(bank_bits_);
        const auto column = low + (fields.take(column_bits_ - low_bits) << low_bits);
        Fields permutation{column};
        rank ^= permutation.take(rank_bits_);
        const auto group_of_column = permutation.take(group_bits_);
        bank ^= permutation.take(bank_bits_);
        run.row = fields.rest() ^ permutation.rest();
        // the column walks through the bank groups, unless its lowest bits go to the rank
        const auto walk = rank_bits_ > 0 ? 0 : std::min(low_bits, group_bits_);
        left = (std::uint64_t{1} << walk) - (low & ((std::uint64_t{1} << walk) - 1));
        run.group_xor = static_cast<std::uint8_t>(group);
        group = group_of_column;
        break;
    }
    }
    run.accesses = static_cast<std::uint32_t>(std::min(left, accesses));
    run.rank = static_cast<std::uint16_t>(rank);
    run.bank = static_cast<std::uint8_t>(bank);
    run.group = static_cast<std::uint8_t>(group);
    if (mapping_ != AddressMapping::RowBankColumn)
        run.groups = static_cast<std::uint8_t>(
            std::min<std::uint64_t>(run.accesses, std::uint64_t{1} << group_bits_));
    return run;
}

} // namespace heatsim::hw
