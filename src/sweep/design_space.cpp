// SPDX-License-Identifier: Apache-2.0
#include "sweep/design_space.hpp"

#include "config/document.hpp"
#include "config/text_file.hpp"
#include "sweep/rerun.hpp"
#include "system/content_hash.hpp"
#include "tlm/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

namespace heatsim::sweep {

namespace {

using config::Location;
using config::Violation;

/// As the reader of configurations says it.
constexpr const char* unknown_key = "unknown key";

[[nodiscard]] bool counts_images(const std::string& key)
{
    return key == "images" || key == "batch";
}

/// `space.yaml:12:7`
[[nodiscard]] std::string text_of(const Location& where)
{
    return where.line == 0 ? where.file
                           : fmt::format("{}:{}:{}", where.file, where.line, where.column);
}

/// Shortest decimal of what was meant: the 13th digit is the rounding error of the steps.
[[nodiscard]] std::string number_text(double value)
{
    return fmt::format("{:.12g}", value);
}

[[nodiscard]] system::RunRequest base_request(const SpaceConfig& config)
{
    system::RunRequest request;
    request.model = config.base.model;
    request.schedule = config.base.schedule;
    request.accelerator = config.base.accelerator;
    request.energy = config.base.energy;
    request.trace = config.base.trace;
    request.images = config.base.images;
    request.batch_images = config.base.batch;
    request.allow_oversize = true; // whether it fits is looked at by itself
    return request;
}

/// What a constraint of the form NAME OPERATOR NUMBER leaves of the numbers.
struct Bound {
    std::string name;
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
    bool open_below = false; ///< `least` itself is excluded
    bool open_above = false;

    [[nodiscard]] bool is_empty() const
    {
        return least > most || (least == most && (open_below || open_above));
    }
};

[[nodiscard]] std::optional<Bound> bound_of(const std::string& text)
{
    const auto at = text.find_first_of("<>=");
    if (at == std::string::npos || at == 0)
        return std::nullopt;
    const bool two = at + 1 < text.size() && text[at + 1] == '=';
    const auto left = config::trimmed({std::string_view{text}.substr(0, at), 0, 0}).text;
    const auto right =
        config::trimmed({std::string_view{text}.substr(at + (two ? 2 : 1)), 0, 0}).text;
    const auto number = config::to_number<double>(right);
    if (!number || !Expression::can_name(left) || (text[at] == '=' && !two))
        return std::nullopt;
    Bound bound;
    bound.name = left;
    if (text[at] != '<') { // > >= ==
        bound.least = *number;
        bound.open_below = !two;
    }
    if (text[at] != '>') { // < <= ==
        bound.most = *number;
        bound.open_above = !two;
    }
    return bound;
}

void narrow(Bound& bound, const Bound& by)
{
    if (by.least > bound.least || (by.least == bound.least && by.open_below)) {
        bound.least = by.least;
        bound.open_below = by.open_below;
    }
    if (by.most < bound.most || (by.most == bound.most && by.open_above)) {
        bound.most = by.most;
        bound.open_above = by.open_above;
    }
}

/// Content of a file that a space names, or its name where it is a shipped one.
void add_file(system::ContentHash& hash, const std::string& path)
{
    hash.add(path);
    if (!path.empty())
        hash.add_file(path);
}

} // namespace

/// Reads a space and collects what is wrong with it.
class SpaceLoader {
  public:
    explicit SpaceLoader(const SpaceRequest& request)
        : request_{request}
        , document_{system::open_config(system::ConfigKind::Sweep, request.space)}
    {}

    DesignSpace load()
    {
        for (const auto& change : request_.overrides)
            document_.set(change.key, change.value, system::origin_of(change));
        document_.read(space_.config_, violations_);
        finish(); // rules over several keys need each of them to be right
        for (std::size_t i = 0; i < space_.config_.axes.size(); ++i)
            add_axis(i);
        link_axes();
        for (std::size_t i = 0; i < space_.config_.derived.size(); ++i)
            add_derived(i);
        for (std::size_t i = 0; i < space_.config_.constraints.size(); ++i)
            add_constraint(i);
        check_contradictions();
        for (std::size_t i = 0; i < space_.config_.objectives.size(); ++i)
            add_objective(i);
        finish();
        make_dimensions();
        check_strategy();
        finish();
        check_keys();
        finish();
        return std::move(space_);
    }

