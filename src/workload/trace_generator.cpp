// SPDX-License-Identifier: Apache-2.0
#include "workload/trace_generator.hpp"

#include "config/error.hpp"
#include "workload/normal_distribution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

namespace heatsim::workload {

namespace {

constexpr int bisections = 100; // halve any bracket below the last bit of a double

double real(std::uint64_t value)
{
    return static_cast<double>(value);
}

/// The x between `low` and `high` where a rising function passes zero.
template <typename Function>
double root(double low, double high, Function function)
{
    for (int i = 0; i < bisections; ++i) {
        const double middle = 0.5 * (low + high);
        if (middle == low || middle == high)
            break;
        (function(middle) < 0.0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

/// P(k), k = 0 to `largest`, proportional to exp(slope x - curvature x^2) with x = k - mean.
struct Weights {
    std::vector<double> probability;
    double mean_offset = 0.0; ///< of k from `mean`
    double variance = 0.0;
};

Weights weights(std::uint64_t largest, double mean, double slope, double curvature)
{
    Weights result;
    result.probability.reserve(largest + 1);
    double top = -std::numeric_limits<double>::infinity();
    for (std::uint64_t k = 0; k <= largest; ++k) {
        const double x = real(k) - mean;
        result.probability.push_back((slope - curvature * x) * x);
        top = std::max(top, result.probability.back());
    }
    double sum = 0.0;
    double first = 0.0;
    double second = 0.0;
    for (std::uint64_t k = 0; k <= largest; ++k) {
        auto& probability = result.probability[k];
        const double x = real(k) - mean;
        probability = std::exp(probability - top);
        sum += probability;
        first += probability * x;
        second += probability * x * x;
    }
    for (auto& probability : result.probability)
        probability /= sum;
    result.mean_offset = first / sum;
    result.variance = second / sum - result.mean_offset * result.mean_offset;
    return result;
}

/// The weights of this curvature whose mean is `mean`.
Weights centred(std::uint64_t largest, double mean, double curvature)
{
    // exp(-50) of the weight beside the end already puts the mean on the end
    constexpr double steepest = 50.0;
    const double bound = steepest + 2.0 * curvature * real(largest);
    const double slope = root(-bound, bound, [&](double tried) {
        return weights(largest, mean, tried, curvature).mean_offset;
    });
    return weights(largest, mean, slope, curvature);
}

/// Uniform between 0 and 1, both excluded: 53 random bits and a half.
double uniform(std::mt19937_64& engine)
{
    constexpr unsigned dropped_bits = 11;
    constexpr double step = 1.0 / 9007199254740992.0; // 2^-53
    return (real(engine() >> dropped_bits) + 0.5) * step;
}

/// Uniform from 0 to `size` - 1, each equally likely.
std::size_t pick(std::mt19937_64& engine, std::size_t size)
{
    const std::uint64_t count = size;
    const auto unused = (std::mt19937_64::max() % count + 1) % count; // values beyond whole rounds
    std::uint64_t value = engine();
    while (value > std::mt19937_64::max() - unused)
        value = engine();
    return static_cast<std::size_t>(value % count);
}

[[noreturn]] void
refuse(const std::string& key, const std::string& found, const std::string& expected)
{
    config::Violation violation;
    violation.key = key;
    violation.found = found;
    violation.expected = expected;
    throw config::Error{violation};
}

/// The distributions of the kept patches, one per selector. \throws config::Error
std::vector<DiscreteNormal> distributions_of(const KeepRatioDistribution& distribution,
                                             std::uint64_t patches)
{
    std::vector<config::Violation> violations;
    std::vector<DiscreteNormal> result;
    for (std::size_t i = 0; i < distribution.mean.size(); ++i) {
        const double mean = distribution.mean[i] * real(patches);
        const double spread = distribution.standard_deviation.at(i) * real(patches);
        const double largest = DiscreteNormal::largest_spread(patches, mean);
        if (spread == 0.0 || (spread >= DiscreteNormal::smallest_spread && spread <= largest)) {
            result.emplace_back(patches, mean, spread);
            continue;
        }
        config::Violation violation;
        violation.key = "--std";
        violation.found =
            fmt::format("{:g} at selector {}", distribution.standard_deviation[i], i + 1);
        const double smallest = DiscreteNormal::smallest_spread;
        violation.expected =
            largest < smallest
                ? fmt::format("0: keep ratio {:g} leaves no room", distribution.mean[i])
                : fmt::format("0, or {:.4f} (one patch) to {:.4f} (for keep ratio {:g})",
                              smallest / real(patches), largest / real(patches),
                              distribution.mean[i]);
        violations.push_back(std::move(violation));
    }
    if (!violations.empty())
        throw config::Error{std::move(violations)};
    return result;
}

/// Raises each ratio to the one exponent for which the mean is `mean`, none above its limit.
/// \throws config::Error
void raise_to_mean(std::vector<double>& ratios,
                   const std::vector<double>& limits,
                   double mean,
                   std::size_t selector)
{
    constexpr double largest_exponent = 1000.0;
    constexpr double tolerance = 1e-9;
    const auto raised = [&](std::size_t image, double exponent) {
        return std::min(limits[image], std::pow(ratios[image], exponent));
    };
    const auto mean_at = [&](double exponent) {
        double sum = 0.0;
        for (std::size_t image = 0; image < ratios.size(); ++image)
            sum += raised(image, exponent);
        return sum / static_cast<double>(ratios.size());
    };
    const double highest = mean_at(std::numeric_limits<double>::min()); // not 0: 0^0 is 1
    const double lowest = mean_at(largest_exponent);
    if (mean > highest + tolerance || mean < lowest - tolerance)
        refuse("--keep-ratio", fmt::format("{:g} at selector {}", mean, selector),
               fmt::format("from {:.4f} to {:.4f}: an image keeps at most what it kept before, and "
                           "nothing or everything where it did so in the recording",
                           lowest, highest));
    const double exponent = root(std::numeric_limits<double>::min(), largest_exponent,
                                 [&](double tried) { return mean - mean_at(tried); });
    for (std::size_t image = 0; image < ratios.size(); ++image)
        ratios[image] = raised(image, exponent);
}

} // namespace

DiscreteNormal::DiscreteNormal(std::uint64_t largest, double mean, double standard_deviation)
{
    if (standard_deviation == 0.0) {
        constexpr double decimal_slack = 1e-9; // as in target_token_counts
        first_ = static_cast<std::uint64_t>(std::floor(mean + decimal_slack));
        cumulative_ = {1.0};
        return;
    }
    const double variance = standard_deviation * standard_deviation;
    // a normal of curvature 1 has variance 1/2, less than any that is asked for
    const double curvature = root(
        0.0, 1.0, [&](double tried) { return variance - centred(largest, mean, tried).variance; });
    double sum = 0.0;
    for (const auto probability : centred(largest, mean, curvature).probability) {
        sum += probability;
        cumulative_.push_back(sum);
    }
    cumulative_.back() = 1.0; // not the sum of rounding errors
}

std::uint64_t DiscreteNormal::quantile(double p) const
{
    const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), p);
    return first_ +
           static_cast<std::uint64_t>(std::min(found, cumulative_.end() - 1) - cumulative_.begin());
}

double DiscreteNormal::largest_spread(std::uint64_t largest, double mean)
{
    if (mean <= 0.0 || mean >= real(largest))
        return 0.0;
    return std::sqrt(centred(largest, mean, 0.0).variance);
}

double typical_spread(std::uint64_t patches, double keep_ratio)
{
    constexpr double dispersion = 0.23;
    constexpr double part_of_largest = 0.8;
    const double largest =
        DiscreteNormal::largest_spread(patches, keep_ratio * real(patches)) / real(patches);
    const double spread = std::min(dispersion * std::sqrt(keep_ratio * (1.0 - keep_ratio)),
                                   part_of_largest * largest);
    return spread * real(patches) < DiscreteNormal::smallest_spread ? 0.0 : spread;
}

TokenTrace generate_trace(const Model& model,
                          const Schedule& schedule,
                          const KeepRatioDistribution& distribution,
                          std::size_t images,
                          std::uint64_t seed)
{
    auto trace = trace_without_images(model, schedule);
    trace.keep_ratio_targets = distribution.mean;
    const auto patches = trace.patches();
    const auto kept_patches_of = distributions_of(distribution, patches);
    std::mt19937_64 engine{seed};
    trace.images.reserve(images);
    trace.image_ids.reserve(images);
    std::vector<std::uint64_t> kept(kept_patches_of.size());
    for (std::size_t image = 0; image < images; ++image) {
        double score = 0.0;
        auto most = patches;
        for (std::size_t s = 0; s < kept.size(); ++s) {
            const double fresh = normal_quantile(uniform(engine));
            const double correlation = s == 0 ? 0.0 : distribution.correlation.at(s - 1);
            score = correlation * score + std::sqrt(1.0 - correlation * correlation) * fresh;
            most = std::min(most, kept_patches_of[s].quantile(normal_probability(score)));
            kept[s] = most;
        }
        trace.images.push_back(token_counts(trace, kept));
        trace.image_ids.push_back(image);
    }
    return trace;
}

TokenTrace resample_trace(const TokenTrace& recorded,
                          const Model& model,
                          const Schedule& schedule,
                          const Resampling& resampling)
{
    auto trace = trace_without_images(model, schedule);
    trace.dataset = recorded.dataset;
    trace.keep_ratio_targets =
        resampling.keep_ratio.empty() ? recorded.keep_ratio_targets : resampling.keep_ratio;
    const auto selectors = recorded.selectors_before_blocks.size();
    const auto recorded_patches = recorded.patches();
    const auto patches = trace.patches();

    std::vector<std::vector<double>> ratios(selectors); // per selector, then per image
    for (auto& of_selector : ratios)
        of_selector.reserve(recorded.images.size());
    for (const auto& counts : recorded.images) {
        const auto kept = kept_patches(recorded, counts);
        for (std::size_t s = 0; s < selectors; ++s)
            ratios[s].push_back(real(kept[s]) / real(recorded_patches));
    }
    std::vector<double> limits(recorded.images.size(), 1.0);
    for (std::size_t s = 0; s < resampling.keep_ratio.size(); ++s) {
        raise_to_mean(ratios[s], limits, resampling.keep_ratio[s], s + 1);
        limits = ratios[s];
    }

    std::vector<TokenCounts> mapped;
    mapped.reserve(recorded.images.size());
    std::vector<std::uint64_t> kept(selectors);
    for (std::size_t image = 0; image < recorded.images.size(); ++image) {
        for (std::size_t s = 0; s < selectors; ++s)
            kept[s] = static_cast<std::uint64_t>(std::llround(ratios[s][image] * real(patches)));
        mapped.push_back(token_counts(trace, kept));
    }
    const bool has_classes =
        !recorded.correct.empty() && mapped == recorded.images && recorded.model == model.name;
    std::mt19937_64 engine{resampling.seed};
    const auto images = resampling.images == 0 ? mapped.size() : resampling.images;
    trace.images.reserve(images);
    trace.image_ids.reserve(images);
    for (std::size_t image = 0; image < images; ++image) {
        const auto source = resampling.images == 0 ? image : pick(engine, mapped.size());
        trace.images.push_back(mapped[source]);
        trace.image_ids.push_back(image);
        if (has_classes)
            trace.correct.push_back(recorded.correct[source]);
    }
    return trace;
}

} // namespace heatsim::workload
