// SPDX-License-Identifier: Apache-2.0
#include "inference/integer_inference.hpp"
#include "support/random_network.hpp"
#include "support/shipped.hpp"
#include "workload/operators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::inference {
namespace {

using Row = std::vector<int>;
using Table = std::vector<Row>;

/// The definition once more, one number at a time, without tables, blocks and layouts: the units
/// of numerics::, and loops.
class NaiveInference {
  public:
    NaiveInference(const IntegerNetwork& network,
                   const workload::Model& model,
                   const workload::Schedule& schedule)
        : network_{network}
        , model_{model}
        , schedule_{schedule}
    {}

    void run(const Image& image)
    {
        Table embedded = dense("patch_embed.proj", patches(image), 1);
        for (std::size_t i = model_.class_tokens; i-- > 0;) {
            Row token;
            for (std::size_t k = 0; k < model_.embed_dim; ++k)
                token.push_back(network_.class_tokens[i * model_.embed_dim + k]);
            embedded.insert(embedded.begin(), token);
        }
        const auto& position = network_.at<Add>("patch_embed.position");
        for (std::size_t i = 0; i < embedded.size(); ++i)
            for (std::size_t k = 0; k < model_.embed_dim; ++k)
                embedded[i][k] = sum_of(position.channels[k], embedded[i][k],
                                        position.constant[i * model_.embed_dim + k]);
        results["patch_embed.position"] = stream_ = embedded;
        for (std::size_t i = 0; i < model_.patch_tokens(); ++i)
            patches_.push_back(static_cast<std::uint32_t>(i));
        tokens.push_back(stream_.size());
        std::size_t next = 0;
        for (std::uint64_t block = 1; block <= model_.depth; ++block) {
            if (next < schedule_.selectors.size() &&
                schedule_.selectors[next].before_block == block)
                selector(++next);
            transformer_block("blocks." + std::to_string(block) + ".");
        }
        dense("head.fc",
              norm("head.norm",
                   Table(stream_.begin(), stream_.begin() + static_cast<int>(model_.class_tokens))),
              1);
    }

    std::map<std::string, Table> results; ///< of every operator
    std::vector<std::uint64_t> tokens;
    std::vector<std::vector<std::uint32_t>> kept;

  private:
    Table patches(const Image& image)
    {
        const auto& format = network_.pixels;
        Table pixels(image.height * image.width);
        for (std::size_t i = 0; i < image.pixels.size(); ++i) {
            const auto channel = i % image.channels;
            const auto value =
                (image.pixels[i] / 255.0 - format.mean[channel]) / format.deviation[channel];
            pixels[i / image.channels].push_back(numerics::quantize_int8(value, format.scale));
        }
        results["image"] = pixels;
        Table result;
        const auto edge = model_.patch_size;
        for (std::size_t y = 0; y < image.height; y += edge)
            for (std::size_t x = 0; x < image.width; x += edge) {
                Row patch;
                for (std::size_t line = 0; line < edge; ++line)
                    for (std::size_t column = 0; column < edge; ++column)
                        for (const auto value : pixels[(y + line) * image.width + x + column])
                            patch.push_back(value);
                result.push_back(patch);
            }
        return result;
    }

    static int sum_of(const numerics::AddUnit& unit, int a, int b)
    {
        return int{numerics::add(unit, static_cast<std::int8_t>(a), static_cast<std::int8_t>(b))};
    }
    static int requantized(numerics::RequantizeScale scale, int sum)
    {
        return int{numerics::requantize(sum, scale.multiplier, scale.shift)};
    }

    /// Row r takes the weights of head r mod heads.
    Table dense(const std::string& name, const Table& input, std::size_t heads)
    {
        const auto& layer = network_.at<Linear>(name);
        Table result;
        for (std::size_t r = 0; r < input.size(); ++r) {
            const auto set = layer.heads == 1 ? 0 : r % heads;
            Row row;
            for (std::size_t j = set * layer.outputs; j < (set + 1) * layer.outputs; ++j) {
                int sum = layer.bias[j];
                for (std::size_t k = 0; k < layer.inputs; ++k)
                    sum += input[r][k] * layer.weights[j * layer.inputs + k];
                row.push_back(requantized(layer.requantize[j], sum));
            }
            result.push_back(row);
        }
        return results[name] = result;
    }

