// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "numerics/accuracy.hpp"
#include "report/text.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace heatsim::report {

/// `accuracy` of `heatsim explain FUNCTION --format json`.
[[nodiscard]] nlohmann::ordered_json accuracy_json(const numerics::Accuracy& accuracy);
/// The tables of `heatsim explain FUNCTION`: errors, and how errors of the input go through.
[[nodiscard]] std::string accuracy_text(const numerics::Accuracy& accuracy, const Style& style);

} // namespace heatsim::report
