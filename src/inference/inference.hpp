// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "workload/model.hpp"
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

/// What of a model and a schedule inference does not compute; empty: everything is computed.
[[nodiscard]] std::vector<config::Violation> unsupported(const workload::Model& model,
                                                         const workload::Schedule& schedule);

/// Whether this selector, counted from 0, is there and stands at this place of a block, counted
/// from 1. \param place Selector::before_block or inside_block
[[nodiscard]] bool is_next(const workload::Schedule& schedule,
                           std::size_t selector,
                           std::uint64_t workload::Selector::*place,
                           std::uint64_t block);

} // namespace heatsim::inference
