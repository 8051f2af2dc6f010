// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"
#include "system/chip.hpp"
#include "system/result.hpp"
#include "system/run_sums.hpp"
#include "workload/memory_traffic.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace heatsim::system {

/// The simulated chip cannot go on: a deadlock or a violated bound. Our bug, with what is known of
/// it. The command line exits with code 3.
class SimulationError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One elaborated chip that simulates any number of images, one after the other, each from the same
/// defined start state (everything idle, rows closed, refresh interval at its beginning).
///
/// SystemC elaborates once per process: at most one Simulation may ever be made in a process.
class Simulation {
  public:
    explicit Simulation(const Design& design);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    /// Simulates one image. The bounds every run has to keep are asserted: cycles of all causes sum
    /// up to the elapsed ones, cycles ≥ MACs / peak, bytes ≥ compulsory traffic, bandwidth ≤ peak.
    /// \throws SimulationError on a deadlock or a violated bound
    ImageResult run(const workload::Workload& workload);

    /// Called with every column access to the DDR, image by image, each in order of time. Cycles
    /// are those of the memory clock since the start of the first image behind this call.
    using DdrTrace = std::function<void(const workload::MemoryRequest&)>;
    /// \pre the design has a DDR
    void trace_ddr(DdrTrace trace);

    /// Who is told what the blocks do from now on. \param observer null: nobody; must live until
    /// another one takes its place
    void observe(channel::ActivityObserver* observer);
    /// \param data_path that moves and computes the numbers of the images from now on; null: none.
    /// The timing is the same
    void compute_with(hw::DataPath* data_path);
    /// Ports to the memory, in the order of the numbers that an observer gets.
    [[nodiscard]] std::vector<Chip::Port> ports() const;

    /// Per operator of the last image.
    [[nodiscard]] const std::vector<hw::OperatorRecord>& records() const;
    /// Estimated energy of each of them.
    [[nodiscard]] const std::vector<estimate::Energy>& energies() const noexcept
    {
        return energies_;
    }
    /// Estimated energy of time alone: the part `Static`.
    [[nodiscard]] estimate::Energy energy_over_time(std::uint64_t cycles) const;
    /// Statistics of the last image.
    [[nodiscard]] std::vector<stats::Sample> statistics();
    /// Adds what the last image cost to `sums`, for it and `times - 1` images of the same cost.
    void add_to(RunSums& sums, const workload::Workload& workload, std::uint64_t times);
    /// Puts sums over images of this chip into a result.
    void put_into(RunResult& run, const RunSums& sums, const workload::Workload& workload);
    [[nodiscard]] const Design& design() const noexcept { return design_; }

  private:
    void check_bounds(const workload::Workload& workload, const ImageResult& result) const;
    void tell_ddr_accesses(std::uint64_t image_start_fs);

    const Design design_;
    const estimate::EnergyModel energy_model_;
    std::vector<estimate::Energy> energies_; ///< of the last image's operators
    std::unique_ptr<Chip> chip_;
    DdrTrace ddr_trace_;
    std::uint64_t ddr_trace_start_fs_ = 0;
    std::vector<workload::MemoryRequest> ddr_accesses_; ///< of the image, while they are traced
};

/// Called when images are done: images done, images in all.
using Progress = std::function<void(std::size_t, std::size_t)>;

/// How the images of a run are worked on. The result does not depend on it.
struct Execution {
    std::size_t workers = 1; ///< processes; 1: this one
    /// Whether images, or batches, of the same token counts are simulated once: each starts in the
    /// same state, so the same work takes the same cycles.
    bool reuse = true;
    /// Called in the process that simulates, with the number of an image (or batch), before and
    /// after it; empty: not.
    std::function<void(std::size_t)> before_image = {};
    std::function<void(std::size_t)> after_image = {};
};

/// Simulates the images of a setup in its batches and sums up.
/// \pre whole batches, as `load` makes them
/// \throws SimulationError of a batch, or if a worker process ended before its work did
[[nodiscard]] RunResult run_images(Simulation& simulation,
                                   const RunSetup& setup,
                                   const Execution& execution = {},
                                   const Progress& progress = {});

/// Simulates one image per entry of `counts`, each by itself, and sums up.
/// \throws SimulationError of an image, or if a worker process ended before its work did
[[nodiscard]] RunResult run_images(Simulation& simulation,
                                   const workload::Model& model,
                                   const workload::Schedule& schedule,
                                   const std::vector<workload::TokenCounts>& counts,
                                   const Execution& execution = {},
                                   const Progress& progress = {});

/// Simulates one GEMM.
[[nodiscard]] RunResult run_workload(Simulation& simulation, const workload::Workload& workload);

} // namespace heatsim::system
