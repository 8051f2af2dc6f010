// SPDX-License-Identifier: Apache-2.0
#include "config/error.hpp"
#include "report/output_folder.hpp"
#include "report/result_folder.hpp"
#include "report/version.hpp"
#include "support/temporary_folder.hpp"
#include "system/resources.hpp"
#include "unit/report/example_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace heatsim::report {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

void replace(std::string& text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
}

std::string message_of(const ResultFiles& files)
{
    try {
        (void)figures_of(files);
    } catch (const config::Error& error) {
        return error.what();
    }
    return "";
}

/// A change to one of the files, and what the messages must say.
struct Damage {
    std::string name;
    std::function<void(ResultFiles&)> apply;
    std::vector<std::string> messages;
};

std::ostream& operator<<(std::ostream& stream, const Damage& damage)
{
    return stream << damage.name;
}

const std::vector<Damage> damages{
    {"no_json",
     [](ResultFiles& files) { replace(files.summary_json, "\"deit_t\",", "\"deit_t\";"); },
     {"run/summary.json:3:20: not JSON; expected the JSON that `heatsim run -o` writes"}},
    {"truncated_json",
     [](ResultFiles& files) { files.summary_json.resize(12); },
     {"run/summary.json:2:", "not JSON"}},
    {"empty_json", [](ResultFiles& files) { files.summary_json.clear(); }, {"not JSON"}},
    {"no_object", [](ResultFiles& files) { files.summary_json = "[1]"; }, {"version: missing"}},
    {"number_too_large",
     [](ResultFiles& files) { files.summary_json = R"({"version": 1e999})"; },
     {"run/summary.json: a number that is too large"}},
    {"other_version",
     [](ResultFiles& files) {
         replace(files.summary_json, version, "99.3.1");
         files.operators_csv.clear(); // not looked at any more
     },
     {"run/summary.json: version: written by heatsim 99.3.1; expected a folder of heatsim"}},
    {"missing_key",
     [](ResultFiles& files) { replace(files.summary_json, "\"fps\"", "\"fpz\""); },
     {"run/summary.json: fps: missing; expected a number above 0"}},
    {"missing_nested_key",
     [](ResultFiles& files) { replace(files.summary_json, "\"p99\"", "\"p98\""); },
     {"run/summary.json: latency_ms.p99: missing"}},
    {"wrong_type",
     [](ResultFiles& files) { replace(files.summary_json, "\"images\": 2", "\"images\": \"2\""); },
     {"run/summary.json: images: \"2\"; expected an integer above 0"}},
    {"no_latency",
     [](ResultFiles& files) { replace(files.summary_json, "\"mean\": 0.00", "\"mean\": -0.00"); },
     {"run/summary.json: latency_ms.mean: -0.00"}},
    {"missing_column",
     [](ResultFiles& files) { replace(files.operators_csv, ",cycles,", ",cycle,"); },
     {"run/operators.csv:1:1: cycles: no column of this name", "did you mean 'cycle'?"}},
    {"no_number",
     [](ResultFiles& files) { replace(files.operators_csv, ",140.5,140.5,", ",140.5,inf,"); },
     {"run/operators.csv:3:1: cycles: 'inf'; expected a number from 0 to 1e15"}},
    {"short_row",
     [](ResultFiles& files) { replace(files.operators_csv, "\nblocks.1.attn.qkv,", "\n"); },
     {"run/operators.csv:3:1: 26 cells; expected 27"}},
    {"operator_twice",
     [](ResultFiles& files) {
         replace(files.operators_csv, "blocks.1.attn.qkv", "blocks.1.norm1");
     },
     {"run/operators.csv:3:1: operator: 'blocks.1.norm1' a second time"}},
    {"no_rows",
     [](ResultFiles& files) { files.images_csv.resize(files.images_csv.find('\n')); },
     {"run/images.csv: no rows"}},
    {"empty_csv",
     [](ResultFiles& files) { files.images_csv.clear(); },
     {"run/images.csv: no rows"}},
    {"fewer_images",
     [](ResultFiles& files) { files.images_csv.resize(files.images_csv.find("\n1,") + 1); },
     {"run/images.csv: 1 images; expected the 2 of summary.json"}},
    {"unknown_configuration_key",
     [](ResultFiles& files) { replace(files.config_yaml, "  clock_mhz:", "  clok_mhz:"); },
     {"accelerator.clok_mhz: unknown key; did you mean 'clock_mhz'?", "run/config.yaml:"}},
    {"missing_configuration",
     [](ResultFiles& files) { files.config_yaml = "accelerator: {name: x}\n"; },
     {"run/config.yaml:1:", "board: missing"}},
    {"several_files_at_once",
     [](ResultFiles& files) {
         replace(files.operators_csv, ",cycles,", ",cycle,");
         replace(files.images_csv, "latency_ms", "latency");
         files.config_yaml.clear();
     },
     {"run/operators.csv:1:1:", "run/images.csv:1:1:", "run/config.yaml"}},
};

