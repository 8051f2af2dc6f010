// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_requantize.h"
#include "numerics/requantize.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>

namespace heatsim::numerics {
namespace {

constexpr unsigned latency = 5; // heatsim_pkg::REQUANTIZE_LATENCY
constexpr std::size_t lanes = 4;

struct Operands {
    std::array<std::int32_t, lanes> accumulators{};
    std::int16_t multiplier = 0;
    unsigned shift = 1;
};

/// One word per cycle; compares every result in the cycle that the latency names.
class RequantizeRtl : public testing::Test {
  protected:
    void feed(const Operands& operands)
    {
        for (std::size_t lane = 0; lane < lanes; ++lane)
            rtl->accumulator[lane] = static_cast<std::uint32_t>(operands.accumulators[lane]);
        rtl->multiplier = static_cast<std::uint16_t>(operands.multiplier);
        rtl->shift = static_cast<std::uint8_t>(operands.shift);
        rtl.step();
        flight.push_back(operands);
        if (flight.size() == latency) {
            check(flight.front());
            flight.pop_front();
        }
    }
    void check(const Operands& operands)
    {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto expected =
                requantize(operands.accumulators[lane], operands.multiplier, operands.shift);
            const auto found = static_cast<std::int8_t>(rtl->value >> (8 * lane));
            ASSERT_EQ(found, expected) << operands.accumulators[lane] << " · "
                                       << operands.multiplier << " >> " << operands.shift;
            ++compared;
        }
    }
    void drain()
    {
        feed_many(latency, [] { return Operands{}; });
    }
    template <typename Make>
    void feed_many(std::uint64_t count, Make make)
    {
        for (std::uint64_t i = 0; i < count && !HasFatalFailure(); ++i)
            feed(make());
    }

    test::Clocked<Vrtl_requantize> rtl;
    std::deque<Operands> flight;
    std::uint64_t compared = 0;
};

TEST_F(RequantizeRtl, EqualsTheReferenceAtRandom)
{
    test::Random random{1};
    feed_many(500'000, [&] {
        Operands operands;
        // magnitudes of all sizes, so that shifts meet values they do not saturate
        const auto bits = random.between(1, 27);
        for (auto& accumulator : operands.accumulators)
            accumulator = static_cast<std::int32_t>(
                static_cast<std::int64_t>(random.next() % (std::uint64_t{1} << bits)) -
                (std::int64_t{1} << (bits - 1)));
        operands.multiplier = static_cast<std::int16_t>(random.next());
        operands.shift = static_cast<unsigned>(random.between(1, 47));
        return operands;
    });
    EXPECT_GT(compared, 1'999'000U);
}

TEST_F(RequantizeRtl, EqualsTheReferenceAtEveryShiftAndExtreme)
{
    constexpr std::array<std::int32_t, 9> accumulators{
        0, 1, -1, (1 << 26) - 1, -(1 << 26), 1 << 30, -(1 << 30), INT32_MAX, INT32_MIN};
    constexpr std::array<std::int16_t, 6> multipliers{0, 1, -1, 16384, INT16_MAX, INT16_MIN};
    for (unsigned shift = 1; shift <= 47; ++shift)
        for (const auto multiplier : multipliers)
            for (const auto accumulator : accumulators)
                feed({{accumulator, -(accumulator / 2), accumulator / 3, 1 << (shift % 27)},
                      multiplier,
                      shift});
    drain();
    EXPECT_EQ(compared, std::uint64_t{47} * 6 * 9 * lanes + lanes);
}

} // namespace
} // namespace heatsim::numerics
