// SPDX-License-Identifier: Apache-2.0
#include "report/simulated_run.hpp"

#include "report/csv.hpp"
#include "report/progress.hpp"
#include "report/summary.hpp"
#include "system/child_process.hpp"
#include "system/simulation.hpp"

namespace heatsim::report {

using nlohmann::ordered_json;

ResultFiles
simulated_files(const std::string& name, const system::RunSetup& setup, bool show_progress)
{
    const auto text = system::text_of_child([&] {
        system::Simulation simulation{setup.design};
        Progress progress{name, show_progress};
        const auto result = system::run_images(
            simulation, setup, {system::available_cores()},
            [&progress](std::size_t done, std::size_t total) { progress.show(done, total); });
        const auto summary = summarize(setup, result);
        return json_text(ordered_json::array({
            json_text(summary_json(summary, nullptr)),
            operators_csv(setup, result),
            images_csv(setup, result),
            system::resolved_configuration(setup),
        }));
    });
    const auto files = ordered_json::parse(text);
    return {name, files[0], files[1], files[2], files[3], {}, {}};
}

} // namespace heatsim::report
