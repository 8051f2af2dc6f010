// SPDX-License-Identifier: Apache-2.0
#include "inference/float_network.hpp"

#include "inference/inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace heatsim::inference {

namespace {

constexpr float selector_epsilon = 1e-5F;

class Reader {
  public:
    explicit Reader(const Safetensors& file)
        : file_{file}
    {}

    [[nodiscard]] std::vector<float> tensor(const std::string& name,
                                            const std::vector<std::uint64_t>& shape)
    {
        return file_.get<float>(name, shape, violations_);
    }

    [[nodiscard]] FloatNorm norm(const std::string& name, std::uint64_t channels)
    {
        FloatNorm norm;
        norm.scale = tensor(name + ".weight", {channels});
        norm.shift = tensor(name + ".bias", {channels});
        return norm;
    }

    [[nodiscard]] FloatLinear
    linear(const std::string& name, std::uint64_t inputs, std::uint64_t outputs)
    {
        FloatLinear layer{1, inputs, outputs, {}, {}};
        layer.weights = tensor(name + ".weight", {outputs, inputs});
        layer.bias = tensor(name + ".bias", {outputs});
        return layer;
    }

    [[nodiscard]] FloatLinear per_head(const std::string& name,
                                       std::uint64_t heads,
                                       std::uint64_t inputs,
                                       std::uint64_t outputs)
    {
        FloatLinear layer{heads, inputs, outputs, {}, {}};
        layer.weights = tensor(name + ".weight", {heads, outputs, inputs});
        layer.bias = tensor(name + ".bias", {heads, outputs});
        return layer;
    }

    /// \throws config::Error if anything was wrong
    void finish()
    {
        file_.refuse_others(violations_);
        if (!violations_.empty())
            throw config::Error{std::move(violations_)};
    }

  private:
    const Safetensors& file_;
    std::vector<config::Violation> violations_;
};

FloatSelector read_selector(Reader& reader,
                            const std::string& name,
                            const workload::Model& model,
                            const workload::Schedule& schedule)
{
    const auto heads = model.heads;
    const auto d = model.head_dim();
    const auto layer = [&](const char* part, std::uint64_t inputs, std::uint64_t outputs) {
        return schedule.weights == workload::SelectorWeights::Shared
                   ? reader.linear(name + part, inputs, outputs)
                   : reader.per_head(name + part, heads, inputs, outputs);
    };
    const auto narrow = std::max<std::uint64_t>(heads / 2, 1);
    FloatSelector selector;
    if (schedule.norm) {
        selector.norm = reader.norm(name + "ln", d);
        selector.norm.epsilon = selector_epsilon;
    }
    selector.mlp1 = layer("inp", d, schedule.mlp1 == workload::SelectorMlp1::Half ? d / 2 : d);
    selector.mlp2_fc1 = layer("o1", d, d / 2);
    selector.mlp2_fc2 = layer("o2", d / 2, d / 4);
    selector.mlp2_fc3 = layer("o3", d / 4, 2);
    selector.mlp3_fc1 = reader.linear(name + "ha", heads, narrow);
    selector.mlp3_fc2 = reader.linear(name + "hb", narrow, heads);
    return selector;
}

FloatBlock read_block(Reader& reader, const std::string& name, const workload::Model& model)
{
    const auto dim = model.embed_dim;
    FloatBlock block;
    block.norm1 = reader.norm(name + "norm1", dim);
    block.qkv = reader.linear(name + "qkv", dim, 3 * dim);
    block.proj = reader.linear(name + "proj", dim, dim);
    block.norm2 = reader.norm(name + "norm2", dim);
    block.fc1 = reader.linear(name + "fc1", dim, model.mlp_hidden);
    block.fc2 = reader.linear(name + "fc2", model.mlp_hidden, dim);
    return block;
}

} // namespace

FloatNetwork float_network(const Safetensors& file,
                           const workload::Model& model,
                           const workload::Schedule& schedule)
{
    if (auto violations = unsupported(model, schedule); !violations.empty())
        throw config::Error{std::move(violations)};
    const auto dim = model.embed_dim;
    Reader reader{file};
    FloatNetwork network;
    network.model = model;
    network.schedule = schedule;
    network.class_tokens = reader.tensor("cls", {1, model.class_tokens, dim});
    network.positions = reader.tensor("pos", {1, model.tokens(), dim});
    network.patch =
        reader.linear("patch", model.patch_size * model.patch_size * model.image_channels, dim);
    network.blocks.reserve(model.depth);
    for (std::uint64_t block = 0; block < model.depth; ++block)
        network.blocks.push_back(read_block(reader, fmt::format("blocks.{}.", block), model));
    network.selectors.reserve(schedule.selectors.size());
    for (std::size_t i = 0; i < schedule.selectors.size(); ++i)
        network.selectors.push_back(
            read_selector(reader, fmt::format("selector.{}.", i), model, schedule));
    network.norm = reader.norm("norm", dim);
    network.head = reader.linear("head", dim, model.classes);
    reader.finish();
    return network;
}

} // namespace heatsim::inference
