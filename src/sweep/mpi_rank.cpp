// SPDX-License-Identifier: Apache-2.0
#include "config/text_file.hpp"
#include "sweep/mpi.hpp"

#include <array>
#include <cstdlib>

namespace heatsim::sweep {

namespace {

struct Variables {
    const char* rank;
    const char* size;
};

/// Open MPI's mpirun; MPICH's mpirun and srun with PMI; srun with PMIx.
constexpr std::array<Variables, 3> launchers{{
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"PMI_RANK", "PMI_SIZE"},
    {"PMIX_RANK", "SLURM_NTASKS"},
}};

[[nodiscard]] std::optional<int> number_in(const char* variable)
{
    const auto* const text = std::getenv(variable); // NOLINT(concurrency-mt-unsafe): one thread
    return text == nullptr ? std::nullopt : config::to_number<int>(text);
}

} // namespace

std::optional<MpiRank> mpi_rank()
{
    for (const auto& launcher : launchers) {
        const auto rank = number_in(launcher.rank);
        const auto size = number_in(launcher.size);
        if (rank && size && *size > 1)
            return MpiRank{*rank, *size};
    }
    return std::nullopt;
}

} // namespace heatsim::sweep
