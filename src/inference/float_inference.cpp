// SPDX-License-Identifier: Apache-2.0
#include "inference/float_inference.hpp"

#include "inference/float_functions.hpp"
#include "inference/float_product.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::inference {

namespace {

/// Rows of floats, one behind the other.
class Matrix {
  public:
    Matrix() = default;
    Matrix(std::size_t rows, std::size_t columns)
        : rows_{rows}
        , columns_{columns}
        , values_(rows * columns)
    {}

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    [[nodiscard]] float* row(std::size_t index) { return values_.data() + index * columns_; }
    [[nodiscard]] const float* row(std::size_t index) const
    {
        return values_.data() + index * columns_;
    }
    [[nodiscard]] float* data() { return values_.data(); }
    [[nodiscard]] const float* data() const { return values_.data(); }

    /// The same numbers in rows of another length. \pre `columns` divides size()
    [[nodiscard]] Matrix in_rows_of(std::size_t columns) &&
    {
        rows_ = size() / columns;
        columns_ = columns;
        return std::move(*this);
    }

  private:
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<float> values_;
};

void layer_norm_row(const FloatNorm& norm, const float* row, float* out)
{
    const auto channels = norm.scale.size();
    double sum = 0.0;
    for (std::size_t i = 0; i < channels; ++i)
        sum += static_cast<double>(row[i]);
    const auto mean = static_cast<float>(sum / static_cast<double>(channels));
    double squares = 0.0;
    for (std::size_t i = 0; i < channels; ++i) {
        out[i] = row[i] - mean;
        squares += static_cast<double>(out[i]) * static_cast<double>(out[i]);
    }
    const auto variance = squares / static_cast<double>(channels);
    const auto factor =
        static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(norm.epsilon)));
    for (std::size_t i = 0; i < channels; ++i)
        out[i] = out[i] * factor * norm.scale[i] + norm.shift[i];
}

/// One image on its way through the network.
class Run {
  public:
    Run(const FloatNetwork& network, const Functions& functions, const TensorObserver& observer)
        : network_{network}
        , model_{network.model}
        , schedule_{network.schedule}
        , functions_{functions}
        , observer_{observer}
    {}

    [[nodiscard]] Inference run(const Image& image)
    {
        embed(image);
        result_.tokens.push_back(stream_.rows());
        std::size_t selector = 0;
        for (std::size_t block = 0; block < network_.blocks.size(); ++block) {
            const auto name = fmt::format("blocks.{}.", block + 1);
            while (is_next(schedule_, selector, &workload::Selector::before_block, block + 1))
                select(selector++);
            attention(name, network_.blocks[block]);
            while (is_next(schedule_, selector, &workload::Selector::inside_block, block + 1))
                select(selector++);
            feed_forward(name, network_.blocks[block]);
        }
        classify();
        return std::move(result_);
    }

  private:
    void tell(const std::string& name, const Matrix& matrix) const
    {
        if (observer_)
            observer_(name, matrix.data(), matrix.rows(), matrix.columns());
    }

    /// \param rows of the layer's inputs; where it has weights per head, one for each head of each
    /// token \returns as many rows
    [[nodiscard]] Matrix
    linear(const std::string& name, const FloatLinear& layer, const Matrix& rows) const
    {
        const auto heads = layer.heads;
        const auto tokens = rows.rows() / heads;
        Matrix result{rows.rows(), layer.outputs};
        for (std::size_t i = 0; i < tokens; ++i)
            std::copy(layer.bias.begin(), layer.bias.end(), result.row(i * heads));
        for (std::size_t head = 0; head < heads; ++head)
            multiply(tokens, layer.outputs, layer.inputs, 1.0F,
                     {rows.row(head), heads * layer.inputs},
                     {layer.weights.data() + head * layer.outputs * layer.inputs, layer.inputs},
                     Transposed::Yes, 1.0F, {result.row(head), heads * layer.outputs});
        tell(name, result);
        return result;
    }

    [[nodiscard]] Matrix
    layer_norm(const std::string& name, const FloatNorm& norm, const Matrix& rows) const
    {
        Matrix result{rows.rows(), rows.columns()};
        for (std::size_t i = 0; i < rows.rows(); ++i)
            layer_norm_row(norm, rows.row(i), result.row(i));
        tell(name, result);
        return result;
    }

