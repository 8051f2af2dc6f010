// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/result.hpp"

#include <chrono>
#include <ctime>

namespace heatsim::system {

/// Starts the CPU and wall clocks and stops them into a result.
class Stopwatch {
  public:
    void stop(RunResult& result) const
    {
        result.cpu_seconds += static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC;
        result.wall_seconds +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
    }

  private:
    std::clock_t cpu_ = std::clock();
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
};

} // namespace heatsim::system
