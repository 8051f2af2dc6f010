// SPDX-License-Identifier: Apache-2.0
#include "report/sweep_page.hpp"

#include "config/text_file.hpp"
#include "report/csv_table.hpp"
#include "report/markdown.hpp"
#include "report/page.hpp"
#include "report/point_metrics.hpp"
#include "sweep/rerun.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace heatsim::report {

namespace {

using nlohmann::ordered_json;
using sweep::PointRow;
using sweep::PointStatus;

/// One column of the table of points.
struct PageColumn {
    std::string name;
    std::string explain;
    const char* role;
    std::string unit;
    ordered_json numbers = ordered_json::array();
    ordered_json texts = nullptr; ///< null: it has numbers
};

[[nodiscard]] std::string unit_of(const std::string& name)
{
    static const auto columns = export_columns();
    for (const auto* fields : {&point_metrics(), &columns})
        for (const auto& field : *fields)
            if (field.name == name)
                return field.unit;
    return "";
}

/// Gathers the rows of a sweep column by column.
class Table {
  public:
    Table(const sweep::ResultStore::Format& format, const sweep::SweepRecord& sweep)
        : inputs_{sweep.inputs.size()}
        , input_texts_(sweep.inputs.size(), ordered_json::array())
    {
        for (std::size_t i = 0; i < inputs_; ++i)
            columns_.push_back({sweep.inputs[i],
                                sweep.keys[i].empty() ? sweep.inputs[i] : sweep.keys[i],
                                i < sweep.axes ? "axis" : "derived", ""});
        for (const auto& name : format.statics)
            columns_.push_back({name, name, "static", unit_of(name)});
        for (const auto& name : format.metrics)
            columns_.push_back({name, name, "metric", unit_of(name)});
    }

    void add(const PointRow& row)
    {
        const auto& point = row.point;
        points_.push_back(point.point);
        status_.push_back(static_cast<int>(point.status));
        reason_.push_back(point.reason.empty() ? -1 : reason_of(point.status, point.reason));
        row_of_[point.point] = points_.size() - 1;
        auto column = columns_.begin();
        for (std::size_t i = 0; i < inputs_; ++i)
            input_texts_[i].push_back(i < point.inputs.size() ? point.inputs[i] : "");
        column += static_cast<std::ptrdiff_t>(inputs_);
        for (const double value : point.statics)
            (column++)->numbers.push_back(short_number(value));
        for (; column != columns_.end(); ++column) {
            const auto metric = static_cast<std::size_t>(column - columns_.begin()) - inputs_ -
                                point.statics.size();
            column->numbers.push_back(row.evaluation ? short_number(row.evaluation->metrics[metric])
                                                     : ordered_json{});
        }
    }

    /// Row of a point. \pre it was added
    [[nodiscard]] std::size_t row_of(std::uint64_t point) const { return row_of_.at(point); }

    void put_into(ordered_json& json)
    {
        for (std::size_t i = 0; i < inputs_; ++i)
            set_input(columns_[i], input_texts_[i]);
        auto columns = ordered_json::array();
        for (auto& column : columns_)
            columns.push_back({{"name", column.name},
                               {"explain", column.explain},
                               {"role", column.role},
                               {"unit", column.unit},
                               {"numbers", std::move(column.numbers)},
                               {"texts", std::move(column.texts)}});
        json["columns"] = std::move(columns);
        json["points"] = points_;
        json["status"] = status_;
        json["reason"] = reason_;
        json["reasons"] = ordered_json::array();
        std::stable_sort(reasons_.begin(), reasons_.end(),
                         [](const Reason& a, const Reason& b) { return a.number < b.number; });
        for (const auto& reason : reasons_)
            json["reasons"].push_back(reason.text);
        std::stable_sort(reasons_.begin(), reasons_.end(),
                         [](const Reason& a, const Reason& b) { return a.points > b.points; });
        json["reason_counts"] = ordered_json::array();
        for (const auto& reason : reasons_)
            json["reason_counts"].push_back({{"status", static_cast<int>(reason.status)},
                                             {"reason", reason.text},
                                             {"points", reason.points}});
        json["input_texts"] = input_texts_;
        ordered_json counts;
        for (const auto status :
             {PointStatus::Ok, PointStatus::Violated, PointStatus::Infeasible, PointStatus::Failed})
            counts[sweep::name_of(status)] =
                std::count(status_.begin(), status_.end(), static_cast<int>(status));
        json["counts"] = std::move(counts);
    }

  private:
    struct Reason {
        int number = 0;
        PointStatus status = PointStatus::Ok;
        std::string text;
        std::uint64_t points = 0;
    };

    [[nodiscard]] int reason_of(PointStatus status, const std::string& text)
    {
        const auto next = static_cast<int>(reasons_.size());
        const auto [known, is_new] = reason_numbers_.emplace(std::pair{status, text}, next);
        if (is_new)
            reasons_.push_back({next, status, text, 0});
        ++reasons_[static_cast<std::size_t>(known->second)].points;
        return known->second;
    }

