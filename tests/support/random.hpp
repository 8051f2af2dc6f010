// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace heatsim::test {

/// SplitMix64: the same sequence for the same seed on every machine and library, unlike the
/// distributions of <random>. Source: Steele, Lea, Flood, OOPSLA 2014.
class Random {
  public:
    explicit Random(std::uint64_t seed)
        : state_{seed}
    {}
    std::uint64_t next()
    {
        state_ += 0x9E3779B97F4A7C15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    /// An integer from `least` to `most`, both included.
    std::uint64_t between(std::uint64_t least, std::uint64_t most)
    {
        return least + next() % (most - least + 1);
    }
    bool chance(std::uint64_t percent) { return between(1, 100) <= percent; }
    template <typename T>
    T pick(std::initializer_list<T> values)
    {
        return *(values.begin() + static_cast<std::ptrdiff_t>(next() % values.size()));
    }

  private:
    std::uint64_t state_;
};

} // namespace heatsim::test
