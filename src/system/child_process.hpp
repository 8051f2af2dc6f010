// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace heatsim::system {

/// Runs `body` in a process of its own and returns its result: SystemC elaborates once per process,
/// so each design that a command compares needs one.
/// \pre no Simulation was made in this process
/// \throws SimulationError with what `body` threw, or if the process ended without a result
[[nodiscard]] std::string text_of_child(const std::function<std::string()>& body);
/// The same for numbers.
[[nodiscard]] std::vector<double> in_child(const std::function<std::vector<double>()>& body);

} // namespace heatsim::system
