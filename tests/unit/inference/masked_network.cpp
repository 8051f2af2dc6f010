// SPDX-License-Identifier: Apache-2.0
#include "unit/inference/masked_network.hpp"

#include "numerics/exact.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace heatsim::test {

namespace {

using Row = std::vector<double>;

Row linear(const inference::FloatLinear& layer, const Row& input, std::size_t head = 0)
{
    Row result;
    for (std::size_t j = 0; j < layer.outputs; ++j) {
        const auto row = head * layer.outputs + j;
        double sum = static_cast<double>(layer.bias[row]);
        for (std::size_t i = 0; i < layer.inputs; ++i)
            sum += static_cast<double>(layer.weights[row * layer.inputs + i]) * input[i];
        result.push_back(sum);
    }
    return result;
}

Row layer_norm(const inference::FloatNorm& norm, const Row& input)
{
    const auto n = static_cast<double>(input.size());
    double mean = 0.0;
    for (const auto x : input)
        mean += x / n;
    double variance = 0.0;
    for (const auto x : input)
        variance += (x - mean) * (x - mean) / n;
    Row result;
    for (std::size_t i = 0; i < input.size(); ++i)
        result.push_back((input[i] - mean) /
                             std::sqrt(variance + static_cast<double>(norm.epsilon)) *
                             static_cast<double>(norm.scale[i]) +
                         static_cast<double>(norm.shift[i]));
    return result;
}

Row part(const Row& row, std::size_t first, std::size_t count)
{
    Row result;
    for (std::size_t i = first; i < first + count; ++i)
        result.push_back(row[i]);
    return result;
}

class MaskedNetwork {
  public:
    MaskedNetwork(const inference::FloatNetwork& network, const inference::Functions& functions)
        : network_{network}
        , functions_{functions}
        , heads_{network.model.heads}
        , d_{network.model.head_dim()}
    {}

    MaskedResult run(const inference::Image& image)
    {
        embed(image);
        std::size_t selector = 0;
        for (std::size_t block = 0; block < network_.blocks.size(); ++block) {
            const auto& selectors = network_.schedule.selectors;
            if (selector < selectors.size() && selectors[selector].before_block == block + 1)
                select(network_.selectors[selector++]);
            attention(network_.blocks[block]);
            if (selector < selectors.size() && selectors[selector].inside_block == block + 1)
                select(network_.selectors[selector++]);
            feed_forward(network_.blocks[block]);
        }
        result_.logits = linear(network_.head, layer_norm(network_.norm, tokens_.front()));
        return result_;
    }

  private:
    [[nodiscard]] double gelu(double x) const
    {
        return functions_.polynomial_gelu ? numerics::gelu_polynomial(x, functions_.gelu_delta)
                                          : numerics::gelu_exact(x, functions_.gelu_delta);
    }
    [[nodiscard]] Row gelu(Row row) const
    {
        for (auto& x : row)
            x = gelu(x);
        return row;
    }
    [[nodiscard]] Row softmax(const Row& row, double delta) const
    {
        return functions_.polynomial_softmax ? numerics::softmax_polynomial(row, delta)
                                             : numerics::softmax_exact(row, delta);
    }

    /// Tokens are class tokens, all patches, package tokens.
    void embed(const inference::Image& image)
    {
        const auto& model = network_.model;
        const auto edge = model.patch_size;
        for (std::size_t token = 0; token < model.class_tokens; ++token) {
            Row row;
            for (std::size_t i = 0; i < model.embed_dim; ++i)
                row.push_back(
                    static_cast<double>(network_.class_tokens[token * model.embed_dim + i]));
            tokens_.push_back(row);
        }
        for (std::size_t y = 0; y < image.height; y += edge)
            for (std::size_t x = 0; x < image.width; x += edge) {
                Row pixels;
                for (std::size_t row = y; row < y + edge; ++row)
                    for (std::size_t column = x; column < x + edge; ++column)
                        for (std::size_t channel = 0; channel < image.channels; ++channel) {
                            const auto at = (row * image.width + column) * image.channels + channel;
                            pixels.push_back(
                                (image.pixels[at] / 255.0 - model.pixels[channel].mean) /
                                model.pixels[channel].deviation);
                        }
                tokens_.push_back(linear(network_.patch, pixels));
            }
        for (std::size_t token = 0; token < tokens_.size(); ++token)
            for (std::size_t i = 0; i < model.embed_dim; ++i)
                tokens_[token][i] +=
                    static_cast<double>(network_.positions[token * model.embed_dim + i]);
        alive_.assign(tokens_.size(), true);
    }

    void attention(const inference::FloatBlock& block)
    {
        const auto dim = heads_ * d_;
        std::vector<Row> qkv;
        for (const auto& token : tokens_)
            qkv.push_back(linear(block.qkv, layer_norm(block.norm1, token)));
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            Row attended(dim, 0.0);
            for (std::size_t head = 0; head < heads_; ++head) {
                Row scores;
                std::vector<std::size_t> others;
                for (std::size_t j = 0; j < tokens_.size(); ++j) {
                    if (!alive_[j])
                        continue;
                    double score = 0.0;
                    for (std::size_t k = head * d_; k < (head + 1) * d_; ++k)
                        score += qkv[i][k] * qkv[j][dim + k];
                    scores.push_back(score / std::sqrt(static_cast<double>(d_)));
                    others.push_back(j);
                }
                const auto weights = softmax(scores, functions_.softmax_delta);
                for (std::size_t j = 0; j < others.size(); ++j)
                    for (std::size_t k = head * d_; k < (head + 1) * d_; ++k)
                        attended[k] += weights[j] * qkv[others[j]][2 * dim + k];
            }
            const auto branch = linear(block.proj, attended);
            for (std::size_t k = 0; k < dim; ++k)
                tokens_[i][k] += branch[k];
        }
    }

