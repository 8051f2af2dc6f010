// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "units/units.hpp"

#include <systemc>

namespace heatsim::channel {

/// The only place that makes `sc_time`. The kernel's resolution is 1 fs, set before elaboration.
[[nodiscard]] inline sc_core::sc_time to_time(std::uint64_t time_fs)
{
    return sc_core::sc_time::from_value(time_fs);
}

[[nodiscard]] inline std::uint64_t now_fs()
{
    return sc_core::sc_time_stamp().value();
}

} // namespace heatsim::channel
