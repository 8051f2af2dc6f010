// SPDX-License-Identifier: Apache-2.0
#include "unit/workload/trace_file.hpp"
#include "workload/trace_generator.hpp"
#include "workload/trace_statistics.hpp"
#include "workload/trace_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

namespace heatsim::workload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Patches 196, class token 1.
Model small_model()
{
    Model model;
    model.name = "small";
    return model;
}

/// Patches 24 x 24, class tokens 2.
Model large_model()
{
    Model model;
    model.name = "large";
    model.image_height_pixels = 384;
    model.image_width_pixels = 384;
    model.class_tokens = 2;
    return model;
}

Schedule three_selectors(PackageToken policy = PackageToken::One)
{
    Schedule schedule;
    schedule.name = "three";
    schedule.package_token = policy;
    for (const auto block : {4U, 7U, 10U}) {
        Selector selector;
        selector.before_block = block;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

const KeepRatioDistribution distribution{{0.7, 0.39, 0.21}, {0.10, 0.11, 0.12}, {0.75, 0.85}};

/// The traces of `traces/` in which images differ.
std::vector<TokenTrace> recorded_adaptive_traces()
{
    std::vector<TokenTrace> traces;
    for (const auto& entry : std::filesystem::directory_iterator{HEATSIM_SOURCE_DIR "/traces"}) {
        if (entry.path().extension() != ".gz")
            continue;
        auto trace = read_trace(entry.path().string());
        const auto& images = trace.images;
        if (std::adjacent_find(images.begin(), images.end(), std::not_equal_to<>{}) != images.end())
            traces.push_back(std::move(trace));
    }
    return traces;
}

std::vector<double> ranks(const std::vector<double>& values)
{
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> found;
    found.reserve(values.size());
    for (const auto value : values) {
        const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
        found.push_back(static_cast<double>((first - sorted.begin()) + (last - sorted.begin())) /
                        2.0);
    }
    return found;
}

std::vector<double> counts_behind(const TokenTrace& trace, std::size_t selector)
{
    std::vector<double> counts;
    counts.reserve(trace.images.size());
    for (const auto& image : trace.images)
        counts.push_back(static_cast<double>(image.at(selector)));
    return counts;
}

TEST(DiscreteNormal, MeetsMeanAndStandardDeviationExactly)
{
    struct Moments {
        double mean;
        double standard_deviation;
    };
    for (const auto& wanted : {Moments{98.3, 20.0}, Moments{5.0, 4.0}, Moments{190.5, 5.0},
                               Moments{50.25, 1.0}, Moments{100.0, 50.0}}) {
        const DiscreteNormal normal{196, wanted.mean, wanted.standard_deviation};
        constexpr int draws = 200000;
        double sum = 0.0;
        double squares = 0.0;
        for (int i = 0; i < draws; ++i) {
            const auto value = static_cast<double>(normal.quantile((i + 0.5) / draws));
            sum += value;
            squares += value * value;
        }
        const double mean = sum / draws;
        EXPECT_NEAR(mean, wanted.mean, 1e-3);
        EXPECT_NEAR(std::sqrt(squares / draws - mean * mean), wanted.standard_deviation, 1e-3);
    }
}

TEST(DiscreteNormal, WithoutSpreadIsTheMeanRoundedDown)
{
    const DiscreteNormal normal{196, 0.39 * 196, 0.0};
    EXPECT_EQ(normal.quantile(0.001), 76U);
    EXPECT_EQ(normal.quantile(0.999), 76U);
    EXPECT_EQ((DiscreteNormal{100, 0.29 * 100, 0.0}.quantile(0.5)), 29U) << "a decimal fraction";
}

// b = 0 and mean n/2: all values equally likely, variance (n^2 + 2 n) / 12
TEST(DiscreteNormal, WidestInTheMiddleIsUniform)
{
    EXPECT_NEAR(DiscreteNormal::largest_spread(100, 50.0), std::sqrt((10000.0 + 200.0) / 12.0),
                1e-9);
    EXPECT_EQ(DiscreteNormal::largest_spread(100, 0.0), 0.0);
    EXPECT_EQ(DiscreteNormal::largest_spread(100, 100.0), 0.0);
    // far from the upper end: geometric, variance m (1 + m)
    EXPECT_NEAR(DiscreteNormal::largest_spread(1000, 2.0), std::sqrt(6.0), 1e-9);
}

TEST(TraceGenerator, GivesTheDistributionItIsAskedFor)
{
    constexpr std::size_t images = 20000;
    const auto trace = generate_trace(small_model(), three_selectors(), distribution, images, 7);
    const auto statistics = trace_statistics(trace);
    // standard errors of the mean: 0.1 / sqrt(20000) = 0.0007
    for (std::size_t s = 0; s < 3; ++s) {
        const auto& ratio = statistics.selectors[s].keep_ratio;
        EXPECT_NEAR(ratio.mean, distribution.mean[s], 0.004) << s;
        EXPECT_NEAR(ratio.standard_deviation, distribution.standard_deviation[s], 0.004) << s;
    }
    EXPECT_NEAR(*statistics.correlations[0][1], 0.75, 0.02);
    EXPECT_NEAR(*statistics.correlations[1][2], 0.85, 0.02);
    EXPECT_NEAR(*statistics.correlations[0][2], 0.75 * 0.85, 0.03) << "first order";
}

TEST(TraceGenerator, WritesWhatTheReaderAccepts)
{
    for (const auto policy :
         {PackageToken::One, PackageToken::OnePerSelector, PackageToken::None}) {
        // strongly overlapping stages and a negative correlation: counts would rise
        const KeepRatioDistribution wide{{0.5, 0.5, 0.45}, {0.25, 0.25, 0.25}, {-0.9, 0.0}};
        const auto trace = generate_trace(large_model(), three_selectors(policy), wide, 2000, 3);
        const TraceFile file{trace_text(trace), true};
        const auto read = read_trace(file.path());
        EXPECT_EQ(read.images, trace.images);
        EXPECT_EQ(read.image_ids, trace.image_ids);
        EXPECT_EQ(read.class_tokens, 2U);
        EXPECT_EQ(read.tokens, 24U * 24U + 2U);
        EXPECT_EQ(read.package_token, policy);
        EXPECT_THAT(read.keep_ratio_targets, ElementsAre(0.5, 0.5, 0.45));
        EXPECT_EQ(trace_text(read), trace_text(trace));
    }
}

TEST(TraceGenerator, DependsOnTheSeedAloneAndNotOnTheNumberOfImages)
{
    const auto model = small_model();
    const auto schedule = three_selectors();
    const auto few = generate_trace(model, schedule, distribution, 10, 5).images;
    auto many = generate_trace(model, schedule, distribution, 50, 5).images;
    many.resize(10);
    EXPECT_EQ(few, many);
    EXPECT_NE(few, generate_trace(model, schedule, distribution, 10, 6).images);
    // recorded once: another platform or library must give the same
    EXPECT_THAT(few[0], ElementsAre(197, 148, 60, 16));
}

TEST(TraceGenerator, RefusesSpreadsThatNoCountsHave)
{
    const auto refused = [](const KeepRatioDistribution& asked) {
        return messages_of(
            "", [&] { (void)generate_trace(small_model(), three_selectors(), asked, 1, 1); });
    };
    EXPECT_THAT(refused({{0.7, 0.4, 0.02}, {0.001, 0.4, 0.1}, {0.5, 0.5}}),
                ElementsAre(HasSubstr("--std: 0.001 at selector 1; expected 0, or 0.0051 (one "
                                      "patch) to"),
                            HasSubstr("--std: 0.4 at selector 2; expected"),
                            HasSubstr("--std: 0.1 at selector 3; expected")));
    EXPECT_THAT(refused({{1.0, 0.4, 0.2}, {0.1, 0.1, 0.1}, {0.5, 0.5}}),
                ElementsAre(HasSubstr("expected 0: keep ratio 1 leaves no room")));
    EXPECT_TRUE(refused({{1.0, 0.4, 0.2}, {0.0, 0.1, 0.1}, {1.0, -1.0}}).empty());
}

TEST(TraceGenerator, DefaultsAreThoseOfTheRecordedTraces)
{
    double sum = 0.0;
    std::size_t selectors = 0;
    std::vector<double> correlations;
    for (const auto& trace : recorded_adaptive_traces()) {
        const auto statistics = trace_statistics(trace);
        for (std::size_t s = 0; s < statistics.selectors.size(); ++s) {
            const auto& ratio = statistics.selectors[s].keep_ratio;
            sum += ratio.standard_deviation / std::sqrt(ratio.mean * (1.0 - ratio.mean));
            ++selectors;
            if (s > 0)
                correlations.push_back(*statistics.correlations[s - 1][s]);
        }
    }
    std::sort(correlations.begin(), correlations.end());
    const double dispersion = sum / static_cast<double>(selectors);
    EXPECT_NEAR(typical_spread(196, 0.5), dispersion * 0.5, 0.0026); // to the second digit
    EXPECT_NEAR(typical_correlation, correlations[correlations.size() / 2], 0.05);
    EXPECT_EQ(typical_spread(196, 1.0), 0.0);
    EXPECT_LE(typical_spread(196, 0.05), DiscreteNormal::largest_spread(196, 9.8) / 196.0);
}

/// 400 images that keep different numbers of patches.
TokenTrace recording()
{
    auto trace = generate_trace(small_model(), three_selectors(), distribution, 400, 11);
    trace.schedule_name = "recorded";
    for (std::size_t i = 0; i < trace.images.size(); ++i)
        trace.correct.push_back(i % 3 != 0);
    return trace;
}

TEST(TraceResampling, WithoutChangesIsTheRecording)
{
    const auto recorded = recording();
    const auto same = resample_trace(recorded, small_model(), three_selectors(), {});
    EXPECT_EQ(same.images, recorded.images);
    EXPECT_EQ(same.correct, recorded.correct);
}

TEST(TraceResampling, MeetsTheNewMeansAndKeepsRankCorrelations)
{
    const auto recorded = recording();
    Resampling resampling;
    resampling.keep_ratio = {0.6, 0.3, 0.1}; // falls faster than the recording
    const auto mapped = resample_trace(recorded, large_model(), three_selectors(), resampling);
    const auto statistics = trace_statistics(mapped);
    for (std::size_t s = 0; s < 3; ++s)
        EXPECT_NEAR(statistics.selectors[s].keep_ratio.mean, resampling.keep_ratio[s],
                    0.0005); // rounded to 1/576
    for (std::size_t s = 1; s < 3; ++s)
        EXPECT_NEAR(
            *correlation(ranks(counts_behind(mapped, s)), ranks(counts_behind(mapped, s + 1))),
            *correlation(ranks(counts_behind(recorded, s)), ranks(counts_behind(recorded, s + 1))),
            0.001);
    EXPECT_EQ(mapped.tokens, 578U);
    EXPECT_TRUE(mapped.correct.empty()) << "another network";
    const TraceFile file{trace_text(mapped)};
    EXPECT_EQ(read_trace(file.path()).images, mapped.images);
}

TEST(TraceResampling, CountsNeverRise)
{
    Resampling resampling;
    resampling.keep_ratio = {0.4, 0.39, 0.38};
    const auto mapped = resample_trace(recording(), large_model(), three_selectors(), resampling);
    for (const auto& image : mapped.images)
        EXPECT_TRUE(std::is_sorted(image.rbegin(), image.rend()));
    const auto statistics = trace_statistics(mapped);
    for (std::size_t s = 0; s < 3; ++s)
        EXPECT_NEAR(statistics.selectors[s].keep_ratio.mean, resampling.keep_ratio[s], 0.0005)
            << "the limit is part of what is solved for";
}

TEST(TraceResampling, DrawsWithReplacement)
{
    const auto recorded = recording();
    Resampling resampling;
    resampling.images = 3000;
    resampling.seed = 2;
    const auto drawn = resample_trace(recorded, small_model(), three_selectors(), resampling);
    ASSERT_EQ(drawn.images.size(), 3000U);
    ASSERT_EQ(drawn.correct.size(), 3000U);
    for (const auto& image : drawn.images)
        EXPECT_NE(std::find(recorded.images.begin(), recorded.images.end(), image),
                  recorded.images.end());
    // standard error 20 / sqrt(3000) = 0.4 tokens
    EXPECT_NEAR(trace_statistics(drawn).selectors[0].tokens.mean,
                trace_statistics(recorded).selectors[0].tokens.mean, 1.6);
    EXPECT_EQ(resample_trace(recorded, small_model(), three_selectors(), resampling).images,
              drawn.images);
}

TEST(TraceResampling, RefusesMeansThatTheImagesCannotHave)
{
    auto recorded = recording();
    recorded.images.assign(4, token_counts(recorded, {196, 100, 0})); // keeps all, some, none
    const auto refused = [&](const std::vector<double>& ratios) {
        Resampling resampling;
        resampling.keep_ratio = ratios;
        return messages_of("", [&] {
            (void)resample_trace(recorded, small_model(), three_selectors(), resampling);
        });
    };
    EXPECT_THAT(refused({0.9, 0.5, 0.0}),
                ElementsAre(HasSubstr("--keep-ratio: 0.9 at selector 1; expected from 1.0000 to "
                                      "1.0000")));
    EXPECT_THAT(refused({1.0, 0.5, 0.1}),
                ElementsAre(HasSubstr("--keep-ratio: 0.1 at selector 3; expected from 0.0000 to "
                                      "0.0000")));
    EXPECT_TRUE(refused({1.0, 0.3, 0.0}).empty());
}

} // namespace
} // namespace heatsim::workload
