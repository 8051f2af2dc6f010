// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/simulation.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace heatsim::system {

/// What an image takes right behind another one: the controller loads the first weights of the
/// next image while this one ends, as it does from operator to operator. Measured: both images'
/// operators are simulated as one workload, and the first image's cycles are taken off.
class BackToBack {
  public:
    /// \param images of the run, which stay where they are, with the cycles each takes alone
    BackToBack(Simulation& simulation,
               const workload::Model& model,
               const workload::Schedule& schedule,
               const std::vector<ImageResult>& images)
        : simulation_{simulation}
        , model_{model}
        , schedule_{schedule}
        , images_{images}
    {}

    /// Fabric cycles from the end of image `previous` to that of image `next`. Pairs with the same
    /// token counts are simulated once.
    [[nodiscard]] std::uint64_t cycles(std::size_t previous, std::size_t next);
    /// Pairs that have been simulated.
    [[nodiscard]] std::size_t pairs() const noexcept { return known_.size(); }

  private:
    Simulation& simulation_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const std::vector<ImageResult>& images_;
    std::map<std::pair<workload::TokenCounts, workload::TokenCounts>, std::uint64_t> known_;
};

} // namespace heatsim::system
