// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

#include <sstream>

/// A broken invariant is our bug, in every build: reports path, time and text, and aborts.
#define HEATSIM_CHECK(condition, text)                                                             \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ::heatsim::channel::broken_invariant(#condition, text, __FILE__, __LINE__);            \
    } while (false)

namespace heatsim::channel {

[[noreturn]] inline void
broken_invariant(const char* condition, const char* text, const char* file, int line)
{
    std::ostringstream message;
    message << text << " (violated: " << condition << ") at " << sc_core::sc_time_stamp();
    sc_core::sc_report_handler::report(sc_core::SC_FATAL, "/heatsim/invariant",
                                       message.str().c_str(), file, line);
    std::abort();
}

} // namespace heatsim::channel
