// SPDX-License-Identifier: Apache-2.0
#include "sweep/design_moves.hpp"
#include "sweep/sensitivity.hpp"
#include "system/child_process.hpp"
#include "system/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::sweep {

namespace {

using channel::ArrayCause;
using system::Override;
using system::RunRequest;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t jobs = 2;

RunRequest request_of(const std::string& accelerator,
                      std::vector<Override> overrides = {},
                      const std::string& schedule = "dense")
{
    RunRequest request;
    request.accelerator = accelerator;
    request.schedule = schedule;
    request.overrides = std::move(overrides);
    return request;
}

std::set<std::string> parameters_of(const RunRequest& request)
{
    std::set<std::string> names;
    for (const auto& move : moves_of(system::load(request), request.overrides))
        names.insert(move.parameter);
    return names;
}

/// The move of a parameter to a value.
Move move_of(const RunRequest& request, const std::string& parameter, const std::string& to)
{
    for (auto& move : moves_of(system::load(request), request.overrides))
        if (move.parameter == parameter && move.to == to)
            return std::move(move);
    ADD_FAILURE() << "no move of " << parameter << " to " << to;
    return {};
}

std::map<std::string, std::string> by_key(const std::vector<Override>& changes)
{
    std::map<std::string, std::string> values;
    for (const auto& change : changes)
        values[change.key] = change.value;
    return values;
}

/// Latency of a request by the ordinary way, ms.
double latency_ms(const RunRequest& request)
{
    return system::in_child([&request] {
               const auto setup = system::load(request);
               system::Simulation simulation{setup.design};
               const auto run = system::run_images(simulation, setup);
               const auto cycles = static_cast<double>(run.images.front().cycles);
               return std::vector{cycles / (setup.design.accelerator.clock_mhz * 1e3)};
           })
        .front();
}

double latency_ms(RunRequest request, const std::vector<Override>& changes)
{
    request.overrides.insert(request.overrides.end(), changes.begin(), changes.end());
    request.allow_oversize = true;
    return latency_ms(request);
}

const Variant* variant_of(const Advice& advice, const std::string& parameter, const std::string& to)
{
    for (const auto& variant : advice.variants)
        if (variant.moves.front().parameter == parameter && variant.moves.front().to == to)
            return &variant;
    return nullptr;
}

} // namespace

TEST(DesignMoves, ComeFromTheStructureOfTheDesign)
{
    const auto heatvit = parameters_of(request_of("heatvit_int8_zcu102", {}, "heatvit"));
    for (const auto* name :
         {"clock_mhz", "array.heads", "array.input_channels", "array.output_channels",
          "tile.tokens", "buffers.weight_bytes", "dma.ports.0.width_bits", "dma.ports.2.clock_mhz",
          "dma.ports.1.controller_port", "dma.burst_beats", "vector_unit.softmax_engines",
          "token_selector.compact_lanes", "layer_norm", "host.cores", "board.memory"})
        EXPECT_THAT(heatvit, Contains(name));
    EXPECT_THAT(heatvit, Not(Contains("array.rows")));
    EXPECT_THAT(heatvit, Not(Contains("vector_unit.layer_norm_lanes"))); // runs on the host
    EXPECT_THAT(heatvit, Not(Contains("dma.ports.0.controller_port")));  // has one of its own
    EXPECT_THAT(heatvit, Not(Contains("controller.loop_order")));        // the best already

    const auto dense = parameters_of(request_of("heatvit_int8_zcu102"));
    EXPECT_THAT(dense, Not(Contains(StartsWith("token_selector."))));

    const auto teaching = parameters_of(request_of("teaching_pynq_z2"));
    EXPECT_THAT(teaching, Contains("array.rows"));
    EXPECT_THAT(teaching, Contains("vector_unit.layer_norm_lanes"));
    EXPECT_THAT(teaching, Contains("controller.loop_order"));
    EXPECT_THAT(teaching, Not(Contains("array.input_channels")));
    EXPECT_THAT(teaching, Not(Contains("array.dense_lanes"))); // of one head
    EXPECT_THAT(teaching, Not(Contains(StartsWith("host."))));
}

