// SPDX-License-Identifier: Apache-2.0
#include "support/random.hpp"
#include "sweep/point_setup.hpp"
#include "sweep/rerun.hpp"
#include "sweep/sweep.hpp"
#include "unit/sweep/example_space.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Which of the tasks that are there ends next.
enum class Order : std::uint8_t { Forward, Backward, Random };

/// Works in this process, when somebody waits.
class InProcessPool final : public WorkerPool {
  public:
    explicit InProcessPool(std::size_t workers = 3, Order order = Order::Forward)
        : workers_{workers}
        , order_{order}
    {}

    [[nodiscard]] bool has_room() const override { return tasks_.size() < workers_; }
    [[nodiscard]] std::size_t running() const override { return tasks_.size(); }
    void start(Task task) override
    {
        EXPECT_TRUE(has_room());
        started.push_back(task.point);
        most_running = std::max(most_running, tasks_.size() + 1);
        tasks_.push_back(std::move(task));
    }
    std::vector<TaskResult> wait() override
    {
        EXPECT_FALSE(tasks_.empty());
        if (++waits_ % 5 == 0)
            return {}; // a signal
        const auto last = tasks_.size() - 1;
        const auto chosen =
            tasks_.begin() + static_cast<std::ptrdiff_t>(order_ == Order::Forward ? 0
                                                         : order_ == Order::Backward
                                                             ? last
                                                             : random_.between(0, last));
        TaskResult result;
        result.ticket = chosen->ticket;
        try {
            result.text = chosen->work();
            result.done = true;
        } catch (const std::exception& error) {
            result.text = error.what();
            result.attempts = 2;
        }
        tasks_.erase(chosen);
        std::vector<TaskResult> results;
        results.push_back(std::move(result));
        return results;
    }

    std::vector<std::uint64_t> started; ///< points
    std::size_t most_running = 0;

  private:
    std::size_t workers_;
    Order order_;
    std::vector<Task> tasks_;
    unsigned waits_ = 0;
    test::Random random_{1};
};

/// Numbers that follow from a design without a simulation.
NumberRow measure(const system::RunSetup& setup)
{
    const auto& accelerator = setup.design.accelerator;
    const auto latency =
        1e4 / (accelerator.clock_mhz * static_cast<double>(accelerator.array.heads));
    return {latency, 2.0 * latency, accelerator.clock_mhz,
            std::numeric_limits<double>::quiet_NaN()};
}

ResultStore::Format format()
{
    return {"test", static_numbers(), example_metrics};
}

/// 4 clocks × 3 arrays.
const std::string space_text = "name: small\n"
                               "axes:\n"
                               "  - {name: clock, key: clock_mhz, values: [100, 125, 150, 200]}\n"
                               "  - {name: heads, key: array.heads, values: [1, 2, 3]}\n"
                               "derived: [{name: speed, value: clock * heads}]\n"
                               "objectives: [{minimize: latency_ms.mean}, {minimize: "
                               "resources.dsps}]\n";

std::string text_of(const Evaluation& evaluation)
{
    return fmt::format("{} {} {} {} {} {} [{}]\n", evaluation.key, evaluation.done,
                       evaluation.reason, evaluation.attempts, evaluation.version,
                       evaluation.configuration, fmt::join(evaluation.metrics, " "));
}

/// Everything a store holds of its sweeps.
std::string content(const ResultStore& store)
{
    std::string text;
    for (const auto& sweep : store.sweeps()) {
        text.append(fmt::format("{} {}\n", sweep.name, sweep.identity));
        store.for_each_point(sweep.id, [&text](const PointRow& row) {
            text.append(fmt::format("{} {} {} [{}] [{}] {}\n", row.point.point,
                                    name_of(row.point.status), row.point.reason,
                                    fmt::join(row.point.inputs, " "),
                                    fmt::join(row.point.statics, " "), row.point.evaluation));
            if (row.evaluation)
                text.append(text_of(*row.evaluation));
        });
    }
    return text;
}

std::map<std::uint64_t, PointRow> rows_of(const ResultStore& store, std::int64_t sweep = 1)
{
    std::map<std::uint64_t, PointRow> rows;
    store.for_each_point(sweep,
                         [&rows](const PointRow& row) { rows.emplace(row.point.point, row); });
    return rows;
}

