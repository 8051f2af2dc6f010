// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/synthesis_table.hpp"

#include <string>
#include <string_view>

namespace heatsim::system {

/// Synthesizes one block of the RTL that the executable carries with yosys, in a temporary folder.
/// \throws ToolError: yosys is missing or refuses the RTL; a cell that is not known
[[nodiscard]] estimate::SynthesisCounts synthesize(const estimate::RtlBlock& block,
                                                   const estimate::Parameters& parameters);

/// Counts the cells of `stat -json`. \throws ToolError: no such output, a cell that is not known
[[nodiscard]] estimate::SynthesisCounts count_cells(std::string_view json);

} // namespace heatsim::system
