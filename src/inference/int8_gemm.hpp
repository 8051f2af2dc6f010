// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

/// Exact products of int8 matrices on the host, on one thread.
namespace heatsim::inference {

/// c[i][j] = Σ_k a[i][k]·b[j][k], added to c[i][j] where `accumulate`: the rows of `b` are the
/// columns of the product. Sums that int32 holds are exact, in any order; others wrap.
/// \param a m rows of k numbers, `row_stride_a` apart; `b` n rows of k, `c` m rows of n likewise.
/// c overlaps neither
void multiply(const std::int8_t* a,
              std::size_t row_stride_a,
              const std::int8_t* b,
              std::size_t row_stride_b,
              std::int32_t* c,
              std::size_t row_stride_c,
              std::size_t m,
              std::size_t n,
              std::size_t k,
              bool accumulate);

/// Instructions that multiply() uses.
enum class Int8Instructions : std::uint8_t {
    Portable,
    Avx2,       ///< products of int16 pairs
    Avx512Vnni, ///< products of four bytes
};
/// Those that this machine has; multiply() takes the last of them.
[[nodiscard]] std::vector<Int8Instructions> int8_instructions();
/// multiply() with given ones. \pre this machine has them
void multiply_with(Int8Instructions instructions,
                   const std::int8_t* a,
                   std::size_t row_stride_a,
                   const std::int8_t* b,
                   std::size_t row_stride_b,
                   std::int32_t* c,
                   std::size_t row_stride_c,
                   std::size_t m,
                   std::size_t n,
                   std::size_t k,
                   bool accumulate);

} // namespace heatsim::inference
