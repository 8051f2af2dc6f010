// SPDX-License-Identifier: Apache-2.0
#include "stats/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace heatsim::stats {

double percentile(const std::vector<double>& sorted, double percent)
{
    const auto rank =
        static_cast<std::size_t>(std::ceil(percent / 100.0 * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

Distribution distribution(std::vector<double> sample)
{
    if (sample.empty())
        return {};
    std::sort(sample.begin(), sample.end());
    return {std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size()),
            percentile(sample, 50.0),
            percentile(sample, 90.0),
            percentile(sample, 95.0),
            percentile(sample, 99.0),
            sample.front(),
            sample.back()};
}

std::vector<double> Histogram::cumulative_percent() const
{
    const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    std::vector<double> percents;
    percents.reserve(counts.size());
    std::uint64_t seen = 0;
    for (const auto count : counts) {
        seen += count;
        percents.push_back(100.0 * static_cast<double>(seen) / static_cast<double>(total));
    }
    return percents;
}

Histogram histogram(std::vector<double> sample, std::size_t most_bins)
{
    if (sample.empty())
        return {};
    std::sort(sample.begin(), sample.end());
    const double range = sample.back() - sample.front();
    if (range <= 0.0)
        return {sample.front(), 0.0, {sample.size()}};
    constexpr double first_quartile = 25.0;
    constexpr double third_quartile = 75.0;
    const auto size = static_cast<double>(sample.size());
    const double spread = percentile(sample, third_quartile) - percentile(sample, first_quartile);
    const double bins = spread > 0.0 ? std::ceil(range / (2.0 * spread / std::cbrt(size)))
                                     : std::ceil(std::log2(size)) + 1.0;
    const double kept = std::clamp(bins, 1.0, static_cast<double>(most_bins));
    Histogram result;
    result.low = sample.front();
    result.bin_width = range / kept;
    result.counts.assign(static_cast<std::size_t>(kept), 0);
    for (const double value : sample) {
        const auto bin = static_cast<std::size_t>((value - result.low) / result.bin_width);
        ++result.counts[std::min(bin, result.counts.size() - 1)];
    }
    return result;
}

} // namespace heatsim::stats
