// SPDX-License-Identifier: Apache-2.0
#include "system/simulation.hpp"

#include "system/byte_archive.hpp"
#include "system/child_process.hpp"
#include "system/stopwatch.hpp"
#include "tlm/check.hpp"
#include "tlm/time.hpp"

#include <systemc>

#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace heatsim::system {

namespace {

/// Images of a run that are the same work.
struct DistinctImages {
    std::vector<std::size_t> first;   ///< of each kind of image, its first one
    std::vector<std::uint64_t> times; ///< how many there are
    std::vector<std::size_t> kind;    ///< of each image
};

[[nodiscard]] DistinctImages distinct(const std::vector<workload::TokenCounts>& counts, bool reuse)
{
    DistinctImages images;
    images.kind.reserve(counts.size());
    std::map<workload::TokenCounts, std::size_t> known;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto next = images.first.size();
        const auto kind = reuse ? known.emplace(counts[i], next).first->second : next;
        if (kind == next) {
            images.first.push_back(i);
            images.times.push_back(0);
        }
        ++images.times[kind];
        images.kind.push_back(kind);
    }
    return images;
}

/// What a worker tells of an image.
[[nodiscard]] std::string bytes_of(const ImageResult& image)
{
    std::string bytes;
    for_each_number(image, [&bytes](const auto& value) { append_bytes(bytes, value); });
    return bytes;
}

[[nodiscard]] ImageResult image_of(std::string_view bytes, const workload::TokenCounts& tokens)
{
    ImageResult image;
    image.tokens = tokens;
    ByteReader reader{bytes};
    for_each_number(image, [&reader](auto& value) {
        value = reader.get<std::remove_reference_t<decltype(value)>>();
    });
    return image;
}

/// One run over images: the work of each kind of image, here or in workers.
class ImageRun {
  public:
    ImageRun(Simulation& simulation,
             const workload::Model& model,
             const workload::Schedule& schedule,
             const std::vector<workload::TokenCounts>& counts,
             const Execution& execution,
             const Progress& progress)
        : simulation_{simulation}
        , model_{model}
        , schedule_{schedule}
        , counts_{counts}
        , execution_{execution}
        , progress_{progress}
        , images_{distinct(counts, execution.reuse)}
        , results_(images_.first.size())
    {}

    RunResult run()
    {
        RunResult run;
        const Stopwatch stopwatch;
        const auto workers = std::min(execution_.workers, results_.size());
        if (workers > 1)
            run.cpu_seconds = run_in_workers(shared_work(), workers);
        else
            for (std::size_t kind = 0; kind < results_.size(); ++kind)
                take(kind, simulate(kind));
        run.images.reserve(counts_.size());
        for (const auto kind : images_.kind)
            run.images.push_back(results_[kind]);
        if (!counts_.empty())
            simulation_.put_into(run, sums_, lower(0));
        stopwatch.stop(run);
        return run;
    }

  private:
    [[nodiscard]] workload::Workload lower(std::size_t kind) const
    {
        return workload::lower(model_, schedule_, counts_[images_.first[kind]],
                               {simulation_.design().accelerator.controller.layout_copies});
    }

    [[nodiscard]] ImageResult simulate(std::size_t kind)
    {
        const auto workload = lower(kind);
        auto image = simulation_.run(workload);
        simulation_.add_to(sums_, workload, images_.times[kind]);
        return image;
    }

    void take(std::size_t kind, ImageResult image)
    {
        results_[kind] = std::move(image);
        done_ += images_.times[kind];
        if (progress_)
            progress_(done_, counts_.size());
    }

    /// A worker has its own copy of everything here: its sums begin empty as these do.
    [[nodiscard]] SharedWork shared_work()
    {
        SharedWork work;
        work.tasks = results_.size();
        work.run = [this](std::size_t kind) { return bytes_of(simulate(kind)); };
        work.finish = [this] { return sums_.bytes(); };
        work.take = [this](std::size_t kind, std::string_view bytes) {
            take(kind, image_of(bytes, counts_[images_.first[kind]]));
        };
        work.take_gathered = [this](std::string_view bytes) { sums_.add_bytes(bytes); };
        return work;
    }

    Simulation& simulation_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const std::vector<workload::TokenCounts>& counts_;
    const Execution& execution_;
    const Progress& progress_;
    const DistinctImages images_;
    std::vector<ImageResult> results_; ///< of each kind of image
    RunSums sums_;
    std::size_t done_ = 0;
};

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

estimate::Energy Simulation::energy_over_time(std::uint64_t cycles) const
{
    return energy_model_.over_time(cycles);
}

std::vector<stats::Sample> Simulation::statistics()
{
    std::vector<stats::Sample> samples;
    for (const auto* group : chip_->statistics())
        for (const auto* counter : group->counters())
            samples.push_back({group->path() + "." + counter->name(), counter->unit(),
                               counter->description(), counter->value()});
    return samples;
}

void Simulation::add_to(RunSums& sums, const workload::Workload& workload, std::uint64_t times)
{
    std::vector<const stats::Counter*> counters;
    for (const auto* group : chip_->statistics())
        counters.insert(counters.end(), group->counters().begin(), group->counters().end());
    sums.add_operators(workload, records(), energies_, times);
    sums.add_statistics(counters, times);
    sums.add_simulated_cycles(chip_->controller().cycles());
}

void Simulation::put_into(RunResult& run, const RunSums& sums, const workload::Workload& workload)
{
    sums.put_into(run, workload, chip_->statistics());
}

RunResult run_images(Simulation& simulation,
                     const workload::Model& model,
                     const workload::Schedule& schedule,
                     const std::vector<workload::TokenCounts>& counts,
                     const Execution& execution,
                     const Progress& progress)
{
    return ImageRun{simulation, model, schedule, counts, execution, progress}.run();
}

RunResult run_workload(Simulation& simulation, const workload::Workload& workload)
{
    RunResult run;
    const Stopwatch stopwatch;
    run.images.push_back(simulation.run(workload));
    RunSums sums;
    simulation.add_to(sums, workload, 1);
    simulation.put_into(run, sums, workload);
    stopwatch.stop(run);
    return run;
}

} // namespace heatsim::system
