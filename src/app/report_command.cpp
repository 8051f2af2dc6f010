// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/text_file.hpp"
#include "report/comparison.hpp"
#include "report/output_folder.hpp"
#include "report/page.hpp"
#include "report/report_page.hpp"
#include "report/summary.hpp"
#include "report/sweep_page.hpp"
#include "report/sweep_report.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using nlohmann::ordered_json;

constexpr const char* html_suffix = ".html";

[[nodiscard]] report::Comparison comparison_of(const std::vector<std::string>& paths)
{
    std::vector<report::RunFigures> runs;
    runs.reserve(paths.size());
    for (const auto& path : paths)
        runs.push_back(report::figures_of(report::read_result_folder(path)));
    return report::compare_runs(std::move(runs));
}

[[nodiscard]] std::string markdown_of(const report::PageRequest& request, const ordered_json& page)
{
    const auto kind = page.at("kind").get<std::string>();
    if (kind == "run")
        return report::run_page_markdown(page);
    if (kind == "sweep")
        return report::sweep_page_markdown(page);
    return report::comparison_markdown(comparison_of(request.paths), report::all_operators);
}

[[nodiscard]] std::string csv_of(const report::PageRequest& request, const ordered_json& page)
{
    const auto kind = page.at("kind").get<std::string>();
    if (kind == "run")
        return report::run_page_csv(page);
    if (kind == "comparison")
        return report::comparison_csv(comparison_of(request.paths), report::all_operators);
    const sweep::ResultStore store{request.paths.front()};
    std::string text;
    report::export_csv(store, report::find_sweep(store, request.sweep),
                       [&text](const std::string& piece) { text += piece; });
    return text;
}

[[nodiscard]] report::PageRequest read(const ReportOptions& options)
{
    std::vector<config::Violation> violations;
    report::PageRequest request;
    request.paths = options.paths;
    request.sweep = options.sweep;
    request.shown.timelines = !options.no_timeline;
    for (const auto& image : options.images)
        request.shown.images.push_back(
            integer_option("--image", image, 0, most_images - 1, violations));
    const bool of_store = options.paths.size() == 1 && report::is_store(options.paths.front());
    if (!options.sweep.empty() && !of_store)
        refuse_option(violations, "--sweep", "no result store is reported",
                      "a result store of `heatsim sweep`");
    if ((!options.images.empty() || options.no_timeline) && (of_store || options.paths.size() != 1))
        refuse_option(violations, options.no_timeline ? "--no-timeline" : "--image",
                      "nothing is shown in time", "one result folder of `heatsim run -o`");
    if (options.no_timeline && !options.images.empty())
        refuse_option(violations, "--image", "no timeline is wanted",
                      "either --image or --no-timeline");
    if (options.format == Format::Html && !config::ends_with(options.output, html_suffix))
        refuse_option(violations, "--output", config::quoted(options.output),
                      "a file name that ends in .html");
    throw_if_any(std::move(violations));
    return request;
}

} // namespace

void report_command(const ReportOptions& options)
{
    const auto request = read(options);
    const std::filesystem::path path{options.output};
    const auto folder = path.has_parent_path() ? path.parent_path().string() : ".";
    const auto stem = path.stem().string();
    const std::vector<std::string> names{stem + html_suffix, stem + ".md", stem + ".csv"};
    if (options.format == Format::Html)
        throw_if_any(report::output_folder_violations(folder, names));

    const auto page = report::make_page(request);
    switch (options.format) {
    case Format::Json:
        print(report::json_text(page));
        break;
    case Format::Markdown:
        print(markdown_of(request, page));
        break;
    case Format::Csv:
        print(csv_of(request, page));
        break;
    case Format::Text: // the command line has no such choice here
    case Format::Html:
        report::write_output_folder(folder, {{names[0], report::page_html(page)},
                                             {names[1], markdown_of(request, page)},
                                             {names[2], csv_of(request, page)}});
        if (!options.quiet)
            print(fmt::format("Report in {}, as Markdown and CSV beside it: {}, {}\n",
                              options.output, names[1], names[2]));
        break;
    }
}

} // namespace heatsim::app
