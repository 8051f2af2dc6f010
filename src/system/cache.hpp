// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace heatsim::system {

/// Folder for what can be made again at any time: `$HEATSIM_CACHE`, else `$XDG_CACHE_HOME/heatsim`
/// or `~/.cache/heatsim`.
[[nodiscard]] std::filesystem::path cache_root();

/// FNV-1a, 64 bit: the same on every machine.
class Hash {
  public:
    void add(std::string_view text)
    {
        constexpr std::uint64_t prime = 1099511628211ULL;
        for (const char character : text)
            value_ = (value_ ^ static_cast<unsigned char>(character)) * prime;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

  private:
    std::uint64_t value_ = 14695981039346656037ULL;
};

} // namespace heatsim::system