    void feed_forward(const inference::FloatBlock& block)
    {
        for (auto& token : tokens_) {
            const auto branch =
                linear(block.fc2, gelu(linear(block.fc1, layer_norm(block.norm2, token))));
            for (std::size_t k = 0; k < token.size(); ++k)
                token[k] += branch[k];
        }
    }

    /// Scores of the tokens, 0 where they are not scored.
    Row scores(const inference::FloatSelector& selector)
    {
        const auto& model = network_.model;
        const auto& schedule = network_.schedule;
        const bool all = schedule.scored_tokens == workload::ScoredTokens::All;
        const bool shared = schedule.weights == workload::SelectorWeights::Shared;
        const auto patches_end = model.class_tokens + model.patch_tokens();
        const auto is_scored = [&](std::size_t token) {
            return alive_[token] && (all || (token >= model.class_tokens && token < patches_end));
        };
        const auto half = d_ / 2;
        std::vector<std::vector<Row>> features(tokens_.size());
        std::vector<Row> global(heads_, Row(half, 0.0));
        double count = 0.0;
        for (std::size_t token = 0; token < tokens_.size(); ++token) {
            if (!is_scored(token))
                continue;
            ++count;
            for (std::size_t head = 0; head < heads_; ++head) {
                auto slice = part(tokens_[token], head * d_, d_);
                if (schedule.norm)
                    slice = layer_norm(selector.norm, slice);
                const auto out = gelu(linear(selector.mlp1, slice, shared ? 0 : head));
                for (std::size_t k = 0; k < half; ++k)
                    global[head][k] += out[out.size() - half + k];
                features[token].push_back(part(out, 0, half));
            }
        }
        Row result(tokens_.size(), 0.0);
        for (std::size_t token = 0; token < tokens_.size(); ++token) {
            if (!is_scored(token))
                continue;
            Row means;
            Row keep;
            for (std::size_t head = 0; head < heads_; ++head) {
                auto row = features[token][head];
                for (const auto sum : global[head])
                    row.push_back(sum / count);
                const auto which = shared ? 0 : head;
                row = gelu(linear(selector.mlp2_fc1, row, which));
                row = gelu(linear(selector.mlp2_fc2, row, which));
                keep.push_back(softmax(linear(selector.mlp2_fc3, row, which), 1.0)[0]);
                double mean = 0.0;
                for (std::size_t k = head * d_; k < (head + 1) * d_; ++k)
                    mean += tokens_[token][k] / static_cast<double>(d_);
                means.push_back(mean);
            }
            const auto weights = linear(selector.mlp3_fc2, gelu(linear(selector.mlp3_fc1, means)));
            double weighted = 0.0;
            double sum = 0.0;
            for (std::size_t head = 0; head < heads_; ++head) {
                const auto weight = functions_.plan_sigmoid
                                        ? numerics::sigmoid_plan(weights[head])
                                        : numerics::sigmoid_exact(weights[head]);
                weighted += weight * keep[head];
                sum += weight;
            }
            result[token] = weighted / sum;
        }
        return result;
    }

    void select(const inference::FloatSelector& selector)
    {
        const auto& model = network_.model;
        const auto score = scores(selector);
        const auto patches_end = model.class_tokens + model.patch_tokens();
        Row sum(heads_ * d_, 0.0);
        double weight = 0.0;
        bool prunes = false;
        for (auto token = model.class_tokens; token < patches_end; ++token) {
            if (!alive_[token])
                continue;
            result_.closest_score = std::min(result_.closest_score, std::abs(score[token] - 0.5));
            if (score[token] >= 0.5)
                continue;
            alive_[token] = false;
            prunes = true;
            for (std::size_t k = 0; k < sum.size(); ++k)
                sum[k] += score[token] * tokens_[token][k];
            weight += score[token];
        }
        if (prunes && network_.schedule.package_token != workload::PackageToken::None)
            package(sum, weight, patches_end);
        result_.kept.emplace_back(alive_.begin() + static_cast<std::ptrdiff_t>(model.class_tokens),
                                  alive_.begin() + static_cast<std::ptrdiff_t>(patches_end));
    }

    void package(Row sum, double weight, std::size_t packages_at)
    {
        const bool one = network_.schedule.package_token == workload::PackageToken::One;
        if (one && tokens_.size() > packages_at) {
            for (std::size_t k = 0; k < sum.size(); ++k)
                sum[k] += package_weight_ * tokens_.back()[k];
            weight += package_weight_;
            tokens_.pop_back();
            alive_.pop_back();
        }
        for (auto& x : sum)
            x /= weight;
        package_weight_ = weight;
        tokens_.push_back(sum);
        alive_.push_back(true);
    }

    const inference::FloatNetwork& network_;
    const inference::Functions& functions_;
    const std::size_t heads_;
    const std::size_t d_;
    std::vector<Row> tokens_;
    std::vector<bool> alive_;
    double package_weight_ = 0.0;
    MaskedResult result_;
};

} // namespace

MaskedResult infer_masked(const inference::FloatNetwork& network,
                          const inference::Functions& functions,
                          const inference::Image& image)
{
    return MaskedNetwork{network, functions}.run(image);
}

} // namespace heatsim::test
