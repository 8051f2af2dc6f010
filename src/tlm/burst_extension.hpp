// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm>

#include <cstdint>

namespace heatsim::channel {

/// What a memory tells about a burst besides its phases: when its data moves. BEGIN_RESP stands for
/// the first data beat (AXI read) or the write response; `last_data_fs` for the last one, so that
/// an initiator can stream a burst through a slower port without waiting for its end.
struct BurstExtension final : ::tlm::tlm_extension<BurstExtension> {
    std::uint32_t tag = 0;          ///< the initiator's own; the memory does not look at it
    std::uint64_t last_data_fs = 0; ///< absolute simulation time

    [[nodiscard]] tlm_extension_base* clone() const override { return new BurstExtension{*this}; }
    void copy_from(const tlm_extension_base& other) override
    {
        *this = static_cast<const BurstExtension&>(other);
    }
};

} // namespace heatsim::channel
