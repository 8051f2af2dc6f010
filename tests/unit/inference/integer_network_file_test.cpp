// SPDX-License-Identifier: Apache-2.0
#include "config/text_file.hpp"
#include "inference/integer_network_file.hpp"
#include "support/messages.hpp"
#include "support/random_network.hpp"
#include "support/temporary_folder.hpp"
#include "support/tensor_draft.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace heatsim::inference {

// every field of every operator, one by one

static bool same(const numerics::RequantizeScale& a, const numerics::RequantizeScale& b)
{
    return a.multiplier == b.multiplier && a.shift == b.shift;
}

static bool same(const numerics::Format& a, const numerics::Format& b)
{
    return a.bits == b.bits && a.fraction == b.fraction;
}

static bool same(const numerics::NormParameter& a, const numerics::NormParameter& b)
{
    return a.mantissa == b.mantissa && a.exponent == b.exponent;
}

static bool same(const numerics::AddUnit& a, const numerics::AddUnit& b)
{
    return std::tie(a.multiplier_a, a.multiplier_b, a.shift) ==
           std::tie(b.multiplier_a, b.multiplier_b, b.shift);
}

template <typename T>
static bool same(const std::vector<T>& a, const std::vector<T>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const T& x, const T& y) { return same(x, y); });
}

static bool same(const Linear& a, const Linear& b)
{
    return std::tie(a.heads, a.inputs, a.outputs, a.weights, a.bias) ==
               std::tie(b.heads, b.inputs, b.outputs, b.weights, b.bias) &&
           same(a.requantize, b.requantize);
}

static bool same(const Product& a, const Product& b)
{
    return same(a.requantize, b.requantize);
}

static bool same(const numerics::LayerNormUnit& a, const numerics::LayerNormUnit& b)
{
    return a.multipliers == b.multipliers && a.epsilon == b.epsilon && same(a.scale, b.scale) &&
           same(a.shift, b.shift);
}

static bool same(const Gelu& a, const Gelu& b)
{
    return a.unit.delta == b.unit.delta && same(a.unit.input, b.unit.input) &&
           same(a.unit.output, b.unit.output) && same(a.requantize, b.requantize);
}

static bool same(const Softmax& a, const Softmax& b)
{
    return a.unit.delta == b.unit.delta && same(a.unit.input, b.unit.input) &&
           same(a.unit.output, b.unit.output);
}

static bool same(const Sigmoid& a, const Sigmoid& b)
{
    return same(a.unit.input, b.unit.input) && same(a.unit.output, b.unit.output);
}

static bool same(const Add& a, const Add& b)
{
    return same(a.channels, b.channels) && a.constant == b.constant;
}

static bool same(const ChannelMean& a, const ChannelMean& b)
{
    return std::tie(a.unit.groups, a.unit.multipliers, a.unit.shift) ==
           std::tie(b.unit.groups, b.unit.multipliers, b.unit.shift);
}

namespace {

using test::messages_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

bool same_networks(const IntegerNetwork& a, const IntegerNetwork& b)
{
    if (std::tie(a.model, a.schedule, a.pixels.mean, a.pixels.deviation, a.pixels.scale,
                 a.class_tokens, a.logit_scale, a.keep_threshold, a.provenance) !=
            std::tie(b.model, b.schedule, b.pixels.mean, b.pixels.deviation, b.pixels.scale,
                     b.class_tokens, b.logit_scale, b.keep_threshold, b.provenance) ||
        a.operators.size() != b.operators.size())
        return false;
    return std::equal(a.operators.begin(), a.operators.end(), b.operators.begin(),
                      [](const auto& x, const auto& y) {
                          return x.first == y.first && x.second.index() == y.second.index() &&
                                 std::visit(
                                     [&](const auto& numbers) {
                                         return same(
                                             numbers,
                                             std::get<std::decay_t<decltype(numbers)>>(y.second));
                                     },
                                     x.second);
                      });
}

using Draft = test::TensorDraft;

class IntegerNetworkFile : public testing::Test {
  protected:
    [[nodiscard]] IntegerNetwork read(const std::string& bytes) const
    {
        return read_integer_network(Safetensors::parse(bytes, "net.safetensors"), model, schedule);
    }
    /// Messages about the file with one change.
    [[nodiscard]] std::vector<std::string> refused(const std::function<void(Draft&)>& change) const
    {
        Draft draft{bytes_of(network)};
        change(draft);
        return messages_of([&] { (void)read(draft.bytes()); });
    }

