// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm>

#include <cstdint>

namespace heatsim::channel {

/// What a memory tells about a burst besides its phases: when its data moves at the port, so that
/// an initiator can stream a burst through a slower port without waiting for its end. BEGIN_RESP
/// stands for the first data beat (AXI read) or the write response; where the memory knows of the
/// beats only later, it comes behind `first_data_fs`.
struct BurstExtension final : ::tlm::tlm_extension<BurstExtension> {
    std::uint32_t tag = 0;           ///< the initiator's own; the memory does not look at it
    std::uint64_t first_data_fs = 0; ///< absolute simulation time
    std::uint64_t last_data_fs = 0;

    void set(std::uint64_t first_fs, std::uint64_t last_fs)
    {
        first_data_fs = first_fs;
        last_data_fs = last_fs;
    }

    [[nodiscard]] tlm_extension_base* clone() const override { return new BurstExtension{*this}; }
    void copy_from(const tlm_extension_base& other) override
    {
        *this = static_cast<const BurstExtension&>(other);
    }
};

} // namespace heatsim::channel