    Table norm(const std::string& name, const Table& input, std::size_t slices = 1)
    {
        const auto& unit = network_.at<numerics::LayerNormUnit>(name);
        Table result;
        for (std::size_t r = 0; r < input.size(); ++r) {
            const std::vector<std::int8_t> row(input[r].begin(), input[r].end());
            std::vector<std::int8_t> out(row.size());
            numerics::layer_norm(unit, row.data(), r % slices * row.size(), out.data());
            result.emplace_back(out.begin(), out.end());
        }
        return results[name] = result;
    }

    Table gelu(const std::string& name, Table rows)
    {
        const auto& numbers = network_.at<Gelu>(name);
        for (auto& row : rows)
            for (auto& value : row)
                value = requantized(numbers.requantize, numerics::gelu(numbers.unit, value));
        return results[name] = rows;
    }

    Table softmax(const std::string& name, Table rows)
    {
        for (auto& row : rows)
            row = numerics::softmax(network_.at<Softmax>(name).unit, row);
        return results[name] = rows;
    }

    void residual(const std::string& name, const Table& branch)
    {
        const auto& channels = network_.at<Add>(name).channels;
        for (std::size_t i = 0; i < stream_.size(); ++i)
            for (std::size_t k = 0; k < stream_[i].size(); ++k)
                stream_[i][k] = sum_of(channels[k], branch[i][k], stream_[i][k]);
        results[name] = stream_;
    }

    void transformer_block(const std::string& name)
    {
        const auto qkv = dense(name + "attn.qkv", norm(name + "norm1", stream_), 1);
        const auto n = stream_.size();
        const auto d = model_.head_dim();
        const auto part = [&](std::size_t which, std::size_t head, std::size_t token,
                              std::size_t k) {
            return qkv[token][which * model_.embed_dim + head * d + k];
        };
        const auto score_scale = network_.at<Product>(name + "attn.qk_t").requantize;
        const auto value_scale = network_.at<Product>(name + "attn.av").requantize;
        Table scores;
        for (std::size_t head = 0; head < model_.heads; ++head)
            for (std::size_t i = 0; i < n; ++i) {
                Row row;
                for (std::size_t j = 0; j < n; ++j) {
                    int sum = 0;
                    for (std::size_t k = 0; k < d; ++k)
                        sum += part(0, head, i, k) * part(1, head, j, k);
                    row.push_back(requantized(score_scale, sum));
                }
                scores.push_back(row);
            }
        results[name + "attn.qk_t"] = scores;
        const auto shares = softmax(name + "attn.softmax", scores);
        Table attended(n, Row(model_.embed_dim));
        for (std::size_t head = 0; head < model_.heads; ++head)
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t k = 0; k < d; ++k) {
                    int sum = 0;
                    for (std::size_t j = 0; j < n; ++j)
                        sum += shares[head * n + i][j] * part(2, head, j, k);
                    attended[i][head * d + k] = requantized(value_scale, sum);
                }
        results[name + "attn.av"] = attended;
        residual(name + "residual1", dense(name + "attn.proj", attended, 1));
        const auto hidden = dense(name + "mlp.fc1", norm(name + "norm2", stream_), 1);
        residual(name + "residual2", dense(name + "mlp.fc2", gelu(name + "mlp.gelu", hidden), 1));
    }

