// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/functions.hpp"
#include "inference/quantizer.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::report {

/// What `heatsim quantize` made and what it lost.
struct QuantizationReport {
    std::string model;
    std::string schedule;
    std::string weights; ///< file, as the user wrote it
    std::string output;  ///< likewise
    std::uint64_t bytes = 0;
    std::size_t tensors = 0; ///< in the file
    std::string images;      ///< calibration set
    std::size_t image_count = 0;
    inference::Functions functions;
    inference::QuantizerOptions options;
    std::vector<inference::TensorError> errors;
};

[[nodiscard]] nlohmann::ordered_json quantization_json(const QuantizationReport& report);
/// Every key of quantization_json().
[[nodiscard]] std::vector<Field> quantization_fields();
[[nodiscard]] std::string quantization_text(const QuantizationReport& report, const Style& style);

/// `none`, `activations`, `weights` or `all`: which scales are powers of two.
[[nodiscard]] std::string power_of_two_name(const inference::QuantizerOptions& options);

} // namespace heatsim::report
