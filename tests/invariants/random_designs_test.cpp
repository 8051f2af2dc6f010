// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

std::uint64_t sum(const channel::CauseCycles& cycles)
{
    return std::accumulate(cycles.begin(), cycles.end(), std::uint64_t{0});
}

/// Counters by the last two parts of their paths, summed over the modules of that name's start:
/// `ddr.bursts`, `dma.read_bursts`.
std::uint64_t counter(const std::vector<stats::Sample>& samples,
                      const std::string& module,
                      const std::string& name)
{
    std::uint64_t value = 0;
    for (const auto& sample : samples) {
        const auto dot = sample.path.rfind('.');
        const auto path = sample.path.substr(0, dot);
        const auto leaf = path.substr(path.rfind('.') + 1);
        if (leaf.rfind(module, 0) == 0 && sample.path.substr(dot + 1) == name)
            value += sample.value;
    }
    return value;
}

/// Everything an image cost, for comparisons.
std::vector<std::uint64_t> fingerprint(const ImageResult& image,
                                       const std::vector<hw::OperatorRecord>& records)
{
    std::vector<std::uint64_t> values{image.cycles,       image.macs,     image.read_bytes,
                                      image.write_bytes,  image.row_hits, image.row_misses,
                                      image.row_conflicts};
    values.insert(values.end(), image.cycles_by_cause.begin(), image.cycles_by_cause.end());
    for (const auto& record : records) {
        const auto& cost = record.cost;
        for (const auto value : {cost.start_cycle, cost.end_cycle, cost.unit_cycles,
                                 cost.input_bytes, cost.weight_bytes, cost.output_bytes})
            values.push_back(value);
        values.insert(values.end(), cost.cycles_by_cause.begin(), cost.cycles_by_cause.end());
    }
    return values;
}

/// A random chip, network and schedule per case: a seed that fails says everything about itself.
class RandomDesign : public testing::TestWithParam<std::uint64_t> {
  protected:
    RandomDesign()
        : setup{test::random_setup(GetParam())}
        , trace{__FILE__, __LINE__, resolved_configuration(setup)}
    {}

    [[nodiscard]] workload::Workload workload(const workload::TokenCounts& counts) const
    {
        return lower(setup.model, setup.schedule, counts,
                     {setup.design.accelerator.controller.layout_copies});
    }
    void expect_accounts_close(Simulation& simulation, const workload::TokenCounts& counts);

    const RunSetup setup;
    const testing::ScopedTrace trace;
};

void RandomDesign::expect_accounts_close(Simulation& simulation,
                                         const workload::TokenCounts& counts)
{
    const auto work = workload(counts);
    const auto image = simulation.run(work); // throws where a bound is broken
    EXPECT_EQ(image.macs, work.macs());
    EXPECT_EQ(sum(image.cycles_by_cause), image.cycles);

    // operators partition the image, each one's causes its own cycles
    std::uint64_t elapsed = 0;
    std::uint64_t previous_end = 0;
    const auto& records = simulation.records();
    ASSERT_EQ(records.size(), work.operators.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& cost = records[i].cost;
        EXPECT_LE(cost.start_cycle, cost.end_cycle);
        EXPECT_EQ(sum(cost.cycles_by_cause), cost.end_cycle - cost.start_cycle)
            << work.operators[i].name;
        if (records[i].fused_into == workload::Operand::none) {
            EXPECT_EQ(cost.start_cycle, previous_end) << work.operators[i].name;
        }
        previous_end = cost.end_cycle;
        elapsed += cost.end_cycle - cost.start_cycle;
        if (records[i].unit == channel::Worker::Array) {
            EXPECT_GE(cost.unit_cycles * setup.design.accelerator.array.macs_per_cycle(),
                      work.operators[i].macs())
                << work.operators[i].name;
        }
    }
    EXPECT_EQ(elapsed, image.cycles);

    // so does the energy, but for what time alone costs
    double energy = image.energy.picojoules(estimate::EnergyPart::Static);
    ASSERT_EQ(simulation.energies().size(), records.size());
    for (const auto& of_operator : simulation.energies()) {
        EXPECT_EQ(of_operator.picojoules(estimate::EnergyPart::Static), 0.0);
        EXPECT_GE(of_operator.picojoules(), 0.0);
        energy += of_operator.picojoules();
    }
    EXPECT_NEAR(energy, image.energy.picojoules(), image.energy.picojoules() * 1e-12);

    // what was issued was served
    const auto samples = simulation.statistics();
    const auto busy = image.cycles_by_cause[static_cast<std::size_t>(channel::ArrayCause::Busy)];
    EXPECT_LE(busy, counter(samples, "gemm_array", "busy_cycles"));
    if (setup.design.accelerator.memory == MemoryModel::Ideal ||
        setup.design.accelerator.dma.engine == hw::DmaEngine::WordSerial)
        return;
    const auto ports = [&](const char* name) {
        return counter(samples, "dma_", name) + counter(samples, "host_memory", name);
    };
    EXPECT_EQ(ports("read_bytes"), image.read_bytes);
    EXPECT_EQ(ports("write_bytes"), image.write_bytes);
    EXPECT_EQ(counter(samples, "ddr", "read_bytes"), image.read_bytes);
    EXPECT_EQ(counter(samples, "ddr", "write_bytes"), image.write_bytes);
    EXPECT_EQ(counter(samples, "ddr", "bursts"), ports("read_bursts") + ports("write_bursts"));
}

TEST_P(RandomDesign, ClosesItsAccounts)
{
    Simulation simulation{setup.design};
    for (const auto& counts : setup.images)
        expect_accounts_close(simulation, counts);
}

TEST_P(RandomDesign, ForgetsTheImagesBefore)
{
    // A, B, C, A, C, B, B: whatever came before, an image costs the same
    Simulation simulation{setup.design};
    std::map<std::size_t, std::vector<std::uint64_t>> first;
    for (const std::size_t index : {0U, 1U, 2U, 0U, 2U, 1U, 1U}) {
        const auto work = workload(setup.images[index]);
        const auto image = simulation.run(work);
        const auto costs = fingerprint(image, simulation.records());
        const auto [known, is_new] = first.emplace(index, costs);
        EXPECT_TRUE(is_new || known->second == costs) << "image " << index;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDesign, testing::Range<std::uint64_t>(0, 40));

} // namespace
} // namespace heatsim::system
