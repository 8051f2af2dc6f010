// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"
#include "support/designs.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

std::uint64_t reference(const std::string& item)
{
    for (const auto& row : test::read_reference("heatvit_rtl_xc7k325t.csv"))
        if (row.at("item") == item)
            return test::number(row, "cycles");
    ADD_FAILURE() << "no item " << item;
    return 1;
}

/// Cycles of the operators whose names start with one of `prefixes`.
double cycles_of(const RunResult& run, const std::vector<std::string>& prefixes)
{
    std::uint64_t cycles = 0;
    for (const auto& op : run.operators)
        if (std::any_of(prefixes.begin(), prefixes.end(),
                        [&](const auto& prefix) { return op.name.rfind(prefix, 0) == 0; }))
            cycles += op.sum.cycles();
    return static_cast<double>(cycles);
}

void expect_within(double cycles, const std::string& item, double percent)
{
    const auto expected = static_cast<double>(reference(item));
    const auto error = 100.0 * (cycles / expected - 1.0);
    EXPECT_LE(std::abs(error), percent) << item << ": " << cycles << " cycles, reference "
                                        << expected << ", error " << error << " %";
}

RunResult run(const char* schedule)
{
    const auto setup = test::shipped_setup("heatvit_rtl_xc7k325t", "deit_t", schedule);
    Simulation simulation{setup.design};
    return run_images(simulation, setup.model, setup.schedule, {setup.images.front()});
}

TEST(HeatVitRtl, BlockAt197Tokens)
{
    const auto result = run("dense");
    expect_within(cycles_of(result, {"patch_embed."}), "patch_embedding", 2.0);
    expect_within(cycles_of(result, {"blocks.1."}), "block", 2.0);
    const std::string block = "blocks.1.";
    expect_within(cycles_of(result, {block + "attn.qkv"}), "block.qkv", 5.0);
    expect_within(cycles_of(result, {block + "attn.qk_t"}), "block.qk_t", 5.0);
    expect_within(cycles_of(result, {block + "attn.softmax"}), "block.softmax", 5.0);
    expect_within(cycles_of(result, {block + "attn.av"}), "block.av", 5.0);
    expect_within(cycles_of(result, {block + "attn.proj"}), "block.projection", 5.0);
    expect_within(cycles_of(result, {block + "mlp.fc1", block + "mlp.gelu"}), "block.fc1", 5.0);
    expect_within(cycles_of(result, {block + "mlp.fc2"}), "block.fc2", 5.0);
    expect_within(cycles_of(result, {block + "norm", block + "residual", block + "attn.split_heads",
                                     block + "attn.merge_heads"}),
                  "block.rest", 5.0);
}

TEST(HeatVitRtl, EveryBlockIsTheSame)
{
    const auto result = run("dense");
    // row alignments differ with the addresses of the weights: under 0.1 %
    const auto first = cycles_of(result, {"blocks.1."});
    for (int block = 2; block <= 12; ++block)
        EXPECT_NEAR(cycles_of(result, {"blocks." + std::to_string(block) + "."}), first,
                    first * 0.001);
}

TEST(HeatVitRtl, SelectorAt197Tokens)
{
    expect_within(cycles_of(run("heatvit_rtl"), {"selector.1."}), "selector (197 tokens in)", 2.0);
}

} // namespace
} // namespace heatsim::system
