// SPDX-License-Identifier: Apache-2.0
#include "report/report_page.hpp"

#include "report/comparison.hpp"
#include "report/comparison_page.hpp"
#include "report/explain.hpp"
#include "report/page.hpp"
#include "report/sweep_page.hpp"
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
        const sweep::ResultStore store{paths.front()};
        const auto sweep = find_sweep(store, request.sweep);
        return sweep_page(store, sweep, store.is_being_written(), request.point_url);
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

void explain_page(ordered_json& page)
{
    page["topics"] = ordered_json::parse(system::text_of_child([&page] {
        add_topics(page, all_topics(system::all_statistics()));
        return page["topics"].dump();
    }));
}

} // namespace heatsim::report
