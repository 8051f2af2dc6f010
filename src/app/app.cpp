// SPDX-License-Identifier: Apache-2.0
#include "app/app.hpp"

#include "app/commands.hpp"
#include "report/text.hpp"
#include "report/version.hpp"
#include "sweep/mpi.hpp"
#include "sweep/result_store.hpp"
#include "system/process.hpp"
#include "system/simulation.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::app {

namespace {

constexpr const char* examples = R"(Examples:
  heatsim run                                      DeiT-T, pruned, on a ZCU102: all defaults
  heatsim run -m deit_s -s heatvit --baseline dense
  heatsim run -t traces/deit_t_70_39_21.csv.gz -n 100 -o results
  heatsim run --set clock_mhz=200 --set array.heads=6 --format json
  heatsim gemm -M 197 -K 192 -N 768
  heatsim compare -s dense -s heatvit
  heatsim resources -a heatvit_int8_zcu102
  heatsim trace inspect traces/deit_t_70_39_21.csv.gz
  heatsim validate
  heatsim list accelerators
  heatsim explain array.utilization)";

constexpr const char* run_examples = R"(Examples:
  heatsim run                                      DeiT-T, pruned, on a ZCU102: all defaults
  heatsim run -m deit_s -s heatvit --baseline dense
  heatsim run -t traces/deit_t_70_39_21.csv.gz -n 100 -o results
  heatsim run -t traces/deit_t_70_39_21.csv.gz --compose
  heatsim run -a my_design.yaml --set clock_mhz=200 --set array.heads=6 --format json
  heatsim run --timeline timeline.pftrace --vcd waveform.vcd
  heatsim run -t traces/deit_t_70_39_21.csv.gz -n 100 --fps 60 --deadline-ms 16.7
  heatsim run --functional --weights models/vit_fmnist_70_39_21_poly05_int8.safetensors \
      --images fashion_mnist_test -n 16 -o results)";

constexpr const char* advise_examples = R"(Examples:
  heatsim advise                                   DeiT-T, pruned, on a ZCU102: all defaults
  heatsim advise -t traces/deit_t_70_39_21.csv.gz -n 20
  heatsim advise -a teaching_pynq_z2 -s dense --set array.rows=16 --format json)";

constexpr const char* staircase_examples = R"(Examples:
  heatsim staircase                                DeiT-T on a ZCU102: all defaults
  heatsim staircase -t traces/deit_t_70_39_21.csv.gz -o staircase
  heatsim staircase -m deit_s --set tile.tokens=64 --format json)";

constexpr const char* search_examples = R"(The exit code is 1 where the target is not met.
Examples:
  heatsim search --latency-ms 4 --accuracy-drop 0.5 -o deit_t_4_ms.yaml
  heatsim run -s deit_t_4_ms.yaml --baseline dense
  heatsim search --latency-ms 3 --exhaustive --grid-step 0.1
  heatsim search --latency-ms 4 --set schedule.choice=top_k --format json)";

constexpr const char* gemm_examples = R"(Examples:
  heatsim gemm -M 197 -K 192 -N 768
  heatsim gemm -M 197 -K 64 -N 197 --heads 3 --set memory=ideal --format json)";

constexpr const char* resources_examples = R"(Examples:
  heatsim resources                                the default design, block by block
  heatsim resources -a teaching_pynq_z2 --set array.rows=16
  heatsim resources -m deit_s -s tome_13           with the matching hardware of ToMe
  heatsim resources --set board=kv260 --format json)";

constexpr const char* compare_examples = R"(The first run is the baseline of the others.
Examples:
  heatsim compare results_dense results_pruned     two folders of `heatsim run -o`
  heatsim compare -s dense -s heatvit -s dynamicvit
  heatsim compare -t traces/deit_t_static_70_39_21.csv.gz -t traces/deit_t_70_39_21.csv.gz -n 100
  heatsim compare -m deit_s -a heatvit_int16_zcu102 -a heatvit_int8_zcu102 --format markdown
  heatsim compare results_dense -s heatvit --set array.heads=6 --operators all)";

constexpr const char* ddr_examples = R"(Examples:
  heatsim ddr --pattern random --burst-bytes 256 --outstanding 8
  heatsim ddr --memory lpddr4_2133_x32 --read-block-bytes 1024 --write-block-bytes 512
  heatsim ddr --memory ddr4_2133_x64 --trace requests.stl --format json)";

constexpr const char* validate_examples =
    R"(Exit code: 0 if all checks hold, 1 if one does not; all sources together: also 1 if one of them
lacks its tools.
Examples:
  heatsim validate
  heatsim validate published
  heatsim validate synthesis --recorded
  heatsim validate ddr --format json)";

constexpr const char* trace_examples = R"(Examples:
  heatsim trace inspect traces/deit_t_70_39_21.csv.gz
  heatsim trace compare traces/deit_t_70_39_21.csv.gz traces/deit_t_poly05_70_39_21.csv.gz
  heatsim trace generate -o mine.csv.gz -s heatvit_50_25_13 --image-count 10000 --std 0.12
  heatsim trace generate -o deit_s.csv.gz --resample traces/deit_t_70_39_21.csv.gz -m deit_s
  heatsim trace convert masks.csv -o mine.csv --selectors 4,7,10)";

constexpr const char* quantize_examples = R"(Examples:
  heatsim quantize vit.safetensors -o vit_int8.safetensors --images fashion_mnist_train
  heatsim quantize dense.safetensors -o dense_int8.safetensors --images fashion_mnist_train -s dense
  heatsim quantize mine.safetensors -o mine_int8.safetensors -m mine.yaml --images photos -n 200)";

constexpr const char* sweep_examples =
    R"(The same command goes on where it was stopped; nothing finished is simulated again.
Examples:
  heatsim sweep deit_t_pruning_rates
  heatsim sweep deit_t_rates_and_arrays --strategy nsga2 --points 400
  heatsim sweep my_space.yaml -o results.sqlite -j 8 --time-limit 60
  heatsim sweep deit_t_pruning_rates --shard 2/8 -o part_2.sqlite)";

constexpr const char* pareto_examples = R"(Examples:
  heatsim pareto deit_t_pruning_rates.sqlite
  heatsim pareto results.sqlite --minimize latency_ms.p99 --minimize energy.image_mj.mean
  heatsim pareto results.sqlite --sweep 2 --compare 1
  heatsim pareto results.sqlite --format csv)";

constexpr const char* report_examples = R"(Examples:
  heatsim report results
  heatsim report results -o results/report.html --image 7
  heatsim report dense pruned -o comparison.html
  heatsim report deit_t_pruning_rates.sqlite -o sweep.html)";

constexpr const char* view_examples = R"(Ctrl-C ends it.
Examples:
  heatsim view results
  heatsim view dense pruned --port 8000
  heatsim view deit_t_pruning_rates.sqlite         while `heatsim sweep` is at work)";

constexpr const char* explain_examples = R"(Examples:
  heatsim explain wait_weights
  heatsim explain buffers.input_bytes
  heatsim explain keep ratio
  heatsim explain gelu
  heatsim explain accuracy --weights vit.safetensors)";

