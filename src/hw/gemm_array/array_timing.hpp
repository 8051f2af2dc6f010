// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/gemm_array/gemm_array_config.hpp"
#include "tlm/links.hpp"

#include <memory>

namespace heatsim::hw {

/// How long a tile occupies the array: what its structure makes deterministic, in closed form.
///
/// Contract: pure function of the work and the configuration; `busy` cycles enter operands of this
/// tile, everything else (skew, switch, drain that nothing overlaps) is `fill_drain`.
class ArrayTiming {
  public:
    ArrayTiming() = default;
    ArrayTiming(const ArrayTiming&) = delete;
    ArrayTiming& operator=(const ArrayTiming&) = delete;
    virtual ~ArrayTiming() = default;
    [[nodiscard]] virtual channel::TileCycles cycles(const channel::TileWork& work) const = 0;
};

[[nodiscard]] std::unique_ptr<ArrayTiming> make_array_timing(const GemmArrayConfig& config);

} // namespace heatsim::hw
