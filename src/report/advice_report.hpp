// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "sweep/sensitivity.hpp"
#include "system/catalog.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::report {

/// What `heatsim advise` prints.
struct AdviceReport {
    std::string model;
    std::string schedule;
    std::string trace; ///< empty: none
    std::uint64_t images = 0;
    std::string accelerator;
    std::string board;
    std::string memory; ///< name, `ideal`, `throttled` or `word_serial`
    double clock_mhz = 0.0;
    double energy_uncertainty_percent = 0.0;
    sweep::Advice advice;
};

[[nodiscard]] AdviceReport advice_report(const system::RunSetup& setup, sweep::Advice advice);

/// What follows from the simulations, a sentence each, the bottleneck first.
[[nodiscard]] std::vector<std::string> advice_claims(const AdviceReport& report,
                                                     const Style& style);
[[nodiscard]] nlohmann::ordered_json advice_json(const AdviceReport& report);
/// Every key of `heatsim advise --format json`.
[[nodiscard]] std::vector<Field> advice_fields();
[[nodiscard]] std::string advice_text(const AdviceReport& report, const Style& style);

} // namespace heatsim::report
