// SPDX-License-Identifier: Apache-2.0
#include "sweep/design_moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace heatsim::sweep {

namespace {

using system::Accelerator;
using system::Override;

constexpr double clock_step = 1.25;
constexpr double same_bandwidth = 1.001; // memories that differ by less are the same

/// Every value of a configuration struct by its dotted key, as YAML.
class Flattener final : public config::Visitor {
  public:
    void integer(const char* key,
                 std::uint64_t& value,
                 config::Integers /*range*/,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        add(key, std::to_string(value));
    }
    void real(const char* key,
              double& value,
              config::Reals /*range*/,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {
        add(key, fmt::format("{}", value));
    }
    void boolean(const char* key,
                 bool& value,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        add(key, value ? "true" : "false");
    }
    void text(const char* key,
              std::string& value,
              const char* /*meaning*/,
              config::Presence /*presence*/) override
    {
        add(key, fmt::format("\"{}\"", value));
    }
    void integers(const char* key,
                  std::vector<std::uint64_t>& values,
                  config::Integers /*range*/,
                  const char* /*meaning*/,
                  config::Presence /*presence*/) override
    {
        add(key, fmt::format("[{}]", fmt::join(values, ", ")));
    }
    void scalars(const char* key,
                 std::vector<std::string>& values,
                 const char* /*meaning*/,
                 config::Presence /*presence*/) override
    {
        add(key, fmt::format("[{}]", fmt::join(values, ", ")));
    }
    void check(bool /*holds*/, const char* /*key*/, const std::string& /*expected*/) override {}

    [[nodiscard]] const std::map<std::string, std::string>& values() const { return values_; }

  protected:
    void visit_choice(const char* key,
                      std::size_t& index,
                      const std::vector<std::string>& spellings,
                      const char* /*meaning*/,
                      config::Presence /*presence*/) override
    {
        add(key, spellings[index]);
    }
    bool
    enter_section(const char* key, const char* /*meaning*/, config::Presence /*presence*/) override
    {
        path_.emplace_back(key);
        return true;
    }
    void leave_section() override { path_.pop_back(); }
    bool enter_list(const char* key,
                    std::size_t& /*count*/,
                    const char* /*meaning*/,
                    config::Presence /*presence*/) override
    {
        path_.emplace_back(key);
        return true;
    }
    void leave_list() override { path_.pop_back(); }
    bool enter_item(std::size_t index) override
    {
        path_.push_back(std::to_string(index));
        return true;
    }
    void leave_item() override { path_.pop_back(); }

  private:
    void add(const char* key, std::string value)
    {
        path_.emplace_back(key);
        values_.emplace(fmt::format("{}", fmt::join(path_, ".")), std::move(value));
        path_.pop_back();
    }

    std::vector<std::string> path_;
    std::map<std::string, std::string> values_;
};

[[nodiscard]] std::map<std::string, std::string> values_of(Accelerator accelerator)
{
    Flattener flattener;
    describe(flattener, accelerator);
    return flattener.values();
}

/// Keys of `changed` whose values are not those of `base`, or that `base` does not have.
[[nodiscard]] std::map<std::string, std::string> differences(const Accelerator& base,
                                                             const Accelerator& changed)
{
    const auto old_values = values_of(base);
    auto values = values_of(changed);
    for (const auto& [key, value] : old_values) {
        const auto found = values.find(key);
        if (found != values.end() && found->second == value)
            values.erase(found);
    }
    return values;
}

/// Lets keys follow that depend on others by a rule of the configuration.
void follow(const Accelerator& base, Accelerator& changed)
{
    const auto raise = [](std::uint64_t& value, std::uint64_t least) {
        value = std::max(value, least);
    };
    auto& tile = changed.tile;
    const auto& array = changed.array;
    if (array.macs_per_cycle() > base.array.macs_per_cycle()) {
        raise(tile.input_channels, array.heads * array.spatial_input_channels());
        raise(tile.output_channels, array.heads * array.spatial_output_channels());
    }
    auto& buffers = changed.buffers;
    const bool larger_tile = tile.tokens > base.tile.tokens ||
                             tile.input_channels > base.tile.input_channels ||
                             tile.output_channels > base.tile.output_channels;
    if (!larger_tile && buffers.double_buffered == base.buffers.double_buffered)
        return;
    constexpr std::uint64_t partial_sum_bytes = 4;
    const std::uint64_t slots = buffers.double_buffered ? 2 : 1;
    raise(buffers.input_bytes,
          slots * tile.tokens * tile.input_channels * changed.activation_bytes());
    raise(buffers.weight_bytes,
          slots * tile.input_channels * tile.output_channels * changed.weight_bytes());
    raise(buffers.accumulator_bytes,
          slots * tile.tokens * tile.output_channels * partial_sum_bytes);
    raise(buffers.output_bytes,
          slots * tile.tokens * tile.output_channels * changed.activation_bytes());
}

[[nodiscard]] std::string streams_of(const hw::DmaPortConfig& port)
{
    std::vector<std::string> streams;
    if (port.input)
        streams.emplace_back("input");
    if (port.weight)
        streams.emplace_back("weight");
    if (port.output)
        streams.emplace_back("output");
    return fmt::format("{}", fmt::join(streams, ", "));
}

/// Collects the moves of a design.
class Collector {
  public:
    Collector(const system::RunSetup& setup, const std::vector<Override>& overrides)
        : base_{setup.design.accelerator}
        , board_{setup.design.board}
        , memory_{setup.design.memory}
        , model_{setup.model}
        , has_selectors_{!setup.schedule.selectors.empty()}
        , keeps_memory_{std::any_of(overrides.begin(), overrides.end(), [](const Override& change) {
            return change.key.rfind("memory.", 0) == 0;
        })}
    {}

