// SPDX-License-Identifier: Apache-2.0
// Runs over many images: processes, reuse, composition.
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Files that are the same from run to run.
const std::vector<std::string> repeatable_files{
    "config.yaml",  "images.csv",         "operators.csv",       "stats.json",
    "summary.json", "COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv"};

class TestSet : public testing::Test {
  protected:
    TestSet() { setenv("HEATSIM_CACHE", cache.path("").c_str(), 1); } // NOLINT: one thread

    /// Runs into folder `name` and expects success and nothing on standard error.
    void run(const std::string& name, std::vector<std::string> options)
    {
        for (const auto& word :
             {std::string{"run"}, std::string{"-t"}, trace, std::string{"-o"}, results.path(name)})
            options.push_back(word);
        std::rotate(options.begin(), options.end() - 5, options.end());
        const auto outcome = heatsim(options);
        EXPECT_EQ(outcome.exit_code, 0);
        EXPECT_EQ(outcome.err, "");
    }
    [[nodiscard]] std::string file(const std::string& folder, const std::string& name) const
    {
        return content(results.path(folder) + "/" + name);
    }
    void expect_same(const std::string& a, const std::string& b) const
    {
        for (const auto& name : repeatable_files)
            EXPECT_EQ(file(a, name), file(b, name)) << name << " of " << a << " and " << b;
    }

    const Folder files;
    const Folder cache;
    const Folder results;
    const std::string trace = files.write("trace.csv",
                                          "# format: heatsim token trace 1\n"
                                          "# selectors_before_blocks: 4 7 10\n"
                                          "# package_token: one\n"
                                          "# tokens: 197\n"
                                          "image,n1,n2,n3\n"
                                          "0,101,51,22\n1,154,97,72\n2,134,60,27\n"
                                          "3,101,51,22\n4,130,71,31\n5,154,97,72\n"
                                          "6,12,6,3\n7,197,197,197\n");
};

TEST_F(TestSet, HasTheSameBytesAtAnyNumberOfProcessesAndWithoutReuse)
{
    run("default", {});
    for (const std::string jobs : {"1", "2", "3"}) {
        run("reuse" + jobs, {"-j", jobs});
        expect_same("default", "reuse" + jobs);
        run("all" + jobs, {"-j", jobs, "--no-reuse"});
        expect_same("default", "all" + jobs);
    }
    const auto host = json::parse(file("all3", "host.json"))["simulator"];
    EXPECT_GT(host["cpu_seconds"].get<double>(), 0.0) << "the workers' time counts";
    const auto baseline = [this](const char* jobs) {
        auto summary = json::parse(
            heatsim({"run", "-t", trace, "--baseline", "dense", "-j", jobs, "--format", "json"})
                .out);
        summary.erase("host");
        return summary;
    };
    EXPECT_EQ(baseline("1"), baseline("2"));
}

TEST_F(TestSet, InBatchesHasTimesOfBatchesAndTheRestPerImage)
{
    run("alone", {});
    run("batches", {"--batch", "4", "-j", "1"});
    run("again", {"--batch", "4", "-j", "2", "--no-reuse"});
    expect_same("batches", "again");
    const auto alone = json::parse(file("alone", "summary.json"));
    const auto batches = json::parse(file("batches", "summary.json"));
    EXPECT_EQ(alone["batch_images"], 1);
    EXPECT_EQ(batches["batch_images"], 4);
    EXPECT_EQ(batches["images"], 8);
    EXPECT_EQ(batches["macs"], alone["macs"]);
    EXPECT_EQ(batches["stages"], alone["stages"]);
    EXPECT_DOUBLE_EQ(batches["fps"].get<double>(),
                     4000.0 / batches["latency_ms"]["mean"].get<double>());
    EXPECT_GT(batches["fps"], alone["fps"]) << "weights are loaded once per batch";
    EXPECT_LT(batches["ddr"]["read_bytes"], alone["ddr"]["read_bytes"]);
    EXPECT_TRUE(batches["tail"].is_null());
    double energy_mj = 0.0;
    for (const auto& part : batches["energy"]["by_part_mj"])
        energy_mj += part.get<double>();
    EXPECT_NEAR(energy_mj, batches["energy"]["image_mj"]["mean"], 1e-9);
    EXPECT_NEAR(batches["energy"]["power_w"].get<double>(),
                energy_mj * batches["fps"].get<double>() / 1000.0, 1e-9);
    const auto& array = batches["array"];
    EXPECT_NEAR(array["utilization"].get<double>(),
                4.0 * batches["macs"].get<double>() /
                    (array["cycles"].get<double>() * array["macs_per_cycle"].get<double>()),
                1e-9);
    double group_ms = 0.0;
    for (const auto& group : batches["groups"])
        group_ms += group["latency_ms"].get<double>();
    EXPECT_NEAR(group_ms, batches["latency_ms"]["mean"], 1e-9);
    const auto compared = json::parse(
        heatsim({"compare", results.path("alone"), results.path("batches"), "--format", "json"})
            .out);
    EXPECT_EQ(compared["operators"].size(), alone["operators"]) << "operators of images by name";
}

