// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "system/catalog.hpp"
#include "system/result.hpp"

#include <string>
#include <vector>

/// The two tables that users of SCALE-Sim look for. A column has SCALE-Sim's name, in its place,
/// with the unit behind it; rows are the operators of the GEMM array, as SCALE-Sim has layers;
/// numbers are means over the images. Where they differ from SCALE-Sim's: docs/output.md.
/// Source: SCALE-Sim v2 and v3, what `simulator.py` writes and `single_layer_sim.py` computes.
namespace heatsim::report {

/// COMPUTE_REPORT.csv: cycles and utilization.
[[nodiscard]] std::string compute_report_csv(const system::RunSetup& setup,
                                             const system::RunResult& run);
[[nodiscard]] std::vector<Field> compute_report_columns();

/// BANDWIDTH_REPORT.csv: on-chip buffers and external memory. \pre `run` is of the images of
/// `setup`
[[nodiscard]] std::string bandwidth_report_csv(const system::RunSetup& setup,
                                               const system::RunResult& run);
[[nodiscard]] std::vector<Field> bandwidth_report_columns();

} // namespace heatsim::report
