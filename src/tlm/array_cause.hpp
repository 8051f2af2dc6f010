// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heatsim::channel {

/// What the GEMM array does in a cycle. Every cycle of a run has exactly one cause.
enum class ArrayCause : std::uint8_t {
    Busy,         ///< a row of a tile enters
    FillDrain,    ///< pipeline fill, drain, tile switch
    WaitInput,    ///< input tile not loaded yet
    WaitWeights,  ///< weight tile not loaded yet
    WaitOutput,   ///< no accumulator or output slot free, or results still on their way to memory
    WaitVector,   ///< a nonlinear unit works on what the array needs next
    WaitSelector, ///< the token selector's control logic works
    WaitHost,     ///< the host CPU works, interrupts included
    Control,      ///< operator set-up
};
inline constexpr std::size_t array_causes = 9;
inline constexpr std::array<config::EnumName<ArrayCause>, array_causes> array_cause_names{{
    {ArrayCause::Busy, "busy"},
    {ArrayCause::FillDrain, "fill_drain"},
    {ArrayCause::WaitInput, "wait_input"},
    {ArrayCause::WaitWeights, "wait_weights"},
    {ArrayCause::WaitOutput, "wait_output"},
    {ArrayCause::WaitVector, "wait_vector"},
    {ArrayCause::WaitSelector, "wait_selector"},
    {ArrayCause::WaitHost, "wait_host"},
    {ArrayCause::Control, "control"},
}};

using CauseCycles = std::array<std::uint64_t, array_causes>;

} // namespace heatsim::channel
