// SPDX-License-Identifier: Apache-2.0
#include "workload/trace_statistics.hpp"

#include "workload/operators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace heatsim::workload {

namespace {

double mean_of(const std::vector<double>& sample)
{
    return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}

/// The smallest value with at least `percent` of the sample at or below it.
double nearest_rank(const std::vector<double>& sorted, double percent)
{
    const auto size = static_cast<double>(sorted.size());
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100.0 * size));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

/// Mean token count over the selectors of every image.
std::vector<double> mean_tokens(const TokenTrace& trace)
{
    std::vector<double> means;
    means.reserve(trace.images.size());
    for (const auto& counts : trace.images) {
        const auto sum = std::accumulate(counts.begin() + 1, counts.end(), std::uint64_t{0});
        means.push_back(static_cast<double>(sum) / static_cast<double>(counts.size() - 1));
    }
    return means;
}

std::vector<AccuracyGroup> accuracy_groups(const std::vector<double>& tokens,
                                           const std::vector<bool>& correct)
{
    auto sorted = tokens;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.front() == sorted.back())
        return {};
    std::vector<AccuracyGroup> groups;
    auto below = sorted.begin();
    for (const double percent : {25.0, 50.0, 75.0, 100.0}) {
        const double limit = nearest_rank(sorted, percent);
        const auto end = std::upper_bound(below, sorted.end(), limit);
        if (end == below)
            continue; // all in the group before: one count fills more than a quarter
        AccuracyGroup group;
        group.images = static_cast<std::size_t>(end - below);
        group.min_tokens = *below;
        group.max_tokens = *(end - 1);
        std::size_t right = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i)
            if (correct[i] && tokens[i] >= group.min_tokens && tokens[i] <= group.max_tokens)
                ++right;
        group.top1_percent = percent_of(right, group.images);
        groups.push_back(group);
        below = end;
    }
    return groups;
}

} // namespace

double percent_of(std::size_t part, std::size_t whole)
{
    return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

SampleStatistics sample_statistics(std::vector<double> sample)
{
    if (sample.empty())
        return {};
    std::sort(sample.begin(), sample.end());
    SampleStatistics statistics;
    statistics.mean = mean_of(sample);
    double squares = 0.0;
    for (const double value : sample)
        squares += (value - statistics.mean) * (value - statistics.mean);
    statistics.standard_deviation = sample.front() == sample.back()
                                        ? 0.0
                                        : std::sqrt(squares / static_cast<double>(sample.size()));
    statistics.min = sample.front();
    statistics.p5 = nearest_rank(sample, 5.0);
    statistics.p50 = nearest_rank(sample, 50.0);
    statistics.p95 = nearest_rank(sample, 95.0);
    statistics.max = sample.back();
    return statistics;
}

std::optional<double> correlation(const std::vector<double>& first,
                                  const std::vector<double>& second)
{
    const auto constant = [](const std::vector<double>& sample) {
        const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
        return sample.empty() || *low == *high;
    };
    if (constant(first) || constant(second))
        return std::nullopt;
    const double first_mean = mean_of(first);
    const double second_mean = mean_of(second);
    double products = 0.0;
    double first_squares = 0.0;
    double second_squares = 0.0;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const double x = first[i] - first_mean;
        const double y = second[i] - second_mean;
        products += x * y;
        first_squares += x * x;
        second_squares += y * y;
    }
    return products / std::sqrt(first_squares * second_squares);
}

std::vector<HistogramBin> histogram(const std::vector<std::uint64_t>& values, std::size_t most_bins)
{
    if (values.empty() || most_bins == 0)
        return {};
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const auto first = *low;
    const auto range = *high - first + 1;
    const auto width = (range + most_bins - 1) / most_bins;
    std::vector<HistogramBin> bins((range + width - 1) / width);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        bins[i].from = first + i * width;
        bins[i].to = std::min(bins[i].from + width - 1, *high);
    }
    for (const auto value : values)
        ++bins[(value - first) / width].images;
    return bins;
}

TraceStatistics trace_statistics(const TokenTrace& trace)
{
    TraceStatistics statistics;
    const auto count = trace.selectors_before_blocks.size();
    std::vector<std::vector<std::uint64_t>> tokens(count); // per selector, then per image
    std::vector<std::vector<double>> kept(count);
    std::size_t unpruned = 0;
    for (const auto& image : trace.images) {
        const auto patches = kept_patches(trace, image);
        for (std::size_t s = 0; s < count; ++s) {
            tokens[s].push_back(image[s + 1]);
            kept[s].push_back(static_cast<double>(patches[s]));
        }
        if (std::all_of(image.begin(), image.end(),
                        [&](std::uint64_t n) { return n == trace.tokens; }))
            ++unpruned;
    }
    std::vector<std::vector<double>> samples;
    for (std::size_t s = 0; s < count; ++s) {
        SelectorStatistics selector;
        selector.before_block = trace.selectors_before_blocks[s];
        if (s < trace.keep_ratio_targets.size())
            selector.target_keep_ratio = trace.keep_ratio_targets[s];
        samples.emplace_back(tokens[s].begin(), tokens[s].end());
        selector.tokens = sample_statistics(samples.back());
        selector.kept_patches = sample_statistics(kept[s]);
        auto ratios = kept[s];
        for (auto& ratio : ratios)
            ratio /= static_cast<double>(trace.patches());
        selector.keep_ratio = sample_statistics(std::move(ratios));
        selector.tokens_histogram = histogram(tokens[s], histogram_bins);
        statistics.selectors.push_back(std::move(selector));
    }
    for (const auto& row : samples) {
        statistics.correlations.emplace_back();
        for (const auto& column : samples)
            statistics.correlations.back().push_back(correlation(row, column));
    }
    statistics.unpruned_percent = percent_of(unpruned, trace.images.size());
    const auto& correct = trace.correct;
    if (correct.empty())
        return statistics;
    const auto right = std::count(correct.begin(), correct.end(), true);
    statistics.top1_percent = percent_of(static_cast<std::size_t>(right), correct.size());
    if (count > 0) {
        const auto means = mean_tokens(trace);
        statistics.accuracy_by_tokens = accuracy_groups(means, correct);
        statistics.correlation_tokens_correct =
            correlation(means, std::vector<double>(correct.begin(), correct.end()));
    }
    return statistics;
}

std::vector<double>
image_gmacs(const Model& model, const Schedule& schedule, const std::vector<TokenCounts>& images)
{
    constexpr double giga = 1e9;
    std::map<TokenCounts, double> known; // equal counts are equal work
    std::vector<double> gmacs;
    gmacs.reserve(images.size());
    for (const auto& counts : images) {
        const auto [entry, is_new] = known.emplace(counts, 0.0);
        if (is_new)
            entry->second = static_cast<double>(lower(model, schedule, counts).macs()) / giga;
        gmacs.push_back(entry->second);
    }
    return gmacs;
}

} // namespace heatsim::workload
