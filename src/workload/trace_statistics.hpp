// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/model.hpp"
#include "workload/schedule.hpp"
#include "workload/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim::workload {

/// 0 of nothing.
[[nodiscard]] double percent_of(std::size_t part, std::size_t whole);

/// Mean, spread and order statistics of a sample.
struct SampleStatistics {
    double mean = 0.0;
    double standard_deviation = 0.0; ///< of the sample as a whole: divided by its size
    double min = 0.0;
    double p5 = 0.0; ///< percentiles are nearest-rank: values that occurred
    double p50 = 0.0;
    double p95 = 0.0;
    double max = 0.0;
};
/// All zero for an empty sample.
[[nodiscard]] SampleStatistics sample_statistics(std::vector<double> sample);

/// Pearson's correlation; nothing where one of the samples does not vary. \pre equal sizes
[[nodiscard]] std::optional<double> correlation(const std::vector<double>& first,
                                                const std::vector<double>& second);

/// How many values of a histogram lie from `from` to `to`, both included.
struct HistogramBin {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::size_t images = 0;
};
/// Bins of equal width over the range of `values`, at most `most_bins`; empty for no values.
[[nodiscard]] std::vector<HistogramBin> histogram(const std::vector<std::uint64_t>& values,
                                                  std::size_t most_bins);

/// One selector of a trace over its images.
struct SelectorStatistics {
    std::uint64_t before_block = 0;          ///< 1-based
    std::optional<double> target_keep_ratio; ///< of the header
    SampleStatistics tokens;
    SampleStatistics kept_patches;
    SampleStatistics keep_ratio; ///< kept / original patches
    std::vector<HistogramBin> tokens_histogram;
};

/// Images of similar token counts, and how many of them were classified rightly.
struct AccuracyGroup {
    std::size_t images = 0;
    double min_tokens = 0.0; ///< mean over the selectors
    double max_tokens = 0.0;
    double top1_percent = 0.0;
};

struct TraceStatistics {
    std::vector<SelectorStatistics> selectors;
    /// correlations[i][j] of the token counts behind selectors i and j; nothing where one of them
    /// is the same for every image
    std::vector<std::vector<std::optional<double>>> correlations;
    double unpruned_percent = 0.0; ///< images whose token count never falls
    std::optional<double> top1_percent;
    /// Quarters of the images by their mean token count over the selectors, the cheapest first.
    /// Equal counts stay together, so that there can be fewer than four; empty where all images
    /// are equal or the trace has no classes.
    std::vector<AccuracyGroup> accuracy_by_tokens;
    /// Correlation of the mean token count with being classified rightly.
    std::optional<double> correlation_tokens_correct;
};

inline constexpr std::size_t histogram_bins = 12;

/// \pre the trace has images
[[nodiscard]] TraceStatistics trace_statistics(const TokenTrace& trace);

/// GMACs (10^9 multiply-accumulates) of every image, selectors included.
[[nodiscard]] std::vector<double>
image_gmacs(const Model& model, const Schedule& schedule, const std::vector<TokenCounts>& images);

} // namespace heatsim::workload