    void apply_gelu(const std::string& name, Matrix& matrix) const
    {
        gelu(functions_, matrix.data(), matrix.size());
        tell(name, matrix);
    }

    void apply_softmax(const std::string& name, double delta, Matrix& matrix) const
    {
        for (std::size_t i = 0; i < matrix.rows(); ++i)
            softmax(functions_, delta, matrix.row(i), matrix.columns());
        tell(name, matrix);
    }

    /// stream += branch
    void residual(const std::string& name, const Matrix& branch)
    {
        std::transform(branch.data(), branch.data() + branch.size(), stream_.data(), stream_.data(),
                       [](float a, float b) { return a + b; });
        tell(name, stream_);
    }

    /// Pixels of each patch in a row.
    [[nodiscard]] Matrix patches_of(const Image& image) const
    {
        const auto channels = model_.image_channels;
        const auto edge = model_.patch_size;
        const auto columns = model_.image_width_pixels / edge;
        Matrix patches{model_.patch_tokens(), edge * edge * channels};
        for (std::size_t patch = 0; patch < patches.rows(); ++patch) {
            auto* out = patches.row(patch);
            for (std::size_t y = 0; y < edge; ++y) {
                const auto line = (patch / columns) * edge + y;
                const auto first =
                    (line * model_.image_width_pixels + (patch % columns) * edge) * channels;
                for (std::size_t i = 0; i < edge * channels; ++i)
                    *out++ = normalised(image.pixels[first + i], i % channels);
            }
        }
        return patches;
    }

    [[nodiscard]] float normalised(std::uint8_t pixel, std::size_t channel) const
    {
        constexpr double white = 255.0;
        const auto value = pixel / white;
        if (model_.pixels.empty())
            return static_cast<float>(value);
        const auto& [mean, deviation] = model_.pixels[channel];
        return static_cast<float>((value - mean) / deviation);
    }

    void embed(const Image& image)
    {
        const auto patches = patches_of(image);
        tell("image", patches);
        const auto embedded = linear("patch_embed.proj", network_.patch, patches);
        const auto dim = model_.embed_dim;
        stream_ = Matrix{model_.tokens(), dim};
        std::copy(network_.class_tokens.begin(), network_.class_tokens.end(), stream_.data());
        if (observer_)
            observer_("patch_embed.class_token", stream_.data(), model_.class_tokens, dim);
        std::copy(embedded.data(), embedded.data() + embedded.size(),
                  stream_.row(model_.class_tokens));
        std::transform(network_.positions.begin(), network_.positions.end(), stream_.data(),
                       stream_.data(), [](float a, float b) { return a + b; });
        tell("patch_embed.position", stream_);
        patches_.resize(model_.patch_tokens());
        std::iota(patches_.begin(), patches_.end(), 0U);
    }

