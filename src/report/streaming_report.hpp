// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "system/streaming.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// A stream of images and what it came to.
struct StreamReport {
    std::string arrivals;              ///< `fixed`, `poisson` or the path of a file
    std::optional<std::uint64_t> seed; ///< of Poisson arrivals
    double fps = 0.0;                  ///< mean rate of the arrivals
    double deadline_ms = 0.0;
    std::size_t batch_images = 1; ///< executed together
    bool overlap = false;
    std::optional<std::size_t> queue_capacity;
    std::vector<system::Frame> frames;
    system::StreamSummary summary;
    double saturation_fps = 0.0;
    std::optional<double> sustained_fps;

    /// Arrivals / what the accelerator completes at most; 1 and above: the queue grows.
    [[nodiscard]] double load() const { return fps / saturation_fps; }
    [[nodiscard]] bool saturated() const { return load() >= 1.0; }
};

/// Whether the accelerator keeps up, in one sentence.
[[nodiscard]] std::string stream_sentence(const StreamReport& report);
/// Value of `streaming` in summary.json.
[[nodiscard]] nlohmann::ordered_json streaming_json(const StreamReport& report);
/// Its keys.
[[nodiscard]] std::vector<Field> streaming_fields();
[[nodiscard]] std::string streaming_text(const StreamReport& report, const Style& style);

/// streaming.csv: one row per arrival.
[[nodiscard]] std::string streaming_csv(const StreamReport& report);
[[nodiscard]] std::vector<Field> streaming_columns();

} // namespace heatsim::report
