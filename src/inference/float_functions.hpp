// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/functions.hpp"

#include <cstddef>

/// The functions of numerics/exact.hpp for many 32-bit floats at once, in place. They are written
/// so that compilers make vector code of them: a network calls them millions of times an image.
namespace heatsim::inference {

/// Within 3·10^-7·max(1, |x|) of numerics::gelu_exact or gelu_polynomial.
void gelu(const Functions& functions, float* values, std::size_t count);

/// One row, `delta` times its softmax. Within 10^-6 of numerics::softmax_exact or
/// softmax_polynomial. \pre count >= 1
void softmax(const Functions& functions, double delta, float* row, std::size_t count);

void sigmoid(const Functions& functions, float* values, std::size_t count);

} // namespace heatsim::inference
