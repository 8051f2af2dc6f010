// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

namespace heatsim::sweep {

/// A point in space and what was measured there.
struct Sample {
    const std::vector<double>* point = nullptr;
    double value = 0.0;
};

/// How far the weighted mean of the samples may be from the point, in each coordinate: rounding of
/// a linear program's arithmetic, not extrapolation.
inline constexpr double hull_tolerance = 1e-6;

/// Value at `point`, interpolated linearly on the Delaunay triangulation of the samples; nothing
/// outside their convex hull.
///
/// The weights w of the interpolant solve a linear program: minimize Σ w_i |x_i - x|² subject to
/// Σ w_i x_i = x, Σ w_i = 1, w ≥ 0. Its optimum is the lower hull of the points lifted to
/// (x, |x|²), whose faces are the triangulation (Edelsbrunner and Seidel, "Voronoi diagrams and
/// arrangements", 1986). Where samples lie on a common sphere the triangulation is not unique: the
/// lowest of the values that any of them gives is taken, so that the result does not depend on the
/// order of the samples.
/// \pre all points have as many coordinates as `point`
[[nodiscard]] std::optional<double> interpolate_in_hull(const std::vector<Sample>& samples,
                                                        const std::vector<double>& point);

} // namespace heatsim::sweep
