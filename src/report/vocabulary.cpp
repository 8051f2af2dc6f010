// SPDX-License-Identifier: Apache-2.0
#include "report/vocabulary.hpp"

#include "report/distribution_report.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace heatsim::report {

namespace {

using channel::ArrayCause;
using estimate::EnergyPart;
using workload::OperatorKind;

constexpr const char* number_type = "number (integer where exact)";

/// What one read of `heatsim ddr` waits, as its distribution has it.
void add_read_latency(std::vector<Field>& fields)
{
    const std::string key = "read_latency_ns";
    fields.push_back(
        {key, "ns", "object",
         "request accepted by the controller to its last beat handed back; reads only, "
         "writes are answered when they are accepted"});
    fields.push_back({key + ".mean", "ns", "real", "mean_read_latency_ns"});
    fields.push_back({key + ".p50", "ns", "real", "half of the reads wait at most this long"});
    fields.push_back({key + ".p95", "ns", "real", "95 % of the reads wait at most this long"});
    fields.push_back({key + ".p99", "ns", "real", "99 % of the reads wait at most this long"});
    fields.push_back({key + ".min", "ns", "real", "of the fastest read"});
    fields.push_back({key + ".max", "ns", "real", "of the slowest read"});
}

[[nodiscard]] std::vector<Field> make_ddr_fields()
{
    constexpr const char* rate = "GB/s (10^9 bytes)";
    constexpr const char* clocks = "memory clock cycles";
    std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"memory", "", "text", "name of the memory"},
        {"mapping", "", "text", "which bank, row and column an address means"},
        {"traffic", "", "text",
         "options of the generated traffic that were given, or path of the trace"},
        {"outstanding", "requests", "integer", "reads that may wait for their data at a time"},
        {"requests", "requests", "integer", "requests sent, each in one or more column accesses"},
        {"read_bytes", "bytes", "integer", "bytes of the reads"},
        {"write_bytes", "bytes", "integer", "bytes of the writes"},
        {"memory_cycles", clocks, "integer", "start to the end of the last data"},
        {"memory_clock_mhz", "MHz", "real", "memory clock"},
        {"bandwidth_gbs", rate, "real", "bytes read and written / time"},
        {"peak_bandwidth_gbs", rate, "real", "what the memory's pins can move, all channels"},
        {"efficiency_percent", "%", "real", "bandwidth_gbs / peak_bandwidth_gbs"},
        {"mean_read_latency_ns", "ns", "real",
         "request accepted by the controller to its last beat handed back, mean over the reads"},
    };
    add_read_latency(fields);
    const std::vector<Field> rest{
        {"column_accesses", "accesses", "integer",
         "reads and writes of the DRAM, one burst of data each"},
        {"row_hits", "accesses", "integer", "column accesses to a row that is open already"},
        {"row_misses", "activates", "integer", "activates of a bank with no open row"},
        {"row_conflicts", "activates", "integer",
         "activates of a bank whose open row had to be closed for another one"},
        {"refreshes", "refreshes", "integer", "all-bank refreshes, each of one rank"},
        {"refresh_cycles", clocks, "integer",
         "a rank is refreshed, from due to done, precharge included; sum over ranks and channels"},
        {"turnarounds", "", "integer", "changes of the data bus's direction"},
        {"turnaround_cycles", clocks, "integer",
         "the data bus idles for a change of direction; sum over the channels"},
        {"data_cycles", clocks, "integer", "data on the bus; sum over the channels"},
        {"host", "", "object", "what the simulation itself cost; differs from run to run"},
        {"host.requests_per_second", "requests/s", "real",
         "simulated requests per second of CPU time"},
        {"host.cpu_seconds", "s", "real", "CPU time of the simulation"},
    };
    fields.insert(fields.end(), rest.begin(), rest.end());
    return fields;
}

/// The six numbers of a distribution below `key`.
void add_distribution(std::vector<Field>& fields,
                      const std::string& key,
                      const std::string& unit,
                      const std::string& of)
{
    fields.push_back(
        {key, unit, "object", of + ": distribution over the images (heatsim gemm: one number)"});
    fields.push_back({key + ".mean", unit, "number", of + ", arithmetic mean over the images"});
    constexpr std::array<std::pair<const char*, const char*>, 4> percentiles{{
        {"p50", "half"},
        {"p90", "90 %"},
        {"p95", "95 %"},
        {"p99", "99 %"},
    }};
    for (const auto& [name, share] : percentiles)
        fields.push_back(
            {key + "." + name, unit, "number",
             fmt::format("{}: {} of the images need at most this (nearest rank)", of, share)});
    fields.push_back({key + ".min", unit, "number", of + " of the fastest image"});
    fields.push_back({key + ".max", unit, "number", of + " of the slowest image"});
}