    workload::Model model = test::toy_model();
    workload::Schedule schedule = test::toy_schedule(workload::SelectorMlp1::Split,
                                                     workload::SelectorWeights::PerHead,
                                                     workload::ScoredTokens::Patches,
                                                     true);
    IntegerNetwork network = test::random_network(model, schedule, 1);
};

TEST_F(IntegerNetworkFile, GivesTheNetworkBack)
{
    for (const auto weights :
         {workload::SelectorWeights::PerHead, workload::SelectorWeights::Shared})
        for (const bool norm : {true, false}) {
            schedule = test::toy_schedule(workload::SelectorMlp1::Half, weights,
                                          workload::ScoredTokens::All, norm);
            network = test::random_network(model, schedule, 7);
            network.provenance["calibration set"] = "1,000 images, \"train\"";
            network.logit_scale = 0.1 + 0.2;
            const auto bytes = bytes_of(network);
            const auto again = read(bytes);
            EXPECT_TRUE(same_networks(again, network));
            EXPECT_EQ(bytes_of(again), bytes);
        }
    const workload::Schedule dense;
    EXPECT_TRUE(same_networks(
        read_integer_network(
            Safetensors::parse(bytes_of(test::random_network(model, dense, 1)), "dense"), model,
            dense),
        test::random_network(model, dense, 1)));
}

TEST_F(IntegerNetworkFile, HoldsEveryField)
{
    const auto linear = [](IntegerNetwork& n) -> Linear& {
        return std::get<Linear>(n.operators.at("selector.2.mlp2.fc1"));
    };
    const auto norm = [](IntegerNetwork& n) -> numerics::LayerNormUnit& {
        return std::get<numerics::LayerNormUnit>(n.operators.at("selector.1.norm"));
    };
    const auto gelu = [](IntegerNetwork& n) -> Gelu& {
        return std::get<Gelu>(n.operators.at("blocks.2.mlp.gelu"));
    };
    const auto softmax = [](IntegerNetwork& n) -> numerics::SoftmaxUnit& {
        return std::get<Softmax>(n.operators.at("blocks.1.attn.softmax")).unit;
    };
    const auto sum = [](IntegerNetwork& n) -> Add& {
        return std::get<Add>(n.operators.at("patch_embed.position"));
    };
    const auto mean = [](IntegerNetwork& n) -> numerics::ChannelMeanUnit& {
        return std::get<ChannelMean>(n.operators.at("selector.2.channel_mean")).unit;
    };
    const auto product = [](IntegerNetwork& n) -> numerics::RequantizeScale& {
        return std::get<Product>(n.operators.at("blocks.2.attn.av")).requantize;
    };
    const std::vector<std::function<void(IntegerNetwork&)>> changes{
        [](IntegerNetwork& n) { n.pixels.mean[1] += 1e-9; },
        [](IntegerNetwork& n) { n.pixels.deviation[0] *= 1.0000001; },
        [](IntegerNetwork& n) { n.pixels.scale *= 2.0; },
        [](IntegerNetwork& n) { n.class_tokens.back() ^= 1; },
        [](IntegerNetwork& n) { n.logit_scale *= 2.0; },
        [](IntegerNetwork& n) { n.keep_threshold = 127; },
        [](IntegerNetwork& n) { n.provenance["seed"] = "2"; },
        [](IntegerNetwork& n) { n.provenance["more"] = ""; },
        [&](IntegerNetwork& n) { linear(n).weights.back() ^= 1; },
        [&](IntegerNetwork& n) { linear(n).weights.front() ^= 1; },
        [&](IntegerNetwork& n) { linear(n).bias.back() ^= 1; },
        [&](IntegerNetwork& n) { linear(n).requantize.back().multiplier ^= 1; },
        [&](IntegerNetwork& n) { linear(n).requantize.back().shift ^= 1; },
        [&](IntegerNetwork& n) { product(n).multiplier ^= 1; },
        [&](IntegerNetwork& n) { product(n).shift ^= 1; },
        [&](IntegerNetwork& n) { norm(n).multipliers.back() ^= 1; },
        [&](IntegerNetwork& n) { norm(n).epsilon = std::uint64_t{1} << 40U; },
        [&](IntegerNetwork& n) { norm(n).scale.back().mantissa ^= 1; },
        [&](IntegerNetwork& n) { norm(n).scale.back().exponent ^= 1; },
        [&](IntegerNetwork& n) { norm(n).shift.back().mantissa ^= 1; },
        [&](IntegerNetwork& n) { norm(n).shift.back().exponent ^= 1; },
        [&](IntegerNetwork& n) { gelu(n).unit.delta = 77; },
        [&](IntegerNetwork& n) { gelu(n).unit.input.fraction = 9; },
        [&](IntegerNetwork& n) { gelu(n).requantize.multiplier ^= 1; },
        [&](IntegerNetwork& n) { gelu(n).requantize.shift ^= 1; },
        [&](IntegerNetwork& n) { softmax(n).delta = 77; },
        [&](IntegerNetwork& n) { softmax(n).input.fraction = 9; },
        [&](IntegerNetwork& n) { softmax(n).output.fraction = 8; },
        [](IntegerNetwork& n) {
            std::get<Softmax>(n.operators.at("selector.1.softmax")).unit.input.fraction = 2;
        },
        [](IntegerNetwork& n) {
            std::get<Sigmoid>(n.operators.at("selector.1.mlp3.sigmoid")).unit.input.fraction = 2;
        },
        [&](IntegerNetwork& n) { sum(n).channels.back().multiplier_a ^= 1; },
        [&](IntegerNetwork& n) { sum(n).channels.back().multiplier_b ^= 1; },
        [&](IntegerNetwork& n) { sum(n).channels.back().shift ^= 1; },
        [&](IntegerNetwork& n) { sum(n).constant.back() ^= 1; },
        [&](IntegerNetwork& n) { mean(n).multipliers.back() ^= 1; },
        [&](IntegerNetwork& n) { mean(n).shift ^= 1; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto changed = network;
        changes[i](changed);
        ASSERT_FALSE(same_networks(changed, network)) << i;
        EXPECT_TRUE(same_networks(read(bytes_of(changed)), changed)) << i;
    }
}

TEST_F(IntegerNetworkFile, FormatItCannotHoldIsNotWritten)
{
    std::get<Gelu>(network.operators.at("blocks.1.mlp.gelu")).unit.output = {8, 4};
    EXPECT_THROW((void)bytes_of(network), std::logic_error);
}

TEST_F(IntegerNetworkFile, LoadsFromAFile)
{
    const test::TemporaryFolder folder;
    const auto path = (folder.path() / "net.safetensors").string();
    std::ofstream{path, std::ios::binary} << bytes_of(network);
    EXPECT_TRUE(same_networks(load_integer_network(path, model, schedule), network));
    EXPECT_THAT(messages_of([&] { (void)load_integer_network(path + "x", model, schedule); }),
                testing::SizeIs(1));
}

TEST_F(IntegerNetworkFile, FloatsAreSentToQuantize)
{
    SafetensorsWriter floats;
    floats.add<float>("norm.weight", {2}, {1.0F, 2.0F});
    EXPECT_THAT(messages_of([&] { (void)read(floats.bytes()); }),
                ElementsAre("net.safetensors: weights in 32-bit floats; expected a file of "
                            "`heatsim quantize`, which makes one of such weights"));
    EXPECT_THAT(messages_of([&] { (void)read(SafetensorsWriter{}.bytes()); }),
                ElementsAre(HasSubstr("not a quantized network")));
}

TEST_F(IntegerNetworkFile, AnotherVersionModelOrScheduleIsRefused)
{
    EXPECT_THAT(refused([](Draft& d) { d.metadata["heatsim_integer_network"] = "2"; }),
                ElementsAre("net.safetensors: heatsim_integer_network: '2'; expected '1'"));
    EXPECT_THAT(refused([](Draft& d) { d.metadata["model"] = "deit_t"; }),
                ElementsAre("net.safetensors: model: 'deit_t'; expected 'toy'"));
    EXPECT_THAT(refused([](Draft& d) { d.metadata["schedule"] = "dense"; }),
                ElementsAre("net.safetensors: schedule: 'dense'; expected 'toy_schedule'"));
    EXPECT_THAT(refused([](Draft& d) { d.metadata.erase("model"); }),
                ElementsAre(HasSubstr("model: no such metadata; expected 'toy'")));
}

TEST_F(IntegerNetworkFile, MissingAndUnknownTensorsAreRefused)
{
    EXPECT_THAT(refused([](Draft& d) {
                    auto node = d.tensors.extract("blocks.1.attn.qkv.weight");
                    node.key() = "blocks.1.attn.qvk.weight";
                    d.tensors.insert(std::move(node));
                }),
                ElementsAre("net.safetensors: blocks.1.attn.qkv.weight: no such tensor; expected "
                            "I8 [72, 24]; did you mean 'blocks.1.attn.qvk.weight'?",
                            "net.safetensors: blocks.1.attn.qvk.weight: I8 [72, 24] that nothing "
                            "reads; expected the tensors of the network only"));
    // every tensor and every key is needed
    const Draft whole{bytes_of(network)};
    for (const auto& tensor : whole.tensors) {
        if (config::starts_with(tensor.first, "blocks.2") ||
            config::starts_with(tensor.first, "selector.2"))
            continue; // like the first
        EXPECT_THAT(refused([&](Draft& d) { d.tensors.erase(tensor.first); }),
                    ElementsAre(HasSubstr(tensor.first + ": no such tensor")));
    }
    for (const auto& entry : whole.metadata) {
        if (entry.first == "provenance.seed" || entry.first == "heatsim_integer_network")
            continue;
        EXPECT_THAT(refused([&](Draft& d) { d.metadata.erase(entry.first); }),
                    ElementsAre(HasSubstr(entry.first + ": no such metadata")));
    }
    EXPECT_THAT(refused([](Draft& d) { d.metadata["keep_treshold"] = "1"; }),
                ElementsAre("net.safetensors: keep_treshold: metadata that nothing reads; expected "
                            "that of the network only; did you mean 'keep_threshold'?"));
}

TEST_F(IntegerNetworkFile, WrongShapesAndTypesAreRefused)
{
    EXPECT_THAT(refused([](Draft& d) {
                    d.tensors.at("blocks.1.attn.qkv.weight").shape = {24, 72};
                }),
                ElementsAre(HasSubstr("I8 [24, 72]; expected I8 [72, 24]")));
    EXPECT_THAT(
        refused([](Draft& d) { d.tensors.at("blocks.1.attn.qkv.shift").type = DataType::I8; }),
        ElementsAre(HasSubstr("I8 [72]; expected U8 [72]")));
    EXPECT_THAT(refused([](Draft& d) {
                    d.tensors.at("selector.1.mlp1.weight").shape = {24, 8};
                }),
                ElementsAre(HasSubstr("I8 [24, 8]; expected I8 [3, 8, 8]")));
}

TEST_F(IntegerNetworkFile, ValuesOutsideTheirRangesAreRefused)
{
    const auto expect = [&](const std::string& tensor, auto value, const std::string& message) {
        EXPECT_THAT(refused([&](Draft& d) { d.set(tensor, 0, value); }),
                    ElementsAre("net.safetensors: " + tensor + ": value 0 is " + message));
    };
    using I8 = std::int8_t;
    using U8 = std::uint8_t;
    using I16 = std::int16_t;
    const std::string block = "blocks.1.";
    expect(block + "attn.qkv.weight", I8{-128}, "-128; expected -127 to 127");
    expect(block + "attn.qkv.multiplier", I16{16383}, "16383; expected 16384 to 32767");
    expect(block + "attn.qkv.shift", U8{0}, "0; expected 1 to 47");
    expect(block + "attn.qkv.shift", U8{48}, "48; expected 1 to 47");
    expect(block + "attn.av.multiplier", I16{-16384}, "-16384; expected 16384 to 32767");
    expect(block + "mlp.gelu.shift", U8{255}, "255; expected 1 to 47");
    expect(block + "norm1.multiplier", I16{0}, "0; expected 1 to 32767");
    expect(block + "norm1.scale_mantissa", I8{-128}, "-128; expected -127 to 127");
    expect(block + "norm1.scale_exponent", U8{16}, "16; expected 0 to 15");
    expect(block + "norm1.shift_mantissa", I8{-128}, "-128; expected -127 to 127");
    expect(block + "norm1.shift_exponent", U8{16}, "16; expected 0 to 15");
    expect(block + "residual1.shift", U8{32}, "32; expected 0 to 31");
    expect("selector.1.channel_mean.shift", U8{47}, "47; expected 0 to 46");
    expect("patch_embed.position.constant", I8{-128}, "-128; expected -127 to 127");
    expect("class_tokens", I8{-128}, "-128; expected -127 to 127");
}

TEST_F(IntegerNetworkFile, SumsThatLeaveTheAccumulatorAreRefused)
{
    EXPECT_THAT(
        refused([](Draft& d) { d.set("blocks.2.mlp.fc1.bias", 3, std::int32_t{-67'100'000}); }),
        ElementsAre(HasSubstr("blocks.2.mlp.fc1.bias: output 3 can reach 67")));
    EXPECT_THAT(
        refused([](Draft& d) { d.set("blocks.2.mlp.fc1.bias", 3, std::int32_t{-60'000'000}); }),
        IsEmpty());
}

TEST_F(IntegerNetworkFile, WrongMetadataIsRefused)
{
    const auto expect = [&](const std::string& key, const std::string& value,
                            const std::string& expected) {
        std::string message = "net.safetensors: ";
        message += key;
        message += ": '";
        message += value;
        message += "'; expected ";
        message += expected;
        EXPECT_THAT(refused([&](Draft& d) { d.metadata[key] = value; }), ElementsAre(message));
    };
    const std::string gelu = "blocks.1.mlp.gelu";
    expect(gelu + ".delta", "0", "an integer from 1 to 256");
    expect(gelu + ".delta", "257", "an integer from 1 to 256");
    expect(gelu + ".delta", "1.5", "an integer from 1 to 256");
    expect(gelu + ".input_fraction", "1", "an integer from 2 to 10");
    expect(gelu + ".input_fraction", "11", "an integer from 2 to 10");
    expect("blocks.1.attn.softmax.output_fraction", "32", "an integer from 0 to 31");
    expect("blocks.1.norm1.epsilon", "1099511627777", "an integer from 0 to 1099511627776");
    expect("blocks.1.norm1.epsilon", "-1", "an integer from 0 to 1099511627776");
    expect("keep_threshold", "256", "an integer from 0 to 255");
    expect("pixel_scale", "0", "1 positive number");
    expect("pixel_scale", "inf", "1 positive number");
    expect("logit_scale", "nan", "1 positive number");
    expect("pixel_mean", "0.5", "2 numbers");
    expect("pixel_mean", "0.5,x", "2 numbers");
    expect("pixel_deviation", "0.5,-0.5", "2 positive numbers");
}

TEST_F(IntegerNetworkFile, ScheduleWithoutIntegersIsRefused)
{
    const auto bytes = bytes_of(network);
    schedule.package_token = workload::PackageToken::OnePerSelector;
    EXPECT_THAT(messages_of([&] { (void)read(bytes); }),
                ElementsAre(HasSubstr("schedule.package_token")));
}

TEST_F(IntegerNetworkFile, NamesOfAFewOnly)
{
    const auto messages = refused([](Draft& d) { d.tensors.clear(); });
    EXPECT_EQ(messages.size(), 21U); // and the number of the others
}

} // namespace
} // namespace heatsim::inference
