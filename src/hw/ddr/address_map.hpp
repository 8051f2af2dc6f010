// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/ddr/ddr_config.hpp"

#include <cstddef>
#include <cstdint>

namespace heatsim::hw {

/// A run of consecutive column accesses that one rule places: all in one row of one bank, or round
/// the bank groups of one rank, in the same row of the same bank of each.
struct AccessRun {
    std::uint64_t row = 0;
    std::uint32_t accesses = 1;
    std::uint16_t rank = 0;
    std::uint8_t bank = 0;      ///< within its bank group
    std::uint8_t group = 0;     ///< of the first access, before the XOR
    std::uint8_t group_xor = 0; ///< on the bank group of every access
    std::uint8_t groups = 1;    ///< bank groups touched; 1 = all accesses in one bank
};

/// Channels take turns at blocks of consecutive addresses.
class ChannelMap {
  public:
    explicit ChannelMap(const DdrConfig& config);

    [[nodiscard]] std::size_t channel_of(std::uint64_t address) const
    {
        return static_cast<std::size_t>(block_of(address) & channel_mask_);
    }
    /// The address as its channel counts it.
    [[nodiscard]] std::uint64_t within_channel(std::uint64_t address) const
    {
        return (block_of(address) >> channel_shift_ << interleave_shift_) +
               (address & interleave_mask_);
    }
    [[nodiscard]] std::uint64_t block_of(std::uint64_t address) const
    {
        return address >> interleave_shift_;
    }
    /// First address behind the block.
    [[nodiscard]] std::uint64_t block_end(std::uint64_t address) const
    {
        return (block_of(address) + 1) << interleave_shift_;
    }

  private:
    const unsigned interleave_shift_;
    const std::uint64_t interleave_mask_;
    const unsigned channel_shift_;
    const std::uint64_t channel_mask_;
};

/// Address mapping of one channel. Addresses wrap at 2^64, not at the capacity: whoever sends them
/// has checked them.
class AddressMap {
  public:
    explicit AddressMap(const DdrConfig& config);

    /// The longest run from the column access at `address` on, at most `accesses` long.
    [[nodiscard]] AccessRun run(std::uint64_t address, std::uint64_t accesses) const;

    /// Banks of a run's accesses from one of them on, counted over all ranks, bank groups and
    /// banks.
    class Banks {
      public:
        [[nodiscard]] std::uint32_t operator[](std::uint32_t index) const
        {
            return first_ + ((((group_ + index * step_) & mask_) ^ xor_) << shift_);
        }

      private:
        friend AddressMap;
        std::uint32_t first_; ///< in group 0
        std::uint32_t group_;
        std::uint32_t step_; ///< 1: each access is in the next group
        std::uint32_t mask_;
        std::uint32_t xor_;
        unsigned shift_;
    };
    [[nodiscard]] Banks banks(const AccessRun& run, std::uint32_t from = 0) const
    {
        Banks banks{};
        banks.first_ =
            (static_cast<std::uint32_t>(run.rank) << (group_bits_ + bank_bits_)) + run.bank;
        banks.step_ = run.groups > 1 ? 1U : 0U;
        banks.group_ = run.group + from * banks.step_;
        banks.mask_ = group_mask_;
        banks.xor_ = run.group_xor;
        banks.shift_ = bank_bits_;
        return banks;
    }
    [[nodiscard]] std::uint32_t bank_of(const AccessRun& run, std::uint32_t index) const
    {
        return banks(run)[index];
    }
    /// Bank group of a bank, counted over all ranks.
    [[nodiscard]] std::uint32_t group_of(std::uint32_t bank) const { return bank >> bank_bits_; }
    [[nodiscard]] std::uint32_t rank_of(std::uint32_t bank) const
    {
        return bank >> (bank_bits_ + group_bits_);
    }

  private:
    const AddressMapping mapping_;
    // all of the geometry is a power of two: shifts and masks
    const unsigned access_shift_;
    const unsigned column_bits_;
    const unsigned group_bits_;
    const unsigned bank_bits_;
    const unsigned rank_bits_;
    const std::uint32_t group_mask_;
};

} // namespace heatsim::hw
