// SPDX-License-Identifier: Apache-2.0
#include "report/ddr_report.hpp"
#include "report/ddr_validation_report.hpp"
#include "report/distribution_report.hpp"
#include "report/explain.hpp"
#include "report/network_accuracy_report.hpp"
#include "report/quantization_report.hpp"
#include "report/staircase_report.hpp"
#include "report/streaming_report.hpp"
#include "report/summary.hpp"
#include "report/trace_report.hpp"
#include "report/validation_report.hpp"
#include "report/vocabulary.hpp"
#include "unit/report/example_advice.hpp"
#include "unit/report/example_run.hpp"
#include "unit/report/example_search.hpp"
#include "unit/report/example_sweep.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;

/// Every key as in `summary_fields()`.
void collect_keys(const ordered_json& json, const std::string& path, std::set<std::string>& keys)
{
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            auto below = path;
            if (!below.empty())
                below += '.';
            below += key;
            keys.insert(below);
            collect_keys(value, below, keys);
        }
    } else if (json.is_array()) {
        for (const auto& item : json)
            collect_keys(item, path + "[]", keys);
    }
}

std::set<std::string> keys_of(const ordered_json& json)
{
    std::set<std::string> keys;
    collect_keys(json, "", keys);
    return keys;
}

std::set<std::string> names_of(const std::vector<Field>& fields)
{
    std::set<std::string> names;
    for (const auto& field : fields)
        EXPECT_TRUE(names.insert(field.name).second) << field.name << " stands twice in the table";
    return names;
}

/// Keys of a baseline are explained as those of the run.
std::string without_baseline(const std::string& key)
{
    const std::string prefix = "baseline.";
    return key.rfind(prefix, 0) == 0 && key != "baseline.speedup" ? key.substr(prefix.size()) : key;
}

} // namespace

TEST(Summary, EveryKeyIsInTheVocabularyAndTheOtherWayRound)
{
    auto [setup, run] = example_run();
    run.composition.emplace();
    const auto summary = summarize(setup, run);
    auto json = summary_json(summary, &summary);
    json["host"] = host_json(host_cost(run));
    json["tail"] = tail_json(tail_of(setup, run, select_tail(run).value(), run, run));
    auto written = keys_of(json);
    for (const auto& key : keys_of(gemm_json(summary, {}, run)))
        written.insert(key);

    const auto known = names_of(summary_fields());
    for (const auto& key : written)
        EXPECT_EQ(known.count(without_baseline(key)), 1U) << key << " is not explained";
    for (const auto& key : known)
        EXPECT_EQ(written.count(key), 1U) << key << " is explained but never written";
}

TEST(Summary, OfAComposedRunHasNoRowsOfTheDdr)
{
    auto [setup, run] = example_run();
    const auto simulated = summary_json(summarize(setup, run), nullptr);
    EXPECT_EQ(simulated["ddr"]["row_hits"], 7);
    EXPECT_FALSE(simulated.contains("composition"));
    EXPECT_FALSE(host_json(host_cost(run))["simulator"].contains("stored_simulations"));

    run.composition.emplace();
    run.composition->simulations = 12;
    run.composition->stored_simulations = 3;
    run.composition->latency = {0.25, 0.5};
    const auto composed = summary_json(summarize(setup, run), nullptr);
    for (const char* key : {"row_hits", "row_misses", "row_conflicts"})
        EXPECT_TRUE(composed["ddr"][key].is_null()) << key;
    EXPECT_TRUE(composed["ddr"]["efficiency_percent"].is_number());
    EXPECT_EQ(composed["composition"]["simulations"], 12);
    EXPECT_EQ(composed["composition"]["latency_error_percent"]["worst"], 0.5);
    EXPECT_EQ(host_json(host_cost(run))["simulator"]["stored_simulations"], 3)
        << "differs from run to run";
}

