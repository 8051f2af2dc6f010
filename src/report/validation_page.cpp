// SPDX-License-Identifier: Apache-2.0
#include "report/validation_page.hpp"

#include "system/embedded_files.hpp"
#include "tlm/check.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

namespace heatsim::report {

std::string fill_page(const std::string& page, const std::map<std::string, std::string>& sections)
{
    constexpr std::string_view open = "{{";
    constexpr std::string_view close = "}}";
    std::string text;
    std::set<std::string> used;
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);) {
        const bool is_placeholder =
            line.size() > open.size() + close.size() && line.compare(0, open.size(), open) == 0 &&
            line.compare(line.size() - close.size(), close.size(), close) == 0;
        if (!is_placeholder) {
            text += line + '\n';
            continue;
        }
        const auto name = line.substr(open.size(), line.size() - open.size() - close.size());
        const auto section = sections.find(name);
        HEATSIM_CHECK(section != sections.end() && used.insert(name).second,
                      "the page's template names a section that there is none of, or twice");
        text += section->second;
    }
    HEATSIM_CHECK(used.size() == sections.size(), "a section has no place in the page's template");
    return text;
}

std::string validation_page(const std::map<std::string, std::string>& sections)
{
    const auto* const file = system::find_embedded_file("docs/validation.md.in");
    HEATSIM_CHECK(file != nullptr, "the page's template is not carried");
    return fill_page(std::string{file->text}, sections);
}

} // namespace heatsim::report
