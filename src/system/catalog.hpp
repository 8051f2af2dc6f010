// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/document.hpp"
#include "system/chip.hpp"
#include "workload/model.hpp"
#include "workload/schedule.hpp"
#include "workload/trace.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::system {

/// Kinds of shipped configuration files, each with its folder.
enum class ConfigKind : std::uint8_t {
    Model,
    Accelerator,
    Board,
    Memory,
    Schedule,
    Energy,
    Accuracy,
    Sweep,
};
inline constexpr std::array<config::EnumName<ConfigKind>, 8> config_kind_names{{
    {ConfigKind::Model, "models"},
    {ConfigKind::Accelerator, "accelerators"},
    {ConfigKind::Board, "boards"},
    {ConfigKind::Memory, "memories"},
    {ConfigKind::Schedule, "schedules"},
    {ConfigKind::Energy, "energy"},
    {ConfigKind::Accuracy, "accuracy"},
    {ConfigKind::Sweep, "sweeps"},
}};

/// Names of the shipped files of one kind, sorted.
[[nodiscard]] std::vector<std::string> catalog_names(ConfigKind kind);

/// That there is no shipped file of this name and kind. \param named_at where the name stands;
/// empty for the command line
[[nodiscard]] config::Violation
unknown_name(ConfigKind kind, const std::string& name, const config::Location& named_at);

/// A change to one key, e.g. `array.heads` to `6`.
struct Override {
    Override(std::string dotted_key, std::string yaml_value, std::string written = "")
        : key{std::move(dotted_key)}
        , value{std::move(yaml_value)}
        , origin{std::move(written)}
    {}

    std::string key;
    std::string value;
    /// How the user wrote it, e.g. `--mapping xor` or `space.yaml:12:7`; empty: `--set key=value`.
    std::string origin;
};

/// Its `origin`, or what stands for it.
[[nodiscard]] std::string origin_of(const Override& change);

/// Opens a shipped file by name, or any file by path. \param named_at where the name stands; empty:
/// on the command line. \throws config::Error
[[nodiscard]] config::Document
open_config(ConfigKind kind, const std::string& name, const config::Location& named_at = {});

/// What a run is asked for: names of shipped files or paths of the user's own.
struct RunRequest {
    std::string model = "deit_t";
    std::string schedule; ///< empty: the trace's, or the model's default
    std::string accelerator = "heatvit_int8_zcu102";
    std::string energy;           ///< energy table; empty: the accelerator's, or the board's
    std::string trace;            ///< path of a token trace; empty: token counts from the schedule
    std::size_t images = 0;       ///< 0: all of the trace, or one
    std::size_t batch_images = 1; ///< executed together
    bool allow_oversize = false;  ///< whether a design may be larger than its board
    /// Keys of the accelerator; with the prefix `board.`, `memory.`, `model.`, `schedule.` or
    /// `energy.` of those files.
    std::vector<Override> overrides;
};

/// Everything a run needs, read and checked.
struct RunSetup {
    Design design;
    workload::Model model;
    workload::Schedule schedule;
    std::optional<workload::TokenTrace> trace; ///< without its images
    std::vector<workload::TokenCounts> images; ///< whole batches, one behind the other
    std::size_t batch_images = 1;
};

/// Reads and checks all files of a request. \throws config::Error with all violations, rules over
/// several files included (schedule against model, trace against schedule and model, design against
/// board)
[[nodiscard]] RunSetup load(const RunRequest& request);

/// Reads one memory by name or path, with changes. \throws config::Error with all violations
[[nodiscard]] hw::DdrConfig load_memory(const std::string& name,
                                        const std::vector<Override>& overrides);

/// Every key of the resolved configuration with its value, as text that is made fast: the same for
/// the same configuration.
[[nodiscard]] std::string configuration_fingerprint(const RunSetup& setup);

/// The resolved configuration as YAML, defaults included.
[[nodiscard]] std::string resolved_configuration(const RunSetup& setup);

} // namespace heatsim::system
