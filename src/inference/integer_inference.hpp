// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/byte_table.hpp"
#include "inference/image.hpp"
#include "inference/inference.hpp"
#include "inference/integer_network.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace heatsim::inference {

/// Told the result of every operator, in order, by the operator's name in the workload; `image` is
/// the quantized image, [pixels][channels]. `data` is [rows][columns] and valid during the call
/// only; what is unsigned (softmax, sigmoid and score of a selector) comes as the same bytes.
///
/// Rows are tokens, and: `qk_t` and `softmax` [heads · tokens][tokens]; of a selector up to
/// `softmax` [scored tokens · heads], `global` one row, `compact` the rows that stay as they are,
/// `package` the package token (no row where nothing was pruned), `append` all rows of the stream
/// behind the selector; `head.norm` and `head.fc` the class tokens.
using IntegerObserver = std::function<void(std::string_view operator_name,
                                           const std::int8_t* data,
                                           std::size_t rows,
                                           std::size_t columns)>;

/// The pixels as a network takes them, [height][width][channels].
/// \pre `format` has a mean and a deviation for each channel of the image
[[nodiscard]] std::vector<std::int8_t> quantized_pixels(const PixelFormat& format,
                                                        const Image& image);

/// What a quantized network makes of an image, in integers from the pixels to the logits: the
/// definition that every accelerator is compared with. Operators run one after the other as
/// `workload::lower` orders them, each on all its rows, with int8 between them:
///
/// - pixels are quantized; a patch is a row: kernel row, kernel column, image channel;
/// - dense layer: requantize(Σ + bias), products of activations: requantize(Σ);
/// - selector: per head the slice's LayerNorm (where the schedule has one), mlp1, GELU. Local are
///   the first half of the outputs, global is token_mean over the scored tokens of the second half
///   (`mlp1: half`: of all outputs, which are the local ones). [local, global] → mlp2 → softmax of
///   two: keep score. Channel means → mlp3 → sigmoid: head weights. token_score of both;
/// - a patch is kept where its score is at least the network's threshold. Class tokens are always
///   kept. `package_token: one`: newly pruned patches are merged with the package token, which has
///   the weight of all that are inside it, and lies behind the patches. If nothing is newly pruned
///   the tokens stay as they are;
/// - the logits are those of the first class token.
///
/// \param exact units that compute exact functions instead, for studies: then the result is no
/// definition of what hardware computes
/// \throws std::invalid_argument where the image's size is not the model's, or the schedule is one
/// that read_integer_network() refuses; std::out_of_range, std::bad_variant_access where `network`
/// is not one of this model and schedule
[[nodiscard]] Inference infer(const IntegerNetwork& network,
                              const workload::Model& model,
                              const workload::Schedule& schedule,
                              const Image& image,
                              const IntegerObserver& observer = {},
                              const ExactUnits& exact = {});

} // namespace heatsim::inference
