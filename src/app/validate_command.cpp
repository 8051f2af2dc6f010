// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/ddr_validation_report.hpp"
#include "report/summary.hpp"
#include "report/validation_report.hpp"
#include "system/resources.hpp"
#include "system/rtl_validation.hpp"
#include "system/synthesis_validation.hpp"

#include <array>
#include <string>
#include <vector>

namespace heatsim::app {

namespace {

/// What can be validated; each gives its result as it is printed.
struct Target {
    const char* name;
    std::string (*validate)(const ValidateOptions& options);
};

std::string validate_ddr(const ValidateOptions& options)
{
    const auto validation = system::validate_ddr(system::shipped_ddr_references());
    return options.format == Format::Json
               ? report::json_text(report::ddr_validation_json(validation))
               : report::ddr_validation_text(validation, report::style_of(stdout));
}

std::string validate_rtl(const ValidateOptions& options)
{
    system::RtlValidationRequest request;
    request.accelerators = {"rtl_engine_16x16", "rtl_engine_32x32"};
    request.shapes = options.shapes.empty() ? system::shipped_gemm_shapes()
                                            : system::read_gemm_shapes(options.shapes);
    const auto validation = system::validate_rtl(request);
    return options.format == Format::Json
               ? report::json_text(report::validation_json(validation.table))
               : report::validation_text(validation.table, report::style_of(stdout));
}

std::string validate_synthesis(const ValidateOptions& options)
{
    const auto reference = options.recorded ? system::SynthesisReference::Recorded
                           : options.quick  ? system::SynthesisReference::Quick
                                            : system::SynthesisReference::Rerun;
    const auto table = system::validate_synthesis(system::shipped_synthesis_table(),
                                                  system::resource_model(), reference);
    return options.format == Format::Json
               ? report::json_text(report::validation_json(table))
               : report::validation_text(table, report::style_of(stdout));
}

constexpr std::array<Target, 3> targets{{
    {"ddr", validate_ddr},
    {"rtl", validate_rtl},
    {"synthesis", validate_synthesis},
}};

} // namespace

void validate_command(const ValidateOptions& options)
{
    std::vector<std::string> names;
    for (const auto& target : targets) {
        names.emplace_back(target.name);
        if (options.target != target.name)
            continue;
        print(target.validate(options));
        return;
    }
    refuse_name("validate", options.target, names);
}

} // namespace heatsim::app
