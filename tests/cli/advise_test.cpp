// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
}

/// `heatsim run` of the same design with the changes of a move or a combination, ms.
double latency_ms_of_run(const json& changes)
{
    std::vector<std::string> arguments{"run",      "-s",  "dense", "--allow-oversize",
                                       "--format", "json"};
    for (const auto& change : changes) {
        arguments.emplace_back("--set");
        auto setting = change["key"].get<std::string>();
        setting.append("=").append(change["value"].get<std::string>());
        arguments.push_back(setting);
    }
    return parsed(heatsim(arguments))["latency_ms"]["mean"];
}

} // namespace

TEST(Advise, SaysWhatARunWithItsChangesSays)
{
    const auto advice = parsed(heatsim({"advise", "-s", "dense", "--format", "json"}));
    const auto base_ms = latency_ms_of_run(json::array());
    EXPECT_EQ(advice["design"]["latency_ms"], base_ms);
    const auto& moves = advice["moves"];
    ASSERT_GT(moves.size(), 30U);
    for (const std::size_t i : {std::size_t{0}, std::size_t{7}, moves.size() - 1}) {
        SCOPED_TRACE(moves[i]["parameter"].get<std::string>());
        EXPECT_DOUBLE_EQ(moves[i]["speedup"].get<double>(),
                         base_ms / latency_ms_of_run(moves[i]["changes"]));
    }
    EXPECT_DOUBLE_EQ(advice["combination"]["speedup"].get<double>(),
                     base_ms / latency_ms_of_run(advice["combination"]["changes"]));
}

TEST(Advise, DoesNotDependOnTheNumberOfProcesses)
{
    const std::vector<std::string> arguments{"advise", "-t", trace, "-n", "2"};
    auto alone = arguments;
    alone.insert(alone.end(), {"-j", "1"});
    auto shared = arguments;
    shared.insert(shared.end(), {"-j", "3"});
    const auto first = heatsim(alone);
    const auto second = heatsim(shared);
    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_EQ(first.out, second.out);
    EXPECT_THAT(first.out, AllOf(HasSubstr("2 images · token counts: deit_t_70_39_21.csv.gz"),
                                 HasSubstr("What makes it faster"),
                                 HasSubstr("What is larger than it has to be")));
}

TEST(Advise, FindsAWeightPortThatIsTooSlow)
{
    const auto advice = parsed(heatsim(
        {"advise", "-s", "dense", "--set", "dma.ports.1.clock_mhz=37.5", "--format", "json"}));
    EXPECT_EQ(advice["bottleneck"]["cause"], "wait_weights");
    EXPECT_THAT(advice["bottleneck"]["remedy"]["parameter"].get<std::string>(),
                testing::StartsWith("dma.ports.1."));
    EXPECT_THAT(advice["claims"][0].get<std::string>(), HasSubstr("wait for weights"));
}

TEST(Advise, RefusesWhatRunRefuses)
{
    const auto expect_refused = [](std::vector<std::string> arguments, const char* message) {
        arguments.insert(arguments.begin(), "advise");
        const auto outcome = heatsim(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << message;
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, HasSubstr(message));
    };
    expect_refused({"--set", "array.hedas=6"}, "did you mean 'heads'?");
    expect_refused({"-n", "0"}, "--image-count");
    expect_refused({"-j", "many"}, "-j");
    expect_refused({"-a", "nothing"}, "nothing");
    expect_refused({"--set", "array.heads=6"}, "--allow-oversize");
    expect_refused({"--format", "csv"}, "expected text or json");
    expect_refused({"--baseline", "dense"}, "--baseline");
}

} // namespace heatsim::cli
