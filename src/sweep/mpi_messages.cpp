// SPDX-License-Identifier: Apache-2.0
#include "sweep/mpi_messages.hpp"

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace heatsim::sweep {

namespace {

/// Room for messages that their receivers have not yet taken.
[[nodiscard]] std::vector<char>& send_buffer()
{
    constexpr std::size_t bytes = std::size_t{1} << 24U;
    static std::vector<char> buffer(bytes);
    return buffer;
}

[[nodiscard]] int start()
{
    int unused = 0;
    // processes are copied, but no copy calls MPI
    (void)MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SINGLE, &unused);
    (void)MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN); // a lost worker is no error
    auto& buffer = send_buffer();
    (void)MPI_Buffer_attach(buffer.data(), static_cast<int>(buffer.size()));
    int size = 1;
    (void)MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

[[nodiscard]] bool send(const MpiMessage& message)
{
    return MPI_Bsend(message.body.data(), static_cast<int>(message.body.size()), MPI_BYTE,
                     message.rank, message.tag, MPI_COMM_WORLD) == MPI_SUCCESS;
}

[[nodiscard]] std::optional<MpiMessage> receive()
{
    int is_there = 0;
    MPI_Status status{};
    if (MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &is_there, &status) !=
            MPI_SUCCESS ||
        is_there == 0)
        return std::nullopt;
    int bytes = 0;
    (void)MPI_Get_count(&status, MPI_BYTE, &bytes);
    MpiMessage message{status.MPI_SOURCE, status.MPI_TAG,
                       std::string(static_cast<std::size_t>(bytes), '\0')};
    (void)MPI_Recv(message.body.data(), bytes, MPI_BYTE, message.rank, message.tag, MPI_COMM_WORLD,
                   &status);
    return message;
}

void finish()
{
    (void)MPI_Finalize();
}

} // namespace

} // namespace heatsim::sweep

const heatsim::sweep::MpiMessages heatsim_mpi_messages{
    heatsim::sweep::start, heatsim::sweep::send, heatsim::sweep::receive, heatsim::sweep::finish};
