// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using testing::HasSubstr;

/// A file to be written first and a command line; `@` stands for the file's path.
struct BadInput {
    std::string name;
    std::string file_name;
    std::string file_text;
    std::vector<std::string> arguments;
    std::vector<std::string> messages; ///< each must be on standard error
};

std::ostream& operator<<(std::ostream& stream, const BadInput& input)
{
    return stream << input.name;
}

constexpr const char* trace_header = "# format: heatsim token trace 1\n"
                                     "# selectors_before_blocks: 4 7\n"
                                     "# package_token: one\n"
                                     "# tokens: 197\n";

std::string schedule(const std::string& selectors)
{
    return "name: bad\nselectors:\n" + selectors;
}

std::string trace(const std::string& rows)
{
    return trace_header + rows;
}

std::string model(const std::string& heads)
{
    return "name: bad\nembed_dim: 192\ndepth: 12\nheads: " + heads + "\nmlp_hidden: 768\n";
}

const std::vector<std::string> with_schedule{"run", "-s", "@"};
const std::vector<std::string> with_model{"run", "-m", "@"};
const std::vector<std::string> with_trace{"run", "-t", "@"};
const std::string shipped_trace = HEATSIM_SOURCE_DIR "/traces/deit_t_50_25_13.csv.gz";

/// A memory with these lines at its end, from line 6 on.
std::string memory(const std::string& lines)
{
    return "name: bad\nclock_mhz: 1200\ndata_width_bits: 64\n# JEDEC DDR4-2400R but for\n# "
           "this:\n" +
           lines;
}

const std::vector<std::string> with_requests{"ddr", "--trace", "@"};
const std::vector<std::string> with_memory{"ddr", "--memory", "@"};

