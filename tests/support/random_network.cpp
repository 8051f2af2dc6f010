// SPDX-License-Identifier: Apache-2.0
#include "support/random_network.hpp"

#include "inference/integer_inference.hpp"
#include "support/random.hpp"
#include "workload/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heatsim::test {

namespace {

using namespace inference;
using workload::Operator;
using workload::OperatorKind;

/// Standard deviation of an int8 activation that uses most of its range.
constexpr double usual_activation = 45.0;

/// Makes the numbers of one operator after the other.
class NetworkMaker {
  public:
    NetworkMaker(const workload::Model& model, std::uint64_t seed)
        : model_{model}
        , random_{seed}
    {}

    double real(double least, double most)
    {
        constexpr double steps = 1 << 20;
        return least + (most - least) * static_cast<double>(random_.between(0, 1 << 20)) / steps;
    }
    std::int8_t int8(int least, int most)
    {
        return static_cast<std::int8_t>(
            least + static_cast<int>(random_.between(0, static_cast<std::uint64_t>(most - least))));
    }

    /// Weights ±127 have a deviation of 73: the factor brings the sums back to int8.
    Linear linear(const Operator& op)
    {
        Linear layer;
        layer.heads = op.batch;
        layer.inputs = op.k;
        layer.outputs = op.n;
        layer.weights.resize(layer.heads * layer.outputs * layer.inputs);
        for (auto& weight : layer.weights)
            weight = int8(-127, 127);
        const auto deviation =
            73.0 * usual_activation * std::sqrt(static_cast<double>(layer.inputs));
        const auto channels = layer.heads * layer.outputs;
        layer.bias.reserve(channels);
        layer.requantize.reserve(channels);
        for (std::size_t j = 0; j < channels; ++j) {
            layer.bias.push_back(static_cast<std::int32_t>(deviation * real(-1.0, 1.0)));
            layer.requantize.push_back(
                numerics::requantize_scale(usual_activation / deviation * real(0.7, 1.4)));
        }
        return layer;
    }

    /// QKᵀ sums head_dim products, attention · V those with weights that add up to 128·δ.
    Product product(const Operator& op)
    {
        const bool scores = op.layout == workload::WeightLayout::RowsOfN;
        const auto sums =
            scores ? usual_activation * usual_activation * std::sqrt(static_cast<double>(op.k))
                   : 25.0 * usual_activation;
        return {numerics::requantize_scale(usual_activation / sums)};
    }

    numerics::LayerNormUnit layer_norm(const Operator& op)
    {
        numerics::LayerNormUnit unit;
        const bool sliced = op.selector > 0;
        unit.multipliers.resize(sliced ? op.n * model_.heads : op.n);
        for (auto& multiplier : unit.multipliers)
            multiplier = static_cast<std::int16_t>(random_.between(8192, 32767));
        unit.epsilon = random_.between(0, 1'000'000);
        unit.scale.reserve(op.n);
        unit.shift.reserve(op.n);
        for (std::uint64_t k = 0; k < op.n; ++k) {
            unit.scale.push_back(numerics::norm_parameter(usual_activation * real(0.5, 1.2)));
            unit.shift.push_back(numerics::norm_parameter(usual_activation * real(-0.5, 0.5)));
        }
        return unit;
    }

    /// int8 of 4 to 6 fraction bits; a unit's 1024 are some 2^fraction.
    Gelu gelu()
    {
        Gelu gelu;
        gelu.unit.delta = random_.pick({numerics::delta_half, numerics::delta_one});
        gelu.unit.input = {8, static_cast<unsigned>(random_.between(4, 6))};
        const auto step = std::ldexp(1.0, static_cast<int>(gelu.unit.input.fraction) - 10);
        gelu.requantize = numerics::requantize_scale(step * real(1.0, 1.4));
        return gelu;
    }

    Softmax softmax(const Operator& op)
    {
        Softmax softmax;
        softmax.unit.input = {8, static_cast<unsigned>(random_.between(4, 6))};
        softmax.unit.output = op.selector > 0 ? numerics::Format{9, 8} : numerics::Format{8, 7};
        softmax.unit.delta = op.selector > 0
                                 ? numerics::delta_one
                                 : random_.pick({numerics::delta_half, numerics::delta_one});
        return softmax;
    }

    Add add(const Operator& op)
    {
        Add add;
        add.channels.reserve(op.n);
        for (std::uint64_t k = 0; k < op.n; ++k)
            add.channels.push_back(numerics::add_unit(real(0.4, 0.9), real(0.4, 0.9)));
        if (op.static_weights) {
            add.constant.resize(op.c.offset + op.m * op.n); // class tokens lie in front
            for (auto& value : add.constant)
                value = int8(-100, 100);
        }
        return add;
    }

    ChannelMean channel_mean(const Operator& op)
    {
        std::vector<double> factors(op.k);
        const auto channels = static_cast<double>(op.k) / static_cast<double>(op.n);
        for (auto& factor : factors)
            factor = real(0.5, 1.5) / std::sqrt(channels);
        return {numerics::channel_mean_unit(factors, static_cast<std::uint32_t>(op.n))};
    }

