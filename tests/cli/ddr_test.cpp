// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
}

json run_ddr(std::vector<std::string> options)
{
    options.insert(options.begin(), "ddr");
    options.insert(options.end(), {"--format", "json"});
    return parsed(heatsim(options));
}

/// What the memory did, without the names of who asked it and without the simulation's own cost.
json without_origin(json result)
{
    result.erase("host");
    result.erase("traffic");
    return result;
}

/// A line of a trace.
struct Access {
    std::uint64_t cycle = 0;
    std::string rest; ///< command and address
};

/// The lines of a trace behind its comment, which are in order of time.
std::vector<Access> accesses_of(const std::string& path)
{
    std::vector<Access> accesses;
    std::istringstream lines{content(path)};
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line.rfind("# ddr4_2133_x64: 64 bytes a line, ", 0), 0U) << line;
    std::uint64_t last = 0;
    while (std::getline(lines, line)) {
        const auto colon = line.find(':');
        accesses.push_back({std::stoull(line.substr(0, colon)), line.substr(colon + 1)});
        EXPECT_GE(accesses.back().cycle, last) << "line " << accesses.size();
        last = accesses.back().cycle;
    }
    return accesses;
}

} // namespace

TEST(Ddr, JsonHasThePromisedKeys)
{
    const auto result = run_ddr({"--count", "20000", "--write-every", "3", "--burst-bytes", "256"});
    for (const char* key :
         {"requests", "read_bytes", "write_bytes", "memory_cycles", "outstanding",
          "column_accesses", "row_hits", "row_misses", "row_conflicts", "refreshes",
          "refresh_cycles", "turnarounds", "turnaround_cycles", "data_cycles"}) {
        ASSERT_TRUE(result[key].is_number_unsigned()) << key;
        if (std::string{key} != "row_conflicts") {
            EXPECT_GT(result[key].get<std::uint64_t>(), 0U) << key;
        }
    }
    for (const char* key : {"bandwidth_gbs", "peak_bandwidth_gbs", "efficiency_percent",
                            "mean_read_latency_ns", "memory_clock_mhz"})
        EXPECT_GT(result[key].get<double>(), 0.0) << key;
    for (const char* key : {"mean", "p50", "p95", "p99", "min", "max"})
        EXPECT_GT(result["read_latency_ns"][key].get<double>(), 0.0) << key;
    EXPECT_GT(result["host"]["requests_per_second"].get<double>(), 0.0);
    EXPECT_GE(result["host"]["cpu_seconds"].get<double>(), 0.0);

    EXPECT_EQ(result["memory"], "ddr4_2400_x64");
    EXPECT_EQ(result["requests"], 20000);
    EXPECT_EQ(result["read_bytes"].get<int>() + result["write_bytes"].get<int>(), 20000 * 64);
    EXPECT_EQ(result["column_accesses"], 20000);
    EXPECT_EQ(result["data_cycles"], 20000 * 4);
    EXPECT_EQ(result["mean_read_latency_ns"], result["read_latency_ns"]["mean"]);
    EXPECT_DOUBLE_EQ(result["bandwidth_gbs"].get<double>(),
                     20000 * 64 * 1.2 / result["memory_cycles"].get<double>());
    EXPECT_NEAR(result["efficiency_percent"].get<double>(),
                100.0 * result["bandwidth_gbs"].get<double>() /
                    result["peak_bandwidth_gbs"].get<double>(),
                1e-9);
}

TEST(Ddr, TwoRunsPrintTheSameApartFromTheHost)
{
    const std::vector<std::string> options{"--pattern", "random",        "--count",
                                           "20000",     "--write-every", "3"};
    auto first = run_ddr(options);
    auto second = run_ddr(options);
    first.erase("host");
    second.erase("host");
    EXPECT_EQ(first.dump(), second.dump());
    auto other_places = options;
    other_places.insert(other_places.end(), {"--seed", "2"});
    EXPECT_NE(without_origin(run_ddr(other_places)), without_origin(first));
}