    [[nodiscard]] std::vector<Move> collect()
    {
        add_array();
        add_tile_and_buffers();
        add_controller();
        add_vector_unit();
        add_layer_norm();
        if (has_selectors_)
            add_token_selector();
        if (base_.dma.engine == hw::DmaEngine::WordSerial)
            add_word_serial();
        else if (base_.memory != system::MemoryModel::Ideal)
            add_memory();
        return std::move(moves_);
    }

  private:
    /// Where a number of the design is.
    using Integer = std::function<std::uint64_t&(Accelerator&)>;
    using Real = std::function<double&(Accelerator&)>;
    using Boolean = std::function<bool&(Accelerator&)>;

    void add_integer(const std::string& key,
                     const std::string& meaning,
                     const Integer& field,
                     std::uint64_t to,
                     MoveDirection direction,
                     MoveNeeds needs)
    {
        const auto from = field(base_);
        if (to == from)
            return;
        Move move;
        move.parameter = key;
        move.meaning = meaning;
        move.from = std::to_string(from);
        move.to = std::to_string(to);
        move.factor = from == 0 ? 0.0 : static_cast<double>(to) / static_cast<double>(from);
        move.direction = direction;
        move.needs = needs;
        move.apply = [field, to](Accelerator& accelerator) { field(accelerator) = to; };
        moves_.push_back(std::move(move));
    }

    /// Twice as much, and half.
    void scale(const std::string& key,
               const std::string& meaning,
               const Integer& field,
               MoveNeeds needs = MoveNeeds::Design)
    {
        const auto value = field(base_);
        if (value == 0)
            return;
        add_integer(key, meaning, field, 2 * value, MoveDirection::More, needs);
        add_integer(key, meaning, field, std::max<std::uint64_t>(value / 2, 1), MoveDirection::Less,
                    needs == MoveNeeds::Board ? needs : MoveNeeds::Design);
    }

    /// Half as long: what faster hardware takes.
    void halve_time(const std::string& key, const std::string& meaning, const Integer& field)
    {
        add_integer(key, meaning, field, field(base_) / 2, MoveDirection::More, MoveNeeds::Design);
    }

    void add_real(const std::string& key,
                  const std::string& meaning,
                  const Real& field,
                  double from,
                  double to,
                  MoveDirection direction,
                  MoveNeeds needs)
    {
        Move move;
        move.parameter = key;
        move.meaning = meaning;
        move.from = fmt::format("{}", from);
        move.to = fmt::format("{}", to);
        move.factor = to / from;
        move.direction = direction;
        move.needs = needs;
        move.apply = [field, to](Accelerator& accelerator) { field(accelerator) = to; };
        moves_.push_back(std::move(move));
    }

    void turn(const std::string& key, const std::string& meaning, const Boolean& field, bool to)
    {
        if (field(base_) == to)
            return;
        add_choice(key, meaning, to ? "false" : "true", to ? "true" : "false",
                   [field, to](Accelerator& accelerator) { field(accelerator) = to; });
    }

