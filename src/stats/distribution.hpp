// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::stats {

/// Mean and order statistics of a sample. Percentiles are nearest-rank (the smallest value with at
/// least p % of the sample at or below it), so each one is a value that occurred.
struct Distribution {
    double mean = 0.0;
    double p50 = 0.0;
    double p90 = 0.0;
    double p95 = 0.0;
    double p99 = 0.0;
    double min = 0.0;
    double max = 0.0;
};

/// All zero for an empty sample.
[[nodiscard]] Distribution distribution(std::vector<double> sample);

/// Nearest-rank percentile. \param percent above 0, at most 100 \pre `sorted` is, and is not empty
[[nodiscard]] double percentile(const std::vector<double>& sorted, double percent);

/// How often which values occur: bins of equal width from the smallest value to the largest. A bin
/// holds its lower edge and not its upper one; the last bin holds both.
struct Histogram {
    double low = 0.0;       ///< lower edge of the first bin
    double bin_width = 0.0; ///< 0 where all values are the same: one bin then
    std::vector<std::uint64_t> counts;

    [[nodiscard]] double edge(std::size_t bin) const
    {
        return low + static_cast<double>(bin) * bin_width;
    }
    /// Share of the values that are in this bin or a lower one, 0 to 100, bin by bin: the
    /// cumulative distribution function at the bins' upper edges.
    [[nodiscard]] std::vector<double> cumulative_percent() const;
};

/// Bins as wide as Freedman and Diaconis (1981) have it, 2 · interquartile range / ∛n, rounded so
/// that a whole number of them spans the values. Where half of the values are the same, as many
/// bins as Sturges (1926) has it, ⌈log₂ n⌉ + 1. Never more than `most_bins`. No bins for an empty
/// sample. \param most_bins at least 1
[[nodiscard]] Histogram histogram(std::vector<double> sample, std::size_t most_bins);

} // namespace heatsim::stats
