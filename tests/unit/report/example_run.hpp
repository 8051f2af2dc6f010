// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/catalog.hpp"
#include "system/result.hpp"

#include <cstdint>
#include <utility>

namespace heatsim::report {

/// DeiT-T on 2304 MACs per cycle at 150 MHz, with two images of which nothing was simulated: 201
/// and 100 cycles.
[[nodiscard]] inline std::pair<system::RunSetup, system::RunResult> example_run()
{
    const auto busy = static_cast<std::size_t>(channel::ArrayCause::Busy);
    const auto host = static_cast<std::size_t>(channel::ArrayCause::WaitHost);
    auto setup = system::load({});
    auto& accelerator = setup.design.accelerator;
    accelerator.clock_mhz = 150.0;
    accelerator.array.heads = 3;
    accelerator.array.input_channels = 24;
    accelerator.array.output_channels = 32;
    system::RunResult run;
    for (const std::uint64_t cycles : {201U, 100U}) {
        system::ImageResult image;
        image.tokens = {197, 139, 78, cycles == 100 ? 43U : 44U};
        image.macs = 1000 * cycles;
        image.cycles = cycles;
        image.cycles_by_cause[busy] = cycles - 10;
        image.cycles_by_cause[host] = 10;
        image.read_bytes = 3000;
        image.write_bytes = cycles == 100 ? 500 : 501;
        image.row_hits = 7;
        run.simulated_cycles += cycles;
        run.images.push_back(std::move(image));
    }
    const auto add = [&](const char* name, workload::OperatorKind kind, std::uint32_t block,
                         std::uint64_t cycles, std::uint64_t macs) {
        system::OperatorSummary op;
        op.name = name;
        op.kind = kind;
        op.block = block;
        op.executions = 2;
        op.rows = 394;
        op.macs = macs;
        op.sum.end_cycle = cycles;
        op.sum.cycles_by_cause[busy] = cycles;
        run.operators.push_back(std::move(op));
    };
    add("blocks.1.norm1", workload::OperatorKind::LayerNorm, 1, 20, 0);
    add("blocks.1.attn.qkv", workload::OperatorKind::Gemm, 1, 281, 301000);
    add("blocks.1.mlp.gelu", workload::OperatorKind::Gelu, 1, 0, 0);
    run.operators.back().fused_into = "blocks.1.mlp.fc1";
    run.statistics.push_back({"chip.ddr.bursts", stats::Unit::Count, "bursts served", 12});
    run.cpu_seconds = 0.5;
    run.wall_seconds = 0.75;
    return {std::move(setup), std::move(run)};
}

} // namespace heatsim::report
