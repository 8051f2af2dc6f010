// SPDX-License-Identifier: Apache-2.0
// A recorded test set of 10,000 images, simulated in full and composed, on two processes. Time is
// elapsed time without reading the trace.
#include "test_set_bench.hpp"

#include "system/child_process.hpp"
#include "system/composition.hpp"
#include "system/process.hpp"
#include "system/simulation.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

namespace heatsim::bench {

namespace {

constexpr std::size_t workers = 2;

enum class Way : std::uint8_t {
    Simulated,
    ComposedFirst,  ///< parts are simulated
    ComposedStored, ///< parts are there from a run before
};

/// Elapsed and CPU seconds.
[[nodiscard]] std::vector<double> run(const system::RunSetup& setup, Way way)
{
    system::Simulation simulation{setup.design};
    const system::Execution execution{workers, true};
    const auto result =
        way == Way::Simulated
            ? system::run_images(simulation, setup.model, setup.schedule, setup.images, execution)
            : system::compose_images(simulation, setup, execution, {}).run;
    return {result.wall_seconds, result.cpu_seconds};
}

void test_set(benchmark::State& state, Way way)
{
    system::RunRequest request;
    request.trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
    const auto setup = system::load(request);
    double cpu_seconds = 0.0;
    while (state.KeepRunning()) {
        const system::TemporaryFolder cache;
        setenv("HEATSIM_CACHE", cache.path().c_str(), 1);
        if (way == Way::ComposedStored)
            (void)system::in_child([&] { return run(setup, way); });
        const auto seconds = system::in_child([&] { return run(setup, way); });
        state.SetIterationTime(seconds.at(0));
        cpu_seconds += seconds.at(1);
    }
    const auto images = state.iterations() * static_cast<std::int64_t>(setup.images.size());
    state.SetItemsProcessed(images);
    state.counters["cpu_s"] = cpu_seconds / static_cast<double>(state.iterations());
}

} // namespace

void register_test_set_benchmarks()
{
    const auto add = [](const char* name, Way way) {
        benchmark::RegisterBenchmark(name, test_set, way)
            ->UseManualTime()
            ->Unit(benchmark::kSecond)
            ->Iterations(1);
    };
    add("test_set/simulated", Way::Simulated);
    add("test_set/composed_first", Way::ComposedFirst);
    add("test_set/composed_stored", Way::ComposedStored);
}

} // namespace heatsim::bench
