// SPDX-License-Identifier: Apache-2.0
#include "numerics/package_token.hpp"

#include "numerics/fixed_point.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace heatsim::numerics {

namespace {

constexpr unsigned quotient_bits = 8; // scores up to 255, magnitudes of int8 up to 128

} // namespace

std::uint8_t token_score(const std::vector<std::uint8_t>& keep_scores,
                         const std::vector<std::uint8_t>& head_weights) noexcept
{
    std::uint64_t sum = 0;
    std::uint64_t weight = 0;
    for (std::size_t head = 0; head < std::min(keep_scores.size(), head_weights.size()); ++head) {
        sum += static_cast<std::uint64_t>(keep_scores[head]) * head_weights[head];
        weight += head_weights[head];
    }
    if (weight == 0)
        return 0;
    return static_cast<std::uint8_t>(divide(sum, weight, quotient_bits));
}

std::int8_t package_mean(std::int32_t sum, std::uint32_t weight) noexcept
{
    const auto magnitude = static_cast<std::uint64_t>(std::abs(std::int64_t{sum}));
    const auto quotient =
        static_cast<std::int64_t>(divide(magnitude + weight / 2, weight, quotient_bits));
    return static_cast<std::int8_t>(sum < 0 ? -quotient : quotient);
}

SelectedTokens select_tokens(const std::vector<std::vector<std::int8_t>>& tokens,
                             const std::vector<std::uint8_t>& scores,
                             std::uint8_t threshold,
                             std::uint32_t class_tokens)
{
    SelectedTokens result;
    std::vector<std::int32_t> sums(tokens.empty() ? 0 : tokens.front().size(), 0);
    std::uint32_t weights = 0;
    for (std::size_t token = 0; token < tokens.size(); ++token) {
        if (token < class_tokens || scores[token] >= threshold) {
            result.tokens.push_back(tokens[token]);
            result.kept.push_back(static_cast<std::uint32_t>(token));
            continue;
        }
        const auto weight = package_weight(scores[token]);
        weights += weight;
        for (std::size_t channel = 0; channel < sums.size(); ++channel)
            sums[channel] += static_cast<std::int32_t>(weight) * tokens[token][channel];
    }
    if (weights > 0) {
        result.package = true;
        auto& package = result.tokens.emplace_back();
        package.reserve(sums.size());
        for (const auto sum : sums)
            package.push_back(package_mean(sum, weights));
    }
    return result;
}

} // namespace heatsim::numerics