void add_energy(std::vector<Field>& fields)
{
    const std::vector<Field> first{
        {"energy", "", "object",
         "estimated energy and power: products of counts and of the entries of the energy table"},
        {"energy.estimate", "", "boolean", "always true: nothing here is measured or validated"},
        {"energy.table", "", "text", "name of the energy table"},
        {"energy.uncertainty_percent", "%", "real",
         "how far off every figure of energy and power may be, from the table"},
    };
    fields.insert(fields.end(), first.begin(), first.end());
    const std::string image = "energy.image_mj";
    const std::string meaning = "estimated energy of an image, static power included";
    fields.push_back({image, "mJ", "object", meaning + ": distribution over the images"});
    fields.push_back({image + ".mean", "mJ", "real", meaning + ", arithmetic mean"});
    constexpr std::array<std::pair<const char*, const char*>, 4> percentiles{{
        {".p50", "half"},
        {".p90", "90 %"},
        {".p95", "95 %"},
        {".p99", "99 %"},
    }};
    for (const auto& [name, share] : percentiles)
        fields.push_back(
            {image + name, "mJ", "real",
             fmt::format("{}: {} of the images take at most this (nearest rank)", meaning, share)});
    fields.push_back({image + ".min", "mJ", "real", meaning + ", of the image that takes least"});
    fields.push_back({image + ".max", "mJ", "real", meaning + ", of the image that takes most"});
    fields.push_back({"energy.by_part_mj", "mJ", "object",
                      "energy.image_mj.mean by what takes it; the parts sum up to it"});
    for (const auto& part : estimate::energy_part_names)
        fields.push_back({std::string{"energy.by_part_mj."} + part.name, "mJ", "real",
                          energy_part_meaning(part.value) + ", mean per image"});
    const std::vector<Field> last{
        {"energy.power_w", "W", "real", "energy.image_mj.mean / latency_ms.mean"},
        {"energy.static_power_w", "W", "real",
         "drawn without work: device, processing system, memory's standby"},
        {"energy.gops_per_w", "GOPS/W", "real",
         "two operations per MAC: 2 x MACs / energy.image_mj.mean"},
    };
    fields.insert(fields.end(), last.begin(), last.end());
}

