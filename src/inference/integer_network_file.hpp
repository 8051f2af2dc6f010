// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/integer_network.hpp"
#include "inference/safetensors.hpp"

#include <string>

/// A quantized network as a safetensors file. Tensors of the operator OP, heads = sets of weights,
/// no first dimension where there is one:
///
///     dense layer   OP.weight I8 [heads, outputs, inputs], .bias I32, .multiplier I16 and
///                   .shift U8 [heads, outputs]
///     product, GELU OP.multiplier I16 [], .shift U8 []
///     LayerNorm     OP.multiplier I16 [channels of all slices], .scale_mantissa I8,
///                   .scale_exponent U8, .shift_mantissa I8 and .shift_exponent U8 [channels]
///     sum           OP.multiplier_a I16, .multiplier_b I16, .shift U8 [channels]; position
///                   embedding: .constant I8 [tokens, channels]
///     channel mean  OP.multiplier I16 [channels], .shift U8 []
///     class_tokens  I8 [class tokens, channels]
///
/// Metadata: `heatsim_integer_network` (version of the format), `model`, `schedule`, `pixel_mean`
/// and `pixel_deviation` (numbers between commas), `pixel_scale`, `logit_scale`, `keep_threshold`,
/// `provenance.KEY`, and of operators `OP.delta`, `OP.input_fraction`, `OP.output_fraction`,
/// `OP.epsilon`. Reals are the shortest text that gives the same number back.
namespace heatsim::inference {

/// The file; equal networks give equal bytes.
/// \throws std::logic_error where a unit has a format that the file does not hold
[[nodiscard]] std::string bytes_of(const IntegerNetwork& network);

/// Takes a network out of a file. Strict: every operator that `workload::lower` makes of the model
/// and schedule with its shapes and ranges, sums that cannot leave 27 bits, and nothing else.
/// \throws config::Error with every violation; of more than 20 the first
[[nodiscard]] IntegerNetwork read_integer_network(const Safetensors& file,
                                                  const workload::Model& model,
                                                  const workload::Schedule& schedule);
/// What a file says it was made for.
struct NetworkNames {
    std::string model;
    std::string schedule;
};
/// \throws config::Error if the file cannot be read or is no quantized network
[[nodiscard]] NetworkNames network_names(const std::string& path);
/// \throws config::Error like Safetensors::load() and read_integer_network()
[[nodiscard]] IntegerNetwork load_integer_network(const std::string& path,
                                                  const workload::Model& model,
                                                  const workload::Schedule& schedule);

} // namespace heatsim::inference
