// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "report/comparison.hpp"
#include "report/simulated_run.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace heatsim::app {

namespace {

using report::RunFigures;

constexpr std::uint64_t most_operators = 1000000;
constexpr std::size_t default_operators = 10; ///< of the tables for people

/// A run that is simulated now, read and checked.
struct SimulatedRun {
    std::string name;
    system::RunSetup setup;
};

/// Everything that is compared, in order.
using Run = std::variant<RunFigures, SimulatedRun>;

/// Nothing is named: the default alone.
[[nodiscard]] std::vector<std::string> or_default(const std::vector<std::string>& names,
                                                  const std::string& default_name)
{
    return names.empty() ? std::vector<std::string>{default_name} : names;
}

/// The runs of the command line. Models or accelerators without a schedule or a trace are simulated
/// with the default schedule, behind the folders.
[[nodiscard]] std::vector<CompareOptions::Run> runs_of(const CompareOptions& options)
{
    using Kind = CompareOptions::Kind;
    auto runs = options.runs;
    const bool simulates =
        std::any_of(runs.begin(), runs.end(),
                    [](const CompareOptions::Run& run) { return run.kind != Kind::Folder; });
    if (!simulates && !(options.models.empty() && options.accelerators.empty()))
        runs.push_back({Kind::Schedule, ""});
    return runs;
}

/// Reads the folders and what is simulated.
class Reader {
  public:
    Reader(const CompareOptions& options, std::vector<config::Violation>& violations)
        : options_{options}
        , violations_{violations}
        , overrides_{overrides_of(options.settings, violations)}
    {
        if (options.image_count)
            images_ =
                integer_option("--image-count", *options.image_count, 1, most_images, violations);
    }

    [[nodiscard]] std::vector<Run> read()
    {
        const auto named = runs_of(options_);
        for (const auto& run : named) {
            if (run.kind == CompareOptions::Kind::Folder)
                keep_violations(violations_, [&] { read_folder(run.text); });
            else
                read_simulated(run);
        }
        if (count_ < report::fewest_compared_runs || count_ > report::most_compared_runs)
            refuse_option(
                violations_, "compare", fmt::format("{} run{}", count_, count_ == 1 ? "" : "s"),
                fmt::format("{} to {}: result folders of `heatsim run -o`, or -s SCHEDULE, -t "
                            "TRACE, -m MODEL, -a ACCELERATOR to simulate",
                            report::fewest_compared_runs, report::most_compared_runs));
        check_use();
        return std::move(runs_);
    }

  private:
    void read_folder(const std::string& path)
    {
        ++count_;
        const auto schedules = system::catalog_names(system::ConfigKind::Schedule);
        const bool is_schedule =
            std::find(schedules.begin(), schedules.end(), path) != schedules.end();
        if (is_schedule && !std::filesystem::exists(path)) {
            refuse_option(violations_, path, "no result folder, but a schedule",
                          fmt::format("-s {} to simulate it", path));
            return;
        }
        runs_.emplace_back(report::figures_of(report::read_result_folder(path)));
    }

    void read_simulated(const CompareOptions::Run& run)
    {
        const bool is_trace = run.kind == CompareOptions::Kind::Trace;
        simulates_ = true;
        has_trace_ = has_trace_ || is_trace;
        const system::RunRequest defaults;
        for (const auto& model : or_default(options_.models, defaults.model)) {
            for (const auto& accelerator :
                 or_default(options_.accelerators, defaults.accelerator)) {
                ++count_;
                system::RunRequest request;
                request.model = model;
                request.accelerator = accelerator;
                request.energy = options_.energy;
                request.overrides = overrides_;
                request.allow_oversize = options_.allow_oversize;
                (is_trace ? request.trace : request.schedule) = run.text;
                if (is_trace)
                    request.images = images_;
                keep_violations(violations_, [&] {
                    runs_.emplace_back(SimulatedRun{name_of(run, request), system::load(request)});
                });
            }
        }
    }

