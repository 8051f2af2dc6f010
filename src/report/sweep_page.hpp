// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/sweep_report.hpp"
#include "sweep/result_store.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace heatsim::report {

/// The page of a sweep, but for `topics`. \param running somebody writes the store now
/// \param point_url address of a point's own page, but for its number, where a run simulates it;
/// empty: there is none
[[nodiscard]] nlohmann::ordered_json sweep_page(const sweep::ResultStore& store,
                                                const sweep::SweepRecord& sweep,
                                                bool running,
                                                const std::string& point_url);

/// The same for people without a browser: front, counts, reasons.
[[nodiscard]] std::string sweep_page_markdown(const nlohmann::ordered_json& page);

} // namespace heatsim::report
