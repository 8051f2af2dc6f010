// SPDX-License-Identifier: Apache-2.0
#include "system/network_accuracy.hpp"

#include "inference/float_inference.hpp"
#include "inference/integer_inference.hpp"
#include "inference/quantizer.hpp"
#include "system/byte_archive.hpp"
#include "system/child_process.hpp"
#include "system/reference_table.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace heatsim::system {

namespace {

constexpr const char* recording_path = "validation/quantization.csv";

[[nodiscard]] Answer answer_of(const inference::Inference& inference)
{
    return {inference.predicted, inference.tokens};
}

void append(std::string& bytes, const Answer& answer)
{
    append_bytes(bytes, answer.predicted);
    for (const auto tokens : answer.tokens)
        append_bytes(bytes, std::uint64_t{tokens});
}

[[nodiscard]] Answer take(ByteReader& reader, std::size_t stages)
{
    Answer answer;
    answer.predicted = reader.get<std::uint64_t>();
    answer.tokens.resize(stages);
    for (auto& tokens : answer.tokens)
        tokens = reader.get<std::uint64_t>();
    return answer;
}

/// A network in integers and which of its units are exact.
struct IntegerVariant {
    inference::IntegerNetwork network;
    inference::ExactUnits exact;
};

[[nodiscard]] IntegerVariant quantized_for(const inference::FloatNetwork& network,
                                           const inference::Functions& functions,
                                           const inference::Calibration& calibration)
{
    return {inference::quantize(network, functions, calibration, {}),
            {!functions.polynomial_gelu, !functions.polynomial_softmax, !functions.plan_sigmoid}};
}

[[nodiscard]] bool is_exact(const inference::Functions& functions)
{
    return !functions.polynomial_gelu && !functions.polynomial_softmax && !functions.plan_sigmoid;
}

[[nodiscard]] std::optional<RecordedAccuracy> recorded_accuracy(const ReferenceTable& table,
                                                                const std::string& network,
                                                                const FunctionSet& functions,
                                                                Arithmetic arithmetic)
{
    const auto* const name = arithmetic == Arithmetic::Float ? "fp32" : "int8 p99.99";
    constexpr double recorded_threshold = 0.5; // that of the selectors here
    for (const auto& row : table.rows) {
        if (row.text("model") != network || row.text("nonlinearities") != functions.recorded ||
            row.text("arithmetic") != name || row.real("threshold") != recorded_threshold)
            continue;
        RecordedAccuracy recorded;
        recorded.top1_percent = row.real("top1");
        for (const auto* const column : {"n1_mean", "n2_mean", "n3_mean"})
            if (!row.text(column).empty())
                recorded.tokens.push_back(row.real(column));
        return recorded;
    }
    return std::nullopt;
}

void count(AccuracyRow& row,
           std::size_t task,
           Answer answer,
           const Answer& exact,
           const std::optional<std::uint32_t>& label)
{
    const auto one_if = [](bool holds) { return std::uint64_t{holds ? 1U : 0U}; };
    row.correct += one_if(label && *label == answer.predicted);
    for (std::size_t i = 0; i < row.tokens.size(); ++i)
        row.tokens[i] += answer.tokens[i + 1];
    row.same_predictions += one_if(answer.predicted == exact.predicted);
    row.same_counts += one_if(answer.tokens == exact.tokens);
    row.answers[task] = std::move(answer);
}

} // namespace

const std::vector<FunctionSet>& function_sets()
{
    static const std::vector<FunctionSet> sets{
        {"exact", "exact", "exact", {false, false, false, 1.0, 1.0}},
        {"gelu_1", "polynomial GELU, δ1 = 1", "poly gelu d1=1", {true, false, false, 1.0, 1.0}},
        {"gelu_0.5",
         "polynomial GELU, δ1 = 0.5",
         "poly gelu d1=0.5",
         {true, false, false, 0.5, 1.0}},
        {"softmax_1",
         "polynomial softmax, δ2 = 1",
         "poly softmax d2=1",
         {false, true, false, 1.0, 1.0}},
        {"softmax_0.5",
         "polynomial softmax, δ2 = 0.5",
         "poly softmax d2=0.5",
         {false, true, false, 1.0, 0.5}},
        {"sigmoid", "PLAN sigmoid", "PLAN sigmoid", {false, false, true, 1.0, 1.0}},
        {"all_1", "all three, δ = 1", "all poly d=1", {true, true, true, 1.0, 1.0}},
        {"all_0.5", "all three, δ = 0.5", "all poly d=0.5", {true, true, true, 0.5, 0.5}},
    };
    return sets;
}

std::vector<std::string> recorded_networks()
{
    std::set<std::string> names;
    for (const auto& row : shipped_table(recording_path).rows)
        names.insert(row.text("model"));
    return {names.begin(), names.end()};
}

NetworkAccuracy measure_accuracy(const inference::FloatNetwork& network,
                                 const AccuracyStudy& study,
                                 const ImageSample& sample,
                                 const ImageSample& calibration,
                                 std::size_t workers,
                                 const Progress& progress)
{
    const auto& sets = study.functions;
    const auto total = sets.size() * calibration.indices.size() + sample.indices.size();
    std::size_t done = 0;
    const auto step = [&] {
        if (progress)
            progress(++done, total);
    };
    std::vector<IntegerVariant> integers;
    integers.reserve(sets.size());
    for (const auto& set : sets)
        integers.push_back(quantized_for(network, set.functions,
                                         calibrate(network, set.functions, calibration, workers,
                                                   [&](std::size_t, std::size_t) { step(); })));

    NetworkAccuracy result;
    result.images = sample.indices.size();
    result.labelled =
        std::all_of(sample.indices.begin(), sample.indices.end(),
                    [&](std::size_t index) { return sample.images.label(index).has_value(); });
    const auto table = shipped_table(recording_path);
    const auto stages = network.schedule.stages();
    for (const auto& set : sets)
        for (const auto arithmetic : {Arithmetic::Float, Arithmetic::Integer}) {
            AccuracyRow row;
            row.functions = set;
            row.arithmetic = arithmetic;
            row.tokens.assign(stages - 1, 0);
            row.answers.resize(sample.indices.size());
            row.recorded = recorded_accuracy(table, study.recorded, set, arithmetic);
            result.rows.push_back(std::move(row));
        }

    const inference::Functions exact_functions;
    SharedWork work;
    work.tasks = sample.indices.size();
    work.run = [&](std::size_t task) {
        const auto image = sample.images.image(sample.indices[task]);
        std::string bytes;
        const auto exact = answer_of(inference::infer(network, exact_functions, image));
        append(bytes, exact);
        for (std::size_t i = 0; i < sets.size(); ++i) {
            append(bytes, is_exact(sets[i].functions)
                              ? exact
                              : answer_of(inference::infer(network, sets[i].functions, image)));
            append(bytes,
                   answer_of(inference::infer(integers[i].network, network.model, network.schedule,
                                              image, {}, integers[i].exact)));
        }
        return bytes;
    };
    work.take = [&](std::size_t task, std::string_view bytes) {
        ByteReader reader{bytes};
        const auto exact = take(reader, stages);
        const auto label = sample.images.label(sample.indices[task]);
        for (auto& row : result.rows)
            count(row, task, take(reader, stages), exact, label);
        step();
    };
    (void)run_in_workers(work, std::max<std::size_t>(std::min(workers, work.tasks), 1));
    return result;
}

} // namespace heatsim::system
