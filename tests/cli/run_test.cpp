// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
const std::vector<std::string> result_files{
    "BANDWIDTH_REPORT.csv", "COMPUTE_REPORT.csv", "config.yaml", "distribution.csv", "host.json",
    "images.csv",           "operators.csv",      "stats.json",  "summary.json"};

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
}

double sum(const json& object)
{
    double total = 0.0;
    for (const auto& value : object)
        total += value.get<double>();
    return total;
}

std::vector<std::string> split(const std::string& line, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream{line};
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(part);
    return parts;
}

/// One line of validation/models.csv.
struct ModelMacs {
    std::string model;
    std::string schedule;
    std::vector<std::string> blocks;
    std::string tokens;
    std::uint64_t macs = 0;
};

std::ostream& operator<<(std::ostream& stream, const ModelMacs& row)
{
    return stream << row.model << ' ' << row.schedule;
}

std::vector<ModelMacs> model_macs()
{
    std::vector<ModelMacs> rows;
    std::ifstream file{HEATSIM_SOURCE_DIR "/validation/models.csv"};
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#' || line.rfind("model,", 0) == 0)
            continue;
        const auto cells = split(line, ',');
        rows.push_back({cells.at(0), cells.at(1), split(cells.at(2), ' '), cells.at(3),
                        std::stoull(cells.at(9))});
    }
    return rows;
}

/// `dense`, `0.7/0.39/0.21` (keep ratios) or `tokens 88/45/32` as a schedule file.
std::string schedule_text(const ModelMacs& row)
{
    std::string text = "name: of_the_table\nselectors:";
    if (row.blocks.empty())
        return text + " []\n";
    const std::string counts = "tokens ";
    const bool by_count = row.schedule.rfind(counts, 0) == 0;
    const auto targets = split(by_count ? row.schedule.substr(counts.size()) : row.schedule, '/');
    for (std::size_t i = 0; i < row.blocks.size(); ++i)
        text += "\n  - {before_block: " + row.blocks[i] + ", " +
                (by_count ? "tokens: " : "keep_ratio: ") + targets.at(i) + "}";
    return text + '\n';
}

} // namespace

