// SPDX-License-Identifier: Apache-2.0
#include "system/staircase.hpp"

#include <algorithm>

namespace heatsim::system {

namespace {

constexpr std::uint64_t blocks = 3;
constexpr std::uint32_t measured_block = 2;

[[nodiscard]] std::int64_t rise(std::uint64_t from, std::uint64_t to)
{
    return static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from);
}

} // namespace

double Staircase::cycles_per_token() const
{
    if (costs.size() < 2)
        return 0.0;
    return static_cast<double>(rise(costs.front().cycles, costs.back().cycles)) /
           static_cast<double>(costs.size() - 1);
}

Staircase
block_staircase(Simulation& simulation, const workload::Model& model, std::uint64_t fewest)
{
    auto short_model = model;
    short_model.depth = blocks;
    const workload::LoweringOptions options{
        simulation.design().accelerator.controller.layout_copies};
    const std::string prefix = "blocks.2.";
    Staircase staircase;
    for (auto tokens = fewest; tokens <= model.tokens(); ++tokens) {
        const auto workload = workload::lower(short_model, {}, {tokens}, options);
        (void)simulation.run(workload);
        BlockCost cost;
        cost.tokens = tokens;
        for (std::size_t i = 0; i < workload.operators.size(); ++i) {
            const auto& op = workload.operators[i];
            if (op.block != measured_block)
                continue;
            const auto cycles = simulation.records()[i].cost.cycles();
            cost.cycles += cycles;
            cost.operator_cycles.push_back(cycles);
            if (tokens == fewest)
                staircase.operators.push_back(op.name.substr(prefix.size()));
        }
        staircase.costs.push_back(std::move(cost));
    }
    return staircase;
}

std::vector<Plateau> plateaus(const Staircase& staircase, double tolerance, double flat)
{
    const auto& costs = staircase.costs;
    const double slope = flat * staircase.cycles_per_token();
    std::vector<Plateau> result;
    for (auto end = costs.size(); end > 0;) {
        const auto high = end - 1;
        const double least = (1.0 - tolerance) * static_cast<double>(costs[high].cycles);
        auto low = high;
        for (auto i = high; i > 0 && static_cast<double>(costs[i - 1].cycles) >= least; --i) {
            const auto saved = static_cast<double>(rise(costs[i - 1].cycles, costs[high].cycles));
            if (saved <= slope * static_cast<double>(high - (i - 1)))
                low = i - 1;
        }
        if (low < high)
            result.push_back({costs[low].tokens, costs[high].tokens});
        end = low < high ? low : high;
    }
    std::reverse(result.begin(), result.end());
    return result;
}

std::vector<Step> steps(const Staircase& staircase,
                        double factor,
                        const std::vector<std::pair<std::string, std::uint64_t>>& pieces)
{
    const double limit = factor * staircase.cycles_per_token();
    std::vector<Step> result;
    for (std::size_t i = 1; i < staircase.costs.size(); ++i) {
        const auto& before = staircase.costs[i - 1];
        const auto& after = staircase.costs[i];
        Step step;
        step.tokens = after.tokens;
        step.rise_cycles = rise(before.cycles, after.cycles);
        if (static_cast<double>(step.rise_cycles) <= limit)
            continue;
        for (std::size_t op = 0; op < after.operator_cycles.size(); ++op) {
            const auto more = rise(before.operator_cycles[op], after.operator_cycles[op]);
            if (op > 0 && more <= step.largest_rise_cycles)
                continue;
            step.largest_operator = op;
            step.largest_rise_cycles = more;
        }
        for (const auto& [name, size] : pieces)
            if (before.tokens % size == 0)
                step.boundaries.push_back(name);
        result.push_back(std::move(step));
    }
    return result;
}

std::vector<std::pair<std::string, std::uint64_t>> token_pieces(const Accelerator& accelerator)
{
    const auto& array = accelerator.array;
    std::vector<std::pair<std::string, std::uint64_t>> pieces{
        {"tile.tokens", accelerator.tile.tokens}};
    if (array.style == hw::ArrayStyle::BroadcastTree) {
        // keys are output channels of QK^T and input channels of AV
        pieces.emplace_back("array.output_channels", array.output_channels);
        pieces.emplace_back("array.input_channels", array.input_channels);
    } else {
        pieces.emplace_back("array.columns", array.columns);
        pieces.emplace_back("array.rows", array.rows);
    }
    // a row of the softmax is as long as there are tokens
    pieces.emplace_back("vector_unit.softmax_lanes", accelerator.vector_unit.softmax_lanes);
    pieces.erase(std::remove_if(pieces.begin(), pieces.end(),
                                [](const auto& piece) { return piece.second < 2; }),
                 pieces.end());
    return pieces;
}

} // namespace heatsim::system
