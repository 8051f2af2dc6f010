// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/integer_network.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heatsim::inference {

/// A function of one int8 as the table of its 256 results: the same bits as the unit it was made
/// of. Unsigned results are the same bytes.
class ByteTable {
  public:
    explicit ByteTable(const Gelu& gelu);
    explicit ByteTable(const Sigmoid& sigmoid);

    [[nodiscard]] std::int8_t operator()(std::int8_t value) const noexcept
    {
        return results_[static_cast<std::uint8_t>(value)];
    }
    /// \param out `count` numbers; may be `values`
    void apply(const std::int8_t* values, std::size_t count, std::int8_t* out) const noexcept;

  private:
    std::array<std::int8_t, 256> results_{}; ///< by the input's byte
};

/// Softmax of rows of int8 with a table of the exponentials of the 256 distances that there are:
/// the same bits as numerics::softmax. Unsigned results are the same bytes.
class ByteSoftmax {
  public:
    explicit ByteSoftmax(const Softmax& softmax);

    /// \param out as many numbers as `row`; may be `row`
    void apply(const std::int8_t* row, std::size_t columns, std::int8_t* out) const noexcept;

  private:
    numerics::SoftmaxUnit unit_;
    std::array<std::uint32_t, 256> exponentials_{}; ///< by the distance to the row's maximum
};

} // namespace heatsim::inference
