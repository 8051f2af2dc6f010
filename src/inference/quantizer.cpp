// SPDX-License-Identifier: Apache-2.0
#include "inference/quantizer.hpp"

#include "numerics/fixed_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace heatsim::inference {

namespace {

using numerics::Format;

constexpr double largest_code = 127.0;
constexpr double saturates_above = largest_code + 0.5; // in steps: codes are rounded
constexpr unsigned unit_bits = 8;
constexpr unsigned most_input_fraction = 10;       // of a unit: numerics::nonlinear_format
constexpr unsigned most_probability_fraction = 16; // that of the softmax unit's exponentials
constexpr Format selector_softmax_format{9, 8};
constexpr Format sigmoid_format{8, 8};
/// Smaller magnitudes are taken for this one, so that factors to larger ones can be multiplied by.
const double least_magnitude = std::ldexp(1.0, -16);
/// Scales of a stream's channels lie within this factor: LayerNorm's multipliers have 15 bits.
constexpr double largest_channel_ratio = 1024.0;

/// The power of two that covers `magnitude` with the code 127.
[[nodiscard]] double covering_power(double magnitude)
{
    return std::exp2(std::ceil(std::log2(magnitude / largest_code)));
}

class Quantizer {
  public:
    Quantizer(const FloatNetwork& network,
              const Functions& functions,
              const Calibration& calibration,
              const QuantizerOptions& options,
              std::vector<TensorError>* errors)
        : network_{network}
        , model_{network.model}
        , schedule_{network.schedule}
        , calibration_{calibration}
        , options_{options}
        , errors_{errors}
        , gelu_delta_{delta_code(functions.gelu_delta)}
        , softmax_delta_{delta_code(functions.softmax_delta)}
    {}

    [[nodiscard]] IntegerNetwork run()
    {
        result_.model = model_.name;
        result_.schedule = schedule_.name;
        describe();
        embed();
        std::size_t selector = 0;
        const auto is_next = [&](std::uint64_t workload::Selector::*place, std::size_t block) {
            return selector < schedule_.selectors.size() &&
                   schedule_.selectors[selector].*place == block;
        };
        for (std::size_t block = 1; block <= network_.blocks.size(); ++block) {
            const auto name = fmt::format("blocks.{}.", block);
            while (is_next(&workload::Selector::before_block, block))
                select(selector++);
            attention(name, network_.blocks[block - 1], block);
            while (is_next(&workload::Selector::inside_block, block))
                select(selector++);
            feed_forward(name, network_.blocks[block - 1], block);
        }
        classify();
        return std::move(result_);
    }

  private:
    [[nodiscard]] static unsigned delta_code(double delta)
    {
        const auto code = std::lround(delta * numerics::delta_one);
        if (code < 1 || code > long{numerics::delta_one})
            throw std::domain_error{fmt::format("delta {} is not 1/256 to 1", delta)};
        return static_cast<unsigned>(code);
    }

    void describe()
    {
        const auto per = [](bool channel) { return channel ? "channel" : "tensor"; };
        const auto kind = [](bool power) { return power ? "power of two" : "any"; };
        auto& provenance = result_.provenance;
        provenance["calibration_images"] = std::to_string(calibration_.images());
        provenance["percentile"] = fmt::format("{}", options_.percentile);
        provenance["residual_scales_per"] = per(options_.residual_per_channel);
        provenance["activation_scales"] = kind(options_.power_of_two_activations);
        provenance["weight_scales"] = kind(options_.power_of_two_weights);
        provenance["gelu_delta"] = fmt::format("{}/256", gelu_delta_);
        provenance["softmax_delta"] = fmt::format("{}/256", softmax_delta_);
    }

    // scales

    [[nodiscard]] double activation_scale(double magnitude) const
    {
        const auto covered = std::max(magnitude, least_magnitude);
        return options_.power_of_two_activations ? covering_power(covered)
                                                 : numerics::int8_scale(covered);
    }

