// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string trace = HEATSIM_SOURCE_DIR "/traces/deit_t_70_39_21.csv.gz";
const std::string script = "<script>alert(1)</script>";

const std::string small_space = R"(name: small
axes:
  - {key: schedule.selectors.0.keep_ratio, name: keep_ratio_1, values: [0.6, 0.7, 0.8]}
  - {key: clock_mhz, values: [150, 200]}
  - {key: memory, name: memory, values: [board, ideal]}
constraints: ["keep_ratio_1 <= 0.75"]
objectives: [{minimize: latency_ms.mean}, {minimize: energy.image_mj.mean}]
)";

json parsed(const Outcome& outcome)
{
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return json::parse(outcome.out);
}

/// `heatsim run` into a new folder.
std::string
run_into(const Folder& folder, const std::string& name, const std::vector<std::string>& options)
{
    std::vector<std::string> words{"run", "-q", "-o", folder.path(name)};
    words.insert(words.end(), options.begin(), options.end());
    const auto outcome = heatsim(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return folder.path(name);
}

std::string sweep_into(const Folder& folder, const std::string& space)
{
    auto store = folder.path("store.sqlite");
    const auto outcome =
        heatsim({"sweep", "-q", "-j", "1", folder.write("space.yaml", space), "-o", store});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return store;
}

json page_of(const std::vector<std::string>& paths, const std::vector<std::string>& options = {})
{
    std::vector<std::string> words{"report"};
    words.insert(words.end(), paths.begin(), paths.end());
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--format", "json"});
    return parsed(heatsim(words));
}

double sum_of(const json& numbers)
{
    return std::accumulate(numbers.begin(), numbers.end(), 0.0, [](double sum, const json& number) {
        return sum + number.get<double>();
    });
}

const json& named(const json& list, const std::string& key, const std::string& name)
{
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&](const json& entry) { return entry.at(key) == name; });
    EXPECT_NE(found, list.end()) << name;
    return *found;
}

/// Every name that an entry `explain` has.
void collect_names(const json& node, std::vector<std::string>& names)
{
    for (const auto& [key, value] : node.items()) {
        if (key == "explain" && value.is_string())
            names.push_back(value);
        else if (value.is_structured())
            collect_names(value, names);
    }
}

void expect_all_explained(const json& page)
{
    std::vector<std::string> names;
    collect_names(page, names);
    EXPECT_GT(names.size(), 10U);
    for (const auto& name : names)
        EXPECT_FALSE(page["topics"].value(name, json::object()).value("meaning", "").empty())
            << name;
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& message)
{
    const auto outcome = heatsim(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << message;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(message));
}

std::string replaced(std::string text, const std::string& what, const std::string& by)
{
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

} // namespace

TEST(Report, IsOnePageWithMarkdownAndCsvBesideIt)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-t", trace, "-n", "5"});
    const auto outcome = heatsim({"report", run, "-o", folder.path("out/report.html")});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("report.html"));
    const auto html = content(folder.path("out/report.html"));
    const std::string open = R"(<script type="application/json" id="report-data">)";
    const auto start = html.find(open) + open.size();
    const auto data = html.substr(start, html.find("</script>", start) - start);
    EXPECT_EQ(json::parse(data), page_of({run}));
    EXPECT_THAT(html, Not(HasSubstr("src=\"")));
    EXPECT_THAT(html, Not(HasSubstr("{{")));
    EXPECT_THAT(content(folder.path("out/report.md")), HasSubstr("| Latency, mean |"));
    EXPECT_EQ(content(folder.path("out/report.md")),
              heatsim({"report", run, "--format", "markdown"}).out);
    EXPECT_EQ(content(folder.path("out/report.csv")),
              heatsim({"report", run, "--format", "csv"}).out);

    EXPECT_EQ(heatsim({"report", "-q", run, "-o", folder.path("again.html")}).out, "");
    EXPECT_EQ(content(folder.path("again.html")), html);
}

TEST(Report, OfARunHasItsFigures)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-t", trace, "-n", "20", "--baseline", "dense"});
    const auto page = page_of({run});
    const auto summary = json::parse(content(run + "/summary.json"));
    EXPECT_EQ(page["kind"], "run");
    const auto& report = page["run"];
    const auto& headline = report["headline"];
    EXPECT_DOUBLE_EQ(named(headline, "explain", "latency_ms.p99")["value"],
                     summary["latency_ms"]["p99"]);
    EXPECT_DOUBLE_EQ(named(headline, "explain", "fps")["value"], summary["fps"]);
    EXPECT_DOUBLE_EQ(named(headline, "explain", "baseline.speedup")["value"],
                     summary["baseline"]["speedup"]);
    for (const auto& figure : headline)
        EXPECT_FALSE(figure["unit"].get<std::string>().empty()) << figure;

    const auto& operators = report["operators"];
    const double cycles = summary["cycles"]["mean"];
    EXPECT_NEAR(sum_of(operators["cycles"]), cycles, cycles * 1e-6);
    double causes = 0.0;
    for (const auto& cause : operators["causes"])
        causes += sum_of(cause);
    EXPECT_NEAR(causes, cycles, cycles * 1e-6);
    EXPECT_EQ(report["causes"].size(), operators["causes"].size());
    double energy = 0.0;
    for (const auto& part : report["energy"]["parts"])
        energy += part["mj"].get<double>();
    EXPECT_NEAR(energy, summary["energy"]["image_mj"]["mean"].get<double>(), 1e-4);
    EXPECT_EQ(report["images"]["latency_ms"].size(), 20U);
    EXPECT_EQ(sum_of(report["distribution"][0]["images"]), 20.0);
    EXPECT_EQ(report["staircase"]["tokens"].size(), 197U);
    EXPECT_EQ(report["verdict"][0]["label"], "Fits zcu102");
    EXPECT_FALSE(report["error_bands"].empty());
    expect_all_explained(page);
}

