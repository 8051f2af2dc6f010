// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim::workload {

/// Token counts of one selector in two traces, over the images that both have.
struct SelectorComparison {
    std::uint64_t before_block = 0; ///< 1-based
    double first_mean = 0.0;
    double second_mean = 0.0;
    double mean_magnitude = 0.0; ///< of the difference, image by image
    std::uint64_t largest = 0;   ///< magnitude of a difference
    std::size_t same = 0;        ///< images with equal counts
};

/// Two traces of the same images, image by image.
struct TraceComparison {
    std::size_t images = 0;      ///< that both traces have, by their column `image`
    std::size_t only_first = 0;  ///< images that the second one does not have
    std::size_t only_second = 0; ///< images that the first one does not have
    std::vector<SelectorComparison> selectors;
    std::size_t same_counts = 0; ///< images with equal counts behind every selector
    /// Images that get the same class; nothing where a trace has no column `predicted`.
    std::optional<std::size_t> same_predictions;
    /// Images that are classified rightly; nothing where the trace does not say it.
    std::optional<std::size_t> first_correct;
    std::optional<std::size_t> second_correct;
};

/// \throws config::Error where the traces have other selectors or other unpruned images, at the
/// header of the second one, or no image in common
[[nodiscard]] TraceComparison compare_traces(const TokenTrace& first, const TokenTrace& second);

} // namespace heatsim::workload