    void add_choice(const std::string& key,
                    const std::string& meaning,
                    const std::string& from,
                    const std::string& to,
                    std::function<void(Accelerator&)> apply,
                    MoveNeeds needs = MoveNeeds::Design)
    {
        Move move;
        move.parameter = key;
        move.meaning = meaning;
        move.from = from;
        move.to = to;
        move.direction = MoveDirection::Choice;
        move.needs = needs;
        move.apply = std::move(apply);
        moves_.push_back(std::move(move));
    }

    void add_array()
    {
        const auto clock = [](Accelerator& a) -> double& { return a.clock_mhz; };
        const auto mhz = base_.clock_mhz;
        add_real("clock_mhz", "fabric clock", clock, mhz, mhz * clock_step, MoveDirection::More,
                 MoveNeeds::Timing);
        add_real("clock_mhz", "fabric clock", clock, mhz, mhz / clock_step, MoveDirection::Less,
                 MoveNeeds::Design);
        scale("array.heads", "parallel heads of the array",
              [](Accelerator& a) -> std::uint64_t& { return a.array.heads; });
        if (base_.array.style == hw::ArrayStyle::BroadcastTree) {
            const auto first = moves_.size();
            scale("array.input_channels", "input channels per cycle of the array",
                  [](Accelerator& a) -> std::uint64_t& { return a.array.input_channels; });
            for (auto i = first; i < moves_.size(); ++i)
                deepen(moves_[i]);
            scale("array.output_channels", "output channels per cycle of the array",
                  [](Accelerator& a) -> std::uint64_t& { return a.array.output_channels; });
        } else {
            scale("array.rows", "rows of the array",
                  [](Accelerator& a) -> std::uint64_t& { return a.array.rows; });
            scale("array.columns", "columns of the array",
                  [](Accelerator& a) -> std::uint64_t& { return a.array.columns; });
        }
        turn(
            "array.overlap", "the next tile enters while the last one drains",
            [](Accelerator& a) -> bool& { return a.array.overlap; }, true);
        if (base_.array.heads > 1)
            for (const auto& lanes : hw::head_lanes_names)
                if (lanes.value != base_.array.dense_lanes)
                    add_choice("array.dense_lanes",
                               "what the parallel heads share in a GEMM without heads",
                               config::name_of(base_.array.dense_lanes, hw::head_lanes_names),
                               lanes.name,
                               [lanes](Accelerator& a) { a.array.dense_lanes = lanes.value; });
    }

    /// An adder tree of twice the inputs has one more level, of half the inputs one less.
    static void deepen(Move& move)
    {
        const bool more = move.direction == MoveDirection::More;
        move.apply = [apply = move.apply, more](Accelerator& a) {
            apply(a);
            auto& depth = a.array.pipeline_depth_cycles;
            depth = more ? depth + 1 : depth - std::min<std::uint64_t>(depth, 1);
        };
    }

    void add_tile_and_buffers()
    {
        scale("tile.tokens", "token rows of a tile",
              [](Accelerator& a) -> std::uint64_t& { return a.tile.tokens; });
        scale("tile.input_channels", "input channels of a tile",
              [](Accelerator& a) -> std::uint64_t& { return a.tile.input_channels; });
        scale("tile.output_channels", "output channels of a tile",
              [](Accelerator& a) -> std::uint64_t& { return a.tile.output_channels; });
        scale("buffers.accumulator_bytes", "partial sums",
              [](Accelerator& a) -> std::uint64_t& { return a.buffers.accumulator_bytes; });
        scale("buffers.output_bytes", "tiles waiting to be stored",
              [](Accelerator& a) -> std::uint64_t& { return a.buffers.output_bytes; });
        turn(
            "buffers.double_buffered", "the next tile is loaded under the current one",
            [](Accelerator& a) -> bool& { return a.buffers.double_buffered; }, true);
        if (base_.memory == system::MemoryModel::Ideal)
            return; // the others save transfers, which take no time
        scale("buffers.input_bytes", "input tiles",
              [](Accelerator& a) -> std::uint64_t& { return a.buffers.input_bytes; });
        scale("buffers.weight_bytes", "weight tiles",
              [](Accelerator& a) -> std::uint64_t& { return a.buffers.weight_bytes; });
        const auto activations = [](Accelerator& a) -> std::uint64_t& {
            return a.buffers.activation_bytes;
        };
        const char* const meaning = "whole tensors that stay on chip";
        if (base_.buffers.activation_bytes == 0)
            add_integer("buffers.activation_bytes", meaning, activations, largest_tensor_bytes(),
                        MoveDirection::More, MoveNeeds::Design);
        else
            scale("buffers.activation_bytes", meaning, activations);
        turn(
            "buffers.reuse", "a tile still in its buffer is not fetched again",
            [](Accelerator& a) -> bool& { return a.buffers.reuse; }, true);
    }

