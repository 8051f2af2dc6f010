// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep.hpp"

#include "sweep/point_setup.hpp"
#include "sweep/strategy.hpp"
#include "system/byte_archive.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <utility>

namespace heatsim::sweep {

namespace {

/// A point that waits for its simulation.
struct Waiting {
    PointRecord record;
    Numbers numbers;
};

/// A simulation that is worked on, and the points that are it.
struct InFlight {
    Evaluation evaluation;
    std::vector<Waiting> points;
};

void add_numbers(Numbers& numbers, const std::vector<std::string>& names, const NumberRow& row)
{
    for (std::size_t i = 0; i < names.size() && i < row.size(); ++i)
        if (!std::isnan(row[i]))
            numbers[names[i]] = row[i];
}

class Sweep final : public PointEvaluator {
  public:
    Sweep(const DesignSpace& space,
          ResultStore& store,
          WorkerPool& pool,
          const Measure& measure,
          const SweepOptions& options)
        : space_{space}
        , store_{store}
        , pool_{pool}
        , measure_{measure}
        , options_{options}
        , preparer_{space}
    {
        outcome_.sweep = store.add_sweep(sweep_record(space));
        if (options.retry_failed)
            store.forget_failed(outcome_.sweep);
        const auto all = planned_points(space);
        const auto& shard = options.shard; // the first ones get what does not divide
        outcome_.counts.planned = all / shard.count + (shard.index < all % shard.count ? 1 : 0);
    }

    SweepOutcome run()
    {
        if (is_optimizer(space_.config().strategy.kind))
            optimize(space_, *this);
        else
            for_each_planned_point(space_, [this](std::uint64_t point) { return submit(point); });
        drain();
        return outcome_;
    }

    bool submit(std::uint64_t point) override
    {
        pool_.keep_alive();
        const bool is_ours = position_++ % options_.shard.count == options_.shard.index;
        if (is_ours && !stops())
            look_at(point);
        return !outcome_.interrupted;
    }

    std::vector<PointCosts> evaluate(const std::vector<std::uint64_t>& points) override
    {
        wanted_.clear();
        for (const auto point : points)
            if (!submit(point))
                break;
        drain();
        std::vector<PointCosts> costs;
        costs.reserve(points.size());
        for (const auto point : points) {
            const auto found = wanted_.find(point);
            if (found == wanted_.end())
                break;
            costs.push_back(found->second);
        }
        return costs;
    }

  private:
    [[nodiscard]] bool stops()
    {
        if (!outcome_.interrupted && options_.stop_requested && options_.stop_requested())
            outcome_.interrupted = true;
        return outcome_.interrupted;
    }

    void look_at(std::uint64_t point)
    {
        if (const auto known = store_.find_point(outcome_.sweep, point)) {
            take_known(*known);
            return;
        }
        auto prepared = preparer_.prepare(space_.point_of(point));
        Waiting waiting{record_of(point, prepared), std::move(prepared.numbers)};
        if (!prepared.setup) {
            waiting.record.status = PointStatus::Infeasible;
            waiting.record.reason = prepared.rejected;
            write(waiting, nullptr);
            return;
        }
        waiting.record.evaluation = prepared.evaluation;
        if (const auto running = tickets_.find(prepared.evaluation); running != tickets_.end()) {
            ++outcome_.counts.reused;
            in_flight_.at(running->second).points.push_back(std::move(waiting));
        } else if (const auto known = store_.find_evaluation(prepared.evaluation)) {
            ++outcome_.counts.reused;
            finish(waiting, *known, false);
        } else {
            start(std::move(waiting), prepared);
        }
    }

    [[nodiscard]] PointRecord record_of(std::uint64_t point, const PreparedPoint& prepared) const
    {
        PointRecord record;
        record.point = point;
        const auto coordinates = space_.point_of(point);
        for (const auto& axis : space_.axes())
            record.inputs.push_back(space_.value(axis, coordinates));
        for (const auto& derived : space_.derived()) {
            const auto number = prepared.numbers.find(derived.name);
            record.inputs.push_back(
                number == prepared.numbers.end() ? "" : fmt::format("{:.12g}", number->second));
        }
        for (const auto& name : static_numbers()) {
            const auto number = prepared.numbers.find(name);
            record.statics.push_back(number == prepared.numbers.end()
                                         ? std::numeric_limits<double>::quiet_NaN()
                                         : number->second);
        }
        return record;
    }

    void start(Waiting waiting, PreparedPoint& prepared)
    {
        while (!pool_.has_room()) {
            take(pool_.wait());
            if (stops())
                return; // the point is left for another run
        }
        const auto ticket = next_ticket_++;
        Task task;
        task.ticket = ticket;
        task.point = waiting.record.point;
        const auto setup = std::make_shared<const system::RunSetup>(std::move(*prepared.setup));
        task.work = [setup, this] { return bytes_of(measure_(*setup)); };
        InFlight in_flight;
        in_flight.evaluation.key = prepared.evaluation;
        in_flight.evaluation.version = store_.format().version;
        in_flight.evaluation.configuration = prepared.configuration;
        in_flight.points.push_back(std::move(waiting));
        tickets_.emplace(prepared.evaluation, ticket);
        in_flight_.emplace(ticket, std::move(in_flight));
        pool_.start(std::move(task));
        ++outcome_.counts.simulated;
    }

