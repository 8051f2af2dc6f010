// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/synthesis_table.hpp"
#include "system/validation.hpp"

#include <cstdint>

namespace heatsim::system {

/// validation/synthesis.csv. The executable carries it.
[[nodiscard]] estimate::SynthesisTable shipped_synthesis_table();

/// Where the reference of the comparison comes from.
enum class SynthesisReference : std::uint8_t {
    Rerun,    ///< yosys now, on every row
    Quick,    ///< yosys now, on the rows of the quick subset only
    Spot,     ///< the table, yosys now on the rows of the quick subset
    Recorded, ///< the table
};

inline constexpr double synthesis_limit_percent = 5.0;

/// Closed forms beside yosys, on rows that were not used in the fit. Rows that are
/// synthesized now are compared with the table too. \throws ToolError
[[nodiscard]] ValidationTable validate_synthesis(const estimate::SynthesisTable& table,
                                                 const estimate::ResourceModel& model,
                                                 SynthesisReference reference);

} // namespace heatsim::system