constexpr const char* explain_accuracy_examples = R"(Examples:
  heatsim explain accuracy --weights vit.safetensors -n 2000
  heatsim explain accuracy --weights dense.safetensors -s dense --recorded dense
  heatsim explain accuracy --weights vit.safetensors --functions all_0.5 -o traces_of_rows)";

/// CLI11's help with the descriptions wrapped to the page.
class HelpFormatter : public CLI::Formatter {
  public:
    [[nodiscard]] std::string make_option(const CLI::Option* option,
                                          bool is_positional) const override
    {
        const auto name = "  " + make_option_name(option, is_positional) + make_option_opts(option);
        const auto column = get_column_width();
        const auto lines = report::wrapped(make_option_desc(option), report::page_width - column);
        std::string text = name;
        if (name.size() + 2 > column)
            text += '\n' + std::string(column, ' ');
        else
            text += std::string(column - name.size(), ' ');
        for (std::size_t i = 0; i < lines.size(); ++i)
            text += (i == 0 ? "" : '\n' + std::string(column, ' ')) + lines[i];
        return text + '\n';
    }
};

/// The command line and where its words go.
class CommandLine {
  public:
    CommandLine()
    {
        app_.set_version_flag("--version", std::string{"heatsim "} + report::version,
                              "Print the version and exit");
        app_.footer(examples);
        app_.require_subcommand(0, 1);
        const auto formatter = std::make_shared<HelpFormatter>();
        formatter->column_width(34);
        app_.formatter(formatter);
        add_run();
        add_advise();
        add_staircase();
        add_search();
        add_gemm();
        add_resources();
        add_compare();
        add_ddr();
        add_validate();
        add_trace();
        add_quantize();
        add_sweep();
        add_pareto();
        add_export();
        add_merge();
        add_report();
        add_view();
        add_list();
        add_explain();
    }

    CLI::App& app() { return app_; }

    /// \returns the exit code
    [[nodiscard]] int execute()
    {
        if (run_->parsed())
            run_command(run_options_);
        else if (advise_->parsed())
            advise_command(advise_options_);
        else if (staircase_->parsed())
            staircase_command(staircase_options_);
        else if (search_->parsed())
            return search_command(search_options_) ? success : checks_failed;
        else if (gemm_->parsed())
            gemm_command(gemm_options_);
        else if (resources_->parsed())
            resources_command(resources_options_);
        else if (compare_->parsed())
            compare_command(compare_options());
        else if (ddr_->parsed())
            ddr_command(ddr_options_);
        else if (validate_->parsed())
            return validate_command(validate_options_) ? success : checks_failed;
        else if (trace_inspect_->parsed())
            trace_inspect_command(trace_options_);
        else if (trace_compare_->parsed())
            trace_compare_command(trace_options_);
        else if (trace_generate_->parsed())
            trace_generate_command(trace_options_);
        else if (trace_convert_->parsed())
            trace_convert_command(trace_options_);
        else if (trace_->parsed())
            refuse_name("trace", "", {"inspect", "compare", "generate", "convert"});
        else if (quantize_->parsed())
            quantize_command(quantize_options_);
        else if (sweep_->parsed())
            return sweep_command(sweep_options_);
        else if (pareto_->parsed())
            pareto_command(pareto_options_);
        else if (export_->parsed())
            export_command(export_options_);
        else if (merge_->parsed())
            merge_command(merge_options_);
        else if (report_->parsed())
            report_command(report_options_);
        else if (view_->parsed())
            view_command(view_options_);
        else if (list_->parsed())
            list_command(list_options_);
        else if (explain_accuracy_->parsed())
            explain_accuracy_command(explain_accuracy_options_);
        else if (explain_->parsed())
            explain_command(fmt::format("{}", fmt::join(explain_words_, " ")), explain_format_);
        else
            print(app_.help());
        return success;
    }

    /// Names a misspelt word of the command line can have meant.
    [[nodiscard]] std::vector<std::string> known_words() const
    {
        std::vector<std::string> words;
        const auto add_options = [&words](const CLI::App& app) {
            for (const auto* option : app.get_options())
                for (const auto& name : option->get_lnames())
                    words.push_back("--" + name);
        };
        const auto* command = &app_; // the innermost one that was given
        while (!command->get_subcommands().empty())
            command = command->get_subcommands().front();
        add_options(*command);
        for (const auto* below : command->get_subcommands([](const CLI::App*) { return true; }))
            words.push_back(below->get_name());
        return words;
    }

  private:
    void add_design_options(CLI::App& command,
                            std::string& accelerator,
                            std::string& energy,
                            std::vector<std::string>& settings)
    {
        command
            .add_option("-a,--accelerator", accelerator,
                        "Accelerator: a name of `heatsim list accelerators` or a YAML file")
            ->type_name("ACCELERATOR")
            ->capture_default_str();
        command
            .add_option("--energy", energy,
                        "Energy table: a name of `heatsim list energy` or a YAML file (default: "
                        "the accelerator's, or that of the board's device family)")
            ->type_name("TABLE");
        command
            .add_option("--set", settings,
                        "Change a key of the accelerator, or of another file with the prefix "
                        "board., memory., model., schedule. or energy.; may be repeated")
            ->type_name("KEY=VALUE");
    }

    static void add_allow_oversize(CLI::App& command, bool& allow)
    {
        command.add_flag("--allow-oversize", allow,
                         "Simulate a design that does not fit on its board");
    }

    static void add_format(CLI::App& command, Format& format)
    {
        add_format(command, format, {{"text", Format::Text}, {"json", Format::Json}},
                   "Print results as text (default) or json");
    }
    static void add_format(CLI::App& command,
                           Format& format,
                           const std::vector<std::pair<std::string, Format>>& formats,
                           const std::string& meaning)
    {
        command
            .add_option_function<std::string>(
                "--format",
                [&format, formats](const std::string& name) {
                    std::string expected;
                    for (const auto& [known, value] : formats) {
                        if (name == known) {
                            format = value;
                            return;
                        }
                        expected += (expected.empty() ? "" : " or ") + known;
                    }
                    throw CLI::ValidationError("--format",
                                               fmt::format("'{}'; expected {}", name, expected));
                },
                meaning)
            ->type_name("FORMAT");
    }