[[nodiscard]] std::vector<Field> make_summary_fields()
{
    std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that made the file"},
        {"model", "", "text", "name of the network"},
        {"schedule", "", "text", "name of the pruning schedule"},
        {"trace", "", "text or null",
         "token trace with the token counts of the images; null: the "
         "counts are the schedule's targets"},
        {"top1_percent", "%", "real or null",
         "top-1 accuracy recorded with the token trace, or published of the schedule on this "
         "model (ImageNet); null: neither"},
        {"top1_source", "", "text or null", "where top1_percent comes from"},
        {"accelerator", "", "text", "name of the accelerator design"},
        {"board", "", "text", "name of the board"},
        {"memory", "", "text",
         "name of the external memory, `throttled` (a latency and a bandwidth), "
         "`word_serial` (no DDR model behind the loader) or `ideal` (transfers take no time)"},
        {"clock_mhz", "MHz", "real", "fabric clock; all cycles are cycles of it"},
        {"images", "images", "integer", "images simulated"},
        {"batch_images", "images", "integer",
         "images executed together as one batch: times and cycles are those of a batch, work, "
         "traffic and energy those of an image"},
        {"operators", "operators", "integer", "operators of one image"},
    };
    add_distribution(fields, "latency_ms", "ms", "time from an image's start to its result");
    add_distribution(fields, "cycles", "cycles",
                     "fabric cycles from an image's start to its result");
    const std::vector<Field> rest{
        {"cycles.total", "cycles", "integer", "fabric cycles of all images together"},
        {"fps", "images/s", "real",
         "frame rate, 1000 batch_images / latency_ms.mean: batches run one after the other"},
        {"macs", "MACs", number_type,
         "multiply-accumulates of an image's GEMMs and convolutions, "
         "mean over the images"},
        {"array", "", "object", "what the GEMM array did"},
        {"array.macs_per_cycle", "MACs/cycle", "integer", "peak of the array"},
        {"array.dsps", "DSP slices", "integer", "DSP slices of the array's multipliers"},
        {"array.macs_per_dsp", "MACs/cycle", "integer",
         "MACs one DSP slice does per cycle: 2 with "
         "8-bit operands on a DSP48E2, else 1"},
        {"array.utilization", "1", "real",
         "MACs / (cycles x macs_per_cycle), 0 to 1, over all "
         "cycles of the images"},
        {"array.cycles", "cycles", number_type,
         "cycles per image, mean over the run; the sum of "
         "array.cycles_by_cause"},
        {"array.cycles_by_cause", "cycles", "object",
         "array.cycles by what the array did: each "
         "cycle has exactly one cause"},
    };
    fields.insert(fields.end(), rest.begin(), rest.end());
    for (const auto& cause : channel::array_cause_names)
        fields.push_back({std::string{"array.cycles_by_cause."} + cause.name, "cycles", number_type,
                          cause_meaning(cause.value) + ", mean per image"});
    const std::vector<Field> last{
        {"ddr", "", "object", "what went over the external memory"},
        {"ddr.read_bytes", "bytes", number_type, "read from external memory per image, all ports"},
        {"ddr.write_bytes", "bytes", number_type,
         "written to external memory per image, all ports"},
        {"ddr.bandwidth_gbs", "GB/s (10^9 bytes)", "real",
         "bytes read and written / time, mean "
         "over the run"},
        {"ddr.peak_bandwidth_gbs", "GB/s (10^9 bytes)", "real or null",
         "what the memory's pins "
         "can move; null without a DDR model"},
        {"ddr.efficiency_percent", "%", "real or null",
         "bandwidth_gbs / peak_bandwidth_gbs; null "
         "without a DDR model"},
        {"ddr.row_hits", "accesses", "number or null",
         "column accesses to a row that is open "
         "already, per image; null without a DDR model and in a composed run"},
        {"ddr.row_misses", "activates", "number or null",
         "activates of a bank with no open row, per image; null as row_hits"},
        {"ddr.row_conflicts", "activates", "number or null",
         "activates of a bank whose open row "
         "had to be closed for another one, per image; null as row_hits"},
    };
    fields.insert(fields.end(), last.begin(), last.end());
    add_energy(fields);
    const std::vector<Field> lists{
        {"stages", "", "list", "runs of blocks between selectors, in order"},
        {"stages[].stage", "", "integer", "number of the stage, from 0"},
        {"stages[].first_block", "", "integer", "first block of the stage, blocks count from 1"},
        {"stages[].last_block", "", "integer", "last block of the stage"},
        {"stages[].selector_before_block", "", "integer or null",
         "block in front of which the "
         "stage's selector stands; null in the first stage"},
        {"stages[].selector_inside_block", "", "integer or null",
         "block between whose attention and FFN the stage's selector stands: its FFN is the "
         "stage's first; null if there is none"},
        {"stages[].tokens", "tokens", number_type,
         "tokens in each block of the stage (class, patch "
         "and package tokens), mean over the images"},
        {"stages[].tokens_min", "tokens", "integer", "fewest tokens of any image in the stage"},
        {"stages[].tokens_max", "tokens", "integer", "most tokens of any image in the stage"},
        {"groups", "", "list",
         "where the time goes, by kind of operator; an operator fused into "
         "another one costs what it adds to it"},
        {"groups[].group", "", "text", "name of the group"},
        {"groups[].operators", "operators", "integer", "operators of the group in one image"},
        {"groups[].cycles", "cycles", number_type, "cycles of the group's operators per image"},
        {"groups[].latency_ms", "ms", "real", "the same as time"},
        {"groups[].share_percent", "%", "real", "share of all cycles"},
        {"groups[].macs", "MACs", number_type, "MACs of the group's operators per image"},
        {"groups[].energy_mj", "mJ", "real",
         "estimated energy of the group's operators per image, without static power"},
    };
    fields.insert(fields.end(), lists.begin(), lists.end());
    for (const auto& more : {distribution_fields(), tail_fields()})
        fields.insert(fields.end(), more.begin(), more.end());
    const std::vector<Field> others{
        {"composition", "", "object",
         "with --compose: how the images were put together, and how far they are off"},
        {"composition.simulations", "images", "integer",
         "images that were simulated for the costs of their operators"},
        {"composition.sample_images", "images", "integer",
         "random images of the run that were simulated in full, too; the errors are theirs"},
        {"composition.sample_seed", "", "integer", "seed of the choice of the sample"},
        {"composition.latency_error_percent", "%", "object",
         "deviation of the composed latency from the simulated one, without sign"},
        {"composition.latency_error_percent.mean", "%", "real", "over the sample"},
        {"composition.latency_error_percent.worst", "%", "real", "of any image of the sample"},
        {"composition.energy_error_percent", "%", "object",
         "the same of the image's energy, static power included"},
        {"composition.energy_error_percent.mean", "%", "real", "over the sample"},
        {"composition.energy_error_percent.worst", "%", "real", "of any image of the sample"},
        {"composition.traffic_error_percent", "%", "object",
         "the same of the bytes read and written"},
        {"composition.traffic_error_percent.mean", "%", "real", "over the sample"},
        {"composition.traffic_error_percent.worst", "%", "real", "of any image of the sample"},
        {"baseline", "", "object",
         "the same keys for the schedule of --baseline, simulated for "
         "one image"},
        {"baseline.speedup", "1", "real",
         "latency_ms.mean of the baseline / latency_ms.mean of "
         "the run: above 1 the run is faster"},
        {"host", "", "object",
         "what the simulation itself cost; differs from run to run, hence in "
         "host.json and not in summary.json"},
        {"host.simulator", "", "object", "speed of the simulator"},
        {"host.simulator.cycles_per_second", "cycles/s", "real",
         "simulated fabric cycles per second of CPU time; those of images that were simulated "
         "already count once"},
        {"host.simulator.cpu_seconds", "s", "real",
         "CPU time of the simulation in all processes, without reading "
         "and writing files"},
        {"host.simulator.wall_seconds", "s", "real", "elapsed time of the simulation"},
        {"host.simulator.peak_memory_bytes", "bytes", "integer",
         "most memory a process of the run had in use (maximum resident set)"},
        {"host.simulator.stored_simulations", "images", "integer",
         "with --compose: simulations of composition.simulations that an earlier run had stored"},
        {"gemm", "", "object", "of heatsim gemm: the shape, C[m,n] = A[m,k] x B[k,n] per head"},
        {"gemm.m", "tokens", "integer", "rows of A and C"},
        {"gemm.k", "channels", "integer", "columns of A, rows of B"},
        {"gemm.n", "channels", "integer", "columns of B and C"},
        {"gemm.heads", "", "integer", "independent GEMMs of this shape"},
        {"operands", "", "object", "of heatsim gemm: external memory traffic by operand"},
        {"operands.input_bytes", "bytes", "integer", "read for A"},
        {"operands.weight_bytes", "bytes", "integer", "read for B"},
        {"operands.output_bytes", "bytes", "integer", "written for C"},
    };
    fields.insert(fields.end(), others.begin(), others.end());
    return fields;
}

} // namespace

