// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "inference/integer_network.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heatsim::inference {

/// Units that compute their function exactly, rounded to their formats, instead of by polynomials
/// and lines. For studies of what the approximation costs: no unit of the hardware does.
struct ExactUnits {
    bool gelu = false;
    bool softmax = false;
    bool sigmoid = false;
};

/// A function of one int8 as the table of its 256 results: the same bits as the unit it was made
/// of. Unsigned results are the same bytes.
class ByteTable {
  public:
    /// \param exact x/2·(1 + δ1·erf(x/√2)), to the nearest number of the unit's output format
    explicit ByteTable(const Gelu& gelu, bool exact = false);
    /// \param exact 1/(1 + e^−x), likewise
    explicit ByteTable(const Sigmoid& sigmoid, bool exact = false);

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
    /// \param exact δ2·softmax, to the nearest number of the unit's output format
    explicit ByteSoftmax(const Softmax& softmax, bool exact = false);

    /// \param out as many numbers as `row`; may be `row`
    void apply(const std::int8_t* row, std::size_t columns, std::int8_t* out) const noexcept;

  private:
    void apply_exact(const std::int8_t* row, std::size_t columns, std::int8_t* out) const noexcept;

    numerics::SoftmaxUnit unit_;
    bool exact_;
    std::array<std::uint32_t, 256> exponentials_{}; ///< by the distance to the row's maximum
    std::array<double, 256> exact_exponentials_{};  ///< likewise
};

} // namespace heatsim::inference
