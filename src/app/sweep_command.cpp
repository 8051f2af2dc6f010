// SPDX-License-Identifier: Apache-2.0
#include "app/commands.hpp"
#include "config/text_file.hpp"
#include "report/point_metrics.hpp"
#include "report/summary.hpp"
#include "report/sweep_report.hpp"
#include "report/version.hpp"
#include "sweep/fork_pool.hpp"
#include "sweep/mpi.hpp"
#include "sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

using sweep::ResultStore;
using sweep::SweepRecord;

constexpr double shortest_limit_s = 0.001;
constexpr double longest_limit_s = 1e9;
constexpr std::uint64_t most_shards = 1'000'000;
constexpr std::uint64_t most_megabytes = 1'000'000'000;

[[nodiscard]] ResultStore::Format store_format()
{
    return {report::version, sweep::static_numbers(), report::point_metric_names()};
}

/// Tells that the user asked to stop, as long as it lives: the first time politely, then the
/// process ends as it would without it.
class Interrupt {
  public:
    Interrupt()
    {
        requested = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { requested = 1; };
        action.sa_flags = static_cast<int>(SA_RESETHAND); // no SA_RESTART: waiting ends
        (void)sigaction(SIGINT, &action, &interrupt_before_);
        (void)sigaction(SIGTERM, &action, &terminate_before_);
    }
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt()
    {
        (void)sigaction(SIGINT, &interrupt_before_, nullptr);
        (void)sigaction(SIGTERM, &terminate_before_, nullptr);
    }
    [[nodiscard]] static bool is_requested() { return requested != 0; }

  private:
    static inline volatile std::sig_atomic_t requested = 0;
    struct sigaction interrupt_before_ {};
    struct sigaction terminate_before_ {};
};

[[nodiscard]] sweep::SpaceRequest space_request(const SweepOptions& options,
                                                std::vector<config::Violation>& violations)
{
    sweep::SpaceRequest request;
    request.space = options.space;
    request.metrics = report::point_metric_names();
    request.overrides = overrides_of(options.settings, violations);
    const auto add = [&request](const char* option, const char* key,
                                const std::optional<std::string>& value) {
        if (value)
            request.overrides.emplace_back(key, *value, fmt::format("{} {}", option, *value));
    };
    add("--strategy", "strategy.name", options.strategy);
    add("--points", "strategy.points", options.points);
    add("--seed", "strategy.seed", options.seed);
    return request;
}

/// `2/8`: the second of eight.
[[nodiscard]] sweep::Shard shard_of(const std::string& text,
                                    std::vector<config::Violation>& violations)
{
    const auto slash = text.find('/');
    const auto index = config::to_number<std::uint64_t>(std::string_view{text}.substr(0, slash));
    const auto count =
        slash == std::string::npos
            ? std::nullopt
            : config::to_number<std::uint64_t>(std::string_view{text}.substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count && *count <= most_shards)
        return {*index - 1, *count};
    refuse_option(violations, "--shard", fmt::format("'{}'", text),
                  "I/N with I from 1 to N, e.g. 2/8");
    return {};
}

[[nodiscard]] std::string default_store(const sweep::DesignSpace& space)
{
    return space.config().name + ".sqlite";
}

/// Writes text piece by piece: to standard output, or to a file that appears when it is complete.
class TextOutput {
  public:
    explicit TextOutput(const std::optional<std::string>& path)
    {
        if (!path)
            return;
        path_ = *path;
        draft_ = fmt::format("{}.part", *path);
        file_ = std::fopen(draft_.c_str(), "wb");
        if (file_ == nullptr)
            fail();
    }
    TextOutput(const TextOutput&) = delete;
    TextOutput& operator=(const TextOutput&) = delete;
    ~TextOutput()
    {
        if (file_ == nullptr)
            return;
        (void)std::fclose(file_);
        std::error_code ignored;
        std::filesystem::remove(draft_, ignored);
    }

    void write(const std::string& text)
    {
        if (path_.empty())
            print(text);
        else if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
            fail();
    }
    /// Gives the file its name.
    void publish()
    {
        if (path_.empty())
            return;
        if (std::fclose(std::exchange(file_, nullptr)) != 0)
            fail();
        std::error_code error;
        std::filesystem::rename(draft_, path_, error);
        if (error)
            fail();
    }

  private:
    [[noreturn]] void fail() const
    {
        const auto reason = std::generic_category().message(errno);
        std::error_code ignored;
        std::filesystem::remove(draft_, ignored);
        config::Violation violation;
        violation.where.file = path_;
        violation.found = fmt::format("cannot be written: {}", reason);
        throw config::Error{violation};
    }

    std::string path_; ///< empty: standard output
    std::string draft_;
    std::FILE* file_ = nullptr;
};

} // namespace

