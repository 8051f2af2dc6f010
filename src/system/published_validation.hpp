// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"
#include "system/reference_table.hpp"
#include "system/validation.hpp"

#include <optional>
#include <string>

namespace heatsim::system {

/// A published figure: a number, or a range that is met inside it.
struct PublishedFigure {
    double low = 0.0;
    double high = 0.0;
    std::string remark; ///< what stands behind it in brackets, e.g. `board`

    [[nodiscard]] bool is_range() const { return low != high; }
    /// The figure, or the point of the range that is nearest to `value`.
    [[nodiscard]] double nearest(double value) const;
};
/// Reads `11.14`, `29.6 (board)`, `3.46 to 4.89`, `+8% to +11%`; nothing of an empty field.
/// \pre anything else is none of them
[[nodiscard]] std::optional<PublishedFigure> published_figure(const std::string& text);

/// FPGA resources of a whole design: `dsp` and `bram36` of the chip, `lut` what designs of so many
/// DSP slices take, infrastructure included. None: another quantity.
[[nodiscard]] std::optional<double> published_resource(const Design& design,
                                                       const std::string& quantity);

/// By how much the token selector adds to the chip's `dsp`, `lut` or `bram36`.
[[nodiscard]] std::optional<double> selector_overhead_percent(const Design& design,
                                                              const std::string& quantity);

/// Published boards beside the accelerators of configs/ that stand for them
/// (validation/published.csv). Designs without one, and quantities without an estimate, are listed
/// as not validated. Has no checks: nothing is expected of it.
[[nodiscard]] ValidationTable validate_published();

} // namespace heatsim::system
