// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tlm/cost.hpp"
#include "workload/operators.hpp"

#include <systemc>

#include <cstdint>

/// How blocks of `src/hw` talk to each other on chip: a request, and a completion some cycles
/// later. (Between DMA and memory they talk TLM-2.0.) The topology binds ports to exports; a block
/// knows these interfaces and no other block.
namespace heatsim::channel {

/// Stream of operands that a transfer belongs to.
enum class Stream : std::uint8_t {
    Input,    ///< A of a GEMM, or the rows of any other operator
    Weight,   ///< B of a GEMM
    Residual, ///< second operand of an operator that is not a GEMM, or of one fused into it
    Output,
};
inline constexpr std::size_t streams = 4;

/// A 3-D copy between external memory and a buffer: `planes` × `rows` × `row_bytes`.
struct Transfer {
    Stream stream = Stream::Input;
    bool outside_array = false; ///< belongs to an operator that does not use the GEMM array
    bool completes = true;      ///< false: one more part of the same tile follows
    std::uint64_t address = 0;
    std::uint64_t planes = 1;
    std::uint64_t rows = 1;
    std::uint64_t row_bytes = 0;
    std::uint64_t row_stride_bytes = 0;
    std::uint64_t plane_stride_bytes = 0;
    /// Where an array lane has fewer columns than the others (word-serial loader only); 0 = it has
    /// not.
    std::uint64_t last_plane_row_bytes = 0;

    [[nodiscard]] bool is_write() const noexcept { return stream == Stream::Output; }
    [[nodiscard]] std::uint64_t bytes_of_row(std::uint64_t plane) const noexcept
    {
        return last_plane_row_bytes > 0 && plane + 1 == planes ? last_plane_row_bytes : row_bytes;
    }
    [[nodiscard]] std::uint64_t bytes() const noexcept
    {
        return rows * ((planes - 1) * row_bytes + bytes_of_row(planes - 1));
    }
};

/// A unit that returns to its start state between images.
class RestartIf : public virtual sc_core::sc_interface {
  public:
    /// Start of an image at the current time. \pre the unit is idle
    virtual void restart() = 0;
};

/// Accepts transfers. Contract: transfers of one stream complete in the order of submission, and
/// none within the call.
class TransferIf : public virtual RestartIf {
  public:
    virtual void submit(const Transfer& transfer) = 0;
};

/// An on-chip buffer of equal slots, each of which holds one tile. A slot is reserved when its load
/// is issued, filled when the load is complete, released after its last use; all in one order.
class BufferIf : public virtual RestartIf {
  public:
    [[nodiscard]] virtual std::uint64_t slots() const = 0;
    [[nodiscard]] virtual bool has_free_slot() const = 0;
    [[nodiscard]] virtual bool is_empty() const = 0;
    /// \pre has_free_slot()
    virtual void reserve() = 0;
    virtual void fill() = 0;
    virtual void release() = 0;
    /// Slots filled since the start of the image: a consumer compares it with the number it needs.
    [[nodiscard]] virtual std::uint64_t filled() const = 0;
};

/// One tile of a GEMM as the array sees it.
struct TileWork {
    std::uint64_t lanes =
        1;                  ///< heads computed in parallel, at most T_h; 1 for a GEMM without heads
    std::uint64_t rows = 0; ///< tokens
    std::uint64_t input_channels = 0;
    std::uint64_t output_channels = 0; ///< per head
    bool dense = true;                 ///< no heads: the T_h lanes share the tile
    bool first = true;                 ///< first tile of its operator
};

/// Cycles of one tile on the array. The array is occupied for `busy + fill_drain`; results are
/// complete `drain` later.
struct TileCycles {
    std::uint64_t busy = 0;
    std::uint64_t fill_drain = 0;
    std::uint64_t drain = 0;
};

class ArrayIf : public virtual RestartIf {
  public:
    /// \pre the array is idle. Completes after `busy + fill_drain` cycles.
    virtual TileCycles start(const TileWork& work) = 0;
};

/// Rows for a unit other than the array.
struct RowWork {
    workload::OperatorKind kind =
        workload::OperatorKind::Gemm; ///< Gemm: requantization of an output tile
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;       ///< elements written per row
    std::uint64_t input_columns = 0; ///< elements read per row
    bool first = true;               ///< first rows of the operator
    bool last = true;                ///< last rows of the operator
    bool fused_nonlinear = false;
    bool fused_add = false;
    bool fused_softmax = false;
};

class RowWorkerIf : public virtual RestartIf {
  public:
    /// \pre the unit is idle. Completes after `delay_cycles` plus the returned cycles.
    virtual std::uint64_t start(const RowWork& work, std::uint64_t delay_cycles) = 0;
};

/// Completions, at the time they happen.
class CompletionIf : public virtual sc_core::sc_interface {
  public:
    /// The oldest transfer of the stream is complete.
    virtual void transfer_done(Stream stream) = 0;
    /// The unit is idle again.
    virtual void work_done(Worker worker) = 0;
};

} // namespace heatsim::channel
