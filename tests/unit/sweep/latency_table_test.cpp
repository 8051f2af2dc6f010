// SPDX-License-Identifier: Apache-2.0
#include "sweep/latency_search.hpp"
#include "sweep/latency_table.hpp"

#include <gtest/gtest.h>

namespace heatsim::sweep {

TEST(LatencyTable, PredictsWholeImages)
{
    const auto setup = system::load({});
    system::Simulation simulation{setup.design};
    const auto table = simulated_latency_table(simulation, setup.model, setup.schedule);
    EXPECT_EQ(table.block_cycles.size(), setup.model.tokens() + 1);
    const std::vector<Stages> choices{
        {},
        {{12, 0.5}},
        {{4, 0.7}, {7, 0.39}, {10, 0.21}},
        {{2, 0.3}},
        {{3, 0.9}, {5, 0.8}, {8, 0.35}, {9, 0.1}},
    };
    for (const auto& stages : choices) {
        const auto schedule = schedule_of(setup.schedule, stages);
        const auto counts = workload::target_token_counts(schedule, setup.model);
        const workload::LoweringOptions options{setup.design.accelerator.controller.layout_copies};
        const auto image = simulation.run(workload::lower(setup.model, schedule, counts, options));
        const auto predicted = table.cycles(setup.model, schedule);
        const auto simulated = static_cast<double>(image.cycles);
        EXPECT_NEAR(static_cast<double>(predicted), simulated, 0.005 * simulated)
            << stages.size() << " selectors";
    }
}

} // namespace heatsim::sweep