void expect_consistent(const SweepOutcome& outcome)
{
    const auto& counts = outcome.counts;
    EXPECT_EQ(counts.done(), counts.ok + counts.violated + counts.infeasible + counts.failed);
    EXPECT_LE(counts.done(), counts.planned);
    EXPECT_EQ(outcome.interrupted, counts.done() < counts.planned);
    EXPECT_LE(counts.front, counts.ok);
}

class SweepTest : public testing::Test {
  protected:
    SweepOutcome run(const DesignSpace& space,
                     ResultStore& store,
                     InProcessPool& pool,
                     const SweepOptions& options = {},
                     const Measure& how = measure)
    {
        return run_sweep(space, store, pool, how, options);
    }
    [[nodiscard]] std::unique_ptr<ResultStore> new_store()
    {
        return std::make_unique<ResultStore>(folder.path(fmt::format("{}.db", ++stores)), format());
    }

    test::TemporaryFolder folder;
    unsigned stores = 0;
};

} // namespace

TEST(Bytes, KeepMetricsExactly)
{
    const NumberRow row{1.0 / 3.0, -0.0, 5e-324, std::numeric_limits<double>::max()};
    EXPECT_EQ(metrics_of(bytes_of(row)), row);
    EXPECT_THAT(metrics_of(bytes_of({})), IsEmpty());
    EXPECT_TRUE(std::isnan(metrics_of(bytes_of({std::nan("")})).at(0)));
}

TEST(CostsOf, AreNothingWithoutOneOfThem)
{
    const std::vector<Objective> objectives{{"a", false}, {"b", true}};
    EXPECT_THAT(costs_of(objectives, {{"a", 1.0}, {"b", 2.0}}), ElementsAre(1.0, -2.0));
    EXPECT_THAT(costs_of(objectives, {{"a", 1.0}}), IsEmpty());
}

TEST(SweepRecord, NamesInputsAndObjectives)
{
    const auto record = sweep_record(space_of(space_text, {{"objectives.1", "{maximize: speed}"}}));
    EXPECT_EQ(record.name, "small");
    EXPECT_THAT(record.inputs, ElementsAre("clock", "heads", "speed"));
    EXPECT_THAT(record.objectives, ElementsAre("-latency_ms.mean", "+speed"));
    EXPECT_EQ(record.axes, 2U);
}

TEST(SweepRecord, TellsHowAPointIsSimulatedByItself)
{
    SweepRecord record;
    record.settings = {{"model", "deit_s"}, {"array.heads", "3"}, {allow_oversize_key, "true"}};
    record.keys = {"clock_mhz", "", "schedule", "board.dsps"};
    const std::vector<std::string> inputs{"150", "7", "my schedule's.yaml", ""};
    EXPECT_EQ(rerun_command(record, inputs),
              "heatsim run -m deit_s --set array.heads=3 --allow-oversize --set clock_mhz=150 "
              "-s 'my schedule'\\''s.yaml'");
    const auto request = rerun_request(record, inputs);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->model, "deit_s");
    EXPECT_EQ(request->schedule, "my schedule's.yaml");
    EXPECT_EQ(request->accelerator, system::RunRequest{}.accelerator);
    EXPECT_TRUE(request->allow_oversize);
    ASSERT_EQ(request->overrides.size(), 2U);
    EXPECT_EQ(system::origin_of(request->overrides[0]), "--set array.heads=3");
    EXPECT_EQ(system::origin_of(request->overrides[1]), "--set clock_mhz=150");

    record.settings.clear(); // images that are in no file
    EXPECT_EQ(rerun_command(record, inputs), "");
    EXPECT_FALSE(rerun_request(record, inputs));
}

TEST_F(SweepTest, StoresEveryPoint)
{
    const auto space = space_of(space_text);
    const auto store = new_store();
    InProcessPool pool;
    const auto outcome = run(space, *store, pool);
    expect_consistent(outcome);
    EXPECT_EQ(outcome.counts.planned, 12U);
    EXPECT_EQ(outcome.counts.ok, 12U);
    EXPECT_EQ(outcome.counts.simulated, 12U);
    EXPECT_EQ(outcome.counts.reused, 0U);
    EXPECT_EQ(outcome.counts.front, 3U); // the highest clock with each array
    EXPECT_EQ(pool.most_running, 3U);
    EXPECT_EQ(pool.running(), 0U);
    const auto rows = rows_of(*store, outcome.sweep);
    ASSERT_EQ(rows.size(), 12U);
    const auto& row = rows.at(space.number_of({2, 1}));
    EXPECT_THAT(row.point.inputs, ElementsAre("150", "2", "300"));
    ASSERT_TRUE(row.evaluation);
    EXPECT_TRUE(row.evaluation->done);
    EXPECT_EQ(row.evaluation->version, "test");
    EXPECT_EQ(row.evaluation->configuration.size(), 32U);
    EXPECT_DOUBLE_EQ(row.evaluation->metrics.at(0), 1e4 / 300.0);
    EXPECT_TRUE(std::isnan(row.evaluation->metrics.at(3)));
    ASSERT_EQ(row.point.statics.size(), static_numbers().size());
    EXPECT_GT(row.point.statics.at(0), 100.0);         // DSP slices
    EXPECT_TRUE(std::isnan(row.point.statics.back())); // no accuracy table
}

