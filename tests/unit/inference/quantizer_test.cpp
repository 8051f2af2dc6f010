// SPDX-License-Identifier: Apache-2.0
#include "inference/quantizer.hpp"
#include "numerics/requantize.hpp"
#include "support/random.hpp"
#include "unit/inference/float_toy.hpp"
#include "workload/operators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace heatsim::inference {
namespace {

constexpr std::int64_t sum_limit = std::int64_t{1} << (numerics::accumulator_bits - 1);

/// |bias| + Σ |w|·127
std::int64_t largest_sum(const std::int8_t* weights, std::size_t inputs, std::int32_t bias)
{
    auto sum = std::abs(std::int64_t{bias});
    for (std::size_t i = 0; i < inputs; ++i)
        sum += std::int64_t{std::abs(int{weights[i]})} * 127;
    return sum;
}

TEST(QuantizeRow, IsWithinHalfAStep)
{
    test::Random random{3};
    for (const bool power_of_two : {false, true}) {
        std::vector<float> weights(64);
        for (auto& weight : weights)
            weight = static_cast<float>(random.between(0, 2000)) / 1000.0F - 1.0F;
        const auto row = quantize_row(weights.data(), 64, 0.7, 0.03, 0.05, power_of_two);
        int largest = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            EXPECT_NEAR(row.weights[i] * row.scale, static_cast<double>(weights[i]),
                        row.scale / 2 + 1e-12);
            largest = std::max(largest, std::abs(int{row.weights[i]}));
        }
        EXPECT_NEAR(row.bias * row.scale * 0.03, 0.7, row.scale * 0.03 / 2 + 1e-12);
        if (power_of_two) {
            EXPECT_EQ(std::exp2(std::round(std::log2(row.scale))), row.scale);
            EXPECT_GE(largest, 63);
        } else {
            EXPECT_EQ(largest, 127);
        }
    }
}

TEST(QuantizeRow, SumsStayInTheAccumulator)
{
    const std::vector<float> wide(5000, -1.0F); // 5000 · 127² is more than 2^26
    for (const bool power_of_two : {false, true}) {
        const auto row = quantize_row(wide.data(), wide.size(), 3.0, 0.01, 1.0, power_of_two);
        EXPECT_LT(largest_sum(row.weights.data(), wide.size(), row.bias), sum_limit);
        EXPECT_GE(std::abs(int{row.weights[0]}), 52); // not coarser than it has to be
        EXPECT_NEAR(row.weights[0] * row.scale, -1.0, row.scale / 2 + 1e-12);
    }
    // small weights under a large bias
    const std::vector<float> small(8, 1e-6F);
    const auto row = quantize_row(small.data(), small.size(), 100.0, 0.01, 1.0, false);
    EXPECT_LT(largest_sum(row.weights.data(), small.size(), row.bias), sum_limit);
    EXPECT_NEAR(row.bias * row.scale * 0.01, 100.0, 1e-4);
}

TEST(QuantizeRow, RowsOfZerosHaveTheirBias)
{
    const std::vector<float> zeros(16, 0.0F);
    for (const double bias : {0.0, 1e-3, -2.5, 25.0}) {
        const double output_scale = 0.25;
        const auto row = quantize_row(zeros.data(), zeros.size(), bias, 0.02, output_scale, false);
        EXPECT_LT(largest_sum(row.weights.data(), zeros.size(), row.bias), sum_limit);
        EXPECT_NEAR(row.bias * row.scale * 0.02, bias, output_scale / 1000) << bias;
        const auto scale = numerics::requantize_scale(0.02 * row.scale / output_scale);
        EXPECT_EQ(numerics::requantize(row.bias, scale.multiplier, scale.shift),
                  std::lround(bias / output_scale));
    }
}

class QuantizerOf : public testing::Test {
  protected:
    workload::Model model = test::float_toy_model();
    workload::Schedule schedule = test::float_toy_schedule();
    FloatNetwork network = test::float_toy_network(model, schedule, 5);

    [[nodiscard]] IntegerNetwork quantized(const QuantizerOptions& options = {},
                                           const Functions& functions = {}) const
    {
        Calibration calibration{network};
        for (std::uint64_t seed = 0; seed < 8; ++seed)
            calibration.add(functions, test::float_toy_image(model, seed));
        return quantize(network, functions, calibration, options);
    }
};

