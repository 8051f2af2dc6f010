// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::inference {

/// Which nonlinear functions a network computes with: exact ones or those of the fixed-point units
/// (numerics/nonlinear.hpp), in real numbers.
struct Functions {
    bool polynomial_gelu = false;
    bool polynomial_softmax = false;
    bool plan_sigmoid = false;
    double gelu_delta = 1.0;    ///< δ1, of selectors too
    double softmax_delta = 1.0; ///< δ2 of the attention; a selector's softmax has 1
};

} // namespace heatsim::inference
