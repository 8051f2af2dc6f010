// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"
#include "system/gemm_shapes.hpp"
#include "system/validation.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heatsim::system {

/// Memories that the engine is compared behind, relative to a beat of its ports.
struct RtlMemory {
    std::string name;
    std::uint64_t latency_cycles = 0;
    double beats_per_cycle = 0.0; ///< all three ports together
};
[[nodiscard]] const std::vector<RtlMemory>& rtl_memories();

/// Where the RTL's cycles come from.
enum class RtlReference : std::uint8_t {
    Verilator, ///< built and run now
    Recorded,  ///< validation/rtl.csv, without Verilator; the simulation runs now
};

struct RtlValidationRequest {
    RtlReference reference = RtlReference::Verilator;
    /// Designs that rtl/engine.sv can be.
    std::vector<std::string> accelerators{"rtl_engine_16x16", "rtl_engine_32x32"};
    std::vector<Override> overrides; ///< of them; what is no parameter of the RTL changes the model
    std::vector<GemmShape> shapes = shipped_gemm_shapes(); ///< recorded: those shipped
    bool units = true; ///< nonlinear units and token selector, too
    /// Told what takes a while: compiling RTL, running it.
    std::function<void(const std::string&)> announce = [](const std::string&) {};
};

inline constexpr double rtl_mean_limit_percent = 1.0;
inline constexpr double rtl_worst_limit_percent = 3.0;

/// Builds and runs the RTL of every design behind every memory, and simulates the same descriptors.
/// \throws ToolError, config::Error
[[nodiscard]] ValidationTable validate_rtl(const RtlValidationRequest& request);

} // namespace heatsim::system