const std::vector<Field>& summary_fields()
{
    static const std::vector<Field> fields = make_summary_fields();
    return fields;
}

const std::vector<Field>& ddr_fields()
{
    static const std::vector<Field> fields = make_ddr_fields();
    return fields;
}

const std::vector<Field>& ddr_validation_fields()
{
    static const std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"memory", "", "text", "name of the memory that is simulated"},
        {"reference", "", "object", "what it is compared with"},
        {"reference.file", "", "text", "table of the reference figures, in the repository"},
        {"reference.description", "", "text",
         "configuration of the simulators and their requests, from the table"},
        {"reference.simulators", "", "list", "names and versions"},
        {"limits", "", "object", "largest deviations that count as within"},
        {"limits.bandwidth_percent", "%", "real", "of a bandwidth"},
        {"limits.latency_percent", "%", "real", "of a mean read latency"},
        {"rows", "", "list",
         "one per reference figure: stream of requests, simulator and quantity"},
        {"rows[].name", "", "text",
         "mapping, pattern, requests outstanding, quantity and simulator"},
        {"rows[].mapping", "", "text",
         "address mapping, as the table spells it; `column_lowest` is `row_bank_column`"},
        {"rows[].simulator", "", "text", "name and version"},
        {"rows[].pattern", "", "text", "name of the stream of requests"},
        {"rows[].outstanding", "requests", "integer", "requests outstanding at a time"},
        {"rows[].quantity", "", "text", "`bandwidth` or `mean_read_latency`"},
        {"rows[].unit", "", "text", "of predicted and reference: `GB/s` (10^9 bytes) or `ns`"},
        {"rows[].predicted", "", "real", "what heatsim says"},
        {"rows[].reference", "", "real", "what the simulator says"},
        {"rows[].error_percent", "%", "real", "predicted / reference - 1"},
        {"rows[].reference_low", "", "real", "smallest figure of all simulators for this stream"},
        {"rows[].reference_high", "", "real", "largest figure of all simulators for this stream"},
        {"rows[].deviation_percent", "%", "real",
         "0 from reference_low to reference_high; outside, predicted / the nearer one - 1"},
        {"rows[].within", "", "boolean", "whether the deviation is at most the limit"},
        {"summary", "", "object", "all rows together"},
        {"summary.groups", "streams", "integer",
         "streams of requests: mapping, pattern, requests outstanding"},
        {"summary.groups_within", "streams", "integer",
         "streams with every quantity within its limit"},
        {"summary.groups_outside", "", "list", "names of the others"},
        {"summary.figures", "rows", "integer", "reference figures"},
        {"summary.worst_bandwidth_deviation_percent", "%", "real",
         "bandwidth's deviation that is largest in size, with its sign"},
        {"summary.worst_latency_deviation_percent", "%", "real",
         "mean read latency's deviation that is largest in size, with its sign"},
        {"summary.median_absolute_error_percent", "%", "real",
         "median of error_percent's size over all rows (nearest rank)"},
        {"summary.median_absolute_bandwidth_error_percent", "%", "real",
         "the same over the rows of bandwidth"},
        {"summary.median_absolute_latency_error_percent", "%", "real",
         "the same over the rows of latency"},
    };
    return fields;
}

