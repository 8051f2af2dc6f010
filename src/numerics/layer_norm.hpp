// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::numerics {

/// A number as LayerNorm's parameters lie in memory: mantissa / 2^exponent.
struct NormParameter {
    std::int8_t mantissa = 0;  ///< −127 to 127, in memory
    std::uint8_t exponent = 0; ///< 0 to 15, on chip
    [[nodiscard]] double value() const noexcept
    {
        return static_cast<double>(mantissa) / static_cast<double>(1U << exponent);
    }
};
/// The nearest one, halves away from zero, with the largest exponent at which the mantissa fits;
/// saturates at ±127. NaN is 0.
[[nodiscard]] NormParameter norm_parameter(double value) noexcept;

/// LayerNorm of int8 rows in integers, so that host and fabric give the same bits. Over a row of n
/// channels:
///     u_k = x_k · multiplier_k                              (the channels on one scale)
///     mean = round(Σ u / n),  d_k = u_k − mean
///     deviation = max(⌊√(⌊Σ d² / n⌋ + epsilon)⌋, 1)
///     z_k = round_shift(d_k · ⌊2^40 / deviation⌋, 24)       (16 fraction bits)
///     y_k = saturate_int8(round(z_k · scale_k + shift_k))   (31 fraction bits, halves up)
/// Σ u / n is rounded to nearest, halves away from zero. Rows have at most 4096 channels: no number
/// of a row then needs more than 58 bits.
struct LayerNormUnit {
    std::vector<std::int16_t> multipliers; ///< one per channel, 1 to 32767
    std::uint64_t epsilon = 0;             ///< in squared steps of u, at most 2^40
    std::vector<NormParameter> scale;      ///< γ_k / step of y
    std::vector<NormParameter> shift;      ///< β_k / step of y
    /// A row of the workload may be shorter than the multipliers (a selector's slices of a token,
    /// one per head): slice h takes the multipliers from h · n on, and all share scale and shift.
    [[nodiscard]] std::size_t channels() const noexcept { return scale.size(); }
};
/// One row. \param row n = unit.channels() numbers \param first_multiplier h · n of slice h, else 0
/// \param out n numbers; may be `row`
void layer_norm(const LayerNormUnit& unit,
                const std::int8_t* row,
                std::size_t first_multiplier,
                std::int8_t* out);

/// The unit whose multipliers are in proportion to the scales of the input's channels, the largest
/// 32767, a channel of less than half a step of u 1.
/// \param input_scales real value of one step, per channel (all slices) \param scale γ \param shift
/// β \param output_scale real value of one step of the result
/// \throws std::domain_error unless all scales are positive, input_scales a multiple of the others
/// in length and epsilon 0 to 2^40 squared steps of u
[[nodiscard]] LayerNormUnit layer_norm_unit(const std::vector<double>& input_scales,
                                            const std::vector<double>& scale,
                                            const std::vector<double>& shift,
                                            double epsilon,
                                            double output_scale);

} // namespace heatsim::numerics
