// SPDX-License-Identifier: Apache-2.0
#include "sweep/pareto.hpp"

#include <pagmo/utils/hypervolume.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace heatsim::sweep {

bool dominates(const std::vector<double>& first, const std::vector<double>& second)
{
    return first != second && std::equal(first.begin(), first.end(), second.begin(), second.end(),
                                         std::less_equal<>{});
}

bool ParetoFront::add(std::uint64_t point, std::vector<double> costs)
{
    if (std::any_of(members_.begin(), members_.end(),
                    [&](const Member& member) { return dominates(member.costs, costs); }))
        return false;
    members_.erase(
        std::remove_if(members_.begin(), members_.end(),
                       [&](const Member& member) { return dominates(costs, member.costs); }),
        members_.end());
    members_.push_back({point, std::move(costs)});
    return true;
}

double hypervolume(const ParetoFront& front, const std::vector<double>& reference)
{
    std::vector<std::vector<double>> costs;
    costs.reserve(front.members().size());
    for (const auto& member : front.members())
        if (std::equal(member.costs.begin(), member.costs.end(), reference.begin(), reference.end(),
                       std::less<>{}))
            costs.push_back(member.costs);
    return costs.empty() ? 0.0 : pagmo::hypervolume{costs}.compute(reference);
}

} // namespace heatsim::sweep
