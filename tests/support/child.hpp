// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

namespace heatsim::test {

/// Runs `body` in a process of its own and returns its numbers: a test that compares two chips
/// needs that, as SystemC elaborates once per process. \pre this process has not elaborated
/// \throws std::runtime_error with the text of the exception that left the body, or if it crashed
[[nodiscard]] std::vector<std::uint64_t>
in_child(const std::function<std::vector<std::uint64_t>()>& body);

} // namespace heatsim::test
