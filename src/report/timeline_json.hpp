// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/vocabulary.hpp"
#include "system/timeline.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace heatsim::report {

/// Most slices of a data channel or a memory bus in JSON.
inline constexpr std::size_t most_json_slices = 4000;

/// A timeline for a page, in cycles of the fabric clock, to a thousandth. Beats of one name on data
/// channels and memory buses are put together where only a short gap is between them, so that no
/// track has more than `most_json_slices`; `busy_cycles` of a track is the time of its slices
/// before that.
/// \param image as the page names it
[[nodiscard]] nlohmann::ordered_json
timeline_json(const system::Timeline& timeline, const std::string& title, const std::string& image);

/// Kinds of tracks and counters, as `timeline.transfers`: what `heatsim explain` says.
[[nodiscard]] const std::vector<Field>& timeline_fields();
/// Tracks and counters by the names that they have in a timeline, of any port.
[[nodiscard]] std::vector<Field> timeline_names();
/// Name of its field.
[[nodiscard]] const char* topic_of(system::TrackKind kind);
[[nodiscard]] const char* topic_of(system::CounterKind kind);

} // namespace heatsim::report
