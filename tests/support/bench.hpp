// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

#include <cstdint>
#include <functional>

namespace heatsim::test {

/// Femtoseconds of `ns` nanoseconds.
[[nodiscard]] constexpr std::uint64_t ns(std::uint64_t nanoseconds)
{
    return nanoseconds * 1000000U;
}

/// Sets the kernel's resolution to 1 fs: to be called before any module is made.
void use_femtoseconds();

/// Runs a test body in an SC_THREAD. \pre every module of the bench is made and bound
///
/// Fails the test if the body does not reach its end (a hung body would pass silently) and on every
/// SystemC warning. One call per process: SystemC elaborates once.
void run_bench(const std::function<void()>& body);

/// Waits, in the body, until the absolute time `time_fs`; returns at once if it has passed.
void wait_until(std::uint64_t time_fs);

} // namespace heatsim::test
