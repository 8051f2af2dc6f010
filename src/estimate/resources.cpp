// SPDX-License-Identifier: Apache-2.0
#include "estimate/resources.hpp"

#include "hw/controller/job.hpp"
#include "units/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace heatsim::estimate {

namespace {

constexpr std::uint64_t byte_bits = 8;
constexpr std::uint64_t sum_bits = 32;

/// Blocks that there is no RTL of, as measured on prototypes with the same yosys flow
/// (docs/models/resources.md).
struct Prototype {
    double luts;
    double flip_flops;
};
/// A processing element that packs two int8 products and splits and adds them every cycle.
constexpr Prototype packed_element{73.0, 80.0};
/// An output-stationary element with one product: everything is in the slice but a byte each way.
constexpr Prototype plain_element{0.0, 16.0};
/// LayerNorm statistics: per lane, and of the unit.
constexpr Prototype statistics_lane{21.3, 16.0};
constexpr Prototype statistics_unit{65.0, 66.0};
constexpr Prototype normalize_lane{38.0, 8.0};
constexpr std::uint64_t normalize_lane_dsps = 2;
constexpr std::uint64_t statistics_lane_dsps = 1;
/// A residual adder with saturation.
constexpr Prototype residual_lane{17.0, 8.0};

[[nodiscard]] double real(std::uint64_t value)
{
    return static_cast<double>(value);
}

[[nodiscard]] FpgaResources times(const Prototype& prototype, std::uint64_t count)
{
    FpgaResources resources;
    resources.luts = prototype.luts * real(count);
    resources.flip_flops = prototype.flip_flops * real(count);
    return resources;
}

[[nodiscard]] FpgaResources times(const FpgaResources& one, std::uint64_t count)
{
    FpgaResources all;
    all.luts = one.luts * real(count);
    all.memory_luts = one.memory_luts * real(count);
    all.flip_flops = one.flip_flops * real(count);
    all.dsps = one.dsps * count;
    all.bram18 = one.bram18 * count;
    all.urams = one.urams * count;
    return all;
}

/// All against all, `lanes` comparisons a cycle: scores in a memory that reads `lanes` of them, a
/// comparator per lane (two bits a LUT with its carry) and one LUT for equal scores, the sum of the
/// comparators' bits, rank and output register. With matching also the largest so far and its
/// place: a multiplexer per bit and lane.
[[nodiscard]] FpgaResources
counted_ranking(std::uint64_t lanes, std::uint64_t tokens, bool matches_tokens)
{
    constexpr std::uint64_t compared_bits_per_lut = 2;
    constexpr std::uint64_t words_per_memory_lut = 64;
    const std::uint64_t place_bits = log2_ceil(tokens);
    FpgaResources resources;
    resources.luts = real(lanes * (byte_bits / compared_bits_per_lut + 1) + lanes + 2 * place_bits);
    if (matches_tokens)
        resources.luts += real(lanes * (byte_bits + place_bits));
    resources.memory_luts =
        real(lanes * byte_bits * ceil_div(ceil_div(tokens, lanes), words_per_memory_lut));
    resources.flip_flops = real(lanes * byte_bits + byte_bits + 3 * place_bits);
    return resources;
}

/// A sum of 16 bits per token in distributed memory, its adder, the remainder and the threshold.
[[nodiscard]] FpgaResources counted_halting(std::uint64_t tokens)
{
    constexpr std::uint64_t halting_sum_bits = 16;
    constexpr std::uint64_t words_per_memory_lut = 64;
    FpgaResources resources;
    resources.luts = real(3 * halting_sum_bits);
    resources.memory_luts = real(halting_sum_bits * ceil_div(tokens, words_per_memory_lut));
    resources.flip_flops = real(2 * halting_sum_bits);
    return resources;
}

/// Largest power of two up to `limit` that divides `value`.
[[nodiscard]] std::uint64_t power_below(std::uint64_t value, std::uint64_t limit)
{
    std::uint64_t power = 1;
    while (power * 2 <= limit && value % (power * 2) == 0)
        power *= 2;
    return power;
}

class Chip {
  public:
    Chip(const ChipShape& shape, const ResourceModel& model)
        : shape_{shape}
        , model_{model}
        , free_urams_{shape.urams}
    {
        settings_.tile = shape.tile;
        settings_.buffers = shape.buffers;
        settings_.activation_bytes = shape.activation_bits / byte_bits;
        settings_.weight_bytes = shape.weight_bits / byte_bits;
    }