TEST(Ddr, ATraceIsThePatternItSpellsOut)
{
    std::ostringstream lines;
    lines << "# every third request is a write\n\n" << std::hex;
    for (int i = 0; i < 5000; ++i)
        lines << "0: " << (i % 3 == 2 ? "write" : "read") << " 0x" << i * 64 << '\n';
    const Folder folder;
    const auto plain = folder.write("plain.stl", lines.str());
    const auto packed = folder.path("packed.stl.gz");
    const auto text = lines.str();
    auto* const file = gzopen(packed.c_str(), "wb");
    EXPECT_GT(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), 0);
    gzclose(file);

    const auto pattern = run_ddr({"--count", "5000", "--write-every", "3"});
    EXPECT_EQ(pattern["traffic"], "pattern=sequential count=5000 write_every=3");
    const auto from_plain = run_ddr({"--trace", plain});
    EXPECT_EQ(from_plain["traffic"], plain);
    EXPECT_EQ(without_origin(from_plain), without_origin(pattern));
    EXPECT_EQ(without_origin(run_ddr({"--trace", packed})), without_origin(pattern));
}

TEST(Ddr, ARequestOfATraceIsNotSentBeforeItsCycle)
{
    const Folder folder;
    const auto trace = folder.write("late.stl", "1000: read 0x0\n");
    // 1000, 1 of the queue, tRCD 17, CL 17, 4 of data
    EXPECT_EQ(run_ddr({"--trace", trace})["memory_cycles"], 1000 + 1 + 17 + 17 + 4);
}

TEST(Ddr, EveryMemoryStaysBelowItsPins)
{
    for (const auto& entry : parsed(heatsim({"list", "memories", "--format", "json"}))) {
        const auto name = entry["name"].get<std::string>();
        for (const std::vector<std::string>& traffic :
             {std::vector<std::string>{}, {"--write-every", "2"}, {"--pattern", "random"}}) {
            std::vector<std::string> options{"--memory", name, "--count", "30000"};
            options.insert(options.end(), traffic.begin(), traffic.end());
            const auto result = run_ddr(options);
            EXPECT_EQ(result["memory"], name);
            EXPECT_GT(result["efficiency_percent"].get<double>(), 0.0) << name;
            EXPECT_LT(result["efficiency_percent"].get<double>(), 100.0) << name;
            EXPECT_LT(result["bandwidth_gbs"].get<double>(),
                      result["peak_bandwidth_gbs"].get<double>())
                << name;
        }
    }
}

TEST(Ddr, MappingsAndSettingsReachTheMemory)
{
    const std::vector<std::string> traffic{"--count", "20000", "--pattern", "random"};
    const auto with = [&](const std::vector<std::string>& options) {
        auto words = traffic;
        words.insert(words.end(), options.begin(), options.end());
        return run_ddr(words);
    };
    const auto usual = with({});
    const auto mapped = with({"--mapping", "mop4clxor"});
    EXPECT_EQ(mapped["mapping"], "mop4clxor");
    EXPECT_NE(mapped["memory_cycles"], usual["memory_cycles"]);
    EXPECT_EQ(with({"--mapping", "column_lowest"})["mapping"], "row_bank_column");
    const auto alone = with({"--outstanding", "1"});
    EXPECT_LT(alone["bandwidth_gbs"], usual["bandwidth_gbs"]);
    // one after the other, a read waits for tRCD: 3 cycles of 1/1.2 ns more
    const auto slower = with({"--outstanding", "1", "--set", "t_rcd=20"});
    EXPECT_NEAR(slower["read_latency_ns"]["p50"].get<double>(),
                alone["read_latency_ns"]["p50"].get<double>() + 3 / 1.2, 1e-9);
}