    void selector(std::size_t number)
    {
        const auto name = "selector." + std::to_string(number) + ".";
        const auto heads = model_.heads;
        const auto d = model_.head_dim();
        const auto classes = model_.class_tokens;
        const bool all = schedule_.scored_tokens == workload::ScoredTokens::All;
        Table scored;
        for (std::size_t i = 0; i < stream_.size(); ++i)
            if (all || (i >= classes && i < classes + patches_.size()))
                scored.push_back(stream_[i]);
        Table slices;
        for (const auto& token : scored)
            for (std::size_t head = 0; head < heads; ++head)
                slices.emplace_back(token.begin() + static_cast<int>(head * d),
                                    token.begin() + static_cast<int>((head + 1) * d));
        if (schedule_.norm)
            slices = norm(name + "norm", slices, heads);
        const auto local = gelu(name + "mlp1.gelu", dense(name + "mlp1", slices, heads));
        const bool split = schedule_.mlp1 == workload::SelectorMlp1::Split;
        Table features;
        Row global;
        for (std::size_t head = 0; head < heads && !scored.empty(); ++head)
            for (std::size_t k = 0; k < d / 2; ++k) {
                int sum = 0;
                for (std::size_t i = 0; i < scored.size(); ++i)
                    sum += local[i * heads + head][split ? d / 2 + k : k];
                global.push_back(
                    numerics::token_mean(sum, static_cast<std::uint32_t>(scored.size())));
            }
        results[name + "global"] = global.empty() ? Table{} : Table{global};
        for (std::size_t r = 0; r < local.size(); ++r) {
            Row row(local[r].begin(), local[r].begin() + static_cast<int>(d / 2));
            for (std::size_t k = 0; k < d / 2; ++k)
                row.push_back(global[r % heads * (d / 2) + k]);
            features.push_back(row);
        }
        results[name + "concat"] = features;
        auto hidden = gelu(name + "mlp2.gelu1", dense(name + "mlp2.fc1", features, heads));
        hidden = gelu(name + "mlp2.gelu2", dense(name + "mlp2.fc2", hidden, heads));
        const auto keep = softmax(name + "softmax", dense(name + "mlp2.fc3", hidden, heads));
        Table means;
        for (const auto& token : scored) {
            const std::vector<std::int8_t> row(token.begin(), token.end());
            const auto mean = numerics::channel_mean(
                network_.at<ChannelMean>(name + "channel_mean").unit, row.data());
            means.emplace_back(mean.begin(), mean.end());
        }
        results[name + "channel_mean"] = means;
        auto weights = dense(name + "mlp3.fc2",
                             gelu(name + "mlp3.gelu", dense(name + "mlp3.fc1", means, 1)), 1);
        for (auto& row : weights)
            for (auto& value : row)
                value = static_cast<int>(
                    numerics::sigmoid(network_.at<Sigmoid>(name + "mlp3.sigmoid").unit, value));
        results[name + "mlp3.sigmoid"] = weights;
        Table scores;
        for (std::size_t i = 0; i < scored.size(); ++i) {
            int sum = 0;
            int weight = 0;
            for (std::size_t head = 0; head < heads; ++head) {
                sum += keep[i * heads + head][0] * weights[i][head];
                weight += weights[i][head];
            }
            scores.push_back({weight == 0 ? 0 : sum / weight});
        }
        results[name + "score"] = scores;
        prune(name, scores, all ? classes : 0);
    }

    void prune(const std::string& name, const Table& scores, std::size_t first_patch)
    {
        const auto classes = model_.class_tokens;
        Table next(stream_.begin(), stream_.begin() + static_cast<int>(classes));
        std::vector<std::uint32_t> kept_now;
        std::vector<double> sums(model_.embed_dim, 0.0);
        int weight = 0;
        for (std::size_t i = 0; i < patches_.size(); ++i) {
            const auto score = scores[first_patch + i][0];
            if (score >= network_.keep_threshold) {
                next.push_back(stream_[classes + i]);
                kept_now.push_back(patches_[i]);
                continue;
            }
            weight += std::max(score, 1);
            for (std::size_t k = 0; k < sums.size(); ++k)
                sums[k] += std::max(score, 1) * stream_[classes + i][k];
        }
        Table package;
        if (weight == 0) {
            next = stream_;
        } else if (schedule_.package_token == workload::PackageToken::One) {
            Row row;
            for (std::size_t k = 0; k < sums.size(); ++k) {
                const auto earlier = package_weight_ == 0 ? 0 : package_weight_ * stream_.back()[k];
                row.push_back(static_cast<int>(
                    std::lround((sums[k] + earlier) / (weight + package_weight_))));
            }
            package_weight_ += weight;
            package.push_back(row);
        }
        results[name + "compact"] = next;
        results[name + "package"] = package;
        next.insert(next.end(), package.begin(), package.end());
        results[name + "append"] = stream_ = next;
        patches_ = kept_now;
        kept.push_back(kept_now);
        tokens.push_back(stream_.size());
    }

    const IntegerNetwork& network_;
    const workload::Model& model_;
    const workload::Schedule& schedule_;
    Table stream_;
    std::vector<std::uint32_t> patches_;
    int package_weight_ = 0;
};

/// What the observer was told.
struct Told {
    std::vector<std::string> names;
    std::map<std::string, Table> results;

