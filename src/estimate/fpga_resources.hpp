// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace heatsim::estimate {

/// What a piece of a chip takes of the device. LUTs and flip-flops are estimates, hence real.
struct FpgaResources {
    double luts = 0.0;        ///< logic
    double memory_luts = 0.0; ///< used as shift registers and small memories
    double flip_flops = 0.0;
    std::uint64_t dsps = 0;
    std::uint64_t bram18 = 0; ///< halves of 36-Kbit block RAMs
    std::uint64_t urams = 0;

    [[nodiscard]] double all_luts() const { return luts + memory_luts; }
    /// Whole block RAMs with halves: the unit of the boards.
    [[nodiscard]] double bram36() const { return static_cast<double>(bram18) / 2.0; }

    FpgaResources& operator+=(const FpgaResources& other)
    {
        luts += other.luts;
        memory_luts += other.memory_luts;
        flip_flops += other.flip_flops;
        dsps += other.dsps;
        bram18 += other.bram18;
        urams += other.urams;
        return *this;
    }
};

} // namespace heatsim::estimate
