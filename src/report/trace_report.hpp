// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "workload/trace_statistics.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace heatsim::report {

/// What `heatsim trace inspect` says about a token trace.
struct TraceReport {
    workload::TokenTrace trace;
    workload::TraceStatistics statistics;
    std::string model; ///< network the GMACs are of; empty: none is known
    std::optional<workload::SampleStatistics> gmacs;
};

/// Statistics of a trace. \param model null: no network is known, and there are no GMACs
[[nodiscard]] TraceReport inspect(workload::TokenTrace trace,
                                  const workload::Model* model,
                                  const workload::Schedule& schedule);

[[nodiscard]] nlohmann::ordered_json trace_json(const TraceReport& report);
/// Header, table of the selectors, accuracy, histograms.
[[nodiscard]] std::string trace_text(const TraceReport& report, const Style& style);
/// What was written into `path`, and the table of the selectors.
[[nodiscard]] std::string
trace_written_text(const TraceReport& report, const std::string& path, const Style& style);

} // namespace heatsim::report