    ChipResources estimate()
    {
        add_array();
        add_buffers();
        add_vector_unit();
        if (shape_.token_selection)
            add_selector();
        add_control();
        for (const auto& block : chip_.blocks)
            chip_.total += block.resources;
        return std::move(chip_);
    }

  private:
    [[nodiscard]] FpgaResources rtl(const char* name, const Parameters& parameters) const
    {
        const auto* const block = find_rtl_block(name);
        if (block == nullptr)
            throw std::out_of_range{fmt::format("no RTL of block {}", name)};
        return estimate_block(model_, *block, parameters);
    }

    void add(const char* name, Basis basis, std::string parts, const FpgaResources& resources)
    {
        chip_.blocks.push_back({name, basis, std::move(parts), resources});
    }

    [[nodiscard]] bool is_tree() const
    {
        return shape_.array.style == hw::ArrayStyle::BroadcastTree;
    }
    /// Values of a token that the array takes in one cycle.
    [[nodiscard]] std::uint64_t input_lanes() const
    {
        const auto& array = shape_.array;
        return array.heads * (is_tree() ? array.input_channels : array.rows);
    }
    [[nodiscard]] std::uint64_t weight_lanes() const
    {
        const auto& array = shape_.array;
        return array.heads *
               (is_tree() ? array.input_channels * array.output_channels : array.columns);
    }
    [[nodiscard]] std::uint64_t output_lanes() const
    {
        return shape_.array.heads * shape_.array.spatial_output_channels();
    }
    void add_array()
    {
        const auto& array = shape_.array;
        if (is_tree())
            add_tree();
        else {
            const auto elements = array.macs_per_cycle();
            auto resources = times(shape_.macs_per_dsp == 2 ? packed_element : plain_element,
                                   ceil_div(elements, shape_.macs_per_dsp));
            resources.dsps = ceil_div(elements, shape_.macs_per_dsp);
            add("gemm_array", Basis::Prototype,
                fmt::format("{} x {} x {} processing elements", array.heads, array.rows,
                            array.columns),
                resources);
        }
    }

    void add_tree()
    {
        const auto& array = shape_.array;
        const bool packed = shape_.macs_per_dsp == 2;
        const char* const module = packed ? "gemm_array_packed" : "gemm_array_unpacked";
        auto resources = rtl(module, {{"HEADS", array.heads},
                                      {"INPUT_CHANNELS", array.input_channels},
                                      {"OUTPUT_CHANNELS", array.output_channels}});
        const bool wide = shape_.activation_bits > byte_bits || shape_.weight_bits > byte_bits;
        if (wide) { // adders and registers are as wide as the products
            const double scale =
                real(shape_.activation_bits + shape_.weight_bits + 2) / real(2 * byte_bits + 2);
            resources.luts *= scale;
            resources.memory_luts *= scale;
            resources.flip_flops *= scale;
        }
        add("gemm_array", wide ? Basis::Extrapolated : Basis::Rtl,
            fmt::format("{} x {} x {}, {} MAC(s) per slice", array.heads, array.input_channels,
                        array.output_channels, shape_.macs_per_dsp),
            resources);
    }

    /// Bytes in words of `bits`, one bank per slice of the port that fills it.
    void add_buffer(const char* name,
                    std::uint64_t bytes,
                    std::uint64_t bits,
                    std::uint64_t port_bits,
                    std::uint64_t slots)
    {
        if (bytes == 0)
            return;
        const auto slice = port_bits == 0 ? bits : power_below(bits, port_bits);
        const auto words = std::max<std::uint64_t>(ceil_div(bytes * byte_bits, bits), 1);
        const auto per_slot = ceil_div(words, slots);
        const auto banks = bits / slice;
        const Parameters parameters{
            {"WORD_BITS", bits}, {"SLICE_BITS", slice}, {"WORDS", per_slot}, {"SLOTS", slots}};
        auto resources = rtl("tile_buffer", parameters);
        auto parts = fmt::format("{} x {} bits x {} words", banks, slice, per_slot * slots);
        const auto ultra = rtl("tile_buffer_uram", parameters);
        constexpr std::uint64_t bram18_per_uram = 16; // 288 Kbit
        constexpr std::uint64_t least_filled = 2;     // half of its bits
        if (ultra.urams <= free_urams_ &&
            ultra.urams * bram18_per_uram <= least_filled * resources.bram18) {
            free_urams_ -= ultra.urams;
            resources = ultra;
            parts += ", UltraRAM";
        }
        add(name, Basis::Rtl, std::move(parts), resources);
    }

