// SPDX-License-Identifier: Apache-2.0
#include "sweep/space_config.hpp"

namespace heatsim::sweep {

namespace {

constexpr double most = 1e15; // whole numbers up to here are exact
constexpr config::Reals reals{-most, most};
constexpr config::Reals positive{1e-15, most};
constexpr std::uint64_t most_images = 10'000'000;
constexpr std::uint64_t most_batch_images = 1024;
constexpr std::uint64_t most_points = 100'000'000;
constexpr std::uint64_t most_levels = 100'000;
constexpr std::uint64_t most_population = 4096;

} // namespace

void describe(config::Visitor& visitor, BaseConfig& base)
{
    visitor.text("model", base.model, "network: a name of `heatsim list models` or a YAML file");
    visitor.text("schedule", base.schedule,
                 "pruning schedule: a name or a YAML file; empty: the trace's, or the model's");
    visitor.text("accelerator", base.accelerator, "accelerator: a name or a YAML file");
    visitor.text("energy", base.energy,
                 "energy table: a name or a YAML file; empty: the accelerator's, or the board's");
    visitor.text("trace", base.trace,
                 "token counts of every image: a CSV file; empty: those of the schedule");
    visitor.text("resample", base.resample,
                 "recorded token trace whose images are adapted to each point's model and keep "
                 "ratios; empty: none");
    visitor.check(base.trace.empty() || base.resample.empty(), "resample",
                  "empty beside a trace: either its counts are kept or they are adapted");
    visitor.text("accuracy", base.accuracy,
                 "accuracy table: a name of `heatsim list accuracy` or a CSV file; empty: none");
    visitor.integer("images", base.images, {0, most_images},
                    "images simulated for each point; 0: all of the trace, or one");
    visitor.integer("batch", base.batch, {1, most_batch_images}, "images executed together");
    visitor.boolean("allow_oversize", base.allow_oversize,
                    "whether designs that do not fit on their board are simulated");
}

void describe(config::Visitor& visitor, SettingConfig& setting)
{
    visitor.text("key", setting.key, "key as in `heatsim run --set`", config::Presence::Required);
    visitor.text("value", setting.value, "its value in all points", config::Presence::Required);
}

void describe(config::Visitor& visitor, RangeConfig& range)
{
    visitor.real("from", range.from, reals, "first value", config::Presence::Required);
    visitor.real("to", range.to, reals, "last value, if a whole number of steps leads there",
                 config::Presence::Required);
    visitor.real("step", range.step, positive, "from one value to the next",
                 config::Presence::Required);
    visitor.check(range.from <= range.to, "to", "at least `from`: the range is empty otherwise");
    visitor.check(range.step <= 0.0 ||
                      (range.to - range.from) / range.step < static_cast<double>(most_levels),
                  "step", "at most 100000 values");
}

void describe(config::Visitor& visitor, LogRangeConfig& range)
{
    visitor.real("from", range.from, positive, "first value", config::Presence::Required);
    visitor.real("to", range.to, positive, "last value", config::Presence::Required);
    visitor.integer("count", range.count, {2, most_levels}, "values, in equal ratios",
                    config::Presence::Required);
    visitor.boolean("whole", range.whole, "whether they are rounded to whole numbers, each once");
    visitor.check(range.from < range.to, "to", "above `from`: the range is empty otherwise");
}

void describe(config::Visitor& visitor, AxisConfig& axis)
{
    visitor.text("name", axis.name, "of the column, and in expressions; empty: the key");
    visitor.text("key", axis.key,
                 "key as in `heatsim run --set`, or model, schedule, accelerator, energy, trace, "
                 "images or batch",
                 config::Presence::Required);
    visitor.scalars("values", axis.values, "its values, in this order");
    visitor.section("range", axis.range, "values in equal steps");
    visitor.section("log_range", axis.log_range, "values in equal ratios");
    visitor.text("linked_to", axis.linked_to,
                 "name of another axis of as many values, with which this one advances together");
}

void describe(config::Visitor& visitor, DerivedConfig& derived)
{
    visitor.text("name", derived.name, "of the column, and in expressions",
                 config::Presence::Required);
    visitor.text("key", derived.key, "key that gets the value; empty: none");
    visitor.text("value", derived.value,
                 "expression over axes and derived numbers above, e.g. `array_heads * 64`",
                 config::Presence::Required);
}

void describe(config::Visitor& visitor, ObjectiveConfig& objective)
{
    visitor.text("minimize", objective.minimize, "number that should be small");
    visitor.text("maximize", objective.maximize, "number that should be large");
    visitor.check(objective.minimize.empty() != objective.maximize.empty(), "minimize",
                  "one of minimize and maximize");
}

void describe(config::Visitor& visitor, StrategyConfig& strategy)
{
    visitor.choice("name", strategy.kind, strategy_names,
                   "how points are chosen: all combinations; the n-th value of every axis "
                   "together; at random; spread evenly; or by multi-objective optimization");
    visitor.integer("points", strategy.points, {0, most_points},
                    "budget, in distinct points; 0: all of a grid or list");
    visitor.integer("population", strategy.population, {8, most_population},
                    "points of a generation (optimizers only)");
    visitor.check(strategy.population % 4 == 0, "population",
                  "a multiple of 4: parents are chosen by tournaments of four");
    visitor.integer("seed", strategy.seed, {0, 4294967295U}, "of everything random");
}

void describe(config::Visitor& visitor, SpaceConfig& space)
{
    visitor.text("name", space.name, "of the space: letters, digits, _ and -",
                 config::Presence::Required);
    visitor.check(!space.name.empty() &&
                      space.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                                                   "VWXYZ0123456789_-") == std::string::npos,
                  "name", "letters, digits, _ and -");
    visitor.text("description", space.description, "for people");
    visitor.section("base", space.base, "what all points have in common");
    visitor.list("set", space.set, "keys that are changed in all points");
    visitor.list("axes", space.axes, "what varies", config::Presence::Required);
    visitor.check(!space.axes.empty(), "axes", "at least one axis");
    visitor.list("derived", space.derived, "numbers that follow from the axes");
    visitor.scalars("constraints", space.constraints,
                    "expressions that every point keeps, e.g. `latency_ms.p99 <= 16.7`; those over "
                    "axes, derived numbers, resources and accuracy are checked before simulation");
    visitor.list("objectives", space.objectives, "what is good; decides the Pareto front");
    visitor.section("strategy", space.strategy, "how points are chosen");
}

} // namespace heatsim::sweep
