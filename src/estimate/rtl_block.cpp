// SPDX-License-Identifier: Apache-2.0
#include "estimate/rtl_block.hpp"

#include "estimate/memory_shape.hpp"
#include "units/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace heatsim::estimate {

namespace {

constexpr std::uint64_t byte_bits = 8;
constexpr std::uint64_t sum_bits = 32; ///< of an accumulator
constexpr std::uint64_t copies = 2;    ///< of accumulators: summed up in one, read out of the other

[[nodiscard]] std::uint64_t at(const Parameters& parameters, const char* name)
{
    return parameters.at(name);
}

[[nodiscard]] double real(std::uint64_t value)
{
    return static_cast<double>(value);
}

[[nodiscard]] FpgaResources only_dsps(std::uint64_t dsps)
{
    FpgaResources resources;
    resources.dsps = dsps;
    return resources;
}

[[nodiscard]] FpgaResources nothing(const Parameters& /*parameters*/)
{
    return {};
}

/// Features of one quantity each, or of two.
[[nodiscard]] Feature of_luts(const char* name, std::uint64_t value)
{
    return {name, real(value), true, false, false};
}
[[nodiscard]] Feature of_flip_flops(const char* name, std::uint64_t value)
{
    return {name, real(value), false, true, false};
}
[[nodiscard]] Feature of_memory_luts(const char* name, std::uint64_t value)
{
    return {name, real(value), false, false, true};
}
[[nodiscard]] Feature of_logic(const char* name, std::uint64_t value)
{
    return {name, real(value), true, true, false};
}

// GEMM array: rtl/gemm_array.sv and the modules below it -------------------------------------

/// A sum is made in chains of DSP slices, heatsim_pkg::GEMM_CHAIN at most, then in an adder tree.
struct Chains {
    static constexpr std::uint64_t longest = 4;

    explicit Chains(std::uint64_t products)
        : channels{products}
        , count{ceil_div(products, longest)}
        , positions{ceil_div(products, count)}
    {}

    [[nodiscard]] std::uint64_t length(std::uint64_t chain) const
    {
        return (chain + 1) * channels / count - chain * channels / count;
    }
    /// Chains in which a slice stands at this place; a shorter chain starts later.
    [[nodiscard]] std::uint64_t slices_at(std::uint64_t position) const
    {
        std::uint64_t slices = 0;
        for (std::uint64_t chain = 0; chain < count; ++chain)
            if (positions - length(chain) <= position)
                ++slices;
        return slices;
    }

    std::uint64_t channels;
    std::uint64_t count;
    std::uint64_t positions;
};

/// Registers that a value waits in: from the third on they are a shift register, one LUT a bit.
struct Delays {
    std::uint64_t register_bits = 0;
    std::uint64_t shift_bits = 0;

    void add(std::uint64_t bits, std::uint64_t cycles)
    {
        constexpr std::uint64_t shortest_shift_register = 3;
        if (cycles >= shortest_shift_register)
            shift_bits += bits;
        else
            register_bits += bits * cycles;
    }
};

/// rtl/adder_tree.sv.
struct AdderTree {
    AdderTree(std::uint64_t terms, std::uint64_t term_bits)
    {
        std::uint64_t waiting = 0; // levels that the odd last term has passed
        for (std::uint64_t bits = term_bits + 1; terms > 1; ++bits) {
            adder_bits += terms / 2 * bits;
            delays.register_bits += terms / 2 * bits;
            const bool odd = terms % 2 == 1;
            waiting = odd ? waiting + 1 : 0;
            if (odd)
                delays.register_bits += bits - 1;
            terms = ceil_div(terms, 2);
        }
    }

