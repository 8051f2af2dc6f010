// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::bench {

/// Registers the benchmarks of runs over a whole test set.
void register_test_set_benchmarks();

} // namespace heatsim::bench
