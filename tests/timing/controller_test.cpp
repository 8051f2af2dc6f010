// SPDX-License-Identifier: Apache-2.0
#include "system/simulation.hpp"

#include <gtest/gtest.h>

namespace heatsim::system {
namespace {

using channel::ArrayCause;

/// One 16 × 16 adder tree, 8 deep, on ideal memory; tiles of 32 × 32 × 32; 10 cycles an operator;
/// requantization of 16 elements a cycle, 12 deep.
Design tree()
{
    Design design;
    auto& accelerator = design.accelerator;
    accelerator.clock_mhz = 100.0;
    accelerator.memory = MemoryModel::Ideal;
    accelerator.array.input_channels = 16;
    accelerator.array.output_channels = 16;
    accelerator.array.pipeline_depth_cycles = 8;
    accelerator.array.switch_cycles = 1;
    accelerator.tile = {32, 32, 32};
    accelerator.buffers = {2048, 2048, 8192, 2048, 0, true, true};
    accelerator.controller.operator_cycles = 10;
    accelerator.vector_unit.lanes = 16;
    accelerator.vector_unit.requantize_lanes = 16;
    accelerator.vector_unit.pipeline_depth_cycles = 12;
    return design;
}

std::uint64_t cycles(const ImageResult& image, ArrayCause cause)
{
    return image.cycles_by_cause[static_cast<std::size_t>(cause)];
}

TEST(Controller, OverlapsTilesAndOutputs)
{
    Simulation simulation{tree()};
    const auto image = simulation.run(workload::single_gemm(64, 64, 64, 1));
    // 8 tiles of 2·2 passes × 32 rows + 1 = 129; the last result 8 later; its output tile takes
    // 32·32/16 + 12 = 76: 10 + 8·129 + 8 + 76
    EXPECT_EQ(image.cycles, 10U + 8U * 129U + 8U + 76U);
    EXPECT_EQ(cycles(image, ArrayCause::Control), 10U);
    EXPECT_EQ(cycles(image, ArrayCause::Busy), 8U * 128U);
    EXPECT_EQ(cycles(image, ArrayCause::FillDrain), 8U + 8U);
    EXPECT_EQ(cycles(image, ArrayCause::WaitVector), 76U);
}

TEST(Controller, WithoutDoubleBufferingFinishesATileFirst)
{
    auto design = tree();
    design.accelerator.buffers.double_buffered = false;
    Simulation simulation{design};
    const auto image = simulation.run(workload::single_gemm(64, 64, 64, 1));
    // 4 output tiles, each 2·129 on the array, 8 of drain and 76 behind it
    EXPECT_EQ(image.cycles, 10U + 4U * (2U * 129U + 8U + 76U));
}

TEST(Controller, ASlowVectorUnitHoldsTheArrayBack)
{
    auto design = tree();
    design.accelerator.vector_unit.requantize_lanes = 1;
    Simulation simulation{design};
    const auto image = simulation.run(workload::single_gemm(64, 32, 64, 1));
    // the first tile is complete at 10 + 129 + 8; then four output tiles of 1024 + 12 one after the
    // other, as the accumulators hold two
    EXPECT_EQ(image.cycles, 10U + 129U + 8U + 4U * 1036U);
    EXPECT_EQ(cycles(image, ArrayCause::Busy), 4U * 128U);
    EXPECT_GT(cycles(image, ArrayCause::WaitVector), 3U * 1000U);
}

TEST(Controller, HeadsRunInParallel)
{
    auto design = tree();
    design.accelerator.array.heads = 3;
    design.accelerator.tile = {32, 96, 96};
    design.accelerator.buffers = {6144, 18432, 24576, 6144, 0, true, true};
    Simulation simulation{design};
    const auto image = simulation.run(workload::single_gemm(32, 32, 32, 5));
    // 5 heads on 3 lanes: two groups of one tile of 129; output tiles of 3·64 + 12 = 204, then
    // 2·64 + 12 = 140: the second group's waits for the first one's
    EXPECT_EQ(image.cycles, 10U + 129U + 8U + 204U + 140U);
}

workload::Workload layer_norm(std::uint64_t rows)
{
    workload::Workload workload;
    workload.tokens = {rows};
    workload.tensors = {
        {"input", false, rows * 64}, {"weights", true, 128}, {"output", false, rows * 64}};
    workload::Operator op;
    op.name = "norm";
    op.kind = workload::OperatorKind::LayerNorm;
    op.m = rows;
    op.k = op.n = 64;
    op.a = {0, 0, 64, 0};
    op.b = {1, 0, 64, 0};
    op.b_elements = 128;
    op.c = {2, 0, 64, 0};
    op.static_weights = true;
    workload.operators.push_back(op);
    return workload;
}

TEST(Controller, TheHostIsCalledAndAnswers)
{
    auto design = tree();
    design.accelerator.host.clock_mhz = 1000.0;
    design.accelerator.host.cores = 1;
    design.accelerator.host.layer_norm_cycles_per_element = 5.0;
    design.accelerator.host.interrupt_latency_us = 3.0;
    design.accelerator.vector_unit.tile_rows = 16;
    Simulation simulation{design};
    const auto image = simulation.run(layer_norm(64));
    // set-up 10, interrupt 300, four chunks of 16 rows · 64 · 5 / 10 = 512, interrupt 300
    EXPECT_EQ(image.cycles, 10U + 300U + 4U * 512U + 300U);
    EXPECT_EQ(cycles(image, ArrayCause::Control), 10U);
    EXPECT_EQ(cycles(image, ArrayCause::WaitHost), 300U + 2048U + 300U);
}

TEST(Controller, LayerNormOnTheFabricNeedsNoHost)
{
    auto design = tree();
    design.accelerator.layer_norm = LayerNormPlace::Fabric;
    design.accelerator.vector_unit.tile_rows = 16;
    design.accelerator.vector_unit.layer_norm_lanes = 16;
    design.accelerator.vector_unit.layer_norm_row_cycles = 40;
    Simulation simulation{design};
    const auto image = simulation.run(layer_norm(64));
    // 64 rows of 2·64/16 + 40
    EXPECT_EQ(image.cycles, 10U + 64U * 48U);
    EXPECT_EQ(cycles(image, ArrayCause::WaitVector), 64U * 48U);
    EXPECT_EQ(cycles(image, ArrayCause::WaitHost), 0U);
}

TEST(Controller, CountsBytesOfEachOperand)
{
    Simulation simulation{tree()};
    const auto image = simulation.run(workload::single_gemm(64, 64, 64, 1));
    // tokens outer, 2 slots hold a row panel of 2 tiles: A once, B for both token tiles, C once
    EXPECT_EQ(simulation.records().front().cost.input_bytes, 64U * 64U);
    EXPECT_EQ(simulation.records().front().cost.weight_bytes, 2U * 64U * 64U);
    EXPECT_EQ(simulation.records().front().cost.output_bytes, 64U * 64U);
    EXPECT_EQ(image.read_bytes, 3U * 64U * 64U);
    EXPECT_EQ(image.write_bytes, 64U * 64U);
}

} // namespace
} // namespace heatsim::system
