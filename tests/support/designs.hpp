// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/random.hpp"
#include "system/catalog.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::test {

/// A random design, small network, pruning schedule and a few images: every structural parameter
/// varies, and the configuration's own rules hold (`broken_rules` finds none).
[[nodiscard]] system::RunSetup random_setup(std::uint64_t seed);

/// Token counts of one image that a trained selector could have produced.
[[nodiscard]] workload::TokenCounts
random_counts(const workload::Schedule& schedule, const workload::Model& model, Random& random);

/// Shipped files with keys replaced, as on the command line.
[[nodiscard]] system::RunSetup shipped_setup(const std::string& accelerator,
                                             const std::string& model,
                                             const std::string& schedule,
                                             const std::vector<system::Override>& overrides = {});

} // namespace heatsim::test