TEST(Summary, StreamingKeysAreInTheVocabulary)
{
    system::ServiceTimes service;
    service.alone_ms = {4.0};
    StreamReport report;
    report.frames = system::serve({0.0, 1.0}, service, {});
    report.summary = system::summarize(report.frames, 5.0, 2);
    report.deadline_ms = 5.0;
    ordered_json json;
    json["streaming"] = streaming_json(report);
    EXPECT_EQ(keys_of(json), names_of(streaming_fields()));
}

TEST(Summary, StaircaseKeysAreInTheVocabulary)
{
    auto setup = example_run().first;
    setup.trace.emplace();
    setup.images = {{3, 3, 3, 3}};
    const system::Staircase staircase{{"attn.qkv"},
                                      {{2, 10, {10}}, {3, 10, {10}}, {4, 10, {10}}, {5, 90, {90}}}};
    EXPECT_EQ(keys_of(staircase_json(staircase_report(setup, staircase))),
              names_of(staircase_fields()));
}

TEST(Summary, QuantizationKeysAreInTheVocabulary)
{
    QuantizationReport report;
    report.errors = {{"head.fc", inference::TensorKind::Weights, 4.0, 100.0, 0.01, 1.0},
                     {"head.fc", inference::TensorKind::Activations, 4.0, 1.0, 0.0, 0.0}};
    const auto json = quantization_json(report);
    EXPECT_EQ(keys_of(json), names_of(quantization_fields()));
    EXPECT_NEAR(json["tensors"][0]["signal_to_noise_db"].get<double>(), 40.0, 1e-9);
    EXPECT_EQ(json["tensors"][0]["saturated_percent"], 25.0);
    EXPECT_TRUE(json["tensors"][1]["signal_to_noise_db"].is_null()); // loses nothing
    EXPECT_EQ(json["kinds"][0]["worst"], "head.fc");
    EXPECT_TRUE(json["kinds"][1]["worst"].is_null());
}

TEST(Summary, NetworkAccuracyKeysAreInTheVocabulary)
{
    NetworkAccuracyReport report;
    report.accuracy.images = 8;
    report.accuracy.labelled = true;
    system::AccuracyRow row;
    row.functions = system::function_sets().front();
    row.correct = 7;
    row.tokens = {20};
    row.same_predictions = 8;
    row.same_counts = 4;
    report.accuracy.rows = {row};
    const auto json = network_accuracy_json(report);
    EXPECT_EQ(keys_of(json), names_of(network_accuracy_fields()));
    EXPECT_EQ(json["rows"][0]["top1_percent"], 87.5);
    EXPECT_EQ(json["rows"][0]["tokens"][0], 2.5);
    EXPECT_EQ(json["rows"][0]["same_counts_percent"], 50.0);
}

TEST(Summary, AdviceKeysAreInTheVocabulary)
{
    EXPECT_EQ(keys_of(advice_json(example_advice())), names_of(advice_fields()));
}

TEST(Summary, SearchKeysAreInTheVocabulary)
{
    EXPECT_EQ(keys_of(search_json(example_search())), names_of(search_fields()));
}

/// Keys but those below the objects that are named by a space's axes and objectives.
std::set<std::string> fixed_keys_of(const ordered_json& json)
{
    auto keys = keys_of(json);
    for (auto key = keys.begin(); key != keys.end();)
        key = key->rfind("front[].inputs.", 0) == 0 || key->rfind("front[].objectives.", 0) == 0
                  ? keys.erase(key)
                  : std::next(key);
    return keys;
}

TEST(Summary, FrontKeysAreInTheVocabulary)
{
    const ExampleStore example;
    const auto other = example.sweep(1);
    const auto report = front_report(example.store, example.sweep(0), {}, &other);
    EXPECT_EQ(fixed_keys_of(front_json(report)), names_of(front_fields()));
}

TEST(Summary, SweepKeysAreInTheVocabulary)
{
    const ExampleStore example;
    SweepReport report;
    report.front = front_report(example.store, example.sweep(0), {});
    EXPECT_EQ(fixed_keys_of(sweep_json(report)), names_of(sweep_fields()));
}

