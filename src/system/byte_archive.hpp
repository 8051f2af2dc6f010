// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/check.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace heatsim::system {

/// Appends a value as it lies in memory: for readers of the same program only.
template <typename T>
void append_bytes(std::string& bytes, const T& value)
{
    static_assert(std::is_trivially_copyable_v<T>);
    const auto size = bytes.size();
    bytes.resize(size + sizeof(T));
    std::memcpy(bytes.data() + size, &value, sizeof(T));
}

/// Reads what `append_bytes` wrote, in the same order.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes)
        : bytes_{bytes}
    {}
    /// \pre left() ≥ sizeof(T)
    template <typename T>
    [[nodiscard]] T get()
    {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        std::memcpy(&value, get_bytes(sizeof(T)).data(), sizeof(T));
        return value;
    }
    /// \pre left() ≥ count
    [[nodiscard]] std::string_view get_bytes(std::size_t count)
    {
        HEATSIM_CHECK(count <= bytes_.size(), "message shorter than what it should say");
        const auto result = bytes_.substr(0, count);
        bytes_.remove_prefix(count);
        return result;
    }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  private:
    std::string_view bytes_;
};

} // namespace heatsim::system
