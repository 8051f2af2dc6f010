// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "inference/safetensors.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <cstddef>
#include <vector>

namespace heatsim::inference {

/// Dense layer: y = x·Wᵀ + bias.
struct FloatLinear {
    std::size_t heads = 1; ///< sets of weights, one per slice of a row; 1 where all slices share it
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::vector<float> weights; ///< [heads][outputs][inputs]
    std::vector<float> bias;    ///< [heads][outputs]
};

/// LayerNorm: y = (x − mean) / √(variance + epsilon)·scale + shift.
struct FloatNorm {
    std::vector<float> scale;
    std::vector<float> shift;
    float epsilon = 1e-6F;
};

struct FloatBlock {
    FloatNorm norm1;
    FloatLinear qkv; ///< outputs [3][heads][head_dim]: queries, keys, values
    FloatLinear proj;
    FloatNorm norm2;
    FloatLinear fc1;
    FloatLinear fc2;
};

/// Network of a token selector, as `workload::lower` makes operators of it.
struct FloatSelector {
    FloatNorm norm; ///< of a head's slice; empty where the schedule has none
    FloatLinear mlp1;
    FloatLinear mlp2_fc1;
    FloatLinear mlp2_fc2;
    FloatLinear mlp2_fc3; ///< two outputs: keep, prune
    FloatLinear mlp3_fc1;
    FloatLinear mlp3_fc2;
};

/// Weights of a trained network in 32-bit floats.
struct FloatNetwork {
    workload::Model model;
    workload::Schedule schedule;
    FloatLinear patch;               ///< inputs: kernel row, kernel column, image channel
    std::vector<float> class_tokens; ///< [class tokens][embed_dim]
    std::vector<float> positions;    ///< [tokens][embed_dim], class tokens first
    std::vector<FloatBlock> blocks;
    std::vector<FloatSelector> selectors; ///< in the order of the schedule's
    FloatNorm norm;
    FloatLinear head;
};

/// Takes a network out of a file. Names and shapes, D = embed_dim, d = head_dim, H = heads:
///
///     cls [1, class tokens, D], pos [1, tokens, D], patch [D, patch_size²·channels],
///     blocks.B.norm1 [D], .qkv [3D, D], .proj [D, D], .norm2 [D], .fc1 [mlp_hidden, D],
///     .fc2 [D, mlp_hidden], norm [D], head [classes, D],
///     selector.S.ln [d], .inp [d or d/2, d], .o1 [d/2, d], .o2 [d/4, d/2], .o3 [2, d/4],
///     .ha [max(H/2, 1), H], .hb [H, max(H/2, 1)]
///
/// each but the first two with `.weight` of that shape and `.bias` of its first number. B and S
/// count from 0. inp, o1, o2 and o3 of selectors with weights per head have H in front of both
/// shapes. \throws config::Error with every violation: what is unsupported, or tensors that are
/// missing, of another type or shape, not finite, or not of this network
[[nodiscard]] FloatNetwork float_network(const Safetensors& file,
                                         const workload::Model& model,
                                         const workload::Schedule& schedule);

} // namespace heatsim::inference
