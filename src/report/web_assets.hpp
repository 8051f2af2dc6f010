// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "system/embedded_files.hpp"

#include <stdexcept>
#include <string_view>
#include <vector>

namespace heatsim::report {

/// The files of a report page, bundled from web/ at build time (cmake/web.cmake).
[[nodiscard]] const std::vector<system::EmbeddedFile>& web_assets();

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