    [[nodiscard]] std::uint64_t port_bits(bool hw::DmaPortConfig::*carries) const
    {
        std::uint64_t bits = 0;
        for (const auto& port : shape_.dma.ports)
            if (port.*carries)
                bits = std::max(bits, port.width_bits);
        return shape_.dma.engine == hw::DmaEngine::WordSerial
                   ? shape_.dma.word_serial.word_bytes * byte_bits
                   : bits;
    }

    void add_buffers()
    {
        if (shape_.ideal_memory)
            return;
        const auto& buffers = shape_.buffers;
        const auto activation = shape_.activation_bits;
        // the largest first: it gains most from UltraRAM
        add_buffer("activation_buffer", buffers.activation_bytes, input_lanes() * activation,
                   port_bits(&hw::DmaPortConfig::input), 1);
        add_buffer("input_buffer", buffers.input_bytes, input_lanes() * activation,
                   port_bits(&hw::DmaPortConfig::input), settings_.input_slots());
        add_buffer("weight_buffer", buffers.weight_bytes, weight_lanes() * shape_.weight_bits,
                   port_bits(&hw::DmaPortConfig::weight), settings_.weight_slots());
        add_accumulators();
        add_buffer("output_buffer", buffers.output_bytes, output_lanes() * activation, 0,
                   settings_.slots());
    }

    void add_accumulators()
    {
        const auto lanes = output_lanes();
        const auto words = shape_.tile.tokens * ceil_div(shape_.tile.output_channels, lanes);
        const auto slots = settings_.accumulator_slots();
        add("accumulators", is_tree() ? Basis::Rtl : Basis::Prototype,
            fmt::format("{} x {} bits x {} words", slots, lanes * sum_bits, words),
            rtl("accumulator", {{"LANES", lanes}, {"WORDS", words}, {"SLOTS", slots}}));
    }

    void add_vector_unit()
    {
        const auto& unit = shape_.vector_unit;
        const auto requantize_lanes =
            unit.requantize_lanes == 0 ? output_lanes() : unit.requantize_lanes;
        add("requantize", Basis::Rtl, fmt::format("{} lanes", requantize_lanes),
            rtl("requantizer", {{"LANES", requantize_lanes},
                                {"ACCUMULATOR_SLOTS", settings_.accumulator_slots()}}));
        add("gelu", Basis::Rtl, fmt::format("{} lanes", unit.lanes),
            rtl("gelu", {{"LANES", unit.lanes}}));
        add("residual", Basis::Prototype, fmt::format("{} lanes", unit.lanes),
            times(residual_lane, unit.lanes));
        add("softmax", Basis::Rtl,
            fmt::format("{} engines of {} lanes, rows of {}", unit.softmax_engines,
                        unit.softmax_lanes, shape_.softmax_columns),
            times(rtl("softmax",
                      {{"LANES", unit.softmax_lanes}, {"MAX_COLUMNS", shape_.softmax_columns}}),
                  unit.softmax_engines));
        if (shape_.layer_norm_on_fabric) {
            auto resources = times(statistics_lane, unit.layer_norm_lanes);
            resources += times(statistics_unit, 1);
            resources += times(normalize_lane, unit.layer_norm_lanes);
            resources.dsps = (statistics_lane_dsps + normalize_lane_dsps) * unit.layer_norm_lanes;
            add("layer_norm", Basis::Prototype, fmt::format("{} lanes", unit.layer_norm_lanes),
                resources);
        }
    }

