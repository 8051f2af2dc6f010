// SPDX-License-Identifier: Apache-2.0
#include "inference/int8_gemm.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace heatsim::inference {

namespace {

/// A product to be computed, or a part of one.
struct Product {
    const std::int8_t* a;
    std::size_t row_stride_a;
    const std::int8_t* b;
    std::size_t row_stride_b;
    std::int32_t* c;
    std::size_t row_stride_c;
    std::size_t m;
    std::size_t n;
    std::size_t k;
    bool accumulate;
};

void multiply_portable(const Product& p)
{
    for (std::size_t i = 0; i < p.m; ++i) {
        const auto* const a = p.a + i * p.row_stride_a;
        auto* const c = p.c + i * p.row_stride_c;
        for (std::size_t j = 0; j < p.n; ++j) {
            const auto* const b = p.b + j * p.row_stride_b;
            std::uint32_t sum = 0; // wraps
            for (std::size_t k = 0; k < p.k; ++k)
                sum += static_cast<std::uint32_t>(std::int32_t{a[k]} * std::int32_t{b[k]});
            c[j] = static_cast<std::int32_t>(p.accumulate ? static_cast<std::uint32_t>(c[j]) + sum
                                                          : sum);
        }
    }
}

#if defined(__x86_64__)

/// Input channels that one panel of b holds: it stays in the first-level cache.
constexpr std::size_t panel_depth = 512;

/// `panel_depth` input channels after the other, each slice of all rows and columns.
template <typename Slice>
void for_each_slice(const Product& p, Slice multiply_slice)
{
    auto slice = p;
    for (std::size_t begin = 0; begin == 0 || begin < p.k; begin += panel_depth) {
        slice.a = p.a + begin;
        slice.b = p.b + begin;
        slice.k = std::min(panel_depth, p.k - begin);
        slice.accumulate = p.accumulate || begin > 0;
        multiply_slice(slice);
    }
}

// ---- AVX-512 VNNI: vpdpbusd multiplies unsigned by signed bytes and adds four products to an
// int32. a + 128 is unsigned; 128·Σ_k b is subtracted again. Nothing saturates: 4·255·128 < 2^17.

#define HEATSIM_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

namespace vnni {

constexpr std::size_t depth = 4;    // input channels of one instruction
constexpr std::size_t columns = 16; // of a register
constexpr std::size_t panel_columns = 2 * columns;
constexpr std::size_t block_rows = 8;

/// Sums of the columns of a panel.
struct Registers {
    __m512i left;
    __m512i right;
};

/// [k / 4][columns of the panel][4], and −128·Σ_k b of every column.
struct Panel {
    alignas(64) std::array<std::int8_t, panel_depth * panel_columns> bytes;
    Registers start;
};

inline std::uint32_t four_bytes(const std::int8_t* from, std::size_t count)
{
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, from, count == depth ? depth : count); // mostly of constant length
    return bytes;
}

HEATSIM_VNNI void pack(const Product& p, std::size_t first_column, Panel& panel)
{
    const auto used = std::min(panel_columns, p.n - first_column);
    const auto groups = (p.k + depth - 1) / depth;
    const auto offset = _mm512_set1_epi8(-128); // unsigned: 128
    Registers sums{_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (std::size_t group = 0; group < groups; ++group) {
        const auto count = std::min(depth, p.k - group * depth);
        alignas(64) std::array<std::uint32_t, panel_columns> word{};
        const auto* from = p.b + first_column * p.row_stride_b + group * depth;
        if (count == depth)
            for (std::size_t column = 0; column < used; ++column, from += p.row_stride_b)
                std::memcpy(&word[column], from, depth);
        else
            for (std::size_t column = 0; column < used; ++column, from += p.row_stride_b)
                word[column] = four_bytes(from, count);
        const auto left = _mm512_load_si512(word.data());
        const auto right = _mm512_load_si512(word.data() + columns);
        auto* const to = panel.bytes.data() + group * panel_columns * depth;
        _mm512_store_si512(to, left);
        _mm512_store_si512(to + columns * depth, right);
        sums.left = _mm512_dpbusd_epi32(sums.left, offset, left);
        sums.right = _mm512_dpbusd_epi32(sums.right, offset, right);
    }
    panel.start = {_mm512_sub_epi32(_mm512_setzero_si512(), sums.left),
                   _mm512_sub_epi32(_mm512_setzero_si512(), sums.right)};
}

/// Adds the products of up to four input channels of `rows` rows.
template <std::size_t rows>
HEATSIM_VNNI inline void add_products(const std::int8_t* a,
                                      std::size_t row_stride,
                                      std::size_t count,
                                      const std::int8_t* bytes,
                                      std::array<Registers, rows>& sums)
{
    const auto flip = _mm512_set1_epi8(-128); // a ^ 0x80 is a + 128
    const auto left = _mm512_load_si512(bytes);
    const auto right = _mm512_load_si512(bytes + columns * depth);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto four = static_cast<std::int32_t>(four_bytes(a + i * row_stride, count));
        const auto shifted = _mm512_xor_si512(_mm512_set1_epi32(four), flip);
        sums[i].left = _mm512_dpbusd_epi32(sums[i].left, shifted, left);
        sums[i].right = _mm512_dpbusd_epi32(sums[i].right, shifted, right);
    }
}

HEATSIM_VNNI void store(__m512i sums, std::int32_t* c, std::size_t columns_left, bool accumulate)
{
    const auto mask =
        static_cast<__mmask16>(columns_left >= columns ? 0xFFFFU : (1U << columns_left) - 1U);
    if (accumulate)
        sums = _mm512_add_epi32(sums, _mm512_maskz_loadu_epi32(mask, c));
    _mm512_mask_storeu_epi32(c, mask, sums);
}

template <std::size_t rows>
HEATSIM_VNNI void
multiply_block(const Product& p, std::size_t row, std::size_t column, const Panel& panel)
{
    std::array<Registers, rows> sums{};
    sums.fill(panel.start);
    const auto* const a = p.a + row * p.row_stride_a;
    const auto* bytes = panel.bytes.data();
    std::size_t k = 0;
    for (; k + depth <= p.k; k += depth, bytes += panel_columns * depth)
        add_products<rows>(a + k, p.row_stride_a, depth, bytes, sums);
    if (k < p.k) // the panel has zeros behind the last channel
        add_products<rows>(a + k, p.row_stride_a, p.k - k, bytes, sums);
    for (std::size_t i = 0; i < rows; ++i) {
        auto* const c = p.c + (row + i) * p.row_stride_c + column;
        store(sums[i].left, c, p.n - column, p.accumulate);
        if (p.n - column > columns)
            store(sums[i].right, c + columns, p.n - column - columns, p.accumulate);
    }
}

void multiply_slice(const Product& p)
{
    Panel panel{};
    for (std::size_t column = 0; column < p.n; column += panel_columns) {
        pack(p, column, panel);
        std::size_t row = 0;
        for (; row + block_rows <= p.m; row += block_rows)
            multiply_block<block_rows>(p, row, column, panel);
        for (; row + 2 <= p.m; row += 2)
            multiply_block<2>(p, row, column, panel);
        if (row < p.m)
            multiply_block<1>(p, row, column, panel);
    }
}

} // namespace vnni

