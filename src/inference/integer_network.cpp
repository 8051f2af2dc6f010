// SPDX-License-Identifier: Apache-2.0
#include "inference/integer_network.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace heatsim::inference {

std::vector<config::Violation> unsupported_in_integers(const workload::Model& model,
                                                       const workload::Schedule& schedule)
{
    constexpr std::uint64_t most_tokens = 256;    // of a row of softmax
    constexpr std::uint64_t most_channels = 4096; // whose products 27 bits hold
    constexpr std::uint64_t most_heads = 16;      // of a score
    std::vector<config::Violation> found;
    const auto refuse = [&found](std::string key, std::string what, std::string expected) {
        found.push_back({{}, std::move(key), std::move(what), std::move(expected), {}});
    };
    if (!model.stem.empty())
        refuse("model.stem", "a stem of convolutions has no integer inference",
               "a model without a stem");
    if (model.auxiliary_head)
        refuse("model.auxiliary_head", "an auxiliary head has no integer inference", "false");
    if (model.tokens() > most_tokens)
        refuse("model.patch_size", fmt::format("{} tokens", model.tokens()),
               fmt::format("at most {}, a row of the softmax unit", most_tokens));
    const auto patch = model.patch_size * model.patch_size * model.image_channels;
    for (const auto& [key, channels] :
         {std::pair{"model.embed_dim", model.embed_dim},
          std::pair{"model.mlp_hidden", model.mlp_hidden}, std::pair{"model.patch_size", patch}})
        if (channels > most_channels)
            refuse(key, fmt::format("{} input channels of a layer", channels),
                   fmt::format("at most {}, whose sums 27 bits hold", most_channels));
    if (model.head_dim() >= most_channels) // of an activation, both factors can be −128
        refuse("model.heads", fmt::format("heads of {} channels", model.head_dim()),
               fmt::format("below {} channels, whose sums 27 bits hold", most_channels));
    if (schedule.head_keep_ratio < 1.0)
        refuse("schedule.head_keep_ratio", "pruned heads have no integer inference", "1");
    if (schedule.channel_keep_ratio < 1.0)
        refuse("schedule.channel_keep_ratio", "pruned channels have no integer inference", "1");
    if (schedule.proportional_attention)
        refuse("schedule.proportional_attention",
               "attention in proportion to sizes has no integer inference", "false");
    if (schedule.selectors.empty())
        return found;
    if (model.heads > most_heads)
        refuse("model.heads", fmt::format("{} heads", model.heads),
               fmt::format("at most {}, those of a score", most_heads));
    if (schedule.scoring != workload::Scoring::Selector)
        refuse("schedule.scoring", "scores of this kind have no integer inference", "selector");
    if (schedule.choice != workload::Choice::Threshold)
        refuse("schedule.choice", "a choice of this kind has no integer inference", "threshold");
    if (schedule.package_token != workload::PackageToken::One &&
        schedule.package_token != workload::PackageToken::None)
        refuse("schedule.package_token",
               "what becomes of pruned tokens here has no integer inference", "one or none");
    for (const auto& violation : workload::violations(schedule, model)) {
        const bool of_selector = violation.selector != workload::ScheduleViolation::none;
        refuse(of_selector
                   ? fmt::format("schedule.selectors.{}.{}", violation.selector, violation.key)
                   : fmt::format("schedule.{}", violation.key),
               violation.found, violation.expected);
    }
    return found;
}

} // namespace heatsim::inference
