// SPDX-License-Identifier: Apache-2.0
#include "inference/row_requantizer.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace heatsim::inference {
namespace {

TEST(RowRequantizer, EqualsRequantize)
{
    test::Random random{11};
    constexpr std::uint64_t bound = 1U << 26U; // of an accumulator
    for (int i = 0; i < 2000; ++i) {
        const auto columns = random.between(0, 70);
        std::vector<std::int32_t> sums(columns);
        std::vector<std::int32_t> bias(columns);
        std::vector<numerics::RequantizeScale> scales(columns);
        for (std::size_t j = 0; j < columns; ++j) {
            // beyond the accumulators, too: bits that are ignored
            const auto sum = static_cast<std::int32_t>(random.between(0, 8 * bound)) -
                             static_cast<std::int32_t>(4 * bound);
            sums[j] = sum >> static_cast<int>(random.between(0, 20));
            bias[j] = static_cast<std::int32_t>(random.between(0, 2000)) - 1000;
            scales[j] = {static_cast<std::int16_t>(random.between(1 << 14, (1 << 15) - 1)),
                         static_cast<unsigned>(random.between(1, 47))};
        }
        std::vector<std::int8_t> out(columns);
        RowRequantizer{bias.data(), scales.data(), columns}.apply(sums.data(), out.data());
        for (std::size_t j = 0; j < columns; ++j)
            ASSERT_EQ(out[j], numerics::requantize(sums[j] + bias[j], scales[j].multiplier,
                                                   scales[j].shift));
        const numerics::RequantizeScale scale{20000, 17};
        RowRequantizer{scale, columns}.apply(sums.data(), out.data());
        for (std::size_t j = 0; j < columns; ++j)
            ASSERT_EQ(out[j], numerics::requantize(sums[j], 20000, 17));
    }
}

} // namespace
} // namespace heatsim::inference
