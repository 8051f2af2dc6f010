// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/summary.hpp"
#include "report/text.hpp"
#include "system/ddr_run.hpp"

#include <string>

namespace heatsim::report {

/// A finished `heatsim ddr` and what it was asked for.
struct DdrReport {
    hw::DdrConfig memory;
    std::string traffic; ///< pattern, or path of the trace
    std::uint64_t outstanding = 0;
    system::DdrRunResult result;

    [[nodiscard]] double nanoseconds(double cycles) const
    {
        return system::nanoseconds(memory, cycles);
    }
    /// Bytes read and written / time, in 10^9 bytes per second.
    [[nodiscard]] double bandwidth_gbs() const;
    /// Of the pin bandwidth.
    [[nodiscard]] double efficiency_percent() const;
    /// Share of the memory clock cycles of all channels.
    [[nodiscard]] double percent(std::uint64_t cycles) const;
};

[[nodiscard]] nlohmann::ordered_json ddr_json(const DdrReport& report);
[[nodiscard]] std::string ddr_text(const DdrReport& report, const Style& style);

} // namespace heatsim::report
