// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/temporary_folder.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace heatsim::cli {

using Folder = test::TemporaryFolder;

/// How the program ended and what it printed.
struct Outcome {
    int exit_code = -1; ///< 128 + signal if a signal ended it
    std::string out;
    std::string err;
};

/// Runs the heatsim executable with these arguments, without a terminal.
/// \param out_path where standard output goes instead of into the outcome; `-` closes it
[[nodiscard]] Outcome heatsim(const std::vector<std::string>& arguments,
                              const std::string& out_path = "");

/// The heatsim executable, running beside the test; killed at the end if it still runs.
class Running {
  public:
    /// \param log where its output goes, behind what is there
    Running(const std::vector<std::string>& arguments, const std::string& log);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();
    void send(int signal) const;
    /// \returns the exit code; 128 + signal if a signal ended it
    int wait();
    [[nodiscard]] bool has_ended() const;
    /// Waits until it simulates.
    void wait_for_simulations() const;
    /// Process numbers of its simulations.
    [[nodiscard]] std::vector<pid_t> children() const;

  private:
    pid_t process_ = -1;
};

[[nodiscard]] std::string content(const std::string& path);

} // namespace heatsim::cli
