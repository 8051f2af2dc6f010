// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/result_folder.hpp"
#include "system/catalog.hpp"

#include <string>

namespace heatsim::report {

/// Simulates in a process of its own, which hands back the files that `heatsim run -o` would write:
/// from there on the run is like any other. \param name shown in messages and pages
/// \pre no Simulation was made in this process
/// \throws system::SimulationError
[[nodiscard]] ResultFiles
simulated_files(const std::string& name, const system::RunSetup& setup, bool show_progress);

} // namespace heatsim::report
