// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/design_moves.hpp"
#include "system/resources.hpp"
#include "system/simulation.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::sweep {

/// What one simulation says of a design: means over its images. Trivially copyable, so that it can
/// come out of another process as it lies in memory.
struct RunFigures {
    double latency_ms = 0.0;
    double fps = 0.0;                                            ///< images/s, one behind the other
    double energy_mj = 0.0;                                      ///< of an image, estimated
    double cycles = 0.0;                                         ///< of the fabric clock
    std::array<double, channel::array_causes> cycles_by_cause{}; ///< sums up to `cycles`
    double read_bytes = 0.0;
    double write_bytes = 0.0;

    /// Time the array spends for a cause, ms.
    [[nodiscard]] double cause_ms(channel::ArrayCause cause) const
    {
        return cycles > 0.0 ? latency_ms * cycles_by_cause[static_cast<std::size_t>(cause)] / cycles
                            : 0.0;
    }
    /// Cycles in which the array computes no row: all but the busy ones.
    [[nodiscard]] double lost_cycles() const
    {
        return cycles - cycles_by_cause[static_cast<std::size_t>(channel::ArrayCause::Busy)];
    }
};

/// \pre the run has at least one image
[[nodiscard]] RunFigures figures_of(const system::RunResult& run, double clock_mhz);

/// How a simulation ended.
struct Simulated {
    std::optional<RunFigures> figures; ///< none: it failed
    std::string error;                 ///< why
};

/// Simulates each set-up in a process of its own, `jobs` at a time. The results do not depend on
/// `jobs`. The one place where an advice simulates. \pre no Simulation was made in this process
[[nodiscard]] std::vector<Simulated> simulate_each(const std::vector<system::RunSetup>& setups,
                                                   std::size_t jobs,
                                                   const system::Progress& progress = {});

/// A design that differs from the one asked about, simulated.
struct Variant {
    std::vector<Move> moves;
    std::vector<system::Override> changes; ///< all of them, those that had to follow, too
    RunFigures figures;
    std::vector<system::ResourceUse> resources; ///< estimated, in the order of `resource_use`
    std::vector<system::ResourceUse> shortages; ///< empty: it fits on the board

    [[nodiscard]] bool fits() const noexcept { return shortages.empty(); }
    /// Whether the design can be changed so as it is: it fits, and its moves need nothing else.
    [[nodiscard]] bool is_feasible() const;
};

/// A move that could not be simulated.
struct RefusedMove {
    Move move;
    std::string reason; ///< one line
};

/// What was found out about a design. Every figure in it is of a simulation that was made.
struct Advice {
    RunFigures base;
    std::vector<system::ResourceUse> resources; ///< of the design
    bool fits = true;                           ///< whether the design does
    std::vector<Variant> variants;              ///< one move each, the fastest first
    std::vector<RefusedMove> refused;
    std::optional<RunFigures> ideal_memory; ///< none: its memory is ideal already
    /// The fastest pair of the best moves that are feasible; none: there are no two.
    std::optional<Variant> combination;
    std::size_t simulations = 0;

    /// Times as fast as the design.
    [[nodiscard]] double speedup(const RunFigures& figures) const
    {
        return base.latency_ms / figures.latency_ms;
    }
    [[nodiscard]] double latency_change_percent(const RunFigures& figures) const;
    [[nodiscard]] double energy_change_percent(const RunFigures& figures) const;
    /// Change of the latency in % over change of the parameter in %; nothing where the parameter is
    /// no number. -1: twice the parameter, no time at all; 0: no influence.
    [[nodiscard]] std::optional<double> elasticity(const Variant& variant) const;
    /// What the array spends its time for, busy aside, the largest share first; none without any.
    [[nodiscard]] std::vector<channel::ArrayCause> lost_causes() const;
    /// % of the lost cycles.
    [[nodiscard]] double lost_share_percent(channel::ArrayCause cause) const;
    /// The variant that takes away most of the time spent for a cause and is faster. Null: none.
    /// \param is_wanted of which variants
    [[nodiscard]] const Variant* remedy(channel::ArrayCause cause,
                                        const std::function<bool(const Variant&)>& is_wanted) const;
};

/// From this speed-up on a move is worth its mention; a move the other way may cost as much as
/// `oversized_percent`.
inline constexpr double least_speedup = 1.005;
inline constexpr double oversized_percent = 1.0;

/// Moves every parameter of a design by itself and simulates what comes of it.
/// \param request of `setup`
/// \throws system::SimulationError if the design itself cannot be simulated
[[nodiscard]] Advice advise(const system::RunRequest& request,
                            const system::RunSetup& setup,
                            std::size_t jobs,
                            const system::Progress& progress = {});

} // namespace heatsim::sweep