namespace {

/// The numbers of a sample over a trace's images below `key`.
void add_sample(std::vector<Field>& fields,
                const std::string& key,
                const std::string& unit,
                const std::string& type,
                const std::string& of)
{
    const std::vector<Field> sample{
        {key, unit, "object", of + ": distribution over the images of the trace"},
        {key + ".mean", unit, "real", of + ", arithmetic mean"},
        {key + ".std", unit, "real",
         of + ", standard deviation of the images as a whole (divided by their number)"},
        {key + ".min", unit, type, of + ", smallest"},
        {key + ".p5", unit, type, of + ": 5 % of the images have at most this (nearest rank)"},
        {key + ".p50", unit, type, of + ": half of the images have at most this (nearest rank)"},
        {key + ".p95", unit, type, of + ": 95 % of the images have at most this (nearest rank)"},
        {key + ".max", unit, type, of + ", largest"},
    };
    fields.insert(fields.end(), sample.begin(), sample.end());
}

[[nodiscard]] std::vector<Field> make_trace_fields()
{
    std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"trace", "", "text", "path of the token trace"},
        {"model", "", "text or null", "network of the trace's header; null: not named"},
        {"dataset", "", "text or null", "images the counts are of, from the header"},
        {"schedule", "", "text or null", "pruning schedule of the header; null: not named"},
        {"package_token", "", "text", "one, one_per_selector or none, from the header"},
        {"class_tokens", "tokens", "integer", "tokens that are never pruned, from the header"},
        {"unpruned_tokens", "tokens", "integer",
         "of an unpruned image, class tokens included: `tokens` of the header"},
        {"convention", "", "text or null", "what the counts count, from the header"},
        {"source", "", "text or null", "where the counts come from, from the header"},
        {"command", "", "text or null", "what made the trace, from the header"},
        {"images", "images", "integer", "images of the trace"},
        {"selectors", "", "list", "token selectors, from the first block to the last"},
        {"selectors[].selector", "", "integer", "number of the selector, from 1"},
        {"selectors[].before_block", "", "integer", "block (from 1) it stands in front of"},
        {"selectors[].target_keep_ratio", "", "real or null",
         "cumulative keep ratio the network was trained or the trace generated for; null: the "
         "header has none"},
    };
    add_sample(fields, "selectors[].tokens", "tokens", "integer",
               "tokens in every block behind the selector");
    add_sample(fields, "selectors[].kept_patches", "tokens", "integer",
               "patch tokens left behind the selector, without class and package tokens");
    add_sample(fields, "selectors[].keep_ratio", "", "real",
               "kept / original patch tokens behind the selector (cumulative)");
    const std::vector<Field> rest{
        {"selectors[].correlations", "", "list",
         "Pearson's correlation of the token count with that behind each selector; null: one of "
         "them is the same for all images"},
        {"selectors[].tokens_histogram", "", "list", "bins of equal width over the token counts"},
        {"selectors[].tokens_histogram[].from", "tokens", "integer", "smallest count of the bin"},
        {"selectors[].tokens_histogram[].to", "tokens", "integer", "largest count of the bin"},
        {"selectors[].tokens_histogram[].images", "images", "integer", "images in the bin"},
        {"unpruned_percent", "%", "real", "images that keep all their tokens to the end"},
        {"stated_top1_percent", "%", "real or null", "accuracy of the header"},
        {"top1_percent", "%", "real or null",
         "images of the trace that are classified rightly; null: the trace does not say it"},
        {"accuracy_by_tokens", "", "list",
         "quarters of the images by mean token count over the selectors, cheapest first; equal "
         "counts stay together"},
        {"accuracy_by_tokens[].images", "images", "integer", "images of the group"},
        {"accuracy_by_tokens[].min_tokens", "tokens", "real",
         "smallest mean token count of the group"},
        {"accuracy_by_tokens[].max_tokens", "tokens", "real",
         "largest mean token count of the group"},
        {"accuracy_by_tokens[].top1_percent", "%", "real",
         "images of the group that are classified rightly"},
        {"correlation_tokens_correct", "", "real or null",
         "Pearson's correlation of the mean token count with being classified rightly (0 or 1)"},
        {"gmacs_model", "", "text or null", "network the GMACs are of; null: none is known"},
    };
    fields.insert(fields.end(), rest.begin(), rest.end());
    add_sample(fields, "gmacs", "10^9 MACs", "real",
               "multiply-accumulates of an image, selectors included");
    return fields;
}

} // namespace

const std::vector<Field>& trace_fields()
{
    static const auto fields = make_trace_fields();
    return fields;
}