    void add_run()
    {
        run_ = app_.add_subcommand("run", "Simulate the inference of one or many images");
        run_->footer(run_examples);
        add_design_options(*run_, run_options_.accelerator, run_options_.energy,
                           run_options_.settings);
        run_->add_option("-m,--model", run_options_.model,
                         fmt::format("Network: a name of `heatsim list models` or a YAML file "
                                     "(default: that of --weights, or {})",
                                     system::RunRequest{}.model))
            ->type_name("MODEL");
        run_->add_option("-s,--schedule", run_options_.schedule,
                         "Pruning schedule: a name of `heatsim list schedules` or a YAML file "
                         "(default: the trace's, that of --weights, or the model's "
                         "default_schedule)")
            ->type_name("SCHEDULE");
        run_->add_option("-t,--trace", run_options_.trace,
                         "Token counts of every image: a CSV file, plain or gzip")
            ->type_name("TRACE");
        run_->add_option(
                "-n,--image-count", run_options_.image_count,
                "Images to simulate (default: all of the trace or of the image set, or one "
                "batch)")
            ->type_name("IMAGES");
        run_->add_option("--batch", run_options_.batch,
                         "Images executed together: their rows share the weights that are loaded "
                         "(default: 1)")
            ->type_name("IMAGES");
        run_->add_option("-j,--jobs", run_options_.jobs,
                         "Processes that share the images (default: one per core, 1 with "
                         "--ddr-trace); results do not depend on it")
            ->type_name("JOBS");
        run_->add_flag("--no-reuse", run_options_.no_reuse,
                       "Simulate every image, also those of token counts that were simulated "
                       "already; results do not depend on it");
        run_->add_flag("--compose", run_options_.compose,
                       "Put the images together from operators simulated by token count, instead "
                       "of simulating each; the error is measured on a sample and printed");
        run_->add_option("--sample", run_options_.sample,
                         "Images of a composed run to simulate in full, too (default: 50)")
            ->type_name("IMAGES");
        run_->add_option(
                "--baseline", run_options_.baseline,
                "Simulate this schedule, too, at its target token counts, and compare; e.g. dense")
            ->type_name("SCHEDULE");
        run_->add_option("-o,--output", run_options_.output,
                         "Write summary.json, operators.csv, images.csv, distribution.csv, "
                         "stats.json, host.json, config.yaml and, as SCALE-Sim has them, "
                         "COMPUTE_REPORT.csv and BANDWIDTH_REPORT.csv into this folder; with "
                         "--functional also predictions.csv, logits.npy, kept_patches.npy, "
                         "trace.csv.gz and pictures")
            ->type_name("DIR");
        run_->add_option("--ddr-trace", run_options_.ddr_trace,
                         "Write the traffic to the DDR, one column access a line, as a trace for "
                         "`heatsim ddr --trace` and other simulators")
            ->type_name("FILE");
        run_->add_option("--timeline", run_options_.timeline,
                         "Write what every unit does over one image, for ui.perfetto.dev; gzip "
                         "where the name ends in .gz")
            ->type_name("FILE");
        run_->add_option("--vcd", run_options_.vcd,
                         "Write the same image as signals, for GTKWave and other waveform viewers; "
                         "gzip where the name ends in .gz")
            ->type_name("FILE");
        run_->add_option("--timeline-image", run_options_.timeline_image,
                         "Image of --timeline and --vcd, as images.csv counts them from 0 "
                         "(default: the one of median latency); of a batch, all its images")
            ->type_name("IMAGE");
        add_functional(*run_, run_options_.functional);
        add_streaming(*run_, run_options_.streaming);
        add_format(*run_, run_options_.format);
        add_allow_oversize(*run_, run_options_.allow_oversize);
        run_->add_flag("-q,--quiet", run_options_.quiet, "No progress bar and no text summary");
    }

    static void add_functional(CLI::App& command, FunctionalOptions& options)
    {
        command.add_flag("--functional", options.enabled,
                         "The chip computes a quantized network: images in, classes out; its "
                         "selectors decide how many tokens an image keeps");
        command
            .add_option("--weights", options.weights,
                        "The network, as `heatsim quantize` writes it")
            ->type_name("FILE");
        command
            .add_option("--images", options.images,
                        "Images: fashion_mnist_test, fashion_mnist_train, an IDX file, a folder of "
                        "PNG, PGM and PPM files with labels.csv, or one such file")
            ->type_name("SET");
        command
            .add_option("--first-image", options.first_image,
                        "Start with this image of the set, from 0 (default: 0)")
            ->type_name("IMAGE");
        command
            .add_option("--record-trace", options.record_trace,
                        "Write the token counts as a trace, as -o does: a name that ends in .csv "
                        "or .csv.gz")
            ->type_name("FILE");
        command
            .add_option("--dump", options.dump,
                        "Write what these operators compute into the folder of -o: names as in "
                        "operators.csv, also with *, between commas; at most 64 images")
            ->delimiter(',')
            ->type_name("NAME,...");
        command
            .add_option("--pictures", options.pictures,
                        "Draw what is kept of so many images into the folder of -o (default: 16)")
            ->type_name("IMAGES");
    }

    static void add_streaming(CLI::App& command, StreamingOptions& options)
    {
        command
            .add_option("--fps", options.fps,
                        "Images arrive at this rate, wait in a queue and have a deadline")
            ->type_name("RATE");
        command
            .add_option("--deadline-ms", options.deadline_ms,
                        "Longest time from an image's arrival to its result (default: the mean "
                        "interval of the arrivals)")
            ->type_name("MS");
        command
            .add_option("--arrivals", options.arrivals,
                        "fixed (default), poisson, or a file with one arrival time in ms a line")
            ->type_name("KIND|FILE");
        command.add_option("--seed", options.seed, "Of poisson arrivals (default 1)")
            ->type_name("NUMBER");
        command
            .add_option("--frames", options.frames,
                        "Arrivals; the images of the run, again and again in their order (default: "
                        "1000, or all images if they are more)")
            ->type_name("IMAGES");
        command
            .add_option("--queue-capacity", options.queue_capacity,
                        "Images that may wait; one that finds so many is dropped (default: any "
                        "number waits)")
            ->type_name("IMAGES");
        command.add_flag("--overlap", options.overlap,
                         "Load the first weights of an image that waits under the end of the one "
                         "before it; simulates each pair of neighbours, too");
    }

    void add_advise()
    {
        advise_ = app_.add_subcommand(
            "advise",
            "Tell what limits a design, and which parameter to change: each is simulated");
        advise_->footer(advise_examples);
        add_design_options(*advise_, advise_options_.accelerator, advise_options_.energy,
                           advise_options_.settings);
        advise_
            ->add_option("-m,--model", advise_options_.model,
                         "Network: a name of `heatsim list models` or a YAML file")
            ->type_name("MODEL")
            ->capture_default_str();
        advise_
            ->add_option("-s,--schedule", advise_options_.schedule,
                         "Pruning schedule: a name of `heatsim list schedules` or a YAML file "
                         "(default: the trace's, or the model's default_schedule)")
            ->type_name("SCHEDULE");
        advise_
            ->add_option("-t,--trace", advise_options_.trace,
                         "Token counts of every image: a CSV file, plain or gzip")
            ->type_name("TRACE");
        advise_
            ->add_option("-n,--image-count", advise_options_.image_count,
                         "Images of every simulation (default: the first 8 of the trace, or one)")
            ->type_name("IMAGES");
        advise_
            ->add_option("-j,--jobs", advise_options_.jobs,
                         "Simulations at a time (default: one per core); results do not depend "
                         "on it")
            ->type_name("JOBS");
        add_format(*advise_, advise_options_.format);
        add_allow_oversize(*advise_, advise_options_.allow_oversize);
        advise_->add_flag("-q,--quiet", advise_options_.quiet, "No progress bar");
    }

