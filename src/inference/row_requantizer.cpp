// SPDX-License-Identifier: Apache-2.0
#include "inference/row_requantizer.hpp"

#include <algorithm>

namespace heatsim::inference {

namespace {

/// Columns of a requantizer.
struct Columns {
    const std::int32_t* bias;
    const std::int32_t* multipliers;
    const std::int64_t* halves;
    const std::int64_t* shifts;
    std::size_t count;
};

/// numerics::requantize() with its shift in two parts and one type per operand, so that compilers
/// make vectors of it.
/// \param columns a copy: `out` is of a character type, which may alias all that is not local
__attribute__((always_inline)) inline void
requantize_row(Columns columns, const std::int32_t* sums, std::int8_t* __restrict out)
{
    constexpr unsigned ignored_bits = 32 - numerics::accumulator_bits;
    for (std::size_t j = 0; j < columns.count; ++j) {
        const auto sum =
            static_cast<std::uint32_t>(sums[j]) + static_cast<std::uint32_t>(columns.bias[j]);
        const auto operand = static_cast<std::int32_t>(sum << ignored_bits) >> ignored_bits;
        const auto product = std::int64_t{operand} * std::int64_t{columns.multipliers[j]};
        const auto rounded = (product + columns.halves[j]) >> columns.shifts[j];
        out[j] = static_cast<std::int8_t>(
            std::min(std::max(rounded, std::int64_t{-128}), std::int64_t{127}));
    }
}

void requantize_portable(const Columns& columns, const std::int32_t* sums, std::int8_t* out)
{
    requantize_row(columns, sums, out);
}

#if defined(__x86_64__)
/// Shifts of 64-bit numbers by different distances are one instruction from AVX-512 on.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) void
requantize_avx512(const Columns& columns, const std::int32_t* sums, std::int8_t* out)
{
    requantize_row(columns, sums, out);
}

bool has_avx512()
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

} // namespace

RowRequantizer::RowRequantizer(const std::int32_t* bias,
                               const numerics::RequantizeScale* scales,
                               std::size_t columns)
    : bias_(bias, bias + columns)
{
    multipliers_.reserve(columns);
    halves_.reserve(columns);
    shifts_.reserve(columns);
    for (std::size_t j = 0; j < columns; ++j) {
        multipliers_.push_back(scales[j].multiplier);
        halves_.push_back(std::int64_t{1} << (scales[j].shift - 1));
        shifts_.push_back(scales[j].shift);
    }
}

RowRequantizer::RowRequantizer(numerics::RequantizeScale scale, std::size_t columns)
    : bias_(columns, 0)
    , multipliers_(columns, scale.multiplier)
    , halves_(columns, std::int64_t{1} << (scale.shift - 1))
    , shifts_(columns, scale.shift)
{}

void RowRequantizer::apply(const std::int32_t* sums, std::int8_t* out) const
{
    const Columns columns{bias_.data(), multipliers_.data(), halves_.data(), shifts_.data(),
                          bias_.size()};
#if defined(__x86_64__)
    static const bool vectors = has_avx512();
    if (vectors)
        return requantize_avx512(columns, sums, out);
#endif
    requantize_portable(columns, sums, out);
}

} // namespace heatsim::inference
