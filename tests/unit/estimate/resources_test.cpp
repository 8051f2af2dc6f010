// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "estimate/resources.hpp"
#include "support/designs.hpp"
#include "system/catalog.hpp"
#include "system/resources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::estimate {
namespace {

using testing::HasSubstr;

ChipShape shape_of(const std::string& accelerator,
                   const std::vector<system::Override>& overrides = {})
{
    const auto setup = test::shipped_setup(accelerator, "deit_t", "dense", overrides);
    return system::chip_shape(setup.design.accelerator, setup.design.board);
}

FpgaResources block_of(const ChipShape& shape, const std::string& name)
{
    const auto chip = estimate_chip(shape, system::resource_model());
    for (const auto& block : chip.blocks)
        if (block.name == name)
            return block.resources;
    ADD_FAILURE() << "no block " << name;
    return {};
}

TEST(Resources, SlicesFollowFromLanesAndPacking)
{
    // 3 * 24 * 32 / 2, and one each where the operands are 16 bit wide: 3 * 24 * 16
    EXPECT_EQ(block_of(shape_of("heatvit_int8_zcu102"), "gemm_array").dsps, 1152U);
    EXPECT_EQ(block_of(shape_of("heatvit_int16_zcu102"), "gemm_array").dsps, 1152U);
    auto odd = shape_of("heatvit_int8_zcu102");
    odd.array.heads = 2;
    odd.array.input_channels = 5;
    odd.array.output_channels = 3;
    EXPECT_EQ(block_of(odd, "gemm_array").dsps, 20U);
    // requantization 1, GELU 3 and softmax 4 slices a lane
    const auto shape = shape_of("heatvit_int8_zcu102");
    EXPECT_EQ(block_of(shape, "requantize").dsps, 32U);
    EXPECT_EQ(block_of(shape, "gelu").dsps, 96U);
    EXPECT_EQ(block_of(shape, "softmax").dsps, 8U * 8U * 4U);
}

TEST(Resources, OfOtherMethodsAreCountedBesideTheSelector)
{
    auto shape = shape_of("heatvit_int8_zcu102");
    const auto luts = [](const ChipShape& of) {
        return estimate_chip(of, system::resource_model()).total.all_luts();
    };
    const auto plain = luts(shape);
    shape.ranks_scores = true;
    // 16 lanes of 8/2 + 1 for a comparison and 1 for the sum of bits, 2·8 bits of rank and limit;
    // 256 scores of 8 bits, 16 at a time
    EXPECT_DOUBLE_EQ(block_of(shape, "ranking").luts, 16.0 * 5 + 16.0 + 16.0);
    EXPECT_DOUBLE_EQ(block_of(shape, "ranking").memory_luts, 128.0);
    EXPECT_EQ(block_of(shape, "ranking").dsps, 0U);
    EXPECT_DOUBLE_EQ(luts(shape), plain + 112.0 + 128.0);
    const auto ranking = luts(shape);
    shape.token_selector.compare_lanes = 64;
    EXPECT_GT(luts(shape), ranking);
    shape.token_selector.compare_lanes = 16;
    shape.matches_tokens = true;
    EXPECT_DOUBLE_EQ(luts(shape), ranking + 16.0 * 16.0);
    shape.halts_tokens = true;
    EXPECT_GT(block_of(shape, "halting").all_luts(), 0.0);
    shape.token_selection = false; // all of it belongs to the selection
    EXPECT_LT(luts(shape), plain);
}

TEST(Resources, FollowWhatTheScheduleSelectsWith)
{
    const auto selection = [](const char* schedule) {
        const auto setup = test::shipped_setup("heatvit_int8_zcu102", "deit_t", schedule);
        const auto shape = system::chip_shape(setup.design.accelerator, setup.design.board,
                                              setup.model, setup.schedule);
        return std::vector<bool>{shape.ranks_scores, shape.matches_tokens, shape.halts_tokens};
    };
    using testing::ElementsAre;
    EXPECT_THAT(selection("dense"), ElementsAre(false, false, false));
    EXPECT_THAT(selection("heatvit"), ElementsAre(false, false, false));
    EXPECT_THAT(selection("dynamicvit"), ElementsAre(true, false, false));
    EXPECT_THAT(selection("tome_13"), ElementsAre(true, true, false));
    EXPECT_THAT(selection("avit_deit_t"), ElementsAre(false, false, true));
}

TEST(Resources, TheTotalIsTheSumOfTheBlocks)
{
    const auto chip = estimate_chip(shape_of("heatvit_int8_zcu102"), system::resource_model());
    FpgaResources sum;
    for (const auto& block : chip.blocks)
        sum += block.resources;
    EXPECT_EQ(chip.total.dsps, sum.dsps);
    EXPECT_EQ(chip.total.bram18, sum.bram18);
    EXPECT_DOUBLE_EQ(chip.total.luts, sum.luts);
    EXPECT_DOUBLE_EQ(chip.total.flip_flops, sum.flip_flops);
}

TEST(Resources, TokenSelectionOnlyAdds)
{
    auto shape = shape_of("heatvit_int8_zcu102");
    const auto with = estimate_chip(shape, system::resource_model()).total;
    shape.token_selection = false;
    const auto without = estimate_chip(shape, system::resource_model()).total;
    EXPECT_EQ(with.dsps, without.dsps + shape.token_selector.package_lanes + 1);
    EXPECT_GT(with.luts, without.luts);
}

TEST(Resources, LargeBuffersGoToUltraRamWhereThereIsSome)
{
    auto shape = shape_of("heatvit_int8_zcu102");
    const auto blocks = block_of(shape, "activation_buffer");
    EXPECT_EQ(blocks.urams, 0U);
    EXPECT_GT(blocks.bram18, 400U);
    shape.urams = 64;
    const auto ultra = block_of(shape, "activation_buffer");
    EXPECT_GT(ultra.urams, 20U);
    EXPECT_EQ(ultra.bram18, 0U);
}

TEST(Resources, MoreOfAnythingIsNeverSmaller)
{
    const auto base = shape_of("heatvit_int8_zcu102");
    const auto total = [](const ChipShape& shape) {
        return estimate_chip(shape, system::resource_model()).total;
    };
    const auto before = total(base);
    std::vector<ChipShape> larger(6, base);
    larger[0].array.input_channels *= 2;
    larger[1].array.output_channels *= 2;
    larger[2].buffers.weight_bytes *= 2;
    larger[3].vector_unit.lanes *= 2;
    larger[4].vector_unit.softmax_engines *= 2;
    larger[5].token_selector.package_lanes *= 2;
    for (const auto& shape : larger) {
        const auto after = total(shape);
        EXPECT_GE(after.dsps, before.dsps);
        EXPECT_GE(after.luts, before.luts);
        EXPECT_GE(after.bram18, before.bram18);
    }
}

TEST(DesignFit, SaysWhatIsShortAndByHowMuch)
{
    system::RunRequest request;
    request.overrides = {{"array.heads", "12"},
                         {"tile.input_channels", "384"},
                         {"tile.output_channels", "384"},
                         {"buffers.weight_bytes", "4194304"},
                         {"buffers.accumulator_bytes", "1048576"},
                         {"buffers.output_bytes", "1048576"}};
    try {
        static_cast<void>(system::load(request));
        FAIL() << "a design of 4608 slices for the array fits";
    } catch (const config::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("DSP slices"));
        EXPECT_THAT(error.what(), HasSubstr("too many"));
        EXPECT_THAT(error.what(), HasSubstr("2520 of zcu102"));
        EXPECT_THAT(error.what(), HasSubstr("BRAM36"));
        EXPECT_THAT(error.what(), HasSubstr("--allow-oversize"));
    }
    request.allow_oversize = true;
    EXPECT_NO_THROW(static_cast<void>(system::load(request)));
}

TEST(DesignFit, AnIdealMemoryNeedsNoBuffers)
{
    const auto shape = shape_of("systolic_output_stationary_32x32_ideal");
    EXPECT_EQ(estimate_chip(shape, system::resource_model()).total.bram18,
              block_of(shape, "softmax").bram18 + block_of(shape, "token_selector").bram18);
}

TEST(DesignFit, EveryShippedDesignFitsItsBoard)
{
    for (const auto& name : system::catalog_names(system::ConfigKind::Accelerator)) {
        system::RunRequest request;
        request.accelerator = name;
        request.allow_oversize = true;
        const auto design = system::load(request).design;
        for (const auto& use : system::shortages(design.accelerator, design.board))
            ADD_FAILURE() << name << ": " << use.used << " " << use.name << " of " << use.available;
    }
}

} // namespace
} // namespace heatsim::estimate
