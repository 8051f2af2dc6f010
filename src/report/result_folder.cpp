// SPDX-License-Identifier: Apache-2.0
#include "report/result_folder.hpp"

#include "config/document.hpp"
#include "config/text_file.hpp"
#include "report/csv_reader.hpp"
#include "report/functional_report.hpp"
#include "report/summary_reader.hpp"
#include "report/version.hpp"
#include "system/catalog.hpp"
#include "system/resources.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

namespace heatsim::report {

/// config.yaml: what `system::resolved_configuration` writes.
struct ResolvedConfiguration {
    system::Accelerator accelerator;
    system::Board board;
    hw::DdrConfig memory;
    estimate::EnergyTable energy;
    workload::Model model;
    workload::Schedule schedule;
};

void describe(config::Visitor& visitor, ResolvedConfiguration& configuration)
{
    using config::Presence;
    visitor.section("accelerator", configuration.accelerator, "", Presence::Required);
    visitor.section("board", configuration.board, "", Presence::Required);
    visitor.section("memory", configuration.memory, "", Presence::Required);
    visitor.section("energy", configuration.energy, "", Presence::Required);
    visitor.section("model", configuration.model, "", Presence::Required);
    visitor.section("schedule", configuration.schedule, "", Presence::Required);
}

namespace {

namespace fs = std::filesystem;
using config::Violation;
using nlohmann::json;

constexpr const char* summary_name = "summary.json";
constexpr const char* operators_name = "operators.csv";
constexpr const char* images_name = "images.csv";
constexpr const char* config_name = "config.yaml";
constexpr const char* predictions_name = "predictions.csv";
constexpr std::size_t most_pictures = 64; // of a page
constexpr const char* folder_expected = "a folder written by `heatsim run -o`";
constexpr std::size_t most_bytes = 268435456; // as of a trace

[[nodiscard]] Violation
violation(const std::string& file, std::string key, std::string found, std::string expected)
{
    Violation result;
    result.where.file = file;
    result.key = std::move(key);
    result.found = std::move(found);
    result.expected = std::move(expected);
    return result;
}

void append(std::vector<Violation>& violations, const config::Error& error)
{
    violations.insert(violations.end(), error.violations().begin(), error.violations().end());
}

void throw_if_any(std::vector<Violation> violations)
{
    if (!violations.empty())
        throw config::Error{std::move(violations)};
}

/// Folder beside `path` whose name is near to it, as the user would have to write it.
[[nodiscard]] std::string nearest_folder(const fs::path& path)
{
    const auto parent = path.parent_path();
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry{parent.empty() ? fs::path{"."} : parent, error}, end;
         !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (fs::exists(entry->path() / summary_name, ignored))
            names.push_back(entry->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    const auto nearest = config::nearest_name(path.filename().string(), names);
    return nearest.empty() ? nearest : (parent / nearest).string();
}

/// The whole file; a violation and an empty text if it cannot be read.
[[nodiscard]] std::string file_text(const fs::path& path, std::vector<Violation>& violations)
{
    const auto refuse = [&](const std::string& found) {
        violations.push_back(violation(path.string(), "", found, folder_expected));
        return std::string{};
    };
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
        std::fopen(path.c_str(), "rb"),
        [](std::FILE* stream) { return stream != nullptr ? std::fclose(stream) : 0; }};
    if (!file)
        return refuse(fmt::format("cannot be read: {}", std::generic_category().message(errno)));
    constexpr std::size_t chunk_bytes = 65536;
    std::array<char, chunk_bytes> chunk{};
    std::string text;
    for (;;) {
        errno = 0;
        const auto count = std::fread(chunk.data(), 1, chunk.size(), file.get());
        text.append(chunk.data(), count);
        if (std::ferror(file.get()) != 0)
            return refuse(
                fmt::format("cannot be read: {}", std::generic_category().message(errno)));
        if (text.size() > most_bytes)
            return refuse(fmt::format("longer than {} MiB", most_bytes >> 20U));
        if (count < chunk.size())
            return text;
    }
}

/// What only a functional run has. The summary says whether it is one, and which pictures are of
/// it: files of an earlier run may lie beside them.
void read_functional(const fs::path& folder, ResultFiles& files, std::vector<Violation>& violations)
{
    const SummaryReader summary{files};
    if (!summary.at("functional").is_object())
        return;
    files.predictions_csv = file_text(folder / predictions_name, violations);
    for (const auto& image : summary.at("functional.pictures")) {
        if (files.pictures.size() == most_pictures)
            break;
        if (!image.is_number_unsigned())
            continue;
        const auto number = image.get<std::uint64_t>();
        std::error_code error;
        const auto path = folder / picture_file(number);
        if (fs::exists(path, error)) // a reader may have taken some away
            files.pictures.push_back({number, file_text(path, violations)});
    }
}

/// Line and column of a byte of a text, both from 1.
[[nodiscard]] config::Location
position(const std::string& file, const std::string& text, std::size_t byte)
{
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
    const auto lines = std::count(text.begin(), end, '\n');
    const auto start =
        std::find(std::make_reverse_iterator(end), text.rend(), '\n').base(); // of the last line
    return {file, static_cast<int>(lines) + 1, static_cast<int>(end - start) + 1};
}

/// Reads keys of a JSON object; what is missing or of another type becomes a violation.
class JsonReader {
  public:
    JsonReader(const json& object, std::string file, std::vector<Violation>& violations)
        : object_{object}
        , file_{std::move(file)}
        , violations_{violations}
    {}

