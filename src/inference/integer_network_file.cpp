// SPDX-License-Identifier: Apache-2.0
#include "inference/integer_network_file.hpp"

#include "config/text_file.hpp"
#include "workload/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace heatsim::inference {

namespace {

using Shape = std::vector<std::uint64_t>;
using workload::Operator;
using workload::OperatorKind;

constexpr const char* version_key = "heatsim_integer_network";
constexpr const char* format_version = "1";
constexpr const char* provenance_prefix = "provenance.";
constexpr numerics::Format score_format{9, numerics::score_fraction};
constexpr numerics::Format sigmoid_format{8, numerics::score_fraction};

/// Both ends are allowed.
struct Range {
    std::int64_t least;
    std::int64_t most;
};
constexpr Range symmetric_int8{-127, 127};
constexpr Range any_int16{-32768, 32767};
constexpr Range any_int32{std::numeric_limits<std::int32_t>::min(),
                          std::numeric_limits<std::int32_t>::max()};
constexpr Range requantize_multiplier{1 << 14, (1 << 15) - 1};
constexpr Range requantize_shift{1, 47};
constexpr Range norm_multiplier{1, 32767};
constexpr Range norm_exponent{0, 15};
constexpr Range norm_epsilon{0, std::int64_t{1} << 40U};
constexpr Range add_shift{0, 31};
constexpr Range mean_shift{0, 46};
constexpr Range delta_range{1, numerics::delta_one};
constexpr Range input_fraction{2, 10}; // int8 within ±32, in steps of 1/1024 or more
constexpr Range softmax_fraction{0, 31};

/// Puts a network into a file.
class NetworkWriter {
  public:
    template <typename T>
    void
    tensor(const std::string& name, const Shape& shape, std::vector<T>& values, Range /*range*/)
    {
        file_.add(name, shape, values);
    }
    template <typename T>
    void integer(const std::string& key, T& value, Range /*range*/)
    {
        file_.set_metadata(key, fmt::to_string(value));
    }
    void real(const std::string& key, double& value)
    {
        file_.set_metadata(key, fmt::to_string(value));
    }
    void reals(const std::string& key, std::vector<double>& values, bool /*positive*/)
    {
        file_.set_metadata(key, fmt::format("{}", fmt::join(values, ",")));
    }
    void text(const std::string& key, const std::string& value) { file_.set_metadata(key, value); }
    /// A format that the file does not say, because no network has another.
    static void fixed(const std::string& name, numerics::Format& found, numerics::Format expected)
    {
        if (found.bits != expected.bits || found.fraction != expected.fraction)
            throw std::logic_error{
                fmt::format("bytes_of: {} has a format of {} bits, {} behind the "
                            "point",
                            name, found.bits, found.fraction)};
    }
    static void check_sums(const std::string& /*name*/, const Linear& /*layer*/) {}

    [[nodiscard]] std::string bytes() const { return file_.bytes(); }

  private:
    SafetensorsWriter file_;
};

/// Takes a network out of a file, and notes what is wrong.
class NetworkReader {
  public:
    explicit NetworkReader(const Safetensors& file)
        : file_{file}
    {}

