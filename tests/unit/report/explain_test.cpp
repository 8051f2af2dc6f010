// SPDX-License-Identifier: Apache-2.0
#include "report/accuracy_report.hpp"
#include "report/advice_report.hpp"
#include "report/csv.hpp"
#include "report/distribution_report.hpp"
#include "report/error_bands.hpp"
#include "report/explain.hpp"
#include "report/network_accuracy_report.hpp"
#include "report/quantization_report.hpp"
#include "report/scale_sim_report.hpp"
#include "report/search_report.hpp"
#include "report/staircase_report.hpp"
#include "report/streaming_report.hpp"
#include "report/sweep_report.hpp"
#include "report/trace_report.hpp"
#include "system/catalog.hpp"
#include "system/resources.hpp"
#include "workload/operators.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heatsim::report {

namespace {

const std::vector<stats::Sample> statistics{
    {"chip.ddr.bursts", stats::Unit::Count, "bursts served", 0},
    {"chip.dma_hp0.read_bursts", stats::Unit::Count, "read bursts", 0},
};

std::vector<std::string> names(const std::vector<Topic>& topics)
{
    std::vector<std::string> result;
    result.reserve(topics.size());
    for (const auto& topic : topics)
        result.push_back(topic.name);
    return result;
}

std::vector<std::string> found(const std::string& name)
{
    return names(find_topics(all_topics(statistics), name).topics);
}

} // namespace

TEST(Explain, EveryTopicIsFoundByItsNameAndSaysSomething)
{
    const auto topics = all_topics(statistics);
    for (const auto& topic : topics) {
        EXPECT_FALSE(topic.meaning.empty() && topic.type != "section") << topic.name;
        EXPECT_THAT(names(find_topics(topics, topic.name).topics), testing::Contains(topic.name));
    }
}

TEST(Explain, EveryBlockOfTheResourceEstimateIsFound)
{
    const auto topics = all_topics(statistics);
    for (const auto& accelerator : system::catalog_names(system::ConfigKind::Accelerator)) {
        for (const std::string schedule : {"heatvit", "evit_70", "tome_13", "avit_deit_t"}) {
            system::RunRequest request;
            request.accelerator = accelerator;
            request.schedule = schedule;
            request.allow_oversize = true;
            const auto setup = system::load(request);
            const auto shape = system::chip_shape(setup.design.accelerator, setup.design.board,
                                                  setup.model, setup.schedule);
            for (const auto& block :
                 estimate::estimate_chip(shape, system::resource_model()).blocks)
                EXPECT_FALSE(find_topics(topics, block.name).topics.empty()) << block.name;
        }
    }
}

TEST(Explain, EveryColumnKeyCauseAndKindIsFound)
{
    const auto topics = all_topics(statistics);
    const auto expect = [&](const std::string& name) {
        EXPECT_FALSE(find_topics(topics, name).topics.empty()) << name;
    };
    for (const auto& fields : {summary_fields(),
                               ddr_fields(),
                               ddr_validation_fields(),
                               explain_fields(),
                               statistics_fields(),
                               trace_fields(),
                               trace_comparison_fields(),
                               operators_columns(),
                               images_columns(),
                               distribution_columns(),
                               streaming_fields(),
                               streaming_columns(),
                               quantization_fields(),
                               network_accuracy_fields(),
                               staircase_fields(),
                               staircase_columns(),
                               advice_fields(),
                               search_fields(),
                               sweep_fields(),
                               front_fields(),
                               export_columns(),
                               error_bands_columns(),
                               compute_report_columns(),
                               bandwidth_report_columns(),
                               glossary()})
        for (const auto& field : fields)
            expect(field.name);
    for (const auto& cause : channel::array_cause_names)
        expect(cause.name);
    for (const auto& kind : workload::operator_kind_names)
        expect(kind.name);
}

TEST(Explain, ConfigurationKeysCarryTypeRangeUnitAndDefault)
{
    const auto topic = find_topics(all_topics({}), "memory.clock_mhz").topics.at(0);
    EXPECT_EQ(topic.type, "real");
    EXPECT_EQ(topic.range, "1 to 10000");
    EXPECT_EQ(topic.unit, "MHz");
    EXPECT_EQ(topic.default_value, "required");
    EXPECT_EQ(find_topics(all_topics({}), "memory.t_rcd").topics.at(0).unit, "memory clock cycles");
}

