// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/embedded_files.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace heatsim::report {

/// The files of a report page, bundled from web/ at build time (cmake/web.cmake).
[[nodiscard]] const std::vector<system::EmbeddedFile>& web_assets();

/// Names that the pages explain beside those in `explain` entries of the document: columns of
/// tables, axes, and parts that a dotted name starts with.
inline constexpr std::array web_words{"array",       "array.macs_per_cycle",
                                      "axes",        "block",
                                      "comparisons", "cycles",
                                      "ddr",         "energy",
                                      "energy_mj",   "front",
                                      "gelu",        "gemm_array",
                                      "group",       "hypervolume",
                                      "image",       "images",
                                      "latency_ms",  "macs",
                                      "objectives",  "operator",
                                      "point",       "quantity",
                                      "reason",      "requantize",
                                      "residual",    "selector",
                                      "sigmoid",     "softmax",
                                      "stage",       "status",
                                      "store",       "sweep",
                                      "tokens",      "token_selector",
                                      "trust"};

/// The text of `page.html`, `report.css` or `report.js`. The page is a template with four
/// placeholders, each there once; what is put in for one is not searched for others:
/// - `{{title}}`: title of the document, escaped as HTML text;
/// - `{{style}}`: `report.css`, as it is;
/// - `{{data}}`: the JSON document, with `<`, `>` and `&` as \uXXXX;
/// - `{{script}}`: `report.js`, as it is.
[[nodiscard]] inline std::string_view web_asset(std::string_view name)
{
    for (const auto& file : web_assets())
        if (file.path == name)
            return file.text;
    throw std::out_of_range{"no such file of a report page"};
}

} // namespace heatsim::report
