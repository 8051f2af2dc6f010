// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace heatsim::estimate {

/// How a memory of one write and one read port is cut into memory blocks.
struct MemoryShape {
    std::uint64_t bram18 = 0;     ///< of 18 Kbit; a block of 36 Kbit counts two
    std::uint64_t urams = 0;      ///< of 288 Kbit
    std::uint64_t ranks = 1;      ///< blocks behind each other in depth, a multiplexer behind them
    std::uint64_t rank_words = 0; ///< words of one rank
};

/// Block RAMs of `words` words of `bits` bits: of all aspect ratios, 1 × 16384 to 36 × 512 of an
/// 18-Kbit block and 1 × 32768 to 72 × 512 of a 36-Kbit one, the cheapest. A multiplexer between
/// ranks costs too (half a LUT a bit, 1/129 of an 18-Kbit block each), which decides between
/// aspects that take about as many blocks: the rule of yosys' memory_libmap.
/// \pre bits > 0, words > 0
[[nodiscard]] MemoryShape block_ram(std::uint64_t bits, std::uint64_t words);

/// UltraRAMs (72 × 4096) of such a memory. Ranks share a block where there is room beside a word,
/// with byte enables of 8 or 9 bits: yosys' memory_libmap again. \pre bits > 0, words > 0
[[nodiscard]] MemoryShape ultra_ram(std::uint64_t bits, std::uint64_t words);

} // namespace heatsim::estimate
