// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/worker_pool.hpp"
#include "system/forked_process.hpp"

#include <chrono>
#include <list>

namespace heatsim::sweep {

/// Works on each task in a copy of this process, because SystemC elaborates once per process. This
/// process is the warm server they are copies of: configurations are parsed, nothing is elaborated.
///
/// A copy that a signal ends is tried once more. One that runs too long is killed; one that has no
/// memory left, or throws, says so. Each of these is a result.
class ForkPool final : public WorkerPool {
  public:
    /// \param workers copies at a time, at least one
    ForkPool(std::size_t workers, const TaskLimits& limits);

    [[nodiscard]] bool has_room() const override { return running_.size() < workers_; }
    [[nodiscard]] std::size_t running() const override { return running_.size(); }
    void start(Task task) override;
    [[nodiscard]] std::vector<TaskResult> wait() override;
    /// As `wait`, but for so long at most.
    [[nodiscard]] std::vector<TaskResult> wait_for(std::chrono::milliseconds most);

  private:
    using Clock = std::chrono::steady_clock;

    struct Running {
        Task task;
        system::ForkedProcess process;
        Clock::time_point deadline;
        std::string received;
        unsigned attempts = 1;
        bool is_late = false;
    };

    [[nodiscard]] system::ForkedProcess fork(const Task& task) const;
    [[nodiscard]] std::chrono::milliseconds time_to_deadline() const;
    /// Takes what has happened, after waiting for `most` if nothing has. \returns false where a
    /// signal came instead
    bool look(std::chrono::milliseconds most, std::vector<TaskResult>& results);
    /// \returns whether the copy has ended
    [[nodiscard]] static bool receive(Running& running);
    /// Appends the result of a copy that has ended, unless it is tried again.
    void finish(std::list<Running>::iterator running, std::vector<TaskResult>& results);

    std::size_t workers_;
    TaskLimits limits_;
    std::list<Running> running_;
};

} // namespace heatsim::sweep
