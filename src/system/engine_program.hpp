// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/accelerator.hpp"
#include "workload/operators.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

/// A parameter of the RTL and its value.
using RtlParameter = std::pair<std::string, std::uint64_t>;

/// Parameters of rtl/engine.sv that make it the engine of this design. \throws config::Error: all
/// that the RTL does not have (another array, ports shared by streams, a loader without bursts, …)
[[nodiscard]] std::vector<RtlParameter> engine_parameters(const Accelerator& accelerator);

/// A GEMM as the engine stores it: channels padded to what the array takes at once.
/// \param n output channels, of each of the `batch` heads
[[nodiscard]] workload::Workload padded_gemm(const Accelerator& accelerator,
                                             std::uint64_t m,
                                             std::uint64_t k,
                                             std::uint64_t n,
                                             std::uint64_t batch);

/// First lines of what rtl/harness/engine_harness.cpp reads: the engine, and its memory.
[[nodiscard]] std::string engine_preamble(const Accelerator& accelerator);

/// The tile descriptors that the controller of this design works off for a GEMM, in the form that
/// rtl/harness/engine_harness.cpp reads. \pre engine_parameters() does not throw; `gemm` is a
/// padded_gemm()
[[nodiscard]] std::string engine_program(const Accelerator& accelerator,
                                         const std::string& name,
                                         const workload::Workload& gemm);

} // namespace heatsim::system
