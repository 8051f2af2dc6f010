// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::report {

inline constexpr const char* version = HEATSIM_VERSION; ///< of the CMake project

} // namespace heatsim::report