const std::vector<Field>& explain_fields()
{
    static const std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"topics", "", "list", "everything of that name, or all there is"},
        {"topics[].name", "", "text", "what is explained"},
        {"topics[].kind", "", "text", "what it is: a key, a column, a term, a function"},
        {"topics[].unit", "", "text", "empty: a name or a number without unit"},
        {"topics[].type", "", "text", "`integer`, `real`, `text`; empty where it has no value"},
        {"topics[].range", "", "text", "of a configuration key"},
        {"topics[].default", "", "text", "of a configuration key"},
        {"topics[].meaning", "", "text", "what it stands for"},
        {"see_also", "", "list", "names that end with the name"},
        {"accuracy", "", "object", "of a fixed-point function: what is measured of it"},
        {"accuracy.function", "", "text", "name of the function"},
        {"accuracy.domain", "", "text", "which inputs"},
        {"accuracy.at", "", "text", "what `at` of an error is"},
        {"accuracy.errors", "", "list", "one per implementation and reference"},
        {"accuracy.errors[].implementation", "", "text", "formats and δ"},
        {"accuracy.errors[].reference", "", "text", "function it is compared with"},
        {"accuracy.errors[].max_error", "", "real", "largest absolute error"},
        {"accuracy.errors[].at", "", "real", "where the largest error is"},
        {"accuracy.errors[].mean_error", "", "real", "mean absolute error"},
        {"accuracy.delta", "", "text", "name of the damping factor; empty: there is none"},
        {"accuracy.derivatives", "", "list",
         "how errors of the input go through the approximation, one per damping factor"},
        {"accuracy.derivatives[].delta", "", "real",
         "damping factor δ1 or δ2; 1 where there is none"},
        {"accuracy.derivatives[].max_slope", "", "real",
         "largest absolute derivative of the approximation; below 1 errors shrink"},
        {"accuracy.derivatives[].at", "", "real",
         "input with the largest derivative; of package_token the tokens of the set"},
        {"accuracy.derivatives[].mean_slope", "", "real", "mean absolute derivative"},
        {"accuracy.derivatives[].step_growth", "", "real",
         "largest change of the fixed-point result over the change of its input, one int8 step"},
        {"accuracy.curve", "", "object", "points of a plot"},
        {"accuracy.curve.columns", "", "list", "names; the first is the input's"},
        {"accuracy.curve.points", "", "list", "one list of real numbers per input"},
    };
    return fields;
}

const std::vector<Field>& validation_fields()
{
    static const std::vector<Field> fields{
        {"version", "", "text", "version of heatsim that printed it"},
        {"target", "", "text", "as `heatsim validate` calls it"},
        {"title", "", "text", "what is compared"},
        {"reference", "", "text", "with what, and the table of its figures"},
        {"rows", "", "list", "one per figure"},
        {"rows[].name", "", "text", "what it is of; unique in the table"},
        {"rows[].quantity", "", "text", "what is compared, e.g. `latency`"},
        {"rows[].unit", "", "text", "of predicted and reference; empty: a count"},
        {"rows[].predicted", "", "real", "what heatsim says"},
        {"rows[].reference", "", "real or null",
         "what the reference says; of a range the point that is nearest to predicted"},
        {"rows[].error_percent", "%", "real or null", "predicted / reference - 1"},
        {"rows[].trust", "", "text",
         "of the reference: primary, secondary, recalled; empty: measured or exact"},
        {"rows[].calibrated", "", "boolean",
         "whether a parameter was chosen with this row: its error says nothing"},
        {"rows[].note", "", "text", "what to know of the row"},
        {"mean_absolute_error_percent", "%", "real",
         "mean size of the errors of the rows that are neither calibrated nor recalled"},
        {"worst_absolute_error_percent", "%", "real",
         "largest size of the errors of the rows that are neither calibrated nor recalled"},
        {"checks", "", "list", "what the table as a whole has to show"},
        {"checks[].name", "", "text", "what is checked"},
        {"checks[].unit", "", "text", "of value and limit"},
        {"checks[].value", "", "real", "what was found"},
        {"checks[].limit", "", "real", "largest good value, or smallest"},
        {"checks[].at_least", "", "boolean", "whether the limit is the smallest good value"},
        {"checks[].holds", "", "boolean", "whether the value is within the limit"},
        {"holds", "", "boolean", "whether all checks hold: exit code 0, else 1"},
        {"notes", "", "list", "what to know of the table"},
        {"not_validated", "", "list", "what the table says nothing about"},
    };
    return fields;
}

const std::vector<Field>& statistics_fields()
{
    static const std::vector<Field> fields{
        {"images", "images", "integer", "images the values are summed over"},
        {"statistics", "", "list", "every counter of every block of the chip"},
        {"statistics[].path", "", "text",
         "block and name of the counter, e.g. "
         "`chip.ddr.row_hits`"},
        {"statistics[].unit", "", "text",
         "count, cycle (of the clock its description names) or byte"},
        {"statistics[].value", "", "integer", "sum over all images, in the entry's unit"},
        {"statistics[].description", "", "text", "what is counted"},
    };
    return fields;
}

