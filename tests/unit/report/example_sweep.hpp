// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/sweep_report.hpp"
#include "support/temporary_folder.hpp"

#include <limits>
#include <string>
#include <vector>

namespace heatsim::report {

/// A store of two sweeps over two numbers: the first with four points on a line, a worse and a
/// failed one, the second with the ends of the line.
class ExampleStore {
  public:
    ExampleStore()
    {
        const std::vector<std::string> objectives{"-latency_ms.mean", "+accuracy.top1_percent"};
        const auto first = store.add_sweep({0,
                                            "line",
                                            "line",
                                            {"keep_ratio", "board"},
                                            objectives,
                                            2,
                                            {{"model", "deit_t"}},
                                            {"schedule.selectors.0.keep_ratio", ""}});
        add(first, 0, 1.0, 90.0);
        add(first, 1, 2.0, 91.0);
        add(first, 2, 3.0, 92.0);
        add(first, 3, 4.0, 93.0);
        add(first, 4, 4.0, 91.5);
        sweep::PointRecord failed;
        failed.point = 5;
        failed.status = sweep::PointStatus::Failed;
        failed.reason = "timeout, \"late\"";
        failed.inputs = {"0.5", "zcu102"};
        failed.statics = {std::numeric_limits<double>::quiet_NaN()};
        store.record(first, failed, nullptr);
        const auto second =
            store.add_sweep({0, "ends", "ends", {"keep_ratio"}, objectives, 1, {}, {""}});
        add(second, 0, 1.0, 90.0);
        add(second, 3, 4.0, 93.0);
    }

    [[nodiscard]] sweep::SweepRecord sweep(std::size_t index) const
    {
        return store.sweeps().at(index);
    }

    const test::TemporaryFolder folder;
    sweep::ResultStore store{folder.path("store.sqlite"),
                             {"1.0", {"accuracy.top1_percent"}, {"latency_ms.mean"}}};

  private:
    void add(std::int64_t sweep, std::uint64_t number, double latency_ms, double top1_percent)
    {
        sweep::Evaluation evaluation;
        evaluation.key = std::to_string(number);
        evaluation.done = true;
        evaluation.version = "1.0";
        evaluation.configuration = "c";
        evaluation.metrics = {latency_ms};
        sweep::PointRecord point;
        point.point = number;
        point.inputs = {std::to_string(number), "zcu102"};
        point.statics = {top1_percent};
        point.evaluation = evaluation.key;
        store.record(sweep, point, &evaluation);
    }
};

} // namespace heatsim::report