  private:
    void complain(const std::string& key,
                  std::string found,
                  std::string expected,
                  std::string nearest = "")
    {
        violations_.push_back({document_.locate(key), key, std::move(found), std::move(expected),
                               std::move(nearest)});
    }

    void finish()
    {
        if (!violations_.empty())
            throw config::Error{std::move(violations_)};
    }

    // ------------------------------------------------------------ axes

    [[nodiscard]] static std::vector<std::string> values_of(const RangeConfig& range)
    {
        constexpr double slack = 1e-9; // of a step: the last one may be reached only nearly
        const auto count =
            static_cast<std::size_t>(std::floor((range.to - range.from) / range.step + slack)) + 1;
        std::vector<std::string> values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            values.push_back(number_text(range.from + static_cast<double>(i) * range.step));
        return values;
    }

    [[nodiscard]] static std::vector<std::string> values_of(const LogRangeConfig& range)
    {
        std::vector<std::string> values;
        values.reserve(range.count);
        const double ratio = range.to / range.from;
        for (std::uint64_t i = 0; i < range.count; ++i) {
            const double share = static_cast<double>(i) / static_cast<double>(range.count - 1);
            const double value = range.from * std::pow(ratio, share);
            auto text = number_text(range.whole ? std::round(value) : value);
            if (values.empty() || values.back() != text)
                values.push_back(std::move(text));
        }
        return values;
    }

    void add_axis(std::size_t index)
    {
        const auto& stated = space_.config_.axes[index];
        const auto path = fmt::format("axes.{}", index);
        Axis axis;
        axis.key = stated.key;
        axis.name = stated.name.empty() ? stated.key : stated.name;
        const auto name_path = path + (stated.name.empty() ? ".key" : ".name");
        claim_name(axis.name, name_path);

        const bool has_range = stated.range.step > 0.0;
        const bool has_log_range = stated.log_range.count > 0;
        const bool has_values = !stated.values.empty();
        if (int{has_range} + int{has_log_range} + int{has_values} != 1)
            complain(path,
                     has_range || has_log_range || has_values ? "several lists of values"
                                                              : "no values",
                     "one of values (not empty), range and log_range");
        else if (has_values)
            axis.values = stated.values;
        else
            axis.values = has_range ? values_of(stated.range) : values_of(stated.log_range);
        std::set<std::string> known;
        for (std::size_t i = 0; i < axis.values.size(); ++i) {
            const auto value_path = has_values  ? fmt::format("{}.values.{}", path, i)
                                    : has_range ? path + ".range"
                                                : path + ".log_range";
            if (stated.linked_to.empty() && !known.insert(axis.values[i]).second)
                complain(value_path, fmt::format("'{}' twice", axis.values[i]),
                         "each value of an axis once");
            axis.numbers.push_back(config::to_number<double>(axis.values[i]));
            axis.where.push_back(document_.locate(value_path));
        }
        space_.axes_.push_back(std::move(axis));
    }

    void claim_name(const std::string& name, const std::string& path)
    {
        if (!Expression::can_name(name))
            complain(path, fmt::format("'{}' cannot name a number", name),
                     "a letter, then letters, digits, _ and dots, and no function of expressions");
        const auto& statics = static_numbers();
        if (std::find(statics.begin(), statics.end(), name) != statics.end() ||
            std::find(request_.metrics.begin(), request_.metrics.end(), name) !=
                request_.metrics.end())
            complain(path, fmt::format("'{}' is the name of a result", name), "another name");
        if (!names_.insert(name).second)
            complain(path, fmt::format("'{}' twice", name), "another name");
    }

    void link_axes()
    {
        auto& axes = space_.axes_;
        std::vector<std::string> names;
        names.reserve(axes.size());
        for (const auto& axis : axes)
            names.push_back(axis.name);
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const auto& target = space_.config_.axes[i].linked_to;
            if (target.empty())
                continue;
            const auto path = fmt::format("axes.{}.linked_to", i);
            const auto found = static_cast<std::size_t>(
                std::find(names.begin(), names.end(), target) - names.begin());
            if (found == names.size())
                complain(path, fmt::format("no axis '{}'", target), "the name of another axis",
                         config::nearest_name(target, names));
            else if (found == i || !space_.config_.axes[found].linked_to.empty())
                complain(path, fmt::format("axis '{}'", target),
                         "another axis that is not linked itself");
            else if (axes[found].values.size() != axes[i].values.size())
                complain(path,
                         fmt::format("{} values beside the {} of '{}'", axes[i].values.size(),
                                     axes[found].values.size(), target),
                         "axes of as many values");
        }
    }