    [[nodiscard]] std::string text(const std::string& key)
    {
        const auto* value = find(key, "text", [](const json& found) { return found.is_string(); });
        return value == nullptr ? std::string{} : value->get<std::string>();
    }
    /// Not below 0.
    [[nodiscard]] double number(const std::string& key)
    {
        const auto* value = find(key, "a number from 0 to 1e15", [](const json& found) {
            return found.is_number() && is_figure(found.get<double>());
        });
        return value == nullptr ? 0.0 : value->get<double>();
    }
    [[nodiscard]] double positive(const std::string& key)
    {
        const auto* value = find(key, "a number above 0, up to 1e15", [](const json& found) {
            return found.is_number() && is_figure(found.get<double>()) && found.get<double>() > 0.0;
        });
        return value == nullptr ? 0.0 : value->get<double>();
    }
    [[nodiscard]] std::uint64_t count(const std::string& key)
    {
        const auto* value = find(key, "an integer above 0", [](const json& found) {
            return found.is_number_unsigned() && found.get<std::uint64_t>() > 0;
        });
        return value == nullptr ? 0 : value->get<std::uint64_t>();
    }
    /// Empty where it is null or not there.
    [[nodiscard]] std::string optional_text(const std::string& key)
    {
        return has(key) ? text(key) : std::string{};
    }
    [[nodiscard]] std::optional<double> optional_number(const std::string& key)
    {
        return has(key) ? std::optional<double>{number(key)} : std::nullopt;
    }
    [[nodiscard]] const json* list(const std::string& key)
    {
        return find(key, "a list", [](const json& found) { return found.is_array(); });
    }

  private:
    [[nodiscard]] const json* at(const std::string& path) const
    {
        const json* value = &object_;
        for (const auto& part : config::split({path, 0, 0}, '.')) {
            const auto found =
                value->is_object() ? value->find(std::string{part.text}) : value->end();
            if (!value->is_object() || found == value->end())
                return nullptr;
            value = &*found;
        }
        return value;
    }
    [[nodiscard]] bool has(const std::string& key) const
    {
        const auto* value = at(key);
        return value != nullptr && !value->is_null();
    }
    template <typename IsGood>
    [[nodiscard]] const json* find(const std::string& key, const char* expected, IsGood is_good)
    {
        const auto* value = at(key);
        if (value != nullptr && is_good(*value))
            return value;
        violations_.push_back(
            violation(file_, key, value == nullptr ? "missing" : value->dump(), expected));
        return nullptr;
    }

