// SPDX-License-Identifier: Apache-2.0
#include "system/catalog.hpp"

#include "config/fingerprint.hpp"
#include "system/embedded_files.hpp"
#include "system/resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

namespace heatsim::system {

namespace {

using config::Document;
using config::Violation;

[[nodiscard]] std::string folder_of(ConfigKind kind)
{
    const std::string name = config::name_of(kind, config_kind_names);
    return kind == ConfigKind::Model ? "models/" : "configs/" + name + "/";
}

/// A name of a shipped file, unless it looks like a path.
[[nodiscard]] bool is_path(const std::string& name)
{
    const std::filesystem::path path{name};
    return name.find('/') != std::string::npos || path.extension() == ".yaml" ||
           path.extension() == ".yml";
}

/// `4 7 10`, or `none`.
[[nodiscard]] std::string listed(const std::vector<std::uint64_t>& blocks)
{
    std::string text;
    for (const auto block : blocks)
        text += (text.empty() ? "" : " ") + std::to_string(block);
    return text.empty() ? "none" : text;
}

/// The files of one run, and what is wrong with them.
class Loader {
  public:
    explicit Loader(const RunRequest& request)
        : request_{request}
    {
        for (const auto& change : request.overrides) {
            const auto& key = change.key;
            const auto dot = key.find('.');
            const auto prefix = dot == std::string::npos ? std::string{} : key.substr(0, dot);
            const bool named = prefix == "board" || prefix == "memory" || prefix == "model" ||
                               prefix == "schedule" || prefix == "energy" ||
                               prefix == "accelerator";
            overrides_[named ? prefix : "accelerator"].emplace_back(
                named ? key.substr(dot + 1) : key, change.value, origin_of(change));
        }
    }

    RunSetup load()
    {
        RunSetup setup;
        auto& accelerator = setup.design.accelerator;
        const auto accelerator_file =
            read(ConfigKind::Accelerator, request_.accelerator, "accelerator", accelerator);
        std::optional<Document> board_file;
        if (!accelerator.board.empty())
            board_file =
                read(ConfigKind::Board, accelerator.board, "board", setup.design.board,
                     accelerator_file ? accelerator_file->locate("board") : config::Location{});
        if (!setup.design.board.memory.empty())
            read(ConfigKind::Memory, setup.design.board.memory, "memory", setup.design.memory,
                 board_file ? board_file->locate("memory") : config::Location{});
        read_energy(setup, accelerator_file);
        const auto model_file = read(ConfigKind::Model, request_.model, "model", setup.model);
        read_trace(setup);
        const auto schedule_name = schedule_name_of(setup);
        std::optional<Document> schedule_file;
        if (!schedule_name.empty())
            schedule_file = read(ConfigKind::Schedule, schedule_name, "schedule", setup.schedule);
        finish(); // rules over several files need the files to be right

        if (setup.trace && schedule_name.empty())
            setup.schedule = workload::schedule_of(*setup.trace);
        if (schedule_name.empty())
            refuse_schedule_overrides();
        if (!overrides_["schedule"].empty() || !overrides_["model"].empty())
            setup.schedule.published.clear(); // of something else than this
        check_schedule(setup, schedule_file);
        check_trace(setup);
        check_fit(setup, accelerator_file);
        finish();
        set_images(setup);
        check_capacity(setup, accelerator_file);
        finish();
        return setup;
    }

  private:
    /// \param named_at where the name stands that is looked up; empty for the command line
    template <typename T>
    std::optional<Document> read(ConfigKind kind,
                                 const std::string& name,
                                 const char* prefix,
                                 T& value,
                                 const config::Location& named_at = {})
    {
        try {
            auto document = open_config(kind, name, named_at);
            for (const auto& change : overrides_[prefix])
                document.set(change.key, change.value, change.origin);
            document.read(value, violations_);
            return document;
        } catch (const config::Error& error) {
            violations_.insert(violations_.end(), error.violations().begin(),
                               error.violations().end());
            return std::nullopt;
        }
    }

    void read_energy(RunSetup& setup, const std::optional<Document>& accelerator_file)
    {
        const auto& accelerator = setup.design.accelerator;
        const bool named = request_.energy.empty() && !accelerator.energy.empty();
        const auto name = !request_.energy.empty() ? request_.energy
                          : named                  ? accelerator.energy
                                  : std::string{default_energy_table(setup.design.board)};
        read(ConfigKind::Energy, name, "energy", setup.design.energy,
             named && accelerator_file ? accelerator_file->locate("energy") : config::Location{});
    }

    void read_trace(RunSetup& setup)
    {
        if (request_.trace.empty())
            return;
        try {
            setup.trace = workload::read_trace(
                request_.trace, request_.images == 0 ? workload::all_images : request_.images);
        } catch (const config::Error& error) {
            violations_.insert(violations_.end(), error.violations().begin(),
                               error.violations().end());
        }
    }

