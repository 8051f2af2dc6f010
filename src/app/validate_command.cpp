// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/ddr_validation_report.hpp"
#include "report/summary.hpp"

#include <array>
#include <string>
#include <vector>

namespace heatsim::app {

namespace {

/// What can be validated; each gives its result as it is printed.
struct Target {
    const char* name;
    std::string (*validate)(Format format);
};

std::string validate_ddr(Format format)
{
    const auto validation = system::validate_ddr(system::shipped_ddr_references());
    return format == Format::Json
               ? report::json_text(report::ddr_validation_json(validation))
               : report::ddr_validation_text(validation, report::style_of(stdout));
}

constexpr std::array<Target, 1> targets{{
    {"ddr", validate_ddr},
}};

} // namespace

void validate_command(const ValidateOptions& options)
{
    std::vector<std::string> names;
    for (const auto& target : targets) {
        names.emplace_back(target.name);
        if (options.target != target.name)
            continue;
        print(target.validate(options.format));
        return;
    }
    refuse_name("validate", options.target, names);
}

} // namespace heatsim::app