    void make_dimensions()
    {
        auto& axes = space_.axes_;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            if (!space_.config_.axes[i].linked_to.empty())
                continue;
            axes[i].dimension = space_.dimensions_.size();
            space_.dimensions_.push_back(static_cast<std::uint32_t>(axes[i].values.size()));
        }
        for (std::size_t i = 0; i < axes.size(); ++i)
            for (const auto& axis : axes)
                if (axis.name == space_.config_.axes[i].linked_to)
                    axes[i].dimension = axis.dimension;
        constexpr double most_points = 9.0e15; // numbers of points stay exact
        double size = 1.0;
        for (const auto values : space_.dimensions_)
            size *= values;
        if (size > most_points)
            complain("axes", fmt::format("{:.3g} combinations", size),
                     fmt::format("at most {:.3g}", most_points));
        else
            space_.size_ = static_cast<std::uint64_t>(size);
    }

    // ------------------------------------------------------------ expressions

    /// Names that an expression may use: axes of numbers, and derived ones so far.
    [[nodiscard]] std::vector<std::string> input_names() const
    {
        std::vector<std::string> names;
        for (const auto& axis : space_.axes_)
            if (std::all_of(axis.numbers.begin(), axis.numbers.end(),
                            [](const auto& number) { return number.has_value(); }))
                names.push_back(axis.name);
        for (const auto& derived : space_.derived_)
            names.push_back(derived.name);
        return names;
    }

    [[nodiscard]] std::vector<std::string> static_names() const
    {
        auto names = input_names();
        const auto& known = static_numbers();
        names.insert(names.end(), known.begin(), known.end());
        return names;
    }

    [[nodiscard]] std::vector<std::string> all_names() const
    {
        auto names = static_names();
        names.insert(names.end(), request_.metrics.begin(), request_.metrics.end());
        return names;
    }

    [[nodiscard]] static bool has(const std::vector<std::string>& names, const std::string& name)
    {
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    /// Nothing, and a violation, where the text is no expression over `known`.
    [[nodiscard]] std::optional<Expression> expression(const std::string& text,
                                                       const std::string& path,
                                                       const std::vector<std::string>& known)
    {
        try {
            Expression made{text};
            bool good = true;
            for (const auto& name : made.names()) {
                if (has(known, name))
                    continue;
                good = false;
                const auto is_word =
                    std::any_of(space_.axes_.begin(), space_.axes_.end(),
                                [&name](const Axis& axis) { return axis.name == name; });
                complain(path,
                         is_word ? fmt::format("axis '{}' has words as values", name)
                                 : fmt::format("unknown name '{}'", name),
                         "names of axes, derived numbers and results",
                         is_word ? "" : config::nearest_name(name, known));
            }
            return good ? std::optional{std::move(made)} : std::nullopt;
        } catch (const ExpressionError& error) {
            complain(path, error.what(), "an expression, e.g. `latency_ms.p99 <= 16.7`");
            return std::nullopt;
        }
    }

    void add_derived(std::size_t index)
    {
        const auto& stated = space_.config_.derived[index];
        const auto path = fmt::format("derived.{}", index);
        claim_name(stated.name, path + ".name");
        if (auto value = expression(stated.value, path + ".value", input_names()))
            space_.derived_.push_back(
                {stated.name, stated.key, std::move(*value), document_.locate(path + ".value")});
    }

    void add_constraint(std::size_t index)
    {
        const auto& text = space_.config_.constraints[index];
        auto holds = expression(text, fmt::format("constraints.{}", index), all_names());
        if (!holds)
            return;
        const auto only = [&holds](const std::vector<std::string>& known) {
            return std::all_of(holds->names().begin(), holds->names().end(),
                               [&known](const auto& name) { return has(known, name); });
        };
        const auto known_from = only(input_names())    ? KnownFrom::Inputs
                                : only(static_names()) ? KnownFrom::Setup
                                                       : KnownFrom::Result;
        space_.constraints_.push_back({text, std::move(*holds), known_from});
    }

    /// Constraints of the form NAME OPERATOR NUMBER that no number keeps together, and constraints
    /// over one axis that none of its values keeps.
    void check_contradictions()
    {
        std::vector<std::pair<Bound, std::string>> bounds; // with their texts
        for (std::size_t i = 0; i < space_.config_.constraints.size(); ++i) {
            const auto& text = space_.config_.constraints[i];
            const auto bound = bound_of(text);
            if (!bound)
                continue;
            // of intervals that have nothing in common two have nothing in common
            const auto against =
                std::find_if(bounds.begin(), bounds.end(), [&bound](const auto& known) {
                    auto both = known.first;
                    narrow(both, *bound);
                    return both.name == bound->name && both.is_empty();
                });
            if (against != bounds.end())
                complain(fmt::format("constraints.{}", i),
                         fmt::format("'{}' contradicts '{}'", text, against->second),
                         "constraints that a point can keep");
            bounds.emplace_back(*bound, text);
        }
        for (std::size_t i = 0; i < space_.constraints_.size(); ++i)
            check_axis_constraint(space_.constraints_[i]);
    }

    void check_axis_constraint(const Constraint& constraint)
    {
        if (constraint.holds.names().size() != 1)
            return;
        for (const auto& axis : space_.axes_) {
            if (axis.name != constraint.holds.names().front())
                continue;
            const bool possible =
                std::any_of(axis.numbers.begin(), axis.numbers.end(), [&](const auto& number) {
                    return constraint.holds.evaluate([&](const auto&) { return number; })
                               .value_or(0.0) != 0.0;
                });
            if (possible)
                return;
            const auto& texts = space_.config_.constraints;
            const auto index = std::find(texts.begin(), texts.end(), constraint.text);
            complain(
                fmt::format("constraints.{}", index - texts.begin()),
                fmt::format("no value of axis '{}' keeps it", axis.name),
                fmt::format("a constraint that one of {} keeps", fmt::join(axis.values, ", ")));
        }
    }

    void add_objective(std::size_t index)
    {
        const auto& stated = space_.config_.objectives[index];
        const bool maximize = stated.minimize.empty();
        const auto& name = maximize ? stated.maximize : stated.minimize;
        const auto path =
            fmt::format("objectives.{}.{}", index, maximize ? "maximize" : "minimize");
        const auto known = all_names();
        if (!has(known, name))
            complain(path, fmt::format("nothing reports '{}'", name),
                     "the name of a result, a derived number or an axis of numbers",
                     config::nearest_name(name, known));
        else if (name == accuracy_number && space_.config_.base.accuracy.empty())
            complain(path, fmt::format("nothing reports '{}' without an accuracy table", name),
                     "base.accuracy, e.g. deit_t_fashion_mnist");
        space_.objectives_.push_back({name, maximize});
    }

    void check_strategy()
    {
        const auto& strategy = space_.config_.strategy;
        const auto* const name = config::name_of(strategy.kind, strategy_names);
        if (strategy.kind == StrategyKind::List) {
            for (const auto count : space_.dimensions_)
                if (count != space_.dimensions_.front()) {
                    complain("strategy.name",
                             fmt::format("list of axes with {} and {} values",
                                         space_.dimensions_.front(), count),
                             "axes of as many values: a list takes the n-th of each");
                    break;
                }
        } else if (strategy.kind != StrategyKind::Grid && strategy.points == 0) {
            complain("strategy.points", fmt::format("no budget for strategy {}", name),
                     "a number of points");
        }
        constexpr std::size_t least_objectives = 2;
        if (is_optimizer(strategy.kind) && space_.objectives_.size() < least_objectives)
            complain("objectives",
                     fmt::format("{} for strategy {}", space_.objectives_.size(), name),
                     "two objectives or more: it looks for a Pareto front");
    }

    // ------------------------------------------------------------ keys

    /// Loads a request and keeps what is wrong in the files `of`: with the value written there, or
    /// in a file of the user that is the value. None: everything.
    void
    try_load(system::RunRequest request, const std::vector<std::string>& of, const Location& where)
    {
        if (!request.trace.empty())
            request.images = request.batch_images; // its other rows change nothing here
        try {
            const auto setup = system::load(request);
            space_.config_hash_.add(system::configuration_fingerprint(setup));
        } catch (const config::Error& error) {
            for (auto violation : error.violations()) {
                if (violation.where.file.empty()) // of the request itself
                    violation.where = where;
                else if (!of.empty() && !has(of, violation.where.file))
                    continue; // a rule over several keys: other axes may keep it
                violations_.push_back(std::move(violation));
            }
        }
    }

    void check_keys()
    {
        const auto base = [this] {
            auto request = base_request(space_.config_);
            for (std::size_t i = 0; i < space_.config_.set.size(); ++i)
                set_run_key(request, space_.config_.set[i].key, space_.config_.set[i].value,
                            text_of(document_.locate(fmt::format("set.{}.value", i))));
            return request;
        }();
        try_load(base, {}, document_.locate("base"));
        add_files();
        if (!violations_.empty())
            return; // everything below would say it again
        for (std::size_t i = 0; i < space_.axes_.size(); ++i)
            check_axis(base, space_.axes_[i], fmt::format("axes.{}.key", i));
        check_derived(base);
    }

    void check_axis(const system::RunRequest& base, const Axis& axis, const std::string& path)
    {
        constexpr std::size_t most_checked = 256;
        const auto count = axis.values.size();
        const auto step = count > most_checked ? count - 1 : 1; // of a range: its ends
        for (std::size_t i = 0; i < count; i += step) {
            const auto before = violations_.size();
            check_value(base, axis, i);
            if (violations_.size() == before || violations_[before].found != unknown_key)
                continue;
            violations_.resize(before + 1); // the same for every value
            violations_.back().where = document_.locate(path);
            return;
        }
    }

    void check_value(system::RunRequest request, const Axis& axis, std::size_t index)
    {
        const auto& where = axis.where[index];
        if (counts_images(axis.key) &&
            config::to_number<std::size_t>(axis.values[index]).value_or(0) == 0) {
            violations_.push_back({where,
                                   axis.key,
                                   fmt::format("'{}'", axis.values[index]),
                                   "a positive integer",
                                   {}});
            return;
        }
        const std::vector<std::string> files{text_of(where), axis.values[index]};
        set_run_key(request, axis.key, axis.values[index], text_of(where));
        const auto before = violations_.size();
        try_load(std::move(request), files, where);
        if (violations_.size() == before)
            return;
        // a rule over several keys may be kept beside other values of the other axes
        auto found = std::vector<Violation>(
            violations_.begin() + static_cast<std::ptrdiff_t>(before), violations_.end());
        for (const bool last : {false, true}) {
            auto point = space_.point_of(last ? space_.size() - 1 : 0);
            point[axis.dimension] = static_cast<std::uint32_t>(index);
            violations_.resize(before);
            try_load(space_.request(point, space_.numbers(point)), files, where);
            if (violations_.size() == before)
                return;
        }
        violations_.resize(before);
        violations_.insert(violations_.end(), found.begin(), found.end());
    }

    /// Keys only: whether a value is right may depend on the point.
    void check_derived(const system::RunRequest& base)
    {
        const auto numbers = space_.numbers(Point(space_.dimensions_.size(), 0));
        for (const auto& derived : space_.derived_) {
            const auto value = numbers.find(derived.name);
            if (derived.key.empty() || value == numbers.end())
                continue;
            auto request = base;
            set_run_key(request, derived.key, number_text(value->second), text_of(derived.where));
            const auto before = violations_.size();
            try_load(std::move(request), {text_of(derived.where)}, derived.where);
            const auto is_value = [](const Violation& violation) {
                return violation.found != unknown_key;
            };
            violations_.erase(
                std::remove_if(violations_.begin() + static_cast<std::ptrdiff_t>(before),
                               violations_.end(), is_value),
                violations_.end());
        }
    }

    void add_files()
    {
        auto& hash = space_.config_hash_;
        hash.add(system::program_hash()); // another program may have other results
        for (const auto* path : {&space_.config_.base.trace, &space_.config_.base.resample,
                                 &space_.config_.base.accuracy})
            add_file(hash, *path);
        for (const auto& axis : space_.axes_)
            if (axis.key == "trace")
                for (const auto& path : axis.values)
                    add_file(hash, path);
    }

    const SpaceRequest& request_;
    config::Document document_;
    DesignSpace space_;
    std::set<std::string> names_;
    std::vector<Violation> violations_;
};

