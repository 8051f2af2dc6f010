// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>

namespace heatsim::stats {

/// Sum of real numbers that does not depend on their order: what many processes count comes out the
/// same bytes however the work is split between them, which a sum of `double` does not.
///
/// A fixed-point number of 64 integer and 64 fraction bits. A term is exact if it is 2⁻¹² or more
/// (53 bits from there reach down to 2⁻⁶⁴), so the sum of one such term is that term. Trivially
/// copyable.
class ExactSum {
  public:
    /// Adds a term `times` times. \pre 0 ≤ value, and the sum stays below 2⁶⁴
    void add(double value, std::uint64_t times = 1)
    {
        fixed_ += static_cast<Fixed>(std::ldexp(value, fraction_bits)) * times;
    }
    ExactSum& operator+=(const ExactSum& other)
    {
        fixed_ += other.fixed_;
        return *this;
    }
    /// Rounded once, to the nearest.
    [[nodiscard]] double value() const
    {
        return std::ldexp(static_cast<double>(fixed_), -fraction_bits);
    }

  private:
    static constexpr int fraction_bits = 64;
    __extension__ typedef unsigned __int128 Fixed; // NOLINT(modernize-use-using): an extension

    Fixed fixed_ = 0;
};

} // namespace heatsim::stats
