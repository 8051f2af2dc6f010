// SPDX-License-Identifier: Apache-2.0
#include "inference/float_network.hpp"
#include "inference/inference.hpp"
#include "unit/inference/float_toy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace heatsim::inference {
namespace {

std::vector<config::Violation> violations_of(const SafetensorsWriter& file,
                                             const workload::Model& model,
                                             const workload::Schedule& schedule)
{
    try {
        (void)float_network(Safetensors::parse(file.bytes(), "weights.safetensors"), model,
                            schedule);
    } catch (const config::Error& error) {
        return error.violations();
    }
    return {};
}

bool mentions(const std::vector<config::Violation>& violations, const std::string& text)
{
    return std::any_of(violations.begin(), violations.end(), [&text](const auto& violation) {
        return violation.message().find(text) != std::string::npos;
    });
}

TEST(FloatNetwork, TakesTheWeightsOfItsModel)
{
    const auto model = test::float_toy_model();
    const auto schedule = test::float_toy_schedule();
    const auto network = test::float_toy_network(model, schedule, 1);
    EXPECT_EQ(network.blocks.size(), model.depth);
    EXPECT_EQ(network.selectors.size(), schedule.selectors.size());
    EXPECT_EQ(network.positions.size(), model.tokens() * model.embed_dim);
    EXPECT_EQ(network.blocks[1].qkv.weights.size(), 3 * model.embed_dim * model.embed_dim);
    EXPECT_EQ(network.selectors[1].mlp1.heads, model.heads);
    EXPECT_FLOAT_EQ(network.norm.epsilon, 1e-6F);
    EXPECT_FLOAT_EQ(network.selectors[0].norm.epsilon, 1e-5F);
}

TEST(FloatNetwork, SaysEveryTensorThatDoesNotBelong)
{
    const auto model = test::float_toy_model();
    const auto schedule = test::float_toy_schedule();
    const auto file = test::float_toy_weights(model, schedule, 1);
    auto wider = model;
    wider.mlp_hidden = 32;
    auto found = violations_of(file, wider, schedule);
    for (const auto* const name :
         {"blocks.0.fc1.weight", "blocks.0.fc1.bias", "blocks.0.fc2.weight", "blocks.1.fc1.weight"})
        EXPECT_TRUE(mentions(found, name)) << name;
    EXPECT_FALSE(mentions(found, "blocks.0.qkv"));

    auto shorter = schedule;
    shorter.selectors.pop_back();
    found = violations_of(file, model, shorter);
    EXPECT_TRUE(mentions(found, "selector.1.inp.weight"));
    EXPECT_FALSE(mentions(found, "selector.0"));

    auto deeper = model;
    deeper.depth = 3;
    EXPECT_TRUE(mentions(violations_of(file, deeper, schedule), "blocks.2.norm1.weight"));
    EXPECT_TRUE(violations_of(file, model, schedule).empty());
}

TEST(FloatNetwork, SaysWhatCannotBeInferred)
{
    using workload::Schedule;
    const auto model = test::float_toy_model();
    const auto refused = [&model](const Schedule& schedule, const std::string& key) {
        const auto found = unsupported(model, schedule);
        return std::any_of(found.begin(), found.end(),
                           [&key](const auto& violation) { return violation.key == key; });
    };
    EXPECT_TRUE(unsupported(model, test::float_toy_schedule()).empty());
    auto schedule = test::float_toy_schedule();
    schedule.scoring = workload::Scoring::ClassAttention;
    schedule.choice = workload::Choice::TopK;
    schedule.package_token = workload::PackageToken::Fused;
    schedule.head_keep_ratio = 0.5;
    schedule.channel_keep_ratio = 0.5;
    schedule.proportional_attention = true;
    for (const auto* const key : {"schedule.scoring", "schedule.choice", "schedule.package_token",
                                  "schedule.head_keep_ratio", "schedule.channel_keep_ratio",
                                  "schedule.proportional_attention"})
        EXPECT_TRUE(refused(schedule, key)) << key;
    schedule = test::float_toy_schedule();
    schedule.selectors[1].before_block = 7; // of 2
    EXPECT_TRUE(refused(schedule, "schedule.selectors.1.before_block"));

    auto stem = model;
    stem.stem.emplace_back();
    stem.auxiliary_head = true;
    const auto found = unsupported(stem, test::float_toy_schedule());
    EXPECT_TRUE(mentions(found, "model.stem"));
    EXPECT_TRUE(mentions(found, "model.auxiliary_head"));
}

} // namespace
} // namespace heatsim::inference
