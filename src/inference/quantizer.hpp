// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/calibration.hpp"
#include "inference/float_network.hpp"
#include "inference/functions.hpp"
#include "inference/integer_network.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::inference {

struct QuantizerOptions {
    /// Of the magnitudes of a tensor, in %: this one has the code 127, larger ones saturate.
    double percentile = 99.99;
    bool power_of_two_activations = false; ///< all scales of activations, not only the units'
    bool power_of_two_weights = false;
    bool residual_per_channel = true; ///< scales of the token stream; otherwise per tensor
};

/// Which numbers become integers, by what they have a scale for.
enum class TensorKind : std::uint8_t {
    Weights,     ///< a scale per output channel
    TokenStream, ///< per channel, or per tensor
    Activations, ///< per tensor: pixels, results of layers, of LayerNorm and of GELU, logits
    UnitFormats, ///< per tensor, powers of two: inputs of nonlinear units, attention probabilities
};

/// What the numbers of one tensor lose by rounding and saturation alone, without the errors of what
/// they are computed of. Activations: over the calibration images.
struct TensorError {
    std::string name; ///< of the operator in the workload; `attn.qkv` in three parts
    TensorKind kind = TensorKind::Weights;
    double values = 0.0;    ///< how many
    double signal = 0.0;    ///< sum of x²
    double noise = 0.0;     ///< sum of (x − its code · step)²
    double saturated = 0.0; ///< how many are beyond the largest code
};

/// A network in integers that computes nearly what `network` does with the units' polynomials.
///
/// Activations are symmetric, their scales from `calibration`: one per tensor, three in `attn.qkv`
/// and one per channel of the token stream, whose rows are sums over all blocks and differ most.
/// Logits and class tokens have the scale of the largest. Inputs of GELU, softmax and sigmoid and
/// the attention's probabilities are units' formats: powers of two, the one with the least squared
/// error over the calibration images. Weights are symmetric per output channel, with the scale of
/// the largest unless sums could then leave the accumulator: |bias| + Σ |w|·127 < 2^26.
///
/// \param functions gives the units their deltas, to the nearest 1/256; the units are polynomial
/// even where `functions` is exact
/// \param errors where not null, an entry per tensor is appended
/// \throws config::Error if a row of the attention is longer than the softmax unit's;
/// std::logic_error if nothing was calibrated; std::domain_error if a factor between two scales is
/// beyond what hardware multiplies by
[[nodiscard]] IntegerNetwork quantize(const FloatNetwork& network,
                                      const Functions& functions,
                                      const Calibration& calibration,
                                      const QuantizerOptions& options,
                                      std::vector<TensorError>* errors = nullptr);

/// A row of a layer's weights in integers.
struct QuantizedRow {
    std::vector<std::int8_t> weights;
    double scale = 1.0;    ///< real value of one step of the weights
    std::int32_t bias = 0; ///< in steps of input scale · weight scale
};
/// \param inputs numbers at `weights` \param input_scale, output_scale of the layer's activations
[[nodiscard]] QuantizedRow quantize_row(const float* weights,
                                        std::size_t inputs,
                                        double bias,
                                        double input_scale,
                                        double output_scale,
                                        bool power_of_two);

} // namespace heatsim::inference
