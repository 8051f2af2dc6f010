// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "system/resources.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace heatsim::report {

/// What `heatsim resources` prints.
struct ResourcesReport {
    std::string accelerator;
    system::Board board;
    double clock_mhz = 0.0; ///< as configured: no output of the estimate
    estimate::ChipResources chip;
    estimate::ChipResources without_selection; ///< the same chip without token selection
    const estimate::ResourceModel* model = nullptr;
};

/// The figures of HeatViT's abstract, for the selector beside its baseline (arXiv 2211.08110).
struct SelectorOverhead {
    static constexpr double dsps_low_percent = 8.0;
    static constexpr double dsps_high_percent = 11.0;
    static constexpr double luts_low_percent = 5.0;
    static constexpr double luts_high_percent = 8.0;
};

/// By how much token selection makes the chip larger.
[[nodiscard]] double selector_dsps_percent(const ResourcesReport& report);
[[nodiscard]] double selector_luts_percent(const ResourcesReport& report);

[[nodiscard]] nlohmann::ordered_json resources_json(const ResourcesReport& report);
[[nodiscard]] std::string resources_text(const ResourcesReport& report, const Style& style);

} // namespace heatsim::report
