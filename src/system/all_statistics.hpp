// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "stats/stats.hpp"

#include <vector>

namespace heatsim::system {

/// Every statistic a chip can have, as in stats.json but for the values: of one chip per kind of
/// memory, none of them simulated. Makes SystemC modules. \pre no Simulation was made in this
/// process
[[nodiscard]] std::vector<stats::Sample> all_statistics();

} // namespace heatsim::system