    void attention(const std::string& name, const FloatBlock& block)
    {
        const auto n = stream_.rows();
        const auto dim = model_.embed_dim;
        const auto d = model_.head_dim();
        const auto normed = layer_norm(name + "norm1", block.norm1, stream_);
        const auto qkv = linear(name + "attn.qkv", block.qkv, normed);
        Matrix scores{model_.heads * n, n};
        const auto factor = static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)));
        for (std::size_t head = 0; head < model_.heads; ++head)
            multiply(n, n, d, factor, {qkv.data() + head * d, qkv.columns()},
                     {qkv.data() + dim + head * d, qkv.columns()}, Transposed::Yes, 0.0F,
                     {scores.row(head * n), n});
        tell(name + "attn.qk_t", scores);
        apply_softmax(name + "attn.softmax", functions_.softmax_delta, scores);
        Matrix attended{n, dim};
        for (std::size_t head = 0; head < model_.heads; ++head)
            multiply(n, d, n, 1.0F, {scores.row(head * n), n},
                     {qkv.data() + 2 * dim + head * d, qkv.columns()}, Transposed::No, 0.0F,
                     {attended.data() + head * d, dim});
        tell(name + "attn.av", attended);
        residual(name + "residual1", linear(name + "attn.proj", block.proj, attended));
    }

    void feed_forward(const std::string& name, const FloatBlock& block)
    {
        const auto normed = layer_norm(name + "norm2", block.norm2, stream_);
        auto hidden = linear(name + "mlp.fc1", block.fc1, normed);
        apply_gelu(name + "mlp.gelu", hidden);
        residual(name + "residual2", linear(name + "mlp.fc2", block.fc2, hidden));
    }

    [[nodiscard]] bool scores_all() const
    {
        return schedule_.scored_tokens == workload::ScoredTokens::All;
    }

    void select(std::size_t index)
    {
        const auto first = scores_all() ? 0 : model_.class_tokens;
        const auto end = scores_all() ? stream_.rows() : model_.class_tokens + patches_.size();
        if (end > first) {
            const auto name = fmt::format("selector.{}.", index + 1);
            Matrix scored{end - first, model_.embed_dim};
            std::copy(stream_.row(first), stream_.row(first) + scored.size(), scored.data());
            const auto scores = score(name, network_.selectors[index], std::move(scored));
            prune(name, scores, first);
        }
        result_.kept_patches.push_back(patches_);
        result_.tokens.push_back(stream_.rows());
    }

    /// Scores of tokens.
    [[nodiscard]] std::vector<float>
    score(const std::string& name, const FloatSelector& selector, Matrix tokens) const
    {
        const auto count = tokens.rows();
        const auto heads = model_.heads;
        const auto d = model_.head_dim();
        auto slices = std::move(tokens).in_rows_of(d);

        Matrix means{count, heads}; // of the tokens as they are, also where the slices are normed
        for (std::size_t i = 0; i < slices.rows(); ++i)
            means.data()[i] =
                std::accumulate(slices.row(i), slices.row(i) + d, 0.0F) / static_cast<float>(d);

        if (schedule_.norm)
            slices = layer_norm(name + "norm", selector.norm, slices);
        auto local = linear(name + "mlp1", selector.mlp1, slices);
        apply_gelu(name + "mlp1.gelu", local);
        auto hidden = linear(name + "mlp2.fc1", selector.mlp2_fc1, beside_global(name, local));
        apply_gelu(name + "mlp2.gelu1", hidden);
        hidden = linear(name + "mlp2.fc2", selector.mlp2_fc2, hidden);
        apply_gelu(name + "mlp2.gelu2", hidden);
        auto keep = linear(name + "mlp2.fc3", selector.mlp2_fc3, hidden);
        apply_softmax(name + "softmax", 1.0, keep);

        tell(name + "channel_mean", means);
        auto mixed = linear(name + "mlp3.fc1", selector.mlp3_fc1, means);
        apply_gelu(name + "mlp3.gelu", mixed);
        auto weights = linear(name + "mlp3.fc2", selector.mlp3_fc2, mixed);
        sigmoid(functions_, weights.data(), weights.size());
        tell(name + "mlp3.sigmoid", weights);

        Matrix scores{count, 1};
        for (std::size_t i = 0; i < count; ++i) {
            float weighted = 0.0F;
            float sum = 0.0F;
            for (std::size_t head = 0; head < heads; ++head) {
                const auto weight = weights.row(i)[head];
                weighted += keep.row(i * heads + head)[0] * weight;
                sum += weight;
            }
            scores.data()[i] = sum > 0.0F ? weighted / sum : 0.0F;
        }
        tell(name + "score", scores);
        return {scores.data(), scores.data() + count};
    }

    /// [local, global] of every slice: the global half is a mean over the tokens, of the second
    /// half of the features (split) or of the local ones, which are all there are (half).
    [[nodiscard]] Matrix beside_global(const std::string& name, const Matrix& local) const
    {
        const auto heads = model_.heads;
        const auto half = model_.head_dim() / 2;
        const auto first = local.columns() - half;
        const auto tokens = local.rows() / heads;
        Matrix global{1, heads * half};
        for (std::size_t i = 0; i < local.rows(); ++i)
            for (std::size_t j = 0; j < half; ++j)
                global.data()[i % heads * half + j] += local.row(i)[first + j];
        for (std::size_t i = 0; i < global.size(); ++i)
            global.data()[i] /= static_cast<float>(tokens);
        tell(name + "global", global);
        Matrix features{local.rows(), 2 * half};
        for (std::size_t i = 0; i < local.rows(); ++i) {
            std::copy(local.row(i), local.row(i) + half, features.row(i));
            const auto* const of_head = global.data() + i % heads * half;
            std::copy(of_head, of_head + half, features.row(i) + half);
        }
        return features;
    }

    /// \param scores of the tokens from `first` on
    void prune(const std::string& name, const std::vector<float>& scores, std::size_t first)
    {
        constexpr float threshold = 0.5F;
        const auto class_tokens = model_.class_tokens;
        const auto packages_at = class_tokens + patches_.size();
        std::vector<std::size_t> kept;
        std::vector<std::size_t> pruned;
        for (auto token = class_tokens; token < packages_at; ++token)
            (scores[token - first] >= threshold ? kept : pruned).push_back(token);
        if (pruned.empty())
            return;

        std::vector<std::size_t> rows(class_tokens);
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        rows.insert(rows.end(), kept.begin(), kept.end());
        const bool merges = schedule_.package_token == workload::PackageToken::One;
        const bool appends = schedule_.package_token != workload::PackageToken::None;
        for (auto token = packages_at; token < stream_.rows() && !merges; ++token)
            rows.push_back(token);

        Matrix next{rows.size() + (appends ? 1 : 0), model_.embed_dim};
        for (std::size_t i = 0; i < rows.size(); ++i)
            std::copy(stream_.row(rows[i]), stream_.row(rows[i]) + next.columns(), next.row(i));
        if (appends) {
            std::vector<std::pair<std::size_t, float>> weighted;
            weighted.reserve(pruned.size() + 1);
            for (const auto token : pruned)
                weighted.emplace_back(token, scores[token - first]);
            if (merges && packages_at < stream_.rows())
                weighted.emplace_back(packages_at, package_weight_);
            package(weighted, next.row(next.rows() - 1));
            if (observer_)
                observer_(name + "package", next.row(next.rows() - 1), 1, next.columns());
        }
        for (auto& token : kept) // now numbers of patches
            token = patches_[token - class_tokens];
        patches_.assign(kept.begin(), kept.end());
        stream_ = std::move(next);
    }

    /// Weighted mean of tokens; package_weight_ is the sum of the weights.
    void package(const std::vector<std::pair<std::size_t, float>>& weighted, float* out)
    {
        // scores of 0 still have a mean: so small that no other weight notices
        constexpr float least_weight = 1e-9F;
        package_weight_ = 0.0F;
        for (const auto& [token, weight] : weighted) {
            const auto factor = std::max(weight, least_weight);
            const auto* row = stream_.row(token);
            for (std::size_t i = 0; i < stream_.columns(); ++i)
                out[i] += factor * row[i];
            package_weight_ += factor;
        }
        for (std::size_t i = 0; i < stream_.columns(); ++i)
            out[i] /= package_weight_;
    }

    void classify()
    {
        Matrix class_tokens{model_.class_tokens, model_.embed_dim};
        std::copy(stream_.data(), stream_.data() + class_tokens.size(), class_tokens.data());
        const auto normed = layer_norm("head.norm", network_.norm, class_tokens);
        const auto logits = linear("head.fc", network_.head, normed);
        result_.logits.assign(logits.data(), logits.data() + logits.columns());
        result_.predicted = predicted_class(result_.logits);
    }

    const FloatNetwork& network_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    const Functions& functions_;
    const TensorObserver& observer_;
    Matrix stream_;                      ///< class tokens, kept patches, package tokens
    std::vector<std::uint32_t> patches_; ///< of the stream, their numbers in the unpruned image
    float package_weight_ = 0.0F;        ///< of all patches in the one package token
    Inference result_;
};

} // namespace

Inference infer(const FloatNetwork& network,
                const Functions& functions,
                const Image& image,
                const TensorObserver& observer)
{
    check_image(image, network.model, "the image");
    return Run{network, functions, observer}.run(image);
}

} // namespace heatsim::inference