std::string cause_meaning(ArrayCause cause)
{
    switch (cause) {
    case ArrayCause::Busy:
        return "the array multiplies: a row of a tile enters";
    case ArrayCause::FillDrain:
        return "the array's pipeline fills, drains or changes tiles";
    case ArrayCause::WaitInput:
        return "the array waits for an input tile to be loaded";
    case ArrayCause::WaitWeights:
        return "the array waits for a weight tile to be loaded";
    case ArrayCause::WaitOutput:
        return "the array waits: no accumulator or output slot is free, or results are still on "
               "their way to memory";
    case ArrayCause::WaitVector:
        return "the array waits for the vector unit (softmax, GELU, residual, LayerNorm on the "
               "fabric)";
    case ArrayCause::WaitSelector:
        return "the array waits for the token selector's control logic (score, compaction, "
               "package)";
    case ArrayCause::WaitHost:
        return "the array waits for the host CPU (LayerNorm), interrupts included";
    case ArrayCause::Control:
        return "the controller decodes and sets up an operator";
    }
    return "";
}

Field cause_field(ArrayCause cause)
{
    return {std::string{config::name_of(cause, channel::array_cause_names)} + "_cycles", "cycles",
            number_type, cause_meaning(cause)};
}

std::string energy_part_meaning(EnergyPart part)
{
    switch (part) {
    case EnergyPart::GemmArray:
        return "multiply-accumulates of the GEMM array";
    case EnergyPart::Buffers:
        return "on-chip buffers: loads, operands, partial sums, results";
    case EnergyPart::VectorUnit:
        return "requantization and nonlinear functions on the fabric";
    case EnergyPart::TokenSelector:
        return "score, compaction and package of the token selector";
    case EnergyPart::Host:
        return "CPU cores at work (LayerNorm)";
    case EnergyPart::Memory:
        return "external memory: activates, reads, writes, refreshes, pins and PHY";
    case EnergyPart::Logic:
        return "LUTs, flip-flops and clock tree, clocked in every cycle";
    case EnergyPart::Static:
        return "device, processing system and memory's standby over the image's time";
    }
    return "";
}

std::string operator_kind_meaning(OperatorKind kind)
{
    switch (kind) {
    case OperatorKind::Gemm:
        return "matrix product on the GEMM array";
    case OperatorKind::Convolution:
        return "convolution on the GEMM array, a GEMM over image positions (patch embedding, stem)";
    case OperatorKind::LayerNorm:
        return "LayerNorm of every token row, on the host or the fabric";
    case OperatorKind::Softmax:
        return "softmax of every row, polynomial exponential";
    case OperatorKind::Gelu:
        return "GELU activation, polynomial";
    case OperatorKind::Relu:
        return "ReLU activation (LV-ViT's stem)";
    case OperatorKind::Sigmoid:
        return "sigmoid, piecewise linear (the selector's head weights)";
    case OperatorKind::Add:
        return "sum of two tensors: residual or position embedding";
    case OperatorKind::Mean:
        return "mean over tokens or over channels (selector)";
    case OperatorKind::Concatenate:
        return "a row repeated beside every row (selector: local and "
               "global features)";
    case OperatorKind::Score:
        return "head-weighted mean of the keep scores, compared with the threshold (selector)";
    case OperatorKind::Compact:
        return "kept tokens moved to consecutive addresses (selector)";
    case OperatorKind::Package:
        return "score-weighted sum of the pruned tokens and its division (selector)";
    case OperatorKind::Append:
        return "package token written behind the kept tokens (selector)";
    case OperatorKind::Copy:
        return "rearrangement in memory (patches, heads)";
    case OperatorKind::TopK:
        return "scores of all tokens (or pairs) ranked, places of the best (selector)";
    case OperatorKind::Fuse:
        return "sum of the pruned tokens weighted by class attention (selector, EViT)";
    case OperatorKind::Halt:
        return "halting scores summed up per token and compared with the threshold (selector, "
               "A-ViT)";
    case OperatorKind::Normalize:
        return "rows divided by their length, where LayerNorm runs (selector, ToMe)";
    case OperatorKind::Match:
        return "largest similarity of every row and its place (selector, ToMe)";
    case OperatorKind::Merge:
        return "average of two tokens weighted by the patches inside (selector, ToMe)";
    }
    return "";
}

