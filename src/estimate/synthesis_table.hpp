// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/resource_model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace heatsim::estimate {

/// Cells of a netlist, counted.
struct SynthesisCounts {
    std::uint64_t dsps = 0;
    std::uint64_t luts = 0; ///< LUT1 to LUT6 and inverters
    std::uint64_t flip_flops = 0;
    std::uint64_t carries = 0;     ///< CARRY4
    std::uint64_t shift_luts = 0;  ///< SRL16, SRL32
    std::uint64_t memory_luts = 0; ///< LUTs of distributed memories
    std::uint64_t bram18 = 0;
    std::uint64_t bram36 = 0;
    std::uint64_t urams = 0;

    [[nodiscard]] double value(Quantity quantity) const;
    [[nodiscard]] std::uint64_t bram18_equivalents() const { return bram18 + 2 * bram36; }
    [[nodiscard]] bool operator==(const SynthesisCounts& other) const;
};

/// One synthesis: a line of validation/synthesis.csv.
struct SynthesisRow {
    const RtlBlock* block = nullptr; ///< of rtl_blocks()
    Parameters parameters;           ///< those written in the table
    bool fit = false;                ///< the closed forms were fitted on it
    bool quick = false;              ///< part of the quick subset
    SynthesisCounts counts;

    /// `gemm_array_packed HEADS=1 INPUT_CHANNELS=8`
    [[nodiscard]] std::string name() const;
};

struct SynthesisTable {
    std::string description; ///< its comments
    std::vector<SynthesisRow> rows;
};

/// \throws config::Error: columns missing, unknown blocks or parameters, fields that do not parse,
/// a
///         row twice, no row at all
[[nodiscard]] SynthesisTable parse_synthesis_table(const std::string& name, std::string_view text);
/// The same table as text, comments included.
[[nodiscard]] std::string synthesis_table_text(const SynthesisTable& table);

/// Closed forms of all blocks in the table, fitted on its `fit` rows with the smallest squares of
/// relative errors; coefficients are rounded to 4 decimals. \throws SingularFit with the block
[[nodiscard]] std::vector<BlockModel> fit_blocks(const SynthesisTable& table);

} // namespace heatsim::estimate