const std::vector<std::string>& static_numbers()
{
    static const std::vector<std::string> names{
        "resources.dsps",          "resources.dsps_percent",   "resources.luts",
        "resources.luts_percent",  "resources.flip_flops",     "resources.flip_flops_percent",
        "resources.bram36",        "resources.bram36_percent", "resources.urams",
        "resources.urams_percent", "resources.fits",           accuracy_number};
    return names;
}

DesignSpace DesignSpace::load(const SpaceRequest& request)
{
    return SpaceLoader{request}.load();
}

std::uint64_t DesignSpace::number_of(const Point& point) const
{
    HEATSIM_CHECK(point.size() == dimensions_.size(), "point of another space");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < point.size(); ++i)
        number = number * dimensions_[i] + point[i];
    return number;
}

Point DesignSpace::point_of(std::uint64_t number) const
{
    Point point(dimensions_.size());
    for (std::size_t i = dimensions_.size(); i-- > 0;) {
        point[i] = static_cast<std::uint32_t>(number % dimensions_[i]);
        number /= dimensions_[i];
    }
    return point;
}

Numbers DesignSpace::numbers(const Point& point) const
{
    Numbers numbers;
    for (const auto& axis : axes_)
        if (const auto& number = axis.numbers[point[axis.dimension]])
            numbers.emplace(axis.name, *number);
    for (const auto& derived : derived_)
        if (const auto value = derived.value.evaluate(lookup_in(numbers)))
            numbers.emplace(derived.name, *value);
    return numbers;
}

