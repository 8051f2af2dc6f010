// SPDX-License-Identifier: Apache-2.0
#include "system/methods_validation.hpp"

#include "system/catalog.hpp"
#include "system/reference_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace heatsim::system {

namespace {

constexpr double macs_per_gmac = 1e9;
constexpr double most_error_percent = 1.0;

/// GMACs of one image, all of them and those that the published figure counts.
struct Compute {
    double whole = 0.0;
    double counted = 0.0;
};

[[nodiscard]] Compute compute_of(const ReferenceRow& row)
{
    RunRequest request;
    request.model = row.text("model");
    request.schedule = row.text("schedule");
    request.allow_oversize = true; // compute only, whatever the chip
    const auto setup = load(request);
    const auto workload = workload::lower(setup.model, setup.schedule, setup.images.front());
    Compute compute;
    const auto& left_out = row.text("not_counted");
    for (const auto& op : workload.operators) {
        const double gmacs = static_cast<double>(op.macs()) / macs_per_gmac;
        compute.whole += gmacs;
        const bool counts = left_out.empty() || op.selector == 0 ||
                            op.name != fmt::format("selector.{}.{}", op.selector, left_out);
        compute.counted += counts ? gmacs : 0.0;
    }
    return compute;
}

[[nodiscard]] std::string note_of(const ReferenceRow& row, const Compute& compute)
{
    auto note = row.text("parameters");
    const auto append = [&note](const std::string& text) {
        if (!text.empty())
            note += (note.empty() ? "" : "; ") + text;
    };
    if (!row.text("not_counted").empty() && !row.text("gmacs").empty())
        append(fmt::format("all counted: {:.3f} ({:+.2f} %)", compute.whole,
                           error_percent(compute.whole, row.real("gmacs"))));
    append(row.text("remark"));
    return note;
}

} // namespace

double rounding_of(const std::string& number)
{
    const auto point = number.find('.');
    const auto digits = point == std::string::npos ? 0 : number.size() - point - 1;
    constexpr double half = 0.5;
    constexpr double base = 10.0;
    return half * std::pow(base, -static_cast<double>(digits));
}

ValidationTable validate_methods()
{
    const auto reference = shipped_table("validation/methods.csv");
    ValidationTable table;
    table.target = "methods";
    table.title = "MACs of pruning methods";
    table.reference =
        "GMACs of papers and official repositories (" + reference.path + "), as they count them";
    std::size_t checked = 0;
    std::size_t within_percent = 0;
    std::size_t missed = 0;
    for (const auto& line : reference.rows) {
        const auto compute = compute_of(line);
        const auto& use = line.text("use");
        ValidationRow row;
        row.name =
            fmt::format("{}/{}/{}", line.text("method"), line.text("model"), line.text("schedule"));
        row.quantity = "GMACs";
        row.predicted = compute.counted;
        row.trust = line.text("trust");
        row.calibrated = use == "calibrated";
        row.note = note_of(line, compute);
        if (line.text("gmacs").empty()) {
            table.not_validated.push_back(row.name + ": no GMACs are published");
            table.rows.push_back(std::move(row));
            continue;
        }
        row.reference = line.real("gmacs");
        if (row.counts() && use == "validated") {
            const double error = std::abs(*row.error_percent());
            const bool rounds =
                std::abs(row.predicted - *row.reference) <= rounding_of(line.text("gmacs"));
            ++checked;
            within_percent += error <= most_error_percent ? 1U : 0U;
            missed += error <= most_error_percent || rounds ? 0U : 1U;
        } else if (!row.calibrated && row.counts()) {
            row.note = "token counts not published: not checked; " + row.note;
            table.not_validated.push_back(row.name + ": its token counts are not published");
        }
        table.rows.push_back(std::move(row));
    }
    table.checks.push_back(
        {fmt::format("of {} rows, off by more than 1 % and than the published rounding", checked),
         "", static_cast<double>(missed), 0.0});
    table.checks.push_back(
        {"rows that could be checked", "", static_cast<double>(checked), 1.0, true});
    table.notes.push_back(
        fmt::format("{} of {} checked rows are within 1 %, the others within half a unit of the "
                    "last published digit (2.3 stands for 2.25 to 2.35)",
                    within_percent, checked));
    table.not_validated.emplace_back(
        "latency and energy of any method but HeatViT's and SPViT's; which tokens a method keeps");
    return table;
}

} // namespace heatsim::system
