// SPDX-License-Identifier: Apache-2.0
#include "inference/integer_inference.hpp"

#include "inference/byte_table.hpp"
#include "inference/int8_gemm.hpp"
#include "inference/row_requantizer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::inference {

namespace {

/// int8 numbers, [rows][columns].
struct Rows {
    Rows(std::size_t row_count, std::size_t column_count)
        : rows{row_count}
        , columns{column_count}
        , data(row_count * column_count)
    {}
    [[nodiscard]] const std::int8_t* row(std::size_t index) const
    {
        return data.data() + index * columns;
    }
    [[nodiscard]] std::int8_t* row(std::size_t index) { return data.data() + index * columns; }

    std::size_t rows;
    std::size_t columns;
    std::vector<std::int8_t> data;
};

/// One image on its way through the network.
class IntegerInference {
  public:
    IntegerInference(const IntegerNetwork& network,
                     const workload::Model& model,
                     const workload::Schedule& schedule,
                     const IntegerObserver& observer,
                     const ExactUnits& exact)
        : network_{network}
        , model_{model}
        , schedule_{schedule}
        , shape_{workload::block_shape(schedule, model)}
        , observer_{observer}
        , exact_{exact}
        , stream_{model.tokens(), shape_.channels}
    {
        patches_.reserve(model.patch_tokens());
        for (std::uint32_t patch = 0; patch < model.patch_tokens(); ++patch)
            patches_.push_back(patch);
    }

    Inference run(const Image& image)
    {
        embed(image);
        result_.tokens.push_back(stream_.rows);
        std::size_t selector = 0;
        for (std::uint64_t block = 1; block <= model_.depth; ++block) {
            const auto name = "blocks." + std::to_string(block) + ".";
            for (; is_next(schedule_, selector, &workload::Selector::before_block, block);
                 ++selector)
                select(selector);
            attention(name);
            for (; is_next(schedule_, selector, &workload::Selector::inside_block, block);
                 ++selector)
                select(selector);
            feed_forward(name);
        }
        classify();
        return std::move(result_);
    }

  private:
    void tell(std::string_view name, const Rows& rows) const
    {
        if (observer_)
            observer_(name, rows.data.data(), rows.rows, rows.columns);
    }

    /// Dense layer over `rows` rows of its inputs, behind each other. With several sets of weights
    /// they take turns: the slices of a token, one per head, are rows.
    Rows linear(const std::string& name, const std::int8_t* input, std::size_t rows)
    {
        const auto& layer = network_.at<Linear>(name);
        const auto sets = layer.heads;
        const auto rows_of_set = rows / sets;
        Rows result{rows, layer.outputs};
        accumulators_.resize(rows_of_set * layer.outputs);
        for (std::size_t set = 0; set < sets; ++set) {
            const auto* const weights = layer.weights.data() + set * layer.outputs * layer.inputs;
            multiply(input + set * layer.inputs, sets * layer.inputs, weights, layer.inputs,
                     accumulators_.data(), layer.outputs, rows_of_set, layer.outputs, layer.inputs,
                     false);
            const RowRequantizer requantizer{layer.bias.data() + set * layer.outputs,
                                             layer.requantize.data() + set * layer.outputs,
                                             layer.outputs};
            for (std::size_t row = 0; row < rows_of_set; ++row)
                requantizer.apply(accumulators_.data() + row * layer.outputs,
                                  result.row(row * sets + set));
        }
        tell(name, result);
        return result;
    }
    Rows linear(const std::string& name, const Rows& input)
    {
        return linear(name, input.data.data(), input.rows);
    }

    void gelu(const std::string& name, Rows& rows) const
    {
        const ByteTable table{network_.at<Gelu>(name), exact_.gelu};
        table.apply(rows.data.data(), rows.data.size(), rows.data.data());
        tell(name, rows);
    }

    void softmax(const std::string& name, Rows& rows) const
    {
        const ByteSoftmax unit{network_.at<Softmax>(name), exact_.softmax};
        for (std::size_t row = 0; row < rows.rows; ++row)
            unit.apply(rows.row(row), rows.columns, rows.row(row));
        tell(name, rows);
    }

