// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/controller/job.hpp"
#include "hw/controller/memory_image.hpp"
#include "inference/integer_network.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace heatsim::hw {

/// The numbers in the chip: external memory, activation buffer, tiles in their buffers, partial
/// sums. The controller tells it every load, tile, output and store at the time it happens; it does
/// them with data, through the same descriptors and addresses as the timing. A load takes its bytes
/// when it is submitted and a store leaves its bytes when it is complete, so that a tile that
/// overtakes the one it depends on computes with the wrong numbers.
///
/// Modelled:     every byte that the timing moves; int8 tiles, 32-bit partial sums, requantization
///               and what is fused behind it, row-wise operators, the selector's decision,
///               compaction and package token, all as src/numerics defines them.
/// Not modelled: order of the channels within a word; registers that hold multipliers, shifts and
///               table constants of an operator (they come with its descriptor, not from memory).
///               Rows that compaction and package token gather are scattered over the token stream;
///               the timing fetches as many consecutive rows.
/// Source:       docs/models/data_path.md.
class DataPath {
  public:
    /// \param network must live as long as this
    DataPath(const ControllerSettings& settings,
             const workload::Model& model,
             const workload::Schedule& schedule,
             const inference::IntegerNetwork& network);

    /// Next image: weights, constants and image are in external memory, everything else is
    /// unwritten. \param image int8 numbers of the pixels, row by row, channels innermost
    void set_image(std::vector<std::int8_t> image) { image_ = std::move(image); }
    /// By the controller. \param jobs, bases must live until the image is finished
    void start(const workload::Workload& workload,
               const std::vector<Job>& jobs,
               const std::vector<std::uint64_t>& bases);

    // Loads, in the order of submission within a stream
    void load_tile(std::size_t job, const TileStep& step, const channel::Transfer& transfer);
    void load_rows(std::size_t job, std::uint64_t row, const channel::Transfer& transfer);
    /// The oldest tile of the stream is complete.
    void loaded(channel::Stream stream);

    // GEMMs
    void multiply(std::size_t job, const TileStep& step);
    void release_input(std::size_t job, const TileStep& step);
    void release_weights(std::size_t job, const TileStep& step);
    /// An output tile behind the array, fused operators included. \param transfer where it goes
    void finish_tile(std::size_t job, const TileStep& step, const channel::Transfer& transfer);

    // Everything else
    /// \param last the operator's last rows
    void compute_rows(std::size_t job, std::uint64_t row, std::uint64_t rows, bool last);
    /// Rows computed, or the operator's result behind its last rows, are on their way.
    void finish_rows(std::size_t job, const channel::Transfer& transfer);

    /// The oldest store is complete.
    void stored();
    void operator_done(std::size_t job);

    /// Result of the last image: int8 logits.
    [[nodiscard]] std::vector<std::int8_t> logits() const;
    /// Patches each selector of the last image has kept, by their numbers in the unpruned image.
    [[nodiscard]] const std::vector<std::vector<std::uint32_t>>& kept_patches() const noexcept
    {
        return kept_patches_;
    }

    /// Called with the result of every operator, in order of its addresses; one of a GEMM with
    /// others fused behind it has the name of the last of them.
    using OutputObserver = std::function<void(const std::string& name, const Bytes& result)>;
    void observe(OutputObserver observer) { observer_ = std::move(observer); }

  private:
    using Numbers8 = std::vector<std::int8_t>; ///< unsigned ones are the same bits

    /// A tile, or rows, on the way or in a buffer.
    struct Tile {
        std::size_t job = 0;
        TileStep step;         ///< of a GEMM
        std::uint64_t row = 0; ///< of any other operator: the first
        bool completes = true; ///< false: one more part follows
        Bytes bytes;
    };
    /// Weights of a tile as the array takes them.
    struct WeightTile {
        std::size_t job = 0;
        TileStep step;
        Numbers8 weights;                 ///< [lanes][columns][depth]
        std::vector<std::int32_t> biases; ///< [lanes][columns]; none but with the first k
    };
    /// Numbers behind the array: [lanes][rows][columns].
    struct OutputTile {
        std::uint64_t lanes = 1;
        std::uint64_t rows = 0;
        std::uint64_t columns = 0;
        Numbers8 values;
    };
    struct Store {
        channel::Transfer transfer;
        Bytes bytes;
    };
    /// A token that leaves, and its weight in the package token.
    struct PrunedToken {
        std::uint64_t row = 0;
        std::uint32_t weight = 1;
    };