TEST(DesignMoves, KnowOnlyTheMemoryThatTheDesignHas)
{
    const auto ideal = parameters_of(request_of("systolic_weight_stationary_32x32_ideal"));
    for (const auto* prefix : {"dma.", "board.", "buffers.input", "buffers.weight"})
        EXPECT_THAT(ideal, Not(Contains(StartsWith(prefix))));
    const auto serial = parameters_of(request_of("heatvit_rtl_xc7k325t"));
    EXPECT_THAT(serial, Contains("dma.word_serial.word_bytes"));
    EXPECT_THAT(serial, Not(Contains(StartsWith("dma.ports."))));
    const auto throttled =
        parameters_of(request_of("heatvit_int8_zcu102", {{"memory", "throttled"}}));
    EXPECT_THAT(throttled, Contains("throttled_memory.bytes_per_cycle"));
    EXPECT_THAT(throttled, Not(Contains("board.memory")));
    // another memory would have the key of this one changed
    EXPECT_THAT(parameters_of(request_of("heatvit_int8_zcu102", {{"memory.t_rfc", "400"}})),
                Not(Contains("board.memory")));
}

TEST(DesignMoves, DoubleAndHalve)
{
    const auto request = request_of("heatvit_int8_zcu102");
    const auto wider = move_of(request, "dma.ports.1.width_bits", "256");
    EXPECT_EQ(wider.from, "128");
    EXPECT_EQ(wider.factor, 2.0);
    EXPECT_EQ(wider.direction, MoveDirection::More);
    EXPECT_EQ(wider.needs, MoveNeeds::Board); // a port of the processing system has 128 bit
    EXPECT_EQ(move_of(request, "dma.ports.1.width_bits", "64").direction, MoveDirection::Less);
    EXPECT_EQ(move_of(request, "clock_mhz", "187.5").needs, MoveNeeds::Timing);
    EXPECT_EQ(move_of(request, "array.heads", "1").factor, 1.0 / 3.0); // of 3
    EXPECT_EQ(move_of(request_of("ubimoe_c_u280"), "dma.ports.1.width_bits", "512").needs,
              MoveNeeds::Design); // in the fabric a port has any width
    const auto memory = move_of(request, "board.memory", "ddr4_2400_x64_2ch");
    EXPECT_NEAR(memory.factor, 2.25, 1e-6); // 38.4 of 17.07 GB/s
}

TEST(DesignMoves, LetFollowWhatTheRulesAsk)
{
    const auto request = request_of("heatvit_rtl_xc7k325t");
    const auto base = system::load(request).design.accelerator;
    const auto move = move_of(request, "array.columns", "16");
    const auto changes = changes_of(base, {&move});
    auto values = by_key(changes);
    EXPECT_EQ(values["array.columns"], "16");
    EXPECT_EQ(values["tile.output_channels"], "48"); // 3 heads of 16 columns at once
    EXPECT_EQ(values["buffers.weight_bytes"], "36864");
    EXPECT_EQ(values.count("buffers.input_bytes"), 0U);
    auto changed = request;
    changed.overrides = changes;
    changed.allow_oversize = true;
    EXPECT_NO_THROW((void)system::load(changed));

    const auto heatvit = request_of("heatvit_int8_zcu102");
    const auto tree = move_of(heatvit, "array.input_channels", "48");
    EXPECT_EQ(by_key(changes_of(system::load(heatvit).design.accelerator,
                                {&tree}))["array.pipeline_depth_cycles"],
              "14"); // one more level of adders
}

