// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"

#include <string>
#include <vector>

namespace heatsim::test {

/// The messages of what `action` refuses; none where it refuses nothing.
template <typename Action>
[[nodiscard]] std::vector<std::string> messages_of(Action action)
{
    std::vector<std::string> messages;
    try {
        action();
    } catch (const config::Error& error) {
        for (const auto& violation : error.violations())
            messages.push_back(violation.message());
    }
    return messages;
}

} // namespace heatsim::test