    /// Room for the output of FC1, the largest tensor of a block, as a power of two.
    [[nodiscard]] std::uint64_t largest_tensor_bytes() const
    {
        std::uint64_t bytes = 1;
        while (bytes < model_.tokens() * model_.mlp_hidden * base_.activation_bytes())
            bytes *= 2;
        return bytes;
    }

    void add_controller()
    {
        const auto order = base_.controller.loop_order;
        if (order != hw::LoopOrder::LeastTraffic)
            add_choice(
                "controller.loop_order", "order of the tile loops",
                config::name_of(order, hw::loop_order_names), "least_traffic",
                [](Accelerator& a) { a.controller.loop_order = hw::LoopOrder::LeastTraffic; });
        turn(
            "controller.prefetch_weights",
            "weights of the next operator are fetched under the current one",
            [](Accelerator& a) -> bool& { return a.controller.prefetch_weights; }, true);
        halve_time("controller.operator_cycles", "set-up of an operator",
                   [](Accelerator& a) -> std::uint64_t& { return a.controller.operator_cycles; });
    }

    void add_vector_unit()
    {
        scale("vector_unit.lanes", "lanes of GELU, residual and means",
              [](Accelerator& a) -> std::uint64_t& { return a.vector_unit.lanes; });
        scale("vector_unit.requantize_lanes", "lanes between accumulator and store",
              [](Accelerator& a) -> std::uint64_t& { return a.vector_unit.requantize_lanes; });
        scale("vector_unit.softmax_engines", "softmax rows in parallel",
              [](Accelerator& a) -> std::uint64_t& { return a.vector_unit.softmax_engines; });
        scale("vector_unit.softmax_lanes", "elements per cycle of a softmax engine",
              [](Accelerator& a) -> std::uint64_t& { return a.vector_unit.softmax_lanes; });
        turn(
            "vector_unit.fuse_gelu", "GELU on the output tile",
            [](Accelerator& a) -> bool& { return a.vector_unit.fuse_gelu; }, true);
        turn(
            "vector_unit.fuse_residual", "residual on the output tile",
            [](Accelerator& a) -> bool& { return a.vector_unit.fuse_residual; }, true);
        turn(
            "vector_unit.fuse_softmax", "softmax on the output tile",
            [](Accelerator& a) -> bool& { return a.vector_unit.fuse_softmax; }, true);
    }

    void add_layer_norm()
    {
        using system::LayerNormPlace;
        if (base_.layer_norm == LayerNormPlace::Fabric) {
            scale("vector_unit.layer_norm_lanes", "lanes of LayerNorm",
                  [](Accelerator& a) -> std::uint64_t& { return a.vector_unit.layer_norm_lanes; });
            if (board_.processing_system)
                add_choice("layer_norm", "where LayerNorm runs", "fabric", "host",
                           [](Accelerator& a) { a.layer_norm = LayerNormPlace::Host; });
            return;
        }
        add_choice("layer_norm", "where LayerNorm runs; lanes as the vector unit has", "host",
                   "fabric", [](Accelerator& a) {
                       a.layer_norm = LayerNormPlace::Fabric;
                       auto& lanes = a.vector_unit.layer_norm_lanes;
                       lanes = std::max(lanes, a.vector_unit.lanes);
                   });
        scale(
            "host.cores", "CPU cores that share LayerNorm",
            [](Accelerator& a) -> std::uint64_t& { return a.host.cores; }, MoveNeeds::Board);
        const auto latency_us = base_.host.interrupt_latency_us;
        if (latency_us > 0.0)
            add_real(
                "host.interrupt_latency_us", "fabric to software and back",
                [](Accelerator& a) -> double& { return a.host.interrupt_latency_us; }, latency_us,
                latency_us / 2, MoveDirection::More, MoveNeeds::Board);
    }

    void add_token_selector()
    {
        scale("token_selector.compact_lanes", "lanes that move kept tokens",
              [](Accelerator& a) -> std::uint64_t& { return a.token_selector.compact_lanes; });
        scale("token_selector.package_lanes", "lanes that sum the package token",
              [](Accelerator& a) -> std::uint64_t& { return a.token_selector.package_lanes; });
        scale("token_selector.compare_lanes", "scores compared at once",
              [](Accelerator& a) -> std::uint64_t& { return a.token_selector.compare_lanes; });
        halve_time(
            "token_selector.score_token_cycles", "score of a token",
            [](Accelerator& a) -> std::uint64_t& { return a.token_selector.score_token_cycles; });
    }

