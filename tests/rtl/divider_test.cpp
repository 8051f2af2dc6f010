// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_divider.h"
#include "numerics/fixed_point.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace heatsim::numerics {
namespace {

constexpr unsigned quotient_bits = 8;
constexpr std::uint32_t longest_divisor = 0xFFFF;

/// Divisions back to back: the next starts in the cycle in which the last is done.
class DividerRtl : public testing::Test {
  protected:
    void SetUp() override
    {
        rtl->reset = 1;
        rtl->start = 0;
        rtl.step(2);
        rtl->reset = 0;
    }
    void expect_division(std::uint32_t dividend, std::uint32_t divisor)
    {
        rtl->dividend = dividend;
        rtl->divisor = static_cast<std::uint16_t>(divisor);
        rtl->start = 1;
        rtl.step();
        rtl->start = 0;
        for (unsigned cycle = 0; cycle < quotient_bits; ++cycle) {
            ASSERT_EQ(rtl->done, 0) << cycle;
            rtl.step();
        }
        ASSERT_EQ(rtl->done, 1);
        ASSERT_EQ(rtl->quotient, dividend / divisor) << dividend << " / " << divisor;
        ASSERT_EQ(divide(dividend, divisor, quotient_bits), dividend / divisor);
    }

    test::Clocked<Vrtl_divider> rtl;
};

TEST_F(DividerRtl, EqualsIntegerDivision)
{
    test::Random random{2};
    for (unsigned i = 0; i < 500'000 && !HasFatalFailure(); ++i) {
        const auto divisor = static_cast<std::uint32_t>(
            random.between(1, std::uint64_t{1} << random.between(1, 16)) & longest_divisor);
        if (divisor > 0)
            expect_division(static_cast<std::uint32_t>(random.next() %
                                                       (std::uint64_t{divisor} << quotient_bits)),
                            divisor);
    }
}

TEST_F(DividerRtl, HasRoomForTheLargestQuotient)
{
    for (const std::uint32_t divisor : {1U, 2U, 255U, 32767U, 32768U, longest_divisor}) {
        expect_division((divisor << quotient_bits) - 1, divisor);
        expect_division(0, divisor);
        expect_division(divisor, divisor);
        expect_division(divisor - 1, divisor);
    }
}

TEST_F(DividerRtl, HoldsTheQuotientAndIgnoresAStartWhileBusy)
{
    rtl->dividend = 1000;
    rtl->divisor = 7;
    rtl->start = 1;
    rtl.step();
    rtl->dividend = 50;
    rtl.step(quotient_bits - 1); // start is still high
    rtl->start = 0;
    rtl.step();
    EXPECT_EQ(rtl->done, 1);
    EXPECT_EQ(rtl->quotient, 142);
    rtl.step(5);
    EXPECT_EQ(rtl->done, 0);
    EXPECT_EQ(rtl->quotient, 142);
}

} // namespace
} // namespace heatsim::numerics