    void add_staircase()
    {
        staircase_ = app_.add_subcommand(
            "staircase", "Cost of a transformer block by its tokens: where pruning buys nothing");
        staircase_->footer(staircase_examples);
        staircase_
            ->add_option("-a,--accelerator", staircase_options_.accelerator,
                         "Accelerator: a name of `heatsim list accelerators` or a YAML file")
            ->type_name("ACCELERATOR")
            ->capture_default_str();
        staircase_
            ->add_option("-m,--model", staircase_options_.model,
                         "Network: a name of `heatsim list models` or a YAML file")
            ->type_name("MODEL")
            ->capture_default_str();
        staircase_
            ->add_option("-t,--trace", staircase_options_.trace,
                         "Say how many images of this token trace lie on plateaus")
            ->type_name("TRACE");
        staircase_
            ->add_option("--set", staircase_options_.settings,
                         "Change a key of the accelerator, or of another file with the prefix "
                         "board., memory. or model.; may be repeated")
            ->type_name("KEY=VALUE");
        staircase_
            ->add_option("-o,--output", staircase_options_.output,
                         "Write staircase.json and staircase.csv into this folder")
            ->type_name("DIR");
        add_format(*staircase_, staircase_options_.format);
        add_allow_oversize(*staircase_, staircase_options_.allow_oversize);
    }

    void add_search()
    {
        search_ = app_.add_subcommand("search", "Find selectors that meet a latency target within "
                                                "an accuracy budget");
        search_->footer(search_examples);
        const auto add = [this](const char* names, auto& value, const char* type,
                                const char* meaning) {
            return search_->add_option(names, value, meaning)->type_name(type);
        };
        auto& options = search_options_;
        add("--latency-ms", options.latency_ms, "MS", "Longest latency of an image")->required();
        add("--accuracy-drop", options.accuracy_drop, "POINTS",
            "Most top-1 accuracy to lose against the dense network, percentage points")
            ->capture_default_str();
        add("-a,--accelerator", options.accelerator, "ACCELERATOR",
            "Accelerator: a name of `heatsim list accelerators` or a YAML file")
            ->capture_default_str();
        add("-m,--model", options.model, "MODEL",
            "Network: a name of `heatsim list models` or a YAML file")
            ->capture_default_str();
        add("--accuracy", options.accuracy, "TABLE",
            "Measured accuracies: a name of `heatsim list accuracy` or a CSV file")
            ->capture_default_str();
        add("--step", options.step, "RATIO", "Step by which keep ratios are tuned")
            ->capture_default_str();
        add("--max-selectors", options.max_selectors, "N", "Most selectors of the result")
            ->capture_default_str();
        search_->add_flag("--exhaustive", options.exhaustive,
                          "Look at every choice on a grid, too, and show the best beside the "
                          "result");
        add("--grid-step", options.grid_step, "RATIO", "Step of that grid's keep ratios")
            ->capture_default_str();
        add("--set", options.settings, "KEY=VALUE",
            "Change a key of the accelerator, or of another file with the prefix board., memory., "
            "model. or schedule. (form of the selectors); may be repeated");
        add("-o,--output", options.output, "FILE",
            "Write the schedule found, a YAML file for `heatsim run -s`");
        add_format(*search_, options.format);
        add_allow_oversize(*search_, options.allow_oversize);
    }

    void add_gemm()
    {
        gemm_ = app_.add_subcommand("gemm", "Simulate one GEMM: C[M,N] = A[M,K] x B[K,N] per head");
        gemm_->footer(gemm_examples);
        gemm_->add_option("-M", gemm_options_.m, "Rows of A and C (tokens)")
            ->type_name("TOKENS")
            ->required();
        gemm_->add_option("-K", gemm_options_.k, "Columns of A, rows of B (input channels)")
            ->type_name("CHANNELS")
            ->required();
        gemm_->add_option("-N", gemm_options_.n, "Columns of B and C (output channels)")
            ->type_name("CHANNELS")
            ->required();
        gemm_->add_option("--heads", gemm_options_.heads, "Independent GEMMs of this shape")
            ->type_name("HEADS")
            ->capture_default_str();
        add_design_options(*gemm_, gemm_options_.accelerator, gemm_options_.energy,
                           gemm_options_.settings);
        add_allow_oversize(*gemm_, gemm_options_.allow_oversize);
        add_format(*gemm_, gemm_options_.format);
    }

    void add_resources()
    {
        resources_ = app_.add_subcommand(
            "resources", "Estimate what a design takes of its board, block by block");
        resources_->footer(resources_examples);
        resources_
            ->add_option("-a,--accelerator", resources_options_.accelerator,
                         "Accelerator: a name of `heatsim list accelerators` or a YAML file")
            ->type_name("ACCELERATOR")
            ->capture_default_str();
        resources_
            ->add_option("--set", resources_options_.settings,
                         "Change a key of the accelerator, or with the prefix board. of the board; "
                         "may be repeated")
            ->type_name("KEY=VALUE");
        resources_
            ->add_option("-m,--model", resources_options_.model,
                         "Network whose tokens a softmax engine and the selector hold")
            ->type_name("MODEL")
            ->capture_default_str();
        resources_
            ->add_option("-s,--schedule", resources_options_.schedule,
                         "Pruning schedule whose selection hardware the design has: a name of "
                         "`heatsim list schedules` or a YAML file (default: the model's "
                         "default_schedule)")
            ->type_name("SCHEDULE");
        add_format(*resources_, resources_options_.format);
    }

    void add_compare()
    {
        compare_ = app_.add_subcommand("compare", "Show runs side by side: latency, traffic, "
                                                  "energy, resources, accuracy, operators");
        compare_->footer(compare_examples);
        // one value each: the words behind are result folders
        const auto add_list = [this](const char* names, std::vector<std::string>& values,
                                     const char* type, const char* meaning) {
            auto* const option = compare_->add_option(names, values, meaning);
            return option->type_name(type)->allow_extra_args(false);
        };
        compared_folders_ =
            compare_
                ->add_option("run", compare_folders_, "Result folders that `heatsim run -o` wrote")
                ->type_name("DIR");
        compared_schedules_ = add_list("-s,--schedule", compare_schedules_, "SCHEDULE",
                                       "Simulate a pruning schedule; may be repeated");
        compared_traces_ = add_list("-t,--trace", compare_traces_, "TRACE",
                                    "Simulate a token trace; may be repeated");
        add_list("-m,--model", compare_options_.models, "MODEL",
                 "Network of the simulated runs (default deit_t); may be repeated");
        add_list("-a,--accelerator", compare_options_.accelerators, "ACCELERATOR",
                 "Accelerator of the simulated runs (default heatvit_int8_zcu102); may be "
                 "repeated");
        compare_
            ->add_option("-n,--image-count", compare_options_.image_count,
                         "Images of each trace to simulate (default: all)")
            ->type_name("IMAGES");
        compare_
            ->add_option("--energy", compare_options_.energy,
                         "Energy table of the simulated runs (default: the accelerator's)")
            ->type_name("TABLE");
        add_list("--set", compare_options_.settings, "KEY=VALUE",
                 "Change a key of the simulated runs, as in `heatsim run`; may be repeated");
        compare_
            ->add_option("--operators", compare_options_.operators,
                         "Operators to show, largest change first: a number or all (default: 10, "
                         "of json and csv all)")
            ->type_name("COUNT");
        add_format(*compare_, compare_options_.format,
                   {{"text", Format::Text},
                    {"json", Format::Json},
                    {"csv", Format::Csv},
                    {"markdown", Format::Markdown}},
                   "Print results as text (default), json, csv or markdown");
        add_allow_oversize(*compare_, compare_options_.allow_oversize);
        compare_->add_flag("-q,--quiet", compare_options_.quiet, "No progress bar");
    }

