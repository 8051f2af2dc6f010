// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::app {

/// Exit codes of the program.
inline constexpr int success = 0;
inline constexpr int checks_failed = 1;    ///< a check does not hold, or a target is not met
inline constexpr int unexpected_error = 1; ///< also: standard output cannot be written
inline constexpr int user_error = 2;       ///< command line, configuration, trace, output folder
inline constexpr int simulation_error = 3; ///< deadlock or violated bound

/// The program: parses the command line, runs the command and returns the exit code. Throws
/// nothing.
[[nodiscard]] int run(int argc, const char* const* argv);

} // namespace heatsim::app
