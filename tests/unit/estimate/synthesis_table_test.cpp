// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "estimate/synthesis_table.hpp"
#include "system/embedded_files.hpp"
#include "system/process.hpp"
#include "system/resources.hpp"
#include "system/synthesis.hpp"
#include "system/synthesis_validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace heatsim::estimate {
namespace {

using testing::HasSubstr;

const std::string header = "use,block,parameters,dsps,luts,flip_flops,carries,shift_luts,memory_"
                           "luts,bram18,bram36,urams\n";

std::string message_of(const std::string& rows)
{
    try {
        static_cast<void>(parse_synthesis_table("table.csv", header + rows));
    } catch (const config::Error& error) {
        return error.what();
    }
    return "";
}

TEST(SynthesisTable, SaysWhereARowIsWrong)
{
    EXPECT_THAT(message_of("fit,gelu,LANES=1,3,1,1,1,1,0,0,0\n"), HasSubstr("table.csv:2"));
    EXPECT_THAT(message_of("fit,gleu,LANES=1,3,1,1,1,1,0,0,0,0\n"), HasSubstr("'gleu'"));
    EXPECT_THAT(message_of("fit,gelu,LAMES=1,3,1,1,1,1,0,0,0,0\n"), HasSubstr("'LAMES=1'"));
    EXPECT_THAT(message_of("fit,gelu,LANES=1,3,x,1,1,1,0,0,0,0\n"), HasSubstr("'x'"));
    EXPECT_THAT(message_of("fix,gelu,LANES=1,3,1,1,1,1,0,0,0,0\n"),
                HasSubstr("fit, test or quick"));
    EXPECT_THAT(message_of(""), HasSubstr("empty table"));
    const std::string row = "fit,gelu,LANES=1,3,1,1,1,1,0,0,0,0\n";
    EXPECT_EQ(message_of(row), "");
    EXPECT_THAT(message_of(row + row), HasSubstr("a second row"));
}

TEST(SynthesisTable, TheShippedOneIsWrittenAsItIsRead)
{
    for (const auto& file : system::embedded_files())
        if (file.path == std::string{"validation/synthesis.csv"}) {
            EXPECT_EQ(synthesis_table_text(system::shipped_synthesis_table()), file.text);
        }
}

TEST(SynthesisTable, EveryBlockIsFittedOnSomeRowsAndTestedOnOthers)
{
    std::map<std::string, std::size_t> fitted;
    std::map<std::string, std::size_t> tested;
    for (const auto& row : system::shipped_synthesis_table().rows)
        ++(row.fit ? fitted : tested)[row.block->name];
    for (const auto& block : rtl_blocks()) {
        EXPECT_GE(fitted[block.name], 2U) << block.name;
        EXPECT_GE(tested[block.name], 1U) << block.name;
    }
}

TEST(ResourceModel, ShippedCoefficientsAreTheFitOfTheTable)
{
    const auto& model = system::resource_model();
    const auto fitted = fit_blocks(system::shipped_synthesis_table());
    ASSERT_EQ(model.blocks.size(), fitted.size());
    constexpr double rounding = 0.00011; // of the fourth decimal
    for (std::size_t i = 0; i < fitted.size(); ++i) {
        const auto& shipped = model.blocks[i];
        ASSERT_EQ(shipped.block, fitted[i].block);
        ASSERT_EQ(shipped.terms.size(), fitted[i].terms.size()) << shipped.block;
        for (std::size_t t = 0; t < shipped.terms.size(); ++t) {
            EXPECT_EQ(shipped.terms[t].feature, fitted[i].terms[t].feature);
            for (const auto quantity : quantities)
                EXPECT_NEAR(shipped.terms[t].of(quantity), fitted[i].terms[t].of(quantity),
                            rounding)
                    << shipped.block << " " << shipped.terms[t].feature;
        }
    }
}

TEST(Synthesis, CountsTheCellsOfTheWholeDesign)
{
    const auto counts = system::count_cells(
        R"({"modules": {"\\a": {"num_cells_by_type": {"LUT2": 900}}},
            "design": {"num_cells": 9, "num_cells_by_type":
              {"DSP48E1": 2, "LUT2": 3, "INV": 1, "FDRE": 4, "FDSE": 1, "CARRY4": 5, "SRL16E": 6,
               "RAM32M16": 2, "RAMB18E2": 7, "RAMB36E2": 8, "URAM288": 1}}})");
    EXPECT_EQ(counts.dsps, 2U);
    EXPECT_EQ(counts.luts, 4U);
    EXPECT_EQ(counts.flip_flops, 5U);
    EXPECT_EQ(counts.carries, 5U);
    EXPECT_EQ(counts.shift_luts, 6U);
    EXPECT_EQ(counts.memory_luts, 16U);
    EXPECT_EQ(counts.bram18_equivalents(), 23U);
    EXPECT_EQ(counts.urams, 1U);
    EXPECT_THROW(static_cast<void>(system::count_cells("{}")), system::ToolError);
    EXPECT_THROW(
        static_cast<void>(system::count_cells(R"({"design": {"num_cells_by_type": {"FLUX": 1}}})")),
        system::ToolError);
}

TEST(Synthesis, ClosedFormsHoldOnTheRecordedRowsThatWereNotFitted)
{
    const auto table =
        system::validate_synthesis(system::shipped_synthesis_table(), system::resource_model(),
                                   system::SynthesisReference::Recorded);
    for (const auto& check : table.checks)
        EXPECT_TRUE(check.holds()) << check.name << ": " << check.value;
    std::set<std::string> names;
    for (const auto& row : table.rows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.calibrated) << row.name;
    }
    EXPECT_GT(table.rows.size(), 100U);
}

TEST(Synthesis, YosysCountsAsRecorded)
{
    const auto table =
        system::validate_synthesis(system::shipped_synthesis_table(), system::resource_model(),
                                   system::SynthesisReference::Quick);
    EXPECT_GE(table.rows.size(), 6U);
    for (const auto& check : table.checks)
        EXPECT_TRUE(check.holds()) << check.name << ": " << check.value;
}

} // namespace
} // namespace heatsim::estimate