    /// With the runs in the order of the command line, which CLI11 keeps by option only.
    [[nodiscard]] CompareOptions compare_options() const
    {
        using Kind = CompareOptions::Kind;
        auto options = compare_options_;
        std::map<const CLI::Option*, std::size_t> taken;
        for (const auto* option : compare_->parse_order()) {
            const auto kind = option == compared_folders_     ? std::optional{Kind::Folder}
                              : option == compared_schedules_ ? std::optional{Kind::Schedule}
                              : option == compared_traces_    ? std::optional{Kind::Trace}
                                                              : std::nullopt;
            if (kind)
                options.runs.push_back({*kind, option->results().at(taken[option]++)});
        }
        return options;
    }

    void add_ddr()
    {
        ddr_ = app_.add_subcommand("ddr", "Send a stream of requests to an external memory");
        ddr_->footer(ddr_examples);
        ddr_->add_option("--memory", ddr_options_.memory,
                         "Memory: a name of `heatsim list memories` or a YAML file")
            ->type_name("MEMORY")
            ->capture_default_str();
        ddr_->add_option("--mapping", ddr_options_.mapping,
                         "Address mapping instead of the memory's: row_bank_column (or "
                         "column_lowest), bank_group_interleaved, bank_group_xor, mop4clxor")
            ->type_name("NAME");
        ddr_->add_option("--outstanding", ddr_options_.outstanding,
                         "Reads that wait for their data at a time; writes are posted")
            ->type_name("REQUESTS")
            ->capture_default_str();
        ddr_->add_option(
                "--trace", ddr_options_.trace,
                "Requests from a file, plain or gzip: lines `cycle: read|write 0xADDRESS`, "
                "cycles of the memory clock")
            ->type_name("FILE");
        const auto add_traffic = [this](const std::string& option, const char* type,
                                        const char* meaning) {
            auto key = option.substr(2);
            std::replace(key.begin(), key.end(), '-', '_');
            ddr_->add_option_function<std::string>(
                    option,
                    [this, option, key](const std::string& value) {
                        ddr_options_.traffic.push_back({option, key, value});
                    },
                    meaning)
                ->type_name(type);
        };
        add_traffic("--pattern", "NAME", "sequential (default), strided or random");
        add_traffic("--count", "REQUESTS", "Requests to send (default 360448)");
        add_traffic("--request-bytes", "BYTES", "Bytes of a request (default 64)");
        add_traffic("--burst-bytes", "BYTES",
                    "Consecutive bytes at each place (default: one request)");
        add_traffic("--stride-bytes", "BYTES", "From one burst to the next (default 4096)");
        add_traffic("--footprint-bytes", "BYTES",
                    "Range of the addresses (default 1 GiB, or all of a smaller memory)");
        add_traffic("--write-every", "N",
                    "Every N-th burst or request is a write (default 0: none; 1: all)");
        add_traffic("--read-block-bytes", "BYTES",
                    "With --write-block-bytes: two streams half the footprint apart, so many bytes "
                    "read and so many written in turns");
        add_traffic("--write-block-bytes", "BYTES", "See --read-block-bytes");
        add_traffic("--interval-cycles", "CYCLES",
                    "Memory clock cycles from request to request (default 0: as fast as they go)");
        add_traffic("--seed", "NUMBER", "Of the random places (default 1)");
        ddr_->add_option("--set", ddr_options_.settings,
                         "Change a key of the memory, e.g. t_rcd=20")
            ->type_name("KEY=VALUE");
        add_format(*ddr_, ddr_options_.format);
    }

    void add_validate()
    {
        validate_ =
            app_.add_subcommand("validate", "Compare the simulation with reference figures");
        validate_->footer(validate_examples);
        validate_
            ->add_option("target", validate_options_.target,
                         "models: MACs of networks; methods: MACs of pruning methods; peers: "
                         "systolic arrays, with SCALE-Sim; "
                         "heatvit_rtl: a block, with an independent RTL; ddr: the memory, with "
                         "DRAMSys, DRAMsim3 and Ramulator; rtl: cycles, with the RTL in "
                         "Verilator; synthesis: resources, with yosys; published: boards, with "
                         "papers; "
                         "without one: all of them")
            ->type_name("TARGET");
        validate_
            ->add_option("--shapes", validate_options_.shapes,
                         "rtl: GEMMs to compare instead of the shipped ones, a CSV of the form "
                         "Layer,M,N,K,")
            ->type_name("FILE");
        validate_
            ->add_option("-a,--accelerator", validate_options_.accelerator,
                         "rtl: a design that rtl/engine.sv can be, instead of rtl_engine_16x16 and "
                         "rtl_engine_32x32")
            ->type_name("NAME|FILE");
        validate_
            ->add_option("--set", validate_options_.settings,
                         "rtl: change a key of the designs; what is no parameter of the RTL "
                         "changes the simulation only; may be repeated")
            ->type_name("KEY=VALUE");
        validate_->add_flag("--quick", validate_options_.quick,
                            "rtl: an 8 x 8 engine and small GEMMs; synthesis: a few small blocks");
        validate_->add_flag("--recorded", validate_options_.recorded,
                            "rtl, synthesis: the recorded references, without Verilator and yosys");
        validate_->add_flag("--full", validate_options_.full, "All rows of long tables");
        add_format(*validate_, validate_options_.format,
                   {{"text", Format::Text},
                    {"json", Format::Json},
                    {"markdown", Format::Markdown},
                    {"csv", Format::Csv}},
                   "Print results as text (default), json, markdown, or csv: the error bands; "
                   "without a TARGET markdown is the page docs/validation.md");
    }

    void add_trace()
    {
        auto* const trace = app_.add_subcommand(
            "trace",
            "Look into token traces, compare them, generate them, convert keep masks to them");
        trace->footer(trace_examples);
        trace->require_subcommand(0, 1);
        trace_ = trace;
        add_trace_inspect(*trace);
        add_trace_compare(*trace);
        add_trace_generate(*trace);
        add_trace_convert(*trace);
    }

    void add_trace_inspect(CLI::App& trace)
    {
        auto& options = trace_options_;
        trace_inspect_ = trace.add_subcommand(
            "inspect", "Statistics of a token trace: counts, keep ratios, accuracy, histograms");
        trace_inspect_->footer("");
        trace_inspect_->add_option("file", options.file, "Token trace, plain or gzip")
            ->type_name("TRACE")
            ->required();
        trace_inspect_
            ->add_option("-m,--model", options.model,
                         "Network whose MACs are counted (default: the trace's, if it is shipped)")
            ->type_name("MODEL");
        add_format(*trace_inspect_, options.format);
    }