    [[nodiscard]] double scale_of(const Magnitudes& magnitudes) const
    {
        if (magnitudes.count() == 0) // a selector that no image reached with a patch
            return activation_scale(1.0);
        const auto covered = std::max(magnitudes.percentile(options_.percentile), least_magnitude);
        const auto scale = activation_scale(covered);
        // a power of two may cover twice of what it has to
        return options_.power_of_two_activations &&
                       magnitudes.squared_error(scale / 2) < magnitudes.squared_error(scale)
                   ? scale / 2
                   : scale;
    }

    [[nodiscard]] double scale_of(std::string_view tensor) const
    {
        const auto magnitudes = calibration_.tensor(tensor);
        const auto scale = scale_of(magnitudes);
        tell(tensor, TensorKind::Activations, {magnitudes}, {scale});
        return scale;
    }

    /// \param parts of the tensor \param steps one per part
    void tell(std::string_view tensor,
              TensorKind kind,
              const std::vector<Magnitudes>& parts,
              const std::vector<double>& steps) const
    {
        if (errors_ == nullptr)
            return;
        TensorError error;
        error.name = tensor;
        error.kind = kind;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto count = static_cast<double>(parts[i].count());
            error.values += count;
            error.signal += count * parts[i].mean_square();
            error.noise += count * parts[i].squared_error(steps[i]);
            error.saturated += parts[i].count_above(saturates_above * steps[i]);
        }
        errors_->push_back(std::move(error));
    }

    /// Of the token stream behind `name`, per channel. \param scored_raw a selector's layer reads
    /// it as it is: slices of all heads need the same scale
    [[nodiscard]] std::vector<double> stream_scales(std::string_view name, bool scored_raw) const
    {
        const auto& channels = calibration_.channels(name);
        std::vector<double> scales;
        if (!options_.residual_per_channel || scored_raw) {
            scales.assign(channels.size(), scale_of(calibration_.tensor(name)));
        } else {
            scales.reserve(channels.size());
            for (const auto& channel : channels)
                scales.push_back(scale_of(channel));
            const auto least =
                *std::max_element(scales.begin(), scales.end()) / largest_channel_ratio;
            for (auto& scale : scales)
                scale = std::max(scale, least);
        }
        tell(name, TensorKind::TokenStream, channels, scales);
        return scales;
    }

    /// Whether the next selector reads the stream in front of it without LayerNorm.
    [[nodiscard]] bool scored_raw(std::uint64_t workload::Selector::*place, std::size_t block) const
    {
        return !schedule_.norm &&
               std::any_of(schedule_.selectors.begin(), schedule_.selectors.end(),
                           [&](const auto& selector) { return selector.*place == block; });
    }

    /// The fixed-point format of 8 bits that loses least of a tensor.
    [[nodiscard]] Format format_of(std::string_view tensor, unsigned most_fraction) const
    {
        const auto magnitudes = calibration_.tensor(tensor);
        Format best{unit_bits, 0};
        auto least = std::numeric_limits<double>::infinity();
        for (unsigned fraction = 0; fraction <= most_fraction; ++fraction) {
            const Format format{unit_bits, fraction};
            const auto error = magnitudes.squared_error(format.step());
            if (error < least) {
                least = error;
                best = format;
            }
        }
        tell(tensor, TensorKind::UnitFormats, {magnitudes}, {best.step()});
        return best;
    }

    // operators

    void put(std::string name, OperatorNumbers numbers)
    {
        result_.operators.insert_or_assign(std::move(name), std::move(numbers));
    }

