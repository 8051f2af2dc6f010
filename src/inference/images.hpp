// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace heatsim::inference {

/// One image, [height][width][channels].
struct Image {
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t channels = 1;
    std::vector<std::uint8_t> pixels;
};

} // namespace heatsim::inference
