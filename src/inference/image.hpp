// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/model.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::inference {

/// 8-bit image, row-major, channels interleaved.
struct Image {
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t channels = 0;
    std::vector<std::uint8_t> pixels; ///< [height][width][channels]
};

/// The image of a PNG, PGM or PPM file (the binary ones, P5 and P6). Its pixels are those of the
/// file: no gamma, no color profile. Gray has one channel, color three; a PNG of fewer than 8 bits
/// is spread over 0 to 255, a palette looked up.
///
/// Refused: transparency, 16 bits, more than 16384 pixels a side or 2²⁴ in all, a damaged file.
/// \param name of the file, for messages
/// \throws config::Error
[[nodiscard]] Image decode_image(std::string_view bytes, const std::string& name);

/// The image as a PNG file of 8 bits a channel, gray or color.
/// \pre one channel or three, `pixels` of that size
[[nodiscard]] std::string encode_png(const Image& image);

/// Whether the bytes begin like a file of decode_image().
[[nodiscard]] bool is_image_file(std::string_view bytes);

/// \throws config::Error where the image has not the size that the model takes
void check_image(const Image& image, const workload::Model& model, const std::string& image_name);

} // namespace heatsim::inference
