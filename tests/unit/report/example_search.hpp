// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/search_report.hpp"

namespace heatsim::report {

/// A search that found one selector, with one step taken back and a grid beside it.
[[nodiscard]] inline SearchReport example_search()
{
    using sweep::StepKind;
    SearchReport report;
    report.model = "deit_t";
    report.accelerator = "mine";
    report.board = "zcu102";
    report.clock_mhz = 150.0;
    report.accuracy_table = "table";
    report.dataset = "images";
    report.sampling_error_points = 0.26;
    report.accuracy_drop_points = 0.5;
    report.dense_top1_percent = 93.02;
    report.latency_target_ms = 4.0;
    report.table_target_ms = 4.0;
    report.least_top1_percent = 92.52;
    report.step = 0.05;
    report.max_selectors = 3;
    report.table_simulations = 586;
    report.search.steps = {
        {StepKind::Insert, {{{7, 0.95}}, 5.1, 92.99}, true},
        {StepKind::Insert, {{{9, 0.95}, {10, 0.3}}, 4.502, std::nullopt}, false},
        {StepKind::Tune, {{{7, 0.55}}, 3.981, 92.80}, true},
    };
    report.search.best = {{{7, 0.55}}, 3.981, 92.80};
    report.search.met = true;
    report.search.evaluations = 100;
    report.simulated_ms = 3.982;
    ExhaustiveReport exhaustive;
    exhaustive.step = 0.1;
    exhaustive.result.best = {{{4, 0.8}, {7, 0.5}}, 3.755, 92.90};
    exhaustive.result.met = true;
    exhaustive.result.evaluations = 15940;
    report.exhaustive = exhaustive;
    report.output = "found.yaml";
    return report;
}

} // namespace heatsim::report
