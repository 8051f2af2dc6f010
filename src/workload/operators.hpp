// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workload/model.hpp"
#include "workload/schedule.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heatsim::workload {

enum class OperatorKind : std::uint8_t {
    Gemm,
    Convolution, ///< a GEMM over image positions; overlapping windows are expanded on chip
    LayerNorm,
    Softmax,
    Gelu,
    Relu,
    Sigmoid,
    Add,         ///< sum of two tensors: residual, position embedding
    Mean,        ///< over tokens or over channels
    Concatenate, ///< a row repeated beside every row
    Score,       ///< head-weighted mean of the keep scores, compared with the threshold
    Compact,     ///< kept tokens to consecutive addresses
    Package,     ///< score-weighted sum of the pruned tokens and its division
    Append,      ///< package token written behind the kept ones
    Copy,        ///< rearrangement in memory (patches, heads)
    TopK,        ///< one row of k scores ranked; the places of the n best
    Fuse,        ///< attention-weighted sum of the pruned tokens, no division
    Halt,        ///< halting scores summed up per token, compared with the threshold
    Normalize,   ///< rows divided by their length
    Match,       ///< largest of a row and its place
    Merge,       ///< weighted average of a pruned token and a kept one
};
inline constexpr std::array<config::EnumName<OperatorKind>, 21> operator_kind_names{{
    {OperatorKind::Gemm, "gemm"},
    {OperatorKind::Convolution, "convolution"},
    {OperatorKind::LayerNorm, "layer_norm"},
    {OperatorKind::Softmax, "softmax"},
    {OperatorKind::Gelu, "gelu"},
    {OperatorKind::Relu, "relu"},
    {OperatorKind::Sigmoid, "sigmoid"},
    {OperatorKind::Add, "add"},
    {OperatorKind::Mean, "mean"},
    {OperatorKind::Concatenate, "concatenate"},
    {OperatorKind::Score, "score"},
    {OperatorKind::Compact, "compact"},
    {OperatorKind::Package, "package"},
    {OperatorKind::Append, "append"},
    {OperatorKind::Copy, "copy"},
    {OperatorKind::TopK, "top_k"},
    {OperatorKind::Fuse, "fuse"},
    {OperatorKind::Halt, "halt"},
    {OperatorKind::Normalize, "normalize"},
    {OperatorKind::Match, "match"},
    {OperatorKind::Merge, "merge"},
}};

[[nodiscard]] constexpr bool is_gemm(OperatorKind kind) noexcept
{
    return kind == OperatorKind::Gemm || kind == OperatorKind::Convolution;
}

/// A region of external memory that operators read and write, sized for the largest image.
struct Tensor {
    std::string name;
    bool weight = false;
    std::uint64_t elements = 0;
};

/// Where an operand lies in its tensor, in elements. Row r of head h starts at
/// `offset + h·head_stride + r·row_stride`.
struct Operand {
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    std::uint32_t tensor = none;
    std::uint64_t offset = 0;
    std::uint64_t row_stride = 0;
    std::uint64_t head_stride = 0;
    [[nodiscard]] bool used() const noexcept { return tensor != none; }
};

/// How the second operand B[k,n] of a GEMM lies in memory.
enum class WeightLayout : std::uint8_t {
    TileContiguous, ///< static weights, stored tile by tile in the order they are fetched
    RowsOfN,        ///< row = one output channel, k contiguous (Kᵀ of the attention)
    RowsOfK,        ///< row = one input channel, n contiguous (V of the attention)
};