    void add_trace_compare(CLI::App& trace)
    {
        auto& options = trace_options_;
        trace_compare_ = trace.add_subcommand(
            "compare", "Two traces of the same images: equal counts, equal classes, differences");
        trace_compare_->footer("");
        trace_compare_->add_option("first", options.file, "Token trace, plain or gzip")
            ->type_name("FIRST")
            ->required();
        trace_compare_->add_option("second", options.second, "Token trace of the same selectors")
            ->type_name("SECOND")
            ->required();
        add_format(*trace_compare_, options.format);
    }

    void add_trace_generate(CLI::App& trace)
    {
        auto& options = trace_options_;
        trace_generate_ = trace.add_subcommand(
            "generate", "Write a token trace drawn from a distribution or from a recorded trace");
        trace_generate_->footer("");
        add_trace_output(*trace_generate_);
        trace_generate_
            ->add_option("-m,--model", options.model,
                         "Network: a name of `heatsim list models` or a YAML file (default: the "
                         "recorded trace's, or deit_t)")
            ->type_name("MODEL");
        trace_generate_
            ->add_option("-s,--schedule", options.schedule,
                         "Pruning schedule: a name of `heatsim list schedules` or a YAML file "
                         "(default: the recorded trace's, or the model's default_schedule)")
            ->type_name("SCHEDULE");
        trace_generate_
            ->add_option("--keep-ratio", options.keep_ratio,
                         "Mean cumulative keep ratio behind each selector, e.g. 0.7,0.39,0.21 "
                         "(default: the schedule's targets; with --resample and no schedule: as "
                         "recorded)")
            ->type_name("RATIOS");
        trace_generate_
            ->add_option("--std", options.spread,
                         "Standard deviation of the keep ratios, one for all selectors or one for "
                         "each (default: 0.23 sqrt(r (1 - r)) of keep ratio r, as recorded traces "
                         "have it)")
            ->type_name("STD");
        trace_generate_
            ->add_option("--correlation", options.correlation,
                         "Correlation of each selector with the one before, -1 to 1, one for all "
                         "pairs or one for each (default 0.8)")
            ->type_name("RHO");
        trace_generate_
            ->add_option("--resample", options.resample,
                         "Take the images of this trace: their order by keep ratio stays, mean "
                         "keep ratios and patches become the new ones")
            ->type_name("TRACE");
        trace_generate_
            ->add_option("--image-count", options.image_count,
                         "Images to write (default 1000); with --resample: drawn with replacement "
                         "(default: each recorded image once)")
            ->type_name("IMAGES");
        trace_generate_->add_option("--seed", options.seed, "Of the random draws")
            ->type_name("NUMBER")
            ->capture_default_str();
        add_format(*trace_generate_, options.format);
    }

    void add_trace_convert(CLI::App& trace)
    {
        auto& options = trace_options_;
        trace_convert_ = trace.add_subcommand(
            "convert", "Write the token trace of which patches every image keeps");
        trace_convert_->footer("");
        trace_convert_
            ->add_option("file", options.file,
                         "Keep masks, plain or gzip: CSV image,stage,mask with a 0 (pruned) or 1 "
                         "(kept) per patch; optional columns: label, predicted")
            ->type_name("MASKS")
            ->required();
        add_trace_output(*trace_convert_);
        trace_convert_
            ->add_option("-m,--model", options.model,
                         "Network: a name of `heatsim list models` or a YAML file")
            ->type_name("MODEL");
        trace_convert_
            ->add_option("-s,--schedule", options.schedule,
                         "Pruning schedule: a name of `heatsim list schedules` or a YAML file; "
                         "needs --model")
            ->type_name("SCHEDULE");
        trace_convert_
            ->add_option("--selectors", options.selectors,
                         "Blocks with a selector in front, instead of a schedule, e.g. 4,7,10")
            ->type_name("BLOCKS");
        trace_convert_
            ->add_option("--package-token", options.package_token,
                         "one (default), one_per_selector or none, instead of a schedule")
            ->type_name("POLICY");
        trace_convert_
            ->add_option("--class-tokens", options.class_tokens,
                         "Tokens that are never pruned, instead of a model (default 1)")
            ->type_name("TOKENS");
        trace_convert_
            ->add_option("--dataset", options.dataset, "What the images are, for the header")
            ->type_name("TEXT");
        add_format(*trace_convert_, options.format);
    }

    void add_trace_output(CLI::App& command)
    {
        command
            .add_option("-o,--output", trace_options_.output,
                        "Token trace to write: .csv, or .csv.gz for a compressed one")
            ->type_name("FILE")
            ->required();
        command.add_flag("--force", trace_options_.force, "Replace the file if it exists");
    }

    void add_view()
    {
        view_ = app_.add_subcommand(
            "view", "Serve reports to a browser on this machine, and keep them up to date");
        view_->footer(view_examples);
        view_
            ->add_option("paths", view_options_.paths,
                         "Result folders of `heatsim run -o`, or one result store of `heatsim "
                         "sweep`, which may be at work")
            ->type_name("DIR|STORE")
            ->required();
        view_->add_option("--port", view_options_.port, "Port to listen on; 0: a free one")
            ->type_name("NUMBER")
            ->capture_default_str();
        view_
            ->add_option("--host", view_options_.host,
                         "Address of this machine to listen on; any but a loopback address shows "
                         "the reports to everybody who can reach it")
            ->type_name("ADDRESS")
            ->capture_default_str();
        view_
            ->add_option("--sweep", view_options_.sweep,
                         "Of a store: name or number of a sweep (default: the last one)")
            ->type_name("NAME");
    }

    void add_list()
    {
        list_ = app_.add_subcommand("list", "List what is shipped, with key figures");
        list_->footer("");
        list_
            ->add_option("kind", list_options_.kind,
                         "models, accelerators, boards, memories, schedules, energy or accuracy")
            ->type_name("KIND");
        add_format(*list_, list_options_.format);
    }

    void add_sweep()
    {
        auto& options = sweep_options_;
        sweep_ = app_.add_subcommand("sweep", "Simulate the points of a design space");
        sweep_->footer(sweep_examples);
        sweep_
            ->add_option("space", options.space,
                         "Design space: a name of `heatsim list sweeps` or a YAML file")
            ->type_name("SPACE")
            ->required();
        sweep_
            ->add_option("-o,--output", options.store,
                         "Result store, a SQLite file; may hold several sweeps (default: the "
                         "space's name with .sqlite)")
            ->type_name("STORE");
        sweep_
            ->add_option("--set", options.settings,
                         "Change a key of the space, e.g. base.model=deit_s; may be repeated")
            ->type_name("KEY=VALUE")
            ->allow_extra_args(false); // the space may come behind it
        sweep_
            ->add_option("--strategy", options.strategy,
                         "grid, list, random, latin_hypercube, sobol, nsga2 or maco (default: the "
                         "space's)")
            ->type_name("NAME");
        sweep_->add_option("--points", options.points, "Budget of the strategy, in points")
            ->type_name("NUMBER");
        sweep_->add_option("--seed", options.seed, "Of everything random")->type_name("NUMBER");
        sweep_
            ->add_option("-j,--jobs", options.jobs,
                         "Simulations at a time (default: one per core); results do not depend on "
                         "it")
            ->type_name("JOBS");
        sweep_
            ->add_option("--time-limit", options.time_limit,
                         "A simulation that takes longer has failed (default: 300)")
            ->type_name("SECONDS");
        sweep_
            ->add_option("--memory-limit", options.memory_limit,
                         "A simulation that needs more has failed (default: no limit)")
            ->type_name("MB");
        sweep_
            ->add_option("--shard", options.shard,
                         "Simulate each N-th point only, from the I-th on; `heatsim merge` unites "
                         "the stores")
            ->type_name("I/N");
        sweep_->add_flag("--retry-failed", options.retry_failed,
                         "Try points again that failed in an earlier run");
        add_format(*sweep_, options.format);
        sweep_->add_flag("-q,--quiet", options.quiet, "No progress line and no text summary");
    }