    template <typename T>
    void tensor(const std::string& name, const Shape& shape, std::vector<T>& values, Range range)
    {
        std::size_t count = 1;
        for (const auto size : shape)
            count *= static_cast<std::size_t>(size);
        values = file_.get<T>(name, shape, violations_);
        if (values.size() != count) { // a violation now
            values.assign(count, T{});
            return;
        }
        const auto bad = std::find_if(values.begin(), values.end(), [range](T value) {
            return std::int64_t{value} < range.least || std::int64_t{value} > range.most;
        });
        if (bad != values.end())
            refuse(name, fmt::format("value {} is {}", bad - values.begin(), std::int64_t{*bad}),
                   fmt::format("{} to {}", range.least, range.most));
    }
    template <typename T>
    void integer(const std::string& key, T& value, Range range)
    {
        const auto* const text = metadata(key, "an integer");
        if (text == nullptr)
            return;
        const auto number = config::to_number<std::int64_t>(*text);
        if (number && *number >= range.least && *number <= range.most)
            value = static_cast<T>(*number);
        else
            refuse(key, config::quoted(*text),
                   fmt::format("an integer from {} to {}", range.least, range.most));
    }
    void real(const std::string& key, double& value)
    {
        std::vector<double> one{value};
        reals(key, one, true);
        value = one.front();
    }
    /// As many numbers as there were in `values`.
    void reals(const std::string& key, std::vector<double>& values, bool positive)
    {
        const auto expected =
            fmt::format("{} {}number{}", values.size(), positive ? "positive " : "",
                        values.size() == 1 ? "" : "s");
        const auto* const text = metadata(key, expected);
        if (text == nullptr)
            return;
        const auto pieces = config::split({*text, 0, 0}, ',');
        bool right = pieces.size() == values.size();
        for (std::size_t i = 0; right && i < pieces.size(); ++i) {
            const auto number = config::to_number<double>(pieces[i].text);
            right = number && std::isfinite(*number) && (!positive || *number > 0.0);
            if (right)
                values[i] = *number;
        }
        if (!right)
            refuse(key, config::quoted(*text), expected);
    }
    void text(const std::string& key, const std::string& expected)
    {
        const auto wanted = config::quoted(expected);
        const auto* const found = metadata(key, wanted);
        if (found == nullptr || *found == expected)
            return;
        refuse(key, config::quoted(*found), wanted);
    }
    static void
    fixed(const std::string& /*name*/, numerics::Format& format, numerics::Format expected)
    {
        format = expected;
    }
    /// Whatever the int8 inputs are, the accumulators of requantization hold the sums.
    void check_sums(const std::string& name, const Linear& layer)
    {
        constexpr auto limit = std::int64_t{1} << (numerics::accumulator_bits - 1);
        constexpr std::int64_t largest_input = 128;
        for (std::size_t j = 0; j < layer.bias.size(); ++j) {
            auto sum = std::abs(std::int64_t{layer.bias[j]});
            for (std::size_t k = 0; k < layer.inputs; ++k)
                sum += largest_input * std::abs(int{layer.weights[j * layer.inputs + k]});
            if (sum >= limit) {
                refuse(name + ".bias", fmt::format("output {} can reach {}", j, sum),
                       fmt::format("bias and weights whose sums stay below {}", limit));
                return;
            }
        }
    }

    /// First, alone: without it nothing else is right.
    void version()
    {
        const auto found = file_.metadata().find(version_key);
        if (found == file_.metadata().end()) {
            const auto& tensors = file_.tensors();
            const bool floats = std::any_of(tensors.begin(), tensors.end(), [](const auto& tensor) {
                return tensor.second.type == DataType::F32;
            });
            refuse("", floats ? "weights in 32-bit floats" : "not a quantized network",
                   "a file of `heatsim quantize`, which makes one of such weights");
            finish();
        }
        text(version_key, format_version);
        finish();
    }
    void head(const workload::Model& model, const workload::Schedule& schedule)
    {
        version();
        text("model", model.name);
        text("schedule", schedule.name);
        finish();
    }
    /// \param network gets what the file says of its making
    void rest(IntegerNetwork& network)
    {
        for (const auto& [key, value] : file_.metadata())
            if (config::starts_with(key, provenance_prefix))
                network.provenance.emplace(key.substr(std::string_view{provenance_prefix}.size()),
                                           value);
            else if (asked_.count(key) == 0)
                refuse(key, "metadata that nothing reads", "that of the network only",
                       config::nearest_name(key, {asked_.begin(), asked_.end()}));
        file_.refuse_others(violations_);
        finish();
    }

  private:
    void refuse(std::string key, std::string found, std::string expected, std::string nearest = "")
    {
        violations_.push_back({{file_.name(), 0, 0},
                               std::move(key),
                               std::move(found),
                               std::move(expected),
                               std::move(nearest)});
    }
    const std::string* metadata(const std::string& key, const std::string& expected)
    {
        asked_.insert(key);
        const auto found = file_.metadata().find(key);
        if (found != file_.metadata().end())
            return &found->second;
        std::vector<std::string> keys;
        keys.reserve(file_.metadata().size());
        for (const auto& entry : file_.metadata())
            keys.push_back(entry.first);
        refuse(key, "no such metadata", expected, config::nearest_name(key, keys));
        return nullptr;
    }
    /// \throws config::Error if anything is wrong so far
    void finish()
    {
        config::ViolationList list{file_.name()};
        for (auto& each : violations_)
            list.add(0, 0, std::move(each.key), std::move(each.found), std::move(each.expected),
                     std::move(each.nearest));
        list.throw_if_any();
    }

