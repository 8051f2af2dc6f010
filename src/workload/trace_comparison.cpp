// SPDX-License-Identifier: Apache-2.0
#include "workload/trace_comparison.hpp"

#include "config/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace heatsim::workload {

namespace {

void refuse_other(const TokenTrace& first,
                  const TokenTrace& second,
                  const std::string& key,
                  const std::string& found,
                  const std::string& expected,
                  std::vector<config::Violation>& violations)
{
    config::Violation violation;
    violation.where = second.locate(key);
    violation.key = key;
    violation.found = found;
    violation.expected = fmt::format("{}, as in {}", expected, first.path);
    violations.push_back(std::move(violation));
}

void check_comparable(const TokenTrace& first, const TokenTrace& second)
{
    std::vector<config::Violation> violations;
    const auto blocks = [](const TokenTrace& trace) {
        return trace.selectors_before_blocks.empty()
                   ? "none"
                   : fmt::format("{}", fmt::join(trace.selectors_before_blocks, " "));
    };
    if (first.selectors_before_blocks != second.selectors_before_blocks)
        refuse_other(first, second, "selectors_before_blocks", blocks(second), blocks(first),
                     violations);
    if (first.tokens != second.tokens)
        refuse_other(first, second, "tokens", std::to_string(second.tokens),
                     std::to_string(first.tokens), violations);
    if (!violations.empty())
        throw config::Error{std::move(violations)};
}

} // namespace

TraceComparison compare_traces(const TokenTrace& first, const TokenTrace& second)
{
    check_comparable(first, second);
    TraceComparison result;
    const auto selectors = first.selectors_before_blocks.size();
    result.selectors.resize(selectors);
    for (std::size_t s = 0; s < selectors; ++s)
        result.selectors[s].before_block = first.selectors_before_blocks[s];
    if (!first.predicted.empty() && !second.predicted.empty())
        result.same_predictions = 0;
    if (!first.correct.empty())
        result.first_correct = 0;
    if (!second.correct.empty())
        result.second_correct = 0;

    std::unordered_map<std::uint64_t, std::size_t> place; // in the second trace, of an image
    place.reserve(second.image_ids.size());
    for (std::size_t i = 0; i < second.image_ids.size(); ++i)
        place.emplace(second.image_ids[i], i);
    const auto add_if = [](std::optional<std::size_t>& count, bool holds) {
        if (holds)
            ++*count;
    };
    for (std::size_t i = 0; i < first.image_ids.size(); ++i) {
        const auto found = place.find(first.image_ids[i]);
        if (found == place.end()) {
            ++result.only_first;
            continue;
        }
        const auto j = found->second;
        ++result.images;
        for (std::size_t s = 0; s < selectors; ++s) {
            auto& selector = result.selectors[s];
            const auto a = first.images[i].at(s + 1);
            const auto b = second.images[j].at(s + 1);
            const auto magnitude = a > b ? a - b : b - a;
            selector.first_mean += static_cast<double>(a);
            selector.second_mean += static_cast<double>(b);
            selector.mean_magnitude += static_cast<double>(magnitude);
            selector.largest = std::max(selector.largest, std::uint64_t{magnitude});
            selector.same += magnitude == 0 ? 1U : 0U;
        }
        result.same_counts += first.images[i] == second.images[j] ? 1U : 0U;
        if (result.same_predictions)
            add_if(result.same_predictions, first.predicted[i] == second.predicted[j]);
        if (result.first_correct)
            add_if(result.first_correct, first.correct[i]);
        if (result.second_correct)
            add_if(result.second_correct, second.correct[j]);
    }
    result.only_second = second.image_ids.size() - result.images;
    if (result.images == 0) {
        config::Violation violation;
        violation.where = {second.path, 0, 0};
        violation.key = "image";
        violation.found = "no image in common";
        violation.expected = fmt::format("numbers of images that {} has", first.path);
        throw config::Error{violation};
    }
    for (auto& selector : result.selectors)
        for (auto* const sum :
             {&selector.first_mean, &selector.second_mean, &selector.mean_magnitude})
            *sum /= static_cast<double>(result.images);
    return result;
}

} // namespace heatsim::workload
