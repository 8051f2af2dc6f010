// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_tile_buffer.h"
#include "Vrtl_tile_buffer_power.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim {
namespace {

constexpr unsigned slice_bits = 32;

template <typename Verilated, std::size_t Slices, std::size_t Words, std::size_t Slots>
struct Config {
    using Model = Verilated;
    static constexpr std::size_t slices = Slices;
    static constexpr std::size_t words = Words;
    static constexpr std::size_t slots = Slots;
};

/// Writes and reads every cycle at random places, never at the same word.
template <typename Config>
void expect_memory(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    test::Random random{seed};
    test::Clocked<typename Config::Model> rtl;
    std::vector<std::optional<std::uint32_t>> memory(Config::slots * Config::words *
                                                     Config::slices);
    std::uint64_t compared = 0;
    for (unsigned cycle = 0; cycle < 20'000; ++cycle) {
        const bool write = random.chance(70);
        const auto write_slot = random.between(0, Config::slots - 1);
        const auto write_word = random.between(0, Config::words - 1);
        const auto slice = random.between(0, Config::slices - 1);
        const auto data = static_cast<std::uint32_t>(random.next());
        const auto read_slot = random.between(0, Config::slots - 1);
        const auto read_word = random.between(0, Config::words - 1);
        rtl->write_valid = write ? 1 : 0;
        test::drive(rtl->write_slot, write_slot);
        test::drive(rtl->write_word, write_word);
        test::drive(rtl->write_slice, slice);
        test::drive(rtl->write_data, data);
        test::drive(rtl->read_slot, read_slot);
        test::drive(rtl->read_word, read_word);
        rtl.step();
        const auto written = write_slot * Config::words + write_word;
        const auto read = read_slot * Config::words + read_word;
        if (write)
            memory[written * Config::slices + slice] = data;
        if (write && written == read)
            continue;
        for (std::size_t i = 0; i < Config::slices; ++i)
            if (const auto& expected = memory[read * Config::slices + i]) {
                ASSERT_EQ(test::field(rtl->read_data, i, slice_bits), *expected)
                    << "slot " << read_slot << " word " << read_word << " slice " << i;
                ++compared;
            }
    }
    EXPECT_GT(compared, 15'000U);
}

TEST(TileBufferRtl, HoldsEverySliceOfEverySlot)
{
    expect_memory<Config<Vrtl_tile_buffer, 3, 6, 3>>(1);
    expect_memory<Config<Vrtl_tile_buffer_power, 1, 8, 2>>(2);
}

} // namespace
} // namespace heatsim
