// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "system/catalog.hpp"

#include <string>
#include <vector>

namespace heatsim::report {

/// Numbers that a simulated design point has: those of summary.json that are one number for the
/// run, under their dotted names.
[[nodiscard]] const std::vector<Field>& point_metrics();
/// Their names.
[[nodiscard]] std::vector<std::string> point_metric_names();

/// Simulates the images of a setup. \returns the metrics in the order of `point_metrics`; not a
/// number where the run has none \pre no Simulation was made in this process
/// \throws system::SimulationError
[[nodiscard]] std::vector<double> measure_point(const system::RunSetup& setup);

} // namespace heatsim::report
