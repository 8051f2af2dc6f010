// SPDX-License-Identifier: Apache-2.0
#include "system/child_process.hpp"

#include "system/process.hpp"
#include "system/simulation.hpp"

#include <cstring>
#include <string>

namespace heatsim::system {

std::vector<double> in_child(const std::function<std::vector<double>()>& body)
{
    std::string text;
    try {
        text = run_in_child([&body] {
            const auto values = body();
            std::string bytes(values.size() * sizeof(double), '\0');
            if (!values.empty())
                std::memcpy(bytes.data(), values.data(), bytes.size());
            return bytes;
        });
    } catch (const ToolError& error) { // no tool is used: the simulation failed
        throw SimulationError{error.what()};
    }
    std::vector<double> values(text.size() / sizeof(double));
    if (!values.empty())
        std::memcpy(values.data(), text.data(), text.size());
    return values;
}

} // namespace heatsim::system
