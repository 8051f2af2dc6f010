// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/validation.hpp"

namespace heatsim::system {

/// Systolic arrays beside SCALE-Sim's closed forms (validation/peer_gemm_cycles.csv). Exact.
[[nodiscard]] ValidationTable validate_peers();

/// A block of DeiT-T beside an independent RTL (validation/heatvit_rtl_xc7k325t.csv).
[[nodiscard]] ValidationTable validate_heatvit_rtl();

} // namespace heatsim::system
