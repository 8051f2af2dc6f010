// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/float_network.hpp"
#include "inference/functions.hpp"
#include "inference/image.hpp"

#include <cstddef>
#include <vector>

namespace heatsim::test {

struct MaskedResult {
    std::vector<double> logits;
    std::vector<std::vector<bool>> kept; ///< per selector, per patch
    double closest_score = 1.0;          ///< smallest |score − 0.5|
};

/// The definition once more, slowly and in doubles: pruned patches stay where they are and are
/// masked out of attention and means, as networks are trained.
[[nodiscard]] MaskedResult infer_masked(const inference::FloatNetwork& network,
                                        const inference::Functions& functions,
                                        const inference::Image& image);

} // namespace heatsim::test