    /// \param output_scales one per output, or one for all
    void linear(std::string name,
                const FloatLinear& layer,
                double input_scale,
                const std::vector<double>& output_scales)
    {
        Linear numbers;
        numbers.heads = layer.heads;
        numbers.inputs = layer.inputs;
        numbers.outputs = layer.outputs;
        const auto rows = layer.heads * layer.outputs;
        numbers.weights.reserve(layer.weights.size());
        numbers.bias.reserve(rows);
        numbers.requantize.reserve(rows);
        TensorError error;
        error.name = name;
        for (std::size_t row = 0; row < rows; ++row) {
            const auto output_scale = output_scales[row % output_scales.size()];
            const auto quantized =
                quantize_row(layer.weights.data() + row * layer.inputs, layer.inputs,
                             static_cast<double>(layer.bias[row]), input_scale, output_scale,
                             options_.power_of_two_weights);
            for (std::size_t i = 0; i < layer.inputs; ++i) {
                const auto exact = static_cast<double>(layer.weights[row * layer.inputs + i]);
                const auto rest = exact - quantized.weights[i] * quantized.scale;
                error.signal += exact * exact;
                error.noise += rest * rest;
                error.saturated += std::abs(exact) > saturates_above * quantized.scale ? 1.0 : 0.0;
            }
            numbers.weights.insert(numbers.weights.end(), quantized.weights.begin(),
                                   quantized.weights.end());
            numbers.bias.push_back(quantized.bias);
            numbers.requantize.push_back(
                numerics::requantize_scale(input_scale * quantized.scale / output_scale));
        }
        error.values = static_cast<double>(numbers.weights.size());
        if (errors_ != nullptr)
            errors_->push_back(std::move(error));
        put(std::move(name), std::move(numbers));
    }

    /// A layer whose outputs have one scale. \returns it
    double linear(const std::string& name, const FloatLinear& layer, double input_scale)
    {
        const auto scale = scale_of(name);
        linear(name, layer, input_scale, {scale});
        return scale;
    }

    void product(std::string name, double factor)
    {
        put(std::move(name), Product{numerics::requantize_scale(factor)});
    }

    /// \returns scale of the result
    double layer_norm(const std::string& name, const FloatNorm& norm)
    {
        const auto scale = scale_of(name);
        put(name, numerics::layer_norm_unit(stream_, {norm.scale.begin(), norm.scale.end()},
                                            {norm.shift.begin(), norm.shift.end()},
                                            static_cast<double>(norm.epsilon), scale));
        return scale;
    }

    /// A dense layer and the GELU behind it. \returns scale of the result
    double linear_and_gelu(const std::string& name,
                           const std::string& gelu_name,
                           const FloatLinear& layer,
                           double input_scale)
    {
        const auto format = format_of(name, most_input_fraction);
        linear(name, layer, input_scale, {format.step()});
        const auto scale = scale_of(gelu_name);
        Gelu gelu;
        gelu.unit.delta = gelu_delta_;
        gelu.unit.input = format;
        gelu.requantize = numerics::requantize_scale(gelu.unit.output.step() / scale);
        put(gelu_name, gelu);
        return scale;
    }

    /// stream = branch·branch_scale + stream
    void residual(const std::string& name, double branch_scale, bool next_scored_raw)
    {
        auto next = stream_scales(name, next_scored_raw);
        Add add;
        add.channels.reserve(next.size());
        for (std::size_t channel = 0; channel < next.size(); ++channel)
            add.channels.push_back(
                numerics::add_unit(branch_scale / next[channel], stream_[channel] / next[channel]));
        put(name, std::move(add));
        stream_ = std::move(next);
    }

    void embed()
    {
        const auto pixels = scale_of("image");
        result_.pixels.mean.assign(model_.image_channels, 0.0);
        result_.pixels.deviation.assign(model_.image_channels, 1.0);
        for (std::size_t channel = 0; channel < model_.pixels.size(); ++channel) {
            result_.pixels.mean[channel] = model_.pixels[channel].mean;
            result_.pixels.deviation[channel] = model_.pixels[channel].deviation;
        }
        result_.pixels.scale = pixels;
        const auto class_token = calibration_.tensor("patch_embed.class_token").largest();
        const auto patches = calibration_.tensor("patch_embed.proj");
        const auto scale = std::max(scale_of(patches), activation_scale(class_token));
        tell("patch_embed.proj", TensorKind::Activations, {patches}, {scale});
        result_.class_tokens.reserve(network_.class_tokens.size());
        for (const auto value : network_.class_tokens)
            result_.class_tokens.push_back(
                numerics::quantize_int8(static_cast<double>(value), scale));
        linear("patch_embed.proj", network_.patch, pixels, {scale});
        position(scale);
    }