TEST(Ddr, TextSaysTheKeyFigures)
{
    const auto outcome = heatsim({"ddr", "--count", "10000"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    for (const char* text : {"ddr4_2400_x64 · pattern=sequential count=10000\n",
                             "mapping bank_group_interleaved · 32 outstanding · 10,000 requests\n",
                             "Bandwidth", "% of 19.2 GB/s at the pins", "Read latency", "Traffic",
                             "Rows", "Data bus", "Refresh", "M requests/s\n"})
        EXPECT_THAT(outcome.out, HasSubstr(text));
}

TEST(DdrTrace, OfARunIsItsTraffic)
{
    const Folder folder;
    const auto path = folder.path("run.stl");
    const auto summary =
        parsed(heatsim({"run", "--ddr-trace", path, "-o", folder.path("r"), "--format", "json"}));
    const auto replayed = run_ddr({"--memory", "ddr4_2133_x64", "--trace", path});
    // a line is a whole column access, of which a burst may need a part only at either end
    const auto statistics = json::parse(content(folder.path("r/stats.json")))["statistics"];
    const auto counted = [&](const std::string& counter) -> std::uint64_t {
        for (const auto& statistic : statistics)
            if (statistic["path"] == "chip.ddr." + counter)
                return statistic["value"];
        return 0;
    };
    const auto moved = [](const json& bytes) {
        return bytes["read_bytes"].get<std::uint64_t>() + bytes["write_bytes"].get<std::uint64_t>();
    };
    EXPECT_GE(replayed["read_bytes"], summary["ddr"]["read_bytes"]);
    EXPECT_GE(replayed["write_bytes"], summary["ddr"]["write_bytes"]);
    EXPECT_LE(moved(replayed), moved(summary["ddr"]) + counted("bursts") * 2 * 63);
    EXPECT_EQ(replayed["requests"].get<std::uint64_t>() * 4, counted("data_cycles"));
    EXPECT_EQ(replayed["column_accesses"], replayed["requests"]);
    // fabric 150 MHz, memory 1066.67 MHz
    EXPECT_LE(static_cast<double>(accesses_of(path).back().cycle),
              summary["cycles"]["mean"].get<double>() * 1066.666667 / 150.0);
}

TEST(DdrTrace, IsInOrderWhereBurstsWaitForTheQueues)
{
    const Folder folder;
    const auto path = folder.path("run.stl");
    EXPECT_EQ(heatsim({"run", "-q", "--ddr-trace", path, "--set", "memory.read_queue_entries=4",
                       "memory.write_queue_entries=4", "memory.write_high_watermark=4",
                       "memory.write_low_watermark=1"})
                  .exit_code,
              0);
    EXPECT_GT(accesses_of(path).size(), 100000U);
}

TEST(DdrTrace, HasTheImagesOneAfterTheOther)
{
    const Folder folder;
    const auto path = folder.path("run.stl");
    EXPECT_EQ(heatsim({"run", "-n", "2", "-q", "--ddr-trace", path}).exit_code, 0);
    const auto accesses = accesses_of(path);
    ASSERT_EQ(accesses.size() % 2, 0U);
    const auto half = accesses.size() / 2;
    const auto image = accesses[half].cycle - accesses[0].cycle;
    EXPECT_GT(image, accesses[half - 1].cycle - accesses[0].cycle);
    for (std::size_t i = 0; i < half; ++i) {
        ASSERT_EQ(accesses[half + i].rest, accesses[i].rest);
        ASSERT_EQ(accesses[half + i].cycle, accesses[i].cycle + image);
    }
}

TEST(DdrTrace, ChangesNothingAndKnowsNothingOfABaseline)
{
    const Folder folder;
    const auto untraced = parsed(heatsim({"run", "--format", "json"}));
    const auto traced =
        parsed(heatsim({"run", "--ddr-trace", folder.path("a.stl"), "--format", "json"}));
    EXPECT_EQ(traced["cycles"], untraced["cycles"]);
    EXPECT_EQ(traced["ddr"], untraced["ddr"]);
    const auto text = heatsim({"run", "--baseline", "dense", "--ddr-trace", folder.path("b.stl")});
    EXPECT_EQ(text.exit_code, 0);
    EXPECT_THAT(text.out, HasSubstr("DDR trace in " + folder.path("b.stl") + ": "));
    EXPECT_EQ(content(folder.path("a.stl")), content(folder.path("b.stl")));
    EXPECT_EQ(folder.entries(), (std::vector<std::string>{"a.stl", "b.stl"}));
}

} // namespace heatsim::cli
