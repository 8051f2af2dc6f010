// SPDX-License-Identifier: Apache-2.0
#include "estimate/energy.hpp"
#include "support/designs.hpp"
#include "system/chip.hpp"
#include "units/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::estimate {
namespace {

using workload::Operator;

/// Buffer traffic of the operands, counted tile by tile and pass by pass.
BufferTraffic counted_traffic(const Operator& op, const system::Accelerator& accelerator)
{
    const auto settings = system::controller_settings(accelerator);
    const auto& array = accelerator.array;
    auto problem = hw::tiling(op, settings);
    problem.order = hw::LoopOrder::TokensOuter;
    problem.groups = op.batch; // every head by itself: the bytes are those of all of them
    const hw::TilePlan plan{problem};
    const bool dense = op.batch == 1;
    const auto lanes = [&](hw::HeadLanes of) {
        return dense && array.dense_lanes == of ? array.heads : 1;
    };
    const bool outputs_stay = array.style == hw::ArrayStyle::BroadcastOuterProduct ||
                              array.style == hw::ArrayStyle::SystolicOutputStationary;
    BufferTraffic traffic;
    for (auto cursor = plan.begin(); cursor.valid(); plan.advance(cursor)) {
        const auto step = plan.step(cursor);
        const auto column_passes = ceil_div(step.columns, array.spatial_output_channels() *
                                                              lanes(hw::HeadLanes::OutputChannels));
        const auto row_passes =
            outputs_stay ? ceil_div(step.rows, array.rows * lanes(hw::HeadLanes::Tokens)) : 1;
        const auto depth_passes =
            outputs_stay ? 1
                         : ceil_div(step.depth, array.spatial_input_channels() *
                                                    lanes(hw::HeadLanes::InputChannels));
        traffic.input_bytes += step.rows * step.depth * column_passes * settings.activation_bytes;
        traffic.weight_bytes +=
            step.depth * step.columns * row_passes *
            (op.static_weights ? settings.weight_bytes : settings.activation_bytes);
        traffic.accumulator_bytes += step.rows * step.columns * depth_passes * 2 * 4;
        traffic.output_bytes +=
            step.last_k ? 2 * step.rows * step.columns * settings.activation_bytes : 0;
    }
    return traffic;
}

class RandomTraffic : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomTraffic, IsTheSumOverTilesAndPasses)
{
    const auto setup = test::random_setup(GetParam());
    const auto& accelerator = setup.design.accelerator;
    const auto work = lower(setup.model, setup.schedule, setup.images.front());
    for (const auto& op : work.operators) {
        if (op.macs() == 0)
            continue;
        const auto closed =
            buffer_traffic(op, system::controller_settings(accelerator), accelerator.array);
        const auto counted = counted_traffic(op, accelerator);
        EXPECT_EQ(closed.input_bytes, counted.input_bytes) << op.name;
        EXPECT_EQ(closed.weight_bytes, counted.weight_bytes) << op.name;
        EXPECT_EQ(closed.accumulator_bytes, counted.accumulator_bytes) << op.name;
        EXPECT_EQ(closed.output_bytes, counted.output_bytes) << op.name;
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomTraffic, testing::Range<std::uint64_t>(0, 20));

/// DeiT-T on the 8-bit HeatViT.
class EnergyOf : public testing::Test {
  protected:
    static EnergyModel model(const std::vector<system::Override>& overrides = {})
    {
        const auto setup = test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense", overrides);
        return {setup.design.energy, system::energy_design(setup.design)};
    }
    /// Of one operator without time.
    static Energy of(const EnergyModel& model,
                     const Operator& op,
                     const channel::OperatorCost& cost = {},
                     channel::Worker unit = channel::Worker::Array)
    {
        workload::Workload work;
        work.operators.push_back(op);
        hw::OperatorRecord record;
        record.cost = cost;
        record.unit = unit;
        return model.operators(work, {record}, {}).front();
    }
    static Operator gemm(std::uint64_t m, std::uint64_t k, std::uint64_t n)
    {
        return workload::single_gemm(m, k, n, 1).operators.front();
    }
    static Operator rows(workload::OperatorKind kind)
    {
        Operator op;
        op.kind = kind;
        op.m = 10;
        op.k = op.n = 100;
        return op;
    }
};

TEST_F(EnergyOf, ArrayIsMacsTimesTheFigureOfItsMode)
{
    // 64 x 192 x 192 MACs: packed 2 pJ, on a slice of their own 4 pJ
    const double macs = 64.0 * 192.0 * 192.0;
    const auto op = gemm(64, 192, 192);
    EXPECT_DOUBLE_EQ(of(model(), op).picojoules(EnergyPart::GemmArray), 2.0 * macs);
    const std::vector<system::Override> one_per_slice{
        {"board.dsp_slice", "dsp48e1"}, {"energy", "ultrascale_plus_16nm"}, {"array.heads", "1"}};
    EXPECT_DOUBLE_EQ(of(model(one_per_slice), op).picojoules(EnergyPart::GemmArray), 4.0 * macs);
}

TEST_F(EnergyOf, RequantizationIsOfEveryResult)
{
    EXPECT_DOUBLE_EQ(of(model(), gemm(64, 192, 100)).picojoules(EnergyPart::VectorUnit),
                     64.0 * 100.0 * 5.2);
}

TEST_F(EnergyOf, NonlinearFunctionsDifferByKind)
{
    const auto unit = channel::Worker::VectorUnit;
    const auto vector = [&](workload::OperatorKind kind) {
        return of(model(), rows(kind), {}, unit).picojoules(EnergyPart::VectorUnit);
    };
    EXPECT_DOUBLE_EQ(vector(workload::OperatorKind::Gelu), 1000.0 * 17.4);
    EXPECT_DOUBLE_EQ(vector(workload::OperatorKind::Softmax), 1000.0 * 76.1);
    EXPECT_DOUBLE_EQ(vector(workload::OperatorKind::Sigmoid), 1000.0 * 5.0);
}

TEST_F(EnergyOf, SelectionOfOtherMethodsIsTheSelectors)
{
    const auto unit = channel::Worker::TokenSelector;
    const auto part = [&](workload::OperatorKind kind) {
        return of(model(), rows(kind), {}, unit).picojoules(EnergyPart::TokenSelector);
    };
    const double compare = part(workload::OperatorKind::Match) / 1000.0; // 10 rows of 100
    EXPECT_GT(compare, 0.0);
    EXPECT_DOUBLE_EQ(part(workload::OperatorKind::TopK), 10.0 * 100.0 * 100.0 * compare);
    EXPECT_DOUBLE_EQ(part(workload::OperatorKind::Halt), 10.0 * 3.0 * compare);
    EXPECT_GT(part(workload::OperatorKind::Merge), part(workload::OperatorKind::Fuse));
    EXPECT_GT(part(workload::OperatorKind::Fuse), 0.0);
}

TEST_F(EnergyOf, LayerNormOnTheHostIsCpuCyclesAndNoBuffer)
{
    // 1.5 CPU cycles per element, 150 pJ each
    const auto energy =
        of(model(), rows(workload::OperatorKind::LayerNorm), {}, channel::Worker::Host);
    EXPECT_DOUBLE_EQ(energy.picojoules(EnergyPart::Host), 1000.0 * 1.5 * 150.0);
    EXPECT_DOUBLE_EQ(energy.picojoules(), energy.picojoules(EnergyPart::Host));
}

TEST_F(EnergyOf, BytesCostAtBothEnds)
{
    channel::OperatorCost cost;
    cost.input_bytes = 1000;
    const auto idle = of(model(), gemm(64, 192, 192));
    const auto loads = of(model(), gemm(64, 192, 192), cost);
    // DRAM 46 pJ, pins and PHY 80 pJ, the buffer 0.95 pJ
    EXPECT_DOUBLE_EQ(loads.picojoules(EnergyPart::Memory), 1000.0 * (46.0 + 80.0));
    EXPECT_NEAR(loads.picojoules(EnergyPart::Buffers) - idle.picojoules(EnergyPart::Buffers),
                1000.0 * 0.95, 1e-6);
}

TEST_F(EnergyOf, ActivatesFollowTheBytesAndRefreshesTheCycles)
{
    workload::Workload work;
    work.operators = {gemm(8, 8, 8), gemm(8, 8, 8)};
    std::vector<hw::OperatorRecord> records(2);
    records[0].cost.input_bytes = 300;
    records[1].cost.input_bytes = 100;
    records[0].cost.end_cycle = 10;
    records[1].cost.start_cycle = 10;
    records[1].cost.end_cycle = 50;
    const auto with = model().operators(work, records, {8, 5});
    const auto without = model().operators(work, records, {});
    const auto more = [&](std::size_t i) {
        return with[i].picojoules(EnergyPart::Memory) - without[i].picojoules(EnergyPart::Memory);
    };
    EXPECT_NEAR(more(0), 6 * 3350.0 + 695000.0, 1e-3);
    EXPECT_NEAR(more(1), 2 * 3350.0 + 4 * 695000.0, 1e-3);
}

TEST_F(EnergyOf, StaticPowerIsDeviceProcessingSystemAndMemory)
{
    // 2.37 W per million LUTs of 274,080, 2.2 W, one channel of DDR4 0.413 W
    EXPECT_NEAR(model().static_w(), 2.37 * 0.27408 + 2.2 + 0.413, 1e-9);
    EXPECT_NEAR(model({{"memory", "ideal"}}).static_w(), 2.37 * 0.27408 + 2.2, 1e-9);
    EXPECT_NEAR(model({{"board.processing_system", "false"}}).static_w(), 2.37 * 0.27408 + 0.413,
                1e-9);
    // 150,000 cycles are 1 ms: 1 mJ = 1e9 pJ per W
    EXPECT_NEAR(model().over_time(150000).picojoules(EnergyPart::Static), model().static_w() * 1e9,
                1.0);
}

TEST_F(EnergyOf, NoMoreWorkCostsLess)
{
    const auto found = model();
    double before = 0.0;
    for (std::uint64_t m = 1; m < 200; ++m) {
        const double now = of(found, gemm(m, 192, 192)).picojoules();
        EXPECT_GT(now, before) << m << " tokens";
        before = now;
    }
    before = 0.0;
    for (std::uint64_t n = 1; n < 400; n += 3) {
        const double now = of(found, gemm(64, 200, n)).picojoules();
        EXPECT_GT(now, before) << n << " output channels";
        before = now;
    }
    before = 0.0;
    for (std::uint64_t k = 1; k < 900; k += 7) {
        const double now = of(found, gemm(64, k, 192)).picojoules();
        EXPECT_GT(now, before) << k << " input channels";
        before = now;
    }
    before = 0.0;
    for (std::uint64_t bytes = 0; bytes < 5000; bytes += 100) {
        channel::OperatorCost cost;
        cost.input_bytes = cost.weight_bytes = cost.output_bytes = bytes;
        const double now = of(found, gemm(64, 192, 192), cost).picojoules();
        EXPECT_GT(now, before) << bytes << " bytes";
        before = now;
    }
}

TEST(EnergyTables, HaveASourceForEveryFigure)
{
    for (const auto& name : system::catalog_names(system::ConfigKind::Energy)) {
        const auto setup =
            test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense", {{"energy", name}});
        const auto& table = setup.design.energy;
        EXPECT_EQ(table.name, name);
        EXPECT_GE(table.uncertainty_percent, 40.0) << name; // nothing better is known
        for (const auto* figure :
             {&table.mac_int8_packed_pj, &table.mac_int8_pj, &table.mac_int16_pj,
              &table.buffer_byte_pj, &table.gelu_pj, &table.softmax_pj, &table.host_cycle_pj,
              &table.lut_cycle_pj, &table.static_w_per_million_luts}) {
            EXPECT_GT(figure->value, 0.0) << name;
            EXPECT_FALSE(figure->source.empty()) << name;
        }
    }
}

TEST(EnergyTables, KnowTheStandardOfEveryShippedMemory)
{
    const auto setup = test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense");
    for (const auto& name : system::catalog_names(system::ConfigKind::Memory)) {
        const auto standard = name.substr(0, name.find('_'));
        const auto& memories = setup.design.energy.memories;
        EXPECT_TRUE(std::any_of(memories.begin(), memories.end(), [&](const auto& memory) {
            return memory.standard == standard;
        })) << name;
    }
}

TEST(EnergyTables, AreChosenByDeviceAcceleratorOrRequest)
{
    EXPECT_EQ(test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense").design.energy.name,
              "ultrascale_plus_16nm");
    EXPECT_EQ(test::shipped_setup("teaching_pynq_z2", "deit_t", "dense").design.energy.name,
              "series_7_28nm");
    system::RunRequest request;
    request.energy = "series_7_28nm";
    EXPECT_EQ(system::load(request).design.energy.name, "series_7_28nm");
    request.overrides = {{"energy.gelu_pj.value", "1.5"}};
    EXPECT_DOUBLE_EQ(system::load(request).design.energy.gelu_pj.value, 1.5);
}

} // namespace
} // namespace heatsim::estimate
