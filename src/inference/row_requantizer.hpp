// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "numerics/requantize.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatsim::inference {

/// Requantization of rows of sums, each column with its bias and scale: the same bits as
/// numerics::requantize(sum + bias, …), many columns at a time.
class RowRequantizer {
  public:
    /// \param bias one per column, added to the sums \param scales as many
    RowRequantizer(const std::int32_t* bias,
                   const numerics::RequantizeScale* scales,
                   std::size_t columns);
    /// Without bias, every column by one scale.
    RowRequantizer(numerics::RequantizeScale scale, std::size_t columns);

    /// One row. \param sums as many as there are columns, like `out`
    void apply(const std::int32_t* sums, std::int8_t* out) const;

  private:
    std::vector<std::int32_t> bias_;
    std::vector<std::int32_t> multipliers_;
    std::vector<std::int64_t> halves_; ///< 2^(shift − 1)
    std::vector<std::int64_t> shifts_;
};

} // namespace heatsim::inference
