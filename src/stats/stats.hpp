// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::stats {

enum class Unit : std::uint8_t { Count, Cycle, Byte };
[[nodiscard]] const char* name(Unit unit) noexcept;

/// How the images of a run are put together.
enum class Merge : std::uint8_t { Sum, Maximum };

class Counter;

/// Owner of the name, unit and description of every statistic of one module.
/// Counters attach themselves; the group does not own their storage.
class Group {
  public:
    explicit Group(std::string path)
        : path_{std::move(path)}
    {}
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    void attach(Counter& counter) { counters_.push_back(&counter); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const std::vector<Counter*>& counters() const noexcept { return counters_; }
    /// Sets every counter to zero (start of an image).
    void reset();

  private:
    std::string path_;
    std::vector<Counter*> counters_;
};

/// Monotonic 64-bit count with a unit and a description.
class Counter {
  public:
    Counter(Group& group,
            std::string name,
            Unit unit,
            std::string description,
            Merge merge = Merge::Sum)
        : name_{std::move(name)}
        , description_{std::move(description)}
        , unit_{unit}
        , merge_{merge}
    {
        group.attach(*this);
    }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    Counter& operator+=(std::uint64_t n) noexcept
    {
        value_ += n;
        return *this;
    }
    Counter& operator++() noexcept { return *this += 1; }
    void reset() noexcept { value_ = 0; }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& description() const noexcept { return description_; }
    [[nodiscard]] Unit unit() const noexcept { return unit_; }
    [[nodiscard]] Merge merge() const noexcept { return merge_; }

  private:
    std::string name_;
    std::string description_;
    Unit unit_;
    Merge merge_;
    std::uint64_t value_ = 0;
};

/// One counter of a finished run, put together over its images.
struct Sample {
    std::string path; ///< `chip.dma_hp0.read_bursts`
    Unit unit = Unit::Count;
    std::string description;
    std::uint64_t value = 0;
};

} // namespace heatsim::stats