    std::uint64_t adder_bits = 0;
    Delays delays;
};

constexpr std::uint64_t chain_sum_bits = 18; ///< of a chain, or of each half of a packed one

/// Operands of the slices of one sum that wait for their turn, beside those that wait in a slice.
[[nodiscard]] Delays operand_delays(const Chains& chains, std::uint64_t bits, bool in_slice)
{
    constexpr std::uint64_t slice_registers = 2;
    Delays delays;
    for (std::uint64_t position = 0; position < chains.positions; ++position) {
        const auto cycles = position + 1;
        delays.add(bits * chains.slices_at(position),
                   in_slice ? cycles - std::min(cycles, slice_registers) : cycles);
    }
    return delays;
}

[[nodiscard]] std::vector<Feature> packed_array_features(const Parameters& parameters)
{
    const auto heads = at(parameters, "HEADS");
    const auto outputs = at(parameters, "OUTPUT_CHANNELS");
    const auto pairs = outputs / 2;
    const auto alone = outputs % 2;
    const Chains chains{at(parameters, "INPUT_CHANNELS")};
    const AdderTree tree{chains.count, chain_sum_bits};
    // yosys leaves the packed operand, with its constant gap, outside the slice
    const auto packed = operand_delays(chains, 2 * byte_bits, false);
    const auto plain = operand_delays(chains, byte_bits, true);
    const auto activation = operand_delays(chains, byte_bits, true);

    std::uint64_t bias_register_bits = 0;
    std::uint64_t bias_adder_bits = 0;
    Delays bias_delays;
    for (std::uint64_t chain = 0; chain < chains.count && pairs > 0; ++chain) {
        constexpr std::uint64_t bias_bits = 11;
        const auto length = chains.length(chain);
        const auto lead = chains.positions - length;
        const auto left = ceil_div(length, 2);
        const auto right = length - left;
        for (const auto& [half, position] :
             {std::pair{left, lead}, std::pair{right, lead + left}}) {
            constexpr std::uint64_t first_delayed = 2; // one is the array's own delayed activation
            if (half == 2) {
                bias_register_bits += byte_bits + 1;
                bias_adder_bits += byte_bits + 1;
            } else if (half == 1 && position < first_delayed) {
                bias_register_bits += byte_bits;
            }
        }
        bias_adder_bits += length > 1 ? bias_bits + byte_bits : bias_bits;
        bias_delays.add(bias_bits, lead + 1);
    }
    const auto register_bits = pairs * (2 * tree.delays.register_bits + packed.register_bits) +
                               alone * (tree.delays.register_bits + plain.register_bits) +
                               activation.register_bits + bias_register_bits +
                               bias_delays.register_bits;
    const auto shift_bits = pairs * packed.shift_bits + alone * plain.shift_bits +
                            activation.shift_bits + bias_delays.shift_bits;
    const auto end_bits = is_power_of_two(chains.count) ? 1 : log2_ceil(chains.count) + 1;
    return {
        of_luts("packed_slices", heads * pairs * chains.channels),
        of_luts("adder_bits", heads * (2 * pairs + alone) * tree.adder_bits),
        of_luts("bias_adder_bits", heads * bias_adder_bits),
        of_luts("unbias_bits", heads * pairs * end_bits),
        of_flip_flops("register_bits", heads * register_bits),
        of_memory_luts("shift_bits", heads * shift_bits),
    };
}

[[nodiscard]] std::vector<Feature> unpacked_array_features(const Parameters& parameters)
{
    const auto heads = at(parameters, "HEADS");
    const auto outputs = at(parameters, "OUTPUT_CHANNELS");
    const Chains chains{at(parameters, "INPUT_CHANNELS")};
    const AdderTree tree{chains.count, chain_sum_bits};
    const auto operands = operand_delays(chains, byte_bits, true);
    return {
        of_luts("adder_bits", heads * outputs * tree.adder_bits),
        of_flip_flops("register_bits", heads * (outputs * tree.delays.register_bits +
                                                (outputs + 1) * operands.register_bits)),
    };
}

[[nodiscard]] FpgaResources packed_array_structure(const Parameters& parameters)
{
    return only_dsps(at(parameters, "HEADS") * at(parameters, "INPUT_CHANNELS") *
                     ceil_div(at(parameters, "OUTPUT_CHANNELS"), 2));
}

[[nodiscard]] FpgaResources unpacked_array_structure(const Parameters& parameters)
{
    return only_dsps(at(parameters, "HEADS") * at(parameters, "INPUT_CHANNELS") *
                     at(parameters, "OUTPUT_CHANNELS"));
}

// Memories -----------------------------------------------------------------------------------

struct Banks {
    std::uint64_t count;
    std::uint64_t bits;
    std::uint64_t words;
};

[[nodiscard]] FpgaResources in_block_ram(const Banks& banks)
{
    FpgaResources resources;
    resources.bram18 = banks.count * block_ram(banks.bits, banks.words).bram18;
    return resources;
}

/// LUTs of six inputs that choose one of `inputs` bits: each takes in three more.
[[nodiscard]] std::uint64_t multiplexer_luts(std::uint64_t inputs)
{
    constexpr std::uint64_t taken_in = 3;
    return ceil_div(inputs - 1, taken_in);
}

[[nodiscard]] std::uint64_t index_bits(std::uint64_t count)
{
    return std::max(log2_ceil(count), 1U);
}

[[nodiscard]] Banks tile_buffer_banks(const Parameters& parameters)
{
    const auto slice = at(parameters, "SLICE_BITS");
    return {at(parameters, "WORD_BITS") / slice, slice,
            at(parameters, "SLOTS") * at(parameters, "WORDS")};
}

[[nodiscard]] FpgaResources tile_buffer_structure(const Parameters& parameters)
{
    return in_block_ram(tile_buffer_banks(parameters));
}

/// \param shape of one bank
[[nodiscard]] std::vector<Feature> tile_buffer_features(const Parameters& parameters,
                                                        const MemoryShape& shape)
{
    const auto banks = tile_buffer_banks(parameters);
    const auto words = at(parameters, "WORDS");
    const bool adds = !is_power_of_two(words) && at(parameters, "SLOTS") > 1;
    // the second slot's address is added to where it has a one
    const auto ones = static_cast<std::uint64_t>(__builtin_popcountll(words));
    return {
        of_luts("selected_banks", banks.count > 1 ? banks.count : 0),
        of_luts("added_ones", adds ? 2 * ones : 0),
        of_luts("multiplexer_luts", banks.count * banks.bits * multiplexer_luts(shape.ranks)),
        of_luts("ranks", shape.ranks > 1 ? banks.count * shape.ranks : 0),
        of_flip_flops("rank_bits", log2_ceil(shape.ranks)),
    };
}

[[nodiscard]] std::vector<Feature> block_ram_buffer_features(const Parameters& parameters)
{
    const auto banks = tile_buffer_banks(parameters);
    return tile_buffer_features(parameters, block_ram(banks.bits, banks.words));
}

[[nodiscard]] FpgaResources ultra_ram_buffer_structure(const Parameters& parameters)
{
    const auto banks = tile_buffer_banks(parameters);
    FpgaResources resources;
    resources.urams = banks.count * ultra_ram(banks.bits, banks.words).urams;
    return resources;
}

[[nodiscard]] std::vector<Feature> ultra_ram_buffer_features(const Parameters& parameters)
{
    const auto banks = tile_buffer_banks(parameters);
    auto features = tile_buffer_features(parameters, ultra_ram(banks.bits, banks.words));
    if (banks.words > ultra_ram(banks.bits, 1).rank_words)
        features.front().value = 0.0; // a bank's selection goes into that of its ranks
    return features;
}

/// The slots of rtl/accumulator.sv lie in one memory that is there twice; or in one each where that
/// takes fewer blocks of 512 words, the widest that block RAMs have.
[[nodiscard]] bool accumulators_are_copied(const Parameters& parameters)
{
    constexpr std::uint64_t block_words = 512;
    const auto slots = at(parameters, "SLOTS");
    const auto words = at(parameters, "WORDS");
    return copies * ceil_div(slots * words, block_words) <= slots * ceil_div(words, block_words);
}

[[nodiscard]] Banks accumulator_banks(const Parameters& parameters)
{
    const auto bits = at(parameters, "LANES") * sum_bits;
    const auto slots = at(parameters, "SLOTS");
    const auto words = at(parameters, "WORDS");
    return accumulators_are_copied(parameters) ? Banks{copies, bits, slots * words}
                                               : Banks{slots, bits, words};
}

[[nodiscard]] FpgaResources accumulator_structure(const Parameters& parameters)
{
    return in_block_ram(accumulator_banks(parameters));
}

[[nodiscard]] std::vector<Feature> accumulator_features(const Parameters& parameters)
{
    const auto banks = accumulator_banks(parameters);
    const auto lanes = at(parameters, "LANES");
    const auto slots = at(parameters, "SLOTS");
    const bool copied = accumulators_are_copied(parameters);
    const bool adds = copied && slots > 1 && !is_power_of_two(at(parameters, "WORDS"));
    return {
        of_logic("lanes", lanes),
        of_luts("multiplexed_lanes", copied ? 0 : multiplexer_luts(slots) * lanes),
        of_luts("slot_address_bits", copied ? 0 : slots * index_bits(banks.words)),
        of_luts("added_bits", adds ? 2 * index_bits(banks.words) : 0), // of both addresses
        of_flip_flops("address_bits", index_bits(banks.words)),
        of_flip_flops("slot_bits", copied ? 0 : index_bits(slots)),
        of_logic("constant", 1),
    };
}

// Lanes and engines --------------------------------------------------------------------------

template <std::uint64_t DspsPerLane>
[[nodiscard]] FpgaResources lane_structure(const Parameters& parameters)
{
    return only_dsps(DspsPerLane * at(parameters, "LANES"));
}

[[nodiscard]] std::vector<Feature> lane_features(const Parameters& parameters)
{
    const auto lanes = at(parameters, "LANES");
    return {of_logic("lanes", lanes), of_logic("constant", 1)};
}

[[nodiscard]] std::vector<Feature> delayed_lane_features(const Parameters& parameters)
{
    auto features = lane_features(parameters);
    features.front().memory_luts = true; // shift registers beside each lane
    return features;
}

[[nodiscard]] std::vector<Feature> requantizer_features(const Parameters& parameters)
{
    return {
        of_logic("lanes", at(parameters, "LANES")),
        of_luts("multiplexed_slots", multiplexer_luts(at(parameters, "ACCUMULATOR_SLOTS"))),
        of_flip_flops("slots", at(parameters, "ACCUMULATOR_SLOTS")),
        {"constant", 1.0, true, true, true},
    };
}

constexpr std::uint64_t softmax_value_bits = 16;
constexpr std::uint64_t exponential_bits = 17;
constexpr std::uint64_t distributed_rank = 32;          ///< words of a LUT in a memory of two ports
constexpr std::uint64_t longest_distributed_words = 64; ///< longer memories are block RAM

[[nodiscard]] std::uint64_t softmax_words(const Parameters& parameters)
{
    return ceil_div(at(parameters, "MAX_COLUMNS"), at(parameters, "LANES"));
}

[[nodiscard]] FpgaResources softmax_structure(const Parameters& parameters)
{
    constexpr std::uint64_t dsps_per_lane = 4;
    const auto lanes = at(parameters, "LANES");
    const auto words = softmax_words(parameters);
    auto resources = only_dsps(dsps_per_lane * lanes);
    if (words > longest_distributed_words)
        resources.bram18 = block_ram(lanes * softmax_value_bits, words).bram18 +
                           block_ram(lanes * exponential_bits, words).bram18;
    return resources;
}

[[nodiscard]] std::vector<Feature> softmax_features(const Parameters& parameters)
{
    const auto lanes = at(parameters, "LANES");
    const auto words = softmax_words(parameters);
    const bool distributed = words <= longest_distributed_words;
    const auto memory_bits = distributed ? lanes * (softmax_value_bits + exponential_bits) *
                                               ceil_div(words, distributed_rank)
                                         : 0;
    return {
        {"lanes", real(lanes), true, true, true},
        of_luts("word_bits", log2_ceil(words)), // counters of words
        of_flip_flops("row_bits", log2_ceil(at(parameters, "MAX_COLUMNS"))),
        of_flip_flops("distributed_lanes", distributed ? lanes : 0),
        of_memory_luts("distributed_bits", memory_bits),
        of_logic("constant", 1),
    };
}

constexpr std::uint64_t selector_address_bits = 16;

[[nodiscard]] FpgaResources selector_structure(const Parameters& parameters)
{
    auto resources = only_dsps(at(parameters, "LANES"));
    resources.bram18 =
        block_ram(selector_address_bits + byte_bits, at(parameters, "MAX_TOKENS")).bram18;
    return resources;
}

[[nodiscard]] std::vector<Feature> selector_features(const Parameters& parameters)
{
    const auto lanes = at(parameters, "LANES");
    const auto token_bits = log2_ceil(at(parameters, "MAX_TOKENS"));
    return {
        of_logic("lanes", lanes),
        of_memory_luts("sum_lanes",
                       lanes * ceil_div(at(parameters, "MAX_WORDS"), distributed_rank)),
        of_logic("token_bits", token_bits),
        {"constant", 1.0, true, true, true},
    };
}

[[nodiscard]] FpgaResources score_structure(const Parameters& /*parameters*/)
{
    return only_dsps(1);
}

[[nodiscard]] std::vector<Feature> score_features(const Parameters& parameters)
{
    const auto heads = at(parameters, "MAX_HEADS");
    return {of_logic("head_bits", log2_ceil(heads)),
            of_logic("count_bits", log2_ceil(heads + 1)), // all heads are a count too
            of_logic("constant", 1)};
}

// Movers and control -------------------------------------------------------------------------

[[nodiscard]] std::vector<Feature> read_mover_features(const Parameters& parameters)
{
    return {
        of_luts("beat_bits", log2_ceil(at(parameters, "BEAT_BYTES"))),
        of_logic("outstanding_bits", log2_ceil(at(parameters, "OUTSTANDING"))),
        of_logic("constant", 1),
    };
}

[[nodiscard]] std::vector<Feature> write_mover_features(const Parameters& parameters)
{
    return {
        of_luts("beat_bits", log2_ceil(at(parameters, "BEAT_BYTES"))),
        of_logic("outstanding", at(parameters, "OUTSTANDING")),
        of_flip_flops("slot_bits", index_bits(at(parameters, "SLOTS"))),
        of_logic("constant", 1),
    };
}

[[nodiscard]] std::vector<Feature> sequencer_features(const Parameters& parameters)
{
    return {
        of_flip_flops("weight_word_bits", at(parameters, "WEIGHT_WORD_BITS")),
        of_flip_flops("head_bits", index_bits(at(parameters, "HEADS"))),
        of_logic("constant", 1),
    };
}

[[nodiscard]] std::vector<Feature> loader_features(const Parameters& parameters)
{
    const auto slices = at(parameters, "HEADS") * at(parameters, "GROUP_BEATS");
    return {
        of_luts("multiplexed_slots", multiplexer_luts(at(parameters, "SLOTS"))),
        of_flip_flops("slots", at(parameters, "SLOTS")),
        of_logic("slice_bits", index_bits(slices)),
        of_logic("word_bits", at(parameters, "WORD_BITS")),
        of_logic("constant", 1),
    };
}

// The table ----------------------------------------------------------------------------------

[[nodiscard]] std::vector<RtlBlock> make_blocks()
{
    return {
        {"gemm_array_packed",
         "gemm_array",
         "GEMM array, two int8 multiplications per DSP slice",
         {{"HEADS", 1}, {"INPUT_CHANNELS", 16}, {"OUTPUT_CHANNELS", 16}, {"PACKED", 1}},
         packed_array_structure,
         packed_array_features},
        {"gemm_array_unpacked",
         "gemm_array",
         "GEMM array, one int8 multiplication per DSP slice",
         {{"HEADS", 1}, {"INPUT_CHANNELS", 16}, {"OUTPUT_CHANNELS", 16}, {"PACKED", 0}},
         unpacked_array_structure,
         unpacked_array_features},
        {"tile_buffer",
         "tile_buffer",
         "tile buffer in block RAM, one bank per slice",
         {{"WORD_BITS", 128}, {"SLICE_BITS", 64}, {"WORDS", 512}, {"SLOTS", 2}},
         tile_buffer_structure,
         block_ram_buffer_features},
        {"tile_buffer_uram",
         "tile_buffer",
         "tile buffer in UltraRAM, one bank per slice",
         {{"WORD_BITS", 128}, {"SLICE_BITS", 64}, {"WORDS", 4096}, {"SLOTS", 2}},
         ultra_ram_buffer_structure,
         ultra_ram_buffer_features,
         "-set MEMORY_STYLE \"ultra\"",
         "-uram"},
        {"accumulator",
         "accumulator",
         "accumulators",
         {{"LANES", 16}, {"WORDS", 128}, {"SLOTS", 2}},
         accumulator_structure,
         accumulator_features},
        {"requantize",
         "requantize",
         "requantization lanes",
         {{"LANES", 16}},
         lane_structure<1>,
         lane_features},
        {"requantizer",
         "requantizer",
         "requantization lanes and their control",
         {{"LANES", 16}, {"ACCUMULATOR_SLOTS", 2}},
         lane_structure<1>,
         requantizer_features},
        {"gelu", "gelu", "GELU lanes", {{"LANES", 16}}, lane_structure<3>, delayed_lane_features},
        {"sigmoid", "sigmoid", "sigmoid lanes", {{"LANES", 16}}, lane_structure<0>, lane_features},
        {"softmax",
         "softmax",
         "softmax engine",
         {{"LANES", 1}, {"MAX_COLUMNS", 256}},
         softmax_structure,
         softmax_features},
        {"token_selector",
         "token_selector",
         "control of the token selector with the package token",
         {{"LANES", 16}, {"MAX_TOKENS", 256}, {"MAX_WORDS", 64}},
         selector_structure,
         selector_features},
        {"token_score",
         "token_score",
         "score of a token",
         {{"MAX_HEADS", 16}},
         score_structure,
         score_features},
        {"read_mover",
         "read_mover",
         "read side of a memory port",
         {{"BEAT_BYTES", 16}, {"BURST_BEATS", 64}, {"OUTSTANDING", 8}},
         nothing,
         read_mover_features},
        {"write_mover",
         "write_mover",
         "write side of a memory port",
         {{"BEAT_BYTES", 16}, {"BURST_BEATS", 64}, {"OUTSTANDING", 8}, {"SLOTS", 2}},
         nothing,
         write_mover_features},
        {"tile_loader",
         "tile_loader",
         "places tiles in their buffer",
         {{"HEADS", 1}, {"GROUP_BEATS", 1}, {"SLOTS", 2}, {"WORD_BITS", 16}},
         nothing,
         loader_features},
        {"tile_sequencer",
         "tile_sequencer",
         "sends tiles through the array",
         {{"HEADS", 1}, {"WEIGHT_WORD_BITS", 16}},
         nothing,
         sequencer_features},
    };
}

} // namespace

const std::vector<RtlBlock>& rtl_blocks()
{
    static const std::vector<RtlBlock> blocks = make_blocks();
    return blocks;
}

const RtlBlock* find_rtl_block(const std::string& name)
{
    const auto& blocks = rtl_blocks();
    const auto found = std::find_if(blocks.begin(), blocks.end(),
                                    [&name](const RtlBlock& block) { return name == block.name; });
    return found == blocks.end() ? nullptr : &*found;
}

Parameters completed(const RtlBlock& block, const Parameters& parameters)
{
    auto all = block.defaults;
    for (const auto& [name, value] : parameters)
        all[name] = value;
    return all;
}

std::string parameters_text(const Parameters& parameters)
{
    std::string text;
    for (const auto& [name, value] : parameters)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    return text;
}

} // namespace heatsim::estimate