// ---- AVX2: vpmaddwd multiplies int16 by int16 and adds two products, which an int32 holds.

#define HEATSIM_AVX2 __attribute__((target("avx2")))

namespace avx2 {

constexpr std::size_t depth = 2;
constexpr std::size_t columns = 8;
constexpr std::size_t panel_columns = 2 * columns;
constexpr std::size_t block_rows = 4;

/// Sums of the columns of a panel.
struct Registers {
    __m256i left;
    __m256i right;
};

/// [k / 2][columns of the panel][2]
struct Panel {
    alignas(32) std::array<std::int16_t, panel_depth * panel_columns> numbers;
};

/// Rows of a, widened.
using WideRows = std::array<std::array<std::int16_t, panel_depth>, block_rows>;

HEATSIM_AVX2 void pack(const Product& p, std::size_t first_column, Panel& panel)
{
    const auto used = std::min(panel_columns, p.n - first_column);
    const auto groups = (p.k + depth - 1) / depth;
    for (std::size_t group = 0; group < groups; ++group) {
        const auto count = std::min(depth, p.k - group * depth);
        std::array<std::int8_t, panel_columns * depth> pairs{};
        const auto* from = p.b + first_column * p.row_stride_b + group * depth;
        for (std::size_t column = 0; column < used; ++column, from += p.row_stride_b)
            std::memcpy(&pairs[column * depth], from, count == depth ? depth : count);
        auto* const to = panel.numbers.data() + group * pairs.size();
        for (std::size_t i = 0; i < pairs.size(); ++i)
            to[i] = std::int16_t{pairs[i]};
    }
}

HEATSIM_AVX2 void widen(const std::int8_t* from, std::size_t count, std::int16_t* to)
{
    for (std::size_t k = 0; k < count; ++k)
        to[k] = std::int16_t{from[k]};
    if (count % depth != 0)
        to[count] = 0;
}

template <std::size_t rows>
HEATSIM_AVX2 void
multiply_block(const Product& p, std::size_t row, std::size_t column, const Panel& panel)
{
    WideRows wide;
    for (std::size_t i = 0; i < rows; ++i)
        widen(p.a + (row + i) * p.row_stride_a, p.k, wide[i].data());
    std::array<Registers, rows> sums{};
    sums.fill({_mm256_setzero_si256(), _mm256_setzero_si256()});
    const auto* numbers = panel.numbers.data();
    for (std::size_t k = 0; k < p.k; k += depth, numbers += panel_columns * depth) {
        Registers b{};
        std::memcpy(&b, numbers, sizeof b);
        for (std::size_t i = 0; i < rows; ++i) {
            std::int32_t two = 0;
            std::memcpy(&two, &wide[i][k], sizeof two);
            const auto pair = _mm256_set1_epi32(two);
            sums[i].left = _mm256_add_epi32(sums[i].left, _mm256_madd_epi16(pair, b.left));
            sums[i].right = _mm256_add_epi32(sums[i].right, _mm256_madd_epi16(pair, b.right));
        }
    }
    const auto used = std::min(panel_columns, p.n - column);
    for (std::size_t i = 0; i < rows; ++i) {
        std::array<std::uint32_t, panel_columns> result{};
        std::memcpy(result.data(), &sums[i], sizeof result);
        auto* const c = p.c + (row + i) * p.row_stride_c + column;
        for (std::size_t j = 0; j < used; ++j)
            c[j] = static_cast<std::int32_t>(
                p.accumulate ? static_cast<std::uint32_t>(c[j]) + result[j] : result[j]);
    }
}

void multiply_slice(const Product& p)
{
    Panel panel{};
    for (std::size_t column = 0; column < p.n; column += panel_columns) {
        pack(p, column, panel);
        std::size_t row = 0;
        for (; row + block_rows <= p.m; row += block_rows)
            multiply_block<block_rows>(p, row, column, panel);
        for (; row < p.m; ++row)
            multiply_block<1>(p, row, column, panel);
    }
}

} // namespace avx2

