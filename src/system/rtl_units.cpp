// SPDX-License-Identifier: Apache-2.0
#include "system/rtl_units.hpp"

#include <array>

namespace heatsim::system {

namespace {

using workload::OperatorKind;

channel::RowWork row_work(OperatorKind kind, std::uint64_t rows, std::uint64_t columns)
{
    channel::RowWork work;
    work.kind = kind;
    work.rows = rows;
    work.columns = work.input_columns = columns;
    return work;
}

RtlUnitWork vector_work(const char* unit, const std::string& operands, const channel::RowWork& work)
{
    RtlUnitWork result;
    result.unit = unit;
    result.line = result.unit;
    result.line += ' ';
    result.line += operands;
    result.predicted = hw::vector_cycles(rtl_vector_unit(work.kind), work);
    return result;
}

} // namespace

hw::VectorUnitConfig rtl_vector_unit(OperatorKind kind)
{
    hw::VectorUnitConfig config;
    config.lanes = rtl_lanes;
    config.requantize_lanes = rtl_lanes;
    config.pipeline_depth_cycles = rtl_requantize_latency;
    config.nonlinear_depth_cycles =
        kind == OperatorKind::Sigmoid ? rtl_sigmoid_latency : rtl_gelu_latency;
    config.softmax_engines = rtl_softmax_engines;
    config.softmax_lanes = rtl_softmax_lanes;
    config.softmax_passes = 3;
    config.softmax_row_cycles = rtl_softmax_row_cycles;
    return config;
}

hw::TokenSelectorConfig rtl_token_selector()
{
    hw::TokenSelectorConfig config;
    config.compact_lanes = rtl_lanes;
    config.package_lanes = rtl_lanes;
    config.score_cycles_per_head = 1;
    config.score_token_cycles = rtl_score_token_cycles;
    config.divide_cycles = rtl_package_divide_cycles;
    config.control_cycles = rtl_selector_step_cycles;
    return config;
}

RtlUnitWork rtl_softmax_work(std::uint64_t rows, std::uint64_t columns)
{
    auto operands = std::to_string(rows);
    operands += ' ';
    operands += std::to_string(columns);
    return vector_work("softmax", operands, row_work(OperatorKind::Softmax, rows, columns));
}

RtlUnitWork rtl_gelu_work(std::uint64_t elements)
{
    return vector_work("gelu", std::to_string(elements), row_work(OperatorKind::Gelu, 1, elements));
}

RtlUnitWork rtl_sigmoid_work(std::uint64_t elements)
{
    return vector_work("sigmoid", std::to_string(elements),
                       row_work(OperatorKind::Sigmoid, 1, elements));
}

RtlUnitWork rtl_selector_work(std::uint64_t tokens,
                              std::uint64_t kept,
                              std::uint64_t channels,
                              std::uint64_t heads)
{
    RtlUnitWork result;
    result.unit = "selector";
    result.line = result.unit;
    for (const auto operand : {tokens, kept, channels, heads}) {
        result.line += ' ';
        result.line += std::to_string(operand);
    }
    const auto config = rtl_token_selector();
    const auto add = [&](const channel::RowWork& work) {
        result.predicted += hw::selector_cycles(config, work);
    };
    auto score = row_work(OperatorKind::Score, tokens, 1);
    score.input_columns = 2 * heads; // t and a of each head
    add(score);
    if (kept > 0)
        add(row_work(OperatorKind::Compact, kept, channels));
    if (kept < tokens) {
        add(row_work(OperatorKind::Package, tokens - kept, channels));
        add(row_work(OperatorKind::Append, 1, channels));
    }
    return result;
}

std::vector<RtlUnitWork> rtl_unit_works()
{
    struct Network {
        std::uint64_t channels;
        std::uint64_t heads;
    };
    constexpr std::array<Network, 3> networks{{{192, 3}, {384, 6}, {768, 12}}};
    constexpr std::array<std::uint64_t, 4> stages{197, 139, 78, 43};
    constexpr std::uint64_t mlp_ratio = 4;
    std::vector<RtlUnitWork> works;
    works.reserve(networks.size() * (3 * stages.size() - 1) + stages.size() - 1);
    for (const auto& network : networks) {
        for (const auto tokens : stages) {
            works.push_back(rtl_softmax_work(network.heads * tokens, tokens));
            works.push_back(rtl_gelu_work(tokens * mlp_ratio * network.channels));
        }
        // a selector between two stages: the class token and the kept patches, the package token
        // counts in the next stage
        for (std::size_t stage = 0; stage + 1 < stages.size(); ++stage)
            works.push_back(rtl_selector_work(stages[stage], stages[stage + 1] - 1,
                                              network.channels, network.heads));
    }
    // head weights of DeiT-B; in front of each selector
    for (std::size_t stage = 0; stage + 1 < stages.size(); ++stage)
        works.push_back(rtl_sigmoid_work(stages[stage] * networks.back().heads));
    return works;
}

} // namespace heatsim::system
