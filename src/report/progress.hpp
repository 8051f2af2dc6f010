// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace heatsim::report {

/// A line on standard error that changes while the program works. Appears after a while, on a
/// terminal only, and goes away at the end.
class StatusLine {
  public:
    explicit StatusLine(bool wanted);
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;
    ~StatusLine();

    /// Whether a new text should be shown now: ten times a second at most.
    [[nodiscard]] bool is_due();
    void show(const std::string& text);
    /// Since it was made.
    [[nodiscard]] double seconds() const;

  private:
    using Clock = std::chrono::steady_clock;
    bool enabled_;
    bool visible_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_ = start_ + std::chrono::seconds{1};
};

/// Tells how far a run is and when it ends.
class Progress {
  public:
    Progress(std::string label, bool wanted);
    void show(std::size_t done, std::size_t total);

  private:
    std::string label_;
    StatusLine line_;
};

} // namespace heatsim::report