    /// LayerNorm of `tokens` tokens, or of their `slices` equal slices.
    [[nodiscard]] Rows layer_norm(const std::string& name,
                                  const std::int8_t* input,
                                  std::size_t tokens,
                                  std::size_t slices = 1) const
    {
        const auto& unit = network_.at<numerics::LayerNormUnit>(name);
        const auto columns = unit.channels();
        Rows result{tokens * slices, columns};
        for (std::size_t row = 0; row < result.rows; ++row)
            numerics::layer_norm(unit, input + row * columns, row % slices * columns,
                                 result.row(row));
        tell(name, result);
        return result;
    }

    /// stream = branch + stream
    void residual(const std::string& name, const Rows& branch)
    {
        const auto& channels = network_.at<Add>(name).channels;
        for (std::size_t row = 0; row < stream_.rows; ++row)
            for (std::size_t k = 0; k < stream_.columns; ++k)
                stream_.row(row)[k] =
                    numerics::add(channels[k], branch.row(row)[k], stream_.row(row)[k]);
        tell(name, stream_);
    }

    void embed(const Image& image)
    {
        const auto channels = image.channels;
        Rows pixels{image.height * image.width, channels};
        pixels.data = quantized_pixels(network_.pixels, image);
        tell("image", pixels);

        const auto edge = model_.patch_size;
        const auto patches_wide = image.width / edge;
        Rows patches{model_.patch_tokens(), edge * edge * channels};
        for (std::size_t patch = 0; patch < patches.rows; ++patch)
            for (std::size_t line = 0; line < edge; ++line) {
                const auto pixel = (patch / patches_wide * edge + line) * image.width +
                                   patch % patches_wide * edge;
                std::copy_n(pixels.row(pixel), edge * channels,
                            patches.row(patch) + line * edge * channels);
            }
        const auto embedded = linear("patch_embed.proj", patches);

        const auto& position = network_.at<Add>("patch_embed.position");
        const auto& class_tokens = network_.class_tokens;
        for (std::size_t i = 0; i < stream_.data.size(); ++i) {
            const auto a =
                i < class_tokens.size() ? class_tokens[i] : embedded.data[i - class_tokens.size()];
            stream_.data[i] =
                numerics::add(position.channels[i % stream_.columns], a, position.constant[i]);
        }
        Rows classes{model_.class_tokens, stream_.columns};
        std::copy_n(stream_.data.begin(), classes.data.size(), classes.data.begin());
        tell("patch_embed.class_token", classes);
        tell("patch_embed.position", stream_);
    }

    void attention(const std::string& name)
    {
        const auto n = stream_.rows;
        const auto depth = shape_.head_dim;
        const auto heads = shape_.heads;
        const auto width = shape_.attention_channels();
        const auto normed = layer_norm(name + "norm1", stream_.data.data(), n);
        const auto qkv = linear(name + "attn.qkv", normed);

        Rows scores{heads * n, n};
        accumulators_.resize(n * n);
        const RowRequantizer score_requantizer{network_.at<Product>(name + "attn.qk_t").requantize,
                                               n};
        for (std::size_t head = 0; head < heads; ++head) {
            const auto* const queries = qkv.data.data() + head * depth;
            const auto* const keys = queries + width;
            multiply(queries, qkv.columns, keys, qkv.columns, accumulators_.data(), n, n, n, depth,
                     false);
            for (std::size_t row = 0; row < n; ++row)
                score_requantizer.apply(accumulators_.data() + row * n, scores.row(head * n + row));
        }
        tell(name + "attn.qk_t", scores);
        softmax(name + "attn.softmax", scores);

        Rows attended{n, width};
        Rows values{depth, n}; // of one head, transposed
        accumulators_.resize(n * depth);
        const RowRequantizer value_requantizer{network_.at<Product>(name + "attn.av").requantize,
                                               depth};
        for (std::size_t head = 0; head < heads; ++head) {
            const auto* const from = qkv.data.data() + 2 * width + head * depth;
            for (std::size_t token = 0; token < n; ++token)
                for (std::size_t k = 0; k < depth; ++k)
                    values.row(k)[token] = from[token * qkv.columns + k];
            multiply(scores.row(head * n), n, values.data.data(), n, accumulators_.data(), depth, n,
                     depth, n, false);
            for (std::size_t token = 0; token < n; ++token)
                value_requantizer.apply(accumulators_.data() + token * depth,
                                        attended.row(token) + head * depth);
        }
        tell(name + "attn.av", attended);
        const auto branch = linear(name + "attn.proj", attended);
        residual(name + "residual1", branch);
    }

