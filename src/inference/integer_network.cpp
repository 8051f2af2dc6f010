// SPDX-License-Identifier: Apache-2.0
#include "inference/integer_network.hpp"

#include "inference/inference.hpp"

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
    auto found = unsupported(model, schedule);
    const auto refuse = [&found](std::string key, std::string what, std::string expected) {
        found.push_back({{}, std::move(key), std::move(what), std::move(expected), {}});
    };
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
    if (schedule.selectors.empty())
        return found;
    if (model.heads > most_heads)
        refuse("model.heads", fmt::format("{} heads", model.heads),
               fmt::format("at most {}, those of a score", most_heads));
    if (schedule.package_token == workload::PackageToken::OnePerSelector)
        refuse("schedule.package_token", "a package token per selector has no integer inference",
               "one or none");
    return found;
}

} // namespace heatsim::inference