  private:
    const workload::Model& model_;
    Random random_;
};

/// Moves the bias of a selector's last layer until its outputs' medians over the tokens of an image
/// are 0: about half of the keep scores are then on either side of the threshold.
void balance(IntegerNetwork& network,
             const workload::Model& model,
             const workload::Schedule& schedule,
             const std::string& name,
             const Image& image)
{
    auto& layer = std::get<Linear>(network.operators.at(name));
    std::vector<std::vector<std::int8_t>> outputs(layer.bias.size()); // of each channel
    (void)infer(
        network, model, schedule, image,
        [&](std::string_view told, const std::int8_t* data, std::size_t rows, std::size_t columns) {
            if (told != name)
                return;
            for (std::size_t i = 0; i < rows * columns; ++i)
                outputs[i % outputs.size()].push_back(data[i]);
        });
    for (std::size_t j = 0; j < outputs.size(); ++j) {
        auto& values = outputs[j];
        if (values.empty())
            continue;
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::nth_element(values.begin(), middle, values.end());
        layer.bias[j] -= static_cast<std::int32_t>(*middle / layer.requantize[j].factor());
    }
}

bool ends_with(std::string_view text, std::string_view end)
{
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

} // namespace

IntegerNetwork
random_network(const workload::Model& model, const workload::Schedule& schedule, std::uint64_t seed)
{
    NetworkMaker maker{model, seed};
    IntegerNetwork network;
    network.model = model.name;
    network.schedule = schedule.name;
    for (std::uint64_t channel = 0; channel < model.image_channels; ++channel) {
        network.pixels.mean.push_back(maker.real(0.3, 0.5));
        network.pixels.deviation.push_back(maker.real(0.2, 0.4));
    }
    network.pixels.scale = 3.0 / 127.0;
    network.logit_scale = maker.real(0.01, 0.1);
    network.provenance = {{"seed", std::to_string(seed)}};
    network.class_tokens.resize(model.class_tokens * model.embed_dim);
    for (auto& value : network.class_tokens)
        value = maker.int8(-100, 100);
    const workload::TokenCounts unpruned(schedule.stages(), model.tokens());
    for (const auto& op : workload::lower(model, schedule, unpruned).operators) {
        auto& operators = network.operators;
        if (op.kind == OperatorKind::LayerNorm)
            operators.emplace(op.name, maker.layer_norm(op));
        else if (op.kind == OperatorKind::Gelu)
            operators.emplace(op.name, maker.gelu());
        else if (op.kind == OperatorKind::Softmax)
            operators.emplace(op.name, maker.softmax(op));
        else if (op.kind == OperatorKind::Sigmoid)
            operators.emplace(op.name, Sigmoid{{{8, 5}, {8, 8}}});
        else if (op.kind == OperatorKind::Add)
            operators.emplace(op.name, maker.add(op));
        else if (op.kind == OperatorKind::Mean && ends_with(op.name, "channel_mean"))
            operators.emplace(op.name, maker.channel_mean(op));
        else if (is_gemm(op.kind) && !op.static_weights)
            operators.emplace(op.name, maker.product(op));
        else if (is_gemm(op.kind))
            operators.emplace(op.name, maker.linear(op));
    }
    constexpr int rounds = 3; // outputs may have been saturated
    const auto image = random_image(model, seed);
    for (std::size_t selector = 1; selector <= schedule.selectors.size(); ++selector)
        for (int round = 0; round < rounds; ++round)
            balance(network, model, schedule, fmt::format("selector.{}.mlp2.fc3", selector), image);
    return network;
}

Image random_image(const workload::Model& model, std::uint64_t seed)
{
    Random random{seed};
    Image image;
    image.height = model.image_height_pixels;
    image.width = model.image_width_pixels;
    image.channels = model.image_channels;
    image.pixels.resize(image.height * image.width * image.channels);
    for (auto& pixel : image.pixels)
        pixel = static_cast<std::uint8_t>(random.between(0, 255));
    return image;
}

workload::Model toy_model()
{
    workload::Model model;
    model.name = "toy";
    model.default_schedule = "toy_schedule";
    model.image_height_pixels = 8;
    model.image_width_pixels = 6;
    model.image_channels = 2;
    model.patch_size = 2;
    model.embed_dim = 24;
    model.depth = 2;
    model.heads = 3;
    model.mlp_hidden = 40;
    model.classes = 5;
    return model;
}

workload::Schedule toy_schedule(workload::SelectorMlp1 mlp1,
                                workload::SelectorWeights weights,
                                workload::ScoredTokens scored,
                                bool norm)
{
    workload::Schedule schedule;
    schedule.name = "toy_schedule";
    schedule.mlp1 = mlp1;
    schedule.weights = weights;
    schedule.scored_tokens = scored;
    schedule.norm = norm;
    schedule.selectors.resize(2);
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        schedule.selectors[i].before_block = i + 1;
        schedule.selectors[i].keep_ratio = i == 0 ? 0.6 : 0.3;
    }
    return schedule;
}

} // namespace heatsim::test
