// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/progress.hpp"
#include "report/text.hpp"
#include "report/vocabulary.hpp"
#include "sweep/pareto.hpp"
#include "sweep/result_store.hpp"
#include "sweep/sweep.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace heatsim::report {

/// Tells how far a sweep is: points done, failed, per second, time left, members of the front.
class SweepProgress {
  public:
    SweepProgress(std::string label, bool wanted);
    void show(const sweep::SweepCounts& counts);

  private:
    std::string label_;
    StatusLine line_;
};

/// One member of a Pareto front with what a reader wants to know of it.
struct FrontRow {
    sweep::PointRow row;
    std::vector<double> objectives; ///< values, not costs
};

/// The Pareto front of a sweep.
struct FrontReport {
    std::string store;
    sweep::SweepRecord sweep;
    std::vector<sweep::Objective> objectives;
    std::uint64_t points = 0;   ///< that keep all constraints and have all objectives
    std::vector<FrontRow> rows; ///< the best of the first objective first
    /// Why points were rejected or failed: the most frequent reasons, each with its number.
    std::vector<std::pair<std::string, std::uint64_t>> reasons;
    /// Share of the box between the best and the worst value of every objective on the front that
    /// it dominates, 0 to 1; nothing with fewer than two objectives or where one does not vary.
    std::optional<double> hypervolume;
    /// Another sweep in the same box, which is then that of the front of both together.
    struct Compared {
        sweep::SweepRecord sweep;
        std::uint64_t points = 0;
        std::optional<double> hypervolume;
    };
    std::optional<Compared> compared;
};

/// \param objectives empty: the sweep's own \param other sweep to compare with; null: none
[[nodiscard]] FrontReport front_report(const sweep::ResultStore& store,
                                       const sweep::SweepRecord& sweep,
                                       std::vector<sweep::Objective> objectives,
                                       const sweep::SweepRecord* other = nullptr);
/// The sweep of this name or number; without a name the last one. \throws config::Error
[[nodiscard]] sweep::SweepRecord find_sweep(const sweep::ResultStore& store,
                                            const std::string& wanted);
/// Objectives as a store writes them.
[[nodiscard]] std::vector<sweep::Objective> objectives_of(const sweep::SweepRecord& sweep);

[[nodiscard]] std::string front_text(const FrontReport& report, const Style& style);
[[nodiscard]] nlohmann::ordered_json front_json(const FrontReport& report);
[[nodiscard]] std::string front_csv(const FrontReport& report);
/// Every key of `heatsim pareto --format json`.
[[nodiscard]] std::vector<Field> front_fields();

/// What a sweep has done.
struct SweepReport {
    std::string space;
    std::string store;
    sweep::SweepOutcome outcome;
    double seconds = 0.0;
    FrontReport front;
};
[[nodiscard]] std::string sweep_text(const SweepReport& report, const Style& style);
[[nodiscard]] nlohmann::ordered_json sweep_json(const SweepReport& report);
/// Every key of `heatsim sweep --format json`.
[[nodiscard]] std::vector<Field> sweep_fields();

/// Hands the table of a sweep's points to `write`, piece by piece: one row per point in the order
/// of their numbers. Numbers have the shortest digits that read back the same.
void export_csv(const sweep::ResultStore& store,
                const sweep::SweepRecord& sweep,
                const std::function<void(const std::string&)>& write);
/// The same as a list of objects.
void export_json(const sweep::ResultStore& store,
                 const sweep::SweepRecord& sweep,
                 const std::function<void(const std::string&)>& write);
/// Every column of the table, but for those of the axes, derived numbers and `point_metrics`.
[[nodiscard]] std::vector<Field> export_columns();

} // namespace heatsim::report
