// SPDX-License-Identifier: Apache-2.0
// Functional runs: `heatsim run --functional`.
#include "cli/program.hpp"
#include "config/document.hpp"
#include "inference/images.hpp"
#include "inference/integer_inference.hpp"
#include "inference/integer_network_file.hpp"
#include "inference/npy.hpp"
#include "support/random_network.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using Words = std::vector<std::string>;

const std::string shipped_network =
    HEATSIM_SOURCE_DIR "/models/vit_fmnist_70_39_21_poly05_int8.safetensors";

/// Files of a functional run's folder that are the same from run to run.
const Words repeatable_files{"config.yaml",  "images.csv",    "operators.csv",    "stats.json",
                             "summary.json", "logits.npy",    "kept_patches.npy", "predictions.csv",
                             "trace.csv.gz", "pictures/0.svg"};

[[nodiscard]] std::string unzipped(const std::string& path)
{
    const auto file = gzopen(path.c_str(), "rb");
    std::string text;
    std::array<char, 4096> chunk{};
    for (int count = 0; (count = gzread(file, chunk.data(), chunk.size())) > 0;)
        text.append(chunk.data(), static_cast<std::size_t>(count));
    gzclose(file);
    return text;
}

/// The lines of a text but for those that say how it was made.
[[nodiscard]] Words facts_of(const std::string& trace)
{
    Words lines;
    std::istringstream text{trace};
    for (std::string line; std::getline(text, line);)
        if (line.rfind("# command:", 0) != 0)
            lines.push_back(line);
    return lines;
}

/// An IDX file of bytes.
[[nodiscard]] std::string idx(const std::vector<std::uint32_t>& shape, const std::string& bytes)
{
    std::string file{'\0', '\0', '\x08', static_cast<char>(shape.size())};
    for (const auto size : shape)
        for (const unsigned shift : {24U, 16U, 8U, 0U})
            file += static_cast<char>(size >> shift & 0xffU);
    return file + bytes;
}

/// A toy network of random numbers and 12 random images with labels: as fast as the program starts.
class Functional : public testing::Test {
  protected:
    Functional()
    {
        config::Writer model_file;
        model_file.add_all(model);
        model_path = files.write("toy.yaml", model_file.text());
        config::Writer schedule_file;
        schedule_file.add_all(schedule);
        schedule_path = files.write("toy_schedule.yaml", schedule_file.text());
        weights = files.write("toy.safetensors", inference::bytes_of(network));

        std::mt19937 engine{7}; // NOLINT(cert-msc51-cpp): the same images in every run
        std::string pixels;
        std::string labels;
        for (std::size_t i = 0; i < image_count; ++i) {
            for (std::size_t pixel = 0; pixel < 48; ++pixel)
                pixels += static_cast<char>(engine() & 0xffU);
            labels += static_cast<char>(engine() % model.classes);
        }
        images = files.write("toy-images-idx3-ubyte", idx({image_count, 8, 6}, pixels));
        (void)files.write("toy-labels-idx1-ubyte", idx({image_count}, labels));
        unlabelled = files.write("toy.idx", idx({image_count, 8, 6}, pixels));
    }

    /// The words of a run, and `more`.
    [[nodiscard]] Words words(const Words& more) const
    {
        Words all{"run",  "--functional", "--weights", weights, "--images",
                  images, "-m",           model_path,  "-s",    schedule_path};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    /// Runs into a folder and expects success.
    void run(const std::string& folder, const Words& more) const
    {
        auto all = words(more);
        all.insert(all.end(), {"-o", results.path(folder), "-q"});
        const auto outcome = heatsim(all);
        EXPECT_EQ(outcome.exit_code, 0);
        EXPECT_EQ(outcome.err, "");
    }
    void expect_refused(const Words& all, const Words& messages) const
    {
        const auto outcome = heatsim(all);
        EXPECT_EQ(outcome.exit_code, 2);
        EXPECT_EQ(outcome.out, "");
        for (const auto& message : messages)
            EXPECT_THAT(outcome.err, HasSubstr(message));
        EXPECT_FALSE(fs::exists(results.path("refused")));
    }
    [[nodiscard]] std::string file(const std::string& folder, const std::string& name) const
    {
        return content((fs::path{results.path(folder)} / name).string());
    }
    [[nodiscard]] inference::Inference infer(std::size_t image,
                                             const inference::IntegerObserver& observer = {}) const
    {
        return inference::infer(network, model, schedule,
                                inference::ImageSet::open(images).image(image), observer);
    }

    static constexpr std::uint32_t image_count = 12;

    const Folder files;
    const Folder results;
    const workload::Model model = [] {
        auto toy = test::toy_model();
        toy.image_channels = 1; // what images have
        return toy;
    }();
    const workload::Schedule schedule = test::toy_schedule(workload::SelectorMlp1::Split,
                                                           workload::SelectorWeights::Shared,
                                                           workload::ScoredTokens::Patches,
                                                           true);
    const inference::IntegerNetwork network = test::random_network(model, schedule, 1);
    std::string model_path;
    std::string schedule_path;
    std::string weights;
    std::string images;
    std::string unlabelled;
};

} // namespace

