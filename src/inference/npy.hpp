// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::inference {

/// Bytes of a `.npy` file (format 1.0, C order, little-endian) that `numpy.load` reads:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
///
/// T is float, int8_t, uint8_t or int32_t. `values` are row-major.
/// \throws std::logic_error where they are not as many as `shape` says
template <typename T>
[[nodiscard]] std::string npy(const std::vector<T>& values,
                              const std::vector<std::uint64_t>& shape);

} // namespace heatsim::inference