    /// Sum of the embedding and the position table, whose scales are those of its largest numbers.
    void position(double embedding_scale)
    {
        const auto dim = model_.embed_dim;
        stream_ =
            stream_scales("patch_embed.position", scored_raw(&workload::Selector::before_block, 1));
        std::vector<double> table(dim, 0.0);
        for (std::size_t i = 0; i < network_.positions.size(); ++i)
            table[i % dim] =
                std::max(table[i % dim], std::abs(static_cast<double>(network_.positions[i])));
        if (!options_.residual_per_channel)
            table.assign(dim, *std::max_element(table.begin(), table.end()));
        Add add;
        add.channels.reserve(dim);
        for (std::size_t channel = 0; channel < dim; ++channel) {
            table[channel] = activation_scale(table[channel]);
            add.channels.push_back(numerics::add_unit(embedding_scale / stream_[channel],
                                                      table[channel] / stream_[channel]));
        }
        add.constant.reserve(network_.positions.size());
        for (std::size_t i = 0; i < network_.positions.size(); ++i)
            add.constant.push_back(numerics::quantize_int8(
                static_cast<double>(network_.positions[i]), table[i % dim]));
        put("patch_embed.position", std::move(add));
    }

    void attention(const std::string& name, const FloatBlock& block, std::size_t number)
    {
        const auto normed = layer_norm(name + "norm1", block.norm1);
        const auto query = scale_of(name + "attn.qkv.q");
        const auto key = scale_of(name + "attn.qkv.k");
        const auto value = scale_of(name + "attn.qkv.v");
        std::vector<double> outputs(3 * model_.embed_dim, query);
        const auto end_of_queries = outputs.begin() + static_cast<std::ptrdiff_t>(model_.embed_dim);
        const auto end_of_keys = end_of_queries + static_cast<std::ptrdiff_t>(model_.embed_dim);
        std::fill(end_of_queries, end_of_keys, key);
        std::fill(end_of_keys, outputs.end(), value);
        linear(name + "attn.qkv", block.qkv, normed, outputs);

        Softmax softmax;
        softmax.unit.delta = softmax_delta_;
        softmax.unit.input = format_of(name + "attn.qk_t", most_input_fraction);
        softmax.unit.output = format_of(name + "attn.softmax", most_probability_fraction);
        const auto root = std::sqrt(static_cast<double>(model_.head_dim()));
        product(name + "attn.qk_t", query * key / root / softmax.unit.input.step());
        put(name + "attn.softmax", softmax);
        const auto attended = scale_of(name + "attn.av");
        product(name + "attn.av", softmax.unit.output.step() * value / attended);
        const auto branch = linear(name + "attn.proj", block.proj, attended);
        residual(name + "residual1", branch, scored_raw(&workload::Selector::inside_block, number));
    }

    void feed_forward(const std::string& name, const FloatBlock& block, std::size_t number)
    {
        const auto normed = layer_norm(name + "norm2", block.norm2);
        const auto hidden = linear_and_gelu(name + "mlp.fc1", name + "mlp.gelu", block.fc1, normed);
        const auto branch = linear(name + "mlp.fc2", block.fc2, hidden);
        residual(name + "residual2", branch,
                 scored_raw(&workload::Selector::before_block, number + 1));
    }

    void select(std::size_t index)
    {
        const auto name = fmt::format("selector.{}.", index + 1);
        const auto& selector = network_.selectors[index];
        const auto slices =
            schedule_.norm ? layer_norm(name + "norm", selector.norm) : stream_.front();
        auto scale = linear_and_gelu(name + "mlp1", name + "mlp1.gelu", selector.mlp1, slices);
        scale = linear_and_gelu(name + "mlp2.fc1", name + "mlp2.gelu1", selector.mlp2_fc1, scale);
        scale = linear_and_gelu(name + "mlp2.fc2", name + "mlp2.gelu2", selector.mlp2_fc2, scale);
        Softmax softmax;
        softmax.unit.delta = numerics::delta_one;
        softmax.unit.input = format_of(name + "mlp2.fc3", most_input_fraction);
        softmax.unit.output = selector_softmax_format;
        linear(name + "mlp2.fc3", selector.mlp2_fc3, scale, {softmax.unit.input.step()});
        put(name + "softmax", softmax);

        scale = channel_mean(name + "channel_mean");
        scale = linear_and_gelu(name + "mlp3.fc1", name + "mlp3.gelu", selector.mlp3_fc1, scale);
        Sigmoid sigmoid;
        sigmoid.unit.input = format_of(name + "mlp3.fc2", most_input_fraction);
        sigmoid.unit.output = sigmoid_format;
        linear(name + "mlp3.fc2", selector.mlp3_fc2, scale, {sigmoid.unit.input.step()});
        put(name + "mlp3.sigmoid", sigmoid);
    }

