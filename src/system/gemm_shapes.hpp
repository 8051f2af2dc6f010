// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::system {

/// C[M,N] = A[M,K]·B[K,N].
struct GemmShape {
    std::string name;
    std::uint64_t m = 0;
    std::uint64_t n = 0;
    std::uint64_t k = 0;

    [[nodiscard]] std::uint64_t macs() const { return m * n * k; }
};

/// SCALE-Sim's GEMM form: a header `Layer,M,N,K,`, then a line for each GEMM; lines that start with
/// # are comments, the comma at a line's end is optional. M and N are at most 65535, K 4096.
/// \throws config::Error: a file that cannot be read, another header, fields that do not parse or
///         are out of range, a name twice, no GEMM at all
[[nodiscard]] std::vector<GemmShape> read_gemm_shapes(const std::string& path);
/// The list that the executable carries. Nothing was chosen with it.
[[nodiscard]] std::vector<GemmShape> shipped_gemm_shapes();
/// Those of them that an RTL simulation runs in a moment.
[[nodiscard]] std::vector<GemmShape> small_gemm_shapes();

} // namespace heatsim::system
