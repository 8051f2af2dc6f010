// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace heatsim::report {

/// A line on standard error that tells how far a run is and when it ends. Appears after a second
/// of work, on a terminal only, and goes away at the end.
class Progress {
  public:
    Progress(std::string label, bool wanted);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void show(std::size_t done, std::size_t total);

  private:
    using Clock = std::chrono::steady_clock;
    std::string label_;
    bool enabled_;
    bool visible_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_ = start_ + std::chrono::seconds{1};
};

} // namespace heatsim::report