    void add_store_options(CLI::App& command, std::string& store, std::string& sweep)
    {
        command.add_option("store", store, "Result store of `heatsim sweep`")
            ->type_name("STORE")
            ->required();
        command
            .add_option("--sweep", sweep,
                        "Name or number of one of its sweeps (default: the last one)")
            ->type_name("NAME");
    }

    void add_pareto()
    {
        auto& options = pareto_options_;
        pareto_ = app_.add_subcommand("pareto", "Show the best points of a sweep");
        pareto_->footer(pareto_examples);
        add_store_options(*pareto_, options.store, options.sweep);
        pareto_
            ->add_option("--minimize", options.minimize,
                         "A number that should be small; may be repeated (default: the sweep's "
                         "objectives)")
            ->type_name("NAME")
            ->allow_extra_args(false);
        pareto_
            ->add_option("--compare", options.compare,
                         "Another sweep of the store: what its front dominates stands beside")
            ->type_name("NAME");
        pareto_->add_option("--maximize", options.maximize, "A number that should be large")
            ->type_name("NAME")
            ->allow_extra_args(false);
        add_format(*pareto_, options.format,
                   {{"text", Format::Text}, {"json", Format::Json}, {"csv", Format::Csv}},
                   "Print results as text (default), json or csv");
    }

    void add_export()
    {
        auto& options = export_options_;
        export_ = app_.add_subcommand("export", "Write all points of a sweep as a table");
        export_->footer("");
        add_store_options(*export_, options.store, options.sweep);
        export_
            ->add_option("-o,--output", options.output, "File to write (default: standard output)")
            ->type_name("FILE");
        add_format(*export_, options.format, {{"csv", Format::Csv}, {"json", Format::Json}},
                   "Write csv (default) or json");
    }

    void add_merge()
    {
        merge_ = app_.add_subcommand("merge", "Unite result stores, e.g. those of shards");
        merge_->footer("");
        merge_->add_option("store", merge_options_.store, "Store that gets the results")
            ->type_name("STORE")
            ->required();
        merge_->add_option("parts", merge_options_.parts, "Stores to read")
            ->type_name("PART")
            ->required();
    }

    void add_report()
    {
        auto& options = report_options_;
        report_ = app_.add_subcommand(
            "report", "Write a run, a comparison or a sweep as one HTML page that opens anywhere");
        report_->footer(report_examples);
        report_
            ->add_option("paths", options.paths,
                         "Result folder of `heatsim run -o`, several of them to compare, or result "
                         "store of `heatsim sweep`")
            ->type_name("DIR|STORE")
            ->required();
        report_
            ->add_option("-o,--output", options.output,
                         "Page to write (default report.html); Markdown and CSV of the same name "
                         "come beside it")
            ->type_name("FILE.html");
        report_
            ->add_option("--sweep", options.sweep,
                         "Name or number of one of the store's sweeps (default: the last one)")
            ->type_name("NAME");
        report_
            ->add_option("--image", options.images,
                         "Image of the run to show in time, as images.csv numbers it; may be "
                         "repeated (default: the one of median latency, and the slowest)")
            ->type_name("NUMBER")
            ->allow_extra_args(false);
        report_->add_flag("--no-timeline", options.no_timeline,
                          "Show no image in time, which makes the page smaller");
        add_format(*report_, options.format,
                   {{"html", Format::Html},
                    {"json", Format::Json},
                    {"markdown", Format::Markdown},
                    {"csv", Format::Csv}},
                   "Write the page (html, default), or print what it shows as json, markdown or "
                   "csv");
        report_->add_flag("-q,--quiet", options.quiet, "Do not tell what was written");
    }

    void add_quantize()
    {
        auto& options = quantize_options_;
        quantize_ = app_.add_subcommand("quantize", "Make int8 of a trained network's weights");
        quantize_->footer(quantize_examples);
        const auto add = [this](const char* names, auto& value, const char* type,
                                const char* meaning) {
            return quantize_->add_option(names, value, meaning)->type_name(type);
        };
        add("weights", options.weights, "WEIGHTS",
            "Weights in 32-bit floats: a safetensors file, tensors as docs/quantization.md has "
            "them")
            ->required();
        add("-o,--output", options.output, "FILE", "Where the quantized network goes");
        add("--images", options.images, "SET",
            "Images to measure activations on: fashion_mnist_train, a folder of images, an IDX "
            "file or an image; better not those that accuracy is measured on");
        add("-n,--image-count", options.image_count, "IMAGES",
            "How many of them, spread evenly over the set (default: 500)");
        add("-m,--model", options.model, "MODEL",
            "Network: a name of `heatsim list models` or a YAML file")
            ->capture_default_str();
        add("-s,--schedule", options.schedule, "SCHEDULE",
            "Pruning schedule that the weights were trained with: a name of `heatsim list "
            "schedules` or a YAML file; dense for weights without selectors (default: the model's "
            "default_schedule)");
        add("--set", options.settings, "KEY=VALUE",
            "Change a key of the model or the schedule, with the prefix model. or schedule.; may "
            "be repeated");
        add("--gelu-delta", options.gelu_delta, "DELTA",
            "δ1 that the network was trained with (default: 1)");
        add("--softmax-delta", options.softmax_delta, "DELTA",
            "δ2 that the network was trained with (default: 1)");
        add("--percentile", options.percentile, "PERCENT",
            "Share of a tensor's magnitudes that its scale covers; larger ones saturate (default: "
            "99.99)");
        add("--power-of-two", options.power_of_two, "WHICH",
            "Scales that are powers of two: none, activations, weights or all")
            ->capture_default_str();
        add("--residual-scales", options.residual_scales, "PER",
            "The token stream has a scale per channel or per tensor")
            ->capture_default_str();
        add("-j,--jobs", options.jobs, "JOBS",
            "Processes that share the images (default: one per core); the result does not depend "
            "on it");
        quantize_->add_flag("--force", options.force, "Replace the file if it exists");
        add_format(*quantize_, options.format);
        quantize_->add_flag("-q,--quiet", options.quiet, "No progress and no text summary");
    }

    void add_explain()
    {
        explain_ = app_.add_subcommand("explain", "Explain a configuration key, a result's key or "
                                                  "column, a term, or a fixed-point function");
        explain_->footer(explain_examples);
        explain_
            ->add_option("name", explain_words_,
                         "What to explain; without it, all names are listed")
            ->type_name("NAME");
        add_format(*explain_, explain_format_);
        add_explain_accuracy();
    }

