// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/csv.hpp"
#include "report/result_folder.hpp"
#include "report/summary.hpp"
#include "unit/report/example_run.hpp"

#include <string>
#include <utility>

namespace heatsim::report {

/// The files that `heatsim run -o` would write of this run.
[[nodiscard]] inline ResultFiles
files_of(const std::string& name, const system::RunSetup& setup, const system::RunResult& run)
{
    return {name, json_text(summary_json(summarize(setup, run), nullptr)),
            operators_csv(setup, run), images_csv(setup, run),
            system::resolved_configuration(setup)};
}

/// Those of `example_run()`.
[[nodiscard]] inline ResultFiles example_files(const std::string& name)
{
    const auto [setup, run] = example_run();
    return files_of(name, setup, run);
}

} // namespace heatsim::report
