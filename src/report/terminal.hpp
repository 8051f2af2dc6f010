// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/summary.hpp"
#include "report/text.hpp"

#include <string>
#include <vector>

namespace heatsim::report {

/// The summary a person reads at a glance, at most `page_width` characters wide.
/// \param baseline shown beside the run; null: none
/// \param sections further ones, shown below the others; each is lines with their ends
[[nodiscard]] std::string run_text(const Summary& summary,
                                   const Summary* baseline,
                                   const system::RunResult& run,
                                   const HostCost& host,
                                   const Style& style,
                                   const std::vector<std::string>& sections = {});
/// The same for `heatsim gemm`.
[[nodiscard]] std::string gemm_text(const Summary& summary,
                                    const GemmShape& shape,
                                    const system::RunResult& run,
                                    const HostCost& host,
                                    const Style& style);

} // namespace heatsim::report
