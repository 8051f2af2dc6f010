// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "support/designs.hpp"
#include "system/catalog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using testing::Contains;
using testing::ElementsAre;

/// Keys of what is wrong with a request.
std::vector<std::string> violated_keys(const RunRequest& request)
{
    std::vector<std::string> keys;
    try {
        static_cast<void>(load(request));
    } catch (const config::Error& error) {
        for (const auto& violation : error.violations())
            keys.push_back(violation.key);
    }
    return keys;
}

RunRequest request_for(const std::string& accelerator, const std::vector<Override>& overrides = {})
{
    RunRequest request;
    request.accelerator = accelerator;
    request.overrides = overrides;
    return request;
}

TEST(Catalog, ListsTheShippedFiles)
{
    EXPECT_THAT(catalog_names(ConfigKind::Model),
                ElementsAre("deit_b", "deit_s", "deit_t", "lvvit_m", "lvvit_s", "vit_fmnist"));
    EXPECT_THAT(catalog_names(ConfigKind::Accelerator), Contains("heatvit_int8_zcu102"));
    EXPECT_THAT(catalog_names(ConfigKind::Schedule), Contains("dense"));
    EXPECT_THAT(catalog_names(ConfigKind::Board), Contains("zcu102"));
    EXPECT_THAT(catalog_names(ConfigKind::Memory), Contains("ddr4_2400_x64"));
}

TEST(Catalog, LoadsEveryAcceleratorWithEveryModel)
{
    for (const auto& accelerator : catalog_names(ConfigKind::Accelerator)) {
        for (const auto& model : catalog_names(ConfigKind::Model)) {
            auto request = request_for(accelerator);
            request.model = model;
            request.schedule = "dense";
            EXPECT_THAT(violated_keys(request), ElementsAre()) << accelerator << ", " << model;
        }
    }
}

TEST(Catalog, LoadsAnAcceleratorOnEveryBoardThatHoldsIt)
{
    for (const auto& board : catalog_names(ConfigKind::Board))
        EXPECT_THAT(violated_keys(request_for("teaching_pynq_z2", {{"board", board}})),
                    ElementsAre())
            << board;
}

TEST(Catalog, ATraceRunsWithTheShippedScheduleThatItNames)
{
    RunRequest request;
    request.trace = HEATSIM_SOURCE_DIR "/traces/deit_t_top_k_70_39_21.csv.gz";
    request.images = 1;
    const auto setup = load(request);
    EXPECT_EQ(setup.schedule.name, "heatvit_top_k_70_39_21");
    EXPECT_EQ(setup.schedule.choice, workload::Choice::TopK);
    request.overrides = {{"schedule.selectors.0.before_block", "5"}}; // of the file, which it has
    EXPECT_THAT(violated_keys(request), ElementsAre("selectors_before_blocks"));
    request.overrides.clear();
    request.schedule = "heatvit";
    EXPECT_EQ(load(request).schedule.choice, workload::Choice::Threshold);
}

TEST(Catalog, BatchesAreWhole)
{
    RunRequest request;
    request.batch_images = 3;
    EXPECT_EQ(load(request).images.size(), 3U);
    request.images = 6;
    EXPECT_EQ(load(request).images.size(), 6U);
    request.images = 7;
    EXPECT_THAT(violated_keys(request), ElementsAre("--batch"));
}

TEST(Catalog, RefusesAnUnknownName)
{
    EXPECT_THAT(violated_keys(request_for("heatvit_int8_zcu103")), Contains("accelerators"));
}

TEST(Catalog, RefusesAnArrayLargerThanTheDevice)
{
    // 3 · 64 · 64 int8 MACs are 6144 DSP48E2 of 2520; 4 MB of buffers are more than 912 block RAMs
    EXPECT_THAT(violated_keys(
                    request_for("heatvit_int8_zcu102", {{"array.input_channels", "64"},
                                                        {"array.output_channels", "64"},
                                                        {"tile.output_channels", "192"},
                                                        {"buffers.weight_bytes", "1000000"},
                                                        {"buffers.output_bytes", "1000000"},
                                                        {"buffers.accumulator_bytes", "1000000"}})),
                ElementsAre("array", "buffers"));
}

TEST(Catalog, RefusesATileLargerThanItsBuffer)
{
    EXPECT_THAT(violated_keys(request_for("heatvit_int8_zcu102", {{"tile.tokens", "4096"}})),
                Contains("buffers.input_bytes"));
}

TEST(Catalog, RefusesAScheduleTheModelCannotFollow)
{
    auto request = request_for("heatvit_int8_zcu102", {{"model.depth", "6"}});
    EXPECT_THAT(violated_keys(request),
                ElementsAre("selectors.1.before_block", "selectors.2.before_block"));
}

TEST(Catalog, OverridesReachEveryFile)
{
    const auto setup = test::shipped_setup("heatvit_int8_zcu102", "deit_t", "heatvit",
                                           {{"array.heads", "2"},
                                            {"accelerator.clock_mhz", "200"},
                                            {"board.dsps.value", "2000"},
                                            {"memory.cl", "20"},
                                            {"model.depth", "11"},
                                            {"schedule.norm", "false"}});
    EXPECT_EQ(setup.design.accelerator.array.heads, 2U);
    EXPECT_EQ(setup.design.accelerator.clock_mhz, 200.0);
    EXPECT_EQ(setup.design.board.dsps.value, 2000U);
    EXPECT_EQ(setup.design.memory.cl, 20U);
    EXPECT_EQ(setup.model.depth, 11U);
    EXPECT_FALSE(setup.schedule.norm);
}

TEST(MacsPerDsp, AreTwoWhereTheSlicePacksBytes)
{
    Accelerator accelerator;
    Board board;
    board.dsp_slice = DspSlice::Dsp48e2;
    EXPECT_EQ(macs_per_dsp(accelerator, board), 2U);
    accelerator.weight_bits = 16;
    EXPECT_EQ(macs_per_dsp(accelerator, board), 1U);
    accelerator.weight_bits = 8;
    board.dsp_slice = DspSlice::Dsp48e1;
    EXPECT_EQ(macs_per_dsp(accelerator, board), 1U);
}

TEST(ControllerSettings, FollowTheAccelerator)
{
    const auto accelerator =
        test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense").design.accelerator;
    const auto settings = controller_settings(accelerator);
    // 32 · 384 bytes in 196,608; 384 · 96 in 294,912; 32 · 96 · 4 in 98,304; 32 · 96 in 24,576
    EXPECT_EQ(settings.input_slots(), 16U);
    EXPECT_EQ(settings.weight_slots(), 8U);
    EXPECT_EQ(settings.accumulator_slots(), 8U);
    EXPECT_EQ(settings.output_slots(), 8U);
    EXPECT_EQ(settings.array_heads, 3U);
    EXPECT_EQ(settings.array_input_channels, 24U);
    EXPECT_EQ(settings.array_output_channels, 32U);
    // 3 us at 150 MHz
    EXPECT_EQ(settings.host_interrupt_cycles, 450U);
    EXPECT_FALSE(settings.row_major_weights);
}

TEST(PeakBandwidth, IsThatOfThePins)
{
    const auto memory = test::shipped_setup("heatvit_int8_zcu102", "deit_t", "dense",
                                            {{"memory.clock_mhz", "1200"},
                                             {"memory.data_width_bits", "64"},
                                             {"memory.channels", "2"}})
                            .design.memory;
    // 2 · 1200 MHz · 8 bytes · 2 channels
    EXPECT_DOUBLE_EQ(memory.peak_bandwidth_bytes_per_s(), 38.4e9);
}

} // namespace
} // namespace heatsim::system
