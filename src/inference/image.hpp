// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>
namespace heatsim::inference {
struct Image {
    std::uint64_t height = 0, width = 0, channels = 1;
    std::vector<std::uint8_t> pixels;
};
} // namespace heatsim::inference