TEST(Summary, StatisticsKeysAreInTheVocabulary)
{
    const auto [setup, run] = example_run();
    EXPECT_EQ(keys_of(statistics_json(run)), names_of(statistics_fields()));
}

TEST(Summary, DdrKeysAreInTheVocabulary)
{
    EXPECT_EQ(keys_of(ddr_json({})), names_of(ddr_fields()));
}

TEST(Summary, DdrValidationKeysAreInTheVocabulary)
{
    system::DdrValidation validation;
    validation.groups = system::ddr_groups({{"mop4clxor", "A", "seq_rd", 8, 10.0, 20.0}});
    EXPECT_EQ(keys_of(ddr_validation_json(validation)), names_of(ddr_validation_fields()));
}

TEST(Summary, TraceKeysAreInTheVocabulary)
{
    workload::TokenTrace trace;
    trace.selectors_before_blocks = {4};
    trace.tokens = 197;
    trace.images = {{197, 100}, {197, 50}};
    trace.image_ids = {0, 1};
    trace.correct = {true, false};
    const workload::Model model;
    const auto report = inspect(trace, &model, workload::schedule_of(trace));
    EXPECT_EQ(keys_of(trace_json(report)), names_of(trace_fields()));
}

TEST(Summary, TraceComparisonKeysAreInTheVocabulary)
{
    TraceComparisonReport report;
    report.comparison.images = 4;
    report.comparison.same_counts = 1;
    report.comparison.first_correct = 3;
    report.comparison.selectors.resize(1);
    const auto json = trace_comparison_json(report);
    EXPECT_EQ(keys_of(json), names_of(trace_comparison_fields()));
    EXPECT_EQ(json["same_counts_percent"], 25.0);
    EXPECT_EQ(json["first_top1_percent"], 75.0);
    EXPECT_TRUE(json["second_top1_percent"].is_null());
}

TEST(Summary, ExplainKeysAreInTheVocabulary)
{
    const auto topics = find_topics(all_topics({}), "gelu");
    EXPECT_EQ(keys_of(explain_json(topics)), names_of(explain_fields()));
}

TEST(Summary, ValidationKeysAreInTheVocabulary)
{
    system::ValidationTable table;
    table.rows.emplace_back();
    table.checks.emplace_back();
    EXPECT_EQ(keys_of(validation_json(table)), names_of(validation_fields()));
}

TEST(Summary, PartsOfTheEnergySumUpToTheMeanOfTheImages)
{
    auto [setup, run] = example_run();
    run.images[0].energy.add(estimate::EnergyPart::Static, 3e9);
    run.images[0].energy.add(estimate::EnergyPart::GemmArray, 1e9);
    run.images[1].energy.add(estimate::EnergyPart::Static, 2e9);
    const auto energy = summarize(setup, run).energy;
    EXPECT_DOUBLE_EQ(energy.image_mj.mean, 3.0); // 4 mJ and 2 mJ
    EXPECT_DOUBLE_EQ(energy.image_mj.max, 4.0);
    EXPECT_DOUBLE_EQ(std::accumulate(energy.by_part_mj.begin(), energy.by_part_mj.end(), 0.0), 3.0);
    // 150.5 cycles of 150 MHz
    EXPECT_DOUBLE_EQ(energy.power_w, 3.0 / (150.5 / 150000.0));
    EXPECT_DOUBLE_EQ(energy.static_power_w, 2.5 / (150.5 / 150000.0));
    // 150,500 MACs per image, two operations each
    EXPECT_NEAR(energy.gops_per_w, 2 * 150500.0 / 3e-3 * 1e-9, 1e-12);
}

TEST(Summary, EveryFieldHasAMeaning)
{
    for (const auto* table :
         {&summary_fields(), &ddr_fields(), &ddr_validation_fields(), &explain_fields(),
          &validation_fields(), &statistics_fields(), &trace_fields(), &glossary()})
        for (const auto& field : *table)
            EXPECT_FALSE(field.meaning.empty()) << field.name;
}

