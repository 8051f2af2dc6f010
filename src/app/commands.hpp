// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "config/error.hpp"
#include "system/catalog.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

/// How results are printed.
enum class Format : std::uint8_t {
    Text,
    Json,
    Markdown, ///< `heatsim validate` and `heatsim compare` only
    Html,     ///< `heatsim report` only: files
    Csv,      ///< `heatsim compare`, `validate`, `pareto` and `export` only
};

/// Images that arrive over time.
struct StreamingOptions {
    std::optional<std::string> fps;
    std::optional<std::string> deadline_ms;
    std::optional<std::string> arrivals; ///< fixed, poisson or a path
    std::optional<std::string> seed;
    std::optional<std::string> frames;
    std::optional<std::string> queue_capacity;
    bool overlap = false;
};

/// A quantized network that the chip computes, and the images it gets.
struct FunctionalOptions {
    bool enabled = false;
    std::optional<std::string> weights;
    std::optional<std::string> images; ///< an image set
    std::optional<std::string> first_image;
    std::optional<std::string> record_trace;
    std::optional<std::string> pictures;
    std::vector<std::string> dump; ///< operators, or patterns of them
};

/// Words of the command line as they were written; the commands check them.
struct RunOptions {
    std::string accelerator = system::RunRequest{}.accelerator;
    std::optional<std::string> model; ///< none: the network file's, or the default
    std::string schedule;
    std::string trace;
    std::optional<std::string> image_count;
    std::optional<std::string> batch; ///< images executed together; none: 1
    std::optional<std::string> jobs;  ///< worker processes; none: one per core
    bool no_reuse = false;
    bool compose = false;
    std::optional<std::string> sample; ///< images of a composed run to simulate in full, too
    std::optional<std::string> output;
    std::optional<std::string> ddr_trace;
    std::optional<std::string> timeline;
    std::optional<std::string> timeline_image; ///< none: the one of median latency
    std::optional<std::string> vcd;
    std::string energy; ///< empty: the accelerator's
    std::vector<std::string> settings;
    std::string baseline;
    StreamingOptions streaming;
    FunctionalOptions functional;
    bool allow_oversize = false;
    Format format = Format::Text;
    bool quiet = false;
};

struct AdviseOptions {
    std::string accelerator = system::RunRequest{}.accelerator;
    std::string model = system::RunRequest{}.model;
    std::string schedule;
    std::string trace;
    std::optional<std::string> image_count;
    std::optional<std::string> jobs; ///< worker processes; none: one per core
    std::string energy;              ///< empty: the accelerator's
    std::vector<std::string> settings;
    bool allow_oversize = false;
    Format format = Format::Text;
    bool quiet = false;
};

struct StaircaseOptions {
    std::string accelerator = system::RunRequest{}.accelerator;
    std::string model = system::RunRequest{}.model;
    std::string trace; ///< empty: none
    std::optional<std::string> output;
    std::vector<std::string> settings;
    bool allow_oversize = false;
    Format format = Format::Text;
};

struct SearchOptions {
    std::string latency_ms;
    std::string accuracy_drop = "0.5"; ///< percentage points
    std::string accelerator = system::RunRequest{}.accelerator;
    std::string model = system::RunRequest{}.model;
    std::string accuracy = "deit_t_fashion_mnist"; ///< table of measured networks
    std::string step = "0.05";
    std::string max_selectors = "3";
    bool exhaustive = false;
    std::string grid_step = "0.1";
    std::optional<std::string> output;
    std::vector<std::string> settings;
    bool allow_oversize = false;
    Format format = Format::Text;
};

struct GemmOptions {
    std::string m;
    std::string k;
    std::string n;
    std::string heads = "1";
    std::string accelerator = system::RunRequest{}.accelerator;
    std::string energy; ///< empty: the accelerator's
    std::vector<std::string> settings;
    bool allow_oversize = false;
    Format format = Format::Text;
};

struct ResourcesOptions {
    std::string accelerator = system::RunRequest{}.accelerator;
    std::string model = system::RunRequest{}.model; ///< its tokens are a softmax row
    std::string schedule;                           ///< empty: the model's default
    std::vector<std::string> settings;
    Format format = Format::Text;
};