class ResultFolderDamage : public testing::TestWithParam<Damage> {};

class ResultFolder : public testing::Test {
  protected:
    void write(const std::string& name) const
    {
        const auto files = example_files(name);
        write_output_folder((root / name).string(), {{"summary.json", files.summary_json},
                                                     {"operators.csv", files.operators_csv},
                                                     {"images.csv", files.images_csv},
                                                     {"config.yaml", files.config_yaml}});
    }
    [[nodiscard]] std::string refusal(const std::string& name) const
    {
        try {
            (void)read_result_folder((root / name).string());
        } catch (const config::Error& error) {
            return error.what();
        }
        return "";
    }
    const test::TemporaryFolder folder;
    const fs::path root = folder.path();
};

} // namespace

TEST_P(ResultFolderDamage, IsRefusedWithItsPlace)
{
    auto files = example_files("run");
    GetParam().apply(files);
    const auto message = message_of(files);
    for (const auto& expected : GetParam().messages)
        EXPECT_THAT(message, HasSubstr(expected));
}
INSTANTIATE_TEST_SUITE_P(Files,
                         ResultFolderDamage,
                         testing::ValuesIn(damages),
                         [](const testing::TestParamInfo<Damage>& damage) {
                             return damage.param.name;
                         });

TEST(ResultFigures, AreThoseOfTheRun)
{
    const auto [setup, run] = example_run();
    const auto summary = summarize(setup, run);
    const auto figures = figures_of(files_of("run", setup, run));
    EXPECT_EQ(figures.name, "run");
    EXPECT_EQ(figures.model, "deit_t");
    EXPECT_EQ(figures.schedule, "heatvit");
    EXPECT_EQ(figures.trace, "");
    EXPECT_EQ(figures.accelerator, "heatvit_int8_zcu102");
    EXPECT_EQ(figures.board, "zcu102");
    EXPECT_EQ(figures.clock_mhz, 150.0);
    EXPECT_EQ(figures.images, 2U);
    EXPECT_EQ(figures.cycles, 150.5); // 201 and 100
    EXPECT_EQ(figures.latency_mean_ms, summary.latency_ms.mean);
    EXPECT_EQ(figures.latency_p50_ms, summary.latency_ms.p50);
    EXPECT_EQ(figures.latency_p99_ms, summary.latency_ms.p99);
    EXPECT_EQ(figures.latency_max_ms, summary.latency_ms.max);
    EXPECT_EQ(figures.fps, summary.fps);
    EXPECT_EQ(figures.macs, 150500.0);
    EXPECT_EQ(figures.ddr_bytes, 3500.5); // 3000 read, 501 and 500 written
    EXPECT_EQ(figures.energy_mj, summary.energy.image_mj.mean);
    EXPECT_EQ(figures.top1_percent, std::nullopt);
    ASSERT_EQ(figures.per_image.size(), 2U);
    EXPECT_EQ(figures.per_image[1].image, "1");
    EXPECT_DOUBLE_EQ(figures.per_image[1].latency_ms, 100.0 / 150e3);
    ASSERT_EQ(figures.operators.size(), 3U);
    EXPECT_EQ(figures.operators[1].name, "blocks.1.attn.qkv");
    EXPECT_EQ(figures.operators[1].cycles, 140.5); // 281 in two images
    ASSERT_EQ(figures.groups.size(), 3U);
    EXPECT_EQ(figures.groups[0].name, "LayerNorm");
    EXPECT_EQ(figures.groups[0].cycles, 10.0);
}

