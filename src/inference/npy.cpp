// SPDX-License-Identifier: Apache-2.0
#include "inference/npy.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <type_traits>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are copied as they lie in memory");

namespace heatsim::inference {

namespace {

template <typename T>
constexpr const char* description()
{
    if constexpr (std::is_same_v<T, float>)
        return "<f4";
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return "<i4";
    else if constexpr (std::is_same_v<T, std::int8_t>)
        return "|i1";
    else {
        static_assert(std::is_same_v<T, std::uint8_t>);
        return "|u1";
    }
}

/// A Python tuple: `()`, `(3,)`, `(3, 4)`.
std::string tuple_text(const std::vector<std::uint64_t>& shape)
{
    return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

} // namespace

template <typename T>
std::string npy(const std::vector<T>& values, const std::vector<std::uint64_t>& shape)
{
    std::uint64_t expected = 1;
    for (const auto size : shape)
        if (__builtin_mul_overflow(expected, size, &expected))
            throw std::logic_error{"array of " + tuple_text(shape) + ": too large"};
    if (values.size() != expected)
        throw std::logic_error{
            fmt::format("array of {}: {} values", tuple_text(shape), values.size())};

    std::string bytes{"\x93NUMPY\x01\x00", 8};
    auto header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                              description<T>(), tuple_text(shape));
    // numpy leaves room for the first size to become any of 21 digits
    constexpr std::size_t first_size_digits = 21;
    if (!shape.empty())
        header.append(first_size_digits - fmt::to_string(shape.front()).size(), ' ');
    constexpr std::size_t length_bytes = 2;
    constexpr std::size_t alignment_bytes = 64;
    const auto unpadded = bytes.size() + length_bytes + header.size() + 1;
    // never nothing: an aligned header gets another line of blanks, as numpy's does
    header.append(alignment_bytes - unpadded % alignment_bytes, ' ');
    header += '\n';
    if (header.size() > 0xffffU)
        throw std::logic_error{"array with too many dimensions"};
    bytes += static_cast<char>(header.size() & 0xffU);
    bytes += static_cast<char>(header.size() >> 8U);
    bytes += header;
    const auto begin = bytes.size();
    bytes.resize(begin + values.size() * sizeof(T));
    if (!values.empty())
        std::memcpy(bytes.data() + begin, values.data(), values.size() * sizeof(T));
    return bytes;
}

template std::string npy(const std::vector<float>&, const std::vector<std::uint64_t>&);
template std::string npy(const std::vector<std::int8_t>&, const std::vector<std::uint64_t>&);
template std::string npy(const std::vector<std::uint8_t>&, const std::vector<std::uint64_t>&);
template std::string npy(const std::vector<std::int32_t>&, const std::vector<std::uint64_t>&);

} // namespace heatsim::inference
