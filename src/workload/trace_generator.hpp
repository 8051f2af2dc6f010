// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/model.hpp"
#include "workload/schedule.hpp"
#include "workload/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::workload {

/// Numbers 0 to n as a normal distribution would have them: P(k) is proportional to
/// exp(a k - b k^2), b >= 0, the distribution of largest entropy for its mean and variance. No
/// value lies outside and none is rounded, so that both moments are met exactly. Source: T. M.
/// Cover, J. A. Thomas, Elements of Information Theory, 2nd ed., theorem 12.1.1.
class DiscreteNormal {
  public:
    /// A standard deviation of 0 stands for the mean alone, rounded down.
    /// \pre 0 <= mean <= largest, `standard_deviation` 0 or from `smallest_spread` to
    ///      `largest_spread(largest, mean)`
    DiscreteNormal(std::uint64_t largest, double mean, double standard_deviation);

    /// The smallest k with P(X <= k) >= p.
    [[nodiscard]] std::uint64_t quantile(double p) const;

    /// Below a standard deviation of one, whole numbers cannot meet every mean.
    static constexpr double smallest_spread = 1.0;
    /// Largest standard deviation without two maxima: that of P(k) proportional to exp(a k).
    [[nodiscard]] static double largest_spread(std::uint64_t largest, double mean);

  private:
    std::uint64_t first_ = 0;
    std::vector<double> cumulative_; ///< P(X <= first_ + i)
};

/// What a generated trace is drawn from: cumulative keep ratios, one entry per selector.
struct KeepRatioDistribution {
    std::vector<double> mean;
    std::vector<double> standard_deviation;
    /// With the selector before, -1 to 1; one entry less than selectors. Of the normal scores: the
    /// correlation of the token counts lies within a few hundredths of it.
    std::vector<double> correlation;
};

/// Standard deviation of a keep ratio where nobody says one: 0.23 sqrt(r (1 - r)), at most 0.8 of
/// the largest possible. 0.23 is the mean of sigma / sqrt(r (1 - r)) over the selectors of the
/// recorded adaptive traces of `traces/` (0.15 to 0.29).
[[nodiscard]] double typical_spread(std::uint64_t patches, double keep_ratio);
/// Correlation of consecutive selectors where nobody says one: median over the recorded adaptive
/// traces of `traces/`, 0.81 (0.34 to 0.92).
inline constexpr double typical_correlation = 0.8;

/// Draws `images` images. The normal scores of an image's selectors are a first-order
/// autoregression, z_s = rho z_(s-1) + sqrt(1 - rho^2) e_s (Gaussian copula); kept_s is the
/// quantile of z_s in a `DiscreteNormal` of the patches, and at most kept_(s-1). That limit lowers
/// the mean of a later selector only where two selectors' distributions overlap. Image i is the
/// same for every number of images.
///
/// Same seed, same trace: std::mt19937_64 is specified to the bit and the counts are whole numbers,
/// which differ between two C libraries only where a score lies within the last bit of a step.
/// \throws config::Error for a distribution that no counts have
[[nodiscard]] TokenTrace generate_trace(const Model& model,
                                        const Schedule& schedule,
                                        const KeepRatioDistribution& distribution,
                                        std::size_t images,
                                        std::uint64_t seed);

/// What a recorded trace becomes.
struct Resampling {
    /// New mean cumulative keep ratios, one per selector; empty: as recorded.
    std::vector<double> keep_ratio;
    std::size_t images = 0; ///< drawn with replacement; 0: each recorded image once, in order
    std::uint64_t seed = 1;
};

/// A trace for another network or other keep ratios with the images of a recorded one. A recorded
/// keep ratio r of selector s becomes r^gamma_s, at most the new ratio of the selector before, with
/// the gamma_s that gives the recording the new mean. 0 and 1 stay, and so does the order of the
/// images, so that each image keeps its quantile and Spearman's rank correlation between selectors
/// is that of the recording; the limit bites, and ties images, only where the new ratios fall less
/// from selector to selector than the recorded ones. Then rounded to patches of the new network.
/// Recorded classes are dropped unless the counts stay as they are.
/// \pre as many selectors in `schedule` as in `recorded`
/// \throws config::Error for a mean that no gamma gives
[[nodiscard]] TokenTrace resample_trace(const TokenTrace& recorded,
                                        const Model& model,
                                        const Schedule& schedule,
                                        const Resampling& resampling);

} // namespace heatsim::workload