const std::vector<BadInput> bad_inputs{
    {"unknown_key",
     "s.yaml",
     "name: bad\ncolour: red\n",
     with_schedule,
     {"@:2:1: colour: unknown key"}},
    {"misspelt_key",
     "s.yaml",
     "name: bad\npackage_tokn: one\n",
     with_schedule,
     {"@:2:1: package_tokn: unknown key", "did you mean 'package_token'?"}},
    {"wrong_type",
     "s.yaml",
     schedule("  - {before_block: four, keep_ratio: 0.5}\n"),
     with_schedule,
     {"@:3:20: selectors.0.before_block:", "'four'", "integer"}},
    {"unknown_choice",
     "s.yaml",
     "name: bad\nmlp1: hlaf\n",
     with_schedule,
     {"@:2:7: mlp1:", "did you mean 'half'?"}},
    {"out_of_range",
     "s.yaml",
     schedule("  - {before_block: 4, keep_ratio: 1.5}\n"),
     with_schedule,
     {"@:3:35: selectors.0.keep_ratio:", "1.5"}},
    {"keep_ratios_rise",
     "s.yaml",
     schedule("  - {before_block: 4, keep_ratio: 0.5}\n  - {before_block: 7, keep_ratio: 0.6}\n"),
     with_schedule,
     {"@:4:"}},
    {"selector_before_block_0",
     "s.yaml",
     schedule("  - {before_block: 0, keep_ratio: 0.5}\n"),
     with_schedule,
     {"@:3:20: selectors.0.before_block:"}},
    {"method_that_contradicts_itself",
     "s.yaml",
     "name: bad\nscoring: halting\nchoice: top_k\nselectors:\n"
     "  - {inside_block: 4, keep_ratio: 0.5}\n  - {before_block: 3, removed_tokens: 5}\n",
     with_schedule,
     {"@:1:1: package_token: absent, default 'one'; expected none", "@:3:9: choice: found 'top_k'",
      "@:5:20: selectors.0.inside_block:", "@:6:20: selectors.1.before_block:",
      "@:6:39: selectors.1.removed_tokens:"}},
    {"scores_before_the_first_block",
     "s.yaml",
     "name: bad\nscoring: class_attention\nchoice: top_k\npackage_token: fused\nselectors:\n"
     "  - {before_block: 1, keep_ratio: 0.5}\n",
     with_schedule,
     {"@:6:20: selectors.0.before_block:", "2 or more"}},
    {"trace_for_selectors_inside_blocks",
     "",
     "",
     {"run", "-t", shipped_trace, "-n", "1", "-s", "evit_70"},
     {"selectors_before_blocks", "4 7 10, inside these blocks", "package_token", "fused"}},
    {"selector_behind_the_last_block",
     "s.yaml",
     schedule("  - {before_block: 13, keep_ratio: 0.5}\n"),
     with_schedule,
     {"@:3:20: selectors.0.before_block:", "12"}},
    {"more_tokens_than_the_model_has",
     "s.yaml",
     schedule("  - {before_block: 4, tokens: 198}\n"),
     with_schedule,
     {"@:3:31: selectors.0.tokens:", "197"}},
    {"two_errors_at_once",
     "s.yaml",
     "name: bad\nmlp2: half\nweights: shard\n",
     with_schedule,
     {"@:2:1: mlp2: unknown key", "did you mean 'mlp1'?",
      "@:3:10: weights:", "did you mean 'shared'?"}},
    {"duplicate_key", "s.yaml", "name: bad\nname: worse\n", with_schedule, {"@:2:1: name:"}},
    {"no_yaml", "s.yaml", "name: [bad\n", with_schedule, {"@:"}},
    {"empty_file", "s.yaml", "", with_schedule, {"@"}},
    {"binary_file",
     "s.yaml",
     std::string{"\x7f"
                 "ELF\0\1\2",
                 7},
     with_schedule,
     {"@"}},
    {"heads_do_not_divide_the_width", "m.yaml", model("5"), with_model, {"@:4:8: heads:", "192"}},
    {"missing_key",
     "m.yaml",
     "name: bad\nembed_dim: 192\ndepth: 12\nheads: 3\n",
     with_model,
     {"mlp_hidden"}},
    {"malformed_trace_row",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n1,abc,20\n"),
     with_trace,
     {"@:7:3:", "'abc'"}},
    {"trace_row_too_short", "t.csv", trace("image,n1,n2\n0,100\n"), with_trace, {"@:6:"}},
    {"trace_counts_rise", "t.csv", trace("image,n1,n2\n0,100,150\n"), with_trace, {"@:6:7:"}},
    {"trace_counts_above_the_model",
     "t.csv",
     trace("image,n1,n2\n0,198,50\n"),
     with_trace,
     {"@:6:3:", "197"}},
    {"trace_of_another_schedule",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n"),
     {"run", "-t", "@", "-s", "heatvit"},
     {"selectors_before_blocks", "4 7 10"}},
    {"trace_image_given_twice",
     "t.csv",
     trace("image,n1,n2\n4,100,50\n4,90,20\n"),
     with_trace,
     {"@:7:1: image: 4 given twice; expected once, as in line 6"}},
    {"trace_without_a_stage",
     "t.csv",
     trace("image,n1\n0,100\n"),
     with_trace,
     {"@:5:1: n2: column missing"}},
    {"trace_without_images",
     "t.csv",
     trace("image,n1,n2\n"),
     with_trace,
     {"@:6: empty trace; expected a row per image"}},
    {"trace_of_another_network",
     "t.csv",
     trace("# model: deit_s\nimage,n1,n2\n0,100,50\n"),
     with_trace,
     {"@:5:10: model: recorded with deit_s; expected deit_t (-m deit_s runs the trace's own "
      "network, `heatsim trace generate --resample` makes a trace of another one)"}},
    {"trace_of_another_number_of_tokens",
     "t.csv",
     "# tokens: 199\n# format: heatsim token trace 1\n# selectors_before_blocks: 4\n"
     "# package_token: one\nimage,n1\n0,100\n",
     with_trace,
     {"@:1:11: tokens: recorded with 199 tokens; expected the 197 tokens of deit_t"}},
    {"trace_of_other_class_tokens",
     "t.csv",
     trace("# class_tokens: 2\nimage,n1,n2\n0,100,50\n"),
     with_trace,
     {"@:5:17: class_tokens: recorded with 2 class tokens; expected the 1 of deit_t"}},
    {"trace_of_a_schedule_with_other_keep_ratios",
     "",
     "",
     {"run", "-t", shipped_trace, "-s", "heatvit"},
     {"deit_t_50_25_13.csv.gz:6:23: keep_ratio_targets: recorded for keep ratio 0.5 at selector "
      "1; expected that of schedule heatvit, 0.7"}},
    {"inspect_no_trace",
     "t.csv",
     "image,n1\n0,5\n",
     {"trace", "inspect", "@"},
     {"@:1: no token trace"}},
    {"inspect_with_another_network",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n"),
     {"trace", "inspect", "@", "-m", "deit_x"},
     {"'deit_x'"}},
    {"compare_with_other_selectors",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n"),
     {"trace", "compare", shipped_trace, "@"},
     {"@:2:28: selectors_before_blocks: 4 7; expected 4 7 10, as in "}},
    {"compare_with_nothing",
     "t.csv",
     "image,n1\n0,5\n",
     {"trace", "compare", "nowhere.csv", "@"},
     {"nowhere.csv", "@:1: no token trace"}},
    {"trace_without_a_command",
     "",
     "",
     {"trace"},
     {"trace: nothing to trace; expected one of inspect, compare, generate, convert"}},
    {"trace_misspelt_command", "", "", {"trace", "inspekt"}, {"did you mean 'inspect'?"}},
    {"generate_over_an_existing_file",
     "t.csv",
     "mine",
     {"trace", "generate", "-o", "@"},
     {"-o: '@' exists; expected a new file, or --force to replace it"}},
    {"generate_all_mistakes_at_once",
     "",
     "",
     {"trace", "generate", "-o", "x.txt", "--image-count", "0", "--seed", "-1", "--keep-ratio",
      "0.5,0.7,0.1", "--std", "a", "--correlation", "2,0,0"},
     {"--image-count: 0 is out of range", "--seed: '-1'", "--keep-ratio: 0.7 behind 0.5",
      "--std: 'a'; expected numbers from 0 to 1", "--correlation: '2'; expected numbers from -1",
      "-o: 'x.txt'; expected a name that ends in .csv or .csv.gz"}},
    {"generate_numbers_of_another_count",
     "",
     "",
     {"trace", "generate", "-o", "x.csv", "--keep-ratio", "0.5", "--std", "0.1,0.1"},
     {"--keep-ratio: 1 numbers; expected 3, one per selector",
      "--std: 2 numbers; expected 1, or one for each of the 3 selectors"}},
    {"generate_too_wide",
     "",
     "",
     {"trace", "generate", "-o", "x.csv", "--std", "0.1,0.3,0.1"},
     {"--std: 0.3 at selector 2; expected 0, or 0.0051 (one patch) to"}},
    {"resample_with_a_spread",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n"),
     {"trace", "generate", "-o", "x.csv", "--resample", "@", "--std", "0.1"},
     {"--std: given with --resample; expected either --std or --resample"}},
    {"resample_to_another_number_of_selectors",
     "t.csv",
     trace("image,n1,n2\n0,100,50\n"),
     {"trace", "generate", "-o", "x.csv", "--resample", "@", "-s", "heatvit"},
     {"--schedule: heatvit has 3 selectors; expected as many as the recording, 2"}},
    {"convert_without_selectors",
     "m.csv",
     "image,stage,mask\n0,1,11\n",
     {"trace", "convert", "@", "-o", "x.csv"},
     {"--selectors: missing; expected the blocks with a selector in front"}},
    {"convert_with_everything",
     "m.csv",
     "image,stage,mask\n0,1,11\n",
     {"trace", "convert", "@", "-o", "x.csv", "-s", "heatvit", "--selectors", "4",
      "--package-token", "onee"},
     {"--selectors: given with --schedule", "--package-token: given with --schedule",
      "--schedule: no network for it; expected --model, too"}},
    {"convert_patches_that_return",
     "m.csv",
     "image,stage,mask\n0,1,10\n0,2,01\n",
     {"trace", "convert", "@", "-o", "x.csv", "--selectors", "4,7"},
     {"@:3:6: mask: patch 1 is kept; expected pruned, as in stage 1"}},
    {"convert_masks_of_another_network",
     "m.csv",
     "image,stage,mask\n0,1,10\n",
     {"trace", "convert", "@", "-o", "x.csv", "--selectors", "4", "-m", "deit_t"},
     {"@:2:5: mask: 2 characters; expected 196, one per patch"}},
    {"convert_selectors_out_of_order",
     "m.csv",
     "image,stage,mask\n0,1,10\n",
     {"trace", "convert", "@", "-o", "x.csv", "--selectors", "7,4", "--package-token", "onee"},
     {"--selectors: '4'; expected a later block", "--package-token: 'onee'; expected one or",
      "did you mean 'one'?"}},
    {"missing_file", "", "", {"run", "-t", "no/such/trace.csv"}, {"no/such/trace.csv"}},
    {"missing_configuration", "", "", {"run", "-a", "no/such.yaml"}, {"no/such.yaml"}},
    {"folder_instead_of_a_file", "", "", {"run", "-t", "/"}, {"/"}},
    {"unknown_model", "", "", {"run", "-m", "deit_ss"}, {"did you mean 'deit_s'?"}},
    {"unknown_accelerator",
     "",
     "",
     {"run", "-a", "heatvit_int8_zcu104"},
     {"did you mean 'heatvit_int8_zcu102'?"}},
    {"tile_larger_than_its_buffer",
     "",
     "",
     {"run", "--set", "buffers.input_bytes=1000", "tile.tokens=32", "tile.input_channels=384"},
     {"buffers.input_bytes", "24576"}},
    {"array_larger_than_the_board",
     "",
     "",
     {"run", "--set", "array.heads=12", "array.input_channels=24", "array.output_channels=32",
      "tile.input_channels=1024", "tile.output_channels=1024", "buffers.input_bytes=1048576",
      "buffers.weight_bytes=4194304", "buffers.accumulator_bytes=1048576",
      "buffers.output_bytes=1048576"},
     {"DSP slices", "too many", "2520 of zcu102", "--allow-oversize"}},
    {"setting_misspelt",
     "",
     "",
     {"run", "--set", "array.haeds=6"},
     {"--set array.haeds=6", "did you mean 'heads'?"}},
    {"setting_of_the_wrong_type",
     "",
     "",
     {"run", "--set", "clock_mhz=fast"},
     {"clock_mhz", "'fast'"}},
    {"setting_without_a_value", "", "", {"run", "--set", "clock_mhz"}, {"key=value"}},
    {"no_images", "", "", {"run", "-n", "0"}, {"--image-count", "1 to"}},
    {"negative_images", "", "", {"run", "-n", "-3"}, {"--image-count", "'-3'"}},
    {"images_no_number", "", "", {"run", "-n", "10x"}, {"--image-count", "'10x'"}},
    {"images_without_end",
     "",
     "",
     {"run", "-n", "99999999999999999999999"},
     {"--image-count", "range"}},
    {"unknown_option", "", "", {"run", "--shedule", "dense"}, {"did you mean '--schedule'?"}},
    {"unknown_command", "", "", {"rnu"}, {"did you mean 'run'?"}},
    {"unknown_format", "", "", {"run", "--format", "yaml"}, {"text or json"}},
    {"option_without_a_value", "", "", {"run", "-m"}, {"--model"}},
    {"unknown_baseline", "", "", {"run", "--baseline", "dens"}, {"did you mean 'dense'?"}},
    {"everything_at_once",
     "",
     "",
     {"run", "-m", "deit_x", "-s", "dens", "-t", "none.csv", "-n", "x", "--set", "y"},
     {"'deit_x'", "'dens'", "none.csv", "'x'", "'y'"}},
    {"gemm_without_a_dimension", "", "", {"gemm", "-M", "1", "-K", "1"}, {"-N"}},
    {"gemm_of_no_size",
     "",
     "",
     {"gemm", "-M", "0", "-K", "-1", "-N", "70000"},
     {"-M", "-K", "-N", "1 to 65536"}},
    {"gemm_beyond_the_memory",
     "",
     "",
     {"gemm", "-M", "65536", "-K", "65536", "-N", "65536"},
     {"bytes of the board's memory"}},
    {"requests_without_colon",
     "r.stl",
     "# requests\n0: read 0x0\n12 read 0x40\n",
     with_requests,
     {"@:3:1: cycle: '12'", "a cycle with a colon"}},
    {"request_of_another_command",
     "r.stl",
     "0:\tfetch\t0x0\n",
     with_requests,
     {"@:1:4: command: 'fetch'", "read or write"}},
    {"request_without_an_address",
     "r.stl",
     "0: read\n",
     with_requests,
     {"@:1:8: address: missing", "a hexadecimal address"}},
    {"request_with_a_decimal_address",
     "r.stl",
     "0: read 4096\n",
     with_requests,
     {"@:1:9: address: '4096'", "0x1000"}},
    {"request_of_no_bytes",
     "r.stl",
     "0: (0) read 0x0\n",
     with_requests,
     {"@:1:4: bytes: '(0)'", "(1) to (65536)"}},
    {"request_outside_the_memory",
     "r.stl",
     "0: read 0x0\n1: read 0x100000000\n",
     with_requests,
     {"@:2:9: address: '0x100000000' is outside the memory", "4294967296 bytes"}},
    {"request_that_ends_outside_the_memory",
     "r.stl",
     "0: (128) write 0xffffffc0\n",
     with_requests,
     {"@:1:16: address: '0xffffffc0' is outside the memory"}},
    {"requests_back_in_time",
     "r.stl",
     "9: read 0x0\n\n5: read 0x40\n",
     with_requests,
     {"@:3:1: cycle: 5 goes backwards", "at least 9"}},
    {"three_bad_requests",
     "r.stl",
     "x: read 0x0\n1: rd 0x0\n2: read 0xz\n",
     with_requests,
     {"@:1:1: cycle:", "@:2:4: command:", "@:3:9: address:"}},
    {"no_requests", "r.stl", "# nothing\n", with_requests, {"@: no requests", "12: read 0x1000"}},
    {"binary_requests", "r.stl.gz", "\x1f\x8b\x08", with_requests, {"@:", "gzip"}},
    {"missing_requests",
     "",
     "",
     {"ddr", "--trace", "no/such.stl"},
     {"no/such.stl: cannot be read"}},
    {"requests_and_a_pattern",
     "r.stl",
     "0: read 0x0\n",
     {"ddr", "--trace", "@", "--pattern", "random", "--count", "5"},
     {"--pattern: describes generated traffic; expected either --trace",
      "--count: describes generated traffic"}},
    {"memory_that_closes_rows_before_they_are_read",
     "m.yaml",
     memory("t_ras: 25\n"),
     with_memory,
     {"@:6:8: t_ras: found '25'; expected at least t_rcd + t_rtp (26)"}},
    {"memory_whose_accesses_overlap",
     "m.yaml",
     memory("t_ccd_s: 3\n"),
     with_memory,
     {"@:6:10: t_ccd_s: found '3'; expected at least burst_length / 2 (4)"}},
    {"memory_with_three_wrong_times",
     "m.yaml",
     memory("cwl: 18\nt_faw: 12\nt_rfc: 9400\n"),
     with_memory,
     {"@:6:6: cwl: found '18'; expected at most cl (17)",
      "@:7:8: t_faw: found '12'; expected more than three",
      "t_refi: absent, default 9360; expected more than t_rfc + t_rp (9417)"}},
    {"memory_without_a_clock",
     "m.yaml",
     "name: bad\ndata_width_bits: 64\n",
     with_memory,
     {"@:1:1: clock_mhz: missing"}},
    {"setting_that_jedec_forbids",
     "",
     "",
     {"ddr", "--set", "t_wtr_l=2", "--set", "t_rrd_l=3"},
     {"--set t_wtr_l=2: t_wtr_l: found '2'; expected at least t_wtr_s (3)",
      "--set t_rrd_l=3: t_rrd_l: found '3'; expected at least t_rrd_s (4)"}},
    {"setting_of_a_run_that_jedec_forbids",
     "",
     "",
     {"run", "--set", "memory.t_ccd_l=3"},
     {"--set memory.t_ccd_l=3: t_ccd_l: found '3'; expected at least t_ccd_s (4)"}},
    {"memory_setting_misspelt",
     "",
     "",
     {"ddr", "--set", "t_rdc=17"},
     {"--set t_rdc=17: t_rdc: unknown key", "did you mean 't_rcd'?"}},
    {"watermarks_the_wrong_way_round",
     "",
     "",
     {"ddr", "--set", "write_low_watermark=32"},
     {"write_low_watermark: found '32'; expected less than write_high_watermark (26)"}},
    {"unknown_memory",
     "",
     "",
     {"ddr", "--memory", "ddr4_2400_x46"},
     {"did you mean 'ddr4_2400_x64'?"}},
    {"unknown_mapping",
     "",
     "",
     {"ddr", "--mapping", "bank_group_xro"},
     {"--mapping bank_group_xro: mapping:", "did you mean 'bank_group_xor'?"}},
    {"unknown_pattern",
     "",
     "",
     {"ddr", "--pattern", "randon"},
     {"--pattern randon: pattern:", "did you mean 'random'?"}},
    {"read_blocks_without_write_blocks",
     "",
     "",
     {"ddr", "--read-block-bytes", "1024"},
     {"error: --write-block-bytes: absent", "more than 0 with read_block_bytes"}},
    {"write_blocks_without_read_blocks",
     "",
     "",
     {"ddr", "--write-block-bytes", "1024"},
     {"error: --read-block-bytes: absent", "more than 0 with write_block_bytes"}},
    {"no_requests_at_all",
     "",
     "",
     {"ddr", "--count", "0", "--outstanding", "0", "--request-bytes", "0", "--stride-bytes", "0"},
     {"--count 0: count:", "1 to 1000000000000", "--outstanding: 0 is out of range",
      "--request-bytes 0: request_bytes:", "--stride-bytes 0: stride_bytes:"}},
    {"traffic_beyond_the_memory",
     "",
     "",
     {"ddr", "--footprint-bytes", "8589934592"},
     {"--footprint-bytes: 8589934592 bytes; expected at most the memory's 4294967296 bytes"}},
    {"misspelt_traffic_option",
     "",
     "",
     {"ddr", "--burst-byte", "64"},
     {"did you mean '--burst-bytes'?"}},
    {"ddr_trace_of_ideal_memory",
     "",
     "",
     {"run", "--ddr-trace", "x.stl", "--set", "memory=ideal"},
     {"--ddr-trace: heatvit_int8_zcu102 has no DDR to trace: its memory is ideal",
      "memory: board and dma.engine: axi"}},
    {"ddr_trace_of_a_word_serial_loader",
     "",
     "",
     {"run", "--ddr-trace", "x.stl", "-a", "heatvit_rtl_xc7k325t"},
     {"--ddr-trace: heatvit_rtl_xc7k325t has no DDR to trace: its loader is word_serial"}},
    {"ddr_trace_into_no_folder",
     "",
     "",
     {"run", "--ddr-trace", "no/such/x.stl"},
     {"--ddr-trace: 'no/such/x.stl' cannot be written: No such file or directory"}},
    {"ddr_trace_onto_a_device",
     "",
     "",
     {"run", "--ddr-trace", "/dev/null"},
     {"--ddr-trace: '/dev/null' is not a regular file"}},
    {"ddr_trace_as_gzip",
     "",
     "",
     {"run", "--ddr-trace", "x.stl.gz"},
     {"--ddr-trace: 'x.stl.gz' would be plain text", "a file without .gz"}},
    {"ddr_trace_and_a_bad_model",
     "",
     "",
     {"run", "--ddr-trace", "", "-m", "deit_x"},
     {"--ddr-trace: empty name", "'deit_x'"}},
    {"timeline_into_no_folder",
     "",
     "",
     {"run", "--timeline", "no/such/x.pftrace"},
     {"--timeline: 'no/such/x.pftrace' cannot be written: No such file or directory"}},
    {"vcd_onto_a_device",
     "",
     "",
     {"run", "--vcd", "/dev/null"},
     {"--vcd: '/dev/null' is not a regular file"}},
    {"timeline_of_no_name_and_a_bad_model",
     "",
     "",
     {"run", "--timeline", "", "-m", "deit_x"},
     {"--timeline: empty name", "'deit_x'"}},
    {"timeline_of_an_image_outside_the_run",
     "",
     "",
     {"run", "-n", "3", "--timeline", "x.pftrace", "--timeline-image", "3"},
     {"--timeline-image: 3 is out of range; expected an integer from 0 to 2"}},
    {"timeline_image_without_a_file",
     "",
     "",
     {"run", "--timeline-image", "0"},
     {"--timeline-image: no image is recorded; expected --timeline or --vcd beside it"}},
    {"timeline_and_vcd_in_one_file",
     "",
     "",
     {"run", "--timeline", "x", "--vcd", "x"},
     {"--vcd: 'x', as --timeline; expected another file"}},
    {"list_of_nothing", "", "", {"list"}, {"models, accelerators"}},
    {"list_of_something_else", "", "", {"list", "model"}, {"did you mean 'models'?"}},
    {"validate_in_no_format",
     "",
     "",
     {"validate", "--format", "html"},
     {"'html'; expected text or json or markdown"}},
    {"energy_table_of_no_name",
     "",
     "",
     {"run", "--energy", "ultrascale_plus"},
     {"energy: no 'ultrascale_plus'", "did you mean 'ultrascale_plus_16nm'?"}},
    {"validate_something_else", "", "", {"validate", "dr"}, {"'dr'", "did you mean 'ddr'?"}},
    {"explain_format",
     "",
     "",
     {"explain", "gelu", "--format", "yaml"},
     {"--format", "text or json"}},
    {"explain_unknown", "", "", {"explain", "array.utilisation"}, {"array.utilization"}},
};

