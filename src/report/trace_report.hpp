// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "workload/trace_comparison.hpp"
#include "workload/trace_statistics.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

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

/// What `heatsim trace compare` says.
struct TraceComparisonReport {
    std::string first; ///< path of the token trace
    std::string second;
    workload::TraceComparison comparison;
};
[[nodiscard]] nlohmann::ordered_json trace_comparison_json(const TraceComparisonReport& report);
/// Every key of trace_comparison_json().
[[nodiscard]] std::vector<Field> trace_comparison_fields();
[[nodiscard]] std::string trace_comparison_text(const TraceComparisonReport& report,
                                                const Style& style);

} // namespace heatsim::report