system::RunRequest DesignSpace::request(const Point& point, const Numbers& numbers) const
{
    auto request = base_request(config_);
    for (const auto& setting : config_.set)
        set_run_key(request, setting.key, setting.value, {});
    for (const auto& axis : axes_)
        set_run_key(request, axis.key, value(axis, point),
                    text_of(axis.where[point[axis.dimension]]));
    for (const auto& derived : derived_)
        if (const auto number = numbers.find(derived.name);
            !derived.key.empty() && number != numbers.end())
            set_run_key(request, derived.key, number_text(number->second), text_of(derived.where));
    return request;
}

std::vector<RunSetting> DesignSpace::settings() const
{
    const auto& base = config_.base;
    std::vector<RunSetting> settings;
    if (!base.resample.empty()) // the images of a point are in no file
        return settings;
    const auto add = [&settings](const char* key, const std::string& value) {
        if (!value.empty())
            settings.push_back({key, value});
    };
    add("model", base.model);
    add("schedule", base.schedule);
    add("accelerator", base.accelerator);
    add("energy", base.energy);
    add("trace", base.trace);
    add("images", base.images == 0 ? "" : std::to_string(base.images));
    add("batch", base.batch == 1 ? "" : std::to_string(base.batch));
    for (const auto& setting : config_.set)
        settings.push_back({setting.key, setting.value});
    if (base.allow_oversize)
        settings.push_back({allow_oversize_key, "true"});
    return settings;
}