    void drain()
    {
        while (pool_.running() > 0)
            take(pool_.wait());
    }

    void take(std::vector<TaskResult> results)
    {
        (void)stops();
        for (auto& result : results) {
            auto node = in_flight_.extract(result.ticket);
            auto& evaluation = node.mapped().evaluation;
            tickets_.erase(evaluation.key);
            evaluation.attempts = result.attempts;
            evaluation.done = result.done;
            if (result.done)
                evaluation.metrics = metrics_of(result.text);
            else
                evaluation.reason = std::move(result.text);
            bool is_new = true;
            for (auto& waiting : node.mapped().points)
                finish(waiting, evaluation, std::exchange(is_new, false));
        }
    }

    /// A point whose simulation has ended.
    void finish(Waiting& waiting, const Evaluation& evaluation, bool is_new)
    {
        if (!evaluation.done) {
            waiting.record.status = PointStatus::Failed;
            waiting.record.reason = evaluation.reason;
        } else {
            add_numbers(waiting.numbers, store_.format().metrics, evaluation.metrics);
            if (const auto* const violated = space_.violated(waiting.numbers, KnownFrom::Result)) {
                waiting.record.status = PointStatus::Violated;
                waiting.record.reason = fmt::format("violates {}", violated->text);
            }
        }
        write(waiting, is_new ? &evaluation : nullptr);
    }

    void write(const Waiting& waiting, const Evaluation* evaluation)
    {
        store_.record(outcome_.sweep, waiting.record, evaluation);
        count(waiting.record, waiting.numbers);
    }

    /// A point that an earlier run has finished.
    void take_known(const PointRow& known)
    {
        ++outcome_.counts.reused;
        auto numbers = space_.numbers(space_.point_of(known.point.point));
        add_numbers(numbers, store_.format().statics, known.point.statics);
        if (known.evaluation)
            add_numbers(numbers, store_.format().metrics, known.evaluation->metrics);
        count(known.point, numbers);
    }

    void count(const PointRecord& record, const Numbers& numbers)
    {
        auto& counts = outcome_.counts;
        PointCosts costs;
        switch (record.status) {
        case PointStatus::Ok:
            ++counts.ok;
            costs.costs = costs_of(space_.objectives(), numbers);
            costs.feasible = !costs.costs.empty();
            break;
        case PointStatus::Violated:
            ++counts.violated;
            break;
        case PointStatus::Infeasible:
            ++counts.infeasible;
            break;
        case PointStatus::Failed:
            ++counts.failed;
            break;
        }
        if (costs.feasible)
            (void)front_.add(record.point, costs.costs);
        counts.front = front_.members().size();
        if (is_optimizer(space_.config().strategy.kind))
            wanted_[record.point] = std::move(costs);
        if (options_.progress)
            options_.progress(counts);
    }

    const DesignSpace& space_;
    ResultStore& store_;
    WorkerPool& pool_;
    const Measure& measure_;
    const SweepOptions& options_;
    const PointPreparer preparer_;
    SweepOutcome outcome_;
    ParetoFront front_;
    std::uint64_t position_ = 0; ///< of the next point among all that are submitted
    std::uint64_t next_ticket_ = 0;
    std::map<std::uint64_t, InFlight> in_flight_;  ///< by ticket
    std::map<std::string, std::uint64_t> tickets_; ///< by key of the evaluation
    std::map<std::uint64_t, PointCosts> wanted_;   ///< of the generation an optimizer waits for
};

} // namespace

std::string bytes_of(const NumberRow& metrics)
{
    std::string bytes;
    for (const auto number : metrics)
        system::append_bytes(bytes, number);
    return bytes;
}

NumberRow metrics_of(std::string_view bytes)
{
    NumberRow metrics;
    metrics.reserve(bytes.size() / sizeof(double));
    system::ByteReader reader{bytes};
    while (reader.left() > 0)
        metrics.push_back(reader.get<double>());
    return metrics;
}

std::vector<double> costs_of(const std::vector<Objective>& objectives, const Numbers& numbers)
{
    std::vector<double> costs;
    costs.reserve(objectives.size());
    for (const auto& objective : objectives) {
        const auto number = numbers.find(objective.name);
        if (number == numbers.end())
            return {};
        costs.push_back(objective.cost(number->second));
    }
    return costs;
}

SweepRecord sweep_record(const DesignSpace& space)
{
    SweepRecord record;
    record.name = space.config().name;
    record.identity = space.identity();
    record.inputs.reserve(space.axes().size() + space.derived().size());
    const auto add = [&record](const std::string& name, const std::string& key) {
        record.inputs.push_back(name);
        record.keys.push_back(key);
    };
    for (const auto& axis : space.axes())
        add(axis.name, axis.key);
    for (const auto& derived : space.derived())
        add(derived.name, derived.key);
    record.axes = space.axes().size();
    record.settings = space.settings();
    for (const auto& objective : space.objectives())
        record.objectives.push_back(
            fmt::format("{}{}", objective.maximize ? '+' : '-', objective.name));
    return record;
}

SweepOutcome run_sweep(const DesignSpace& space,
                       ResultStore& store,
                       WorkerPool& pool,
                       const Measure& measure,
                       const SweepOptions& options)
{
    return Sweep{space, store, pool, measure, options}.run();
}

} // namespace heatsim::sweep