    void feed_forward(const std::string& name)
    {
        const auto normed = layer_norm(name + "norm2", stream_.data.data(), stream_.rows);
        auto hidden = linear(name + "mlp.fc1", normed);
        gelu(name + "mlp.gelu", hidden);
        residual(name + "residual2", linear(name + "mlp.fc2", hidden));
    }

    /// Selector number `index` (0-based): scores the patches and lets the stream go on with those
    /// it keeps.
    void select(std::size_t index)
    {
        const auto name = "selector." + std::to_string(index + 1) + ".";
        const bool only_patches = schedule_.scored_tokens == workload::ScoredTokens::Patches;
        const auto first = only_patches ? model_.class_tokens : 0;
        const auto scored = only_patches ? patches_.size() : stream_.rows;
        const auto* const tokens = stream_.row(first);
        auto keep = keep_scores(name, tokens, scored);
        const auto weights = head_weights(name, tokens, scored);
        Rows scores{scored, 1};
        for (std::size_t token = 0; token < scored; ++token) {
            std::vector<std::uint8_t> t;
            std::vector<std::uint8_t> a;
            t.reserve(model_.heads);
            a.reserve(model_.heads);
            for (std::size_t head = 0; head < model_.heads; ++head) {
                t.push_back(static_cast<std::uint8_t>(keep.row(token * model_.heads + head)[0]));
                a.push_back(static_cast<std::uint8_t>(weights.row(token)[head]));
            }
            scores.data[token] = static_cast<std::int8_t>(numerics::token_score(t, a));
        }
        tell(name + "score", scores);
        prune(name, scores.row(model_.class_tokens - first));
        result_.kept_patches.push_back(patches_);
        result_.tokens.push_back(stream_.rows);
    }

    /// [tokens · heads][keep, prune]
    Rows keep_scores(const std::string& name, const std::int8_t* tokens, std::size_t count)
    {
        const auto heads = model_.heads;
        const auto width = shape_.channels / heads;
        const auto half = width / 2;
        auto local = schedule_.norm
                         ? linear(name + "mlp1", layer_norm(name + "norm", tokens, count, heads))
                         : linear(name + "mlp1", tokens, count * heads);
        gelu(name + "mlp1.gelu", local);

        // the second half of the outputs, or the local ones themselves
        const auto averaged = local.columns - half;
        Rows global{count > 0 ? std::size_t{1} : 0, heads * half};
        for (std::size_t i = 0; i < global.data.size(); ++i) {
            std::int32_t sum = 0;
            for (std::size_t token = 0; token < count; ++token)
                sum += local.row(token * heads + i / half)[averaged + i % half];
            global.data[i] = numerics::token_mean(sum, static_cast<std::uint32_t>(count));
        }
        tell(name + "global", global);
        Rows features{count * heads, width};
        for (std::size_t row = 0; row < features.rows; ++row) {
            std::copy_n(local.row(row), half, features.row(row));
            std::copy_n(global.row(0) + row % heads * half, half, features.row(row) + half);
        }
        tell(name + "concat", features);

        auto hidden1 = linear(name + "mlp2.fc1", features);
        gelu(name + "mlp2.gelu1", hidden1);
        auto hidden2 = linear(name + "mlp2.fc2", hidden1);
        gelu(name + "mlp2.gelu2", hidden2);
        auto keep = linear(name + "mlp2.fc3", hidden2);
        softmax(name + "softmax", keep);
        return keep;
    }

    /// [tokens][heads]
    Rows head_weights(const std::string& name, const std::int8_t* tokens, std::size_t count)
    {
        const auto& mean = network_.at<ChannelMean>(name + "channel_mean").unit;
        Rows means{count, model_.heads};
        for (std::size_t token = 0; token < count; ++token) {
            const auto of_token = numerics::channel_mean(mean, tokens + token * shape_.channels);
            std::copy(of_token.begin(), of_token.end(), means.row(token));
        }
        tell(name + "channel_mean", means);
        auto mixed = linear(name + "mlp3.fc1", means);
        gelu(name + "mlp3.gelu", mixed);
        auto weights = linear(name + "mlp3.fc2", mixed);
        const ByteTable sigmoid{network_.at<Sigmoid>(name + "mlp3.sigmoid"), exact_.sigmoid};
        sigmoid.apply(weights.data.data(), weights.data.size(), weights.data.data());
        tell(name + "mlp3.sigmoid", weights);
        return weights;
    }

