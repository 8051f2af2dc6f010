// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

namespace heatsim::system {

/// One copy of this process and the end of a pipe from it. It ends with this process, whatever ends
/// that, and is killed if it still runs when its owner goes.
class ForkedProcess {
  public:
    /// \param body the copy's whole life: it writes to the file it is given; what it returns is the
    ///        copy's exit code. What this process has open and not yet written stays its own.
    /// \throws SimulationError if there can be no copy
    explicit ForkedProcess(const std::function<int(int file)>& body);
    ForkedProcess(ForkedProcess&& other) noexcept;
    ForkedProcess(const ForkedProcess&) = delete;
    ForkedProcess& operator=(const ForkedProcess&) = delete;
    ForkedProcess& operator=(ForkedProcess&&) = delete;
    ~ForkedProcess();

    /// Where to read what the copy writes.
    [[nodiscard]] int file() const noexcept { return file_; }
    [[nodiscard]] bool ended() const noexcept { return process_ < 0; }
    void kill() const;
    /// Waits for its end. \returns the status as of waitpid
    int wait();
    /// CPU time of the copy, s; 0 before it has ended.
    [[nodiscard]] double cpu_seconds() const noexcept { return cpu_seconds_; }

  private:
    pid_t process_ = -1;
    int file_ = -1;
    double cpu_seconds_ = 0.0;
};

/// How a process ended that ended badly: `was ended by signal 9 (Killed)`, `ended with exit code
/// 7`.
[[nodiscard]] std::string ending_text(int status);

/// \returns whether all of it is written
[[nodiscard]] bool write_all(int file, const std::string& text);

} // namespace heatsim::system
