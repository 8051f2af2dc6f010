// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/float_network.hpp"
#include "inference/image.hpp"
#include "inference/safetensors.hpp"

#include <cstdint>

namespace heatsim::test {

/// 6 × 4 pixels of 2 channels, 6 patches, 16 channels in 2 heads, 2 blocks, 5 classes.
[[nodiscard]] workload::Model float_toy_model();
/// Selectors before block 1 and block 2, of the paper's form.
[[nodiscard]] workload::Schedule float_toy_schedule();

/// A file of random weights, the same for the same seed.
[[nodiscard]] inference::SafetensorsWriter float_toy_weights(const workload::Model& model,
                                                             const workload::Schedule& schedule,
                                                             std::uint64_t seed);
[[nodiscard]] inference::FloatNetwork float_toy_network(const workload::Model& model,
                                                        const workload::Schedule& schedule,
                                                        std::uint64_t seed);
[[nodiscard]] inference::Image float_toy_image(const workload::Model& model, std::uint64_t seed);

} // namespace heatsim::test
