// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/image.hpp"
#include "inference/integer_network.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstdint>

namespace heatsim::test {

/// A quantized network of random numbers that a file could hold, with every operator of the model
/// and schedule; the same for the same seed. Its activations use most of the int8 range, and its
/// selectors keep some patches of a random image and prune others.
/// \pre inference::unsupported_in_integers(model, schedule) is empty
[[nodiscard]] inference::IntegerNetwork random_network(const workload::Model& model,
                                                       const workload::Schedule& schedule,
                                                       std::uint64_t seed);

/// Pixels of noise, of the model's size.
[[nodiscard]] inference::Image random_image(const workload::Model& model, std::uint64_t seed);

/// 2 blocks of 24 channels in 3 heads over 4 x 3 patches of 2 x 2 pixels and 2 channels, 1 class
/// token, 5 classes: odd enough to tell rows from columns.
[[nodiscard]] workload::Model toy_model();
/// Selectors before both blocks of toy_model(), in every variant by the arguments.
[[nodiscard]] workload::Schedule toy_schedule(workload::SelectorMlp1 mlp1,
                                              workload::SelectorWeights weights,
                                              workload::ScoredTokens scored,
                                              bool norm);

} // namespace heatsim::test