    const Safetensors& file_;
    std::vector<config::Violation> violations_;
    std::set<std::string> asked_;
};

// What an operator's numbers are in a file, in both directions: a reader is given numbers of the
// right sizes. The lists of a structure's members are files' tensors.

/// One tensor of a member of all `items`. \param member of an item, by reference
template <typename T, typename File, typename Item, typename Member>
void transfer_member(File& file,
                     const std::string& name,
                     const Shape& shape,
                     std::vector<Item>& items,
                     Member member,
                     Range range)
{
    std::vector<T> values;
    values.reserve(items.size());
    for (auto& item : items)
        values.push_back(static_cast<T>(member(item)));
    file.tensor(name, shape, values, range);
    for (std::size_t i = 0; i < items.size(); ++i)
        member(items[i]) = static_cast<std::decay_t<decltype(member(items[i]))>>(values[i]);
}

template <typename File>
void transfer(File& file,
              const std::string& name,
              const Shape& shape,
              std::vector<numerics::RequantizeScale>& scales)
{
    transfer_member<std::int16_t>(
        file, name + ".multiplier", shape, scales,
        [](auto& scale) -> auto& { return scale.multiplier; }, requantize_multiplier);
    transfer_member<std::uint8_t>(
        file, name + ".shift", shape, scales, [](auto& scale) -> auto& { return scale.shift; },
        requantize_shift);
}

template <typename File>
void transfer(File& file, const std::string& name, numerics::RequantizeScale& scale)
{
    std::vector<numerics::RequantizeScale> one{scale};
    transfer(file, name, {}, one);
    scale = one.front();
}

template <typename File>
void transfer(File& file, const std::string& name, Linear& layer)
{
    Shape channels{layer.outputs};
    if (layer.heads > 1)
        channels.insert(channels.begin(), layer.heads);
    auto weights = channels;
    weights.push_back(layer.inputs);
    file.tensor(name + ".weight", weights, layer.weights, symmetric_int8);
    file.tensor(name + ".bias", channels, layer.bias, any_int32);
    transfer(file, name, channels, layer.requantize);
    file.check_sums(name, layer);
}

template <typename File>
void transfer(File& file, const std::string& name, Product& product)
{
    transfer(file, name, product.requantize);
}

template <typename File>
void transfer(File& file, const std::string& name, numerics::LayerNormUnit& unit)
{
    const auto mantissa = [](auto& parameter) -> auto&
    {
        return parameter.mantissa;
    };
    const auto exponent = [](auto& parameter) -> auto&
    {
        return parameter.exponent;
    };
    const Shape channels{unit.channels()};
    file.tensor(name + ".multiplier", {unit.multipliers.size()}, unit.multipliers, norm_multiplier);
    file.integer(name + ".epsilon", unit.epsilon, norm_epsilon);
    transfer_member<std::int8_t>(file, name + ".scale_mantissa", channels, unit.scale, mantissa,
                                 symmetric_int8);
    transfer_member<std::uint8_t>(file, name + ".scale_exponent", channels, unit.scale, exponent,
                                  norm_exponent);
    transfer_member<std::int8_t>(file, name + ".shift_mantissa", channels, unit.shift, mantissa,
                                 symmetric_int8);
    transfer_member<std::uint8_t>(file, name + ".shift_exponent", channels, unit.shift, exponent,
                                  norm_exponent);
}

template <typename File>
void transfer_input(File& file, const std::string& name, numerics::Format& format)
{
    file.fixed(name, format, {8, format.fraction});
    file.integer(name + ".input_fraction", format.fraction, input_fraction);
}

template <typename File>
void transfer(File& file, const std::string& name, Gelu& gelu)
{
    transfer_input(file, name, gelu.unit.input);
    file.fixed(name, gelu.unit.output, numerics::nonlinear_format);
    file.integer(name + ".delta", gelu.unit.delta, delta_range);
    transfer(file, name, gelu.requantize);
}

template <typename File>
void transfer(File& file, const std::string& name, Softmax& softmax)
{
    auto& output = softmax.unit.output;
    transfer_input(file, name, softmax.unit.input);
    file.integer(name + ".delta", softmax.unit.delta, delta_range);
    if (output.bits == score_format.bits) {
        file.fixed(name, output, score_format);
        return;
    }
    file.fixed(name, output, {8, output.fraction});
    file.integer(name + ".output_fraction", output.fraction, softmax_fraction);
}

template <typename File>
void transfer(File& file, const std::string& name, Sigmoid& sigmoid)
{
    transfer_input(file, name, sigmoid.unit.input);
    file.fixed(name, sigmoid.unit.output, sigmoid_format);
}

template <typename File>
void transfer(File& file, const std::string& name, Add& add)
{
    const Shape channels{add.channels.size()};
    transfer_member<std::int16_t>(
        file, name + ".multiplier_a", channels, add.channels,
        [](auto& channel) -> auto& { return channel.multiplier_a; }, any_int16);
    transfer_member<std::int16_t>(
        file, name + ".multiplier_b", channels, add.channels,
        [](auto& channel) -> auto& { return channel.multiplier_b; }, any_int16);
    transfer_member<std::uint8_t>(
        file, name + ".shift", channels, add.channels,
        [](auto& channel) -> auto& { return channel.shift; }, add_shift);
    if (!add.constant.empty())
        file.tensor(name + ".constant",
                    {add.constant.size() / add.channels.size(), add.channels.size()}, add.constant,
                    symmetric_int8);
}

template <typename File>
void transfer(File& file, const std::string& name, ChannelMean& mean)
{
    auto& unit = mean.unit;
    file.tensor(name + ".multiplier", {unit.multipliers.size()}, unit.multipliers, any_int16);
    std::vector<unsigned> one{unit.shift};
    transfer_member<std::uint8_t>(
        file, name + ".shift", {}, one, [](auto& shift) -> auto& { return shift; }, mean_shift);
    unit.shift = one.front();
}

template <typename File>
void transfer(File& file, IntegerNetwork& network, std::size_t channels)
{
    file.reals("pixel_mean", network.pixels.mean, false);
    file.reals("pixel_deviation", network.pixels.deviation, true);
    file.real("pixel_scale", network.pixels.scale);
    file.real("logit_scale", network.logit_scale);
    file.integer("keep_threshold", network.keep_threshold, {0, 255});
    file.tensor("class_tokens", {network.class_tokens.size() / channels, channels},
                network.class_tokens, symmetric_int8);
    for (auto& operator_numbers : network.operators)
        std::visit([&](auto& numbers) { transfer(file, operator_numbers.first, numbers); },
                   operator_numbers.second);
}

/// Numbers of an operator, of the right kind and sizes, or nothing where it has none.
std::optional<OperatorNumbers> sized_numbers(const Operator& op, const workload::Model& model)
{
    if (is_gemm(op.kind)) {
        if (!op.static_weights)
            return Product{};
        Linear layer;
        layer.heads = op.batch;
        layer.inputs = op.k;
        layer.outputs = op.n;
        layer.requantize.resize(op.batch * op.n);
        return layer;
    }
    if (op.kind == OperatorKind::LayerNorm) {
        numerics::LayerNormUnit unit;
        unit.multipliers.resize(op.selector > 0 ? model.heads * op.n : op.n);
        unit.scale.resize(op.n);
        unit.shift.resize(op.n);
        return unit;
    }
    if (op.kind == OperatorKind::Gelu)
        return Gelu{};
    if (op.kind == OperatorKind::Softmax) {
        Softmax softmax;
        if (op.selector > 0)
            softmax.unit.output = score_format;
        return softmax;
    }
    if (op.kind == OperatorKind::Sigmoid)
        return Sigmoid{};
    if (op.kind == OperatorKind::Add) {
        Add add;
        add.channels.resize(op.n);
        if (op.static_weights)
            add.constant.resize(op.c.offset + op.m * op.n); // class tokens lie in front
        return add;
    }
    if (op.kind == OperatorKind::Mean && op.output_rows == 0) { // over channels, not over tokens
        ChannelMean mean;
        mean.unit.groups = static_cast<std::uint32_t>(op.n);
        mean.unit.multipliers.resize(op.k);
        return mean;
    }
    return std::nullopt;
}

} // namespace