    /// Numbers where all values are.
    static void set_input(PageColumn& column, const ordered_json& texts)
    {
        for (const auto& text : texts) {
            const auto& written = text.get_ref<const std::string&>();
            const auto number = config::to_number<double>(written);
            if (!number && !written.empty()) {
                column.numbers = nullptr;
                column.texts = texts;
                return;
            }
            column.numbers.push_back(number ? short_number(*number) : ordered_json{});
        }
    }

    std::size_t inputs_;
    std::vector<PageColumn> columns_;
    std::vector<ordered_json> input_texts_;
    std::vector<std::uint64_t> points_;
    std::vector<int> status_;
    std::vector<int> reason_;
    std::map<std::pair<PointStatus, std::string>, int> reason_numbers_;
    std::vector<Reason> reasons_;
    std::map<std::uint64_t, std::size_t> row_of_;
};

[[nodiscard]] std::string cell_of(const ordered_json& column, std::size_t row)
{
    const auto& value = column["numbers"].is_null() ? column["texts"][row] : column["numbers"][row];
    if (value.is_string())
        return value.get<std::string>();
    return value.is_number() ? significant(value.get<double>()) : "";
}

} // namespace

ordered_json sweep_page(const sweep::ResultStore& store,
                        const sweep::SweepRecord& sweep,
                        bool running,
                        const std::string& point_url)
{
    auto page = page_frame(
        "sweep", sweep.name, store.path(),
        fmt::format("heatsim report {} --sweep {}", config::shell_quoted(store.path()), sweep.id));
    auto& json = page["sweep"];
    json = {{"store", store.path()}, {"id", sweep.id}, {"name", sweep.name}};
    json["sweeps"] = ordered_json::array();
    for (const auto& other : store.sweeps())
        json["sweeps"].push_back({{"id", other.id}, {"name", other.name}});
    json["objectives"] = ordered_json::array();
    for (const auto& objective : objectives_of(sweep))
        json["objectives"].push_back({{"name", objective.name}, {"maximize", objective.maximize}});
    json["running"] = running;
    Table table{store.format(), sweep};
    store.for_each_point(sweep.id, [&table](const PointRow& row) { table.add(row); });
    const auto front = front_report(store, sweep, {});
    json["front"] = ordered_json::array();
    for (const auto& member : front.rows)
        json["front"].push_back(table.row_of(member.row.point.point));
    json["hypervolume"] = front.hypervolume ? ordered_json(*front.hypervolume) : ordered_json{};
    table.put_into(json);
    auto options = ordered_json::array();
    for (const auto& key : sweep.keys)
        options.push_back(key.empty() ? ordered_json{} : ordered_json(sweep::run_option(key)));
    json["command"] = {{"base", sweep::base_command(sweep)}, {"inputs", std::move(options)}};
    json["point_url"] =
        point_url.empty() || sweep.settings.empty() ? ordered_json{} : ordered_json(point_url);
    return page;
}

std::string sweep_page_markdown(const ordered_json& page)
{
    const auto& sweep = page["sweep"];
    auto text = fmt::format(
        "# {}\n\nSweep {} of {}\n\n", markdown_cell(page["title"].get<std::string>()),
        sweep["id"].get<std::int64_t>(), markdown_cell(sweep["store"].get<std::string>()));
    std::vector<std::vector<std::string>> rows;
    for (const auto& [status, count] : sweep["counts"].items())
        rows.push_back({status, grouped(count.get<std::uint64_t>())});
    text += markdown_table({"points", ""}, std::exchange(rows, {}));
    if (!sweep["front"].empty()) {
        std::vector<std::string> wanted;
        for (const auto& objective : sweep["objectives"])
            wanted.push_back(objective["name"].get<std::string>());
        std::vector<const ordered_json*> shown;
        std::vector<std::string> header{"point"};
        for (const auto& column : sweep["columns"]) {
            const auto name = column["name"].get<std::string>();
            const bool is_objective = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
            if (column["role"] != "axis" && !is_objective)
                continue;
            shown.push_back(&column);
            header.push_back(with_unit(name, column["unit"].get<std::string>()));
        }
        for (const auto& row : sweep["front"]) {
            const auto index = row.get<std::size_t>();
            std::vector<std::string> cells{sweep["points"][index].dump()};
            for (const auto* column : shown)
                cells.push_back(cell_of(*column, index));
            rows.push_back(std::move(cells));
        }
        text += fmt::format("\n## Pareto front: {}\n\n{}",
                            markdown_cell(fmt::format("{}", fmt::join(wanted, ", "))),
                            markdown_table(header, std::exchange(rows, {}), 1));
    }
    for (const auto& reason : sweep["reason_counts"])
        rows.push_back({grouped(reason["points"].get<std::uint64_t>()),
                        sweep::name_of(static_cast<PointStatus>(reason["status"].get<int>())),
                        reason["reason"].get<std::string>()});
    if (!rows.empty())
        text += fmt::format("\n## Points left out or failed\n\n{}",
                            markdown_table({"points", "status", "reason"}, rows, 3));
    text += fmt::format("\nheatsim {}, `{}`\n", page["version"].get<std::string>(),
                        page["command"].get<std::string>());
    return text;
}

} // namespace heatsim::report
