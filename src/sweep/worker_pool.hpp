// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heatsim::sweep {

/// One simulation to make somewhere else.
struct Task {
    std::uint64_t ticket = 0; ///< the caller's; comes back with the result
    std::uint64_t point = 0;  ///< number of the design point, for workers of other machines
    /// For workers of this machine, which are copies of this process: makes the result.
    std::function<std::string()> work;
};

struct TaskResult {
    std::uint64_t ticket = 0;
    bool done = false;
    std::string text; ///< the result, or why there is none
    unsigned attempts = 1;
};

/// Limits of one task.
struct TaskLimits {
    double seconds = 300.0;         ///< of the clock on the wall
    std::uint64_t memory_bytes = 0; ///< address space; 0: no limit
};

/// Where tasks are worked on, several at a time.
class WorkerPool {
  public:
    WorkerPool() = default;
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    virtual ~WorkerPool() = default;

    /// Whether `start` can be called.
    [[nodiscard]] virtual bool has_room() const = 0;
    /// Tasks started and not yet told of.
    [[nodiscard]] virtual std::size_t running() const = 0;
    /// \pre has_room()
    virtual void start(Task task) = 0;
    /// Called at least once a second, also while there is nothing to start: tells workers elsewhere
    /// that somebody is there.
    virtual void keep_alive() {}
    /// Waits until a task ends; fewer than one result if a signal came instead. \pre running() > 0
    [[nodiscard]] virtual std::vector<TaskResult> wait() = 0;
};

} // namespace heatsim::sweep