    void add_word_serial()
    {
        scale("dma.word_serial.word_bytes", "bytes of a memory word",
              [](Accelerator& a) -> std::uint64_t& { return a.dma.word_serial.word_bytes; });
        halve_time(
            "dma.word_serial.read_word_cycles", "each word of a tile load",
            [](Accelerator& a) -> std::uint64_t& { return a.dma.word_serial.read_word_cycles; });
        halve_time(
            "dma.word_serial.read_request_cycles", "set-up of a row of a tile load",
            [](Accelerator& a) -> std::uint64_t& { return a.dma.word_serial.read_request_cycles; });
        halve_time(
            "dma.word_serial.write_word_cycles", "each word of a tile store",
            [](Accelerator& a) -> std::uint64_t& { return a.dma.word_serial.write_word_cycles; });
        halve_time("dma.word_serial.stream_read_word_cycles", "each word read outside the array",
                   [](Accelerator& a) -> std::uint64_t& {
                       return a.dma.word_serial.stream_read_word_cycles;
                   });
    }

    void add_memory()
    {
        for (std::size_t i = 0; i < base_.dma.ports.size(); ++i)
            add_port(i);
        scale("dma.burst_beats", "longest AXI burst in beats",
              [](Accelerator& a) -> std::uint64_t& { return a.dma.burst_beats; });
        scale("dma.outstanding_reads", "read bursts in flight per port",
              [](Accelerator& a) -> std::uint64_t& { return a.dma.outstanding_reads; });
        scale("dma.outstanding_writes", "write bursts in flight per port",
              [](Accelerator& a) -> std::uint64_t& { return a.dma.outstanding_writes; });
        if (base_.memory == system::MemoryModel::Board) {
            add_board_memories();
            return;
        }
        scale(
            "throttled_memory.bytes_per_cycle", "data bus of the memory",
            [](Accelerator& a) -> std::uint64_t& { return a.throttled_memory.bytes_per_cycle; },
            MoveNeeds::Board);
        add_integer(
            "throttled_memory.latency_cycles", "latency of the memory",
            [](Accelerator& a) -> std::uint64_t& { return a.throttled_memory.latency_cycles; },
            std::max<std::uint64_t>(base_.throttled_memory.latency_cycles / 2, 1),
            MoveDirection::More, MoveNeeds::Board);
    }

    void add_port(std::size_t index)
    {
        const auto& port = base_.dma.ports[index];
        const auto name = fmt::format("AXI port {} ({})", port.name, streams_of(port));
        const auto key = [index](const char* field) {
            return fmt::format("dma.ports.{}.{}", index, field);
        };
        const Integer width = [index](Accelerator& a) -> std::uint64_t& {
            return a.dma.ports[index].width_bits;
        };
        const auto bits = port.width_bits;
        add_integer(key("width_bits"), fmt::format("width of {}", name), width, 2 * bits,
                    MoveDirection::More,
                    2 * bits > widest_port_bits() ? MoveNeeds::Board : MoveNeeds::Design);
        add_integer(key("width_bits"), fmt::format("width of {}", name), width, bits / 2,
                    MoveDirection::Less, MoveNeeds::Design);
        const auto mhz = port.clock_mhz > 0.0 ? port.clock_mhz : base_.clock_mhz;
        const Real clock = [index](Accelerator& a) -> double& {
            return a.dma.ports[index].clock_mhz;
        };
        add_real(key("clock_mhz"), fmt::format("clock of {}", name), clock, mhz, 2 * mhz,
                 MoveDirection::More, MoveNeeds::Timing);
        add_real(key("clock_mhz"), fmt::format("clock of {}", name), clock, mhz, mhz / 2,
                 MoveDirection::Less, MoveNeeds::Design);
        const auto& shared = port.controller_port;
        const auto same = [&shared](const hw::DmaPortConfig& other) {
            return other.controller_port == shared;
        };
        const auto& ports = base_.dma.ports;
        if (!shared.empty() && std::count_if(ports.begin(), ports.end(), same) > 1)
            add_choice(key("controller_port"),
                       fmt::format("port of the memory controller of {}", name), shared,
                       "one of its own",
                       [index](Accelerator& a) { a.dma.ports[index].controller_port.clear(); });
    }

