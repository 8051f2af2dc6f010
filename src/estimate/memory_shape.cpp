// SPDX-License-Identifier: Apache-2.0
#include "estimate/memory_shape.hpp"

#include "units/units.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace heatsim::estimate {

namespace {

/// A block RAM primitive, with the prices of yosys' library (techlibs/xilinx/brams_xc4v.txt).
struct Primitive {
    std::uint64_t bram18;
    unsigned address_bits; ///< at a width of 1
    std::size_t widths;
    double price;
};
constexpr std::array<std::uint64_t, 7> widths{1, 2, 4, 9, 18, 36, 72};
constexpr std::array<Primitive, 2> primitives{{{1, 14, 6, 129.0}, {2, 15, 7, 257.0}}};
constexpr std::uint64_t byte_bits = 9; ///< of a write enable: widths are filled up to it
constexpr double multiplexer_price = 0.5;

constexpr std::uint64_t uram_bits = 72;
constexpr std::uint64_t uram_words = 4096;

} // namespace

MemoryShape block_ram(std::uint64_t bits, std::uint64_t words)
{
    MemoryShape best;
    double best_price = 0.0;
    for (const auto& primitive : primitives) {
        for (std::size_t i = 0; i < primitive.widths; ++i) {
            const auto width = widths.at(i);
            const auto depth = std::uint64_t{1} << (primitive.address_bits - i);
            const auto ranks = ceil_div(words, depth);
            const auto blocks = ceil_div(ranks * round_up(bits, std::min(byte_bits, width)), width);
            const auto multiplexed = (ranks - 1) * bits + (ranks > 1 ? ranks : 0);
            const double price = primitive.price * static_cast<double>(blocks) +
                                 multiplexer_price * static_cast<double>(multiplexed);
            if (best.bram18 == 0 || price < best_price) {
                best = {primitive.bram18 * blocks, 0, ranks, depth};
                best_price = price;
            }
        }
    }
    return best;
}

MemoryShape ultra_ram(std::uint64_t bits, std::uint64_t words)
{
    MemoryShape shape;
    shape.ranks = ceil_div(words, uram_words);
    shape.rank_words = uram_words;
    const auto blocks = [&](std::uint64_t byte) {
        return ceil_div(shape.ranks * round_up(bits, byte), uram_bits);
    };
    shape.urams = std::min(blocks(byte_bits - 1), blocks(byte_bits));
    return shape;
}

} // namespace heatsim::estimate
