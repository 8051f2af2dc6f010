// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/result_folder.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace heatsim::report {

/// The page of runs side by side, but for `topics`; the first one is the baseline.
/// \pre 2 to 26 runs \throws config::Error with what of the files cannot be read
[[nodiscard]] nlohmann::ordered_json comparison_page(const std::vector<ResultFiles>& runs);

} // namespace heatsim::report
