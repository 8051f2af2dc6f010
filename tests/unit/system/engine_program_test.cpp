// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "system/catalog.hpp"
#include "system/engine_program.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

namespace heatsim::system {

namespace {

Accelerator engine(const std::vector<Override>& overrides = {})
{
    RunRequest request;
    request.accelerator = "rtl_engine_8x8";
    request.overrides = overrides;
    return load(request).design.accelerator;
}

/// Lines of a program by their first words.
std::map<std::string, std::size_t> lines_of(const std::string& program)
{
    std::map<std::string, std::size_t> counts;
    std::istringstream lines{program};
    for (std::string line; std::getline(lines, line);)
        ++counts[line.substr(0, line.find(' '))];
    return counts;
}

TEST(EngineParameters, AreTheDesigns)
{
    std::map<std::string, std::uint64_t> values;
    for (const auto& [name, value] : engine_parameters(engine()))
        values[name] = value;
    EXPECT_EQ(values.at("HEADS"), 1U);
    EXPECT_EQ(values.at("INPUT_CHANNELS"), 8U);
    EXPECT_EQ(values.at("BEAT_BYTES"), 8U);
    EXPECT_EQ(values.at("TILE_TOKENS"), 64U);
    EXPECT_EQ(values.at("INPUT_SLOTS"), 2U);
    EXPECT_EQ(values.at("OUTSTANDING"), 8U);
}

TEST(EngineParameters, RefuseWhatTheRtlHasNot)
{
    const auto refusal = [](const std::vector<Override>& overrides) -> std::string {
        try {
            static_cast<void>(engine_parameters(engine(overrides)));
        } catch (const config::Error& error) {
            return error.what();
        }
        return "accepted";
    };
    EXPECT_NE(refusal({{"memory", "ideal"}}).find("memory"), std::string::npos);
    EXPECT_NE(refusal({{"array.initiation_interval_cycles", "2"}}).find("array"),
              std::string::npos);
    EXPECT_NE(refusal({{"tile.tokens", "48"}}).find("tile.tokens"), std::string::npos);
    EXPECT_NE(refusal({{"vector_unit.requantize_lanes", "4"}}).find("requantize_lanes"),
              std::string::npos);
    EXPECT_NE(refusal({{"dma.outstanding_reads", "4"}}).find("outstanding"), std::string::npos);
    EXPECT_NE(refusal({{"array.input_channels", "12"}}).find("beat"), std::string::npos);
    RunRequest other;
    other.accelerator = "heatvit_int8_zcu102";
    EXPECT_THROW(static_cast<void>(engine_parameters(load(other).design.accelerator)),
                 config::Error);
}

TEST(PaddedGemm, FillsTheArray)
{
    const auto dense = padded_gemm(engine(), 5, 7, 9, 1).operators.front();
    EXPECT_EQ(dense.m, 5U);
    EXPECT_EQ(dense.k, 8U);
    EXPECT_EQ(dense.n, 16U);
    const auto heads = engine({{"array.heads", "2"}, {"vector_unit.requantize_lanes", "16"}});
    EXPECT_EQ(padded_gemm(heads, 5, 7, 9, 1).operators.front().n, 16U);
    EXPECT_EQ(padded_gemm(heads, 5, 7, 7, 2).operators.front().n, 8U);
}

/// Tiles of 64 x 192 x 64: 130 tokens are 3, 400 input channels 3, 100 output channels 2 of them.
TEST(EngineProgram, HasEveryTileAndEveryOutputOnce)
{
    const auto accelerator = engine({{"controller.loop_order", "tokens_outer"}});
    const auto counts =
        lines_of(engine_program(accelerator, "x", padded_gemm(accelerator, 130, 400, 100, 1)));
    EXPECT_EQ(counts.at("gemm"), 1U);
    EXPECT_EQ(counts.at("tile"), 18U);
    EXPECT_EQ(counts.at("output"), 6U);
    EXPECT_EQ(counts.at("input"), 18U); // three tiles of input channels do not fit two slots
    EXPECT_EQ(counts.at("weight"), 18U);
    EXPECT_EQ(counts.at("run"), 1U);
}

/// With two tiles of input channels, both stay in their slots across the output channels.
TEST(EngineProgram, FetchesWhatStaysOnce)
{
    const auto accelerator = engine({{"controller.loop_order", "tokens_outer"}});
    const auto counts =
        lines_of(engine_program(accelerator, "x", padded_gemm(accelerator, 64, 384, 128, 1)));
    EXPECT_EQ(counts.at("tile"), 4U);
    EXPECT_EQ(counts.at("input"), 2U);
    EXPECT_EQ(counts.at("weight"), 4U);
}

} // namespace

} // namespace heatsim::system
