// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/commands.hpp"
#include "report/streaming_report.hpp"
#include "system/back_to_back.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::app {

/// A stream as it is asked for, checked.
struct StreamRequest {
    std::string arrivals;
    std::optional<std::uint64_t> seed; ///< of Poisson arrivals
    std::optional<system::RecordedArrivals> recorded;
    double fps = 0.0;
    double deadline_ms = 0.0;
    std::optional<std::size_t> frames; ///< nothing: from the run, or those of the file
    std::optional<std::size_t> queue_capacity;
    bool overlap = false;
};

/// Nothing if no stream is asked for, or where there are violations.
[[nodiscard]] std::optional<StreamRequest>
read_streaming(const StreamingOptions& options,
               std::size_t batch_images,
               std::vector<config::Violation>& violations);

/// Sends the images of a run. \param behind cycles of an image right behind another one, for
/// overlapped execution
[[nodiscard]] report::StreamReport
stream_images(const StreamRequest& request,
              const system::RunResult& run,
              double clock_mhz,
              const std::function<std::uint64_t(std::size_t, std::size_t)>& behind);

} // namespace heatsim::app
