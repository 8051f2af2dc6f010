// SPDX-License-Identifier: Apache-2.0
#include "system/back_to_back.hpp"
#include "system/catalog.hpp"
#include "system/staircase.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

namespace {

using testing::ElementsAre;

/// Cycles of token counts from 2 on, all in one operator.
Staircase staircase_of(const std::vector<std::uint64_t>& cycles)
{
    Staircase staircase;
    staircase.operators = {"attn.qkv"};
    for (const auto count : cycles)
        staircase.costs.push_back({staircase.costs.size() + 2, count, {count}});
    return staircase;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs_of(const std::vector<Plateau>& plateaus)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
    pairs.reserve(plateaus.size());
    for (const auto& plateau : plateaus)
        pairs.emplace_back(plateau.low, plateau.high);
    return pairs;
}

RunSetup setup_with(std::vector<Override> overrides)
{
    RunRequest request;
    request.overrides = std::move(overrides);
    return load(request);
}

} // namespace

TEST(Plateaus, AreTheStepsTreads)
{
    const auto stairs = staircase_of({1000, 1001, 1002, 1100, 1101, 1102, 1103, 1200});
    EXPECT_THAT(pairs_of(plateaus(stairs, 0.005, 0.5)),
                ElementsAre(std::pair{2, 4}, std::pair{5, 8}));
    EXPECT_DOUBLE_EQ(stairs.cycles_per_token(), 200.0 / 7.0);
}

TEST(Plateaus, ARampHasNone)
{
    // 3 of 1000 a token are within 0.5 %, but every token costs the average
    std::vector<std::uint64_t> ramp;
    ramp.reserve(50);
    for (std::uint64_t i = 0; i < 50; ++i)
        ramp.push_back(1000 + 3 * i);
    EXPECT_TRUE(plateaus(staircase_of(ramp), 0.005, 0.5).empty());
}

TEST(Plateaus, ACountThatCostsMoreThanTheNextOneIsNoReasonToStop)
{
    EXPECT_THAT(pairs_of(plateaus(staircase_of({900, 1003, 1002, 1004}), 0.005, 0.5)),
                ElementsAre(std::pair{3, 5}));
}

TEST(Plateaus, EndWhereTheToleranceDoes)
{
    const auto stairs = staircase_of({989, 990, 995, 1000, 2000});
    EXPECT_THAT(pairs_of(plateaus(stairs, 0.005, 0.5)),
                ElementsAre(std::pair{2, 3}, std::pair{4, 5}));
}

TEST(Steps, AreWhereAPieceIsFull)
{
    const auto found = steps(staircase_of({1000, 1001, 1002, 1100, 1101, 1102}), 2.0,
                             {{"tile.tokens", 4}, {"array.rows", 3}});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].tokens, 5U);
    EXPECT_EQ(found[0].rise_cycles, 98);
    EXPECT_EQ(found[0].largest_operator, 0U);
    EXPECT_EQ(found[0].largest_rise_cycles, 98);
    EXPECT_THAT(found[0].boundaries, ElementsAre("tile.tokens"));
}

TEST(Staircase, OfASimulatedBlockIsThatOfTheWholeNetwork)
{
    auto setup = setup_with({});
    setup.schedule = {};
    Simulation simulation{setup.design};
    const auto tokens = setup.model.tokens();
    const auto staircase = block_staircase(simulation, setup.model, tokens - 1);
    ASSERT_EQ(staircase.costs.size(), 2U);
    std::uint64_t sum = 0;
    for (const auto cycles : staircase.at(tokens).operator_cycles)
        sum += cycles;
    EXPECT_EQ(sum, staircase.at(tokens).cycles);

    const auto run = run_images(simulation, setup.model, setup.schedule, {{tokens}});
    std::uint64_t block = 0;
    for (const auto& op : run.operators)
        block += op.block == 6 ? op.sum.cycles() : 0U;
    const auto predicted = static_cast<double>(staircase.at(tokens).cycles);
    EXPECT_NEAR(predicted, static_cast<double>(block), 0.002 * static_cast<double>(block));
}

TEST(Staircase, StepsStandAtTheTilesOfTheArray)
{
    // nothing but the array costs anything: no memory, few cycles per operator
    const auto setup =
        setup_with({{"memory", "ideal"}, {"host.layer_norm_cycles_per_element", "0.001"}});
    Simulation simulation{setup.design};
    const auto staircase = block_staircase(simulation, setup.model, 120);
    const auto found = steps(staircase, 2.0, token_pieces(setup.design.accelerator));
    bool at_a_tile = false;
    for (const auto& step : found)
        for (const auto& boundary : step.boundaries)
            at_a_tile = at_a_tile || (step.tokens == 193 && boundary == "tile.tokens");
    EXPECT_TRUE(at_a_tile); // 192 = 6 tiles of 32 tokens = 8 x 24 input channels
    for (std::size_t i = 1; i < staircase.costs.size(); ++i)
        EXPECT_GE(staircase.costs[i].cycles, staircase.costs[i - 1].cycles)
            << staircase.costs[i].tokens;
}

TEST(BackToBackImages, WithoutAnythingToLoadEarlyTakeAsLongAsAlone)
{
    const auto setup = setup_with({{"memory", "ideal"}, {"controller.prefetch_weights", "false"}});
    Simulation simulation{setup.design};
    const std::vector<workload::TokenCounts> counts{{197, 139, 78, 43}, {197, 100, 50, 20}};
    const auto run = run_images(simulation, setup.model, setup.schedule, counts);
    BackToBack back_to_back{simulation, setup.model, setup.schedule, run.images};
    EXPECT_EQ(back_to_back.cycles(0, 1), run.images[1].cycles);
    EXPECT_EQ(back_to_back.cycles(1, 0), run.images[0].cycles);
    EXPECT_EQ(back_to_back.cycles(0, 1), run.images[1].cycles);
    EXPECT_EQ(back_to_back.pairs(), 2U);
}

TEST(BackToBackImages, LoadTheFirstWeightsEarly)
{
    // a slow memory without refresh or rows: what is saved is the weights' time
    const auto setup = setup_with({{"memory", "throttled"}});
    Simulation simulation{setup.design};
    const auto run = run_images(simulation, setup.model, setup.schedule, {{197, 139, 78, 43}});
    BackToBack back_to_back{simulation, setup.model, setup.schedule, run.images};
    const auto behind = back_to_back.cycles(0, 0);
    EXPECT_LT(behind, run.images[0].cycles);
    EXPECT_GT(behind, run.images[0].cycles * 95 / 100); // only the first weights
}

} // namespace heatsim::system
