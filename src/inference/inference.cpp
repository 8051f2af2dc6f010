// SPDX-License-Identifier: Apache-2.0
#include "inference/inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace heatsim::inference {

std::size_t predicted_class(const std::vector<double>& logits)
{
    return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) -
                                    logits.begin());
}

std::vector<config::Violation> unsupported(const workload::Model& model,
                                           const workload::Schedule& schedule)
{
    std::vector<config::Violation> found;
    const auto refuse = [&found](std::string key, std::string what, std::string expected) {
        found.push_back({{}, std::move(key), std::move(what), std::move(expected), {}});
    };
    if (!model.stem.empty())
        refuse("model.stem", "a stem of convolutions cannot be inferred", "a model without a stem");
    if (model.auxiliary_head)
        refuse("model.auxiliary_head", "an auxiliary head cannot be inferred", "false");
    if (schedule.head_keep_ratio < 1.0)
        refuse("schedule.head_keep_ratio", "pruned heads cannot be inferred", "1");
    if (schedule.channel_keep_ratio < 1.0)
        refuse("schedule.channel_keep_ratio", "pruned channels cannot be inferred", "1");
    if (schedule.proportional_attention)
        refuse("schedule.proportional_attention",
               "attention in proportion to sizes cannot be inferred", "false");
    if (schedule.selectors.empty())
        return found;
    if (schedule.scoring != workload::Scoring::Selector)
        refuse("schedule.scoring", "scores of this kind cannot be inferred", "selector");
    if (schedule.choice != workload::Choice::Threshold)
        refuse("schedule.choice", "a choice of this kind cannot be inferred", "threshold");
    const bool packages = schedule.package_token == workload::PackageToken::One ||
                          schedule.package_token == workload::PackageToken::OnePerSelector ||
                          schedule.package_token == workload::PackageToken::None;
    if (!packages)
        refuse("schedule.package_token", "what becomes of pruned tokens here cannot be inferred",
               "one or none; in floats one_per_selector, too");
    // rules of the two together, such as widths that halve twice
    for (const auto& violation : workload::violations(schedule, model)) {
        const bool of_selector = violation.selector != workload::ScheduleViolation::none;
        refuse(of_selector
                   ? fmt::format("schedule.selectors.{}.{}", violation.selector, violation.key)
                   : fmt::format("schedule.{}", violation.key),
               violation.found, violation.expected);
    }
    return found;
}

bool is_next(const workload::Schedule& schedule,
             std::size_t selector,
             std::uint64_t workload::Selector::*place,
             std::uint64_t block)
{
    return selector < schedule.selectors.size() && schedule.selectors[selector].*place == block;
}

} // namespace heatsim::inference
