// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

namespace heatsim::stats {

/// Mean and order statistics of a sample. Percentiles are nearest-rank (the smallest value with at
/// least p % of the sample at or below it), so each one is a value that occurred.
struct Distribution {
    double mean = 0.0;
    double p50 = 0.0;
    double p95 = 0.0;
    double p99 = 0.0;
    double min = 0.0;
    double max = 0.0;
};

/// All zero for an empty sample.
[[nodiscard]] Distribution distribution(std::vector<double> sample);

} // namespace heatsim::stats
