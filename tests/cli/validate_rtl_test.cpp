// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

/// Builds stay where the next run finds them.
class ValidateRtl : public testing::Test {
  protected:
    void SetUp() override { setenv("HEATSIM_CACHE", HEATSIM_RTL_CACHE, 1); }

    [[nodiscard]] static nlohmann::json run(std::vector<std::string> arguments, int exit_code)
    {
        arguments.insert(arguments.begin(), {"validate", "rtl"});
        arguments.insert(arguments.end(), {"--format", "json"});
        const auto outcome = heatsim(arguments);
        EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
        return nlohmann::json::parse(outcome.out.empty() ? "{}" : outcome.out);
    }
    /// Rows that are not exact.
    [[nodiscard]] static std::size_t deviations(const nlohmann::json& table)
    {
        std::size_t count = 0;
        for (const auto& row : table["rows"])
            count += row["error_percent"].get<double>() != 0.0 ? 1U : 0U;
        return count;
    }
};

/// The model follows the RTL to the cycle; whoever changes one of them sees it here.
TEST_F(ValidateRtl, ModelEqualsTheRtlToTheCycle)
{
    const auto table = run({"--quick"}, 0);
    EXPECT_GE(table["rows"].size(), 80U);
    for (const auto& row : table["rows"])
        EXPECT_EQ(row["predicted"], row["reference"]) << row["name"];
    EXPECT_TRUE(table["holds"].get<bool>());
}

/// The comparison can fail: each latency of the model, changed by one cycle, shows; a gross error
/// breaks the limits and ends with exit code 1.
TEST_F(ValidateRtl, ABrokenLatencyIsSeen)
{
    const Folder folder;
    const auto shapes =
        folder.write("shapes.csv", "Layer,M,N,K,\na,43,43,64,\nb,17,33,65,\nc,64,64,400,\n");
    const auto changed = [&](const std::string& setting, int exit_code) {
        return run({"-a", "rtl_engine_8x8", "--shapes", shapes, "--set", setting}, exit_code);
    };
    for (const auto* setting :
         {"array.pipeline_depth_cycles=9", "array.pipeline_depth_cycles=7", "array.switch_cycles=2",
          "dma.descriptor_cycles=3", "vector_unit.pipeline_depth_cycles=8",
          "controller.operator_cycles=1"})
        EXPECT_GT(deviations(changed(setting, 0)), 0U) << setting;
    for (const auto* setting : {"array.pipeline_depth_cycles=80", "dma.descriptor_cycles=60",
                                "controller.operator_cycles=300"})
        EXPECT_FALSE(changed(setting, 1)["holds"].get<bool>()) << setting;
}

/// Everything that is recorded, at once: without Verilator, so with every design.
TEST_F(ValidateRtl, ModelEqualsTheRecordedCycles)
{
    const auto table = run({"--recorded"}, 0);
    EXPECT_GE(table["rows"].size(), 30U * 3U * 2U);
    EXPECT_EQ(deviations(table), 0U);
}

TEST_F(ValidateRtl, RefusesWhatTheRtlCannotBe)
{
    const auto outcome = heatsim({"validate", "rtl", "-a", "heatvit_int8_zcu102"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.err.find("which rtl/engine.sv has"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    const auto missing = heatsim({"validate", "rtl", "--shapes", "nowhere.csv"});
    EXPECT_EQ(missing.exit_code, 2);
    EXPECT_NE(missing.err.find("nowhere.csv"), std::string::npos) << missing.err;
}

TEST_F(ValidateRtl, SaysThatVerilatorIsMissing)
{
    const Folder empty;
    setenv("HEATSIM_CACHE", empty.path("cache").c_str(), 1);
    const std::string path = getenv("PATH");
    setenv("PATH", empty.path("").c_str(), 1);
    const auto outcome = heatsim({"validate", "rtl", "--quick"});
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.err.find("verilator: not found"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(empty.entries().empty() || empty.entries() == std::vector<std::string>{"cache"})
        << "half a build is left behind";
}

} // namespace

} // namespace heatsim::cli