    /// The one asked for, else the shipped one that the trace names, else the model's default.
    /// Empty where the trace's is not shipped: it is taken from the trace's header then.
    [[nodiscard]] std::string schedule_name_of(const RunSetup& setup) const
    {
        if (!request_.schedule.empty())
            return request_.schedule;
        if (!setup.trace)
            return setup.model.default_schedule;
        const auto shipped = catalog_names(ConfigKind::Schedule);
        const auto& name = setup.trace->schedule_name;
        return std::find(shipped.begin(), shipped.end(), name) == shipped.end() ? "" : name;
    }

    /// A trace brings its schedule along: there is no file whose keys could be replaced.
    void refuse_schedule_overrides()
    {
        for (const auto& change : overrides_["schedule"]) {
            Violation violation;
            violation.where.file = change.origin;
            violation.key = change.key;
            violation.found = "no schedule file: the token trace brings its own";
            violation.expected = "a schedule named with -s";
            violations_.push_back(violation);
        }
    }

    void check_schedule(const RunSetup& setup, const std::optional<Document>& file)
    {
        for (const auto& found : workload::violations(setup.schedule, setup.model)) {
            const auto key = found.selector == workload::ScheduleViolation::none
                                 ? found.key
                                 : fmt::format("selectors.{}.{}", found.selector, found.key);
            Violation violation;
            violation.where = file ? file->locate(key) : config::Location{request_.trace, 0, 0};
            violation.key = key;
            violation.found = found.found;
            violation.expected = found.expected;
            violations_.push_back(violation);
        }
    }

    void check_trace(const RunSetup& setup)
    {
        if (!setup.trace)
            return;
        const auto& trace = *setup.trace;
        const auto complain = [&](const std::string& key, const std::string& found,
                                  const std::string& expected) {
            Violation violation;
            violation.where = trace.locate(key);
            violation.key = key;
            violation.found = found;
            violation.expected = expected;
            violations_.push_back(violation);
        };
        if (!trace.model.empty() && trace.model != setup.model.name)
            complain("model", "recorded with " + trace.model,
                     fmt::format("{} (-m {} runs the trace's own network, `heatsim trace generate "
                                 "--resample` makes a trace of another one)",
                                 setup.model.name, trace.model));
        if (trace.tokens != setup.model.tokens())
            complain("tokens", "recorded with " + std::to_string(trace.tokens) + " tokens",
                     "the " + std::to_string(setup.model.tokens()) + " tokens of " +
                         setup.model.name);
        if (trace.header_locations.count("class_tokens") > 0 &&
            trace.class_tokens != setup.model.class_tokens)
            complain("class_tokens",
                     "recorded with " + std::to_string(trace.class_tokens) + " class tokens",
                     "the " + std::to_string(setup.model.class_tokens) + " of " + setup.model.name);
        std::vector<std::uint64_t> scheduled;
        bool inside = false; // which no trace tells
        for (const auto& selector : setup.schedule.selectors) {
            scheduled.push_back(selector.block());
            inside = inside || selector.is_inside();
        }
        if (inside || trace.selectors_before_blocks != scheduled)
            complain("selectors_before_blocks",
                     "recorded with selectors before blocks " +
                         listed(trace.selectors_before_blocks),
                     fmt::format("those of schedule {}, {}{}", setup.schedule.name,
                                 listed(scheduled), inside ? ", inside these blocks" : ""));
        check_keep_ratios(setup, complain);
        if (trace.package_token != setup.schedule.package_token)
            complain(
                "package_token",
                std::string{"recorded with "} +
                    config::name_of(trace.package_token, workload::package_token_names),
                std::string{"that of schedule "} + setup.schedule.name + ", " +
                    config::name_of(setup.schedule.package_token, workload::package_token_names));
    }

    /// The keep ratios the trace was recorded for against those of the schedule that runs it: a
    /// trace of another schedule often has its selectors in the same places.
    template <typename Complain>
    static void check_keep_ratios(const RunSetup& setup, const Complain& complain)
    {
        constexpr double tolerance = 0.005; // headers and schedules round to two digits
        const auto& ratios = setup.trace->keep_ratio_targets;
        const auto& selectors = setup.schedule.selectors;
        if (setup.schedule.keep_ratio_of != workload::KeepRatioOf::Original)
            return;
        for (std::size_t i = 0; i < std::min(ratios.size(), selectors.size()); ++i) {
            const auto scheduled = selectors[i].keep_ratio;
            if (scheduled > 0.0 && std::abs(scheduled - ratios[i]) > tolerance) {
                complain(
                    "keep_ratio_targets",
                    fmt::format("recorded for keep ratio {:g} at selector {}", ratios[i], i + 1),
                    fmt::format("that of schedule {}, {:g}", setup.schedule.name, scheduled));
                return;
            }
        }
    }

    /// The chip against its board, resource by resource.
    void check_fit(const RunSetup& setup, const std::optional<Document>& file)
    {
        const auto& design = setup.design;
        if (request_.allow_oversize)
            return;
        for (const auto& use : shortages(design.accelerator, design.board)) {
            Violation violation;
            violation.where = file ? file->locate(use.key) : config::Location{};
            violation.key = use.key;
            violation.found =
                fmt::format("{} {}, {} too many", use.used, use.name, use.used - use.available);
            violation.expected =
                fmt::format("at most the {} of {} (`heatsim resources` shows what takes them, "
                            "--allow-oversize simulates all the same)",
                            use.available, design.board.name);
            violations_.push_back(violation);
        }
    }