TEST(Summary, LatencyAndCyclesAreDistributionsOverTheImages)
{
    const auto [setup, run] = example_run();
    const auto json = summary_json(summarize(setup, run), nullptr);
    // cycles 100 and 201, 150 MHz: 150,000 cycles are 1 ms
    EXPECT_EQ(
        json["cycles"].dump(),
        R"({"mean":150.5,"p50":100,"p90":201,"p95":201,"p99":201,"min":100,"max":201,"total":301})");
    EXPECT_DOUBLE_EQ(json["latency_ms"]["mean"].get<double>(), 150.5 / 150000.0);
    EXPECT_DOUBLE_EQ(json["latency_ms"]["max"].get<double>(), 201.0 / 150000.0);
    EXPECT_DOUBLE_EQ(json["fps"].get<double>(), 150e6 / 150.5);
    EXPECT_EQ(json["images"], 2);
}

TEST(Summary, CausesSumUpToTheMeanCyclesOfAnImage)
{
    const auto [setup, run] = example_run();
    const auto array = summary_json(summarize(setup, run), nullptr)["array"];
    double sum = 0.0; // halves: exact
    for (const auto& [cause, cycles] : array["cycles_by_cause"].items())
        sum += cycles.get<double>();
    EXPECT_EQ(array["cycles_by_cause"].size(), channel::array_causes);
    EXPECT_EQ(sum, 150.5);
    EXPECT_EQ(array["cycles"], 150.5);
    EXPECT_EQ(array["cycles_by_cause"]["wait_host"], 10);
    // 2304 MACs per cycle, two in a DSP slice
    EXPECT_EQ(array["dsps"], 1152);
    EXPECT_DOUBLE_EQ(array["utilization"].get<double>(), 301000.0 / (301.0 * 2304.0));
}

TEST(Summary, MeansAreIntegersWhereExact)
{
    const auto [setup, run] = example_run();
    const auto json = summary_json(summarize(setup, run), nullptr);
    EXPECT_EQ(json["ddr"]["read_bytes"].dump(), "3000");
    EXPECT_EQ(json["ddr"]["write_bytes"].dump(), "500.5");
    EXPECT_EQ(json["stages"][2]["tokens"].dump(), "78");
    EXPECT_EQ(json["stages"][3]["tokens"].dump(), "43.5");
}

TEST(Summary, StagesAreTheRunsOfBlocksBetweenSelectors)
{
    const auto [setup, run] = example_run();
    const auto stages = summary_json(summarize(setup, run), nullptr)["stages"];
    ASSERT_EQ(stages.size(), 4U);
    EXPECT_EQ(stages[0].dump(),
              R"({"stage":0,"first_block":1,"last_block":3,)"
              R"("selector_before_block":null,"selector_inside_block":null,"tokens":197,)"
              R"("tokens_min":197,"tokens_max":197})");
    EXPECT_EQ(stages[3].dump(),
              R"({"stage":3,"first_block":10,"last_block":12,)"
              R"("selector_before_block":10,"selector_inside_block":null,"tokens":43.5,)"
              R"("tokens_min":43,"tokens_max":44})");
}

TEST(Summary, AccuracyIsTheTracesOrThePublishedOneWithItsSource)
{
    auto [setup, run] = example_run();
    setup.trace.reset();
    setup.schedule.published = {{"another", 1.0, 50.0, "elsewhere"},
                                {setup.model.name, 0.0, 71.5, "its repository"}};
    auto json = summary_json(summarize(setup, run), nullptr);
    EXPECT_EQ(json["top1_percent"], 71.5);
    EXPECT_EQ(json["top1_source"], "published, its repository");
    setup.trace.emplace();
    setup.trace->path = "t.csv";
    json = summary_json(summarize(setup, run), nullptr);
    EXPECT_TRUE(json["top1_percent"].is_null()); // the schedule's is not of these images
    setup.trace->top1_percent = 70.25;
    json = summary_json(summarize(setup, run), nullptr);
    EXPECT_EQ(json["top1_percent"], 70.25);
    EXPECT_EQ(json["top1_source"], "token trace t.csv");
    setup.trace.reset();
    setup.schedule.published.clear();
    json = summary_json(summarize(setup, run), nullptr);
    EXPECT_TRUE(json["top1_percent"].is_null());
    EXPECT_TRUE(json["top1_source"].is_null());
}

