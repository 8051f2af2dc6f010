// SPDX-License-Identifier: Apache-2.0
#include "hw/controller/memory_image.hpp"

#include "tlm/check.hpp"

#include <algorithm>

namespace heatsim::hw {

namespace {

/// Calls `move(address, offset, bytes)` for every row; offsets count without gaps.
template <typename Move>
void for_each_row(const channel::Transfer& transfer, Move move)
{
    std::uint64_t offset = 0;
    for (std::uint64_t plane = 0; plane < transfer.planes; ++plane) {
        const auto bytes = transfer.bytes_of_row(plane);
        auto address = transfer.address + plane * transfer.plane_stride_bytes;
        for (std::uint64_t row = 0; row < transfer.rows; ++row) {
            move(address, offset, bytes);
            address += transfer.row_stride_bytes;
            offset += bytes;
        }
    }
}

[[nodiscard]] std::ptrdiff_t at(std::uint64_t index)
{
    return static_cast<std::ptrdiff_t>(index);
}

} // namespace

Bytes MemoryImage::read(const channel::Transfer& transfer) const
{
    Bytes data(transfer.bytes());
    for_each_row(transfer, [&](std::uint64_t address, std::uint64_t offset, std::uint64_t bytes) {
        HEATSIM_CHECK(address + bytes <= bytes_.size(), "read behind the end of the memory");
        std::copy_n(bytes_.begin() + at(address), bytes, data.begin() + at(offset));
    });
    return data;
}

void MemoryImage::write(const channel::Transfer& transfer, const Bytes& data)
{
    HEATSIM_CHECK(data.size() == transfer.bytes(), "a transfer of other bytes than its tile's");
    for_each_row(transfer, [&](std::uint64_t address, std::uint64_t offset, std::uint64_t bytes) {
        HEATSIM_CHECK(address + bytes <= bytes_.size(), "write behind the end of the memory");
        std::copy_n(data.begin() + at(offset), bytes, bytes_.begin() + at(address));
    });
}

void MemoryImage::write(std::uint64_t address, const Bytes& data)
{
    HEATSIM_CHECK(address + data.size() <= bytes_.size(), "write behind the end of the memory");
    std::copy(data.begin(), data.end(), bytes_.begin() + at(address));
}

void MemoryImage::forget(std::uint64_t address, std::uint64_t bytes)
{
    HEATSIM_CHECK(address + bytes <= bytes_.size(), "region behind the end of the memory");
    std::fill_n(bytes_.begin() + at(address), bytes, unwritten);
}

} // namespace heatsim::hw
