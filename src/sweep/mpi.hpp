// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/sweep.hpp"
#include "sweep/worker_pool.hpp"

#include <memory>
#include <optional>

/// Sweeps past one machine: processes that `mpirun` or `srun` start share the points.
namespace heatsim::sweep {

/// Which of the processes started together this one is.
struct MpiRank {
    int rank = 0; ///< 0 leads: it has the result store, all others simulate
    int size = 1;
};

/// As the environment says, before MPI is started; nothing for a process started by itself.
[[nodiscard]] std::optional<MpiRank> mpi_rank();

/// Loads MPI, which no other process needs. \throws ToolError if this heatsim or machine has none
void load_mpi();

/// The leader's pool: every other process is a worker. A worker that is not heard of for 10 s is
/// lost, and its tasks go to others. Made once per process, after `mpi_rank` has said that this is
/// the leader.
/// \throws ToolError as load_mpi \throws SimulationError if no worker is left, or runs another
/// program or space
[[nodiscard]] std::unique_ptr<WorkerPool> make_mpi_pool(const DesignSpace& space);

/// The life of a worker: simulates what the leader sends until it says that nothing is left.
/// \throws ToolError as load_mpi \throws SimulationError if the leader is not heard of for 30 s
void work_for_mpi_leader(const DesignSpace& space,
                         const Measure& measure,
                         const TaskLimits& limits);

} // namespace heatsim::sweep
