// SPDX-License-Identifier: Apache-2.0
#include "workload/model.hpp"

namespace heatsim::workload {

using config::Presence;

std::uint64_t output_pixels(std::uint64_t input, const Convolution& convolution)
{
    const auto padded = input + 2 * convolution.padding;
    return padded < convolution.kernel || convolution.stride == 0
               ? 0
               : (padded - convolution.kernel) / convolution.stride + 1;
}

std::array<std::uint64_t, 2> Model::embedding_input_pixels() const
{
    auto height = image_height_pixels;
    auto width = image_width_pixels;
    for (const auto& convolution : stem) {
        height = output_pixels(height, convolution);
        width = output_pixels(width, convolution);
    }
    return {height, width};
}

std::uint64_t Model::patch_tokens() const
{
    const auto [height, width] = embedding_input_pixels();
    return patch_size == 0 ? 0 : (height / patch_size) * (width / patch_size);
}

void describe(config::Visitor& visitor, Convolution& convolution)
{
    visitor.integer("kernel", convolution.kernel, {1, 64}, "edge of the square kernel in pixels",
                    Presence::Required);
    visitor.integer("stride", convolution.stride, {1, 64}, "stride in pixels", Presence::Required);
    visitor.integer("padding", convolution.padding, {0, 64}, "zero padding on each side in pixels");
    visitor.integer("output_channels", convolution.output_channels, {1, 8192}, "output channels",
                    Presence::Required);
}

void describe(config::Visitor& visitor, PixelChannel& channel)
{
    visitor.real("mean", channel.mean, {-1000.0, 1000.0}, "subtracted from pixel value / 255",
                 Presence::Required);
    visitor.real("deviation", channel.deviation, {0.0001, 1000.0},
                 "what the difference is divided by", Presence::Required);
}

void describe(config::Visitor& visitor, Model& model)
{
    visitor.text("name", model.name, "name of the network", Presence::Required);
    visitor.text("description", model.description, "what the network is, in one line");
    visitor.text("source", model.source, "where the definition was read");
    visitor.text("default_schedule", model.default_schedule,
                 "pruning schedule of a run that names none, a name in configs/schedules");
    visitor.integer("image_height_pixels", model.image_height_pixels, {1, 16384},
                    "height of the input image");
    visitor.integer("image_width_pixels", model.image_width_pixels, {1, 16384},
                    "width of the input image");
    visitor.integer("image_channels", model.image_channels, {1, 1024},
                    "channels of the input image");
    visitor.list("pixels", model.pixels,
                 "normalization of each image channel in functional runs; none: pixel value / 255");
    visitor.list("stem", model.stem, "convolutions in front of the patch embedding, in order");
    visitor.integer("patch_size", model.patch_size, {1, 1024},
                    "edge of a patch in pixels of the patch embedding's input", Presence::Required);
    visitor.integer("class_tokens", model.class_tokens, {1, 16},
                    "class (and distillation) tokens, always kept");
    visitor.integer("embed_dim", model.embed_dim, {1, 65536}, "width D of a token",
                    Presence::Required);
    visitor.integer("depth", model.depth, {1, 1024}, "number of transformer blocks",
                    Presence::Required);
    visitor.integer("heads", model.heads, {1, 1024}, "attention heads H per block",
                    Presence::Required);
    visitor.integer("mlp_hidden", model.mlp_hidden, {1, 262144},
                    "hidden width of the feed-forward layers", Presence::Required);
    visitor.integer("classes", model.classes, {1, 1000000}, "outputs of the classification head");
    visitor.boolean("auxiliary_head", model.auxiliary_head,
                    "token-labelling head on the patch and package tokens that reach the end");
    visitor.check(model.heads != 0 && model.embed_dim % model.heads == 0, "heads",
                  "a divisor of embed_dim (" + std::to_string(model.embed_dim) + ")");
    visitor.check(model.pixels.empty() || model.pixels.size() == model.image_channels, "pixels",
                  "one item per image channel (" + std::to_string(model.image_channels) + ")");
    const auto [height, width] = model.embedding_input_pixels();
    visitor.check(model.patch_size != 0 && height >= model.patch_size &&
                      height % model.patch_size == 0 && width >= model.patch_size &&
                      width % model.patch_size == 0,
                  "patch_size",
                  "a divisor of the patch embedding's input, " + std::to_string(height) + " x " +
                      std::to_string(width) + " pixels");
    visitor.check(model.tokens() <= 65536, "patch_size", "at most 65536 tokens");
}

} // namespace heatsim::workload