std::string bytes_of(const IntegerNetwork& network)
{
    auto copy = network; // both directions share functions that may write
    NetworkWriter file;
    file.text(version_key, format_version);
    file.text("model", network.model);
    file.text("schedule", network.schedule);
    for (const auto& [key, value] : network.provenance)
        file.text(provenance_prefix + key, value);
    transfer(file, copy, network.at<Add>("patch_embed.position").channels.size());
    return file.bytes();
}

IntegerNetwork read_integer_network(const Safetensors& file,
                                    const workload::Model& model,
                                    const workload::Schedule& schedule)
{
    if (auto violations = unsupported_in_integers(model, schedule); !violations.empty())
        throw config::Error{std::move(violations)};
    NetworkReader reader{file};
    reader.head(model, schedule);
    IntegerNetwork network;
    network.model = model.name;
    network.schedule = schedule.name;
    network.pixels.mean.resize(model.image_channels);
    network.pixels.deviation.resize(model.image_channels);
    network.class_tokens.resize(model.class_tokens * model.embed_dim);
    const workload::TokenCounts unpruned(schedule.stages(), model.tokens());
    for (const auto& op : workload::lower(model, schedule, unpruned).operators)
        if (auto numbers = sized_numbers(op, model))
            network.operators.emplace(op.name, std::move(*numbers));
    transfer(reader, network, model.embed_dim);
    reader.rest(network);
    return network;
}

NetworkNames network_names(const std::string& path)
{
    const auto file = Safetensors::load(path);
    NetworkReader{file}.version();
    const auto text_of = [&file](const char* key) {
        const auto found = file.metadata().find(key);
        return found == file.metadata().end() ? std::string{} : found->second;
    };
    return {text_of("model"), text_of("schedule")};
}

IntegerNetwork load_integer_network(const std::string& path,
                                    const workload::Model& model,
                                    const workload::Schedule& schedule)
{
    return read_integer_network(Safetensors::load(path), model, schedule);
}

} // namespace heatsim::inference