TEST_F(QuantizerOf, EveryOperatorThatComputesHasItsNumbers)
{
    const auto result = quantized();
    std::set<std::string> expected;
    const workload::TokenCounts counts{model.tokens(), model.tokens() - 1, model.tokens() - 2};
    for (const auto& op : workload::lower(model, schedule, counts).operators) {
        using Kind = workload::OperatorKind;
        const bool moves = op.kind == Kind::Compact || op.kind == Kind::Package ||
                           op.kind == Kind::Append || op.kind == Kind::Score ||
                           op.kind == Kind::Concatenate ||
                           op.name.find("global") != std::string::npos;
        if (!moves)
            expected.insert(op.name);
    }
    std::set<std::string> found;
    for (const auto& [name, numbers] : result.operators)
        found.insert(name);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(result.model, "toy");
    EXPECT_EQ(result.schedule, "toy_schedule");
    EXPECT_EQ(result.class_tokens.size(), model.embed_dim);
}

TEST_F(QuantizerOf, TellsWhatEveryTensorLoses)
{
    Calibration calibration{network};
    for (std::uint64_t seed = 0; seed < 8; ++seed)
        calibration.add({}, test::float_toy_image(model, seed));
    std::vector<TensorError> errors;
    QuantizerOptions options;
    options.percentile = 90.0;
    const auto result = quantize(network, {}, calibration, options, &errors);
    std::set<std::string> layers;
    std::size_t streams = 0;
    for (const auto& error : errors) {
        EXPECT_GT(error.values, 0.0) << error.name;
        EXPECT_GT(error.signal, error.noise) << error.name;
        EXPECT_LE(error.saturated, error.values * 0.11) << error.name;
        if (error.kind == TensorKind::Weights) {
            EXPECT_EQ(error.saturated, 0.0) << error.name;
            layers.insert(error.name);
        }
        streams += error.kind == TensorKind::TokenStream ? 1U : 0U;
    }
    for (const auto& [name, numbers] : result.operators)
        EXPECT_EQ(layers.count(name), std::holds_alternative<Linear>(numbers) ? 1U : 0U) << name;
    EXPECT_EQ(streams, 1 + 2 * model.depth);
    const auto attended = std::find_if(errors.begin(), errors.end(), [](const auto& error) {
        return error.name == "blocks.1.attn.av";
    });
    ASSERT_NE(attended, errors.end());
    EXPECT_NEAR(attended->saturated / attended->values, 0.1, 0.02);
}

TEST_F(QuantizerOf, SumsOfEveryLayerStayInTheAccumulator)
{
    for (const bool power_of_two : {false, true}) {
        QuantizerOptions options;
        options.power_of_two_weights = power_of_two;
        const auto result = quantized(options);
        for (const auto& [name, numbers] : result.operators) {
            const auto* const layer = std::get_if<Linear>(&numbers);
            if (layer == nullptr)
                continue;
            ASSERT_EQ(layer->weights.size(), layer->heads * layer->outputs * layer->inputs) << name;
            ASSERT_EQ(layer->bias.size(), layer->heads * layer->outputs) << name;
            ASSERT_EQ(layer->requantize.size(), layer->bias.size()) << name;
            for (std::size_t row = 0; row < layer->bias.size(); ++row)
                EXPECT_LT(largest_sum(layer->weights.data() + row * layer->inputs, layer->inputs,
                                      layer->bias[row]),
                          sum_limit)
                    << name;
        }
    }
}

TEST_F(QuantizerOf, ScalesCoverWhatTheyMust)
{
    const auto result = quantized();
    Calibration calibration{network};
    for (std::uint64_t seed = 0; seed < 8; ++seed)
        calibration.add({}, test::float_toy_image(model, seed));
    EXPECT_NEAR(result.logit_scale * 127, calibration.tensor("head.fc").largest(), 1e-9);
    const auto largest =
        *std::max_element(network.class_tokens.begin(), network.class_tokens.end(),
                          [](float a, float b) { return std::abs(a) < std::abs(b); });
    const auto steps = *std::max_element(
        result.class_tokens.begin(), result.class_tokens.end(),
        [](std::int8_t a, std::int8_t b) { return std::abs(int{a}) < std::abs(int{b}); });
    for (std::size_t i = 0; i < network.class_tokens.size(); ++i)
        EXPECT_NEAR(result.class_tokens[i] / static_cast<double>(steps),
                    static_cast<double>(network.class_tokens[i] / largest), 0.02);
    // one step of the residual's input stream is one of its result, about: factors near 1
    for (const auto& channel : result.at<Add>("blocks.1.residual2").channels) {
        const auto factor = channel.multiplier_b / std::exp2(channel.shift);
        EXPECT_GT(factor, 0.2);
        EXPECT_LT(factor, 5.0);
    }
}

