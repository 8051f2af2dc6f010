// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/float_network.hpp"
#include "inference/functions.hpp"
#include "inference/image.hpp"
#include "inference/inference.hpp"

#include <cstddef>
#include <functional>
#include <string_view>

namespace heatsim::inference {

/// Told what every operator computes, in the order of computation, under its name in the workload;
/// `data` is [rows][columns] and valid during the call. Three names are no operator's:
/// `image` (normalised pixels, [patches][kernel row, kernel column, channel]),
/// `patch_embed.class_token` ([class tokens][embed_dim], beside the rows of `patch_embed.proj`) and
/// `selector.S.package` is told where a package token is made or merged again, in one row.
/// `attn.qkv` is [tokens][queries, keys, values], `attn.qk_t` and `attn.softmax` are [heads ·
/// tokens][tokens]; operators of a selector that work on heads have a row for each head of each
/// token; `global` has one row for each head.
using TensorObserver = std::function<void(
    std::string_view operator_name, const float* data, std::size_t rows, std::size_t columns)>;

/// What the network makes of an image, in 32-bit floats. Pruned tokens are gone: nothing is
/// computed for them.
///
/// A patch is kept where its score Σ t·a / Σ a over the heads is not below 0.5; where all a are 0
/// the score is 0. Where the schedule has one package token, it is the mean of all patches pruned
/// so far, weighted by their scores; where the selectors score it as well, the weight of the former
/// one is its own new score. With several class tokens the logits are the means of theirs.
///
/// \throws config::Error if the image is not of the model's size, or a library is missing
[[nodiscard]] Inference infer(const FloatNetwork& network,
                              const Functions& functions,
                              const Image& image,
                              const TensorObserver& observer = {});

} // namespace heatsim::inference
