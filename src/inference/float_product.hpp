// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

namespace heatsim::inference {

/// A matrix in memory: element (row, column) is at data[row·stride + column].
template <typename Element>
struct MatrixView {
    Element* data = nullptr;
    std::size_t stride = 0;
};

enum class Transposed : bool { No, Yes };

/// c[m][n] = factor·Σ_k a[m][k]·b[k][n] + keep·c[m][n], on one core: images are shared out among
/// processes. `Transposed::Yes`: b[n][k] is given instead.
///
/// By oneDNN, which makes code for the processor at hand: sums are in an order of its own, and the
/// last bits differ between processors. It is loaded with the first product: nothing else needs it.
/// \throws config::Error if it cannot be loaded
void multiply(std::size_t m,
              std::size_t n,
              std::size_t k,
              float factor,
              MatrixView<const float> a,
              MatrixView<const float> b,
              Transposed b_transposed,
              float keep,
              MatrixView<float> c);

} // namespace heatsim::inference
