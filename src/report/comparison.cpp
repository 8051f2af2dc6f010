// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>

namespace heatsim::report {

namespace {

/// A run whose images are all alike, because neither trace nor network tells them apart.
[[nodiscard]] bool is_uniform(const RunFigures& run)
{
    return run.trace.empty() && run.image_set.empty();
}

[[nodiscard]] bool have_same_images(const RunFigures& baseline, const RunFigures& run)
{
    const bool known = !baseline.dataset.empty() && !run.dataset.empty();
    if (known && baseline.dataset != run.dataset)
        return false;
    return std::equal(baseline.per_image.begin(), baseline.per_image.end(), run.per_image.begin(),
                      run.per_image.end(),
                      [](const RunImage& a, const RunImage& b) { return a.image == b.image; });
}

[[nodiscard]] std::optional<PairedImages> pair_images(const RunFigures& baseline,
                                                      const RunFigures& run)
{
    const bool spread_baseline = is_uniform(baseline) && !is_uniform(run);
    const bool spread_run = is_uniform(run) && !is_uniform(baseline);
    if (is_uniform(baseline) && is_uniform(run))
        return std::nullopt;
    if (!spread_baseline && !spread_run && !have_same_images(baseline, run))
        return std::nullopt;
    const auto count = spread_run ? baseline.per_image.size() : run.per_image.size();
    if (count < 2)
        return std::nullopt;

    PairedImages paired;
    paired.images = count;
    std::vector<double> ratios;
    ratios.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double before = baseline.per_image[spread_baseline ? 0 : i].latency_ms;
        const double after = run.per_image[spread_run ? 0 : i].latency_ms;
        paired.faster += after < before ? 1U : 0U;
        paired.slower += after > before ? 1U : 0U;
        ratios.push_back(after / before);
    }
    paired.ratio = stats::distribution(std::move(ratios));
    return paired;
}

/// Every part of any run, largest change first, else in the order of the runs.
[[nodiscard]] std::vector<PartDifference> differences(const std::vector<RunFigures>& runs,
                                                      std::vector<RunPart> RunFigures::*parts)
{
    std::vector<PartDifference> all;
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        for (const auto& part : runs[i].*parts) {
            const auto [place, is_new] = places.emplace(part.name, all.size());
            if (is_new)
                all.push_back(
                    {part.name, std::vector<std::optional<double>>(runs.size(), std::nullopt)});
            all[place->second].cycles[i] = part.cycles;
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const PartDifference& a, const PartDifference& b) {
        return a.largest_change() > b.largest_change();
    });
    return all;
}

} // namespace

double PartDifference::largest_change() const
{
    double largest = 0.0;
    for (std::size_t i = 1; i < cycles.size(); ++i)
        largest = std::max(largest, std::abs(change(i)));
    return largest;
}

Comparison compare_runs(std::vector<RunFigures> runs)
{
    Comparison comparison;
    comparison.groups = differences(runs, &RunFigures::groups);
    comparison.operators = differences(runs, &RunFigures::operators);
    comparison.paired.resize(runs.size());
    for (std::size_t i = 1; i < runs.size(); ++i)
        comparison.paired[i] = pair_images(runs.front(), runs[i]);
    comparison.runs = std::move(runs);
    return comparison;
}

std::string run_letter(std::size_t index)
{
    return std::string(1, static_cast<char>('A' + index));
}

} // namespace heatsim::report
