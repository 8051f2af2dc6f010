// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/visitor.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/// A design space as its file states it.
namespace heatsim::sweep {

/// What all points of a space have in common.
struct BaseConfig {
    std::string model = "deit_t";
    std::string schedule; ///< empty: the trace's, or the model's default
    std::string accelerator = "heatvit_int8_zcu102";
    std::string energy; ///< empty: the accelerator's, or the board's
    std::string trace;  ///< empty: token counts from the schedule
    /// Recorded trace whose images are adapted to each point's keep ratios; empty: none.
    std::string resample;
    std::string accuracy;        ///< accuracy table; empty: none
    std::uint64_t images = 0;    ///< 0: all of the trace, or one
    std::uint64_t batch = 1;     ///< images executed together
    bool allow_oversize = false; ///< whether a design may be larger than its board
};

/// A key of the base that is changed in all points.
struct SettingConfig {
    std::string key;
    std::string value;
};

/// Values from `from` to `to`, both included, `step` apart.
struct RangeConfig {
    double from = 0.0;
    double to = 0.0;
    double step = 0.0; ///< 0: the range is not given
};

/// `count` values from `from` to `to`, both included, in equal ratios.
struct LogRangeConfig {
    double from = 0.0;
    double to = 0.0;
    std::uint64_t count = 0; ///< 0: the range is not given
    bool whole = false;      ///< rounded to whole numbers, each once
};

/// Exactly one of `values`, `range` and `log_range` is given.
struct AxisConfig {
    std::string name; ///< empty: the key
    std::string key;
    std::vector<std::string> values;
    RangeConfig range;
    LogRangeConfig log_range;
    std::string linked_to; ///< axis that advances together with this one; empty: none
};

/// A number that follows from the axes, and the key that gets it.
struct DerivedConfig {
    std::string name;
    std::string key; ///< empty: a number to look at only
    std::string value;
};

/// Exactly one of the two is given.
struct ObjectiveConfig {
    std::string minimize;
    std::string maximize;
};

enum class StrategyKind : std::uint8_t {
    Grid,
    List,
    Random,
    LatinHypercube,
    Sobol,
    Nsga2,
    Maco,
};
inline constexpr std::array<config::EnumName<StrategyKind>, 7> strategy_names{{
    {StrategyKind::Grid, "grid"},
    {StrategyKind::List, "list"},
    {StrategyKind::Random, "random"},
    {StrategyKind::LatinHypercube, "latin_hypercube"},
    {StrategyKind::Sobol, "sobol"},
    {StrategyKind::Nsga2, "nsga2"},
    {StrategyKind::Maco, "maco"},
}};
[[nodiscard]] inline bool is_optimizer(StrategyKind kind)
{
    return kind == StrategyKind::Nsga2 || kind == StrategyKind::Maco;
}

struct StrategyConfig {
    StrategyKind kind = StrategyKind::Grid;
    std::uint64_t points = 0;      ///< budget, distinct points; 0: all
    std::uint64_t population = 32; ///< of the optimizers
    std::uint64_t seed = 1;
};

struct SpaceConfig {
    std::string name;
    std::string description;
    BaseConfig base;
    std::vector<SettingConfig> set;
    std::vector<AxisConfig> axes;
    std::vector<DerivedConfig> derived;
    std::vector<std::string> constraints;
    std::vector<ObjectiveConfig> objectives;
    StrategyConfig strategy;
};

void describe(config::Visitor& visitor, BaseConfig& base);
void describe(config::Visitor& visitor, SettingConfig& setting);
void describe(config::Visitor& visitor, RangeConfig& range);
void describe(config::Visitor& visitor, LogRangeConfig& range);
void describe(config::Visitor& visitor, AxisConfig& axis);
void describe(config::Visitor& visitor, DerivedConfig& derived);
void describe(config::Visitor& visitor, ObjectiveConfig& objective);
void describe(config::Visitor& visitor, StrategyConfig& strategy);
void describe(config::Visitor& visitor, SpaceConfig& space);

} // namespace heatsim::sweep
