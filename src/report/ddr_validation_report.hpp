// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "system/ddr_validation.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace heatsim::report {

/// One row per figure of a simulator, and a summary.
[[nodiscard]] nlohmann::ordered_json ddr_validation_json(const system::DdrValidation& validation);
/// Tables per mapping, and a summary.
[[nodiscard]] std::string ddr_validation_text(const system::DdrValidation& validation,
                                              const Style& style);
/// Deviations by pattern of requests and the checks as a section of a page, without its heading.
[[nodiscard]] std::string ddr_validation_markdown(const system::DdrValidation& validation);

} // namespace heatsim::report
