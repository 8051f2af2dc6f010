// SPDX-License-Identifier: Apache-2.0
#include "system/simulation.hpp"

#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <systemc>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <numeric>
#include <sstream>
#include <utility>

namespace heatsim::system {

namespace {

/// Starts the CPU and wall clocks and stops them into a result.
class Stopwatch {
  public:
    void stop(RunResult& result) const
    {
        result.cpu_seconds += static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC;
        result.wall_seconds +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
    }

  private:
    std::clock_t cpu_ = std::clock();
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
};

void add_image(RunResult& run,
               Simulation& simulation,
               const workload::Workload& workload,
               ImageResult image)
{
    const auto& records = simulation.records();
    if (run.operators.empty()) {
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& op = workload.operators[i];
            OperatorSummary summary;
            summary.name = op.name;
            summary.kind = op.kind;
            summary.unit = records[i].unit;
            summary.block = op.block;
            summary.selector = op.selector;
            summary.stage = op.stage;
            run.operators.push_back(std::move(summary));
        }
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& op = workload.operators[i];
        auto& summary = run.operators[i];
        if (records[i].fused_into != workload::Operand::none)
            summary.fused_into = workload.operators[records[i].fused_into].name;
        ++summary.images;
        summary.rows += op.rows();
        summary.macs += op.macs();
        summary.sum += records[i].cost;
        summary.energy += simulation.energies()[i];
    }
    simulation.add_statistics(run.statistics);
    run.simulated_cycles += image.cycles;
    run.images.push_back(std::move(image));
}

} // namespace

Simulation::Simulation(const Design& design)
    : design_{design}
    , energy_model_{design.energy, energy_design(design)}
{
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
    chip_ = std::make_unique<Chip>("chip", design_);
    sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaboration ends here
}

Simulation::~Simulation() = default;

const std::vector<hw::OperatorRecord>& Simulation::records() const
{
    return chip_->controller().records();
}

void Simulation::trace_ddr(DdrTrace trace)
{
    HEATSIM_CHECK(design_.accelerator.has_ddr(), "trace of a DDR that is not there");
    ddr_trace_ = std::move(trace);
    ddr_trace_start_fs_ = channel::now_fs();
    const auto bytes = design_.memory.access_bytes();
    chip_->observe_ddr([this, bytes](std::uint64_t cycle, std::uint64_t address, bool write) {
        ddr_accesses_.push_back({cycle, address, bytes, write});
    });
}