    /// \param scores of the patches
    void prune(const std::string& name, const std::int8_t* scores)
    {
        const auto columns = stream_.columns;
        const auto class_tokens = model_.class_tokens;
        std::vector<std::uint32_t> kept;
        Rows carried{stream_.rows, columns};
        auto* end = std::copy_n(stream_.data.data(), class_tokens * columns, carried.data.data());
        std::vector<std::int32_t> sums(columns, 0);
        std::uint32_t weights = 0;
        for (std::size_t patch = 0; patch < patches_.size(); ++patch) {
            const auto score = static_cast<std::uint8_t>(scores[patch]);
            const auto* const token = stream_.row(class_tokens + patch);
            if (score >= network_.keep_threshold) {
                kept.push_back(patches_[patch]);
                end = std::copy_n(token, columns, end);
                continue;
            }
            const auto weight = numerics::package_weight(score);
            weights += weight;
            for (std::size_t k = 0; k < columns; ++k)
                sums[k] += static_cast<std::int32_t>(weight) * token[k];
        }
        const bool packages = schedule_.package_token == workload::PackageToken::One;
        const bool pruned = kept.size() < patches_.size();
        Rows package{pruned && packages ? std::size_t{1} : 0, columns};
        if (!pruned) {
            carried = stream_;
        } else {
            carried.rows = class_tokens + kept.size();
            carried.data.resize(carried.rows * columns);
            patches_ = std::move(kept);
        }
        tell(name + "compact", carried);
        if (package.rows > 0) {
            for (std::size_t k = 0; k < columns; ++k) {
                if (package_weights_ > 0)
                    sums[k] += static_cast<std::int32_t>(package_weights_) *
                               stream_.row(stream_.rows - 1)[k];
                package.data[k] = numerics::package_mean(sums[k], weights + package_weights_);
            }
            package_weights_ += weights;
        }
        tell(name + "package", package);
        stream_ = std::move(carried);
        stream_.rows += package.rows;
        stream_.data.insert(stream_.data.end(), package.data.begin(), package.data.end());
        tell(name + "append", stream_);
    }

    void classify()
    {
        const auto normed = layer_norm("head.norm", stream_.data.data(), model_.class_tokens);
        const auto steps = linear("head.fc", normed);
        result_.logits.reserve(steps.columns);
        for (std::size_t j = 0; j < steps.columns; ++j)
            result_.logits.push_back(steps.row(0)[j] * network_.logit_scale);
        result_.predicted = predicted_class(result_.logits);
    }

    const IntegerNetwork& network_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const workload::BlockShape shape_;
    const IntegerObserver& observer_;
    const ExactUnits& exact_;
    Inference result_;
    Rows stream_;
    std::vector<std::uint32_t> patches_; ///< in the stream, by their number in the image
    std::uint32_t package_weights_ = 0;  ///< of what is inside the package token; 0: there is none
    std::vector<std::int32_t> accumulators_;
};

} // namespace

std::vector<std::int8_t> quantized_pixels(const PixelFormat& format, const Image& image)
{
    std::vector<std::int8_t> codes(image.pixels.size());
    for (std::size_t channel = 0; channel < image.channels; ++channel) {
        constexpr double white = 255.0;
        std::array<std::int8_t, 256> code_of{}; // by the pixel
        for (std::size_t pixel = 0; pixel < code_of.size(); ++pixel) {
            const auto value = (static_cast<double>(pixel) / white - format.mean[channel]) /
                               format.deviation[channel];
            code_of[pixel] = numerics::quantize_int8(value, format.scale);
        }
        for (auto i = channel; i < codes.size(); i += image.channels)
            codes[i] = code_of[image.pixels[i]];
    }
    return codes;
}

Inference infer(const IntegerNetwork& network,
                const workload::Model& model,
                const workload::Schedule& schedule,
                const Image& image,
                const IntegerObserver& observer,
                const ExactUnits& exact)
{
    if (image.height != model.image_height_pixels || image.width != model.image_width_pixels ||
        image.channels != model.image_channels ||
        image.pixels.size() != image.height * image.width * image.channels)
        throw std::invalid_argument{"infer: the image's size is not the model's"};
    if (!unsupported_in_integers(model, schedule).empty())
        throw std::invalid_argument{"infer: a model or schedule that has no integer inference"};
    return IntegerInference{network, model, schedule, observer, exact}.run(image);
}

} // namespace heatsim::inference