TEST(Report, ShowsTheTypicalAndTheSlowestImageInTime)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-t", trace, "-n", "20"});
    const auto timelines = page_of({run})["run"]["timelines"];
    ASSERT_EQ(timelines.size(), 2U);
    EXPECT_THAT(timelines[0]["title"].get<std::string>(), HasSubstr("median latency"));
    EXPECT_THAT(timelines[1]["title"].get<std::string>(), HasSubstr("slowest"));
    const auto summary = json::parse(content(run + "/summary.json"));
    EXPECT_EQ(timelines[1]["cycles"], summary["cycles"]["max"]);
    for (const auto& track : timelines[0]["tracks"]) {
        double end = 0.0;
        for (std::size_t i = 0; i < track["start"].size(); ++i) {
            EXPECT_GE(track["start"][i].get<double>(), end - 0.002) << track["name"];
            end = track["start"][i].get<double>() + track["duration"][i].get<double>();
        }
    }
    const auto chosen = page_of({run}, {"--image", "7", "--image", "3"})["run"]["timelines"];
    ASSERT_EQ(chosen.size(), 2U);
    EXPECT_EQ(chosen[0]["image"], "7");
    EXPECT_EQ(chosen[1]["image"], "3");
    EXPECT_TRUE(page_of({run}, {"--no-timeline"})["run"]["timelines"].empty());
}

TEST(Report, ShowsNothingThatThisVersionSimulatesOtherwise)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-s", "dense"});
    const auto images = content(run + "/images.csv");
    const auto summary = json::parse(content(run + "/summary.json"));
    const auto cycles = std::to_string(summary["cycles"]["max"].get<std::uint64_t>());
    (void)folder.write("run/images.csv", replaced(images, "," + cycles + ",", ",765000,"));
    const auto page = page_of({run});
    EXPECT_TRUE(page["run"]["timelines"].empty());
    EXPECT_TRUE(page["run"]["staircase"].is_null());
    EXPECT_THAT(page["run"]["notes"].dump(), HasSubstr("765,000 in the folder"));
}

TEST(Report, OfComposedImagesShowsThemSimulated)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-t", trace, "-n", "300", "--compose"});
    const auto page = page_of({run});
    EXPECT_EQ(page["run"]["timelines"].size(), 2U);
    EXPECT_FALSE(page["run"]["staircase"].is_null());
    for (const auto& note : page["run"]["notes"])
        EXPECT_THAT(note.get<std::string>(), HasSubstr("composed of parts"));
}

TEST(Report, OfBatchesShowsThemWhole)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-t", trace, "-n", "4", "--batch", "2"});
    const auto timelines = page_of({run})["run"]["timelines"];
    ASSERT_EQ(timelines.size(), 2U);
    EXPECT_THAT(timelines[1]["title"].get<std::string>(), HasSubstr("in its batch of 2"));
    const auto summary = json::parse(content(run + "/summary.json"));
    EXPECT_EQ(timelines[1]["cycles"], summary["cycles"]["max"]);
}

TEST(Report, OfSeveralFoldersIsTheirComparison)
{
    const Folder folder;
    const auto dense = run_into(folder, "dense", {"-s", "dense"});
    const auto pruned = run_into(folder, "pruned", {"-t", trace, "-n", "5"});
    const auto page = page_of({dense, pruned});
    EXPECT_EQ(page["kind"], "comparison");
    const auto compared = parsed(heatsim({"compare", dense, pruned, "--format", "json"}));
    const auto& latency = named(page["comparison"]["figures"], "explain", "latency_mean_ms");
    for (std::size_t run = 0; run < 2; ++run)
        EXPECT_EQ(latency["values"][run], compared["runs"][run]["latency_mean_ms"]);
    // published of ImageNet beside measured on Fashion-MNIST
    const auto& accuracy = named(page["comparison"]["figures"], "explain", "top1_percent");
    EXPECT_EQ(accuracy["changes"], (json{"", ""}));
    EXPECT_EQ(page["comparison"]["operators"].size(), compared["operators"].size());
    EXPECT_EQ(page["comparison"]["operators"][0]["name"], compared["operators"][0]["operator"]);
    expect_all_explained(page);

    const auto output = folder.path("c.html");
    EXPECT_EQ(heatsim({"report", "-q", dense, pruned, "-o", output}).exit_code, 0);
    EXPECT_EQ(content(folder.path("c.csv")),
              heatsim({"compare", dense, pruned, "--operators", "all", "--format", "csv"}).out);
}

