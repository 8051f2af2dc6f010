// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "numerics/elementwise.hpp"
#include "numerics/layer_norm.hpp"
#include "numerics/nonlinear.hpp"
#include "numerics/package_token.hpp"
#include "numerics/requantize.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace heatsim::inference {

/// Dense layer: c[m][j] = requantize_j(Σ_k a[m][k]·weights[j][k] + bias[j]), int8 in and out, sums
/// in 27 bits.
struct Linear {
    std::size_t heads = 1; ///< sets of weights; 1 where there are no heads or all share one
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::vector<std::int8_t> weights; ///< [heads][outputs][inputs], −127 to 127
    std::vector<std::int32_t> bias;   ///< [heads][outputs], in steps of the products
    std::vector<numerics::RequantizeScale> requantize; ///< [heads][outputs]
};

/// Product of two activations (QKᵀ, attention · V): c = requantize(Σ a·b).
struct Product {
    numerics::RequantizeScale requantize;
};

/// GELU of int8 by the unit, requantized: the unit's 16-bit results times a factor give int8.
struct Gelu {
    numerics::GeluUnit unit; ///< input: 8 bits; output: numerics::nonlinear_format
    numerics::RequantizeScale requantize;
};

struct Softmax {
    numerics::SoftmaxUnit
        unit; ///< input: 8 bits; output: {8, f}, of a selector {9, 8}: 0 to 255 steps of 1/256
};

struct Sigmoid {
    numerics::SigmoidUnit unit; ///< input: 8 bits; output: {8, 8} unsigned
};

/// Sum of two int8 tensors, channel by channel. Residual: a is the branch, b the token stream.
/// Position embedding: a is the embedding, b the constant below.
struct Add {
    std::vector<numerics::AddUnit> channels;
    std::vector<std::int8_t> constant; ///< [tokens][channels]; empty where b is computed
};

/// Per-head mean over the channels of a token: c[h] = saturate_int8(round_shift(Σ_k a[h·d +
/// k]·multipliers[h·d + k])).
struct ChannelMean {
    numerics::ChannelMeanUnit unit;
};

/// Numbers of one operator, by its name in the workload (`blocks.3.attn.qkv`).
using OperatorNumbers = std::
    variant<Linear, Product, numerics::LayerNormUnit, Gelu, Softmax, Sigmoid, Add, ChannelMean>;

/// How pixels become int8: quantize_int8((pixel / 255 − mean) / deviation, scale).
struct PixelFormat {
    std::vector<double> mean;      ///< per image channel
    std::vector<double> deviation; ///< per image channel
    double scale = 1.0;
};

/// A quantized network: integers and formats, nothing that depends on a chip. What it computes is
/// defined by `infer(const IntegerNetwork&, …)`; every accelerator computes the same bits.
///
/// Operators have the names of the workload that `workload::lower` makes of `model` and `schedule`;
/// operators that only move or decide (global mean, concatenation, score, compaction, package
/// token, append, copies) have no numbers.
struct IntegerNetwork {
    std::string model;    ///< name of the model file
    std::string schedule; ///< name of the pruning schedule it was trained with
    PixelFormat pixels;
    std::vector<std::int8_t>
        class_tokens;         ///< [class tokens][channels], in steps of `patch_embed.proj`
    double logit_scale = 1.0; ///< real value of one step of `head.fc`
    std::uint8_t keep_threshold = numerics::keep_threshold;
    std::map<std::string, OperatorNumbers, std::less<>> operators;
    std::map<std::string, std::string, std::less<>>
        provenance; ///< weights, calibration set, percentile, …

    /// \throws std::out_of_range, std::bad_variant_access: a network that was checked when it was
    /// read has them all
    template <typename Numbers>
    [[nodiscard]] const Numbers& at(const std::string& name) const
    {
        return std::get<Numbers>(operators.at(name));
    }
};

/// What of a model and a schedule has no integer inference, beside what has no inference at all;
/// empty: everything has. `package_token:
/// one_per_selector` is refused because the workload counts a package token of every selector, also
/// of one that prunes nothing and has none to append.
[[nodiscard]] std::vector<config::Violation>
unsupported_in_integers(const workload::Model& model, const workload::Schedule& schedule);

} // namespace heatsim::inference
