// SPDX-License-Identifier: Apache-2.0
#include "report/advice_report.hpp"
#include "unit/report/example_advice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace heatsim::report {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

} // namespace

TEST(AdviceReport, SaysWhatTheLostCyclesAreAndWhatTakesThemAway)
{
    const auto claims = advice_claims(example_advice(), {});
    ASSERT_EQ(claims.size(), 6U);
    EXPECT_THAT(claims[0], HasSubstr("computes in 60.0 % of its cycles. Of the lost ones 75 % wait "
                                     "for weights, 25 % wait for the host."));
    EXPECT_THAT(claims[0], HasSubstr("dma.ports.1.width_bits 128 → 256 (example) shortens the "
                                     "largest share most, from 0.6000 ms to 0.2000 ms, and makes "
                                     "the design 1.25× as fast. It needs another board"));
    EXPECT_THAT(claims[0],
                HasSubstr("Of what fits and needs the design alone buffers.weight_bytes 576 → "
                          "1152 KiB (example) does most, from 0.6000 ms to 0.4000 ms"));
    EXPECT_THAT(claims[1], HasSubstr("Most of all: dma.ports.1.width_bits"));
    EXPECT_THAT(claims[2], AllOf(HasSubstr("buffers.weight_bytes"), HasSubstr("gives 1.11×"),
                                 HasSubstr("for 128 BRAM36 more")));
    EXPECT_THAT(claims[3], HasSubstr("gives 1.14× together: 1.750 ms"));
    EXPECT_THAT(claims[4], HasSubstr("takes 1.500 ms, 1.33× as fast"));
    EXPECT_THAT(claims[5], HasSubstr("vector_unit.requantize_lanes 32 → 16 (example) costs only "
                                     "0.3 % and frees 120 DSP slices"));
}

TEST(AdviceReport, ClaimsNothingThatWasNotFound)
{
    auto report = example_advice();
    report.advice.variants.clear();
    report.advice.combination.reset();
    report.advice.ideal_memory.reset();
    const auto claims = advice_claims(report, {});
    ASSERT_EQ(claims.size(), 2U);
    EXPECT_THAT(claims[0], HasSubstr("No move takes of the largest share"));
    EXPECT_THAT(claims[1], HasSubstr("No move of one parameter makes it faster"));
    const auto json = advice_json(report);
    EXPECT_TRUE(json["bottleneck"]["remedy"].is_null());
    EXPECT_TRUE(json["ideal_memory"].is_null());
    EXPECT_TRUE(json["combination"].is_null());
}

TEST(AdviceReport, SaysWhatDoesNotFit)
{
    auto report = example_advice();
    auto& variants = report.advice.variants;
    std::swap(variants[0], variants[1]);
    variants[0].figures = example_figures(1.5);
    EXPECT_THAT(advice_claims(report, {}),
                Contains(HasSubstr("array.heads 3 → 6 (example) gives 1.33×: 1.500 ms instead of "
                                   "2.000 ms, for 1,152 DSP slices more. It does not fit on the "
                                   "board: 132 DSP slices too many.")));
    variants[0].moves.front().needs = sweep::MoveNeeds::Timing;
    EXPECT_THAT(
        advice_claims(report, {}),
        Contains(HasSubstr("132 DSP slices too many. It needs a design that closes timing")));
}

TEST(AdviceReport, HasATableOfWhatHelpsAndOneOfWhatIsTooLarge)
{
    const auto text = advice_text(example_advice(), {});
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), page_width) << line;
        EXPECT_NE(line.substr(0, 3), "  %") << line;
        EXPECT_EQ(line.find('\x1f'), std::string::npos) << line;
    }
    const auto faster = text.find("What makes it faster");
    const auto larger = text.find("What is larger than it has to be");
    const auto idle = text.find("What gives less than 0.5 %");
    const auto refused = text.find("Not possible");
    ASSERT_LT(faster, larger);
    ASSERT_LT(larger, idle);
    ASSERT_LT(idle, refused);
    EXPECT_LT(text.find("  array.heads 3 → 6 ", faster), larger);
    EXPECT_LT(text.find("vector_unit.requantize_lanes 32 → 16", larger), idle);
    EXPECT_LT(text.find("token_selector.package_lanes 16 → 32", idle), refused);
    EXPECT_THAT(text.substr(refused), HasSubstr("buffers.output_bytes 48 → 24 KiB: too small"));
    EXPECT_THAT(text, Not(HasSubstr("dma.ports.0.width_bits 128 → 64"))); // costs 20 %
    const auto ascii = advice_text(example_advice(), Style{false, false});
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 128U; }));
}

TEST(AdviceReport, HasEveryMoveInItsJson)
{
    const auto json = advice_json(example_advice());
    ASSERT_EQ(json["moves"].size(), 7U);
    const auto& heads = json["moves"][1];
    EXPECT_EQ(heads["parameter"], "array.heads");
    EXPECT_EQ(heads["extra"]["dsps"], 1152.0);
    EXPECT_EQ(heads["fits"], false);
    EXPECT_DOUBLE_EQ(heads["elasticity"].get<double>(), -0.15);
    EXPECT_EQ(json["moves"][5]["oversized"], true);
    EXPECT_EQ(json["moves"][6]["oversized"], false);
    EXPECT_THAT(json["combination"]["parameters"],
                ElementsAre("buffers.weight_bytes", "vector_unit.lanes"));
    EXPECT_EQ(json["bottleneck"]["cause"], "wait_weights");
    EXPECT_EQ(json["bottleneck"]["feasible_remedy"]["parameter"], "buffers.weight_bytes");
    EXPECT_EQ(json["claims"].size(), 6U);
}

} // namespace heatsim::report
