// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/controller/controller.hpp"
#include "stats/exact_sum.hpp"
#include "system/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::system {

/// What is summed over the images of a run, as it goes. The sums do not depend on the order of the
/// images nor on who added which of them: integers, and real numbers as `ExactSum`.
class RunSums {
  public:
    /// One image, or batch, and `times - 1` others of the same cost. \pre the workloads of all have
    /// the same operators
    void add_operators(const workload::Workload& workload,
                       const std::vector<hw::OperatorRecord>& records,
                       const std::vector<estimate::Energy>& energies,
                       std::uint64_t times);
    /// In the chip's order, which is the same for all images.
    void add_statistics(const std::vector<const stats::Counter*>& counters, std::uint64_t times);
    /// Cycles that were simulated.
    void add_simulated_cycles(std::uint64_t cycles) { simulated_cycles_ += cycles; }

    /// As bytes for another process, and adds those of another process.
    [[nodiscard]] std::string bytes() const;
    void add_bytes(std::string_view bytes);

    /// Puts the sums into the result of the run. \param workload of any image
    /// \param groups where the counters were
    void put_into(RunResult& run,
                  const workload::Workload& workload,
                  const std::vector<const stats::Group*>& groups) const;

  private:
    /// Of one operator. Trivially copyable.
    struct OperatorSums {
        channel::Worker unit = channel::Worker::Host; ///< the first of `Worker` that it ran on
        std::uint32_t fused_into = workload::Operand::none; ///< the first it was fused into
        std::uint64_t executions = 0;
        std::uint64_t rows = 0;
        std::uint64_t macs = 0;
        channel::OperatorCost cost;
        std::array<stats::ExactSum, estimate::energy_parts> picojoules{};
    };
    struct CounterSum {
        stats::Merge merge = stats::Merge::Sum;
        std::uint64_t value = 0;
    };

    static void merge(OperatorSums& sums, const OperatorSums& other);
    static void merge(CounterSum& sum, const CounterSum& other);

    std::vector<OperatorSums> operators_;
    std::vector<CounterSum> counters_;
    std::uint64_t simulated_cycles_ = 0;
};

} // namespace heatsim::system