    void add_explain_accuracy()
    {
        auto& options = explain_accuracy_options_;
        explain_accuracy_ = explain_->add_subcommand(
            "accuracy",
            "Measure what int8 and the units' approximations do to a network's answers");
        explain_accuracy_->footer(explain_accuracy_examples);
        const auto add = [this](const char* names, auto& value, const char* type,
                                const char* meaning) {
            return explain_accuracy_->add_option(names, value, meaning)->type_name(type);
        };
        add("--weights", options.weights, "WEIGHTS",
            "Weights in 32-bit floats, as `heatsim quantize` takes them");
        add("--images", options.images, "SET", "Images to infer, with labels for top-1")
            ->capture_default_str();
        add("-n,--image-count", options.image_count, "IMAGES",
            "How many of them, spread evenly over the set (default: 1000)");
        add("--calibration", options.calibration, "SET",
            "Images to calibrate int8 on, half as many, 500 to 2000 (default: "
            "fashion_mnist_train for fashion_mnist_test)");
        add("-m,--model", options.model, "MODEL",
            "Network: a name of `heatsim list models` or a YAML file")
            ->capture_default_str();
        add("-s,--schedule", options.schedule, "SCHEDULE",
            "Pruning schedule that the weights were trained with; dense for weights without "
            "selectors (default: the model's default_schedule)");
        add("--functions", options.functions, "NAME",
            "Only these: exact, gelu_1, gelu_0.5, softmax_1, softmax_0.5, sigmoid, all_1 or "
            "all_0.5; may be repeated");
        add("--recorded", options.recorded, "NETWORK",
            "Show what was recorded of a network beside: a name of validation/quantization.csv");
        add("-o,--output", options.output, "DIR",
            "Write the token trace of every row into this folder, for `heatsim trace compare`");
        add("-j,--jobs", options.jobs, "JOBS",
            "Processes that share the images (default: one per core); results do not depend on "
            "it");
        add_format(*explain_accuracy_, options.format);
        explain_accuracy_->add_flag("-q,--quiet", options.quiet, "No progress");
    }

    CLI::App app_{"heatsim simulates an FPGA accelerator for Vision Transformers with token "
                  "pruning, cycle-approximate.",
                  "heatsim"};
    CLI::App* run_ = nullptr;
    CLI::App* advise_ = nullptr;
    CLI::App* staircase_ = nullptr;
    CLI::App* search_ = nullptr;
    CLI::App* gemm_ = nullptr;
    CLI::App* resources_ = nullptr;
    CLI::App* compare_ = nullptr;
    CLI::Option* compared_folders_ = nullptr;
    CLI::Option* compared_schedules_ = nullptr;
    CLI::Option* compared_traces_ = nullptr;
    CLI::App* ddr_ = nullptr;
    CLI::App* validate_ = nullptr;
    CLI::App* trace_ = nullptr;
    CLI::App* trace_inspect_ = nullptr;
    CLI::App* trace_compare_ = nullptr;
    CLI::App* trace_generate_ = nullptr;
    CLI::App* trace_convert_ = nullptr;
    CLI::App* sweep_ = nullptr;
    CLI::App* pareto_ = nullptr;
    CLI::App* export_ = nullptr;
    CLI::App* merge_ = nullptr;
    CLI::App* report_ = nullptr;
    CLI::App* view_ = nullptr;
    CLI::App* list_ = nullptr;
    CLI::App* quantize_ = nullptr;
    CLI::App* explain_ = nullptr;
    CLI::App* explain_accuracy_ = nullptr;
    RunOptions run_options_;
    AdviseOptions advise_options_;
    StaircaseOptions staircase_options_;
    SearchOptions search_options_;
    GemmOptions gemm_options_;
    ResourcesOptions resources_options_;
    CompareOptions compare_options_; ///< all but the runs
    std::vector<std::string> compare_folders_;
    std::vector<std::string> compare_schedules_;
    std::vector<std::string> compare_traces_;
    DdrOptions ddr_options_;
    ValidateOptions validate_options_;
    TraceOptions trace_options_;
    SweepOptions sweep_options_;
    ParetoOptions pareto_options_;
    ExportOptions export_options_;
    MergeOptions merge_options_;
    ReportOptions report_options_;
    ViewOptions view_options_;
    ListOptions list_options_;
    QuantizeOptions quantize_options_;
    std::vector<std::string> explain_words_;
    Format explain_format_ = Format::Text;
    ExplainAccuracyOptions explain_accuracy_options_;
};

void print_errors(const std::string& messages)
{
    std::istringstream lines{messages};
    for (std::string line; std::getline(lines, line);)
        std::fputs(("error: " + line + '\n').c_str(), stderr);
}

/// What all MPI processes find out alike: one of them says it.
void print_user_errors(const std::string& messages)
{
    if (const auto rank = sweep::mpi_rank(); !rank || rank->rank == 0)
        print_errors(messages);
}

/// Says what is wrong with the command line, and what is near to it.
int refuse(const CommandLine& line,
           const std::vector<std::string>& unknown,
           const CLI::ParseError& error)
{
    if (unknown.empty())
        print_user_errors(error.what());
    for (const auto& word : unknown) {
        config::Violation violation;
        violation.key = word;
        violation.found = word.rfind('-', 0) == 0 ? "unknown option" : "unknown command or word";
        violation.nearest =
            config::nearest_name(word.substr(0, word.find('=')), line.known_words());
        print_user_errors(violation.message());
    }
    std::fputs("Try `heatsim --help`.\n", stderr);
    return user_error;
}

int parse_and_execute(int argc, const char* const* argv)
{
    CommandLine line;
    try {
        line.app().parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            std::ostringstream text;
            (void)line.app().exit(error, text, text); // help or version
            print(text.str());
            return success;
        }
        return refuse(line, line.app().remaining(true), error);
    }
    return line.execute();
}

/// A closed standard stream must not become the number of a file we open.
void open_standard_streams()
{
    for (int stream = 0; stream <= 2; ++stream)
        if (fcntl(stream, F_GETFD) == -1)
            (void)open("/dev/null", O_RDONLY); // the lowest free number; writes to it fail
}

} // namespace

int run(int argc, const char* const* argv)
{
    try {
        open_standard_streams();
        (void)std::signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of print()
        (void)std::signal(SIGXFSZ, SIG_IGN); // and a file size limit one of the file
        return parse_and_execute(argc, argv);
    } catch (const config::Error& error) {
        print_user_errors(error.what());
        return user_error;
    } catch (const system::ToolError& error) { // the user's machine lacks something
        print_errors(error.what());
        return user_error;
    } catch (const sweep::StoreError& error) {
        print_errors(error.what());
        return user_error;
    } catch (const system::SimulationError& error) {
        print_errors(error.what());
        return simulation_error;
    } catch (const OutputError& error) {
        if (!error.is_broken_pipe())
            print_errors(error.what());
        return unexpected_error;
    } catch (const std::exception& error) {
        print_errors(std::string{"unexpected: "} + error.what());
        return unexpected_error;
    }
}

} // namespace heatsim::app
