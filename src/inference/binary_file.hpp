// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace heatsim::inference {

/// The whole file.
/// \throws config::Error where it cannot be read or is longer than `most_bytes`
[[nodiscard]] std::string read_binary_file(const std::string& path, std::size_t most_bytes);

} // namespace heatsim::inference
