// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/controller/controller_config.hpp"
#include "hw/controller/tile_plan.hpp"
#include "tlm/links.hpp"
#include "workload/operators.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim::hw {

/// What the controller has to know of the chip around it. Filled by the topology.
struct ControllerSettings {
    ControllerConfig controller;
    TileConfig tile;
    BuffersConfig buffers;
    std::uint64_t activation_bytes = 1;
    std::uint64_t weight_bytes = 1;
    std::uint64_t array_heads = 1;          ///< T_h
    std::uint64_t array_input_channels = 1; ///< input channels the array takes at once, per head
    std::uint64_t array_output_channels =
        1; ///< output channels the array computes at once, per head
    std::uint64_t vector_tile_rows = 64;
    std::uint64_t softmax_engines = 1; ///< softmax rows in parallel
    bool fuse_gelu = true;
    bool fuse_residual = true;
    bool fuse_softmax = false;
    bool layer_norm_on_host = true;
    bool row_major_weights =
        false; ///< weights lie row by row, each array lane fetches and stores its own columns
    std::uint64_t host_interrupt_cycles = 0; ///< one way, fabric cycles

    [[nodiscard]] std::uint64_t score_bytes() const { return controller.score_bits / 8; }
    [[nodiscard]] std::uint64_t slots() const { return buffers.double_buffered ? 2 : 1; }
    [[nodiscard]] std::uint64_t input_slot_bytes() const
    {
        return tile.tokens * tile.input_channels * activation_bytes;
    }
    [[nodiscard]] std::uint64_t input_slots() const
    {
        return buffers.input_bytes / input_slot_bytes();
    }
    [[nodiscard]] std::uint64_t weight_slots() const
    {
        return buffers.weight_bytes / (tile.input_channels * tile.output_channels * weight_bytes);
    }
    [[nodiscard]] std::uint64_t accumulator_slots() const
    {
        return buffers.accumulator_bytes / (tile.tokens * tile.output_channels * 4);
    }
    [[nodiscard]] std::uint64_t output_slot_bytes() const
    {
        return tile.tokens * tile.output_channels * activation_bytes;
    }
    [[nodiscard]] std::uint64_t output_slots() const
    {
        return buffers.output_bytes / output_slot_bytes();
    }
};

/// One descriptor: an operator with everything fused into it, and where its tensors are.
struct Job {
    static constexpr std::size_t most_fused = 3;

    std::uint32_t op = 0; ///< index into the workload's operators
    std::array<std::uint32_t, most_fused> fused{};
    std::uint32_t fused_count = 0;
    std::uint32_t residual_op =
        workload::Operand::none; ///< fused addition whose second operand is fetched
    bool fused_nonlinear = false;
    bool fused_softmax = false;
    channel::Worker unit = channel::Worker::Array;
    workload::Operand output; ///< where the result goes, fused operators included
    bool a_resident = false;  ///< stays on chip: no transfer
    bool b_resident = false;
    bool residual_resident = false;
    bool output_resident = false;

    std::optional<TilePlan> plan; ///< GEMMs
    std::uint64_t lanes = 1;      ///< GEMMs: heads in parallel
    bool dense = true;            ///< GEMMs: no heads
    std::uint64_t chunk_rows = 1; ///< everything else: rows in flight together

    [[nodiscard]] bool is_gemm() const { return plan.has_value(); }
};

/// How a GEMM is cut into tiles. \pre op is a GEMM
[[nodiscard]] TilingProblem tiling(const workload::Operator& op,
                                   const ControllerSettings& settings);

/// Turns one image's operators into descriptors: fusion, tiling, residency.
///
/// Residency: a tensor stays in the activation buffer from its producer to its last consumer if it
/// fits beside those already there, first come first served, and the host touches it nowhere.
[[nodiscard]] std::vector<Job> make_jobs(const workload::Workload& workload,
                                         const ControllerSettings& settings);

/// Start address of every tensor of the workload, each aligned to an AXI boundary (4 KiB). Does not
/// depend on the image.
[[nodiscard]] std::vector<std::uint64_t> address_map(const workload::Workload& workload,
                                                     const ControllerSettings& settings);

/// Bytes of the address map.
[[nodiscard]] std::uint64_t address_map_bytes(const workload::Workload& workload,
                                              const ControllerSettings& settings);

/// Transfers of a job's tiles, from the addresses of its operands. Stateless.
class TransferMaker {
  public:
    TransferMaker(const ControllerSettings& settings,
                  const workload::Workload& workload,
                  const std::vector<std::uint64_t>& bases)
        : settings_{settings}
        , workload_{workload}
        , bases_{bases}
    {}
    [[nodiscard]] channel::Transfer input_tile(const Job& job, const TileStep& step) const;
    [[nodiscard]] channel::Transfer weight_tile(const Job& job, const TileStep& step) const;
    /// Biases of a tile where they are not stored with the weights.
    [[nodiscard]] std::optional<channel::Transfer> bias_tile(const Job& job,
                                                             const TileStep& step) const;
    [[nodiscard]] channel::Transfer residual_tile(const Job& job, const TileStep& step) const;
    [[nodiscard]] channel::Transfer output_tile(const Job& job, const TileStep& step) const;
    [[nodiscard]] channel::Transfer
    input_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const;
    /// Second operand of rows, or all of it where it is read as a whole.
    [[nodiscard]] channel::Transfer
    second_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const;
    [[nodiscard]] channel::Transfer
    output_rows(const Job& job, std::uint64_t row, std::uint64_t rows) const;

  private:
    [[nodiscard]] const workload::Operator& op(const Job& job) const
    {
        return workload_.operators[job.op];
    }
    [[nodiscard]] std::uint64_t lanes(const Job& job, const TileStep& step) const;
    [[nodiscard]] std::uint64_t first_head(const Job& job, const TileStep& step) const
    {
        return step.group * job.lanes;
    }
    [[nodiscard]] std::uint64_t output_element_bytes(const Job& job) const;
    [[nodiscard]] channel::Transfer tile_of(channel::Stream stream,
                                            const Job& job,
                                            const workload::Operand& operand,
                                            const TileStep& step,
                                            std::uint64_t element_bytes) const;

    const ControllerSettings& settings_;
    const workload::Workload& workload_;
    const std::vector<std::uint64_t>& bases_;
};

} // namespace heatsim::hw