TEST_F(SweepTest, DoesNotDependOnTheOrderOfEnds)
{
    const auto space = space_of(space_text);
    const auto contents = [&](std::size_t workers, Order order) {
        const auto store = new_store();
        InProcessPool pool{workers, order};
        EXPECT_EQ(run(space, *store, pool).counts.front, 3U);
        return content(*store);
    };
    const auto expected = contents(1, Order::Forward);
    EXPECT_EQ(contents(5, Order::Backward), expected);
    EXPECT_EQ(contents(5, Order::Random), expected);
    EXPECT_EQ(contents(100, Order::Backward), expected);
}

TEST_F(SweepTest, GoesOnWhereItWasStopped)
{
    const auto space = space_of(space_text);
    const auto store = new_store();
    InProcessPool first;
    SweepOptions options;
    std::uint64_t asked = 0;
    options.stop_requested = [&asked] { return ++asked > 5; };
    const auto stopped = run(space, *store, first, options);
    EXPECT_TRUE(stopped.interrupted);
    expect_consistent(stopped);
    EXPECT_EQ(stopped.counts.ok, first.started.size()); // what was started is not lost
    EXPECT_EQ(rows_of(*store).size(), first.started.size());
    EXPECT_GE(first.started.size(), 1U);
    EXPECT_LT(first.started.size(), 6U);

    InProcessPool second;
    const auto rest = run(space, *store, second);
    expect_consistent(rest);
    EXPECT_EQ(rest.counts.ok, 12U);
    EXPECT_EQ(rest.counts.simulated, 12U - first.started.size());
    EXPECT_EQ(rest.counts.reused, first.started.size());
    EXPECT_EQ(rest.counts.front, 3U);
    auto all = first.started;
    all.insert(all.end(), second.started.begin(), second.started.end());
    EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), all.size());
    const auto whole = new_store();
    InProcessPool third;
    (void)run(space, *whole, third);
    EXPECT_EQ(content(*store), content(*whole));

    InProcessPool fourth;
    EXPECT_EQ(run(space, *store, fourth).counts.reused, 12U);
    EXPECT_THAT(fourth.started, IsEmpty());
}

TEST_F(SweepTest, StartsNothingOnceItIsStopped)
{
    const auto space = space_of(space_text);
    const auto store = new_store();
    InProcessPool pool{2};
    SweepOptions options;
    bool stop = false;
    options.stop_requested = [&stop] { return stop; };
    std::size_t started_at_stop = 0;
    options.progress = [&](const SweepCounts& counts) {
        if (counts.ok == 2) {
            stop = true;
            started_at_stop = pool.started.size();
        }
    };
    EXPECT_TRUE(run(space, *store, pool, options).interrupted);
    EXPECT_EQ(pool.started.size(), started_at_stop);
}

TEST_F(SweepTest, StopsBeforeTheFirstPoint)
{
    const auto store = new_store();
    InProcessPool pool;
    SweepOptions options;
    options.stop_requested = [] { return true; };
    const auto outcome = run(space_of(space_text), *store, pool, options);
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_EQ(outcome.counts.done(), 0U);
    EXPECT_THAT(pool.started, IsEmpty());
}