TEST(Summary, GroupsPartitionTheCycles)
{
    const auto [setup, run] = example_run();
    const auto summary = summarize(setup, run);
    const auto total = std::accumulate(
        summary.groups.begin(), summary.groups.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& group) { return sum + group.cycles.sum; });
    EXPECT_EQ(total, 301U);
    ASSERT_EQ(summary.groups.size(), 3U);
    EXPECT_EQ(summary.groups[0].name, "LayerNorm");
    EXPECT_EQ(summary.groups[1].name, "attention GEMMs");
    EXPECT_EQ(summary.groups[2].name, "GELU");
}

TEST(Summary, EveryOperatorOfAModelHasAGroup)
{
    for (const char* model : {"deit_t", "lvvit_s"}) {
        system::RunRequest request;
        request.model = model;
        request.schedule = "one_selector_b7_50";
        const auto setup = system::load(request);
        const auto workload = workload::lower(setup.model, setup.schedule, setup.images.front(),
                                              workload::LoweringOptions{true});
        for (const auto& op : workload.operators) {
            system::OperatorSummary summary;
            summary.name = op.name;
            summary.kind = op.kind;
            summary.block = op.block;
            summary.selector = op.selector;
            EXPECT_STRNE(group_of(summary).name, "other") << op.name;
        }
    }
}

TEST(Summary, SpeedupIsTheRatioOfMeanLatencies)
{
    const auto [setup, run] = example_run();
    auto slower = run;
    for (auto& image : slower.images)
        image.cycles *= 3;
    const auto summary = summarize(setup, run);
    const auto baseline = summarize(setup, slower);
    EXPECT_DOUBLE_EQ(summary_json(summary, &baseline)["baseline"]["speedup"].get<double>(), 3.0);
}

TEST(Summary, WithoutDdrThereIsNoPeak)
{
    auto [setup, run] = example_run();
    setup.design.accelerator.memory = system::MemoryModel::Ideal;
    const auto json = summary_json(summarize(setup, run), nullptr);
    EXPECT_EQ(json["memory"], "ideal");
    EXPECT_TRUE(json["ddr"]["peak_bandwidth_gbs"].is_null());
    EXPECT_TRUE(json["ddr"]["efficiency_percent"].is_null());
    EXPECT_TRUE(json["ddr"]["row_hits"].is_null());
    EXPECT_EQ(json["ddr"]["read_bytes"], 3000);
}

TEST(Summary, OnlyTheHostObjectKnowsTheMachine)
{
    auto [setup, run] = example_run();
    const auto before = json_text(summary_json(summarize(setup, run), nullptr));
    run.cpu_seconds *= 2.0;
    run.wall_seconds *= 2.0;
    EXPECT_EQ(json_text(summary_json(summarize(setup, run), nullptr)), before);
    EXPECT_DOUBLE_EQ(host_json(host_cost(run))["simulator"]["cycles_per_second"].get<double>(),
                     301.0);
}

TEST(Summary, PathsThatAreNoUtf8AreNoError)
{
    auto [setup, run] = example_run();
    setup.trace = workload::TokenTrace{};
    setup.trace->path = "trace_\xff.csv";
    EXPECT_NE(json_text(summary_json(summarize(setup, run), nullptr)).find("trace_"),
              std::string::npos);
}

} // namespace heatsim::report