TEST(DesignMoves, ThatUndoEachOtherAreNoCombination)
{
    const auto request = request_of("heatvit_rtl_xc7k325t");
    const auto base = system::load(request).design.accelerator;
    const auto columns = move_of(request, "array.columns", "16");
    const auto smaller = move_of(request, "tile.output_channels", "12");
    EXPECT_TRUE(changes_of(base, {&columns, &smaller}).empty()); // the tile has to grow to 48
    const auto tokens = move_of(request, "tile.tokens", "16");
    const auto both = by_key(changes_of(base, {&columns, &tokens}));
    EXPECT_EQ(both.at("tile.tokens"), "16");
    EXPECT_EQ(both.at("array.columns"), "16");
    EXPECT_EQ(both.at("buffers.accumulator_bytes"), "3072"); // 16 tokens of 48 sums
}

TEST(Advice, NamesTheWeightsWhereTheyAreLate)
{
    const auto request =
        request_of("heatvit_int8_zcu102", {{"dma.ports.1.clock_mhz", "37.5"}}); // 0.6 GB/s
    const auto advice = advise(request, system::load(request), jobs);
    ASSERT_FALSE(advice.lost_causes().empty());
    EXPECT_EQ(advice.lost_causes().front(), ArrayCause::WaitWeights);
    EXPECT_GT(advice.lost_share_percent(ArrayCause::WaitWeights), 50.0);
    const auto* const wider = variant_of(advice, "dma.ports.1.width_bits", "256");
    ASSERT_NE(wider, nullptr);
    EXPECT_LE(wider - advice.variants.data(), 3); // among the best
    EXPECT_GT(advice.speedup(wider->figures), 1.3);
    EXPECT_GT(advice.ideal_memory->fps, wider->figures.fps);
    const auto* const remedy =
        advice.remedy(ArrayCause::WaitWeights, [](const Variant&) { return true; });
    ASSERT_NE(remedy, nullptr);
    EXPECT_THAT(remedy->moves.front().parameter, StartsWith("dma.ports.1."));
    const auto elasticity = advice.elasticity(*wider);
    ASSERT_TRUE(elasticity);
    EXPECT_NEAR(*elasticity, advice.latency_change_percent(wider->figures) / 100.0, 1e-9);
}

TEST(Advice, OfAnIdealMemoryRecommendsNoMemory)
{
    const auto request = request_of("heatvit_int8_zcu102", {{"memory", "ideal"}});
    const auto advice = advise(request, system::load(request), jobs);
    EXPECT_FALSE(advice.ideal_memory);
    EXPECT_EQ(advice.base.cause_ms(ArrayCause::WaitWeights), 0.0);
    ASSERT_FALSE(advice.variants.empty());
    for (const auto& variant : advice.variants) {
        const auto& parameter = variant.moves.front().parameter;
        EXPECT_THAT(parameter, Not(StartsWith("dma.")));
        EXPECT_THAT(parameter, Not(StartsWith("board.")));
        EXPECT_NE(parameter, "buffers.weight_bytes");
    }
}

TEST(Advice, ClaimsWhatSeparateSimulationsSay)
{
    const auto request = request_of("heatvit_int8_zcu102");
    const auto advice = advise(request, system::load(request), jobs);
    const auto base_ms = latency_ms(request);
    EXPECT_DOUBLE_EQ(advice.base.latency_ms, base_ms);
    ASSERT_GT(advice.variants.size(), 10U);
    for (const auto* variant :
         {&advice.variants.front(), &advice.variants[5], &advice.variants.back()}) {
        SCOPED_TRACE(variant->moves.front().parameter);
        EXPECT_DOUBLE_EQ(advice.speedup(variant->figures),
                         base_ms / latency_ms(request, variant->changes));
    }
    EXPECT_DOUBLE_EQ(advice.ideal_memory->latency_ms, latency_ms(request, {{"memory", "ideal"}}));
    ASSERT_TRUE(advice.combination);
    EXPECT_EQ(advice.combination->moves.size(), 2U);
    EXPECT_TRUE(advice.combination->is_feasible());
    EXPECT_DOUBLE_EQ(advice.combination->figures.latency_ms,
                     latency_ms(request, advice.combination->changes));
    for (const auto& move : advice.combination->moves) {
        const auto* const alone = variant_of(advice, move.parameter, move.to);
        ASSERT_NE(alone, nullptr);
        EXPECT_LT(advice.combination->figures.latency_ms, alone->figures.latency_ms);
    }
    // design, ideal memory, moves, pairs of six moves at most
    EXPECT_GT(advice.simulations, advice.variants.size() + 2);
    EXPECT_LE(advice.simulations, advice.variants.size() + 2 + 15);
}

