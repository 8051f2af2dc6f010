// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heatsim::test {

/// A value change dump (IEEE 1364-2005, 18), as far as it has wires.
struct VcdFile {
    struct Change {
        std::uint64_t time = 0; ///< in units of the time scale
        std::uint64_t value = 0;
    };
    struct Signal {
        unsigned bits = 0;
        std::vector<Change> changes;

        /// Cycles that the signal is 1, of a clock of this period: a change is at the edge that it
        /// is next to. The last change is to 0.
        [[nodiscard]] std::uint64_t cycles_high(double period) const;
    };

    std::string timescale;                 ///< `1 ps`
    std::map<std::string, Signal> signals; ///< by name, with scopes: `chip.host.busy`
    std::vector<std::string> violations;   ///< what the format does not know
};

[[nodiscard]] VcdFile read_vcd(const std::string& text);

} // namespace heatsim::test
