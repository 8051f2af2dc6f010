// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/design_space.hpp"
#include "sweep/pareto.hpp"
#include "sweep/result_store.hpp"
#include "sweep/worker_pool.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace heatsim::sweep {

/// Simulates one point and returns its metrics in the order of the store's. Runs in a process of
/// its own, which may elaborate SystemC once.
using Measure = std::function<NumberRow(const system::RunSetup&)>;

/// Which part of a sweep a run of it does.
struct Shard {
    std::uint64_t index = 0; ///< from 0
    std::uint64_t count = 1;
};

/// How far a sweep is.
struct SweepCounts {
    std::uint64_t planned =
        0; ///< points of the strategy and shard; at most so many of an optimizer
    std::uint64_t ok = 0;
    std::uint64_t violated = 0;
    std::uint64_t infeasible = 0;
    std::uint64_t failed = 0;
    std::uint64_t simulated = 0; ///< by this run
    std::uint64_t reused = 0;    ///< finished before this run, or the same as another point
    std::uint64_t front = 0;     ///< members of the Pareto front

    [[nodiscard]] std::uint64_t done() const { return ok + violated + infeasible + failed; }
};

struct SweepOptions {
    Shard shard;
    bool retry_failed = false; ///< whether points that failed in an earlier run are tried again
    std::function<bool()> stop_requested;             ///< asked between points
    std::function<void(const SweepCounts&)> progress; ///< told after every point
};

struct SweepOutcome {
    std::int64_t sweep = 0; ///< id in the store
    SweepCounts counts;
    bool interrupted = false; ///< some points are missing because somebody asked to stop
};

/// What a store of this space's results holds.
[[nodiscard]] SweepRecord sweep_record(const DesignSpace& space);

/// Evaluates the points of a space that its store does not have, and stores each as soon as it is
/// finished. Points that depend on the same things are simulated once, in this sweep or any other
/// one of the store. The store's content does not depend on the pool.
/// \throws StoreError if the store cannot be written: what was finished before is kept
[[nodiscard]] SweepOutcome run_sweep(const DesignSpace& space,
                                     ResultStore& store,
                                     WorkerPool& pool,
                                     const Measure& measure,
                                     const SweepOptions& options);

/// What a worker sends of a point: its metrics as bytes, for the same program.
[[nodiscard]] std::string bytes_of(const NumberRow& metrics);
[[nodiscard]] NumberRow metrics_of(std::string_view bytes);

/// Costs of the objectives; empty where one of them is not known.
[[nodiscard]] std::vector<double> costs_of(const std::vector<Objective>& objectives,
                                           const Numbers& numbers);

} // namespace heatsim::sweep
