// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/validation.hpp"

namespace heatsim::system {

/// MACs of five networks, dense and pruned, beside those that their definitions give
/// (validation/models.csv). Exact.
[[nodiscard]] ValidationTable validate_models();

} // namespace heatsim::system
