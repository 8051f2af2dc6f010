// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace heatsim::bench {

/// Registers the benchmarks of whole sweeps.
void register_sweep_benchmarks();

} // namespace heatsim::bench