    /// \param is_unsigned operators whose bytes are 0 to 255
    IntegerObserver observer()
    {
        return [this](std::string_view name, const std::int8_t* data, std::size_t rows,
                      std::size_t columns) {
            names.emplace_back(name);
            const bool of_selector = name.rfind("selector", 0) == 0;
            const auto last = name.substr(name.rfind('.') + 1);
            const bool is_unsigned =
                of_selector && (last == "softmax" || last == "sigmoid" || last == "score");
            Table table(rows);
            for (std::size_t i = 0; i < rows * columns; ++i)
                table[i / columns].push_back(is_unsigned ? int{static_cast<std::uint8_t>(data[i])}
                                                         : int{data[i]});
            results[std::string{name}] = table;
        };
    }
};

void expect_equal(const IntegerNetwork& network,
                  const workload::Model& model,
                  const workload::Schedule& schedule,
                  const Image& image)
{
    NaiveInference naive{network, model, schedule};
    naive.run(image);
    Told told;
    const auto inference = infer(network, model, schedule, image, told.observer());
    ASSERT_EQ(told.results.size(), naive.results.size());
    for (const auto& [name, table] : naive.results)
        ASSERT_EQ(told.results[name], table) << name;
    EXPECT_EQ(inference.tokens, naive.tokens);
    EXPECT_EQ(inference.kept_patches, naive.kept);
    const auto& steps = naive.results["head.fc"][0];
    ASSERT_EQ(inference.logits.size(), steps.size());
    for (std::size_t j = 0; j < steps.size(); ++j)
        EXPECT_EQ(inference.logits[j], steps[j] * network.logit_scale);
    EXPECT_EQ(
        inference.predicted,
        static_cast<std::size_t>(std::max_element(steps.begin(), steps.end()) - steps.begin()));
    // and in the workload's order, with its rows
    std::vector<std::string> names{"image"};
    for (const auto& op : workload::lower(model, schedule, inference.tokens).operators)
        names.push_back(op.name);
    EXPECT_EQ(told.names, names);
}

/// All variants of a selector.
std::vector<workload::Schedule> toy_schedules()
{
    std::vector<workload::Schedule> schedules;
    for (const auto mlp1 : {workload::SelectorMlp1::Half, workload::SelectorMlp1::Split})
        for (const auto weights :
             {workload::SelectorWeights::PerHead, workload::SelectorWeights::Shared})
            for (const auto scored : {workload::ScoredTokens::All, workload::ScoredTokens::Patches})
                for (const bool norm : {true, false})
                    for (const auto package :
                         {workload::PackageToken::One, workload::PackageToken::None}) {
                        schedules.push_back(test::toy_schedule(mlp1, weights, scored, norm));
                        schedules.back().package_token = package;
                    }
    return schedules;
}

workload::Schedule usual_schedule()
{
    return test::toy_schedule(workload::SelectorMlp1::Split, workload::SelectorWeights::Shared,
                              workload::ScoredTokens::Patches, true);
}

TEST(IntegerInference, EqualsTheNaiveOneInEveryVariant)
{
    auto model = test::toy_model();
    std::uint64_t seed = 1;
    for (const auto& schedule : toy_schedules()) {
        for (model.class_tokens = 1; model.class_tokens <= 2; ++model.class_tokens, ++seed) {
            SCOPED_TRACE(seed);
            expect_equal(test::random_network(model, schedule, seed), model, schedule,
                         test::random_image(model, seed));
        }
    }
}

TEST(IntegerInference, EqualsTheNaiveOneWithoutSelectors)
{
    const auto model = test::toy_model();
    workload::Schedule dense;
    dense.name = "dense";
    expect_equal(test::random_network(model, dense, 1), model, dense, test::random_image(model, 1));
}

TEST(IntegerInference, EqualsTheNaiveOneAtEveryThreshold)
{
    const auto model = test::toy_model();
    for (const auto& schedule : toy_schedules()) {
        auto network = test::random_network(model, schedule, 3);
        for (const int threshold : {0, 60, 200, 255}) {
            SCOPED_TRACE(threshold);
            network.keep_threshold = static_cast<std::uint8_t>(threshold);
            expect_equal(network, model, schedule, test::random_image(model, 3));
        }
    }
}