TEST_F(Functional, WritesWhatTheReferenceComputes)
{
    run("all", {});
    const auto set = inference::ImageSet::open(images);
    std::vector<float> logits;
    std::vector<std::uint8_t> kept(std::size_t{image_count} * 2 * 12, 0);
    std::string rows = "image,name,label,predicted,correct,logit_margin,n1,n2,kept1,kept2\n";
    std::size_t correct = 0;
    std::size_t pruned = 0;
    for (std::size_t i = 0; i < image_count; ++i) {
        const auto expected = infer(i);
        auto sorted = expected.logits;
        std::sort(sorted.rbegin(), sorted.rend());
        const bool is_right = expected.predicted == set.label(i);
        rows +=
            fmt::format("{},{},{},{},{},{},{},{},{},{}\n", i, set.image_name(i),
                        set.label(i).value(), expected.predicted, is_right ? 1 : 0,
                        json(sorted[0] - sorted[1]).dump(), expected.tokens[1], expected.tokens[2],
                        expected.kept_patches[0].size(), expected.kept_patches[1].size());
        correct += is_right ? 1 : 0;
        for (const auto logit : expected.logits)
            logits.push_back(static_cast<float>(logit));
        for (std::size_t s = 0; s < 2; ++s) {
            for (const auto patch : expected.kept_patches[s])
                kept[(i * 2 + s) * 12 + patch] = 1;
            pruned += 12 - expected.kept_patches[s].size();
        }
    }
    ASSERT_GT(pruned, 0U) << "a network that prunes nothing tests nothing";
    EXPECT_EQ(file("all", "predictions.csv"), rows);
    EXPECT_EQ(file("all", "logits.npy"), inference::npy(logits, {image_count, 5}));
    EXPECT_EQ(file("all", "kept_patches.npy"), inference::npy(kept, {image_count, 2, 4, 3}));

    const auto summary = json::parse(file("all", "summary.json"));
    const auto& functional = summary.at("functional");
    EXPECT_EQ(functional.at("images"), image_count);
    EXPECT_EQ(functional.at("labelled"), image_count);
    EXPECT_EQ(functional.at("correct"), correct);
    EXPECT_EQ(functional.at("image_set"), images);
    EXPECT_EQ(functional.at("weights"), weights);
    EXPECT_EQ(functional.at("weights_hash").get<std::string>().size(), 32U);
    EXPECT_EQ(functional.at("pictures").size(), image_count);
    EXPECT_DOUBLE_EQ(functional.at("selectors").at(0).at("kept_patches").get<double>() * 100 / 12,
                     functional.at("selectors").at(0).at("kept_percent").get<double>());
    EXPECT_DOUBLE_EQ(summary.at("top1_percent").get<double>(),
                     100.0 * static_cast<double>(correct) / image_count);
    for (std::size_t stage = 0; stage < 3; ++stage)
        EXPECT_EQ(functional.at("tokens").at(stage), summary.at("stages").at(stage).at("tokens"));
}

TEST_F(Functional, TakesTheCyclesOfItsTrace)
{
    run("computed", {"-n", "4"});
    const auto trace = results.path("computed") + "/trace.csv.gz";
    const auto outcome = heatsim({"run", "-t", trace, "-m", model_path, "-s", schedule_path, "-q",
                                  "-o", results.path("timed")});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto* name : {"images.csv", "operators.csv", "stats.json", "distribution.csv"})
        EXPECT_EQ(file("computed", name), file("timed", name)) << name;
    const auto computed = json::parse(file("computed", "summary.json"));
    const auto timed = json::parse(file("timed", "summary.json"));
    EXPECT_EQ(timed.at("top1_percent"), computed.at("top1_percent"));
    EXPECT_EQ(timed.count("functional"), 0U);
}

TEST_F(Functional, DoesNotDependOnTheNumberOfProcesses)
{
    run("one", {"-n", "5", "-j", "1"});
    run("two", {"-n", "5", "-j", "2"});
    for (const auto& name : repeatable_files)
        EXPECT_EQ(file("one", name), file("two", name)) << name;
}

