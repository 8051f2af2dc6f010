// SPDX-License-Identifier: Apache-2.0
#include "sweep/mpi.hpp"
#include "tlm/check.hpp"

namespace heatsim::sweep {

bool has_mpi()
{
    return false;
}

std::unique_ptr<WorkerPool> make_mpi_pool(const DesignSpace& /*space*/)
{
    HEATSIM_CHECK(false, "built without MPI");
    return nullptr;
}

void work_for_mpi_leader(const DesignSpace& /*space*/,
                         const Measure& /*measure*/,
                         const TaskLimits& /*limits*/)
{
    HEATSIM_CHECK(false, "built without MPI");
}

} // namespace heatsim::sweep
