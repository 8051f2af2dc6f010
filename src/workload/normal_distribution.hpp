// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::workload {

/// P(X <= z) of a standard normal X.
[[nodiscard]] double normal_probability(double z);

/// The z with normal_probability(z) = p, relative error about 1e-16. \pre 0 < p < 1
///
/// Source: M. J. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution,
/// Applied Statistics 37 (1988) 477-484, routine PPND16.
[[nodiscard]] double normal_quantile(double p);

} // namespace heatsim::workload