TEST(Run, WithNoArgumentsUsesTheDefaults)
{
    const auto outcome = heatsim({"run"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(outcome.out, HasSubstr("deit_t · schedule heatvit · 1 image"));
    EXPECT_THAT(outcome.out, HasSubstr("717,449,844 MACs per image"));
    EXPECT_THAT(outcome.out, HasSubstr("M cycles/s"));
}

TEST(Run, JsonHasThePromisedKeys)
{
    const auto summary = parsed(heatsim({"run", "--format", "json"}));
    for (const char* key : {"mean", "p50", "p95", "p99", "min", "max"}) {
        EXPECT_TRUE(summary["latency_ms"][key].is_number()) << key;
        EXPECT_TRUE(summary["cycles"][key].is_number_integer()) << key;
    }
    EXPECT_TRUE(summary["fps"].is_number());
    EXPECT_TRUE(summary["macs"].is_number_integer());
    EXPECT_GT(summary["array"]["utilization"].get<double>(), 0.0);
    EXPECT_LE(summary["array"]["utilization"].get<double>(), 1.0);
    EXPECT_TRUE(summary["ddr"]["read_bytes"].is_number_integer());
    EXPECT_TRUE(summary["ddr"]["write_bytes"].is_number_integer());
    EXPECT_LE(summary["ddr"]["bandwidth_gbs"], summary["ddr"]["peak_bandwidth_gbs"]);
    EXPECT_EQ(summary["stages"][3]["tokens"], 43);
    EXPECT_GT(summary["host"]["simulator"]["cycles_per_second"].get<double>(), 0.0);
    EXPECT_EQ(sum(summary["array"]["cycles_by_cause"]), summary["cycles"]["mean"]);
}

TEST(Run, CausesSumUpToTheCyclesOfEveryImageAndOperator)
{
    const Folder folder;
    const auto summary = parsed(
        heatsim({"run", "-t", trace, "-n", "3", "-o", folder.path("results"), "--format", "json"}));
    const auto total = summary["cycles"]["total"].get<std::int64_t>();
    EXPECT_NEAR(sum(summary["array"]["cycles_by_cause"]), summary["cycles"]["mean"].get<double>(),
                1e-6);
    EXPECT_EQ(summary["array"]["cycles"], summary["cycles"]["mean"]);
    EXPECT_EQ(std::llround(sum(summary["array"]["cycles_by_cause"]) * 3.0), total);
    EXPECT_EQ(std::llround(summary["cycles"]["mean"].get<double>() * 3.0), total);

    for (const char* name : {"images.csv", "operators.csv"}) {
        std::ifstream file{folder.path("results") + "/" + name};
        std::string line;
        std::getline(file, line);
        const auto header = split(line, ',');
        double all = 0.0;
        while (std::getline(file, line)) {
            const auto cells = split(line, ',');
            double cycles = 0.0;
            double causes = 0.0;
            for (std::size_t i = 0; i < header.size(); ++i) {
                const std::string suffix = "_cycles";
                if (header[i] == "cycles")
                    cycles = std::stod(cells[i]);
                else if (header[i] != "unit_cycles" && header[i].size() > suffix.size() &&
                         header[i].compare(header[i].size() - suffix.size(), suffix.size(),
                                           suffix) == 0)
                    causes += std::stod(cells[i]);
            }
            EXPECT_NEAR(causes, cycles, 1e-6) << name << ": " << line;
            all += cycles;
        }
        const double images = std::string{name} == "images.csv" ? 1.0 : 3.0;
        EXPECT_NEAR(all * images, static_cast<double>(total), 1e-3) << name;
    }
}

TEST(Run, TwoRunsWriteTheSameBytes)
{
    const Folder folder;
    for (const char* name : {"first", "second"})
        EXPECT_EQ(heatsim({"run", "-t", trace, "-n", "2", "--baseline", "dense", "-q", "-o",
                           folder.path(name)})
                      .exit_code,
                  0);
    for (const auto& file : result_files) {
        const auto first = content(folder.path("first/" + file));
        EXPECT_FALSE(first.empty()) << file;
        if (file != "host.json") {
            EXPECT_EQ(first, content(folder.path("second/" + file))) << file;
        }
    }
    EXPECT_FALSE(json::parse(content(folder.path("first/summary.json"))).contains("host"));
    EXPECT_EQ(folder.entries().size(), 2 * (1 + result_files.size()));
}

TEST(Run, AnImageIsTheSameAloneAndAmongOthers)
{
    const auto first = parsed(heatsim({"run", "-t", trace, "-n", "1", "--format", "json"}));
    const Folder folder;
    EXPECT_EQ(heatsim({"run", "-t", trace, "-n", "3", "-q", "-o", folder.path("r")}).exit_code, 0);
    std::istringstream rows{content(folder.path("r/images.csv"))};
    std::string header;
    std::string row;
    std::getline(rows, header);
    std::getline(rows, row);
    const auto names = split(header, ',');
    const auto cells = split(row, ',');
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == "cycles") {
            EXPECT_EQ(cells[i], first["cycles"]["mean"].dump());
        }
    }
}

TEST(Run, BaselineStandsBesideTheRun)
{
    const auto summary = parsed(heatsim({"run", "--baseline", "dense", "--format", "json"}));
    EXPECT_EQ(summary["macs"], 717449844);
    EXPECT_EQ(summary["baseline"]["macs"], 1253683200);
    EXPECT_EQ(summary["baseline"]["schedule"], "dense");
    EXPECT_DOUBLE_EQ(summary["baseline"]["speedup"].get<double>(),
                     summary["baseline"]["latency_ms"]["mean"].get<double>() /
                         summary["latency_ms"]["mean"].get<double>());
    // a run leaves nothing behind for the next one on the same chip
    const auto dense = parsed(heatsim({"run", "-s", "dense", "--format", "json"}));
    EXPECT_EQ(summary["baseline"]["cycles"], dense["cycles"]);
    const auto alone = parsed(heatsim({"run", "--format", "json"}));
    EXPECT_EQ(summary["cycles"], alone["cycles"]);

    const auto text = heatsim({"run", "--baseline", "dense"});
    EXPECT_THAT(text.out, HasSubstr("vs dense"));
    EXPECT_THAT(text.out, HasSubstr("faster"));
}

