// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "hw/controller/controller_config.hpp"

#include <array>
#include <cstdint>

namespace heatsim::hw {

/// What one GEMM is cut into. All extents are per head.
struct TilingProblem {
    std::uint64_t groups = 1; ///< groups of heads that run in parallel, one after the other
    std::uint64_t m = 0;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t tile_m = 1;
    std::uint64_t tile_k = 1;
    std::uint64_t tile_n = 1;
    LoopOrder order = LoopOrder::TokensOuter; ///< not LeastTraffic
    std::uint64_t input_slots = 2;
    std::uint64_t weight_slots = 2;
    std::uint64_t accumulator_slots = 2; ///< output tiles whose partial sums may wait at once
    bool reuse = true;
};

/// One tile step: A[m0…, k0…] · B[k0…, n0…] of one head group.
struct TileStep {
    std::uint64_t group = 0;
    std::uint64_t m0 = 0;
    std::uint64_t rows = 0;
    std::uint64_t k0 = 0;
    std::uint64_t depth = 0;
    std::uint64_t n0 = 0;
    std::uint64_t columns = 0;
    bool load_input = false;     ///< the input tile is not in its buffer
    bool load_weight = false;    ///< the weight tile is not in its buffer
    bool release_input = false;  ///< last use of the input tile in its buffer
    bool release_weight = false; ///< last use of the weight tile in its buffer
    bool first_k = false;        ///< the output tile's partial sums start
    bool last_k = false;         ///< the output tile is complete
};

/// The tile loops of one GEMM, and which tiles stay in their buffers between steps.
///
/// An operand does not depend on one of m and n. Across that loop its tiles stay on chip if all
/// those that the loops inside it touch fit in the operand's buffer; otherwise they are fetched
/// again. Partial sums must fit: loop orders that keep many of them alive run over blocks of output
/// tiles that do.
class TilePlan {
  public:
    explicit TilePlan(const TilingProblem& problem);

    /// Position in the loops; copies are independent.
    class Cursor {
      public:
        /// False behind the last step.
        [[nodiscard]] bool valid() const noexcept { return valid_; }

      private:
        friend class TilePlan;
        static constexpr std::size_t levels = 5;
        std::array<std::uint64_t, levels> index_{};
        bool valid_ = false;
    };

    [[nodiscard]] Cursor begin() const;
    void advance(Cursor& cursor) const;
    /// \pre cursor.valid()
    [[nodiscard]] TileStep step(const Cursor& cursor) const;
    [[nodiscard]] std::uint64_t steps() const;
    /// Elements of A and of B that the plan fetches in all, per parallel head.
    [[nodiscard]] std::uint64_t input_elements() const;
    [[nodiscard]] std::uint64_t weight_elements() const;

  private:
    enum class Dim : std::uint8_t { Group, M, N, K, Block };
    struct Loop {
        Dim dim = Dim::Group;
        std::uint64_t count = 1; ///< most iterations
        bool reuse_input = false;
        bool reuse_weight = false;
    };
    [[nodiscard]] std::uint64_t count(const Cursor& cursor, std::size_t level) const;
    void decide_reuse();
    /// How often all tiles of an operand are fetched.
    [[nodiscard]] std::uint64_t passes(bool Loop::*reuse, Dim operand_dim) const;
    [[nodiscard]] bool depends(Dim dim, Dim operand_dim) const;

    TilingProblem problem_;
    std::array<Loop, Cursor::levels> loops_{};
    Dim blocked_ = Dim::Group; ///< dimension that the Block loop cuts: M, N, or Group for none
    std::uint64_t block_tiles_ = 1;
    std::uint64_t m_tiles_;
    std::uint64_t n_tiles_;
    std::uint64_t k_tiles_;
};

} // namespace heatsim::hw