TEST(Report, OfASweepHasAllItsPoints)
{
    const Folder folder;
    const auto store = sweep_into(folder, small_space);
    const auto page = page_of({store});
    const auto& sweep = page["sweep"];
    EXPECT_EQ(sweep["counts"],
              (json{{"ok", 8}, {"violated", 0}, {"infeasible", 4}, {"failed", 0}}));
    const auto exported = parsed(heatsim({"export", store, "--format", "json"}));
    ASSERT_EQ(sweep["points"].size(), exported.size());
    for (const auto& column : sweep["columns"]) {
        const auto& values = column["numbers"].is_null() ? column["texts"] : column["numbers"];
        for (std::size_t row = 0; row < exported.size(); ++row) {
            const auto& expected = exported[row][column["name"].get<std::string>()];
            if (expected.is_number())
                EXPECT_NEAR(values[row].get<double>(), expected.get<double>(),
                            1e-6 * std::abs(expected.get<double>()));
            else
                EXPECT_EQ(values[row], expected) << column["name"];
        }
    }
    const auto front = parsed(heatsim({"pareto", store, "--format", "json"}));
    EXPECT_EQ(sweep["front"].size(), front["front"].size());
    EXPECT_EQ(sweep["reason_counts"][0]["points"], 4);
    EXPECT_EQ(sweep["running"], false);
    expect_all_explained(page);
}

/// The command that the page shows for a point gives the point's numbers.
TEST(Report, OfASweepTellsHowAPointIsSimulatedByItself)
{
    const Folder folder;
    const auto page = page_of({sweep_into(folder, small_space)});
    const auto& sweep = page["sweep"];
    constexpr std::size_t row = 6; // keep ratio 0.7, 200 MHz
    std::vector<std::string> words;
    std::istringstream base{sweep["command"]["base"].get<std::string>()};
    for (std::string word; base >> word;)
        words.push_back(word);
    EXPECT_EQ(words.front(), "heatsim");
    words.erase(words.begin());
    for (std::size_t input = 0; input < sweep["command"]["inputs"].size(); ++input) {
        std::istringstream option{sweep["command"]["inputs"][input].get<std::string>() +
                                  sweep["input_texts"][input][row].get<std::string>()};
        for (std::string word; option >> word;)
            words.push_back(word);
    }
    words.insert(words.end(), {"--format", "json"});
    const auto result = parsed(heatsim(words));
    EXPECT_NEAR(named(sweep["columns"], "name", "latency_ms.mean")["numbers"][row].get<double>(),
                result["latency_ms"]["mean"].get<double>(), 1e-6);
    EXPECT_NEAR(
        named(sweep["columns"], "name", "energy.image_mj.mean")["numbers"][row].get<double>(),
        result["energy"]["image_mj"]["mean"].get<double>(), 1e-5);
}

TEST(Report, NamesStayText)
{
    const Folder folder;
    const auto shipped =
        content(HEATSIM_SOURCE_DIR "/configs/accelerators/heatvit_int8_zcu102.yaml");
    const auto accelerator = folder.write(
        "evil.yaml", replaced(shipped, "name: heatvit_int8_zcu102", "name: '" + script + "'"));
    const auto run = run_into(folder, "run", {"-a", accelerator});
    EXPECT_EQ(heatsim({"report", "-q", run, "-o", folder.path("r.html")}).exit_code, 0);
    EXPECT_THAT(content(folder.path("r.html")), Not(HasSubstr(script)));
    EXPECT_THAT(content(folder.path("r.md")), Not(HasSubstr("<script>")));
    EXPECT_EQ(named(page_of({run})["run"]["facts"], "label", "Accelerator")["text"], script);
}

TEST(Report, RefusesWhatItCannotShow)
{
    const Folder folder;
    const auto run = run_into(folder, "run", {"-s", "dense"});
    const auto output = folder.path("r.html");
    const auto text = folder.write("text", "no store\n");
    expect_refused({"report", "-o", output}, "paths is required");
    expect_refused({"report", folder.path("rum"), "-o", output}, folder.path("run"));
    expect_refused({"report", text, "-o", output}, text);
    expect_refused({"report", run, text, "-o", output}, "which is no folder, beside others");
    expect_refused({"report", run, "-o", folder.path("r.pdf")}, "a file name that ends in .html");
    expect_refused({"report", run, "-o", text + "/r.html"}, text);
    expect_refused({"report", run, "--image", "1", "-o", output}, "no image 1 in");
    expect_refused({"report", run, "--image", "x", "-o", output}, "--image");
    expect_refused({"report", run, "--image", "0", "--no-timeline"}, "no timeline is wanted");
    expect_refused({"report", run, run, "--no-timeline"}, "nothing is shown in time");
    expect_refused({"report", run, "--sweep", "1"}, "no result store is reported");
    expect_refused({"report", run, "--format", "pdf"}, "expected html or json");
    EXPECT_THAT(folder.entries(), Not(testing::Contains(testing::HasSubstr("r.html"))));
}

} // namespace heatsim::cli
