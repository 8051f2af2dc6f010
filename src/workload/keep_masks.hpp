// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/trace.hpp"

#include <string>

namespace heatsim::workload {

/// Reads which patches each image keeps behind each selector, from a CSV, plain or gzip, into the
/// images of `trace`, whose selectors_before_blocks, package_token and class_tokens are given.
///
/// Format: lines that start with # and empty lines are skipped; then column names, among them
/// `image` (an integer), `stage` (selector, from 1) and `mask` (one character per patch of the
/// unpruned image: 1 kept, 0 pruned); with `label` and `predicted` the class, true and predicted,
/// equal in all rows of an image; other columns are ignored. The rows of an image follow each
/// other, one per selector in order; a later mask keeps a subset of the one before.
/// \param patches of an unpruned image; 0: as many as the first mask has
/// \throws config::Error with the first 20 violations and the number of the others
void read_keep_masks(const std::string& path, std::uint64_t patches, TokenTrace& trace);

} // namespace heatsim::workload
