// SPDX-License-Identifier: Apache-2.0
#include "fuzz/readers.hpp"

#include "config/error.hpp"
#include "inference/idx.hpp"
#include "inference/image.hpp"
#include "inference/safetensors.hpp"

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace heatsim::fuzz {

namespace {

using inference::Image;

void check(bool holds, const char* rule)
{
    if (!holds)
        throw std::logic_error{rule};
}

void check(const Image& image)
{
    check(image.height > 0 && image.width > 0, "an image has pixels");
    check(image.channels == 1 || image.channels == 3, "an image is gray or color");
    check(image.pixels.size() == image.height * image.width * image.channels,
          "an image has as many pixels as it says");
}

} // namespace

void read_idx(const std::string& bytes)
{
    // a file of labels is a byte away from one of images, and each mutation is tried as both
    try {
        check(!inference::parse_idx_labels(bytes, "labels").empty(), "there are labels");
        return;
    } catch (const config::Error&) {
        const auto images = inference::IdxImages::parse(bytes, "images");
        check(images.size() > 0, "there are images");
        check(images.image(0));
        check(images.image(images.size() - 1));
    }
}

void read_image(const std::string& bytes)
{
    check(inference::decode_image(bytes, "image"));
}

void read_safetensors(const std::string& bytes)
{
    const auto file = inference::Safetensors::parse(bytes, "file");
    std::size_t tensor_bytes = 0;
    std::vector<config::Violation> violations;
    for (const auto& [name, tensor] : file.tensors()) {
        tensor_bytes += tensor.bytes.size();
        (void)file.get<float>(name, tensor.shape, violations);
        (void)file.get<std::int8_t>(name, tensor.shape, violations);
    }
    check(tensor_bytes < bytes.size(), "tensors lie in the file");
    file.refuse_others(violations);
    (void)file.get<float>("weight", {1}, violations);
    for (const auto& violation : violations)
        (void)violation.message();
}

} // namespace heatsim::fuzz
