// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

struct Run {
    const char* accelerator;
    const char* schedule;
};

std::ostream& operator<<(std::ostream& out, const Run& run)
{
    return out << run.accelerator << '_' << run.schedule;
}

class Physics : public testing::TestWithParam<Run> {};

std::uint64_t counter(const std::vector<stats::Sample>& samples, const std::string& path)
{
    const auto found = std::find_if(samples.begin(), samples.end(),
                                    [&](const auto& sample) { return sample.path == path; });
    if (found == samples.end())
        ADD_FAILURE() << "no counter " << path;
    return found == samples.end() ? 0 : found->value;
}

TEST_P(Physics, IsNotBeaten)
{
    const auto setup = test::shipped_setup(GetParam().accelerator, "deit_t", GetParam().schedule);
    const auto& accelerator = setup.design.accelerator;
    const auto& memory = setup.design.memory;
    Simulation simulation{setup.design};
    const auto work = lower(setup.model, setup.schedule, setup.images.front(),
                            {accelerator.controller.layout_copies});
    const auto image = simulation.run(work);
    const auto samples = simulation.statistics();

    // compute roof: no more MACs in a busy cycle than the array has
    const auto busy = image.cycles_by_cause[static_cast<std::size_t>(channel::ArrayCause::Busy)];
    EXPECT_GE(busy * accelerator.array.macs_per_cycle(), image.macs);
    // traffic: every static weight in, the image in, the result out
    EXPECT_GE(image.read_bytes + image.write_bytes,
              work.compulsory_bytes(accelerator.activation_bytes(), accelerator.weight_bytes()));
    if (accelerator.dma.engine == hw::DmaEngine::WordSerial)
        return;

    // ports: one beat a cycle and direction
    for (const auto& port : accelerator.dma.ports) {
        const auto path = "chip.dma_" + port.name + ".";
        for (const std::string direction : {"read", "write"}) {
            const auto beats = counter(samples, path + direction + "_busy_cycles");
            EXPECT_LE(beats, image.cycles) << path << direction;
            EXPECT_LE(counter(samples, path + direction + "_bytes"), beats * port.width_bytes());
        }
    }
    // pins: the data bus is taken by one access at a time; posted writes may still be under way
    // when the image ends, at most one queue and one 4 KiB burst per port that waits for it
    const Clock fabric{accelerator.clock_mhz};
    const Clock pins{memory.clock_mhz};
    const auto elapsed = pins.ceil_cycles(fabric.to_fs(image.cycles)) * memory.channels;
    const auto posted =
        (memory.write_queue_entries + accelerator.dma.ports.size() * 4096 / memory.access_bytes()) *
        memory.t_ccd_l;
    EXPECT_LE(counter(samples, "chip.ddr.data_cycles"), elapsed + posted);
    EXPECT_LE(image.read_bytes + image.write_bytes,
              counter(samples, "chip.ddr.data_cycles") * memory.data_width_bits / 8 * 2);
    // refreshes happen
    EXPECT_GE(counter(samples, "chip.ddr.refreshes") + memory.channels, elapsed / memory.t_refi);
}

TEST_P(Physics, MakesNoOperatorFree)
{
    const auto setup = test::shipped_setup(GetParam().accelerator, "deit_t", GetParam().schedule);
    Simulation simulation{setup.design};
    const auto result = run_images(simulation, setup.model, setup.schedule, {setup.images.front()});
    for (const auto& op : result.operators) {
        if (op.rows == 0)
            continue;
        EXPECT_TRUE(op.sum.cycles() > 0 || !op.fused_into.empty()) << op.name;
        // a copy is as long as its transfers; fused operators run in the vector unit's pipeline
        EXPECT_TRUE(op.sum.unit_cycles > 0 || op.kind == workload::OperatorKind::Copy) << op.name;
    }
}

TEST(Batches, LoadTheWeightsOnceAndAreNoSlowerThanTheirImages)
{
    const auto setup = test::shipped_setup("heatvit_int8_zcu102", "deit_t", "heatvit");
    const std::vector<workload::TokenCounts> images{{197, 139, 78, 43}, {197, 90, 50, 20}};
    Simulation simulation{setup.design};
    std::uint64_t cycles = 0;
    std::uint64_t read_bytes = 0;
    for (const auto& image : images) {
        const auto result = simulation.run(workload::lower(setup.model, setup.schedule, image));
        cycles += result.cycles;
        read_bytes += result.read_bytes;
    }
    const auto batch = simulation.run(workload::lower_batch(setup.model, setup.schedule, images));
    EXPECT_LT(batch.cycles, cycles);
    EXPECT_LT(batch.read_bytes, read_bytes);
}

std::string run_name(const testing::TestParamInfo<Run>& run)
{
    return std::string{run.param.accelerator} + "_" + run.param.schedule;
}

INSTANTIATE_TEST_SUITE_P(Methods,
                         Physics,
                         testing::Values(Run{"heatvit_int8_zcu102", "dynamicvit"},
                                         Run{"heatvit_int8_zcu102", "evit_70"},
                                         Run{"heatvit_int8_zcu102", "evo_vit"},
                                         Run{"heatvit_int8_zcu102", "avit_deit_t"},
                                         Run{"heatvit_int8_zcu102", "tome_13"},
                                         Run{"heatvit_int8_zcu102", "static_70_49_34"},
                                         Run{"heatvit_int8_zcu102", "heatvit_top_k_70_39_21"},
                                         Run{"heatvit_int8_zcu102", "head_pruning_67"},
                                         Run{"heatvit_int8_zcu102", "channel_pruning_75"},
                                         Run{"group_vector_systolic_zcu102", "tome_13"}),
                         run_name);

INSTANTIATE_TEST_SUITE_P(Shipped,
                         Physics,
                         testing::Values(Run{"heatvit_int8_zcu102", "dense"},
                                         Run{"heatvit_int8_zcu102", "heatvit"},
                                         Run{"heatvit_int16_zcu102", "heatvit"},
                                         Run{"group_vector_systolic_zcu102", "heatvit"},
                                         Run{"teaching_pynq_z2", "heatvit"},
                                         Run{"heatvit_rtl_xc7k325t", "heatvit_rtl"}),
                         run_name);

} // namespace
} // namespace heatsim::system