TEST_F(SweepTest, TellsOfEveryPoint)
{
    const auto store = new_store();
    InProcessPool pool;
    SweepOptions options;
    std::vector<std::uint64_t> done;
    options.progress = [&done](const SweepCounts& counts) { done.push_back(counts.done()); };
    (void)run(space_of(space_text), *store, pool, options);
    EXPECT_THAT(done, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

// 150 and 1.5e2 are the same clock
TEST_F(SweepTest, SimulatesTheSameConfigurationOnce)
{
    const auto space = space_of(space_text, {{"axes.0.values", "[150, 1.5e2, 150.0]"}});
    for (const std::size_t workers : {1U, 100U}) { // finished before, and under way
        const auto store = new_store();
        InProcessPool pool{workers, Order::Backward};
        const auto outcome = run(space, *store, pool);
        EXPECT_EQ(outcome.counts.ok, 9U);
        EXPECT_EQ(outcome.counts.simulated, 3U);
        EXPECT_EQ(outcome.counts.reused, 6U);
        EXPECT_THAT(pool.started, ElementsAre(0, 1, 2));
        const auto rows = rows_of(*store);
        EXPECT_EQ(rows.size(), 9U);
        EXPECT_EQ(rows.at(0).point.evaluation, rows.at(6).point.evaluation);
        EXPECT_NE(rows.at(0).point.evaluation, rows.at(1).point.evaluation);
        EXPECT_THAT(rows.at(3).point.inputs, ElementsAre("1.5e2", "1", "150"));
        EXPECT_DOUBLE_EQ(rows.at(7).evaluation.value().metrics.at(0), 1e4 / 300.0);
    }
}

TEST_F(SweepTest, OtherSweepsShareSimulations)
{
    const auto store = new_store();
    InProcessPool first;
    const auto one = run(space_of(space_text), *store, first);
    InProcessPool second;
    const auto other = run(space_of(space_text, {{"name", "other"},
                                                 {"axes.0.values", "[200, 175, 100]"},
                                                 {"constraints", "[latency_ms.mean < 90]"}}),
                           *store, second);
    EXPECT_NE(other.sweep, one.sweep);
    EXPECT_THAT(second.started, ElementsAre(3, 4, 5)); // 175 MHz
    EXPECT_EQ(other.counts.reused, 6U);
    EXPECT_EQ(other.counts.violated, 1U); // under its own constraints: 100 MHz, 1 head
    EXPECT_EQ(other.counts.ok, 8U);
    EXPECT_EQ(rows_of(*store, one.sweep).size(), 12U);
    EXPECT_EQ(rows_of(*store, other.sweep).size(), 9U);
}

TEST_F(SweepTest, SaysWhatBecameOfAPoint)
{
    const auto space =
        space_of(space_text, {{"axes.1.values", "[1, 3, 6]"},
                              {"constraints", "[clock < 200, latency_ms.p99 < 150, clock != 125 || "
                                              "resources.dsps < 1000]"}});
    const auto store = new_store();
    InProcessPool pool;
    const Measure fails = [](const system::RunSetup& setup) {
        if (setup.design.accelerator.clock_mhz > 149.0)
            throw std::runtime_error{"no luck"};
        return measure(setup);
    };
    const auto outcome = run(space, *store, pool, {}, fails);
    expect_consistent(outcome);
    const auto rows = rows_of(*store);
    const auto at = [&](std::uint32_t clock, std::uint32_t heads) {
        return rows.at(space.number_of({clock, heads}));
    };
    EXPECT_EQ(at(0, 0).point.status, PointStatus::Violated);
    EXPECT_EQ(at(0, 0).point.reason, "violates latency_ms.p99 < 150");
    ASSERT_TRUE(at(0, 0).evaluation);
    EXPECT_DOUBLE_EQ(at(0, 0).evaluation->metrics.at(1), 200.0);
    EXPECT_EQ(at(0, 1).point.status, PointStatus::Ok);
    EXPECT_EQ(at(0, 1).point.reason, "");
    EXPECT_EQ(at(0, 2).point.status, PointStatus::Infeasible);
    EXPECT_THAT(at(0, 2).point.reason, StartsWith("does not fit: "));
    EXPECT_THAT(at(0, 2).point.reason, HasSubstr("DSP"));
    EXPECT_FALSE(at(0, 2).evaluation);
    EXPECT_EQ(at(1, 1).point.status, PointStatus::Infeasible);
    EXPECT_EQ(at(1, 1).point.reason, "violates clock != 125 || resources.dsps < 1000");
    EXPECT_GT(at(1, 1).point.statics.at(0), 1000.0); // which were estimated
    EXPECT_EQ(at(2, 1).point.status, PointStatus::Failed);
    EXPECT_EQ(at(2, 1).point.reason, "no luck");
    EXPECT_EQ(at(2, 1).evaluation.value().attempts, 2U);
    EXPECT_EQ(at(3, 1).point.status, PointStatus::Infeasible);
    EXPECT_EQ(at(3, 1).point.reason, "violates clock < 200");
    EXPECT_TRUE(std::isnan(at(3, 1).point.statics.at(0))); // nothing was resolved
    EXPECT_EQ(outcome.counts.ok, 1U);
}

TEST_F(SweepTest, SaysWhichRuleAPointBreaks)
{
    const auto space = space_of("name: ratios\n"
                                "base: {schedule: heatvit}\n"
                                "axes:\n"
                                "  - {key: schedule.selectors.0.keep_ratio, values: [0.7, 0.9]}\n"
                                "  - {key: schedule.selectors.1.keep_ratio, values: [0.6, 0.8]}\n");
    const auto store = new_store();
    InProcessPool pool;
    const auto outcome = run(space, *store, pool);
    EXPECT_EQ(outcome.counts.ok, 3U);
    EXPECT_EQ(outcome.counts.infeasible, 1U);
    const auto row = rows_of(*store).at(1);
    EXPECT_EQ(row.point.status, PointStatus::Infeasible);
    EXPECT_THAT(row.point.reason, HasSubstr("selectors.1.keep_ratio"));
    EXPECT_EQ(row.point.reason.find('\n'), std::string::npos);
}

TEST_F(SweepTest, RejectsAPointWhoseDerivedKeyHasNoValue)
{
    const auto space = space_of(space_text, {{"derived", "[{name: size, key: array.switch_cycles, "
                                                         "value: 12 / (heads - 2)}]"}});
    const auto store = new_store();
    InProcessPool pool;
    const auto outcome = run(space, *store, pool);
    EXPECT_EQ(outcome.counts.infeasible, 8U); // heads of 2, and of 1 with a negative number
    std::set<std::string> reasons;
    for (const auto& [point, row] : rows_of(*store, outcome.sweep))
        reasons.insert(row.point.reason);
    EXPECT_EQ(reasons.count("derived number size has no value"), 1U);
}

TEST_F(SweepTest, TriesFailedPointsAgainOnRequest)
{
    const auto space = space_of(space_text);
    const auto store = new_store();
    InProcessPool first;
    const auto failed = run(space, *store, first, {}, [](const system::RunSetup& setup) {
        if (setup.design.accelerator.array.heads == 2)
            throw std::runtime_error{"no luck"};
        return measure(setup);
    });
    EXPECT_EQ(failed.counts.failed, 4U);
    InProcessPool second;
    const auto unchanged = run(space, *store, second);
    EXPECT_EQ(unchanged.counts.failed, 4U);
    EXPECT_THAT(second.started, IsEmpty());
    InProcessPool third;
    SweepOptions retry;
    retry.retry_failed = true;
    const auto again = run(space, *store, third, retry);
    expect_consistent(again);
    EXPECT_EQ(again.counts.ok, 12U);
    EXPECT_EQ(again.counts.simulated, 4U);
    EXPECT_THAT(third.started, ElementsAre(1, 4, 7, 10));
    EXPECT_EQ(rows_of(*store).at(1).point.reason, "");
    EXPECT_EQ(rows_of(*store).at(1).evaluation.value().attempts, 1U);
}

TEST_F(SweepTest, ShardsShareThePoints)
{
    for (const auto* const strategy : {"{name: grid}", "{name: random, points: 7}"}) {
        const auto space = space_of(space_text, {{"strategy", strategy}});
        const auto whole = new_store();
        InProcessPool whole_pool;
        const auto expected = run(space, *whole, whole_pool);
        const auto merged = new_store();
        std::uint64_t planned = 0;
        std::size_t started = 0;
        for (std::uint64_t index = 0; index < 5; ++index) {
            const auto store = new_store();
            InProcessPool pool;
            SweepOptions options;
            options.shard = {index, 5};
            const auto outcome = run(space, *store, pool, options);
            expect_consistent(outcome);
            planned += outcome.counts.planned;
            started += pool.started.size();
            merged->merge(*store);
        }
        EXPECT_EQ(planned, expected.counts.planned);
        EXPECT_EQ(started, expected.counts.simulated);
        EXPECT_EQ(content(*merged), content(*whole));
    }
}

TEST_F(SweepTest, OptimizersGoOnWhereTheyWereStopped)
{
    for (const auto* const name : {"nsga2", "maco"}) {
        const auto space =
            space_of(space_text,
                     {{"axes.0", "{name: clock, key: clock_mhz, range: {from: 100, to: 200, "
                                 "step: 5}}"},
                      {"strategy", fmt::format("{{name: {}, points: 30, population: 8}}", name)}});
        const auto whole = new_store();
        InProcessPool whole_pool{4, Order::Backward};
        const auto expected = run(space, *whole, whole_pool);
        EXPECT_FALSE(expected.interrupted);
        EXPECT_LE(expected.counts.done(), 30U);
        EXPECT_GE(expected.counts.done(), 12U);
        EXPECT_EQ(expected.counts.done(), rows_of(*whole).size());

        const auto store = new_store();
        InProcessPool first;
        SweepOptions options;
        options.stop_requested = [&first] { return first.started.size() >= 10; };
        EXPECT_TRUE(run(space, *store, first, options).interrupted);
        EXPECT_EQ(rows_of(*store).size(), 10U);
        InProcessPool second;
        const auto rest = run(space, *store, second);
        EXPECT_EQ(first.started.size() + second.started.size(), whole_pool.started.size()) << name;
        EXPECT_EQ(content(*store), content(*whole)) << name;
        EXPECT_EQ(rest.counts.front, expected.counts.front);
    }
}

TEST_F(SweepTest, OptimizersAvoidWhatIsNotFeasible)
{
    const auto space =
        space_of(space_text, {{"constraints", "[clock < 180]"},
                              {"axes.1.values", "[1, 2, 3, 64]"},
                              {"strategy", "{name: nsga2, points: 16, population: 8}"}});
    const auto store = new_store();
    InProcessPool pool;
    const auto outcome = run(space, *store, pool);
    EXPECT_GT(outcome.counts.ok, 0U);
    EXPECT_GT(outcome.counts.infeasible, 0U);
    EXPECT_EQ(outcome.counts.ok, pool.started.size());
}

TEST_F(SweepTest, KnowsTheAccuracyOfAPoint)
{
    const auto space =
        space_of("name: accuracy\n"
                 "base: {schedule: heatvit_70_49_34, accuracy: deit_t_fashion_mnist}\n"
                 "axes:\n"
                 "  - {name: ratio, key: schedule.selectors.0.keep_ratio, values: "
                 "[0.7, 1.0]}\n"
                 "constraints: [accuracy.top1_percent > 92]\n"
                 "objectives: [{maximize: accuracy.top1_percent}, {minimize: "
                 "latency_ms.mean}]\n");
    const auto store = new_store();
    InProcessPool pool;
    const auto outcome = run(space, *store, pool);
    expect_consistent(outcome);
    const auto row = rows_of(*store).at(0);
    EXPECT_EQ(row.point.status, PointStatus::Ok);
    EXPECT_DOUBLE_EQ(row.point.statics.back(), 93.0);
    InProcessPool again; // from the store
    EXPECT_EQ(run(space, *store, again).counts.front, outcome.counts.front);
}

TEST(PointPreparer, AdaptsARecordedTrace)
{
    const auto space = space_of(fmt::format(
        "name: resampled\n"
        "base: {{schedule: heatvit, resample: {}/traces/deit_t_70_39_21.csv.gz, images: "
        "20}}\n"
        "axes:\n"
        "  - {{key: schedule.selectors.0.keep_ratio, values: [0.5, 0.7]}}\n",
        HEATSIM_SOURCE_DIR));
    const PointPreparer preparer{space};
    const auto mean = [](const system::RunSetup& setup) {
        double sum = 0.0;
        for (const auto& image : setup.images)
            sum += static_cast<double>(image.at(1));
        return sum / static_cast<double>(setup.images.size());
    };
    const auto half = preparer.prepare({0});
    const auto more = preparer.prepare({1});
    ASSERT_TRUE(half.setup && more.setup) << half.rejected << more.rejected;
    EXPECT_EQ(half.setup->images.size(), 20U);
    EXPECT_LT(mean(*half.setup), mean(*more.setup) - 20.0);
    EXPECT_NE(half.evaluation, more.evaluation);
    EXPECT_EQ(preparer.prepare({0}).evaluation, half.evaluation);
    EXPECT_EQ(preparer.prepare({0}).setup.value().images, half.setup->images);
}

} // namespace heatsim::sweep