    void check_capacity(const RunSetup& setup, const std::optional<Document>& file)
    {
        if (setup.images.empty())
            return;
        const std::vector<workload::TokenCounts> batch(setup.batch_images, setup.images.front());
        const auto workload = workload::lower_batch(setup.model, setup.schedule, batch);
        const auto bytes =
            hw::address_map_bytes(workload, controller_settings(setup.design.accelerator));
        if (bytes <= setup.design.memory.capacity_bytes)
            return;
        Violation violation;
        violation.where = file ? file->locate("board") : config::Location{};
        violation.key = "board";
        violation.found = setup.model.name + " needs " + std::to_string(bytes) + " bytes";
        violation.expected = "at most the " + std::to_string(setup.design.memory.capacity_bytes) +
                             " bytes of " + setup.design.memory.name;
        violations_.push_back(violation);
    }

    void set_images(RunSetup& setup)
    {
        setup.batch_images = request_.batch_images;
        if (setup.trace) {
            setup.images = std::move(setup.trace->images);
            setup.trace->images.clear();
        } else {
            setup.images.assign(request_.images == 0 ? request_.batch_images : request_.images,
                                workload::target_token_counts(setup.schedule, setup.model));
        }
        const auto rest = setup.images.size() % setup.batch_images;
        if (rest == 0)
            return;
        Violation violation;
        violation.key = "--batch";
        violation.found =
            fmt::format("{} images in batches of {}", setup.images.size(), setup.batch_images);
        violation.expected = "whole batches, e.g. ";
        violation.expected += setup.images.size() > rest
                                  ? fmt::format("-n {}", setup.images.size() - rest)
                                  : fmt::format("--batch {}", setup.images.size());
        violations_.push_back(violation);
    }

    void finish()
    {
        if (!violations_.empty())
            throw config::Error{std::move(violations_)};
    }

    const RunRequest& request_;
    std::map<std::string, std::vector<Override>> overrides_; ///< by prefix, keys without it
    std::vector<Violation> violations_;
};

/// Hands all files of a run to something that takes them one by one.
template <typename Sink>
void add_configuration(const RunSetup& setup, Sink& sink)
{
    sink.add("accelerator", setup.design.accelerator);
    sink.add("board", setup.design.board);
    sink.add("memory", setup.design.memory);
    sink.add("energy", setup.design.energy);
    sink.add("model", setup.model);
    sink.add("schedule", setup.schedule);
}

/// A shipped file, read when it is asked for first: sweeps ask thousands of times.
[[nodiscard]] const Document& shipped_document(const std::string& path, std::string_view text)
{
    static std::map<std::string, Document> documents;
    const auto known = documents.find(path);
    return known == documents.end()
               ? documents.emplace(path, Document::parse(std::string{text}, path)).first->second
               : known->second;
}

} // namespace

std::vector<std::string> catalog_names(ConfigKind kind)
{
    const auto folder = folder_of(kind);
    std::vector<std::string> names;
    for (const auto& file : embedded_files()) {
        const std::string path = file.path;
        if (path.compare(0, folder.size(), folder) == 0)
            names.push_back(std::filesystem::path{path}.stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Violation unknown_name(ConfigKind kind, const std::string& name, const config::Location& named_at)
{
    const auto names = catalog_names(kind);
    Violation violation;
    violation.where = named_at;
    violation.key = config::name_of(kind, config_kind_names);
    violation.found = fmt::format("no '{}'", name);
    violation.expected =
        fmt::format("a path of a {} file, or one of {}",
                    kind == ConfigKind::Accuracy ? "CSV" : "YAML", fmt::join(names, ", "));
    violation.nearest = config::nearest_name(name, names);
    return violation;
}

std::string origin_of(const Override& change)
{
    return change.origin.empty() ? fmt::format("--set {}={}", change.key, change.value)
                                 : change.origin;
}

Document open_config(ConfigKind kind, const std::string& name, const config::Location& named_at)
{
    if (is_path(name))
        return Document::load(name);
    const auto path = folder_of(kind) + name + ".yaml";
    if (const auto* const file = find_embedded_file(path))
        return shipped_document(path, file->text);
    throw config::Error{unknown_name(kind, name, named_at)};
}

RunSetup load(const RunRequest& request)
{
    return Loader{request}.load();
}

hw::DdrConfig load_memory(const std::string& name, const std::vector<Override>& overrides)
{
    hw::DdrConfig memory;
    auto document = open_config(ConfigKind::Memory, name, {});
    for (const auto& change : overrides)
        document.set(change.key, change.value, origin_of(change));
    document.read(memory);
    return memory;
}

std::string resolved_configuration(const RunSetup& setup)
{
    config::Writer writer;
    add_configuration(setup, writer);
    return writer.text();
}

std::string configuration_fingerprint(const RunSetup& setup)
{
    config::Fingerprint fingerprint;
    add_configuration(setup, fingerprint);
    return fingerprint.text();
}

} // namespace heatsim::system