    void add_selector()
    {
        const auto& selector = shape_.token_selector;
        constexpr std::uint64_t longest_token_bytes = 1024;
        const auto tokens = std::uint64_t{1} << log2_ceil(shape_.softmax_columns);
        add("token_selector", Basis::Rtl, fmt::format("{} lanes", selector.package_lanes),
            rtl("token_selector",
                {{"LANES", selector.package_lanes},
                 {"MAX_TOKENS", tokens},
                 {"MAX_WORDS", std::uint64_t{1} << log2_ceil(
                                   ceil_div(longest_token_bytes, selector.package_lanes))}}));
        add("token_score", Basis::Rtl, "1 engine", rtl("token_score", {}));
        add("sigmoid", Basis::Rtl, fmt::format("{} lanes", shape_.vector_unit.lanes),
            rtl("sigmoid", {{"LANES", shape_.vector_unit.lanes}}));
        add_ranking(tokens);
        if (shape_.halts_tokens)
            add("halting", Basis::Counted, fmt::format("sums of {} tokens", tokens),
                counted_halting(tokens));
    }

    /// Comparators for top_k and for the largest similarity; both schedules have the same ones.
    void add_ranking(std::uint64_t tokens)
    {
        if (!shape_.ranks_scores && !shape_.matches_tokens)
            return;
        const auto lanes = shape_.token_selector.compare_lanes;
        add("ranking", Basis::Counted, fmt::format("{} comparators, {} scores", lanes, tokens),
            counted_ranking(lanes, tokens, shape_.matches_tokens));
    }

    void add_control()
    {
        const auto& dma = shape_.dma;
        FpgaResources reads;
        FpgaResources writes;
        std::uint64_t readers = 0;
        std::uint64_t writers = 0;
        const auto mover = [&](std::uint64_t bytes, bool reading) {
            const Parameters parameters{
                {"BEAT_BYTES", bytes},
                {"BURST_BEATS", dma.burst_beats},
                {"OUTSTANDING", reading ? dma.outstanding_reads : dma.outstanding_writes}};
            (reading ? reads : writes) += rtl(reading ? "read_mover" : "write_mover", parameters);
            ++(reading ? readers : writers);
        };
        if (dma.engine == hw::DmaEngine::WordSerial) {
            mover(dma.word_serial.word_bytes, true);
            mover(dma.word_serial.word_bytes, false);
        } else {
            for (const auto& port : dma.ports) {
                if (port.input || port.weight)
                    mover(port.width_bytes(), true);
                if (port.output)
                    mover(port.width_bytes(), false);
            }
        }
        add("read_movers", Basis::Rtl, fmt::format("{} x read_mover", readers), reads);
        add("write_movers", Basis::Rtl, fmt::format("{} x write_mover", writers), writes);

        const auto input_bits = input_lanes() * shape_.activation_bits;
        const auto weight_bits = weight_lanes() * shape_.weight_bits;
        const auto beats = [&](std::uint64_t bits, bool hw::DmaPortConfig::*carries) {
            const auto port = port_bits(carries);
            return port == 0 ? 1 : ceil_div(bits, power_below(bits, port));
        };
        const auto word_bits = [](std::uint64_t bytes, std::uint64_t bits) {
            return std::max<std::uint64_t>(log2_ceil(ceil_div(bytes * byte_bits, bits)), 1);
        };
        const auto weight_words = word_bits(shape_.buffers.weight_bytes, weight_bits);
        auto control =
            rtl("tile_loader", {{"GROUP_BEATS", beats(input_bits, &hw::DmaPortConfig::input)},
                                {"SLOTS", settings_.input_slots()},
                                {"WORD_BITS", word_bits(shape_.buffers.input_bytes, input_bits)}});
        control +=
            rtl("tile_loader", {{"GROUP_BEATS", beats(weight_bits, &hw::DmaPortConfig::weight)},
                                {"SLOTS", settings_.weight_slots()},
                                {"WORD_BITS", weight_words}});
        control += rtl("tile_sequencer",
                       {{"HEADS", shape_.array.heads}, {"WEIGHT_WORD_BITS", weight_words}});
        add("sequencer", Basis::Rtl, "2 x tile_loader, tile_sequencer", control);
    }

    const ChipShape& shape_;
    const ResourceModel& model_;
    hw::ControllerSettings settings_; ///< as far as it decides the buffers' slots
    std::uint64_t free_urams_;
    ChipResources chip_;
};

} // namespace

ChipResources estimate_chip(const ChipShape& shape, const ResourceModel& model)
{
    return Chip{shape, model}.estimate();
}

} // namespace heatsim::estimate
