// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "sweep/latency_search.hpp"
#include "workload/schedule.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// The best of all choices on a grid.
struct ExhaustiveReport {
    double step = 0.0; ///< of the keep ratios
    sweep::SearchResult result;
};

struct SearchReport {
    std::string model;
    std::string accelerator;
    std::string board;
    double clock_mhz = 0.0;
    std::string accuracy_table;
    std::string dataset;
    double sampling_error_points = 0.0; ///< standard error; 0: not known
    double accuracy_drop_points = 0.0;  ///< allowed
    double dense_top1_percent = 0.0;
    double latency_target_ms = 0.0;
    double table_target_ms = 0.0; ///< lower where the table had predicted too little
    double least_top1_percent = 0.0;
    double step = 0.0;
    std::size_t max_selectors = 0;
    std::size_t table_simulations = 0; ///< images
    sweep::SearchResult search;
    double simulated_ms = 0.0; ///< the schedule found, simulated in full
    std::optional<ExhaustiveReport> exhaustive;
    std::string output; ///< where the schedule was written; empty: nowhere

    /// The target, in the simulation of the schedule found.
    [[nodiscard]] bool met() const { return search.met && simulated_ms <= latency_target_ms; }
    /// Of the table's prediction from the simulation.
    [[nodiscard]] double deviation_percent() const
    {
        return 100.0 * (search.best.latency_ms - simulated_ms) / simulated_ms;
    }
};

[[nodiscard]] nlohmann::ordered_json search_json(const SearchReport& report);
/// Every key of `heatsim search --format json`.
[[nodiscard]] std::vector<Field> search_fields();
[[nodiscard]] std::string search_text(const SearchReport& report, const Style& style);
/// `form` with the selectors found, named and described, as a file that `heatsim run -s` takes.
[[nodiscard]] workload::Schedule found_schedule(const SearchReport& report,
                                                const workload::Schedule& form);
[[nodiscard]] std::string schedule_text(const workload::Schedule& schedule);

} // namespace heatsim::report