/// The DDR counts from the start of the simulation, its controllers from that of the image: no
/// image's cycles may depend on what the chip did before the trace began.
void Simulation::tell_ddr_accesses(std::uint64_t image_start_fs)
{
    const Clock clock{design_.memory.clock_mhz};
    const auto before = clock.floor_cycles(image_start_fs);
    const auto start = clock.floor_cycles(image_start_fs - ddr_trace_start_fs_);
    for (auto& access : ddr_accesses_)
        access.cycle = access.cycle - before + start;
    // not always told in order: a burst that waits for room in a queue is let in at a cycle of its
    // channel's controller, which gets there when the next request or response asks it to
    std::stable_sort(ddr_accesses_.begin(), ddr_accesses_.end(),
                     [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
    for (const auto& access : ddr_accesses_)
        ddr_trace_(access);
    ddr_accesses_.clear();
}

ImageResult Simulation::run(const workload::Workload& workload)
{
    auto& controller = chip_->controller();
    const auto start_fs = channel::now_fs();
    chip_->restart();
    controller.start(workload);
    sc_core::sc_start(); // until nothing is left to happen
    if (!controller.finished()) {
        std::ostringstream dump;
        dump << "deadlock: nothing can happen any more at " << sc_core::sc_time_stamp() << '\n';
        controller.dump(dump);
        throw SimulationError{dump.str()};
    }
    chip_->settle();
    ImageResult result;
    result.tokens = workload.tokens;
    result.macs = workload.macs();
    result.cycles = controller.cycles();
    result.cycles_by_cause = controller.cycles_by_cause();
    result.read_bytes = chip_->read_bytes();
    result.write_bytes = chip_->write_bytes();
    if (const auto* ddr = chip_->ddr_stats()) {
        result.row_hits = ddr->row_hits.value();
        result.row_misses = ddr->row_misses.value();
        result.row_conflicts = ddr->row_conflicts.value();
    }
    check_bounds(workload, result);
    estimate::MemoryCommands commands;
    if (const auto* ddr = chip_->ddr_stats())
        commands = {result.row_misses + result.row_conflicts, ddr->refreshes.value()};
    energies_ = energy_model_.operators(workload, records(), commands);
    result.energy = energy_model_.over_time(result.cycles);
    for (const auto& energy : energies_)
        result.energy += energy;
    if (ddr_trace_)
        tell_ddr_accesses(start_fs);
    return result;
}

void Simulation::check_bounds(const workload::Workload& workload, const ImageResult& result) const
{
    const auto& accelerator = design_.accelerator;
    const auto require = [](bool holds, const std::string& bound) {
        if (!holds)
            throw SimulationError{"a bound does not hold: " + bound};
    };
    const auto causes = std::accumulate(result.cycles_by_cause.begin(),
                                        result.cycles_by_cause.end(), std::uint64_t{0});
    require(causes == result.cycles, "the causes' cycles (" + std::to_string(causes) +
                                         ") sum up to the elapsed ones (" +
                                         std::to_string(result.cycles) + ")");
    const auto least_cycles = ceil_div(result.macs, accelerator.array.macs_per_cycle());
    require(result.cycles + 1 >= least_cycles, "cycles (" + std::to_string(result.cycles) +
                                                   ") >= MACs / peak (" +
                                                   std::to_string(least_cycles) + ")");
    const auto compulsory =
        workload.compulsory_bytes(accelerator.activation_bytes(), accelerator.weight_bytes());
    const auto moved = result.read_bytes + result.write_bytes;
    require(moved >= compulsory, "bytes moved (" + std::to_string(moved) + ") >= compulsory (" +
                                     std::to_string(compulsory) + ")");
    std::uint64_t booked = 0;
    for (const auto& [cost, unit, fused_into] : records())
        booked += cost.input_bytes + cost.weight_bytes + cost.output_bytes;
    require(booked == moved, "bytes booked to operators (" + std::to_string(booked) +
                                 ") equal those over the ports (" + std::to_string(moved) + ")");
    if (chip_->ddr_stats() != nullptr) {
        const double seconds = static_cast<double>(result.cycles) / (accelerator.clock_mhz * 1e6);
        const double bandwidth = static_cast<double>(moved) / seconds;
        require(bandwidth <= design_.memory.peak_bandwidth_bytes_per_s(),
                "bandwidth (" + std::to_string(bandwidth) + " B/s) <= the pins' peak");
    }
}

void Simulation::add_statistics(std::vector<stats::Sample>& sums)
{
    const bool fresh = sums.empty();
    std::size_t index = 0;
    for (const auto* group : chip_->statistics()) {
        for (const auto* counter : group->counters()) {
            if (fresh)
                sums.push_back({group->path() + "." + counter->name(), counter->unit(),
                                counter->description(), 0});
            auto& sum = sums[index++].value;
            sum = counter->merge() == stats::Merge::Maximum ? std::max(sum, counter->value())
                                                            : sum + counter->value();
        }
    }
}

RunResult run_images(Simulation& simulation,
                     const workload::Model& model,
                     const workload::Schedule& schedule,
                     const std::vector<workload::TokenCounts>& counts,
                     const Progress& progress)
{
    RunResult run;
    const Stopwatch stopwatch;
    const workload::LoweringOptions options{
        simulation.design().accelerator.controller.layout_copies};
    run.images.reserve(counts.size());
    for (const auto& count : counts) {
        const auto workload = workload::lower(model, schedule, count, options);
        auto image = simulation.run(workload);
        add_image(run, simulation, workload, std::move(image));
        if (progress)
            progress(run.images.size(), counts.size());
    }
    stopwatch.stop(run);
    return run;
}

RunResult run_workload(Simulation& simulation, const workload::Workload& workload)
{
    RunResult run;
    const Stopwatch stopwatch;
    auto image = simulation.run(workload);
    add_image(run, simulation, workload, std::move(image));
    stopwatch.stop(run);
    return run;
}

} // namespace heatsim::system