    /// \returns scale of the means
    double channel_mean(const std::string& name)
    {
        const auto scale = scale_of(name);
        auto factors = stream_;
        for (auto& factor : factors)
            factor /= static_cast<double>(model_.head_dim()) * scale;
        put(name, ChannelMean{numerics::channel_mean_unit(
                      factors, static_cast<std::uint32_t>(model_.heads))});
        return scale;
    }

    void classify()
    {
        const auto normed = layer_norm("head.norm", network_.norm);
        // their order is the answer: the largest ones must not saturate
        const auto logits = calibration_.tensor("head.fc");
        result_.logit_scale = activation_scale(logits.largest());
        tell("head.fc", TensorKind::Activations, {logits}, {result_.logit_scale});
        linear("head.fc", network_.head, normed, {result_.logit_scale});
    }

    const FloatNetwork& network_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const Calibration& calibration_;
    const QuantizerOptions& options_;
    std::vector<TensorError>* errors_;
    const unsigned gelu_delta_;
    const unsigned softmax_delta_;
    std::vector<double> stream_; ///< scales of the token stream, per channel
    IntegerNetwork result_;
};

} // namespace

QuantizedRow quantize_row(const float* weights,
                          std::size_t inputs,
                          double bias,
                          double input_scale,
                          double output_scale,
                          bool power_of_two)
{
    constexpr std::int64_t sum_limit = std::int64_t{1} << (numerics::accumulator_bits - 1);
    // sums of smaller steps would all be less than half an output step
    const auto least_scale = std::ldexp(output_scale / input_scale, -18);
    double largest = 0.0;
    for (std::size_t i = 0; i < inputs; ++i)
        largest = std::max(largest, std::abs(static_cast<double>(weights[i])));
    QuantizedRow row;
    row.scale = std::max(largest / largest_code, least_scale);
    if (power_of_two)
        row.scale = std::exp2(std::ceil(std::log2(row.scale)));
    row.weights.resize(inputs);
    while (true) {
        const auto steps = std::round(bias / (input_scale * row.scale));
        auto sum = std::abs(steps);
        for (std::size_t i = 0; i < inputs; ++i) {
            row.weights[i] = numerics::quantize_int8(static_cast<double>(weights[i]), row.scale);
            sum += std::abs(static_cast<double>(row.weights[i])) * largest_code;
        }
        if (sum < static_cast<double>(sum_limit)) {
            row.bias = static_cast<std::int32_t>(steps);
            return row;
        }
        constexpr double margin = 1.01; // rounding may add to the sum again
        row.scale *= power_of_two ? 2.0 : margin * sum / static_cast<double>(sum_limit);
    }
}

IntegerNetwork quantize(const FloatNetwork& network,
                        const Functions& functions,
                        const Calibration& calibration,
                        const QuantizerOptions& options,
                        std::vector<TensorError>* errors)
{
    constexpr std::uint64_t longest_row = 256; // of numerics::softmax
    if (network.model.tokens() > longest_row)
        throw config::Error{
            config::Violation{{},
                              "model.patch_size",
                              fmt::format("{} tokens: the softmax unit has no room for such a row",
                                          network.model.tokens()),
                              fmt::format("at most {} tokens", longest_row),
                              {}}};
    return Quantizer{network, functions, calibration, options, errors}.run();
}

} // namespace heatsim::inference
