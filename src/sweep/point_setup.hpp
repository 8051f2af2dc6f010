// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sweep/accuracy_table.hpp"
#include "sweep/design_space.hpp"
#include "system/catalog.hpp"

#include <map>
#include <optional>
#include <string>

namespace heatsim::sweep {

/// A point as far as it is known without a simulation.
struct PreparedPoint {
    Numbers numbers; ///< axes, derived ones and `static_numbers`, as far as they are known
    /// What to simulate; nothing where the point is rejected.
    std::optional<system::RunSetup> setup;
    std::string rejected;      ///< why; empty if it is not
    std::string configuration; ///< hash of the resolved configuration; empty where it is none
    std::string evaluation;    ///< hash of everything the result of the simulation depends on
};

/// Resolves the points of a space: configuration, token counts, resources, accuracy.
class PointPreparer {
  public:
    /// Reads what all points share. \throws config::Error
    explicit PointPreparer(const DesignSpace& space);

    /// A point that no configuration allows, that does not fit on its board or violates a static
    /// constraint is rejected.
    [[nodiscard]] PreparedPoint prepare(const Point& point) const;

  private:
    void add_resources(PreparedPoint& prepared) const;
    void resample(system::RunSetup& setup) const;

    const DesignSpace& space_;
    std::optional<AccuracyTable> accuracy_;
    std::optional<workload::TokenTrace> recorded_; ///< of `base.resample`
};

} // namespace heatsim::sweep
