// SPDX-License-Identifier: Apache-2.0
#include "hw/token_selector/token_selector.hpp"

#include "units/units.hpp"

namespace heatsim::hw {

std::uint64_t selector_cycles(const TokenSelectorConfig& config, const channel::RowWork& work)
{
    using workload::OperatorKind;
    const auto start_up = work.first ? config.control_cycles : 0;
    const auto package_groups =
        ceil_div(work.columns, config.package_lanes); // channel groups of one token
    switch (work.kind) {
    case OperatorKind::Score:
        return start_up + work.rows * (work.input_columns / 2 * config.score_cycles_per_head +
                                       config.score_token_cycles);
    case OperatorKind::Compact:
    case OperatorKind::Append:
        return start_up + work.rows * ceil_div(work.columns, config.compact_lanes);
    case OperatorKind::Package: // sums over the pruned tokens; one division per channel group
                                // behind the last
        return start_up + work.rows * package_groups +
               (work.last ? package_groups * config.divide_cycles : 0);
    case OperatorKind::TopK: // a score's rank is the number of larger ones: all against all
        return start_up +
               work.rows * work.input_columns * ceil_div(work.input_columns, config.compare_lanes);
    case OperatorKind::Match: // the largest so far is carried from group to group
        return start_up + work.rows * ceil_div(work.input_columns, config.compare_lanes);
    case OperatorKind::Halt:
        return start_up + work.rows * config.halt_token_cycles;
    case OperatorKind::Fuse:
        return start_up + work.rows * package_groups;
    case OperatorKind::Merge: // both tokens times their sizes, the sum times 1 / size of the pair
        return start_up + work.rows * (3 * package_groups + config.divide_cycles);
    default:
        return start_up;
    }
}

TokenSelector::TokenSelector(const sc_core::sc_module_name& name,
                             const TokenSelectorConfig& config,
                             Clock clock)
    : TimedWorker{name, channel::Worker::TokenSelector, clock}
    , config_{config}
{
    work_export.bind(*this);
}

std::uint64_t TokenSelector::start(const channel::RowWork& work, std::uint64_t delay_cycles)
{
    const auto cycles = selector_cycles(config_, work);
    occupy(cycles, delay_cycles);
    return cycles;
}

} // namespace heatsim::hw
