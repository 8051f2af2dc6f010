// SPDX-License-Identifier: Apache-2.0
#include "inference/byte_table.hpp"

#include <algorithm>

namespace heatsim::inference {

namespace {

constexpr std::int32_t codes = 256;

std::int8_t signed_code(std::size_t byte)
{
    return static_cast<std::int8_t>(static_cast<std::uint8_t>(byte));
}

} // namespace

ByteTable::ByteTable(const Gelu& gelu)
{
    for (std::size_t byte = 0; byte < results_.size(); ++byte)
        results_[byte] = numerics::requantize(numerics::gelu(gelu.unit, signed_code(byte)),
                                              gelu.requantize.multiplier, gelu.requantize.shift);
}

ByteTable::ByteTable(const Sigmoid& sigmoid)
{
    for (std::size_t byte = 0; byte < results_.size(); ++byte)
        results_[byte] = signed_code(numerics::sigmoid(sigmoid.unit, signed_code(byte)));
}

void ByteTable::apply(const std::int8_t* values, std::size_t count, std::int8_t* out) const noexcept
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = (*this)(values[i]);
}

ByteSoftmax::ByteSoftmax(const Softmax& softmax)
    : unit_{softmax.unit}
{
    const auto step = 1U << (numerics::nonlinear_format.fraction - unit_.input.fraction);
    for (std::uint32_t distance = 0; distance < codes; ++distance)
        exponentials_[distance] = numerics::exponential(distance * step);
}

void ByteSoftmax::apply(const std::int8_t* row,
                        std::size_t columns,
                        std::int8_t* out) const noexcept
{
    if (columns == 0)
        return;
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

} // namespace heatsim::inference
