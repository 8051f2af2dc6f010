// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/temporary_folder.hpp"
#include "sweep/design_space.hpp"

#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

/// What the simulations of the tests report.
inline const std::vector<std::string> example_metrics{"latency_ms.mean", "latency_ms.p99",
                                                      "energy.image_mj.mean", "ddr.read_bytes"};

/// A space written to a file of its own and read back.
inline DesignSpace space_of(const std::string& text, std::vector<system::Override> overrides = {})
{
    const test::TemporaryFolder folder;
    return DesignSpace::load(
        {folder.write("space.yaml", text), std::move(overrides), example_metrics});
}

/// A space of this many values of the clock, cycles of an operator and so on: any value is right.
inline std::string text_of_levels(const std::vector<unsigned>& levels, const std::string& more)
{
    const std::vector<std::string> keys{"clock_mhz", "controller.operator_cycles",
                                        "array.switch_cycles"};
    std::string text = "name: levels\naxes:\n";
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const auto first = i == 0 ? 100U : 1U;
        text.append("  - {name: x").append(std::to_string(i)).append(", key: ").append(keys.at(i));
        text.append(", range: {from: ").append(std::to_string(first)).append(", to: ");
        text.append(std::to_string(first + levels[i] - 1)).append(", step: 1}}\n");
    }
    return text.append(more);
}

} // namespace heatsim::sweep
