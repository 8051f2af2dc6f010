// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"
#include "tlm/array_cause.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace heatsim::channel {

/// Units that work on operators.
enum class Worker : std::uint8_t { Array, VectorUnit, TokenSelector, Host };
inline constexpr std::array<config::EnumName<Worker>, 4> worker_names{{
    {Worker::Array, "gemm_array"},
    {Worker::VectorUnit, "vector_unit"},
    {Worker::TokenSelector, "token_selector"},
    {Worker::Host, "host"},
}};

/// What one operator of one image cost, or their sum over images. The operators' `cycles` partition
/// the image's: each cycle belongs to the operator the controller worked on. Cycles are fabric
/// clock cycles from the image's start.
struct OperatorCost {
    std::uint64_t start_cycle = 0;
    std::uint64_t end_cycle = 0;
    CauseCycles cycles_by_cause{};  ///< of the array, between start and end
    std::uint64_t unit_cycles = 0;  ///< cycles its own unit worked on it (array: busy)
    std::uint64_t input_bytes = 0;  ///< read from external memory as input
    std::uint64_t weight_bytes = 0; ///< read from external memory as weights (or K, V)
    std::uint64_t output_bytes = 0; ///< written to external memory

    [[nodiscard]] std::uint64_t cycles() const { return end_cycle - start_cycle; }
    OperatorCost& operator+=(const OperatorCost& other)
    {
        start_cycle += other.start_cycle;
        end_cycle += other.end_cycle;
        for (std::size_t i = 0; i < array_causes; ++i)
            cycles_by_cause[i] += other.cycles_by_cause[i];
        unit_cycles += other.unit_cycles;
        input_bytes += other.input_bytes;
        weight_bytes += other.weight_bytes;
        output_bytes += other.output_bytes;
        return *this;
    }
};

} // namespace heatsim::channel