struct DdrOptions {
    /// A traffic option as it was given: `--burst-bytes`, `burst_bytes`, `4096`.
    struct Given {
        std::string option;
        std::string key;
        std::string value;
    };
    std::string memory = "ddr4_2400_x64";
    std::string mapping; ///< empty: the memory's
    std::string trace;   ///< empty: generated traffic
    std::string outstanding = "32";
    std::vector<Given> traffic;
    std::vector<std::string> settings;
    Format format = Format::Text;
};

struct ValidateOptions {
    std::string target;                ///< empty: all
    bool quick = false;                ///< rtl, synthesis: a few small ones
    bool recorded = false;             ///< rtl, synthesis: references as they were recorded
    bool full = false;                 ///< all rows of long tables, too
    std::string shapes;                ///< rtl: file of GEMMs; empty: the shipped ones
    std::string accelerator;           ///< rtl: design; empty: the shipped ones
    std::vector<std::string> settings; ///< rtl: changes to the design
    Format format = Format::Text;
};

/// Of `heatsim trace`; each of its commands looks at some of them.
struct TraceOptions {
    std::string file;   ///< inspect, compare: trace; convert: keep masks
    std::string second; ///< compare: the other trace
    std::string output;
    std::optional<std::string> model;
    std::optional<std::string> schedule;
    std::optional<std::string> resample; ///< generate: recorded trace
    std::optional<std::string> keep_ratio;
    std::optional<std::string> spread;
    std::optional<std::string> correlation;
    std::optional<std::string> image_count;
    std::string seed = "1";
    std::optional<std::string> selectors; ///< convert: blocks with a selector in front
    std::optional<std::string> package_token;
    std::optional<std::string> class_tokens;
    std::string dataset;
    bool force = false;
    Format format = Format::Text;
};

struct QuantizeOptions {
    std::string weights;
    std::string output;
    std::string images; ///< calibration set
    std::optional<std::string> image_count;
    std::string model = "vit_fmnist";
    std::string schedule; ///< empty: the model's default
    std::vector<std::string> settings;
    std::optional<std::string> gelu_delta;
    std::optional<std::string> softmax_delta;
    std::optional<std::string> percentile;
    std::string power_of_two = "none";
    std::string residual_scales = "channel";
    std::optional<std::string> jobs; ///< none: one per core
    bool force = false;
    Format format = Format::Text;
    bool quiet = false;
};

struct ExplainAccuracyOptions {
    std::string weights;
    std::string images = "fashion_mnist_test";
    std::optional<std::string> image_count;
    std::string calibration; ///< image set; empty: the training set of `images`
    std::string model = "vit_fmnist";
    std::string schedule;               ///< empty: the model's default
    std::vector<std::string> functions; ///< system::FunctionSet::name; empty: all
    std::string recorded;               ///< network to show beside; empty: none
    std::optional<std::string> output;  ///< folder for token traces
    std::optional<std::string> jobs;    ///< none: one per core
    Format format = Format::Text;
    bool quiet = false;
};

struct ListOptions {
    std::string kind;
    Format format = Format::Text;
};

struct CompareOptions {
    enum class Kind : std::uint8_t { Folder, Schedule, Trace };
    /// A run as it was named on the command line.
    struct Run {
        Kind kind = Kind::Folder;
        std::string text;
    };
    std::vector<Run> runs; ///< in the order of the command line
    /// Each schedule and trace is simulated on every accelerator for every model; empty: the
    /// defaults.
    std::vector<std::string> accelerators;
    std::vector<std::string> models;
    std::optional<std::string> image_count;
    std::string energy; ///< empty: the accelerator's
    std::vector<std::string> settings;
    std::optional<std::string> operators;
    bool allow_oversize = false;
    Format format = Format::Text;
    bool quiet = false;
};

struct SweepOptions {
    std::string space;
    std::optional<std::string> store;  ///< none: NAME.sqlite
    std::vector<std::string> settings; ///< keys of the space
    std::optional<std::string> strategy;
    std::optional<std::string> points;
    std::optional<std::string> seed;
    std::optional<std::string> jobs; ///< none: one per core
    std::optional<std::string> time_limit;
    std::optional<std::string> memory_limit;
    std::optional<std::string> shard;
    bool retry_failed = false;
    Format format = Format::Text;
    bool quiet = false;
};

struct ParetoOptions {
    std::string store;
    std::string sweep;   ///< empty: the last one
    std::string compare; ///< another sweep; empty: none
    std::vector<std::string> minimize;
    std::vector<std::string> maximize;
    Format format = Format::Text;
};

