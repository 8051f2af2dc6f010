// SPDX-License-Identifier: Apache-2.0
#include "hw/buffer/tile_buffer.hpp"

#include "tlm/check.hpp"

namespace heatsim::hw {

TileBuffer::TileBuffer(const sc_core::sc_module_name& name, std::uint64_t slots)
    : sc_module{name}
    , slots_{slots}
    , stats_{this->name()}
{
    slots_export.bind(*this);
}

void TileBuffer::reserve()
{
    HEATSIM_CHECK(has_free_slot(), "buffer overflow");
    ++reserved_;
    ++stats_.tiles;
    while (stats_.peak_slots.value() < reserved_ - released_)
        ++stats_.peak_slots;
    tell();
}

void TileBuffer::fill()
{
    HEATSIM_CHECK(filled_ < reserved_, "slot filled that was not reserved");
    ++filled_;
    tell();
}

void TileBuffer::release()
{
    HEATSIM_CHECK(released_ < filled_, "slot released that was not filled");
    ++released_;
    tell();
}

void TileBuffer::restart()
{
    HEATSIM_CHECK(is_empty(), "image starts with a tile left in a buffer");
    reserved_ = filled_ = released_ = 0;
    stats_.reset();
}

} // namespace heatsim::hw
