// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/validation.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heatsim::system {

/// What one simulator found for one stream of requests: a line of a reference table.
struct DdrReference {
    std::string mapping;   ///< as the table spells it
    std::string simulator; ///< name and version
    std::string pattern;   ///< of the requests, see docs/validation.md
    std::uint64_t outstanding = 0;
    double bandwidth_gbs = 0.0;        ///< 0: none
    double mean_read_latency_ns = 0.0; ///< 0: none
};

struct DdrReferenceTable {
    std::string name;        ///< path from the repository's root
    std::string description; ///< its comments
    std::vector<DdrReference> references;

    /// Each once, sorted.
    [[nodiscard]] std::vector<std::string> simulators() const;
};

/// CSV with a header; lines that start with # are comments, columns of other names are ignored.
/// \throws config::Error: columns that are missing, fields that do not parse, unknown mappings and
///         patterns, a stream twice by the same simulator, no line at all
[[nodiscard]] DdrReferenceTable parse_ddr_references(const std::string& name,
                                                     std::string_view text);
/// The table that the executable carries.
[[nodiscard]] DdrReferenceTable shipped_ddr_references();

/// One of our figures beside those of the simulators.
struct DdrComparison {
    struct Reference {
        std::string simulator;
        double value = 0.0; ///< above 0
    };
    double predicted = 0.0;
    double limit_percent = 0.0; ///< of the deviation
    std::vector<Reference> references;

    /// The references' range. \pre there are references
    [[nodiscard]] double low() const;
    [[nodiscard]] double high() const;
    /// From the nearer end of the references' range, relative to it; 0 inside it and without
    /// references.
    [[nodiscard]] double deviation_percent() const;
    [[nodiscard]] bool within() const;
};

/// One stream of requests: every reference of the same mapping, pattern and requests outstanding.
struct DdrGroup {
    std::string mapping; ///< as the table spells it
    std::string pattern;
    std::uint64_t outstanding = 0;
    DdrComparison bandwidth_gbs;
    DdrComparison mean_read_latency_ns;

    /// `column_lowest/seq_rd/8`
    [[nodiscard]] std::string name() const;
    [[nodiscard]] bool within() const
    {
        return bandwidth_gbs.within() && mean_read_latency_ns.within();
    }
};

inline constexpr double bandwidth_limit_percent = 5.0;
inline constexpr double latency_limit_percent = 10.0;

/// The memory of the reference table beside its simulators.
struct DdrValidation {
    std::string memory; ///< name of its configuration
    DdrReferenceTable table;
    std::vector<DdrGroup> groups; ///< in the table's order
};

/// Groups without predictions.
[[nodiscard]] std::vector<DdrGroup> ddr_groups(const std::vector<DdrReference>& references);

/// Simulates each stream of the table once.
[[nodiscard]] DdrValidation validate_ddr(DdrReferenceTable table);

struct DdrValidationSummary {
    std::size_t groups = 0;
    std::size_t groups_within = 0;
    std::size_t figures = 0;                        ///< of references
    double worst_bandwidth_deviation_percent = 0.0; ///< the largest in size, with its sign
    double worst_latency_deviation_percent = 0.0;
    double median_absolute_error_percent = 0.0; ///< against every simulator, both quantities
    double median_absolute_bandwidth_error_percent = 0.0;
    double median_absolute_latency_error_percent = 0.0;
};

[[nodiscard]] DdrValidationSummary summarize(const std::vector<DdrGroup>& groups);

/// The same as a table among others: a row per stream and quantity, whose reference is the nearest
/// end of the simulators' range, or the prediction where that is inside.
[[nodiscard]] ValidationTable ddr_table(const DdrValidation& validation);

} // namespace heatsim::system
