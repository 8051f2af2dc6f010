// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace heatsim {

/// Smallest count of `step`-sized pieces that covers `value`; \pre step > 0.
[[nodiscard]] constexpr std::uint64_t ceil_div(std::uint64_t value, std::uint64_t step) noexcept
{
    return (value + step - 1) / step;
}

/// `value` rounded up to a multiple of `step`; \pre step > 0.
[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) noexcept
{
    return ceil_div(value, step) * step;
}

[[nodiscard]] constexpr bool is_power_of_two(std::uint64_t value) noexcept
{
    return value != 0 && (value & (value - 1)) == 0;
}

/// Smallest exponent whose power of two is not below `value`; at most 63.
[[nodiscard]] constexpr unsigned log2_ceil(std::uint64_t value) noexcept
{
    unsigned exponent = 0;
    while (exponent < 63 && (std::uint64_t{1} << exponent) < value)
        ++exponent;
    return exponent;
}

/// Number of the lowest bit that is set; \pre value != 0.
[[nodiscard]] inline unsigned lowest_bit(std::uint64_t value) noexcept
{
    return static_cast<unsigned>(__builtin_ctzll(value));
}

/// One clock domain. Time is kept in integer femtoseconds so that cycles are exact in every domain;
/// rounding the period to 1 fs shifts a 300 MHz clock by 1e-7, below any oscillator's tolerance.
class Clock {
  public:
    /// \pre frequency_mhz > 0
    explicit constexpr Clock(double frequency_mhz) noexcept
        : period_fs_{nearest(1e9 / frequency_mhz)}
    {}
    [[nodiscard]] static constexpr Clock from_period_fs(std::uint64_t period_fs) noexcept
    {
        Clock clock{1.0};
        clock.period_fs_ = period_fs;
        return clock;
    }
    [[nodiscard]] constexpr std::uint64_t period_fs() const noexcept { return period_fs_; }
    [[nodiscard]] constexpr std::uint64_t to_fs(std::uint64_t cycles) const noexcept
    {
        return cycles * period_fs_;
    }
    /// Completed cycles at `time_fs`.
    [[nodiscard]] constexpr std::uint64_t floor_cycles(std::uint64_t time_fs) const noexcept
    {
        return time_fs / period_fs_;
    }
    /// First clock edge not before `time_fs`, as a cycle number.
    [[nodiscard]] constexpr std::uint64_t ceil_cycles(std::uint64_t time_fs) const noexcept
    {
        return ceil_div(time_fs, period_fs_);
    }
    /// First clock edge not before `time_fs`, as a time.
    [[nodiscard]] constexpr std::uint64_t align_up_fs(std::uint64_t time_fs) const noexcept
    {
        return round_up(time_fs, period_fs_);
    }

  private:
    [[nodiscard]] static constexpr std::uint64_t nearest(double value) noexcept
    {
        const auto below = static_cast<std::uint64_t>(value);
        return value - static_cast<double>(below) >= 0.5 ? below + 1 : below;
    }

    std::uint64_t period_fs_;
};

} // namespace heatsim