const Constraint* DesignSpace::violated(const Numbers& numbers, KnownFrom known) const
{
    for (const auto& constraint : constraints_)
        if (constraint.known_from <= known &&
            constraint.holds.evaluate(lookup_in(numbers)).value_or(0.0) == 0.0)
            return &constraint;
    return nullptr;
}

std::string DesignSpace::identity() const
{
    std::string text;
    auto out = std::back_inserter(text);
    const auto& base = config_.base;
    fmt::format_to(out, "{}\n{} {} {}\n", config_.name, base.images, base.batch,
                   base.allow_oversize);
    for (const auto& setting : config_.set)
        fmt::format_to(out, "set {}={}\n", setting.key, setting.value);
    for (const auto& axis : axes_)
        fmt::format_to(out, "axis {} {} {} [{}]\n", axis.name, axis.key, axis.dimension,
                       fmt::join(axis.values, ", "));
    for (const auto& derived : config_.derived)
        fmt::format_to(out, "derived {} {} {}\n", derived.name, derived.key, derived.value);
    for (const auto& constraint : constraints_)
        fmt::format_to(out, "constraint {}\n", constraint.text);
    for (const auto& objective : objectives_)
        fmt::format_to(out, "{} {}\n", objective.maximize ? "maximize" : "minimize",
                       objective.name);
    const auto& strategy = config_.strategy;
    fmt::format_to(out, "strategy {} {} {} {}\n", config::name_of(strategy.kind, strategy_names),
                   strategy.points, strategy.population, strategy.seed);
    fmt::format_to(out, "files {}\n", config_hash_.text());
    return text;
}

} // namespace heatsim::sweep
