// SPDX-License-Identifier: Apache-2.0
#include "stats/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace heatsim::stats {

Distribution distribution(std::vector<double> sample)
{
    if (sample.empty())
        return {};
    std::sort(sample.begin(), sample.end());
    const auto size = static_cast<double>(sample.size());
    const auto nearest_rank = [&](double percent) {
        const auto rank = static_cast<std::size_t>(std::ceil(percent / 100.0 * size));
        return sample[std::max<std::size_t>(rank, 1) - 1];
    };
    return {std::accumulate(sample.begin(), sample.end(), 0.0) / size,
            nearest_rank(50.0),
            nearest_rank(95.0),
            nearest_rank(99.0),
            sample.front(),
            sample.back()};
}

} // namespace heatsim::stats