TEST_F(Functional, WorksOnEveryShippedKindOfAccelerator)
{
    for (const auto* accelerator : {"heatvit_int8_zcu102", "teaching_pynq_z2"}) {
        run(accelerator, {"-n", "1", "-a", accelerator, "--allow-oversize"});
        EXPECT_EQ(file(accelerator, "logits.npy"), file("heatvit_int8_zcu102", "logits.npy"));
    }
}

TEST_F(Functional, StartsWithTheFirstImageAskedFor)
{
    run("all", {});
    run("some", {"--first-image", "7", "-n", "2", "--pictures", "1"});
    std::istringstream all{file("all", "predictions.csv")};
    std::istringstream some{file("some", "predictions.csv")};
    const auto line = [](std::istream& from) {
        std::string text;
        std::getline(from, text);
        return text;
    };
    EXPECT_EQ(line(some), line(all));
    for (int i = 0; i < 7; ++i)
        (void)line(all);
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(line(some), line(all));
    EXPECT_EQ(file("some", "pictures/7.svg"), file("all", "pictures/7.svg"));
    EXPECT_FALSE(fs::exists(results.path("some") + "/pictures/8.svg"));
}

TEST_F(Functional, KnowsNoAccuracyWithoutLabels)
{
    auto all = words({"-n", "2", "-o", results.path("unlabelled")});
    all[5] = unlabelled;
    const auto outcome = heatsim(all);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("not known: no image has a label"));
    const auto summary = json::parse(file("unlabelled", "summary.json"));
    EXPECT_TRUE(summary.at("top1_percent").is_null());
    EXPECT_TRUE(summary.at("functional").at("top1_percent").is_null());
    EXPECT_THAT(file("unlabelled", "predictions.csv"),
                HasSubstr(fmt::format("\n0,{}[0],,", unlabelled)));
    EXPECT_THAT(unzipped(results.path("unlabelled") + "/trace.csv.gz"),
                testing::Not(HasSubstr("correct")));
}

TEST_F(Functional, RecordsItsTrace)
{
    run("both", {"-n", "3", "--record-trace", results.path("trace.csv.gz")});
    EXPECT_EQ(content(results.path("trace.csv.gz")), file("both", "trace.csv.gz"));
    const auto text = unzipped(results.path("trace.csv.gz"));
    EXPECT_THAT(text, HasSubstr("# model: toy\n"));
    EXPECT_THAT(text, HasSubstr("# schedule: toy_schedule\n"));
    EXPECT_THAT(text, HasSubstr("# keep_ratio_targets: 0.6 0.3\n"));
    EXPECT_THAT(text, HasSubstr("# command: heatsim run --functional --weights "));
    EXPECT_THAT(text, HasSubstr("\nimage,n1,n2,predicted,correct\n"));

    // the command says how: it gives the same trace
    std::smatch command;
    ASSERT_TRUE(std::regex_search(text, command, std::regex{"# command: heatsim (.*)"}));
    std::istringstream line{command[1].str()};
    Words again{std::istream_iterator<std::string>{line}, {}};
    again.insert(again.end(), {"-q", "--record-trace", results.path("again.csv")});
    EXPECT_EQ(heatsim(again).exit_code, 0);
    EXPECT_EQ(content(results.path("again.csv")), text);
}

TEST_F(Functional, DumpsTensors)
{
    run("dump", {"--first-image", "3", "-n", "1", "--dump", "image,blocks.1.attn.*,head.fc"});
    std::size_t compared = 0;
    (void)infer(3, [&](std::string_view name, const std::int8_t* data, std::size_t rows,
                       std::size_t columns) {
        const auto path = fs::path{results.path("dump")} / fmt::format("tensors/3/{}.npy", name);
        const bool wanted =
            name == "image" || name == "head.fc" || name.rfind("blocks.1.attn.", 0) == 0;
        EXPECT_EQ(fs::exists(path), wanted) << path;
        if (!wanted)
            return;
        ++compared;
        EXPECT_EQ(
            content(path.string()),
            inference::npy(std::vector<std::int8_t>(data, data + rows * columns), {rows, columns}))
            << name;
    });
    EXPECT_GE(compared, 7U);
}

