// SPDX-License-Identifier: Apache-2.0
#include "inference/npy.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace heatsim::inference {
namespace {

/// What numpy 1.24 writes in front of the numbers.
std::string header(const std::string& dictionary)
{
    std::string bytes{"\x93NUMPY\x01\x00v\x00", 10};
    bytes += dictionary;
    bytes.append(127 - bytes.size(), ' ');
    return bytes += '\n';
}

TEST(Npy, WritesWhatNumpyWrites)
{
    EXPECT_EQ(npy<std::int8_t>({1, -1, 2, -2, 3, -3}, {2, 3}),
              header("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }") +
                  "\x01\xff\x02\xfe\x03\xfd");
    EXPECT_EQ(npy<std::uint8_t>({'x', 'y', 'z'}, {3}),
              header("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }") + "xyz");
    EXPECT_EQ(npy<float>({-10.0F}, {}),
              header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }") +
                  std::string("\x00\x00\x20\xc1", 4));
    EXPECT_EQ(npy<std::int32_t>({-2}, {1, 1, 1, 1, 1}),
              header("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1), }") +
                  "\xfe\xff\xff\xff");
    EXPECT_EQ(npy<std::int8_t>({}, {0, 7}),
              header("{'descr': '|i1', 'fortran_order': False, 'shape': (0, 7), }"));
}

TEST(Npy, AlignsLongHeaders)
{
    const auto bytes = npy<std::uint8_t>({1}, std::vector<std::uint64_t>(40, 1));
    EXPECT_EQ(bytes.size() % 64, 1U);
    const auto length =
        static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
    EXPECT_EQ(bytes.size(), 10 + length + 1);
    EXPECT_EQ(bytes[bytes.size() - 2], '\n');
}

TEST(Npy, RefusesValuesThatDoNotFillTheShape)
{
    EXPECT_THROW((void)npy<float>({1.0F}, {2}), std::logic_error);
    EXPECT_THROW((void)npy<float>({1.0F, 2.0F}, {}), std::logic_error);
    constexpr auto huge = std::uint64_t{1} << 32U;
    EXPECT_THROW((void)npy<float>({}, {huge, huge}), std::logic_error); // 2⁶⁴ is not 0
}

} // namespace
} // namespace heatsim::inference
