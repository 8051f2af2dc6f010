// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "numerics/fixed_point.hpp"

#include <cstdint>
#include <vector>

namespace heatsim::numerics {

/// δ1 of GELU and δ2 of softmax are counted in steps of 1/256: `delta` of 256 is 1.
constexpr unsigned delta_fraction = 8;
constexpr unsigned delta_one = 1U << delta_fraction;
constexpr unsigned delta_half = delta_one / 2; ///< the paper's value

/// What the nonlinear units compute in: 16 bits, 10 of them behind the point, ±32 in steps of
/// 1/1024. Inputs of fewer bits are widened to it; they have at most 10 fraction bits and lie
/// within ±32.
constexpr Format nonlinear_format{16, 10};

/// GELU(x) ≈ x/2·(1 + L(x/√2)), L(u) = sgn(u)·δ1·[a·(min(|u|, −b) + b)² + 1], a = −0.2888, b =
/// −1.769. Source: HeatViT (HPCA 2023); the polynomial is I-BERT's (ICML 2021), which is δ1 = 1.
struct GeluUnit {
    unsigned delta = delta_half; ///< δ1 · 256, at most 256
    Format input = nonlinear_format;
    Format output = nonlinear_format; ///< signed, saturates; at most 25 fraction bits
};
/// As rtl/gelu.sv: bit for bit. \param value code of unit.input
[[nodiscard]] std::int32_t gelu(const GeluUnit& unit, std::int32_t value) noexcept;

/// Result of exponential(): unsigned, 16 fraction bits, 0 to 1 + 2^-11.
constexpr Format exponential_format{17, 16};

/// e^−d ≈ (0.3585·(p + 1.353)² + 0.344) >> z with z = ⌊d/ln 2⌋ and p = z·ln 2 − d, as
/// rtl/exponential.sv: bit for bit. Source: HeatViT (HPCA 2023), I-BERT (ICML 2021).
/// \param distance d = maximum − x of a softmax row, 0 to 65535 in steps of 1/1024
[[nodiscard]] std::uint32_t exponential(std::uint32_t distance) noexcept;

/// softmax(x)_i ≈ δ2·exp(x_i − max x) / Σ_j exp(x_j − max x)
struct SoftmaxUnit {
    unsigned delta = delta_half; ///< δ2 · 256, at most 256
    Format input = nonlinear_format;
    Format output{8, 7}; ///< signed, saturates; at most 31 fraction bits
};
/// One row, as rtl/softmax.sv: bit for bit.
/// \param row 1 to 256 codes of unit.input; \return as many codes of unit.output
[[nodiscard]] std::vector<std::int32_t> softmax(const SoftmaxUnit& unit,
                                                const std::vector<std::int32_t>& row);

/// What softmax() multiplies the exponentials of a row by: ⌊δ2·2^42 / sum⌋.
/// \param sum of the exponentials, above 2^16: that of the row's maximum is
[[nodiscard]] std::uint32_t softmax_reciprocal(const SoftmaxUnit& unit, std::uint64_t sum) noexcept;
constexpr unsigned softmax_reciprocal_fraction = 42;

/// One result of softmax(), of its exponential and the row's reciprocal: a code of unit.output.
[[nodiscard]] constexpr std::int32_t
softmax_share(const SoftmaxUnit& unit, std::uint32_t exponential, std::uint32_t reciprocal) noexcept
{
    return static_cast<std::int32_t>(
        saturate_signed(round_shift(std::int64_t{exponential} * reciprocal,
                                    softmax_reciprocal_fraction - unit.output.fraction),
                        unit.output));
}

/// 1 / (1 + e^−x) by the piecewise linear PLAN: slopes 1/4, 1/8, 1/32, 0 for |x| from 0,
/// 1, 2.375, 5. Source: Amin, Curtis, Hayes-Gill, IEE Proceedings 1997.
struct SigmoidUnit {
    Format input = nonlinear_format;
    Format output{16,
                  15}; ///< unsigned, saturates; at most 15 fraction bits, with which it is exact
};
/// As rtl/sigmoid.sv: bit for bit. \param value code of unit.input
[[nodiscard]] std::uint32_t sigmoid(const SigmoidUnit& unit, std::int32_t value) noexcept;

} // namespace heatsim::numerics
