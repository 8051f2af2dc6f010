// SPDX-License-Identifier: Apache-2.0
#include "inference/inference.hpp"

#include <algorithm>

namespace heatsim::inference {

std::size_t predicted_class(const std::vector<double>& logits)
{
    return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) -
                                    logits.begin());
}

} // namespace heatsim::inference