#endif

Int8Instructions best_instructions()
{
    return int8_instructions().back();
}

} // namespace

std::vector<Int8Instructions> int8_instructions()
{
    std::vector<Int8Instructions> found{Int8Instructions::Portable};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        found.push_back(Int8Instructions::Avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vnni"))
        found.push_back(Int8Instructions::Avx512Vnni);
#endif
    return found;
}

void multiply_with(Int8Instructions instructions,
                   const std::int8_t* a,
                   std::size_t row_stride_a,
                   const std::int8_t* b,
                   std::size_t row_stride_b,
                   std::int32_t* c,
                   std::size_t row_stride_c,
                   std::size_t m,
                   std::size_t n,
                   std::size_t k,
                   bool accumulate)
{
    const Product product{a, row_stride_a, b, row_stride_b, c, row_stride_c, m, n, k, accumulate};
#if defined(__x86_64__)
    // fewer rows are not worth the rearrangement of b
    if (instructions == Int8Instructions::Avx512Vnni && m >= 2)
        return for_each_slice(product, vnni::multiply_slice);
    if (instructions == Int8Instructions::Avx2 && m >= avx2::block_rows)
        return for_each_slice(product, avx2::multiply_slice);
#endif
    multiply_portable(product);
}

void multiply(const std::int8_t* a,
              std::size_t row_stride_a,
              const std::int8_t* b,
              std::size_t row_stride_b,
              std::int32_t* c,
              std::size_t row_stride_c,
              std::size_t m,
              std::size_t n,
              std::size_t k,
              bool accumulate)
{
    static const auto instructions = best_instructions();
    multiply_with(instructions, a, row_stride_a, b, row_stride_b, c, row_stride_c, m, n, k,
                  accumulate);
}

} // namespace heatsim::inference