TEST_F(Functional, DrawsWhatIsKept)
{
    run("drawn", {"-n", "2", "--pictures", "1"});
    EXPECT_FALSE(fs::exists(results.path("drawn") + "/pictures/1.svg"));
    const auto picture = file("drawn", "pictures/0.svg");
    EXPECT_THAT(picture, HasSubstr("href=\"data:image/png;base64,iVBOR"));
    const auto expected = infer(0);
    EXPECT_THAT(picture, HasSubstr(fmt::format("predicted {}, label", expected.predicted)));
    const std::regex square{"M\\d+ \\d+h1v1h-1z"};
    const auto squares = std::distance(std::sregex_iterator{picture.begin(), picture.end(), square},
                                       std::sregex_iterator{});
    std::size_t pruned = 0;
    for (const auto& kept : expected.kept_patches)
        pruned += 12 - kept.size();
    EXPECT_EQ(squares, static_cast<std::ptrdiff_t>(2 * pruned)) << "dimmed and hatched";
    EXPECT_THAT(picture, HasSubstr(fmt::format("{} tokens: {} patches", expected.tokens[1],
                                               expected.kept_patches[0].size())));
}

TEST_F(Functional, SimulatesAgainWhatElseIsAskedFor)
{
    const auto outcome = heatsim(
        words({"-n", "3", "--baseline", "dense", "--timeline", results.path("timeline.pftrace"),
               "--fps", "100", "--ddr-trace", results.path("ddr.stl")}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("vs dense"));
    EXPECT_THAT(outcome.out, HasSubstr("Streaming"));
    EXPECT_GT(fs::file_size(results.path("timeline.pftrace")), 1000U);
    EXPECT_GT(fs::file_size(results.path("ddr.stl")), 1000U);
}

TEST_F(Functional, TellsTheReport)
{
    run("report", {"-n", "3"});
    const auto page = results.path("page.html");
    const auto outcome =
        heatsim({"report", results.path("report"), "-o", page, "--no-timeline", "-q"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto html = content(page);
    EXPECT_THAT(html, HasSubstr(R"("functional":{"image_set":)"));
    EXPECT_THAT(html, HasSubstr("data:image/svg+xml;base64,PHN2Zy"));
    // pictures are those that the summary names
    fs::remove(results.path("report") + "/pictures/1.svg");
    const auto markdown = heatsim({"report", results.path("report"), "--format", "markdown"});
    EXPECT_EQ(markdown.exit_code, 0) << markdown.err;
}

TEST_F(Functional, RefusesWhatDoesNotGoTogether)
{
    auto of_another_schedule = words({});
    of_another_schedule.back() = "dense";
    const std::vector<std::pair<Words, std::string>> cases{
        {{"run", "--functional", "--images", images}, "--functional: no network"},
        {{"run", "--functional", "--weights", weights}, "--functional: no images"},
        {{"run", "--weights", weights}, "--weights: nothing is computed"},
        {{"run", "--images", images}, "--images: nothing is computed"},
        {{"run", "--first-image", "1"}, "--first-image: nothing is computed"},
        {{"run", "--record-trace", "t.csv"}, "--record-trace: nothing is computed"},
        {{"run", "--dump", "image"}, "--dump: nothing is computed"},
        {{"run", "--pictures", "1"}, "--pictures: nothing is computed"},
        {words({"-t", "trace.csv"}), "-t: with --functional"},
        {words({"--compose"}), "--compose: with --functional"},
        {words({"--batch", "2"}), "--batch: with --functional"},
        {words({"--no-reuse"}), "--no-reuse: with --functional"},
        {words({"--dump", "image"}), "--dump: no folder"},
        {words({"--pictures", "2"}), "--pictures: no folder"},
        {words({"-n", "0"}), "--image-count: 0 is out of range"},
        {words({"-n", "13"}), "--image-count: 13 images from number 0 on"},
        {words({"--first-image", "12"}), "--first-image: 12 of 12 images"},
        {words({"--first-image", "-1"}), "--first-image: '-1'"},
        {words({"--record-trace", "trace.txt"}), "a name that ends in .csv or .csv.gz"},
        {words({"--record-trace", "/no/such/trace.csv"}), "--record-trace"},
        {words({"-o", results.path("refused"), "--dump", "blocks.1.atn.qkv"}),
         "did you mean 'blocks.1.attn.qkv'?"},
        {words({"-a", "heatvit_int16_zcu102"}), "16 bits"},
        {of_another_schedule, "toy.safetensors"},
    };
    for (const auto& [all, message] : cases)
        expect_refused(all, {message});
}

TEST_F(Functional, RefusesToDumpManyImages)
{
    const auto many =
        files.write("many.idx", idx({65, 8, 6}, std::string(std::size_t{65} * 48, 'x')));
    auto all = words({"-o", results.path("refused"), "--dump", "image"});
    all[5] = many;
    expect_refused(all, {"--dump: 65 images; expected at most 64"});
}

TEST_F(Functional, RefusesDamagedFiles)
{
    auto all = words({"-o", results.path("refused")});
    all[3] = files.write("short.safetensors", content(weights).substr(0, 4000));
    expect_refused(all, {"short.safetensors"});
    all[3] = files.path("none.safetensors");
    expect_refused(all, {"none.safetensors"});
    all = words({"-o", results.path("refused")});
    all[5] = files.write("wide.idx", idx({1, 8, 7}, std::string(56, 'x')));
    expect_refused(all, {"wide.idx[0]", "8×7×1", "8×6×1 for model 'toy'"});
    all[5] = "fashion_mnist_tset";
    expect_refused(all, {"fashion_mnist_tset"});
}

TEST_F(Functional, NamesComeFromTheNetworkFile)
{
    const Words words{"run",      "--functional",        "--weights", shipped_network,
                      "--images", "fashion_mnist_test",  "-n",        "1",
                      "-o",       results.path("named"), "-q"};
    const auto outcome = heatsim(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto summary = json::parse(file("named", "summary.json"));
    EXPECT_EQ(summary.at("model"), "vit_fmnist");
    EXPECT_EQ(summary.at("schedule"), "vit_fmnist_70_39_21");
    EXPECT_EQ(summary.at("functional").at("set_images"), 10000);
    EXPECT_THAT(file("named", "predictions.csv"), HasSubstr("\n0,fashion_mnist_test[0],9,9,1,"));
    // and the trace runs by itself
    EXPECT_EQ(heatsim({"run", "-t", results.path("named") + "/trace.csv.gz", "-m", "vit_fmnist",
                       "-q", "-o", results.path("timed")})
                  .exit_code,
              0);
    EXPECT_EQ(file("named", "images.csv"), file("timed", "images.csv"));
}

TEST_F(Functional, WholeSetsGoOnWhereTheyWereStopped)
{
    run("whole", {"--pictures", "0"});
    // an executable that ends the script at its fourth call, two chunks are there then
    const auto calls = results.path("calls");
    const auto executable = files.write(
        "heatsim",
        fmt::format(
            "#!/bin/sh\necho >>'{0}'\n"
            "[ \"$(wc -l <'{0}')\" -ne 4 ] || {{ kill -KILL $PPID; exit 1; }}\nexec '{1}' \"$@\"\n",
            calls, HEATSIM_EXECUTABLE));
    fs::permissions(executable, fs::perms::owner_all);
    const auto infer_set = [&] {
        const auto command =
            fmt::format("HEATSIM='{}' bash '{}' '{}' '{}' '{}' 5 -m '{}' -s '{}' >'{}' 2>'{}'",
                        executable, HEATSIM_SOURCE_DIR "/scripts/infer_test_set.sh", weights,
                        images, results.path("chunks"), model_path, schedule_path,
                        results.path("out"), results.path("err"));
        return std::system(command.c_str()); // NOLINT(cert-env33-c,concurrency-mt-unsafe)
    };
    EXPECT_NE(infer_set(), 0);
    const auto first = results.path("chunks") + "/chunks/00000000/summary.json";
    ASSERT_TRUE(fs::exists(first));
    EXPECT_TRUE(fs::exists(results.path("chunks") + "/chunks/00000005/summary.json"));
    EXPECT_FALSE(fs::exists(results.path("chunks") + "/predictions.csv"));
    const auto made = fs::last_write_time(first);

    EXPECT_EQ(infer_set(), 0) << content(results.path("err"));
    EXPECT_EQ(fs::last_write_time(first), made) << "a whole chunk is made again";
    EXPECT_EQ(file("chunks", "predictions.csv"), file("whole", "predictions.csv"));
    EXPECT_EQ(facts_of(unzipped(results.path("chunks") + "/trace.csv.gz")),
              facts_of(unzipped(results.path("whole") + "/trace.csv.gz")));
    EXPECT_THAT(content(results.path("err")), HasSubstr("12/12 images, 100 %"));
    const auto functional = json::parse(file("whole", "summary.json")).at("functional");
    EXPECT_THAT(content(results.path("out")),
                HasSubstr(fmt::format("top-1 {:.2f} %, {} of 12 images",
                                      functional.at("top1_percent").get<double>(),
                                      functional.at("correct").get<int>())));

    // another network does not go on in the same folder
    (void)files.write("toy.safetensors",
                      inference::bytes_of(test::random_network(model, schedule, 2)));
    EXPECT_NE(infer_set(), 0);
    EXPECT_THAT(content(results.path("err")), HasSubstr("expected another folder"));
}

} // namespace heatsim::cli