    // Memory
    void write_weights();
    void write_linear(const workload::Operator& op, const inference::Linear& linear);
    [[nodiscard]] Bytes tile_contiguous(const workload::Operator& op,
                                        const inference::Linear& linear) const;
    [[nodiscard]] static Bytes row_major(const inference::Linear& linear);
    void write_image();
    void write_class_tokens();
    [[nodiscard]] const workload::Operator* find(const std::string& name) const;
    [[nodiscard]] const MemoryImage& memory(bool resident) const
    {
        return resident ? on_chip_ : external_;
    }

    // GEMMs
    [[nodiscard]] std::uint64_t lanes(const Job& job, const TileStep& step) const;
    /// \param biases where they come by themselves
    [[nodiscard]] WeightTile weight_tile(const Tile& tile, Bytes biases) const;
    [[nodiscard]] const Bytes& input_tile(std::size_t job, const TileStep& step);
    [[nodiscard]] const WeightTile& weights_of(std::size_t job, const TileStep& step);
    [[nodiscard]] OutputTile requantized(const Job& job, const TileStep& step);
    void apply_fused(std::uint32_t op, std::size_t job, const TileStep& step, OutputTile& tile);

    // Rows: operands and results row by row, whatever planes they lie in
    [[nodiscard]] Numbers8 first_operand(std::size_t job, std::uint64_t row, std::uint64_t rows);
    [[nodiscard]] Numbers8
    second_operand(std::size_t job, std::uint64_t row, std::uint64_t rows, bool last);
    void layer_norm(const workload::Operator& op,
                    std::uint64_t row,
                    const Numbers8& a,
                    const Numbers8& parameters);
    void patchify(const Numbers8& a);
    void add(const workload::Operator& op, const Numbers8& a, const Numbers8& b);
    void mean(const workload::Operator& op, std::uint64_t row, const Numbers8& a, bool last);
    void score(const workload::Operator& op, const Numbers8& a, const Numbers8& head_weights);
    void compact(const Job& job, std::uint64_t row, std::uint64_t rows);
    void package(const Job& job, std::uint64_t row, std::uint64_t rows, bool last);
    [[nodiscard]] Numbers8 stream_row(const Job& job, std::uint64_t row) const;

    /// What stays, what leaves, and what becomes of the package token.
    void decide(const workload::Operator& compaction);

    template <typename Numbers>
    [[nodiscard]] const Numbers& numbers(const workload::Operator& op) const
    {
        return network_.at<Numbers>(op.name);
    }
    [[nodiscard]] const workload::Operator& op(const Job& job) const
    {
        return workload_->operators[job.op];
    }
    void send(const channel::Transfer& transfer, Bytes bytes, bool resident);

    const ControllerSettings settings_;
    const workload::Model model_;
    const workload::Schedule schedule_;
    const inference::IntegerNetwork& network_;
    OutputObserver observer_;

    // The image
    std::vector<std::int8_t> image_;
    const workload::Workload* workload_ = nullptr;
    const std::vector<Job>* jobs_ = nullptr;
    const std::vector<std::uint64_t>* bases_ = nullptr;
    channel::Transfer logits_; ///< asked for when the workload is gone
    std::optional<TransferMaker> transfers_;
    MemoryImage external_{0};
    MemoryImage on_chip_{0}; ///< activation buffer, by the addresses of external memory
    bool weights_written_ = false;

    // What is under way
    std::array<std::deque<Tile>, channel::streams> loads_;
    std::deque<Tile> inputs_;
    std::deque<WeightTile> weights_;
    std::deque<Tile> second_operands_;
    Bytes resident_input_;        ///< tile read from the activation buffer
    WeightTile resident_weights_; ///< likewise
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::vector<std::int32_t>>
        sums_; ///< by group, first row, first column
    std::deque<Store> stores_;

    // Rows of the current operator
    Numbers8 result_;
    std::vector<std::int32_t> row_sums_; ///< per channel

    // Token selector
    Numbers8 global_; ///< held for the rows it is written beside
    std::vector<std::uint8_t> scores_;
    std::vector<std::uint32_t> patches_; ///< numbers of the patches in the stream
    bool has_package_ = false;
    std::uint32_t package_weight_ = 0;
    std::vector<std::uint64_t> carried_rows_;
    std::vector<PrunedToken> pruned_;
    std::vector<std::vector<std::uint32_t>> kept_patches_;
};

} // namespace heatsim::hw
