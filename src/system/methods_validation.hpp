// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/validation.hpp"

#include <string>

namespace heatsim::system {

/// Half a unit of the last digit of a decimal number, e.g. 0.05 of `2.3`: what rounding may have
/// taken from the figure or added to it.
[[nodiscard]] double rounding_of(const std::string& number);

/// MACs of the pruning schedules beside the published compute (validation/methods.csv). A row
/// holds within 1 % or within the rounding of the published digits. Rows whose schedule was
/// calibrated with the figure, whose token counts are not published or that are recalled from
/// memory are shown and not checked.
[[nodiscard]] ValidationTable validate_methods();

} // namespace heatsim::system