std::string replaced(std::string text, const std::string& path)
{
    const auto at = text.find('@');
    return at == std::string::npos ? text : text.replace(at, 1, path);
}

class BadInputs : public testing::TestWithParam<BadInput> {};

} // namespace

TEST_P(BadInputs, AreRefusedWithTheReason)
{
    const auto& input = GetParam();
    const Folder folder;
    const auto path =
        input.file_name.empty() ? std::string{} : folder.write(input.file_name, input.file_text);
    const auto before = folder.entries();
    std::vector<std::string> arguments;
    for (const auto& word : input.arguments)
        arguments.push_back(word == "@" ? path : word);
    if (arguments.front() == "run")
        arguments.insert(arguments.begin() + 1, {"-o", folder.path("a/results")});

    const auto outcome = heatsim(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    for (const auto& message : input.messages)
        EXPECT_THAT(outcome.err, HasSubstr(replaced(message, path)));
    EXPECT_EQ(folder.entries(), before) << "something is left behind";
    std::istringstream lines{outcome.err};
    for (std::string line; std::getline(lines, line);)
        EXPECT_TRUE(line.rfind("error: ", 0) == 0 || line == "Try `heatsim --help`.") << line;
}

INSTANTIATE_TEST_SUITE_P(Table,
                         BadInputs,
                         testing::ValuesIn(bad_inputs),
                         [](const testing::TestParamInfo<BadInput>& test) {
                             return test.param.name;
                         });

TEST(OutputFolder, ThatCannotBeMadeIsRefusedBeforeTheSimulation)
{
    const Folder folder;
    const auto file = folder.write("file", "mine");
    for (const auto& path : {file, file + "/below", std::string{}}) {
        const auto outcome = heatsim({"run", "-n", "1000000", "-o", path});
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_THAT(outcome.err, HasSubstr("output folder"));
    }
    EXPECT_EQ(content(file), "mine");
    EXPECT_EQ(folder.entries(), std::vector<std::string>{"file"});
}

TEST(OutputFolder, OfOthersKeepsTheirFiles)
{
    const Folder folder;
    const auto notes = folder.write("notes.txt", "mine");
    const auto summary = folder.write("summary.json", "old");
    EXPECT_EQ(heatsim({"run", "-q", "-o", folder.path("")}).exit_code, 0);
    EXPECT_EQ(content(notes), "mine");
    EXPECT_NE(content(summary), "old");
    EXPECT_EQ(folder.entries().size(), 10U);
}

} // namespace heatsim::cli
