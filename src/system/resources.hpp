// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/resources.hpp"
#include "system/accelerator.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {

/// The closed forms that the executable carries, configs/resources/ultrascale_plus.yaml.
[[nodiscard]] const estimate::ResourceModel& resource_model();

/// What of the design on its board decides its resources.
[[nodiscard]] estimate::ChipShape chip_shape(const Accelerator& accelerator, const Board& board);

/// The same with what the network and its schedule decide: the length of a softmax row, and the
/// hardware that the schedule's selectors need beside HeatViT's.
[[nodiscard]] estimate::ChipShape chip_shape(const Accelerator& accelerator,
                                             const Board& board,
                                             const workload::Model& model,
                                             const workload::Schedule& schedule);

/// One resource of a device beside what the design takes of it.
struct ResourceUse {
    std::string name;   ///< `DSP slices`, `LUTs`, `flip-flops`, `BRAM36`, `URAM`
    std::string column; ///< `dsps`, `luts`, `flip_flops`, `bram36`, `urams`
    std::string key;    ///< section of the accelerator that decides it most
    double used = 0.0;
    double available = 0.0;

    [[nodiscard]] bool fits() const { return used <= available; }
    /// 0 of a device that has none, if none is used.
    [[nodiscard]] double percent() const;
};

/// All resources of the board.
[[nodiscard]] std::vector<ResourceUse> resource_use(const estimate::FpgaResources& resources,
                                                    const Board& board);

/// What a design is short of on its board; empty: it fits. Buffers are left out behind an ideal
/// memory: what transfers take no time to needs none.
[[nodiscard]] std::vector<ResourceUse> shortages(const Accelerator& accelerator,
                                                 const Board& board);

} // namespace heatsim::system
