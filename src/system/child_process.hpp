// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::system {

/// Tasks that copies of this process work on. What a copy finds out reaches this process only as
/// the bytes its functions return: both ends are the same program, so memory images do.
struct SharedWork {
    std::size_t tasks = 0; ///< numbered from 0
    /// In a copy: the result of a task.
    std::function<std::string(std::size_t)> run;
    /// In a copy, behind its last task: what it gathered over all of them.
    std::function<std::string()> finish;
    /// In this process: the result of a task, in the order in which they come.
    std::function<void(std::size_t, std::string_view)> take;
    /// In this process: what a copy gathered.
    std::function<void(std::string_view)> take_gathered;
};

/// Spreads tasks over copies of this process: each takes the next one when it is done with one.
/// The copies end with this process, whatever ends it.
/// \param workers copies, at least one
/// \returns their CPU time, s
/// \throws SimulationError with that of a task, or if a copy ended before its work did;
///         std::runtime_error with what else a task threw
double run_in_workers(const SharedWork& work, std::size_t workers);

/// Runs `body` in a process of its own and returns its result: SystemC elaborates once per process,
/// so each design that a command compares needs one.
/// \pre no Simulation was made in this process
/// \throws SimulationError with what `body` threw, or if the process ended without a result
[[nodiscard]] std::string text_of_child(const std::function<std::string()>& body);
/// The same for numbers.
[[nodiscard]] std::vector<double> in_child(const std::function<std::vector<double>()>& body);

/// Cores this process may run on, at least one.
[[nodiscard]] std::size_t available_cores();

} // namespace heatsim::system