struct ExportOptions {
    std::string store;
    std::string sweep; ///< empty: the last one
    std::optional<std::string> output;
    Format format = Format::Csv;
};

struct ReportOptions {
    std::vector<std::string> paths; ///< result folders, or one result store
    std::string output = "report.html";
    std::string sweep;               ///< of a store; empty: the last one
    std::vector<std::string> images; ///< of a run, to show in time; empty: typical and slowest
    bool no_timeline = false;
    Format format = Format::Html; ///< Html: files, else to standard output
    bool quiet = false;
};

struct ViewOptions {
    std::vector<std::string> paths; ///< result folders, or one result store
    std::string sweep;              ///< of a store; empty: the last one
    std::string host = "127.0.0.1";
    std::string port = "0"; ///< 0: a free one
};

struct MergeOptions {
    std::string store;
    std::vector<std::string> parts;
};

/// Each command prints its result. \throws config::Error, system::SimulationError, OutputError
void run_command(const RunOptions& options);
void advise_command(const AdviseOptions& options);
void staircase_command(const StaircaseOptions& options);
/// \returns whether the target is met
[[nodiscard]] bool search_command(const SearchOptions& options);
void gemm_command(const GemmOptions& options);
void resources_command(const ResourcesOptions& options);
void compare_command(const CompareOptions& options);
void ddr_command(const DdrOptions& options);
/// \returns whether all checks hold
[[nodiscard]] bool validate_command(const ValidateOptions& options);
void trace_inspect_command(const TraceOptions& options);
void trace_compare_command(const TraceOptions& options);
void trace_generate_command(const TraceOptions& options);
void trace_convert_command(const TraceOptions& options);
/// \returns the exit code: 0, or 130 where the user asked to stop
[[nodiscard]] int sweep_command(const SweepOptions& options);
void pareto_command(const ParetoOptions& options);
void export_command(const ExportOptions& options);
void merge_command(const MergeOptions& options);
void report_command(const ReportOptions& options);
/// Serves until SIGINT or SIGTERM.
void view_command(const ViewOptions& options);
void quantize_command(const QuantizeOptions& options);
void list_command(const ListOptions& options);
/// \param name empty: lists what there is
void explain_command(const std::string& name, Format format);
void explain_accuracy_command(const ExplainAccuracyOptions& options);

/// Standard output cannot be written.
class OutputError : public std::runtime_error {
  public:
    explicit OutputError(int error);
    [[nodiscard]] bool is_broken_pipe() const noexcept { return broken_pipe_; }

  private:
    bool broken_pipe_;
};

/// Writes to standard output at once. \throws OutputError
void print(const std::string& text);

/// Runs `action` and keeps the violations it throws.
template <typename Action>
void keep_violations(std::vector<config::Violation>& violations, Action action)
{
    try {
        action();
    } catch (const config::Error& error) {
        violations.insert(violations.end(), error.violations().begin(), error.violations().end());
    }
}

/// Throws that command `command` got `name`, which is none of `names`, or no name at all.
[[noreturn]] void refuse_name(const std::string& command,
                              const std::string& name,
                              const std::vector<std::string>& names);

/// Throws all of them, each once; nothing if there are none.
void throw_if_any(std::vector<config::Violation> violations);

/// Adds what is wrong with an option, or with what was given for it.
void refuse_option(std::vector<config::Violation>& violations,
                   std::string option,
                   std::string found,
                   std::string expected,
                   std::string nearest = "");

/// Integer from `min` to `max`; a violation of option `option` otherwise, and `min` is returned.
[[nodiscard]] std::uint64_t integer_option(const std::string& option,
                                           const std::string& text,
                                           std::uint64_t min,
                                           std::uint64_t max,
                                           std::vector<config::Violation>& violations);
/// Number from `min` to `max`; a violation of option `option` otherwise, and `min` is returned.
[[nodiscard]] double real_option(const std::string& option,
                                 const std::string& text,
                                 double min,
                                 double max,
                                 std::vector<config::Violation>& violations);
/// Most images of a run.
inline constexpr std::uint64_t most_images = 10'000'000;

/// Processes of option `-j`; one per core where it is not given.
[[nodiscard]] std::uint64_t jobs_option(const std::optional<std::string>& jobs,
                                        std::vector<config::Violation>& violations);

/// The `key=value` of --set.
[[nodiscard]] std::vector<system::Override>
overrides_of(const std::vector<std::string>& settings, std::vector<config::Violation>& violations);

} // namespace heatsim::app