TEST(ResultFigures, ResourcesAreThoseOfTheConfiguration)
{
    auto example = example_run();
    auto& setup = example.first; // clang: no lambda has a structured binding
    const auto& run = example.second;
    const auto expect_resources = [&] {
        const auto shape = system::chip_shape(setup.design.accelerator, setup.design.board,
                                              setup.model, setup.schedule);
        const auto expected = estimate::estimate_chip(shape, system::resource_model()).total;
        const auto figures = figures_of(files_of("run", setup, run));
        EXPECT_GT(figures.resources.dsps, 1000U);
        EXPECT_EQ(figures.resources.dsps, expected.dsps);
        EXPECT_EQ(figures.resources.luts, expected.luts);
        EXPECT_EQ(figures.resources.bram18, expected.bram18);
        return figures.resources.luts;
    };
    const auto threshold = expect_resources();
    setup.schedule.choice = workload::Choice::TopK; // has to rank the scores
    EXPECT_GT(expect_resources(), threshold);
}

TEST(ResultFigures, AccuracyIsTheSummarysElseTheTraces)
{
    const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
    auto files = example_files("run");
    replace(files.summary_json, "\"trace\": null", "\"trace\": \"" + trace + "\"");
    EXPECT_EQ(figures_of(files).top1_percent, 92.57);
    EXPECT_THAT(figures_of(files).dataset, HasSubstr("Fashion-MNIST"));
    replace(files.summary_json, "\"top1_percent\": null", "\"top1_percent\": 71.5");
    EXPECT_EQ(figures_of(files).top1_percent, 71.5);
    replace(files.summary_json, trace, "gone.csv");
    EXPECT_EQ(figures_of(files).top1_percent, 71.5);
    replace(files.summary_json, "\"top1_percent\": 71.5", "\"top1_percent\": null");
    EXPECT_EQ(figures_of(files).top1_percent, std::nullopt);
}

TEST(ResultFigures, QuotedCellsAreRead)
{
    auto files = example_files("run");
    replace(files.operators_csv, "blocks.1.attn.qkv", R"("a ""b"", c")");
    EXPECT_EQ(figures_of(files).operators[1].name, R"(a "b", c)");
}

TEST_F(ResultFolder, IsReadAsItWasWritten)
{
    write("dense");
    const auto files = read_result_folder((root / "dense").string());
    EXPECT_EQ(files.summary_json, example_files("").summary_json);
    EXPECT_EQ(files.config_yaml, example_files("").config_yaml);
    EXPECT_EQ(figures_of(files).images, 2U);
}

TEST_F(ResultFolder, ThatIsMissingIsRefusedWithTheNearestOne)
{
    write("dense");
    fs::create_directory(root / "denze"); // no results in it
    EXPECT_THAT(refusal("densee"), HasSubstr("densee: result folder: no such folder; expected a "
                                             "folder written by `heatsim run -o`"));
    EXPECT_THAT(refusal("densee"), HasSubstr("did you mean '" + (root / "dense").string() + "'?"));
    std::ofstream{root / "file"} << "text";
    EXPECT_THAT(refusal("file"), HasSubstr("file: result folder: is no folder"));
}

TEST_F(ResultFolder, WithoutSomeFilesIsRefusedWithAllOfThem)
{
    write("dense");
    fs::remove(root / "dense/summary.json");
    fs::remove(root / "dense/images.csv");
    const auto message = refusal("dense");
    EXPECT_THAT(message, HasSubstr("dense/summary.json: cannot be read: No such file"));
    EXPECT_THAT(message, HasSubstr("dense/images.csv: cannot be read: No such file"));
    EXPECT_THAT(message, testing::Not(HasSubstr("operators.csv")));
}

} // namespace heatsim::report
