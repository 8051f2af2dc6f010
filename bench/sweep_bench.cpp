// SPDX-License-Identifier: Apache-2.0
// The 10,000 points of configs/sweeps/deit_t_rates_and_arrays.yaml, pruning rates and shapes of the
// array on DeiT-T, on two processes: points per second of elapsed time, and the memory of the
// process that leads them after a tenth of the points and at the end.
#include "sweep_bench.hpp"

#include "report/point_metrics.hpp"
#include "sweep/fork_pool.hpp"
#include "sweep/sweep.hpp"
#include "system/child_process.hpp"
#include "system/process.hpp"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <vector>

namespace heatsim::bench {

namespace {

constexpr std::size_t workers = 2;

[[nodiscard]] double peak_memory_mb()
{
    rusage usage{};
    (void)getrusage(RUSAGE_SELF, &usage);
    constexpr double kibibytes_per_mb = 1e6 / 1024.0;
    return static_cast<double>(usage.ru_maxrss) / kibibytes_per_mb;
}

/// Elapsed seconds, points, simulations, memory after a tenth of the points and at the end.
[[nodiscard]] std::vector<double> sweep_once(const char* name)
{
    sweep::SpaceRequest request;
    request.space = name;
    request.metrics = report::point_metric_names();
    const auto space = sweep::DesignSpace::load(request);
    const system::TemporaryFolder folder;
    sweep::ResultStore store{(folder.path() / "store.sqlite").string(),
                             {"bench", sweep::static_numbers(), request.metrics}};
    sweep::ForkPool pool{workers, {}};
    double early_memory_mb = 0.0;
    sweep::SweepOptions options;
    options.progress = [&early_memory_mb](const sweep::SweepCounts& counts) {
        if (counts.done() == counts.planned / 10)
            early_memory_mb = peak_memory_mb();
    };
    const auto start = std::chrono::steady_clock::now();
    const auto outcome = sweep::run_sweep(space, store, pool, report::measure_point, options);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return {seconds, static_cast<double>(outcome.counts.done()),
            static_cast<double>(outcome.counts.simulated), early_memory_mb, peak_memory_mb()};
}

void whole_sweep(benchmark::State& state, const char* name)
{
    std::vector<double> figures;
    while (state.KeepRunning()) {
        figures = system::in_child([name] { return sweep_once(name); });
        state.SetIterationTime(figures.at(0));
    }
    state.counters["points"] = figures.at(1);
    state.counters["points/s"] = figures.at(1) / figures.at(0);
    state.counters["simulated"] = figures.at(2);
    state.counters["simulated/s"] = figures.at(2) / figures.at(0);
    state.counters["MB_at_tenth"] = figures.at(3);
    state.counters["MB_at_end"] = figures.at(4);
}

} // namespace

void register_sweep_benchmarks()
{
    for (const auto* name : {"deit_t_pruning_rates", "deit_t_rates_and_arrays"})
        benchmark::RegisterBenchmark(std::string{"sweep/"}.append(name).c_str(), whole_sweep, name)
            ->Iterations(1)
            ->UseManualTime()
            ->Unit(benchmark::kSecond);
}

} // namespace heatsim::bench
