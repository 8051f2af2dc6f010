// SPDX-License-Identifier: Apache-2.0
// Simulated cycles per CPU-second and peak memory of whole images, with banked DDR.
//   build/release/bin/heatsim_bench
// SystemC elaborates once per process, so each benchmark runs in a child process of its own.
#include "ddr_bench.hpp"
#include "sweep_bench.hpp"
#include "system/catalog.hpp"
#include "system/simulation.hpp"
#include "test_set_bench.hpp"

#include <systemc>

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

/// What a child reports through its pipe.
struct Measurement {
    double cpu_seconds = 0.0;
    double simulated_cycles = 0.0;
    double simulated_ms = 0.0;
    double peak_memory_mb = 0.0;
};

[[nodiscard]] Measurement simulate(const heatsim::system::RunRequest& request)
{
    const auto setup = heatsim::system::load(request);
    heatsim::system::Simulation simulation{setup.design};
    const auto result =
        heatsim::system::run_images(simulation, setup.model, setup.schedule, setup.images,
                                    {1, false}); // each image: it is the simulation that is timed
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    Measurement measurement;
    measurement.cpu_seconds = result.cpu_seconds;
    measurement.simulated_cycles = static_cast<double>(result.simulated_cycles);
    measurement.simulated_ms =
        static_cast<double>(result.simulated_cycles) / (setup.design.accelerator.clock_mhz * 1e3);
    measurement.peak_memory_mb = static_cast<double>(usage.ru_maxrss) / 1024.0;
    return measurement;
}

/// Runs `simulate` in a child. \returns false if the child failed
[[nodiscard]] bool simulate_in_child(const heatsim::system::RunRequest& request,
                                     Measurement& measurement)
{
    int ends[2] = {};
    if (pipe(ends) != 0)
        return false;
    const auto child = fork();
    if (child < 0)
        return false;
    if (child == 0) {
        const auto measured = simulate(request);
        const auto written = write(ends[1], &measured, sizeof measured);
        _exit(written == static_cast<ssize_t>(sizeof measured) ? 0 : 1);
    }
    close(ends[1]);
    const auto got = read(ends[0], &measurement, sizeof measurement);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return got == static_cast<ssize_t>(sizeof measurement) && status == 0;
}

/// Time is the child's CPU time per image; elaboration and reading the configuration are not in it.
void image(benchmark::State& state,
           const std::string& accelerator,
           const std::string& model,
           const std::string& schedule)
{
    heatsim::system::RunRequest request;
    request.accelerator = accelerator;
    request.model = model;
    request.schedule = schedule;
    request.images = 20;
    Measurement sum;
    double memory_mb = 0.0;
    while (state.KeepRunning()) {
        Measurement measurement;
        if (!simulate_in_child(request, measurement)) {
            state.SkipWithError("the simulation failed");
            return;
        }
        sum.cpu_seconds += measurement.cpu_seconds;
        sum.simulated_cycles += measurement.simulated_cycles;
        sum.simulated_ms += measurement.simulated_ms;
        memory_mb = measurement.peak_memory_mb;
        state.SetIterationTime(measurement.cpu_seconds / static_cast<double>(request.images));
    }
    const auto images =
        static_cast<double>(state.iterations()) * static_cast<double>(request.images);
    state.counters["Mcycles_per_cpu_s"] = sum.simulated_cycles / sum.cpu_seconds / 1e6;
    state.counters["kcycles_per_image"] = sum.simulated_cycles / images / 1e3;
    state.counters["latency_ms"] = sum.simulated_ms / images;
    state.counters["peak_memory_mb"] = memory_mb;
}

} // namespace

int sc_main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    for (const std::string accelerator : {"heatvit_int8_zcu102", "group_vector_systolic_zcu102"}) {
        for (const std::string model : {"deit_t", "deit_s", "deit_b"}) {
            for (const std::string schedule : {"dense", "heatvit"}) {
                std::string name = accelerator;
                name.append("/").append(model).append("/").append(schedule);
                benchmark::RegisterBenchmark(name.c_str(), image, accelerator, model, schedule)
                    ->UseManualTime()
                    ->Unit(benchmark::kMillisecond)
                    ->Iterations(5);
            }
        }
    }
    heatsim::bench::register_ddr_benchmarks();
    heatsim::bench::register_test_set_benchmarks();
    heatsim::bench::register_sweep_benchmarks();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
