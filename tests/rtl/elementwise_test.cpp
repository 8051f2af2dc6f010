// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_exponential.h"
#include "Vrtl_gelu.h"
#include "Vrtl_gelu_exact_int8.h"
#include "Vrtl_gelu_int8.h"
#include "Vrtl_sigmoid.h"
#include "Vrtl_sigmoid_int8.h"
#include "numerics/nonlinear.hpp"
#include "rtl/clocked.hpp"
#include "system/rtl_units.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace heatsim::numerics {
namespace {

/// Sends `codes` through an element-wise unit without a gap and returns as many results.
/// \param cycles from the first word to the cycle behind that of the last result
template <typename Model, typename Input, typename Output>
std::vector<std::uint32_t> stream(const std::vector<std::uint32_t>& codes,
                                  std::size_t lanes,
                                  std::uint64_t latency,
                                  Input input,
                                  Output output,
                                  std::uint64_t& cycles)
{
    test::Clocked<Model> rtl;
    std::vector<std::uint32_t> results;
    results.reserve(codes.size());
    const auto words = (codes.size() + lanes - 1) / lanes;
    // an edge per word, and latency - 1 more until the last result stands in its register
    for (std::size_t edge = 0; edge + 1 < words + latency; ++edge) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto at = edge * lanes + lane;
            input(rtl, lane, at < codes.size() ? codes[at] : 0U);
        }
        rtl.step();
        if (edge + 1 < latency)
            continue;
        for (std::size_t lane = 0; lane < lanes && results.size() < codes.size(); ++lane)
            results.push_back(output(rtl, lane));
    }
    cycles = rtl.cycles() + 1; // and the one that uses the last result
    return results;
}

std::vector<std::uint32_t> all_codes(unsigned bits)
{
    std::vector<std::uint32_t> codes(std::size_t{1} << bits);
    for (std::size_t i = 0; i < codes.size(); ++i)
        codes[i] = static_cast<std::uint32_t>(i);
    return codes;
}

/// Every code of the input through the unit, against `reference`.
template <typename Model, typename Reference>
void expect_equal(unsigned input_bits,
                  unsigned output_bits,
                  std::size_t lanes,
                  std::uint64_t latency,
                  Reference reference)
{
    const auto codes = all_codes(input_bits);
    std::uint64_t cycles = 0;
    const auto results = stream<Model>(
        codes, lanes, latency,
        [&](auto& rtl, std::size_t lane, std::uint32_t code) {
            test::set_field(rtl->value, lane, input_bits, code);
        },
        [&](auto& rtl, std::size_t lane) { return test::field(rtl->result, lane, output_bits); },
        cycles);
    ASSERT_EQ(results.size(), codes.size());
    const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << output_bits) - 1);
    for (std::size_t i = 0; i < codes.size(); ++i)
        ASSERT_EQ(results[i], reference(test::sign_extended(codes[i], input_bits)) & mask)
            << "code " << i;
    EXPECT_EQ(cycles, codes.size() / lanes + latency);
}

constexpr auto gelu_latency = system::rtl_gelu_latency;
constexpr auto sigmoid_latency = system::rtl_sigmoid_latency;

TEST(GeluRtl, EqualsTheReferenceForEveryInput)
{
    expect_equal<Vrtl_gelu>(16, 16, 2, gelu_latency, [](std::int32_t value) {
        return static_cast<std::uint32_t>(gelu({}, value));
    });
}

TEST(GeluRtl, EqualsTheReferenceForEveryInt8)
{
    expect_equal<Vrtl_gelu_int8>(8, 8, 4, gelu_latency, [](std::int32_t value) {
        return static_cast<std::uint32_t>(gelu({delta_half, {8, 4}, {8, 4}}, value));
    });
    // δ1 = 1, and an output that saturates
    expect_equal<Vrtl_gelu_exact_int8>(8, 8, 16, gelu_latency, [](std::int32_t value) {
        return static_cast<std::uint32_t>(gelu({delta_one, {8, 4}, {8, 5}}, value));
    });
}

TEST(SigmoidRtl, EqualsTheReferenceForEveryInput)
{
    expect_equal<Vrtl_sigmoid>(16, 16, 2, sigmoid_latency,
                               [](std::int32_t value) { return sigmoid({}, value); });
}

TEST(SigmoidRtl, EqualsTheReferenceForEveryInt8)
{
    expect_equal<Vrtl_sigmoid_int8>(8, 8, 4, sigmoid_latency, [](std::int32_t value) {
        return sigmoid({{8, 4}, {8, 8}}, value);
    });
}

TEST(ExponentialRtl, EqualsTheReferenceForEveryDistance)
{
    constexpr std::size_t lanes = 2;
    const auto codes = all_codes(16);
    std::uint64_t cycles = 0;
    const auto results = stream<Vrtl_exponential>(
        codes, lanes, system::rtl_exponential_latency,
        [](auto& rtl, std::size_t lane, std::uint32_t code) {
            test::set_field(rtl->distance, lane, 16, code);
        },
        [](auto& rtl, std::size_t lane) { return test::field(rtl->result, lane, 17); }, cycles);
    ASSERT_EQ(results.size(), codes.size());
    for (std::size_t i = 0; i < codes.size(); ++i)
        ASSERT_EQ(results[i], exponential(codes[i])) << "distance " << i;
}

} // namespace
} // namespace heatsim::numerics
