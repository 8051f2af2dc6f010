// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/output_folder.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "system/network_accuracy.hpp"
#include "workload/trace.hpp"

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
/// `fp32_exact.csv.gz`: file of the token trace of a row.
[[nodiscard]] std::string trace_file_name(const system::FunctionSet& functions,
                                          system::Arithmetic arithmetic);
/// The token trace of every row, as files. \param header of the network, without images
/// \param command that was given
[[nodiscard]] std::vector<NamedText> network_accuracy_traces(const NetworkAccuracyReport& report,
                                                             const workload::TokenTrace& header,
                                                             const system::ImageSample& sample,
                                                             const std::string& command);
/// Every key of network_accuracy_json().
[[nodiscard]] std::vector<Field> network_accuracy_fields();
[[nodiscard]] std::string network_accuracy_text(const NetworkAccuracyReport& report,
                                                const Style& style);

} // namespace heatsim::report