    /// What tells the run from the others, as on the command line.
    [[nodiscard]] std::string name_of(const CompareOptions::Run& run,
                                      const system::RunRequest& request) const
    {
        std::vector<std::string> words;
        if (options_.models.size() > 1)
            words.push_back(fmt::format("-m {}", request.model));
        if (options_.accelerators.size() > 1)
            words.push_back(fmt::format("-a {}", request.accelerator));
        if (!run.text.empty())
            words.push_back(fmt::format("-{} {}", request.trace.empty() ? 's' : 't', run.text));
        return words.empty() ? fmt::format("-m {} -a {}", request.model, request.accelerator)
                             : fmt::format("{}", fmt::join(words, " "));
    }

    /// Options that would change nothing are mistakes.
    void check_use()
    {
        const char* nothing_simulated = "no run is simulated, folders are read as they are";
        const char* expected = "-s, -t, -m or -a";
        if (!simulates_ && !options_.settings.empty())
            refuse_option(violations_, "--set", nothing_simulated, expected);
        if (!simulates_ && !options_.energy.empty())
            refuse_option(violations_, "--energy", nothing_simulated, expected);
        if (!has_trace_ && options_.image_count)
            refuse_option(violations_, "--image-count", "no trace is simulated", "-t TRACE");
    }

    const CompareOptions& options_;
    std::vector<config::Violation>& violations_;
    std::vector<system::Override> overrides_;
    std::size_t images_ = 0; ///< 0: all of the traces
    std::vector<Run> runs_;
    std::size_t count_ = 0; ///< those with violations, too
    bool simulates_ = false;
    bool has_trace_ = false;
};

/// Rows of the table of operators.
[[nodiscard]] std::size_t operators_of(const CompareOptions& options,
                                       std::vector<config::Violation>& violations)
{
    const bool for_people = options.format == Format::Text || options.format == Format::Markdown;
    if (!options.operators)
        return for_people ? default_operators : report::all_operators;
    if (*options.operators == "all")
        return report::all_operators;
    std::vector<config::Violation> found;
    const auto count = integer_option("--operators", *options.operators, 0, most_operators, found);
    for (auto& violation : found) {
        violation.expected = fmt::format("all, or {}", violation.expected);
        violations.push_back(std::move(violation));
    }
    return count;
}

[[nodiscard]] RunFigures simulated(const SimulatedRun& run, bool show_progress)
{
    return report::figures_of(report::simulated_files(run.name, run.setup, show_progress));
}

[[nodiscard]] std::vector<RunFigures> figures_of(std::vector<Run> runs, bool show_progress)
{
    std::vector<RunFigures> figures;
    figures.reserve(runs.size());
    for (auto& run : runs) {
        if (auto* const read = std::get_if<RunFigures>(&run))
            figures.push_back(std::move(*read));
        else
            figures.push_back(simulated(std::get<SimulatedRun>(run), show_progress));
    }
    return figures;
}

/// Columns of the terminal; of anything else those of a page.
[[nodiscard]] std::size_t output_width()
{
    constexpr std::size_t narrowest = 40;
    winsize size{};
    if (isatty(STDOUT_FILENO) != 1 ||
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || // NOLINT(cppcoreguidelines-pro-type-vararg)
        size.ws_col == 0)
        return report::page_width;
    return std::max<std::size_t>(size.ws_col, narrowest);
}

} // namespace

void compare_command(const CompareOptions& options)
{
    std::vector<config::Violation> violations;
    const auto operators = operators_of(options, violations);
    auto runs = Reader{options, violations}.read();
    throw_if_any(std::move(violations));

    const auto comparison = report::compare_runs(figures_of(std::move(runs), !options.quiet));
    switch (options.format) {
    case Format::Text:
        print(report::comparison_text(comparison, operators, output_width(),
                                      report::style_of(stdout)));
        break;
    case Format::Markdown:
        print(report::comparison_markdown(comparison, operators));
        break;
    case Format::Json:
        print(report::json_text(report::comparison_json(comparison, operators)));
        break;
    case Format::Csv:
        print(report::comparison_csv(comparison, operators));
        break;
    case Format::Html: // the command line has no such choice here
        break;
    }
}

} // namespace heatsim::app
