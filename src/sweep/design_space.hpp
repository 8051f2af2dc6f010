// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "sweep/expression.hpp"
#include "sweep/result_store.hpp"
#include "sweep/space_config.hpp"
#include "system/catalog.hpp"
#include "system/content_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::sweep {

/// A design point: which value each dimension has, from 0.
using Point = std::vector<std::uint32_t>;

/// Numbers of a point by name: axes, derived ones, metrics. Those that are not known are not there.
using Numbers = std::map<std::string, double>;

/// One axis with its values.
struct Axis {
    std::string name;
    std::string key;
    std::size_t dimension = 0;                  ///< linked axes share one
    std::vector<std::string> values;            ///< as they are written
    std::vector<std::optional<double>> numbers; ///< of the values; nothing for words
    std::vector<config::Location> where;        ///< of each value
};

struct Derived {
    std::string name;
    std::string key; ///< empty: none
    Expression value;
    config::Location where;
};

/// What has to be known of a point to check a constraint.
enum class KnownFrom : std::uint8_t {
    Inputs, ///< axes and derived numbers
    Setup,  ///< also resources and accuracy, which need its configuration
    Result, ///< also the results of its simulation
};

struct Constraint {
    std::string text;
    Expression holds;
    KnownFrom known_from = KnownFrom::Result;
};

struct Objective {
    std::string name;
    bool maximize = false;
    /// The smaller the better.
    [[nodiscard]] double cost(double value) const { return maximize ? -value : value; }
};

/// What a command line changes in a space: keys of its file, as `--set` of the other commands.
struct SpaceRequest {
    std::string space; ///< name of a shipped space, or path
    std::vector<system::Override> overrides;
    /// Names that a simulated point has a number of, beside those in `static_numbers`.
    std::vector<std::string> metrics;
};

/// How expressions get their numbers.
[[nodiscard]] inline auto lookup_in(const Numbers& numbers)
{
    return [&numbers](const std::string& name) -> std::optional<double> {
        const auto found = numbers.find(name);
        return found == numbers.end() ? std::nullopt : std::optional{found->second};
    };
}

/// Top-1 accuracy from the space's accuracy table.
inline constexpr const char* accuracy_number = "accuracy.top1_percent";

/// Numbers that are known before a point is simulated, beside its axes: resources and accuracy.
[[nodiscard]] const std::vector<std::string>& static_numbers();

/// Which points there are, and what is wanted of them.
class DesignSpace {
  public:
    /// Reads a space and checks it whole, every value of every axis against the key it is for.
    /// \throws config::Error with all violations
    [[nodiscard]] static DesignSpace load(const SpaceRequest& request);

    [[nodiscard]] const SpaceConfig& config() const noexcept { return config_; }
    [[nodiscard]] const std::vector<Axis>& axes() const noexcept { return axes_; }
    [[nodiscard]] const std::vector<Derived>& derived() const noexcept { return derived_; }
    [[nodiscard]] const std::vector<Constraint>& constraints() const noexcept
    {
        return constraints_;
    }
    [[nodiscard]] const std::vector<Objective>& objectives() const noexcept { return objectives_; }

    /// Values of each dimension.
    [[nodiscard]] const std::vector<std::uint32_t>& dimensions() const noexcept
    {
        return dimensions_;
    }
    /// Points of the whole grid.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// A point's number on the grid, the last dimension fastest.
    [[nodiscard]] std::uint64_t number_of(const Point& point) const;
    [[nodiscard]] Point point_of(std::uint64_t number) const;

    /// The value of an axis at a point, as it is written.
    [[nodiscard]] const std::string& value(const Axis& axis, const Point& point) const
    {
        return axis.values[point[axis.dimension]];
    }
    /// Numbers of the axes and the derived ones.
    [[nodiscard]] Numbers numbers(const Point& point) const;
    /// What `heatsim run` is asked for at a point.
    [[nodiscard]] system::RunRequest request(const Point& point, const Numbers& numbers) const;
    /// What of a run all points have in common; empty where no run of `heatsim run` simulates a
    /// point.
    [[nodiscard]] std::vector<RunSetting> settings() const;
    /// First of the constraints that can be checked with what is known which the numbers do not
    /// keep; null if all are kept. A constraint over a number that is not there is not kept.
    [[nodiscard]] const Constraint* violated(const Numbers& numbers, KnownFrom known) const;

    /// Everything that decides which points there are and what is stored of them, as text.
    [[nodiscard]] std::string identity() const;

  private:
    DesignSpace() = default;
    friend class SpaceLoader;

    SpaceConfig config_;
    std::vector<Axis> axes_;
    std::vector<Derived> derived_;
    std::vector<Constraint> constraints_;
    std::vector<Objective> objectives_;
    std::vector<std::uint32_t> dimensions_;
    std::uint64_t size_ = 0;
    system::ContentHash config_hash_; ///< of the files behind the names
};

} // namespace heatsim::sweep
