// SPDX-License-Identifier: Apache-2.0
#include "system/ddr_validation.hpp"
#include "system/methods_validation.hpp"
#include "system/model_validation.hpp"
#include "system/peer_validation.hpp"
#include "system/published_validation.hpp"
#include "system/validation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

namespace heatsim::system {
namespace {

void expect_sound(const ValidationTable& table)
{
    EXPECT_FALSE(table.title.empty());
    EXPECT_FALSE(table.reference.empty());
    EXPECT_FALSE(table.not_validated.empty());
    std::set<std::string> names;
    for (const auto& row : table.rows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
        EXPECT_FALSE(row.quantity.empty()) << row.name;
        EXPECT_TRUE(row.error_percent().has_value()) << row.name;
    }
}

void expect_holds(const ValidationTable& table)
{
    EXPECT_FALSE(table.checks.empty());
    for (const auto& check : table.checks)
        EXPECT_TRUE(check.holds())
            << check.name << ": " << check.value << ", limit " << check.limit;
}

TEST(Validation, OfModelsIsExact)
{
    const auto table = validate_models();
    expect_sound(table);
    EXPECT_EQ(table.rows.size(), 20U);
    for (const auto& row : table.rows)
        EXPECT_EQ(row.predicted, *row.reference) << row.name;
    expect_holds(table);
}

TEST(Validation, OfMethodsHoldsWithinOnePercentOrTheRounding)
{
    const auto table = validate_methods();
    EXPECT_EQ(table.rows.size(), shipped_table("validation/methods.csv").rows.size());
    std::set<std::string> names;
    std::size_t calibrated = 0;
    for (const auto& row : table.rows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
        EXPECT_GT(row.predicted, 0.0) << row.name;
        calibrated += row.calibrated ? 1U : 0U;
    }
    EXPECT_EQ(calibrated, 2U); // A-ViT
    ASSERT_EQ(table.checks.size(), 2U);
    EXPECT_EQ(table.checks[1].value, 15.0); // five dense ones, DynamicViT, EViT
    expect_holds(table);
}

TEST(Validation, OfMethodsTakesHalfAUnitOfTheLastDigit)
{
    EXPECT_DOUBLE_EQ(rounding_of("2.3"), 0.05);
    EXPECT_DOUBLE_EQ(rounding_of("17.56"), 0.005);
    EXPECT_DOUBLE_EQ(rounding_of("4"), 0.5);
}

TEST(Validation, OfPeersIsExact)
{
    const auto table = validate_peers();
    expect_sound(table);
    EXPECT_EQ(table.rows.size(), 40U);
    for (const auto& row : table.rows)
        EXPECT_EQ(row.predicted, *row.reference) << row.name;
    expect_holds(table);
}

TEST(Validation, OfTheIndependentRtlHolds)
{
    const auto table = validate_heatvit_rtl();
    expect_sound(table);
    EXPECT_EQ(table.rows.size(), 11U);
    EXPECT_EQ(table.checks.size(), 2U);
    expect_holds(table);
}

TEST(Validation, OfTheDdrTakesTheNearestEndOfTheRange)
{
    DdrValidation validation;
    validation.groups = ddr_groups({{"mop4clxor", "A", "seq_rd", 8, 10.0, 20.0},
                                    {"mop4clxor", "B", "seq_rd", 8, 12.0, 22.0},
                                    {"mop4clxor", "A", "seq_wr", 8, 10.0, 0.0}});
    validation.groups[0].bandwidth_gbs.predicted = 11.0;
    validation.groups[0].mean_read_latency_ns.predicted = 33.0;
    validation.groups[1].bandwidth_gbs.predicted = 9.8;
    const auto table = ddr_table(validation);
    expect_sound(table);
    ASSERT_EQ(table.rows.size(), 3U); // writes have no latency
    EXPECT_DOUBLE_EQ(*table.rows[0].reference, 11.0);
    EXPECT_DOUBLE_EQ(*table.rows[1].reference, 22.0);
    EXPECT_DOUBLE_EQ(*table.rows[2].reference, 10.0);
    EXPECT_TRUE(table.checks.at(0).holds());  // 2 %
    EXPECT_FALSE(table.checks.at(1).holds()); // 50 %
}

class Published : public testing::Test {
  protected:
    [[nodiscard]] const ValidationRow& row(const std::string& name) const
    {
        const auto found =
            std::find_if(table.rows.begin(), table.rows.end(),
                         [&name](const ValidationRow& each) { return each.name == name; });
        if (found == table.rows.end())
            throw std::runtime_error{"no row " + name};
        return *found;
    }
    const ValidationTable table = validate_published();
};

TEST_F(Published, ShowsEveryRowOfTheReference)
{
    expect_sound(table);
    EXPECT_TRUE(table.checks.empty()); // nothing is expected
    for (const auto& reference : shipped_table("validation/published.csv").rows) {
        auto design = reference.text("design");
        design = design.substr(0, design.find(" speed-up range"));
        const bool compared =
            std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& each) {
                return each.name.rfind(design + "/", 0) == 0 &&
                       each.trust == reference.text("trust");
            });
        const bool listed = std::any_of(table.not_validated.begin(), table.not_validated.end(),
                                        [&](const auto& item) {
                                            return item.rfind(design + ",", 0) == 0 &&
                                                   item.find("not modelled: ") != std::string::npos;
                                        });
        EXPECT_NE(compared, listed) << design;
    }
}

TEST_F(Published, RowsAgreeWithEachOther)
{
    // at most one published row per design is calibrated on
    std::set<std::string> calibrated;
    for (const auto& each : table.rows)
        if (each.calibrated)
            calibrated.insert(
                fmt::format("{} {}", each.name.substr(0, each.name.find('/')), each.quantity));
    EXPECT_EQ(calibrated, (std::set<std::string>{"HeatViT latency", "SPViT dense latency"}));
    EXPECT_NEAR(*row("SPViT dense/deit_s/dense/latency").error_percent(), 0.0, 0.1);

    // 8-bit and 16-bit dense runs stand behind the frame rates and the speed-up alike
    const double rate = row("HeatViT baseline 16 bit/deit_t/dense/frame rate").predicted;
    const double pruned = row("HeatViT/deit_t/heatvit/frame rate").predicted;
    EXPECT_NEAR(row("HeatViT total/deit_t/heatvit/speed-up").predicted, pruned / rate, 1e-9);
    EXPECT_NEAR(row("HeatViT total/deit_t/heatvit/speed-up").predicted,
                row("HeatViT pruning-only/deit_t/heatvit/speed-up").predicted *
                    row("HeatViT 8 bit alone/deit_t/dense/speed-up").predicted,
                1e-9);
    // two operations per MAC: 9,197,764,608 of DeiT-S
    EXPECT_NEAR(row("group-vector systolic/deit_s/dense/throughput").predicted,
                9.197764608 / row("group-vector systolic/deit_s/dense/latency").predicted * 1e3,
                1e-6);
}

} // namespace
} // namespace heatsim::system
