// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/result_store.hpp"
#include "system/catalog.hpp"

#include <optional>
#include <string>
#include <vector>

/// One point of a sweep by itself: as a run, and as the command of one.
namespace heatsim::sweep {

/// Key of a setting that is no key of a space: a design may be larger than its board.
inline constexpr const char* allow_oversize_key = "allow_oversize";

/// Sets a key of a run: one that chooses files or images (`model`, `trace`, `images`), or one of a
/// file. \param origin where a user wrote it; empty: `--set`
void set_run_key(system::RunRequest& request,
                 const std::string& key,
                 const std::string& value,
                 const std::string& origin);

/// What gives the value of a key to `heatsim run`: `-m `, `--set clock_mhz=`.
[[nodiscard]] std::string run_option(const std::string& key);

/// What of the command all points have in common, for a shell; empty where no command simulates a
/// point.
[[nodiscard]] std::string base_command(const SweepRecord& sweep);
/// The command that simulates a point by itself, for a shell; empty where none does.
/// \param inputs of the point
[[nodiscard]] std::string rerun_command(const SweepRecord& sweep,
                                        const std::vector<std::string>& inputs);
/// What that command asks for; nothing where there is none.
[[nodiscard]] std::optional<system::RunRequest>
rerun_request(const SweepRecord& sweep, const std::vector<std::string>& inputs);

} // namespace heatsim::sweep
