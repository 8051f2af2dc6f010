// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace heatsim::inference {

/// The whole file.
/// \throws config::Error where it cannot be read or is longer than `most_bytes`
[[nodiscard]] std::string read_binary_file(const std::string& path, std::size_t most_bytes);

/// What a gzip file holds, or the bytes themselves where they do not begin like one.
/// \param name of the file, for messages
/// \throws config::Error where it is damaged or holds more than `most_bytes`
[[nodiscard]] std::string
uncompressed(std::string bytes, const std::string& name, std::size_t most_bytes);

} // namespace heatsim::inference