TEST_F(TestSet, IsNotLeftWithAPartOfABatch)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{"--batch", "3"}, "--batch: 8 images in batches of 3; expected whole batches, e.g. -n 6"},
        {{"--batch", "9"}, "8 images in batches of 9; expected whole batches, e.g. --batch 8"},
        {{"--batch", "0"}, "--batch: 0 is out of range; expected an integer from 1 to 1024"},
        {{"--batch", "2", "--compose"}, "--compose: batches are not composed"},
        {{"--batch", "2", "--fps", "9", "--overlap"}, "--overlap: with batches of 2"},
        {{"--batch", "2", "--fps", "9", "--queue-capacity", "1"}, "--queue-capacity: with batches"},
        {{"--batch", "2", "--fps", "9", "--frames", "7"}, "--frames: 7 arrivals in batches of 2"},
    };
    for (const auto& [options, message] : mistakes) {
        std::vector<std::string> arguments{"run", "-t", trace};
        arguments.insert(arguments.end(), options.begin(), options.end());
        const auto result = heatsim(arguments);
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_THAT(result.err, HasSubstr(message));
    }
}

TEST_F(TestSet, IsComposedWithinHalfAPercent)
{
    run("composed", {"--compose", "--sample", "8"});
    const auto summary = json::parse(file("composed", "summary.json"));
    const auto& composition = summary["composition"];
    EXPECT_EQ(composition["sample_images"], 8);
    EXPECT_EQ(composition["sample_seed"], 1);
    for (const char* error :
         {"latency_error_percent", "energy_error_percent", "traffic_error_percent"}) {
        EXPECT_LE(composition[error]["mean"], composition[error]["worst"]) << error;
        EXPECT_LE(composition[error]["worst"].get<double>(), 0.5) << error;
    }
    EXPECT_TRUE(summary["ddr"]["row_hits"].is_null());
    EXPECT_TRUE(json::parse(file("composed", "stats.json"))["statistics"].empty());
    std::istringstream rows{file("composed", "images.csv")};
    std::string header;
    std::string row;
    std::getline(rows, header);
    std::getline(rows, row);
    EXPECT_EQ(std::count(header.begin(), header.end(), ','),
              std::count(row.begin(), row.end(), ','));
    EXPECT_THAT(row, HasSubstr(",,,,")) << "rows of the DDR are not known";

    run("stored", {"--compose", "--sample", "8", "-j", "1"});
    expect_same("composed", "stored");
    const auto host = json::parse(file("stored", "host.json"))["simulator"];
    EXPECT_EQ(host["stored_simulations"], composition["simulations"]);

    const auto text = heatsim({"run", "-t", trace, "--compose"}).out;
    EXPECT_THAT(text, HasSubstr("Composed from"));
    EXPECT_THAT(text, HasSubstr("against 8 random images (seed 1)"));
    EXPECT_THAT(text, HasSubstr("not composed: rows of the DDR"));
}

TEST_F(TestSet, TellsOfADamagedStoreOnStandardError)
{
    run("composed", {"--compose"});
    ASSERT_EQ(cache.entries().size(), 1U);
    (void)cache.write(cache.entries().front(), "nothing of the kind\n");
    const auto outcome =
        heatsim({"run", "-t", trace, "--compose", "-q", "-o", results.path("again")});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.err, HasSubstr("note: "));
    EXPECT_THAT(outcome.err, HasSubstr("damaged"));
    expect_same("composed", "again");
}

TEST_F(TestSet, RefusesWhatDoesNotGoTogether)
{
    const auto refused = [this](std::vector<std::string> options) {
        options.insert(options.begin(), {"run", "-t", trace});
        const auto outcome = heatsim(options);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_EQ(outcome.out, "");
        return outcome.err;
    };
    EXPECT_EQ(refused({"-j", "0"}),
              "error: -j: 0 is out of range; expected an integer from 1 to 1024\n");
    EXPECT_THAT(refused({"-j", "many"}), HasSubstr("-j: 'many' is not a positive integer"));
    const auto traffic = results.path("traffic.stl");
    EXPECT_THAT(refused({"-j", "2", "--ddr-trace", traffic}), HasSubstr("expected -j 1"));
    EXPECT_THAT(refused({"--compose", "--ddr-trace", traffic}), HasSubstr("without --ddr-trace"));
    EXPECT_THAT(refused({"--sample", "5"}), HasSubstr("--compose beside it"));
    EXPECT_THAT(refused({"--compose", "--sample", "0"}), HasSubstr("--sample: 0 is out of range"));
    EXPECT_TRUE(results.entries().empty());
}

TEST_F(TestSet, TracesTheTrafficOfEveryImage)
{
    const auto accesses = [this](const std::string& images) {
        const auto path = results.path("traffic" + images);
        EXPECT_EQ(heatsim({"run", "-q", "-n", images, "--ddr-trace", path}).exit_code, 0);
        const auto text = content(path);
        return std::count(text.begin(), text.end(), ':');
    };
    EXPECT_GT(accesses("2"), 1.9 * static_cast<double>(accesses("1")))
        << "the second image was reused";
}

} // namespace

} // namespace heatsim::cli