TEST_F(QuantizerOf, UnitsHaveTheirFormatsAndDeltas)
{
    Functions functions;
    functions.gelu_delta = 0.5;
    functions.softmax_delta = 0.75;
    const auto result = quantized({}, functions);
    const auto& gelu = result.at<Gelu>("blocks.2.mlp.gelu");
    EXPECT_EQ(gelu.unit.delta, 128U);
    EXPECT_EQ(gelu.unit.input.bits, 8U);
    EXPECT_LE(gelu.unit.input.fraction, 10U);
    EXPECT_EQ(result.at<Gelu>("selector.1.mlp3.gelu").unit.delta, 128U);
    const auto& softmax = result.at<Softmax>("blocks.1.attn.softmax");
    EXPECT_EQ(softmax.unit.delta, 192U);
    EXPECT_EQ(softmax.unit.output.bits, 8U);
    const auto& keep = result.at<Softmax>("selector.2.softmax");
    EXPECT_EQ(keep.unit.delta, 256U);
    EXPECT_EQ(keep.unit.output.bits, 9U);
    EXPECT_EQ(keep.unit.output.fraction, 8U);
    EXPECT_EQ(result.at<Sigmoid>("selector.1.mlp3.sigmoid").unit.output.fraction, 8U);
}

TEST_F(QuantizerOf, ResidualsHaveOneScaleWhereAsked)
{
    QuantizerOptions options;
    options.residual_per_channel = false;
    const auto same = [](const Add& add) {
        return std::all_of(add.channels.begin(), add.channels.end(), [&add](const auto& channel) {
            return channel.multiplier_a == add.channels.front().multiplier_a &&
                   channel.multiplier_b == add.channels.front().multiplier_b &&
                   channel.shift == add.channels.front().shift;
        });
    };
    const auto per_tensor = quantized(options);
    const auto per_channel = quantized();
    for (const auto* const name : {"patch_embed.position", "blocks.1.residual1"}) {
        EXPECT_TRUE(same(per_tensor.at<Add>(name))) << name;
        EXPECT_FALSE(same(per_channel.at<Add>(name))) << name;
    }
    // a selector that reads the stream without LayerNorm reads slices of all heads alike
    schedule.norm = false;
    network = test::float_toy_network(model, schedule, 5);
    const auto raw = quantized();
    EXPECT_EQ(raw.operators.count("selector.1.norm"), 0U);
    const auto& multipliers = raw.at<ChannelMean>("selector.1.channel_mean").unit.multipliers;
    EXPECT_EQ(std::set<std::int16_t>(multipliers.begin(), multipliers.end()).size(), 1U);
}

TEST_F(QuantizerOf, PowersOfTwoNeedNoMultipliers)
{
    QuantizerOptions options;
    options.power_of_two_activations = true;
    options.power_of_two_weights = true;
    const auto result = quantized(options);
    constexpr std::int16_t power = 1 << 14; // a multiplier has all its bits
    for (const auto& [name, numbers] : result.operators) {
        if (const auto* const layer = std::get_if<Linear>(&numbers)) {
            for (const auto& scale : layer->requantize)
                EXPECT_EQ(scale.multiplier, power) << name;
        }
        if (const auto* const gelu = std::get_if<Gelu>(&numbers)) {
            EXPECT_EQ(gelu->requantize.multiplier, power) << name;
        }
    }
}

TEST_F(QuantizerOf, TheSameImagesGiveTheSameNumbers)
{
    const auto one = quantized();
    const auto other = quantized();
    for (const auto* const name : {"blocks.1.attn.qkv", "selector.2.mlp2.fc1", "head.fc"}) {
        EXPECT_EQ(one.at<Linear>(name).weights, other.at<Linear>(name).weights);
        EXPECT_EQ(one.at<Linear>(name).bias, other.at<Linear>(name).bias);
    }
    EXPECT_EQ(one.pixels.scale, other.pixels.scale);
    EXPECT_EQ(one.provenance, other.provenance);
}

TEST_F(QuantizerOf, RefusesWhatTheUnitsCannotTake)
{
    EXPECT_THROW((void)quantize(network, {}, Calibration{network}, {}), std::logic_error);
    Functions functions;
    functions.gelu_delta = 1.5;
    EXPECT_THROW((void)quantized({}, functions), std::domain_error);
    model.patch_size = 1;
    model.image_height_pixels = 20;
    model.image_width_pixels = 20;
    network = test::float_toy_network(model, schedule, 1);
    EXPECT_THROW((void)quantize(network, {}, Calibration{network}, {}), config::Error);
}

} // namespace
} // namespace heatsim::inference
