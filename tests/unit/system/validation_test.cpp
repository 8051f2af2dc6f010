// SPDX-License-Identifier: Apache-2.0
#include "system/child_process.hpp"
#include "system/published_validation.hpp"
#include "system/reference_table.hpp"
#include "system/simulation.hpp"
#include "system/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using testing::ElementsAre;

ValidationRow row(const std::string& name, double predicted, double reference)
{
    ValidationRow made;
    made.name = name;
    made.predicted = predicted;
    made.reference = reference;
    return made;
}

std::vector<std::string> names(const ValidationTable& table)
{
    std::vector<std::string> found;
    for (const auto& each : table.rows)
        found.push_back(each.name);
    return found;
}

TEST(Validation, WorstRowsAreThoseWithTheLargestErrors)
{
    ValidationTable table;
    table.rows = {row("a", 101, 100), row("b", 80, 100), row("c", 100, 100), row("d", 110, 100)};
    EXPECT_THAT(names(worst_rows(table, 2)), ElementsAre("b", "d"));
    EXPECT_EQ(worst_rows(table, 2).left_out, 2U);
    EXPECT_THAT(names(worst_rows(table, 4)), ElementsAre("a", "b", "c", "d"));
    EXPECT_EQ(worst_rows(table, 4).left_out, 0U);
    table.rows.push_back(row("without error", 1, 0)); // a reference of 0 that is not met
    EXPECT_THAT(names(worst_rows(table, 1)), ElementsAre("without error"));
}

TEST(Validation, CalibratedAndRecalledRowsDoNotCount)
{
    std::vector<ValidationRow> rows{row("a", 101, 100), row("b", 200, 100), row("c", 300, 100)};
    rows[1].calibrated = true;
    rows[2].trust = "recalled";
    EXPECT_NEAR(mean_absolute_error_percent(rows), 1.0, 1e-9);
    EXPECT_NEAR(worst_absolute_error_percent(rows), 1.0, 1e-9);
    rows[2].trust = "secondary";
    EXPECT_NEAR(worst_absolute_error_percent(rows), 200.0, 1e-9);
}

TEST(ReferenceTable, HasTheRowsOfTheFile)
{
    const auto table = shipped_table("validation/peer_gemm_cycles.csv");
    EXPECT_EQ(table.rows.size(), 40U);
    EXPECT_EQ(table.rows.front().integer("cycles"), 112391U);
    EXPECT_EQ(table.rows.front().text("stationarity"), "output");
    EXPECT_THAT(table.description, testing::HasSubstr("SCALE-Sim"));
    EXPECT_THAT(shipped_table("validation/models.csv").rows.at(1).words("tokens_per_stage"),
                ElementsAre("197", "139", "78", "43"));
}

TEST(PublishedFigure, IsANumberOrARange)
{
    EXPECT_FALSE(published_figure(""));
    const auto plain = published_figure("11.14");
    EXPECT_DOUBLE_EQ(plain->low, 11.14);
    EXPECT_FALSE(plain->is_range());
    const auto remarked = published_figure("29.6 (board)");
    EXPECT_DOUBLE_EQ(remarked->high, 29.6);
    EXPECT_EQ(remarked->remark, "board");
    const auto range = published_figure("+8% to +11%");
    EXPECT_DOUBLE_EQ(range->low, 8.0);
    EXPECT_DOUBLE_EQ(range->high, 11.0);
    EXPECT_TRUE(range->is_range());
}

TEST(PublishedFigure, OfARangeTheNearestPointIsTheReference)
{
    const auto range = published_figure("1.82 to 2.58");
    EXPECT_DOUBLE_EQ(range->nearest(1.0), 1.82);
    EXPECT_DOUBLE_EQ(range->nearest(2.0), 2.0);
    EXPECT_DOUBLE_EQ(range->nearest(3.0), 2.58);
}

TEST(ChildProcess, ReturnsWhatItsBodyFound)
{
    EXPECT_THAT(in_child([] { return std::vector<double>{1.5, -2.0}; }), ElementsAre(1.5, -2.0));
    EXPECT_THAT(in_child([] { return std::vector<double>{}; }), ElementsAre());
    EXPECT_EQ(in_child([] { return std::vector<double>(100000, 1.0); }).size(), 100000U);
}

TEST(ChildProcess, TellsWhatItsBodyThrew)
{
    try {
        static_cast<void>(
            in_child([]() -> std::vector<double> { throw std::runtime_error{"out of luck"}; }));
        FAIL() << "no error";
    } catch (const SimulationError& error) {
        EXPECT_STREQ(error.what(), "out of luck");
    }
}

TEST(ChildProcess, ThatEndsWithoutAResultIsAnError)
{
    EXPECT_THROW(static_cast<void>(in_child([]() -> std::vector<double> { _Exit(0); })),
                 SimulationError);
}

} // namespace
} // namespace heatsim::system
