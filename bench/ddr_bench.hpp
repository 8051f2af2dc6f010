// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::bench {

/// Registers the benchmarks of the memory by itself.
void register_ddr_benchmarks();

} // namespace heatsim::bench