    const json& object_;
    std::string file_;
    std::vector<Violation>& violations_;
};

/// `0.1` of `0.1.4`: within it files keep their format.
[[nodiscard]] std::string format_of(const std::string& version_text)
{
    const auto first = version_text.find('.');
    return version_text.substr(0, version_text.find('.', first + 1));
}

[[nodiscard]] double batch_images_of(const RunFigures& run)
{
    return static_cast<double>(std::max<std::uint64_t>(run.batch_images, 1)); // 0: it is refused
}

void read_groups(const json& list,
                 const std::string& file,
                 RunFigures& run,
                 std::vector<Violation>& violations)
{
    for (const auto& entry : list) {
        JsonReader reader{entry, file, violations};
        auto name = reader.text("group");
        run.groups.push_back({std::move(name), reader.number("cycles") / batch_images_of(run)});
    }
}

void read_summary(const ResultFiles& files, RunFigures& run)
{
    const auto file = files.path_of(summary_name);
    json summary;
    try {
        summary = json::parse(files.summary_json);
    } catch (const json::parse_error& error) {
        Violation refused;
        refused.where = position(file, files.summary_json, error.byte > 0 ? error.byte - 1 : 0);
        refused.found = "not JSON";
        refused.expected = "the JSON that `heatsim run -o` writes";
        throw config::Error{refused};
    } catch (const json::out_of_range&) {
        throw config::Error{
            violation(file, "", "a number that is too large", "numbers up to 1e15")};
    }
    std::vector<Violation> violations;
    JsonReader reader{summary, file, violations};
    const auto made_by = reader.text("version");
    if (violations.empty() && format_of(made_by) != format_of(version))
        violations.push_back(
            violation(file, "version", fmt::format("written by heatsim {}", made_by),
                      fmt::format("a folder of heatsim {}.x: run it again", format_of(version))));
    throw_if_any(std::move(violations)); // of another format the keys are others, too
    violations.clear();

    run.model = reader.text("model");
    run.schedule = reader.text("schedule");
    run.trace = reader.optional_text("trace");
    run.accelerator = reader.text("accelerator");
    run.board = reader.text("board");
    run.memory = reader.text("memory");
    run.clock_mhz = reader.positive("clock_mhz");
    run.images = reader.count("images");
    run.batch_images = reader.count("batch_images");
    run.latency_mean_ms = reader.positive("latency_ms.mean");
    run.latency_p50_ms = reader.positive("latency_ms.p50");
    run.latency_p99_ms = reader.positive("latency_ms.p99");
    run.latency_max_ms = reader.positive("latency_ms.max");
    run.fps = reader.positive("fps");
    run.cycles = reader.positive("cycles.mean") / batch_images_of(run);
    run.macs = reader.number("macs");
    constexpr double percent = 100.0;
    run.utilization_percent = percent * reader.number("array.utilization");
    run.ddr_bytes = reader.number("ddr.read_bytes");
    run.ddr_bytes += reader.number("ddr.write_bytes");
    run.energy_mj = reader.number("energy.image_mj.mean");
    run.power_w = reader.number("energy.power_w");
    run.top1_percent = reader.optional_number("top1_percent");
    run.dataset = reader.optional_text("dataset");
    run.image_set = reader.optional_text("functional.image_set");
    if (run.dataset.empty())
        run.dataset = run.image_set;
    if (const auto* groups = reader.list("groups"))
        read_groups(*groups, file, run, violations);
    throw_if_any(std::move(violations));
}

/// What the trace says of its images, as far as the file is there and is a trace.
void read_trace_header(RunFigures& run)
{
    if (run.trace.empty() || (run.top1_percent && !run.dataset.empty()))
        return;
    try {
        const auto trace = workload::read_trace(run.trace, 1);
        if (!run.top1_percent)
            run.top1_percent = trace.top1_percent;
        if (run.dataset.empty())
            run.dataset = trace.dataset;
    } catch (const config::Error&) {
        return; // the run does not need it any more: accuracy stays unknown
    }
}

void read_operators(const ResultFiles& files, RunFigures& run)
{
    CsvTable table{files.path_of(operators_name), files.operators_csv};
    const auto names = table.names("operator");
    const auto cycles = table.numbers("cycles");
    table.throw_if_any();
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < names.size(); ++i) {
        // `name.image3`: what an image of a batch does for itself
        const auto shared =
            run.batch_images > 1 ? names[i].substr(0, names[i].rfind(".image")) : names[i];
        const auto [place, is_new] = places.emplace(shared, run.operators.size());
        if (is_new)
            run.operators.push_back({shared, 0.0});
        run.operators[place->second].cycles += cycles[i] / batch_images_of(run);
    }
}

void read_images(const ResultFiles& files, RunFigures& run)
{
    const auto file = files.path_of(images_name);
    CsvTable table{file, files.images_csv};
    const auto names = table.names("image");
    const auto latency_ms = table.numbers("latency_ms");
    table.throw_if_any();
    for (std::size_t i = 0; i < names.size(); ++i)
        run.per_image.push_back({names[i], latency_ms[i]});
    const auto refuse = [&](const std::string& found, const std::string& expected) {
        throw config::Error{violation(file, "", found, expected)};
    };
    if (run.images > 0 && run.per_image.size() != run.images) // 0: the summary is refused already
        refuse(fmt::format("{} images", run.per_image.size()),
               fmt::format("the {} of {}", run.images, summary_name));
    for (const auto& image : run.per_image)
        if (image.latency_ms == 0.0)
            refuse(fmt::format("latency 0 of image {}", image.image), "a number above 0");
}

void read_configuration(const ResultFiles& files, RunFigures& run)
{
    const auto setup = setup_of(files);
    const auto shape = system::chip_shape(setup.design.accelerator, setup.design.board, setup.model,
                                          setup.schedule);
    run.resources = estimate::estimate_chip(shape, system::resource_model()).total;
}

} // namespace

