// SPDX-License-Identifier: Apache-2.0
#include "unit/inference/float_toy.hpp"

#include "support/random.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::test {

namespace {

/// Fills a file with numbers from −1 to 1, times a factor.
class WeightMaker {
  public:
    explicit WeightMaker(std::uint64_t seed)
        : random_{seed}
    {}

    void tensor(const std::string& name, std::vector<std::uint64_t> shape, float factor)
    {
        std::uint64_t count = 1;
        for (const auto edge : shape)
            count *= edge;
        std::vector<float> values(count);
        for (auto& value : values)
            value = factor * (static_cast<float>(random_.between(0, 2000)) / 1000.0F - 1.0F);
        writer_.add(name, std::move(shape), values);
    }

    void linear(const std::string& name,
                std::uint64_t inputs,
                std::uint64_t outputs,
                std::uint64_t heads = 0)
    {
        constexpr float weight = 0.6F;
        constexpr float bias = 0.4F;
        if (heads == 0) {
            tensor(name + ".weight", {outputs, inputs}, weight);
            tensor(name + ".bias", {outputs}, bias);
        } else {
            tensor(name + ".weight", {heads, outputs, inputs}, weight);
            tensor(name + ".bias", {heads, outputs}, bias);
        }
    }

    void norm(const std::string& name, std::uint64_t channels)
    {
        tensor(name + ".weight", {channels}, 1.5F);
        tensor(name + ".bias", {channels}, 0.5F);
    }

    [[nodiscard]] inference::SafetensorsWriter finish() { return std::move(writer_); }

  private:
    Random random_;
    inference::SafetensorsWriter writer_;
};

} // namespace

workload::Model float_toy_model()
{
    workload::Model model;
    model.name = "toy";
    model.image_height_pixels = 6;
    model.image_width_pixels = 4;
    model.image_channels = 2;
    model.pixels = {{0.3, 0.4}, {0.6, 0.25}};
    model.patch_size = 2;
    model.embed_dim = 16;
    model.depth = 2;
    model.heads = 2;
    model.mlp_hidden = 24;
    model.classes = 5;
    return model;
}

workload::Schedule float_toy_schedule()
{
    workload::Schedule schedule;
    schedule.name = "toy_schedule";
    for (const std::uint64_t block : {1U, 2U}) {
        workload::Selector selector;
        selector.before_block = block;
        selector.keep_ratio = 0.5;
        schedule.selectors.push_back(selector);
    }
    return schedule;
}

inference::SafetensorsWriter float_toy_weights(const workload::Model& model,
                                               const workload::Schedule& schedule,
                                               std::uint64_t seed)
{
    const auto dim = model.embed_dim;
    const auto d = model.head_dim();
    WeightMaker maker{seed};
    maker.tensor("cls", {1, model.class_tokens, dim}, 1.0F);
    maker.tensor("pos", {1, model.tokens(), dim}, 1.0F);
    maker.linear("patch", model.patch_size * model.patch_size * model.image_channels, dim);
    for (std::uint64_t block = 0; block < model.depth; ++block) {
        const auto name = "blocks." + std::to_string(block) + ".";
        maker.norm(name + "norm1", dim);
        maker.linear(name + "qkv", dim, 3 * dim);
        maker.linear(name + "proj", dim, dim);
        maker.norm(name + "norm2", dim);
        maker.linear(name + "fc1", dim, model.mlp_hidden);
        maker.linear(name + "fc2", model.mlp_hidden, dim);
    }
    const auto heads = schedule.weights == workload::SelectorWeights::Shared ? 0 : model.heads;
    const auto narrow = std::max<std::uint64_t>(model.heads / 2, 1);
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i) {
        const auto name = "selector." + std::to_string(i) + ".";
        if (schedule.norm)
            maker.norm(name + "ln", d);
        maker.linear(name + "inp", d, schedule.mlp1 == workload::SelectorMlp1::Half ? d / 2 : d,
                     heads);
        maker.linear(name + "o1", d, d / 2, heads);
        maker.linear(name + "o2", d / 2, d / 4, heads);
        maker.linear(name + "o3", d / 4, 2, heads);
        maker.linear(name + "ha", model.heads, narrow);
        maker.linear(name + "hb", narrow, model.heads);
    }
    maker.norm("norm", dim);
    maker.linear("head", dim, model.classes);
    return maker.finish();
}

inference::FloatNetwork float_toy_network(const workload::Model& model,
                                          const workload::Schedule& schedule,
                                          std::uint64_t seed)
{
    const auto bytes = float_toy_weights(model, schedule, seed).bytes();
    return inference::float_network(inference::Safetensors::parse(bytes, "toy.safetensors"), model,
                                    schedule);
}

inference::Image float_toy_image(const workload::Model& model, std::uint64_t seed)
{
    inference::Image image;
    image.height = model.image_height_pixels;
    image.width = model.image_width_pixels;
    image.channels = model.image_channels;
    image.pixels.resize(image.height * image.width * image.channels);
    Random random{seed};
    for (auto& pixel : image.pixels)
        pixel = static_cast<std::uint8_t>(random.between(0, 255));
    return image;
}

} // namespace heatsim::test
