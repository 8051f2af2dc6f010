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

/// Token counts of images that are executed together.
using BatchCounts = std::vector<workload::TokenCounts>;

[[nodiscard]] std::vector<BatchCounts> batches_of(const std::vector<workload::TokenCounts>& images,
                                                  std::size_t batch_images)
{
    HEATSIM_CHECK(images.size() % batch_images == 0, "whole batches");
    std::vector<BatchCounts> batches;
    batches.reserve(images.size() / batch_images);
    for (auto next = images.begin(); next != images.end();) {
        const auto end = next + static_cast<std::ptrdiff_t>(batch_images);
        batches.emplace_back(next, end);
        next = end;
    }
    return batches;
}

/// Batches of a run that are the same work.
struct DistinctBatches {
    std::vector<std::size_t> first;   ///< of each kind of batch, its first one
    std::vector<std::uint64_t> times; ///< how many there are
    std::vector<std::size_t> kind;    ///< of each batch
};

[[nodiscard]] DistinctBatches distinct(const std::vector<BatchCounts>& batches, bool reuse)
{
    DistinctBatches result;
    result.kind.reserve(batches.size());
    std::map<BatchCounts, std::size_t> known;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const auto next = result.first.size();
        const auto kind = reuse ? known.emplace(batches[i], next).first->second : next;
        if (kind == next) {
            result.first.push_back(i);
            result.times.push_back(0);
        }
        ++result.times[kind];
        result.kind.push_back(kind);
    }
    return result;
}

/// What an image has of its batch, beside its tokens and MACs. \param member of the batch, from 0:
/// the first ones get what does not divide
[[nodiscard]] ImageResult
share_of(const ImageResult& batch, std::size_t member, std::size_t batch_images)
{
    const auto share = [&](std::uint64_t value) {
        return value / batch_images + (member < value % batch_images ? 1 : 0);
    };
    auto image = batch;
    for (auto* value : {&image.read_bytes, &image.write_bytes, &image.row_hits, &image.row_misses,
                        &image.row_conflicts})
        *value = share(*value);
    image.energy = batch.energy.divided_by(static_cast<double>(batch_images));
    return image;
}

/// What a worker tells of a batch.
[[nodiscard]] std::string bytes_of(const ImageResult& image)
{
    std::string bytes;
    for_each_number(image, [&bytes](const auto& value) { append_bytes(bytes, value); });
    return bytes;
}

[[nodiscard]] ImageResult result_of(std::string_view bytes)
{
    ImageResult image;
    ByteReader reader{bytes};
    for_each_number(image, [&reader](auto& value) {
        value = reader.get<std::remove_reference_t<decltype(value)>>();
    });
    return image;
}

/// One run over images: the work of each kind of batch, here or in workers.
class ImageRun {
  public:
    ImageRun(Simulation& simulation,
             const workload::Model& model,
             const workload::Schedule& schedule,
             const std::vector<workload::TokenCounts>& images,
             std::size_t batch_images,
             const Execution& execution,
             const Progress& progress)
        : simulation_{simulation}
        , model_{model}
        , schedule_{schedule}
        , batch_images_{batch_images}
        , execution_{execution}
        , progress_{progress}
        , batches_{batches_of(images, batch_images)}
        , distinct_{distinct(batches_, execution.reuse)}
        , results_(distinct_.first.size())
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
        run.batch_images = batch_images_;
        run.images.reserve(batches_.size() * batch_images_);
        for (std::size_t i = 0; i < batches_.size(); ++i)
            for (std::size_t member = 0; member < batch_images_; ++member)
                run.images.push_back(image_of(i, member));
        if (!batches_.empty())
            simulation_.put_into(run, sums_, lower(batches_.front()));
        stopwatch.stop(run);
        return run;
    }

  private:
    [[nodiscard]] workload::Workload lower(const BatchCounts& batch) const
    {
        return workload::lower_batch(model_, schedule_, batch,
                                     {simulation_.design().accelerator.controller.layout_copies});
    }

    [[nodiscard]] ImageResult simulate(std::size_t kind)
    {
        const auto number = distinct_.first[kind];
        const auto workload = lower(batches_[number]);
        if (execution_.before_image)
            execution_.before_image(number);
        auto batch = simulation_.run(workload);
        if (execution_.after_image)
            execution_.after_image(number);
        simulation_.add_to(sums_, workload, distinct_.times[kind]);
        return batch;
    }

    [[nodiscard]] ImageResult image_of(std::size_t batch, std::size_t member) const
    {
        auto image = share_of(results_[distinct_.kind[batch]], member, batch_images_);
        image.tokens = batches_[batch][member];
        if (batch_images_ > 1)
            image.macs = lower({image.tokens}).macs();
        return image;
    }

    void take(std::size_t kind, ImageResult batch)
    {
        results_[kind] = std::move(batch);
        done_ += distinct_.times[kind];
        if (progress_)
            progress_(done_ * batch_images_, batches_.size() * batch_images_);
    }

    /// A worker has its own copy of everything here: its sums begin empty as these do.
    [[nodiscard]] SharedWork shared_work()
    {
        SharedWork work;
        work.tasks = results_.size();
        work.run = [this](std::size_t kind) { return bytes_of(simulate(kind)); };
        work.finish = [this] { return sums_.bytes(); };
        work.take = [this](std::size_t kind, std::string_view bytes) {
            take(kind, result_of(bytes));
        };
        work.take_gathered = [this](std::string_view bytes) { sums_.add_bytes(bytes); };
        return work;
    }

    Simulation& simulation_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const std::size_t batch_images_;
    const Execution& execution_;
    const Progress progress_;
    const std::vector<BatchCounts> batches_;
    const DistinctBatches distinct_;
    std::vector<ImageResult> results_; ///< of each kind of batch, as if it were one image
    RunSums sums_;
    std::size_t done_ = 0; ///< batches
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

void Simulation::observe(channel::ActivityObserver* observer)
{
    chip_->observe(observer);
}

void Simulation::compute_with(hw::DataPath* data_path)
{
    chip_->controller().compute_with(data_path);
}

std::vector<Chip::Port> Simulation::ports() const
{
    return chip_->ports();
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
                     const RunSetup& setup,
                     const Execution& execution,
                     const Progress& progress)
{
    return ImageRun{simulation,         setup.model, setup.schedule, setup.images,
                    setup.batch_images, execution,   progress}
        .run();
}

RunResult run_images(Simulation& simulation,
                     const workload::Model& model,
                     const workload::Schedule& schedule,
                     const std::vector<workload::TokenCounts>& counts,
                     const Execution& execution,
                     const Progress& progress)
{
    return ImageRun{simulation, model, schedule, counts, 1, execution, progress}.run();
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
