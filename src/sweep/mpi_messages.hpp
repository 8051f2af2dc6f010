// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

namespace heatsim::sweep {

/// One message to or from another process.
struct MpiMessage {
    int rank = 0; ///< of the other process
    int tag = 0;
    std::string body;
};

/// All that heatsim needs of MPI. It is a library of its own (`heatsim_mpi.so`, mpi_messages.cpp)
/// that a sweep started by MPI loads: MPI takes longer to load than `heatsim --version` to run, and
/// every copy of the process would carry it.
struct MpiMessages {
    /// Starts MPI. \returns number of processes
    int (*start)();
    /// Does not wait for the receiver. \returns false if there is no room for the message now
    bool (*send)(const MpiMessage& message);
    /// A message that is there; nothing if there is none.
    std::optional<MpiMessage> (*receive)();
    /// Ends MPI: waits for all processes.
    void (*finish)();
};

} // namespace heatsim::sweep

/// What the library exports.
extern "C" const heatsim::sweep::MpiMessages heatsim_mpi_messages;
