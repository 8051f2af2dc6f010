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
/// `data` is [rows][columns] and valid during the call. Beside the operators: `image`, the
/// normalised pixels ([patches][kernel row, kernel column, channel]), and `patch_embed.class_token`
/// ([class tokens][embed_dim]), which stand in front of the rows of `patch_embed.proj`;
/// `patch_embed.position` has rows of class tokens too.
///
/// Rows are tokens, and: `attn.qk_t` and `attn.softmax` [heads · tokens][tokens]; of a selector up
/// to `softmax` [scored tokens · heads], `global` one row, `package` the package token, where one
/// is made or merged again; `head.norm` and `head.fc` the class tokens.
using TensorObserver = std::function<void(
    std::string_view operator_name, const float* data, std::size_t rows, std::size_t columns)>;

/// What the network makes of an image, in 32-bit floats. Pruned tokens are gone: nothing is
/// computed for them.
///
/// A patch is kept where its score Σ t·a / Σ a over the heads is not below 0.5; where all a are 0
/// the score is 0. `package_token: one` is the mean of all patches pruned so far, weighted by their
/// scores; with `one_per_selector` each selector that prunes appends one of those it prunes. Where
/// a selector prunes nothing the tokens stay as they are. The logits are those of the first class
/// token.
///
/// \throws config::Error if the image is not of the model's size, or the library that multiplies is
/// missing
[[nodiscard]] Inference infer(const FloatNetwork& network,
                              const Functions& functions,
                              const Image& image,
                              const TensorObserver& observer = {});

} // namespace heatsim::inference