    /// HP ports of a processing system: 128 bit on UltraScale+ (UG1085, PS-PL AXI interfaces), 64
    /// bit on Zynq-7000 (UG585, AXI_HP interfaces). In the fabric any.
    [[nodiscard]] std::uint64_t widest_port_bits() const
    {
        constexpr std::uint64_t ultrascale_bits = 128;
        constexpr std::uint64_t series_7_bits = 64;
        constexpr std::uint64_t any_bits = 1024;
        if (!board_.processing_system)
            return any_bits;
        return board_.dsp_slice == system::DspSlice::Dsp48e2 ? ultrascale_bits : series_7_bits;
    }

    /// The next faster one, the next with twice the bandwidth, and the next slower one.
    void add_board_memories()
    {
        if (keeps_memory_)
            return;
        const auto peak = memory_.peak_bandwidth_bytes_per_s();
        std::optional<std::pair<std::string, double>> faster;
        std::optional<std::pair<std::string, double>> doubled;
        std::optional<std::pair<std::string, double>> slower;
        for (const auto& name : system::catalog_names(system::ConfigKind::Memory)) {
            const auto other = system::load_memory(name, {}).peak_bandwidth_bytes_per_s();
            const auto take_least = [&](auto& best) {
                if (!best || other < best->second)
                    best = {name, other};
            };
            if (other > peak * same_bandwidth)
                take_least(faster);
            if (other * same_bandwidth >= 2 * peak)
                take_least(doubled);
            if (other * same_bandwidth < peak && (!slower || other > slower->second))
                slower = {name, other};
        }
        if (faster)
            add_board_memory(faster->first, faster->second / peak, MoveDirection::More);
        if (doubled && doubled->first != faster->first)
            add_board_memory(doubled->first, doubled->second / peak, MoveDirection::More);
        if (slower)
            add_board_memory(slower->first, slower->second / peak, MoveDirection::Less);
    }

    void add_board_memory(const std::string& name, double factor, MoveDirection direction)
    {
        Move move;
        move.parameter = "board.memory";
        move.meaning = "external memory, by its bandwidth";
        move.from = memory_.name;
        move.to = name;
        move.factor = factor;
        move.direction = direction;
        move.needs = MoveNeeds::Board;
        move.board_changes.emplace_back("board.memory", name);
        moves_.push_back(std::move(move));
    }

    Accelerator base_;
    const system::Board& board_;
    const hw::DdrConfig& memory_;
    const workload::Model& model_;
    const bool has_selectors_;
    const bool keeps_memory_;
    std::vector<Move> moves_;
};

} // namespace

std::vector<Move> moves_of(const system::RunSetup& setup, const std::vector<Override>& overrides)
{
    return Collector{setup, overrides}.collect();
}

std::vector<Override> changes_of(const Accelerator& base, const std::vector<const Move*>& moves)
{
    auto changed = base;
    std::vector<Override> changes;
    for (const auto* move : moves) {
        if (move->apply)
            move->apply(changed);
        changes.insert(changes.end(), move->board_changes.begin(), move->board_changes.end());
    }
    follow(base, changed);
    const auto values = differences(base, changed);
    for (const auto* move : moves) {
        if (!move->apply)
            continue;
        auto alone = base;
        move->apply(alone);
        for (const auto& [key, value] : differences(base, alone)) {
            const auto found = values.find(key);
            if (key == move->parameter && (found == values.end() || found->second != value))
                return {};
        }
    }
    changes.reserve(changes.size() + values.size());
    for (const auto& [key, value] : values)
        changes.emplace_back(key, value);
    return changes;
}

std::vector<Override> ideal_memory_of(const Accelerator& base)
{
    if (base.dma.engine != hw::DmaEngine::WordSerial) {
        if (base.memory == system::MemoryModel::Ideal)
            return {};
        return {{"memory", "ideal"}};
    }
    auto ideal = base;
    auto& costs = ideal.dma.word_serial;
    for (auto* cycles : {&costs.read_request_cycles, &costs.read_word_cycles,
                         &costs.write_request_cycles, &costs.write_word_cycles, &costs.phase_cycles,
                         &costs.stream_read_request_cycles, &costs.stream_read_word_cycles,
                         &costs.stream_write_request_cycles, &costs.stream_write_word_cycles})
        *cycles = 0;
    const auto values = differences(base, ideal);
    std::vector<Override> changes;
    changes.reserve(values.size());
    for (const auto& [key, value] : values)
        changes.emplace_back(key, value);
    return changes;
}

} // namespace heatsim::sweep
