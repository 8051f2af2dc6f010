// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/text.hpp"
#include "system/validation.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace heatsim::report {

/// Keys as `heatsim explain validation` lists them; figures that there are none of are null.
[[nodiscard]] nlohmann::ordered_json validation_json(const system::ValidationTable& table);
/// Title, table, checks and notes for a terminal.
[[nodiscard]] std::string validation_text(const system::ValidationTable& table, const Style& style);
/// The same as a section of a page, without its heading.
[[nodiscard]] std::string validation_markdown(const system::ValidationTable& table);

} // namespace heatsim::report