TEST(IntegerInference, TokensStayWhereNothingIsPruned)
{
    const auto model = test::toy_model();
    const auto schedule = usual_schedule();
    auto network = test::random_network(model, schedule, 1);
    network.keep_threshold = 0;
    const auto inference = infer(network, model, schedule, test::random_image(model, 1));
    EXPECT_EQ(inference.tokens, (workload::TokenCounts{13, 13, 13}));
}

TEST(IntegerInference, OneImageAfterTheOtherIsTheSame)
{
    const auto model = test::toy_model();
    const auto schedule = usual_schedule();
    const auto network = test::random_network(model, schedule, 1);
    const auto first = infer(network, model, schedule, test::random_image(model, 1));
    (void)infer(network, model, schedule, test::random_image(model, 2));
    const auto again = infer(network, model, schedule, test::random_image(model, 1));
    EXPECT_EQ(again.logits, first.logits);
    EXPECT_EQ(again.kept_patches, first.kept_patches);
}

TEST(IntegerInference, WrongImageIsRefused)
{
    const auto model = test::toy_model();
    const auto schedule = usual_schedule();
    const auto network = test::random_network(model, schedule, 1);
    auto image = test::random_image(model, 1);
    image.pixels.pop_back();
    EXPECT_THROW((void)infer(network, model, schedule, image), std::invalid_argument);
    image = test::random_image(model, 1);
    std::swap(image.height, image.width);
    EXPECT_THROW((void)infer(network, model, schedule, image), std::invalid_argument);
}

TEST(IntegerInference, WhatHasNoIntegersIsRefused)
{
    const auto model = test::toy_model();
    const auto refused = [&](auto change) {
        auto schedule = usual_schedule();
        change(schedule);
        return unsupported_in_integers(model, schedule);
    };
    EXPECT_TRUE(refused([](auto&) {}).empty());
    const auto packages = refused([](workload::Schedule& schedule) {
        schedule.package_token = workload::PackageToken::OnePerSelector;
    });
    ASSERT_EQ(packages.size(), 1U);
    EXPECT_EQ(packages[0].key, "schedule.package_token");
    EXPECT_EQ(refused([](workload::Schedule& schedule) {
                  schedule.choice = workload::Choice::TopK;
                  schedule.head_keep_ratio = 0.5;
              }).size(),
              2U);
    auto wide = model;
    wide.mlp_hidden = 5000;
    wide.auxiliary_head = true;
    EXPECT_EQ(unsupported_in_integers(wide, usual_schedule()).size(), 2U);
    EXPECT_THROW((void)infer(test::random_network(model, usual_schedule(), 1), wide,
                             usual_schedule(), test::random_image(model, 1)),
                 std::invalid_argument);
}

TEST(RandomNetwork, KeepsSomePatchesAndPrunesOthers)
{
    const auto model = test::toy_model();
    const auto schedule = usual_schedule();
    int pruning = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto inference = infer(test::random_network(model, schedule, seed), model, schedule,
                                     test::random_image(model, seed));
        const auto kept = inference.kept_patches.front().size();
        if (kept > 0 && kept < model.patch_tokens())
            ++pruning;
    }
    EXPECT_GE(pruning, 18);
}

TEST(RandomNetwork, UsesTheRangeOfActivations)
{
    const auto model = test::toy_model();
    const auto schedule = usual_schedule();
    Told told;
    (void)infer(test::random_network(model, schedule, 4), model, schedule,
                test::random_image(model, 4), told.observer());
    for (const char* name : {"blocks.1.attn.qkv", "blocks.1.attn.qk_t", "blocks.1.mlp.gelu",
                             "blocks.1.residual2", "blocks.2.residual2"}) {
        int least = 0;
        int most = 0;
        for (const auto& row : told.results[name])
            for (const auto value : row) {
                least = std::min(least, value);
                most = std::max(most, value);
            }
        EXPECT_GT(most - least, 60) << name;
    }
}

TEST(RandomNetwork, OfDeitTPrunesWithTheShippedSchedule)
{
    auto model = test::shipped_model("deit_t");
    model.depth = 4; // one selector's worth
    auto schedule = test::shipped_schedule("heatvit");
    schedule.selectors.resize(1);
    const auto inference = infer(test::random_network(model, schedule, 1), model, schedule,
                                 test::random_image(model, 1));
    EXPECT_LT(inference.tokens[1], inference.tokens[0]);
    EXPECT_GT(inference.tokens[1], 2U);
}

} // namespace
} // namespace heatsim::inference
