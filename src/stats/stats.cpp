// SPDX-License-Identifier: Apache-2.0
#include "stats/stats.hpp"

namespace heatsim::stats {

const char* name(Unit unit) noexcept
{
    switch (unit) {
    case Unit::Count:
        return "count";
    case Unit::Cycle:
        return "cycle";
    case Unit::Byte:
        return "byte";
    }
    return "";
}

void Group::reset()
{
    for (auto* counter : counters_)
        counter->reset();
}

} // namespace heatsim::stats
