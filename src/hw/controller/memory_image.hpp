// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/links.hpp"

#include <cstdint>
#include <vector>

namespace heatsim::hw {

using Bytes = std::vector<std::uint8_t>;

/// What a memory holds, byte by byte, moved by the same transfers as the timing.
class MemoryImage {
  public:
    explicit MemoryImage(std::uint64_t bytes)
        : bytes_(bytes, unwritten)
    {}
    /// Bytes of a transfer, plane by plane, row by row, without gaps. \pre they lie in the memory
    [[nodiscard]] Bytes read(const channel::Transfer& transfer) const;
    /// The other way. \param data as `read` gives it
    void write(const channel::Transfer& transfer, const Bytes& data);
    /// \pre address + data.size() lies in the memory
    void write(std::uint64_t address, const Bytes& data);
    /// Makes a region what it was before anything was written.
    void forget(std::uint64_t address, std::uint64_t bytes);

  private:
    /// What nobody has written is no plausible number, so that reading it shows.
    static constexpr std::uint8_t unwritten = 0x80;
    Bytes bytes_;
};

} // namespace heatsim::hw
