// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::workload {

/// One convolution of a stem: square kernel, zero padding, followed by normalization and ReLU.
struct Convolution {
    std::uint64_t kernel = 3;
    std::uint64_t stride = 1;
    std::uint64_t padding = 1;
    std::uint64_t output_channels = 64;
};

/// How the values 0 to 255 of an image channel become the network's real numbers: (value / 255 −
/// mean) / deviation.
struct PixelChannel {
    double mean = 0.0;
    double deviation = 1.0;
};

/// A Vision Transformer. Every network of this shape can be described in a file of `models/`.
struct Model {
    std::string name;
    std::string description;
    std::string source;
    std::string default_schedule = "heatvit"; ///< pruning schedule of a run that names none
    std::uint64_t image_height_pixels = 224;
    std::uint64_t image_width_pixels = 224;
    std::uint64_t image_channels = 3;
    /// One per image channel; empty: 0 and 1 for all. Functional runs only.
    std::vector<PixelChannel> pixels;
    /// Convolutions in front of the patch embedding (LV-ViT's stem); empty for a plain ViT.
    std::vector<Convolution> stem;
    /// Edge of the patch embedding's kernel and stride, in pixels of its own input.
    std::uint64_t patch_size = 16;
    std::uint64_t class_tokens = 1;
    std::uint64_t embed_dim = 192;
    std::uint64_t depth = 12;
    std::uint64_t heads = 3;
    std::uint64_t mlp_hidden = 768;
    std::uint64_t classes = 1000;
    /// Token-labelling head on every patch (and package) token that reaches the end (LV-ViT).
    bool auxiliary_head = false;

    [[nodiscard]] std::uint64_t head_dim() const { return embed_dim / heads; }
    /// Height and width, in pixels, of the patch embedding's input (after the stem).
    [[nodiscard]] std::array<std::uint64_t, 2> embedding_input_pixels() const;
    [[nodiscard]] std::uint64_t patch_tokens() const;
    /// Class and patch tokens of an unpruned image.
    [[nodiscard]] std::uint64_t tokens() const { return patch_tokens() + class_tokens; }
};

void describe(config::Visitor& visitor, Convolution& convolution);
void describe(config::Visitor& visitor, PixelChannel& channel);
void describe(config::Visitor& visitor, Model& model);

/// Output edge of a convolution over `input` pixels: floor((input + 2·padding − kernel) / stride) +
/// 1, or 0 where the kernel is larger than the padded input.
[[nodiscard]] std::uint64_t output_pixels(std::uint64_t input, const Convolution& convolution);

} // namespace heatsim::workload
