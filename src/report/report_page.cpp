// SPDX-License-Identifier: Apache-2.0
#include "report/report_page.hpp"

#include "report/comparison.hpp"
#include "report/comparison_page.hpp"
#include "report/explain.hpp"
#include "report/page.hpp"
#include "report/simulated_run.hpp"
#include "report/sweep_page.hpp"
#include "sweep/rerun.hpp"
#include "system/all_statistics.hpp"
#include "system/child_process.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace heatsim::report {

using nlohmann::ordered_json;

namespace {

[[noreturn]] void refuse(const std::string& found)
{
    config::Violation violation;
    violation.key = "report";
    violation.found = found;
    violation.expected = fmt::format("one result folder of `heatsim run -o`, 2 to {} to compare, "
                                     "or one result store of `heatsim sweep`",
                                     most_compared_runs);
    throw config::Error{violation};
}

[[nodiscard]] ordered_json page_without_topics(const PageRequest& request)
{
    const auto& paths = request.paths;
    if (paths.size() == 1 && is_store(paths.front())) {
        sweep::ResultStore store{paths.front()};
        const bool running = store.is_being_written();
        store.freeze(); // table and front are of the same points
        const auto sweep = find_sweep(store, request.sweep);
        return sweep_page(store, sweep, running, request.point_url);
    }
    if (paths.empty() || paths.size() > most_compared_runs)
        refuse(fmt::format("{} folders", paths.size()));
    std::vector<ResultFiles> files;
    files.reserve(paths.size());
    for (const auto& path : paths) {
        if (paths.size() > 1 && std::filesystem::is_regular_file(path))
            refuse(fmt::format("{}, which is no folder, beside others", path));
        files.push_back(read_result_folder(path));
    }
    if (paths.size() > 1)
        return comparison_page(files);
    return run_page(files.front(), replay_run(files.front(), request.shown));
}

} // namespace

bool is_store(const std::string& path)
{
    std::error_code ignored; // what cannot be looked at is refused where it is read
    return std::filesystem::is_regular_file(path, ignored);
}

ordered_json make_page(const PageRequest& request)
{
    auto page = page_without_topics(request);
    explain_page(page);
    return page;
}

ordered_json
make_point_page(const std::string& path, const std::string& wanted, std::uint64_t point)
{
    const auto [sweep, inputs] = [&] {
        const sweep::ResultStore store{path}; // closed before something is simulated
        auto found = find_sweep(store, wanted);
        auto row = store.find_point(found.id, point);
        if (!row)
            throw NoSuchPoint{fmt::format("{}, sweep {}: no point {}", path, found.name, point)};
        return std::pair{std::move(found), std::move(row->point.inputs)};
    }();
    const auto request = sweep::rerun_request(sweep, inputs);
    if (!request)
        throw NoSuchPoint{
            fmt::format("{}, sweep {}: the images of its points are in no file, no run "
                        "simulates one by itself",
                        path, sweep.name)};
    const auto files =
        simulated_files(fmt::format("point {} of sweep {} in {}", point, sweep.name, path),
                        system::load(*request), false);
    auto page = run_page(files, replay_run(files, {}));
    page["title"] = fmt::format("Point {} · {}", point, page["title"].get<std::string>());
    page["command"] = fmt::format("{1} -o point_{0} && heatsim report point_{0}", point,
                                  sweep::rerun_command(sweep, inputs));
    explain_page(page);
    return page;
}

std::vector<std::string> files_of(const PageRequest& request)
{
    std::vector<std::string> files;
    for (const auto& path : request.paths) {
        const auto of_one = is_store(path) ? sweep::ResultStore::files(path) : result_files(path);
        files.insert(files.end(), of_one.begin(), of_one.end());
    }
    return files;
}

void explain_page(ordered_json& page)
{
    page["topics"] = ordered_json::parse(system::text_of_child([&page] {
        add_topics(page, all_topics(system::all_statistics()));
        return page["topics"].dump();
    }));
}

} // namespace heatsim::report
