// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_gemm_array.h"
#include "Vrtl_gemm_array_heads.h"
#include "Vrtl_gemm_array_unpacked.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <vector>

namespace heatsim {
namespace {

constexpr unsigned operand_bits = 8;
constexpr unsigned sum_bits = 32;

template <typename Verilated,
          std::size_t Heads,
          std::size_t Inputs,
          std::size_t Outputs,
          std::size_t Latency>
struct Config {
    using Model = Verilated;
    static constexpr std::size_t heads = Heads;
    static constexpr std::size_t inputs = Inputs;
    static constexpr std::size_t outputs = Outputs;
    static constexpr std::size_t latency = Latency;
};

// latency: operand, product and sum register of the first multiplier, one cycle per further one of
// the longest chain, one per level of the adder tree
using Odd = Config<Vrtl_gemm_array, 1, 13, 5, 3 + 3 + 2>;              // chains of 3, 3, 3 and 4
using TwoHeads = Config<Vrtl_gemm_array_heads, 2, 24, 4, 3 + 3 + 3>;   // 6 chains of 4
using Unpacked = Config<Vrtl_gemm_array_unpacked, 2, 6, 3, 3 + 2 + 1>; // 2 chains of 3

/// How operands are drawn.
enum class Draw { Any, Extreme, Lowest, Opposite };

std::int32_t drawn(Draw draw, bool weight, test::Random& random)
{
    switch (draw) {
    case Draw::Any:
        return static_cast<std::int32_t>(random.between(0, 255)) - 128;
    case Draw::Extreme:
        return random.pick({-128, -127, -1, 0, 1, 127});
    case Draw::Lowest:
        return -128;
    case Draw::Opposite:
        return weight ? -128 : 127;
    }
    return 0;
}

/// A set of operands every cycle; compares the sums in the cycle that the latency names.
template <typename Config>
void expect_dot_products(std::uint64_t seed)
{
    SCOPED_TRACE(seed);
    test::Random random{seed};
    test::Clocked<typename Config::Model> rtl;
    std::deque<std::vector<std::int32_t>> flight;
    std::vector<std::int32_t> activations(Config::heads * Config::inputs);
    std::vector<std::int32_t> weights(Config::heads * Config::outputs * Config::inputs);
    for (unsigned cycle = 0; cycle < 4000; ++cycle) {
        // each row is drawn in another way than the one ahead of it, or in the same for a while
        const auto draw =
            cycle < 40
                ? Draw::Lowest
                : random.pick({Draw::Any, Draw::Any, Draw::Extreme, Draw::Lowest, Draw::Opposite});
        for (std::size_t i = 0; i < activations.size(); ++i) {
            activations[i] = drawn(draw, false, random);
            test::set_field(rtl->activation, i, operand_bits,
                            static_cast<std::uint32_t>(activations[i]) & 0xFFU);
        }
        for (std::size_t i = 0; i < weights.size(); ++i) {
            weights[i] = drawn(draw, true, random);
            test::set_field(rtl->weight, i, operand_bits,
                            static_cast<std::uint32_t>(weights[i]) & 0xFFU);
        }
        std::vector<std::int32_t> sums;
        for (std::size_t head = 0; head < Config::heads; ++head)
            for (std::size_t output = 0; output < Config::outputs; ++output) {
                std::int32_t sum = 0;
                for (std::size_t input = 0; input < Config::inputs; ++input)
                    sum += activations[head * Config::inputs + input] *
                           weights[(head * Config::outputs + output) * Config::inputs + input];
                sums.push_back(sum);
            }
        flight.push_back(sums);
        rtl.step();
        if (flight.size() < Config::latency)
            continue;
        for (std::size_t i = 0; i < flight.front().size(); ++i)
            ASSERT_EQ(test::sign_extended(test::field(rtl->sum, i, sum_bits), sum_bits),
                      flight.front()[i])
                << "sum " << i << " cycle " << cycle;
        flight.pop_front();
    }
}

TEST(GemmArrayRtl, IsExactWithTwoProductsPerMultiplier)
{
    expect_dot_products<Odd>(1);
    expect_dot_products<TwoHeads>(2);
}

TEST(GemmArrayRtl, IsExactWithOneProductPerMultiplier)
{
    expect_dot_products<Unpacked>(3);
}

} // namespace
} // namespace heatsim
