// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/token_selector/token_selector_config.hpp"
#include "tlm/worker.hpp"

namespace heatsim::hw {

/// Control logic of the token selector: keep score and threshold, compaction of the kept tokens to
/// consecutive addresses, weighted sum of the pruned ones, its division, append. For other pruning
/// methods: ranking of scores, halting, matching and merging of tokens. The selector's
/// linear layers run on the GEMM array, its nonlinear functions on the vector unit.
///
/// Modelled:     cycles per token, head and channel group of each step.
/// Not modelled: the scores themselves (token counts come from the schedule or a trace).
/// Timing:       start → work_done after selector_cycles(work).
/// Source:       docs/models/token_selector.md.
class TokenSelector final : public channel::TimedWorker, public channel::RowWorkerIf {
  public:
    sc_core::sc_export<channel::RowWorkerIf> work_export{"work_export"};

    TokenSelector(const sc_core::sc_module_name& name,
                  const TokenSelectorConfig& config,
                  Clock clock);

    std::uint64_t start(const channel::RowWork& work, std::uint64_t delay_cycles) override;
    void restart() override { restart_worker(); }

  private:
    const TokenSelectorConfig config_;
};

/// Cycles of one piece of work on the selector's control logic.
[[nodiscard]] std::uint64_t selector_cycles(const TokenSelectorConfig& config,
                                            const channel::RowWork& work);

} // namespace heatsim::hw