const std::vector<Field>& resource_blocks()
{
    static const std::vector<Field> blocks{
        {"gemm_array", "", "", "multipliers and adders of the GEMM array"},
        {"activation_buffer", "", "", "memory in which activations stay between operators"},
        {"input_buffer", "", "", "tiles of the GEMMs' first operand, one per slot"},
        {"weight_buffer", "", "", "tiles of weights (or of K and V), one per slot"},
        {"output_buffer", "", "", "result tiles on their way to memory, one per slot"},
        {"accumulators", "", "", "partial sums of output tiles"},
        {"requantize", "", "", "multipliers and shifters that make activations of sums"},
        {"gelu", "", "", "pipelines of the GELU polynomial"},
        {"residual", "", "", "adders of the residual connections"},
        {"softmax", "", "", "softmax engines with their row memories"},
        {"layer_norm", "", "", "LayerNorm on the fabric; with a host CPU there is none"},
        {"token_selector", "", "",
         "control logic that compacts tokens and packages the pruned ones"},
        {"token_score", "", "", "score of a token from those of its heads"},
        {"sigmoid", "", "", "pipelines of the sigmoid of the selector's head weights"},
        {"halting", "", "", "sums of halting scores, one per token (schedules that halt tokens)"},
        {"ranking", "", "", "scores and comparators that rank tokens (schedules that do)"},
        {"read_movers", "", "", "DMA engines that read: one per AXI port and stream"},
        {"write_movers", "", "", "DMA engines that write"},
        {"sequencer", "", "", "tile loops: what is loaded, computed and stored when"},
    };
    return blocks;
}

const std::vector<Field>& glossary()
{
    static const std::vector<Field> terms{
        {"token", "", "",
         "one row of the activation matrix: class token, patch token or package "
         "token; token counts count all of them"},
        {"class token", "", "", "the token whose final value is classified; never pruned"},
        {"patch token", "", "", "token made from one patch of the image"},
        {"package token", "", "",
         "score-weighted average of the pruned tokens, appended to the "
         "kept ones"},
        {"block", "", "", "one transformer encoder layer, numbered from 1"},
        {"stage", "", "", "run of blocks between two selectors, numbered from 0"},
        {"selector", "", "",
         "token selector: scores the tokens in front of a block, keeps some of "
         "them and packages the others"},
        {"keep ratio", "", "",
         "kept patch tokens / original patch tokens: cumulative, not of the "
         "previous stage; pruning rate = 1 - keep ratio"},
        {"pruning schedule", "", "",
         "which blocks get a selector, and each one's target keep "
         "ratio"},
        {"error band", "%", "",
         "smallest and largest error (predicted / reference - 1) that `heatsim validate` finds for "
         "a quantity"},
        {"token counts", "", "",
         "tokens of one image in every stage; adaptive pruning makes them "
         "differ from image to image"},
        {"token trace", "", "",
         "CSV file with one row per image and its token counts, recorded "
         "from a trained model or generated"},
        {"functional run", "", "",
         "run in which the simulated chip computes a quantized network, so that its selectors "
         "decide how many tokens an image keeps"},
        {"quantized network", "", "",
         "network of integers: int8 weights and activations, and what scales sums between them"},
        {"image set", "", "", "images in order, with labels where they are known"},
        {"confusion matrix", "images", "", "images by their label and by what was predicted"},
        {"operator", "", "",
         "one named step of the network, e.g. `blocks.3.attn.qkv` or "
         "`selector.1.compact`"},
        {"fused", "", "",
         "an operator that works on the tiles of another one while they pass, so "
         "that it costs only what it adds to that one"},
        {"GEMM", "", "",
         "matrix product C[M,N] = A[M,K] x B[K,N], times a number of heads; M "
         "counts tokens"},
        {"MAC", "", "", "one multiply-accumulate"},
        {"tile", "", "", "part of a GEMM that the on-chip buffers hold at once"},
        {"utilization", "", "", "MACs done / MACs the array could have done in the same cycles"},
        {"stall", "", "",
         "cycle in which the array had work left but did none; it has exactly one "
         "cause"},
        {"burst", "", "", "one AXI transaction: consecutive beats at consecutive addresses"},
        {"beat", "", "", "one word of the bus's width"},
        {"column access", "", "",
         "one read or write command of the DRAM: burst_length beats over the data width"},
        {"row hit", "", "", "column access to a row that is open already"},
        {"row miss", "", "", "activate of a bank with no open row"},
        {"row conflict", "", "",
         "activate of a bank whose open row had to be closed for another one: precharge first"},
        {"bank group", "", "",
         "banks that share a column path: accesses to another one may follow sooner"},
        {"pseudo-channel", "", "",
         "half of an HBM2 channel, with banks and data bus of its own: here a channel"},
        {"turnaround", "", "", "change of the data bus's direction, and its idle cycles"},
        {"write drain", "", "",
         "the memory controller serves writes that have piled up, while reads wait"},
        {"watermark", "", "", "number of waiting writes that starts or ends a write drain"},
        {"refresh", "", "", "the memory's pause of tRFC every tREFI, rank by rank"},
        {"double buffering", "", "",
         "the next tile is loaded into a second slot under the compute "
         "of the current one"},
        {"loop order", "", "",
         "which of the loops over tiles runs inside; it decides what is "
         "fetched again"},
    };
    return terms;
}

} // namespace heatsim::report
