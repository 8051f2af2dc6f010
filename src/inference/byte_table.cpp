// SPDX-License-Identifier: Apache-2.0
#include "inference/byte_table.hpp"

#include "numerics/exact.hpp"

#include <algorithm>
#include <cmath>

namespace heatsim::inference {

namespace {

constexpr std::int32_t codes = 256;

std::int8_t signed_code(std::size_t byte)
{
    return static_cast<std::int8_t>(static_cast<std::uint8_t>(byte));
}

double real_delta(unsigned delta)
{
    return static_cast<double>(delta) / numerics::delta_one;
}

std::int32_t exact_gelu(const numerics::GeluUnit& unit, std::int8_t code)
{
    const auto exact =
        numerics::gelu_exact(numerics::to_real(code, unit.input), real_delta(unit.delta));
    return static_cast<std::int32_t>(numerics::quantize(exact, unit.output));
}

std::uint32_t exact_sigmoid(const numerics::SigmoidUnit& unit, std::int8_t code)
{
    const auto exact = numerics::sigmoid_exact(numerics::to_real(code, unit.input));
    return static_cast<std::uint32_t>(
        numerics::saturate_unsigned(std::llround(exact / unit.output.step()), unit.output));
}

} // namespace

ByteTable::ByteTable(const Gelu& gelu, bool exact)
{
    for (std::size_t byte = 0; byte < results_.size(); ++byte) {
        const auto code = signed_code(byte);
        results_[byte] = numerics::requantize(exact ? exact_gelu(gelu.unit, code)
                                                    : numerics::gelu(gelu.unit, code),
                                              gelu.requantize.multiplier, gelu.requantize.shift);
    }
}

ByteTable::ByteTable(const Sigmoid& sigmoid, bool exact)
{
    for (std::size_t byte = 0; byte < results_.size(); ++byte) {
        const auto code = signed_code(byte);
        results_[byte] = signed_code(exact ? exact_sigmoid(sigmoid.unit, code)
                                           : numerics::sigmoid(sigmoid.unit, code));
    }
}

void ByteTable::apply(const std::int8_t* values, std::size_t count, std::int8_t* out) const noexcept
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = (*this)(values[i]);
}

ByteSoftmax::ByteSoftmax(const Softmax& softmax, bool exact)
    : unit_{softmax.unit}
    , exact_{exact}
{
    const auto step = 1U << (numerics::nonlinear_format.fraction - unit_.input.fraction);
    for (std::uint32_t distance = 0; distance < codes; ++distance) {
        exponentials_[distance] = numerics::exponential(distance * step);
        exact_exponentials_[distance] = std::exp(-unit_.input.step() * distance);
    }
}

void ByteSoftmax::apply(const std::int8_t* row,
                        std::size_t columns,
                        std::int8_t* out) const noexcept
{
    if (columns == 0)
        return;
    if (exact_) {
        apply_exact(row, columns, out);
        return;
    }
    const auto maximum = std::int32_t{*std::max_element(row, row + columns)};
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < columns; ++i)
        sum += exponentials_[static_cast<std::size_t>(maximum - row[i])];
    const auto reciprocal = numerics::softmax_reciprocal(unit_, sum);
    for (std::size_t i = 0; i < columns; ++i) {
        const auto exponential = exponentials_[static_cast<std::size_t>(maximum - row[i])];
        out[i] = static_cast<std::int8_t>(numerics::softmax_share(unit_, exponential, reciprocal));
    }
}

void ByteSoftmax::apply_exact(const std::int8_t* row,
                              std::size_t columns,
                              std::int8_t* out) const noexcept
{
    const auto maximum = std::int32_t{*std::max_element(row, row + columns)};
    double sum = 0.0;
    for (std::size_t i = 0; i < columns; ++i)
        sum += exact_exponentials_[static_cast<std::size_t>(maximum - row[i])];
    const auto factor = real_delta(unit_.delta) / sum;
    for (std::size_t i = 0; i < columns; ++i) {
        const auto share = exact_exponentials_[static_cast<std::size_t>(maximum - row[i])] * factor;
        out[i] = static_cast<std::int8_t>(numerics::quantize(share, unit_.output));
    }
}

} // namespace heatsim::inference
