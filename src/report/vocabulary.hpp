// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "estimate/energy.hpp"
#include "tlm/array_cause.hpp"
#include "workload/operators.hpp"

#include <string>
#include <vector>

namespace heatsim::report {

/// A key or column of a result, with what a reader has to know about it. These tables are the only
/// place where that is written down: the tables' headers and `heatsim explain` both take it here.
struct Field {
    std::string name; ///< of a key: dotted path, list items as `stages[]`
    std::string unit; ///< empty: a name or a number without unit
    std::string type; ///< `integer`, `real`, `number` (integer where exact, else real), `text`, …
    std::string meaning;
};

/// Every key of `summary.json`, of `--format json` and of `heatsim gemm --format json`.
[[nodiscard]] const std::vector<Field>& summary_fields();
/// Every key of `heatsim ddr --format json`.
[[nodiscard]] const std::vector<Field>& ddr_fields();
/// Every key of `heatsim validate ddr --format json`.
[[nodiscard]] const std::vector<Field>& ddr_validation_fields();
/// Every key of `heatsim explain --format json`.
[[nodiscard]] const std::vector<Field>& explain_fields();
/// Every key of `heatsim trace inspect --format json`, and of generate and convert.
[[nodiscard]] const std::vector<Field>& trace_fields();
/// Every key of `heatsim validate TARGET --format json` for all targets but ddr, and of each table
/// of `heatsim validate --format json`.
[[nodiscard]] const std::vector<Field>& validation_fields();
/// Every key of `stats.json`.
[[nodiscard]] const std::vector<Field>& statistics_fields();

/// `<cause>_cycles`: a column of both CSV files per cause of an array cycle.
[[nodiscard]] Field cause_field(channel::ArrayCause cause);
[[nodiscard]] std::string cause_meaning(channel::ArrayCause cause);
[[nodiscard]] std::string energy_part_meaning(estimate::EnergyPart part);
[[nodiscard]] std::string operator_kind_meaning(workload::OperatorKind kind);

/// Blocks of the resource estimate, as `heatsim resources` names them.
[[nodiscard]] const std::vector<Field>& resource_blocks();

/// The words of this field, as the documentation and the results use them.
[[nodiscard]] const std::vector<Field>& glossary();

} // namespace heatsim::report