/// One operator of one image.
///
/// GEMM: C[m,n] = A[m,k]·B[k,n] for each of `batch` heads; m counts tokens (or image positions).
/// Everything else: `batch` × m rows of `n` elements, read through `a` (and `b`), written through
/// `c`; `k` is the number of elements read per row where it differs from n.
struct Operator {
    std::string name;
    OperatorKind kind = OperatorKind::Gemm;
    std::uint32_t block = 0;    ///< 1-based; 0 outside the transformer blocks
    std::uint32_t selector = 0; ///< 1-based; 0 outside the selectors
    std::uint32_t stage = 0;    ///< 0-based
    std::uint64_t batch = 1;
    std::uint64_t m = 0;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    Operand a;
    Operand b;
    Operand c;
    WeightLayout layout = WeightLayout::TileContiguous;
    bool static_weights = false; ///< B does not depend on the image
    bool bias = false;           ///< one 32-bit bias per output channel comes with the weights
    std::uint64_t b_columns =
        0; ///< not a GEMM: elements of B per row; 0 = B is read once, as a whole
    std::uint64_t b_elements = 0; ///< not a GEMM, B read as a whole: its elements
    std::uint64_t output_rows =
        0; ///< not a GEMM: rows written at the end instead of one per row; 0 = one per row
    std::uint64_t a_planes = 1; ///< not a GEMM: planes (heads) that a row is gathered from
    std::uint64_t c_planes = 1; ///< not a GEMM: planes (heads) that a row is scattered to
    Convolution window; ///< Convolution only. A row of A of k elements: the windows do not overlap
                        ///< and lie one behind the other
    std::uint64_t input_width = 0;    ///< Convolution only, pixels
    std::uint64_t input_channels = 0; ///< Convolution only

    /// Multiply-accumulates; 0 for everything but GEMMs, as the literature counts them.
    [[nodiscard]] std::uint64_t macs() const { return is_gemm(kind) ? batch * m * k * n : 0; }
    [[nodiscard]] std::uint64_t rows() const { return batch * m; }
    /// Elements of A that the tile of `rows` positions and `depth` input channels reads from
    /// memory.
    [[nodiscard]] std::uint64_t input_elements(std::uint64_t rows, std::uint64_t depth) const;
};

/// One image's work: operators in execution order, each depending on the ones before it.
struct Workload {
    std::vector<Tensor> tensors;
    std::vector<Operator> operators;
    TokenCounts tokens; ///< per stage

    [[nodiscard]] std::uint64_t macs() const;
    /// Bytes no design can avoid: every static weight that has tokens to meet and the images once
    /// in, the result once out.
    [[nodiscard]] std::uint64_t compulsory_bytes(std::uint64_t activation_bytes,
                                                 std::uint64_t weight_bytes) const;
};

/// What the design makes of the model beyond its definition.
struct LoweringOptions {
    bool layout_copies =
        false; ///< patches, heads and their outputs are rearranged by copy operators
};

/// Lowers one image to operators. Names: `patch_embed.proj`, `blocks.3.attn.qkv`,
/// `selector.1.mlp2.fc1`, `head.fc`; blocks and selectors count from 1. The list of names and
/// tensors does not depend on `counts`. \param counts tokens of every stage, `schedule.stages()`
/// entries, none above the model's tokens
[[nodiscard]] Workload lower(const Model& model,
                             const Schedule& schedule,
                             const TokenCounts& counts,
                             LoweringOptions options = {});

/// Lowers several images to one batch. Linear layers, LayerNorm, GELU and residual run over the
/// rows of all images, one behind the other, so that their weights are loaded once; attention,
/// selectors, convolutions with overlapping windows and what reads the class tokens alone run image
/// by image, their operators are called `blocks.3.attn.qk_t.image2`. MACs are the sum of the
/// images'. `tokens` of the result are the sums over the images. With `package_token: kept_aside`,
/// whose rows are no longer behind each other, everything runs image by image. \param counts of
/// each image, as for `lower`; not empty
[[nodiscard]] Workload lower_batch(const Model& model,
                                   const Schedule& schedule,
                                   const std::vector<TokenCounts>& counts,
                                   LoweringOptions options = {});

/// A single GEMM (`heatsim gemm`): batch × C[m,n] = A[m,k]·B[k,n], B static.
[[nodiscard]] Workload
single_gemm(std::uint64_t m, std::uint64_t k, std::uint64_t n, std::uint64_t batch);

} // namespace heatsim::workload