int sweep_command(const SweepOptions& options)
{
    std::vector<config::Violation> violations;
    sweep::TaskLimits limits;
    if (options.time_limit)
        limits.seconds = real_option("--time-limit", *options.time_limit, shortest_limit_s,
                                     longest_limit_s, violations);
    constexpr std::uint64_t megabyte = 1'000'000;
    if (options.memory_limit)
        limits.memory_bytes = megabyte * integer_option("--memory-limit", *options.memory_limit, 1,
                                                        most_megabytes, violations);
    const auto jobs = jobs_option(options.jobs, violations);
    sweep::SweepOptions how;
    how.retry_failed = options.retry_failed;
    if (options.shard)
        how.shard = shard_of(*options.shard, violations);
    std::optional<sweep::DesignSpace> space;
    keep_violations(violations, [&] {
        space = sweep::DesignSpace::load(space_request(options, violations));
        if (options.shard && sweep::is_optimizer(space->config().strategy.kind))
            refuse_option(violations, "--shard", "an optimizer needs all results",
                          "a strategy of fixed points, e.g. grid");
    });
    throw_if_any(std::move(violations));

    const auto rank = sweep::mpi_rank();
    if (rank)
        sweep::load_mpi(); // before anything is written
    if (rank && rank->rank > 0) {
        sweep::work_for_mpi_leader(*space, report::measure_point, limits);
        return 0;
    }

    const Interrupt interrupt;
    ResultStore store{
        options.store.value_or(default_store(*space)), store_format(), [&](int process) {
            if (!options.quiet)
                std::fputs(fmt::format("waiting for process {}, which writes {}\n", process,
                                       options.store.value_or(default_store(*space)))
                               .c_str(),
                           stderr);
        }};
    const auto pool =
        rank ? sweep::make_mpi_pool(*space) : std::make_unique<sweep::ForkPool>(jobs, limits);
    report::SweepReport result;
    const auto start = std::chrono::steady_clock::now();
    {
        report::SweepProgress progress{space->config().name, !options.quiet};
        how.stop_requested = [] { return Interrupt::is_requested(); };
        how.progress = [&progress](const auto& counts) { progress.show(counts); };
        result.outcome = sweep::run_sweep(*space, store, *pool, report::measure_point, how);
    }
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.space = space->config().name;
    result.store = store.path();
    result.front = report::front_report(
        store, report::find_sweep(store, std::to_string(result.outcome.sweep)), {});
    if (options.format == Format::Json)
        print(report::json_text(report::sweep_json(result)));
    else if (!options.quiet)
        print(report::sweep_text(result, report::style_of(stdout)));
    constexpr int interrupted = 130; // as a shell says of a program that SIGINT ended
    return result.outcome.interrupted ? interrupted : 0;
}

void pareto_command(const ParetoOptions& options)
{
    const ResultStore store{options.store};
    const auto sweep = report::find_sweep(store, options.sweep);
    std::vector<std::string> names = sweep.inputs;
    for (const auto* more : {&store.format().statics, &store.format().metrics})
        names.insert(names.end(), more->begin(), more->end());
    std::vector<config::Violation> violations;
    std::vector<sweep::Objective> objectives;
    const auto add = [&](const char* option, const std::vector<std::string>& wanted,
                         bool maximize) {
        for (const auto& name : wanted) {
            if (std::find(names.begin(), names.end(), name) == names.end())
                refuse_option(violations, option, fmt::format("nothing reports '{}'", name),
                              "a column of `heatsim export`", config::nearest_name(name, names));
            objectives.push_back({name, maximize});
        }
    };
    add("--minimize", options.minimize, false);
    add("--maximize", options.maximize, true);
    if (objectives.empty() && sweep.objectives.empty())
        refuse_option(violations, "--minimize", fmt::format("{} has no objectives", sweep.name),
                      "--minimize NAME, --maximize NAME");
    throw_if_any(std::move(violations));
    std::optional<SweepRecord> other;
    if (!options.compare.empty())
        other = report::find_sweep(store, options.compare);
    const auto report =
        report::front_report(store, sweep, std::move(objectives), other ? &*other : nullptr);
    if (options.format == Format::Json)
        print(report::json_text(report::front_json(report)));
    else if (options.format == Format::Csv)
        print(report::front_csv(report));
    else
        print(report::front_text(report, report::style_of(stdout)));
}

void export_command(const ExportOptions& options)
{
    const ResultStore store{options.store};
    const auto sweep = report::find_sweep(store, options.sweep);
    TextOutput output{options.output};
    const auto write = [&output](const std::string& text) { output.write(text); };
    if (options.format == Format::Json)
        report::export_json(store, sweep, write);
    else
        report::export_csv(store, sweep, write);
    output.publish();
}

void merge_command(const MergeOptions& options)
{
    std::vector<std::unique_ptr<const ResultStore>> parts;
    parts.reserve(options.parts.size());
    for (const auto& path : options.parts) // all of them, before anything is written
        parts.push_back(std::make_unique<const ResultStore>(path));
    ResultStore store{options.store, store_format()};
    for (const auto& part : parts)
        store.merge(*part);
    print(fmt::format("{} stores merged into {}\n", parts.size(), options.store));
}

} // namespace heatsim::app
