// SPDX-License-Identifier: Apache-2.0
#include "sweep/latency_table.hpp"

#include "system/staircase.hpp"

#include <algorithm>

namespace heatsim::sweep {

namespace {

constexpr std::uint64_t short_depth = 3;

/// Cycles of selector `number` (1-based) in the last image.
[[nodiscard]] std::uint64_t selector_cycles(const system::Simulation& simulation,
                                            const workload::Workload& workload,
                                            std::uint32_t number)
{
    std::uint64_t cycles = 0;
    for (std::size_t i = 0; i < workload.operators.size(); ++i)
        if (workload.operators[i].selector == number)
            cycles += simulation.records()[i].cost.cycles();
    return cycles;
}

} // namespace

std::uint64_t LatencyTable::cycles(const workload::Model& model,
                                   const workload::Schedule& schedule) const
{
    const auto counts = workload::target_token_counts(schedule, model);
    const auto& selectors = schedule.selectors;
    // package tokens can be more than the tokens that were pruned
    const auto at = [](const std::vector<std::uint64_t>& cycles, std::uint64_t tokens) {
        return cycles[std::min<std::size_t>(tokens, cycles.size() - 1)];
    };
    std::uint64_t sum = at(outside_cycles, counts.back());
    for (std::size_t stage = 0; stage < counts.size(); ++stage) {
        const auto first = stage == 0 ? 1 : selectors[stage - 1].before_block;
        const auto end = stage < selectors.size() ? selectors[stage].before_block : model.depth + 1;
        sum += (end - first) * at(block_cycles, counts[stage]);
        if (stage == 1)
            sum += first_selector_cycles;
        else if (stage > 1)
            sum += at(selector_cycles, counts[stage - 1]);
    }
    return sum;
}

LatencyTable simulated_latency_table(system::Simulation& simulation,
                                     const workload::Model& model,
                                     const workload::Schedule& schedule)
{
    const workload::LoweringOptions options{
        simulation.design().accelerator.controller.layout_copies};
    const auto tokens = model.tokens();
    const auto fewest = model.class_tokens + 1;
    LatencyTable table;
    table.block_cycles.assign(tokens + 1, 0);
    table.outside_cycles.assign(tokens + 1, 0);
    table.selector_cycles.assign(tokens + 1, 0);

    const auto staircase = system::block_staircase(simulation, model, fewest);
    auto short_model = model;
    short_model.depth = short_depth;
    for (const auto& cost : staircase.costs) {
        const auto workload = workload::lower(short_model, {}, {cost.tokens}, options);
        const auto image = simulation.run(workload);
        table.block_cycles[cost.tokens] = cost.cycles;
        table.outside_cycles[cost.tokens] = image.cycles - short_depth * cost.cycles;
        table.simulations += 2;
    }

    // the second of two selectors has any number of tokens in front of it; what it keeps matters
    // little, half of the patches is in the middle
    auto two = schedule;
    two.selectors.assign(2, workload::Selector{});
    two.selectors[0].before_block = 2;
    two.selectors[1].before_block = short_depth;
    const auto fixed = model.class_tokens + workload::package_tokens(two, 1);
    for (auto in_front = fixed + 1; in_front < tokens; ++in_front) {
        const auto behind = fixed + (in_front - fixed) / 2;
        const auto workload =
            workload::lower(short_model, two, {tokens, in_front, behind}, options);
        (void)simulation.run(workload);
        ++table.simulations;
        table.selector_cycles[in_front] = selector_cycles(simulation, workload, 2);
        if (in_front == (fixed + tokens) / 2)
            table.first_selector_cycles = selector_cycles(simulation, workload, 1);
    }
    table.selector_cycles[fixed] = table.selector_cycles[fixed + 1]; // no patch is left
    table.selector_cycles[tokens] = table.first_selector_cycles;     // nothing was pruned before
    return table;
}

} // namespace heatsim::sweep
