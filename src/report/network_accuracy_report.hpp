// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "system/network_accuracy.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::report {

/// What `heatsim explain accuracy` measured.
struct NetworkAccuracyReport {
    std::string model;
    std::string schedule;
    std::string weights; ///< file, as the user wrote it
    std::string images;  ///< set
    std::string calibration;
    std::size_t calibration_images = 0;
    std::string recorded; ///< network of the recording; empty: none
    system::NetworkAccuracy accuracy;
};

[[nodiscard]] nlohmann::ordered_json network_accuracy_json(const NetworkAccuracyReport& report);
/// Every key of network_accuracy_json().
[[nodiscard]] std::vector<Field> network_accuracy_fields();
[[nodiscard]] std::string network_accuracy_text(const NetworkAccuracyReport& report,
                                                const Style& style);

} // namespace heatsim::report
