// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::inference {

/// What a network makes of one image.
struct Inference {
    std::vector<double> logits; ///< one per class, in the network's real numbers
    std::size_t predicted = 0;  ///< class of the largest logit; of equal ones, the first
    workload::TokenCounts
        tokens; ///< per stage, class and package token included; front() is the unpruned count
    /// Per selector the patches it keeps, ascending numbers in the unpruned image (row by row).
    std::vector<std::vector<std::uint32_t>> kept_patches;
};

/// The first of the largest.
[[nodiscard]] std::size_t predicted_class(const std::vector<double>& logits);

} // namespace heatsim::inference