TEST(Advice, HoldsTheBoundOfAnIdealMemoryAndTheOrderOfTheTable)
{
    const auto request = request_of("heatvit_int8_zcu102", {}, "heatvit");
    const auto advice = advise(request, system::load(request), jobs);
    ASSERT_TRUE(advice.ideal_memory);
    double previous_ms = 0.0;
    for (const auto& variant : advice.variants) {
        const auto& parameter = variant.moves.front().parameter;
        EXPECT_GE(variant.figures.latency_ms, previous_ms) << parameter;
        previous_ms = variant.figures.latency_ms;
        if (parameter.rfind("dma.", 0) == 0 || parameter == "board.memory") {
            EXPECT_GE(variant.figures.latency_ms, advice.ideal_memory->latency_ms) << parameter;
        }
        EXPECT_EQ(variant.fits(), variant.shortages.empty());
    }
    const auto* const larger = variant_of(advice, "array.heads", "6");
    ASSERT_NE(larger, nullptr);
    EXPECT_FALSE(larger->fits()); // twice 1,152 DSP slices and the others
    EXPECT_EQ(larger->resources[0].used - advice.resources[0].used, 1152.0);
}

TEST(Advice, ListsWhatBreaksARuleWithTheReason)
{
    // one 16-token tile: both buffers are as small as the rules allow
    const auto request = request_of("heatvit_rtl_xc7k325t");
    const auto advice = advise(request, system::load(request), jobs);
    const auto found =
        std::find_if(advice.refused.begin(), advice.refused.end(), [](const RefusedMove& refused) {
            return refused.move.parameter == "buffers.weight_bytes" && refused.move.to == "9216";
        });
    ASSERT_NE(found, advice.refused.end());
    EXPECT_THAT(found->reason, HasSubstr("at least 18432 bytes"));
    EXPECT_THAT(found->reason, Not(HasSubstr("\n")));
    EXPECT_EQ(variant_of(advice, "buffers.weight_bytes", "9216"), nullptr);
}

TEST(SimulateEach, DoesNotDependOnTheNumberOfProcesses)
{
    std::vector<system::RunSetup> setups;
    setups.reserve(5);
    for (const auto* mhz : {"20", "40", "80", "160", "320"})
        setups.push_back(
            system::load(request_of("heatvit_int8_zcu102", {{"dma.ports.1.clock_mhz", mhz}})));
    std::size_t told = 0;
    const auto alone = simulate_each(setups, 1);
    const auto shared = simulate_each(setups, 3, [&told](std::size_t done, std::size_t total) {
        told = std::max(told, done);
        EXPECT_EQ(total, 5U);
    });
    EXPECT_EQ(told, 5U);
    ASSERT_EQ(alone.size(), 5U);
    for (std::size_t i = 0; i < alone.size(); ++i) {
        ASSERT_TRUE(alone[i].figures) << alone[i].error;
        EXPECT_EQ(alone[i].figures->latency_ms, shared[i].figures->latency_ms);
        EXPECT_EQ(alone[i].figures->energy_mj, shared[i].figures->energy_mj);
        if (i > 0) {
            EXPECT_LT(alone[i].figures->latency_ms, alone[i - 1].figures->latency_ms);
        }
    }
    EXPECT_TRUE(simulate_each({}, 2).empty());
}

} // namespace heatsim::sweep
