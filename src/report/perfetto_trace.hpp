// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/timeline.hpp"

#include <string>

namespace heatsim::report {

/// A timeline in Perfetto's own format (perfetto.protos.Trace), which ui.perfetto.dev and
/// trace_processor open: below one root a track per track and counter of the timeline, slices with
/// their exact cycles as arguments, and flows.
///
/// Perfetto counts whole nanoseconds: times are rounded to the nearest one, which keeps order and
/// never makes slices of a track overlap, and durations are off by less than one. `start_cycle` and
/// `cycles` of a slice are exact, in cycles of the clock that its track counts.
/// Source: docs/timeline.md.
/// \param title what the root is called
[[nodiscard]] std::string perfetto_trace(const system::Timeline& timeline,
                                         const std::string& title);

} // namespace heatsim::report