std::string ResultFiles::path_of(const char* file) const
{
    return (fs::path{name} / file).string();
}

std::vector<std::string> result_files(const std::string& path)
{
    std::vector<std::string> files;
    for (const auto* name : {summary_name, operators_name, images_name, config_name})
        files.push_back((fs::path{path} / name).string());
    return files;
}

ResultFiles read_result_folder(const std::string& path)
{
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        auto refused = violation(path, "result folder",
                                 fs::exists(path, error) ? std::string{"is no folder"}
                                                         : std::string{"no such folder"},
                                 folder_expected);
        refused.nearest = nearest_folder(path);
        throw config::Error{refused};
    }
    std::vector<Violation> violations;
    ResultFiles files;
    files.name = path;
    const fs::path folder{path};
    files.summary_json = file_text(folder / summary_name, violations);
    files.operators_csv = file_text(folder / operators_name, violations);
    files.images_csv = file_text(folder / images_name, violations);
    files.config_yaml = file_text(folder / config_name, violations);
    read_functional(folder, files, violations);
    throw_if_any(std::move(violations));
    return files;
}

system::RunSetup setup_of(const ResultFiles& files)
{
    ResolvedConfiguration configuration;
    config::Document::parse(files.config_yaml, files.path_of(config_name)).read(configuration);
    system::RunSetup setup;
    setup.design = {std::move(configuration.accelerator), std::move(configuration.board),
                    std::move(configuration.memory), std::move(configuration.energy)};
    setup.model = std::move(configuration.model);
    setup.schedule = std::move(configuration.schedule);
    return setup;
}

RunFigures figures_of(const ResultFiles& files)
{
    RunFigures run;
    run.name = files.name;
    std::vector<Violation> violations;
    read_summary(files, run); // of another version the other files are not worth a message
    for (const auto read : {read_operators, read_images, read_configuration}) {
        try {
            read(files, run);
        } catch (const config::Error& error) {
            append(violations, error);
        }
    }
    throw_if_any(std::move(violations));
    read_trace_header(run);
    return run;
}

} // namespace heatsim::report