TEST(Run, SettingsReachEveryFile)
{
    const Folder folder;
    EXPECT_EQ(heatsim({"run", "--set", "clock_mhz=200", "--set", "memory.read_queue_entries=8",
                       "model.classes=10", "-q", "-o", folder.path("r")})
                  .exit_code,
              0);
    const auto config = content(folder.path("r/config.yaml"));
    EXPECT_THAT(config, HasSubstr("clock_mhz: 200"));
    EXPECT_THAT(config, HasSubstr("read_queue_entries: 8"));
    EXPECT_THAT(config, HasSubstr("classes: 10"));
}

TEST(Run, QuietPrintsNothing)
{
    const auto outcome = heatsim({"run", "--quiet"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST(Run, EveryShippedAcceleratorRuns)
{
    for (const auto& entry : parsed(heatsim({"list", "accelerators", "--format", "json"}))) {
        const auto name = entry["name"].get<std::string>();
        const auto summary = parsed(heatsim({"run", "-a", name, "--format", "json"}));
        EXPECT_EQ(summary["accelerator"], name);
        EXPECT_EQ(sum(summary["array"]["cycles_by_cause"]), summary["cycles"]["mean"]) << name;
    }
}

class RunMacs : public testing::TestWithParam<ModelMacs> {};

TEST_P(RunMacs, AreExact)
{
    const auto& row = GetParam();
    const Folder folder;
    const auto schedule = folder.write("schedule.yaml", schedule_text(row));
    const auto summary = parsed(heatsim(
        {"run", "-m", row.model, "-s", schedule, "--set", "memory=ideal", "--format", "json"}));
    EXPECT_EQ(summary["macs"], row.macs);
    std::string tokens;
    for (const auto& stage : summary["stages"])
        tokens += (tokens.empty() ? "" : " ") + stage["tokens"].dump();
    EXPECT_EQ(tokens, row.tokens);
}

INSTANTIATE_TEST_SUITE_P(Table,
                         RunMacs,
                         testing::ValuesIn(model_macs()),
                         [](const testing::TestParamInfo<ModelMacs>& test) {
                             auto name = test.param.model + "_" + test.param.schedule;
                             for (auto& letter : name)
                                 if (std::isalnum(static_cast<unsigned char>(letter)) == 0)
                                     letter = '_';
                             return name;
                         });

TEST(Run, ModelsComeWithAScheduleOfTheirOwn)
{
    for (const auto& row : model_macs()) {
        const bool dense = row.schedule == "dense";
        if (!dense && row.schedule != "0.7/0.39/0.21")
            continue;
        std::vector<std::string> line{"run", "-m", row.model, "--format", "json"};
        if (dense)
            line.insert(line.end(), {"-s", "dense"});
        EXPECT_EQ(parsed(heatsim(line))["macs"], row.macs) << row.model << ' ' << row.schedule;
    }
}

TEST(Gemm, ReportsCyclesCausesAndBytes)
{
    const auto gemm =
        parsed(heatsim({"gemm", "-M", "197", "-K", "192", "-N", "576", "--format", "json"}));
    EXPECT_TRUE(gemm["cycles"].is_number_integer());
    EXPECT_EQ(gemm["macs"], 197 * 192 * 576);
    EXPECT_EQ(sum(gemm["array"]["cycles_by_cause"]), gemm["cycles"]);
    EXPECT_GE(gemm["operands"]["weight_bytes"], 192 * 576);
    EXPECT_EQ(gemm["ddr"]["read_bytes"], gemm["operands"]["input_bytes"].get<int>() +
                                             gemm["operands"]["weight_bytes"].get<int>());
    EXPECT_THAT(heatsim({"gemm", "-M", "1", "-K", "1", "-N", "1", "--heads", "2"}).out,
                HasSubstr("2 heads"));
}

// SCALE-Sim 3.0.0: ceil(M/R) ceil(N/C) (K+R+C-2) - 1 and ceil(K/R) ceil(N/C) (M+2R+C-2) - 1
TEST(Gemm, SystolicArraysWithIdealMemoryAreTheClosedForms)
{
    const auto cycles = [](const char* accelerator) {
        return parsed(heatsim({"gemm", "-a", accelerator, "-M", "197", "-K", "384", "-N", "1152",
                               "--format", "json"}))["cycles"]
            .get<int>();
    };
    EXPECT_EQ(cycles("systolic_output_stationary_32x32_ideal"), 7 * 36 * (384 + 32 + 32 - 2) - 1);
    EXPECT_EQ(cycles("systolic_weight_stationary_32x32_ideal"), 12 * 36 * (197 + 64 + 32 - 2) - 1);
}

TEST(Explain, CoversEverythingThatIsWritten)
{
    std::set<std::string> names;
    const Folder folder;
    for (const char* accelerator : {"heatvit_int8_zcu102", "heatvit_rtl_xc7k325t",
                                    "systolic_output_stationary_32x32_ideal"}) {
        const auto results = folder.path(accelerator);
        EXPECT_EQ(heatsim({"run", "-a", accelerator, "-q", "-o", results}).exit_code, 0);
        const auto statistics = json::parse(content(results + "/stats.json"));
        for (const auto& statistic : statistics["statistics"])
            names.insert(statistic["path"].get<std::string>());
        for (const char* file :
             {"/operators.csv", "/images.csv", "/COMPUTE_REPORT.csv", "/BANDWIDTH_REPORT.csv"}) {
            const auto text = content(results + file);
            for (const auto& column : split(text.substr(0, text.find('\n')), ','))
                names.insert(column);
        }
    }
    EXPECT_GT(names.size(), 50U);
    for (const auto& name : names) {
        const auto outcome = heatsim({"explain", name});
        EXPECT_EQ(outcome.exit_code, 0) << name << ": " << outcome.err;
        EXPECT_THAT(outcome.out, HasSubstr("meaning")) << name;
    }
}

TEST(Explain, PrintsJson)
{
    const auto gelu = parsed(heatsim({"explain", "gelu", "--format", "json"}));
    EXPECT_EQ(gelu["version"], HEATSIM_VERSION);
    EXPECT_EQ(gelu["accuracy"]["function"], "gelu");
    EXPECT_EQ(gelu["accuracy"]["derivatives"].size(), 4U);
    EXPECT_THAT(heatsim({"explain", "gelu"}).out, HasSubstr("largest |slope|"));
    const auto word = parsed(heatsim({"explain", "keep ratio", "--format", "json"}));
    EXPECT_EQ(word["topics"][0]["name"], "keep ratio");
    EXPECT_GT(parsed(heatsim({"explain", "--format", "json"}))["topics"].size(), 100U);
}

TEST(List, HasEveryKind)
{
    for (const char* kind :
         {"models", "accelerators", "boards", "memories", "schedules", "energy"}) {
        const auto entries = parsed(heatsim({"list", kind, "--format", "json"}));
        EXPECT_GE(entries.size(), kind == std::string{"energy"} ? 2U : 5U) << kind;
        const auto text = heatsim({"list", kind});
        for (const auto& entry : entries) {
            EXPECT_FALSE(entry["description"].get<std::string>().empty()) << entry["name"];
            EXPECT_THAT(text.out, HasSubstr(entry["name"].get<std::string>()));
        }
    }
}

TEST(Help, IsPrintedWithoutAnError)
{
    const std::vector<std::vector<std::string>> lines{{},
                                                      {"--help"},
                                                      {"run", "--help"},
                                                      {"gemm", "-h"},
                                                      {"ddr", "-h"},
                                                      {"validate", "-h"},
                                                      {"list", "-h"},
                                                      {"explain", "-h"},
                                                      {"explain"}};
    for (const auto& line : lines) {
        const auto outcome = heatsim(line);
        EXPECT_EQ(outcome.exit_code, 0);
        EXPECT_THAT(outcome.out, HasSubstr("heatsim"));
        EXPECT_EQ(outcome.err, "");
    }
    EXPECT_EQ(heatsim({"--version"}).out, "heatsim " HEATSIM_VERSION "\n");
}

TEST(Output, ThatCannotBeWrittenIsReported)
{
    const auto full = heatsim({"list", "models"}, "/dev/full");
    EXPECT_EQ(full.exit_code, 1);
    EXPECT_THAT(full.err, HasSubstr("error: standard output: No space left on device"));
    const auto closed = heatsim({"run"}, "-");
    EXPECT_EQ(closed.exit_code, 1);
    EXPECT_THAT(closed.err, HasSubstr("error: standard output:"));
}

} // namespace heatsim::cli
