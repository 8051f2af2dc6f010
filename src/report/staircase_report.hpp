// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "system/catalog.hpp"
#include "system/staircase.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::report {

/// The images of a trace on the staircase, in one stage.
struct StageOnStaircase {
    std::uint64_t first_block = 1;
    std::uint64_t last_block = 1;
    std::uint64_t images = 0;
    std::uint64_t below_high = 0;  ///< on a plateau, but not on its highest count
    std::uint64_t free_tokens = 0; ///< up to the highest counts, all images together
};

struct StaircaseReport {
    std::string model;
    std::string accelerator;
    std::string board;
    double clock_mhz = 0.0;
    system::Staircase staircase;
    std::vector<system::Plateau> plateaus;
    std::vector<system::Step> steps;
    std::vector<std::pair<std::string, std::uint64_t>> pieces; ///< what cuts the tokens, in tokens
    std::string trace;                                         ///< empty: none
    std::vector<StageOnStaircase> stages;                      ///< of the trace

    [[nodiscard]] double milliseconds(std::uint64_t cycles) const
    {
        return static_cast<double>(cycles) / (clock_mhz * 1e3);
    }
};

/// Evaluates a staircase, with the images of the set-up's trace if it has one.
[[nodiscard]] StaircaseReport staircase_report(const system::RunSetup& setup,
                                               system::Staircase staircase);

[[nodiscard]] nlohmann::ordered_json staircase_json(const StaircaseReport& report);
/// Every key of `heatsim staircase --format json`.
[[nodiscard]] std::vector<Field> staircase_fields();
[[nodiscard]] std::string staircase_text(const StaircaseReport& report, const Style& style);
/// staircase.csv: one row per token count.
[[nodiscard]] std::string staircase_csv(const StaircaseReport& report);
[[nodiscard]] std::vector<Field> staircase_columns();

} // namespace heatsim::report
