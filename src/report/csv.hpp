// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "system/catalog.hpp"
#include "system/result.hpp"

#include <string>
#include <vector>

namespace heatsim::report {

/// operators.csv: one row per operator in execution order; numbers are means over the images.
[[nodiscard]] std::string operators_csv(const system::RunSetup& setup,
                                        const system::RunResult& run);
[[nodiscard]] std::vector<Field> operators_columns();

/// images.csv: one row per image.
[[nodiscard]] std::string images_csv(const system::RunSetup& setup, const system::RunResult& run);
/// The columns `n0` to `nS` (tokens of each stage) stand here as `n<stage>`.
[[nodiscard]] std::vector<Field> images_columns();

} // namespace heatsim::report