TEST(Explain, KeysOfEveryArrayStyleAndLoaderAreKnown)
{
    for (const char* key :
         {"array.input_channels", "array.rows", "array.columns", "dma.burst_beats",
          "dma.ports[].width_bits", "dma.word_serial.read_word_cycles"})
        EXPECT_EQ(found(key), std::vector<std::string>{key});
}

TEST(Explain, LastPartsAreEnough)
{
    EXPECT_THAT(found("input_channels"),
                testing::UnorderedElementsAre("array.input_channels", "tile.input_channels"));
    EXPECT_EQ(found("heads"),
              (std::vector<std::string>{"array.heads", "model.heads", "gemm.heads"}));
    EXPECT_EQ(found("bursts"), std::vector<std::string>{"chip.ddr.bursts"});
}

TEST(Explain, AWholeNameComesBeforeLastParts)
{
    const auto result = find_topics(all_topics(statistics), "utilization");
    EXPECT_EQ(names(result.topics), std::vector<std::string>{"utilization"});
    EXPECT_EQ(names(result.see_also),
              (std::vector<std::string>{"array.utilization", "streaming.utilization"}));
}

TEST(Explain, IndicesPortsAndCaseDoNotMatter)
{
    EXPECT_EQ(found("stages[2].tokens"), std::vector<std::string>{"stages[].tokens"});
    EXPECT_EQ(found("stages.2.tokens"), std::vector<std::string>{"stages[].tokens"});
    EXPECT_EQ(found("schedule.selectors.0.keep_ratio"),
              std::vector<std::string>{"schedule.selectors[].keep_ratio"});
    EXPECT_EQ(found("n3"), (std::vector<std::string>{"n<stage>", "n<stage>"}));
    EXPECT_EQ(found("gemm"), (std::vector<std::string>{"gemm", "gemm", "GEMM"}));
    EXPECT_EQ(found("chip.dma_s_axi.read_bursts"),
              std::vector<std::string>{"chip.dma_<port>.read_bursts"});
    EXPECT_EQ(found("dma_hp1 read data"), std::vector<std::string>{"dma_<port> read data"});
    EXPECT_EQ(found("ddr channel12 data"), std::vector<std::string>{"ddr channel<n> data"});
    for (const char* odd : {"", ".", "[", "]", "[]", "..", "a[", "0", "dma_", "n"})
        (void)found(odd);
}

TEST(Explain, MeasuresTheFixedPointFunctions)
{
    const auto topics = all_topics({});
    for (const auto& function : numerics::accuracy_functions()) {
        const auto result = find_topics(topics, function.name);
        ASSERT_EQ(fixed_point_function(result.topics), function.name);
        const auto accuracy = numerics::accuracy(function.name);
        const auto json = explain_json(result)["accuracy"];
        EXPECT_EQ(json["errors"].size(), accuracy.errors.size());
        EXPECT_EQ(json["errors"][0]["max_error"], accuracy.errors[0].max);
        EXPECT_EQ(json["derivatives"].size(), accuracy.derivatives.size());
        Style style;
        style.colour = false;
        const auto text = accuracy_text(accuracy, style);
        for (const auto& row : accuracy.errors)
            EXPECT_THAT(text, testing::HasSubstr(row.implementation));
        for (const auto& row : accuracy.derivatives)
            EXPECT_THAT(text, testing::HasSubstr(fmt::format("{:.4f}", row.largest)));
    }
    const auto other = find_topics(topics, "package token");
    EXPECT_EQ(fixed_point_function(other.topics), "");
    EXPECT_FALSE(explain_json(other).contains("accuracy"));
}

TEST(Explain, UnknownNamesGetTheNearestOnes)
{
    const auto topics = all_topics(statistics);
    EXPECT_TRUE(find_topics(topics, "wait_weight").topics.empty());
    EXPECT_EQ(near_names(topics, "wait_weight").at(0), "wait_weights");
    EXPECT_EQ(near_names(topics, "arry.heads").at(0), "array.heads");
    EXPECT_LE(near_names(topics, "cycles_").size(), 5U);
    EXPECT_TRUE(near_names(topics, "xyzzyxyzzyxyzzy").empty());
}

} // namespace heatsim::report
