// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"
#include "inference/integer_network_file.hpp"
#include "support/random.hpp"
#include "unit/inference/float_toy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::cli {

namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* model_text = R"(name: toy
description: "toy"
source: "tests"
default_schedule: SCHEDULE
image_height_pixels: 6
image_width_pixels: 4
image_channels: 1
pixels:
  - {mean: 0.3, deviation: 0.4}
patch_size: 2
class_tokens: 1
embed_dim: 16
depth: 2
heads: 2
mlp_hidden: 24
classes: 5
auxiliary_head: false
)";

constexpr const char* schedule_text = R"(name: toy_schedule
description: "toy"
source: "tests"
package_token: one
selectors:
  - before_block: 1
    keep_ratio: 0.5
  - before_block: 2
    keep_ratio: 0.25
)";

/// Weights of a toy, its model and schedule, and a folder of images.
class Quantize : public testing::Test {
  protected:
    void SetUp() override
    {
        model.image_channels = 1;
        model.pixels = {{0.3, 0.4}};
        schedule_path = folder.write("toy_schedule.yaml", schedule_text);
        std::string text = model_text;
        const std::string placeholder = "SCHEDULE";
        model_path = folder.write(
            "toy.yaml", text.replace(text.find(placeholder), placeholder.size(), schedule_path));
        weights_path = folder.write("toy.safetensors", weights(schedule));
        std::filesystem::create_directory(folder.path("images"));
        std::string labels = "file,label\n";
        test::Random random{11};
        for (int i = 0; i < image_count; ++i) {
            const auto name = std::string{"image"} + std::to_string(i) + ".pgm";
            std::string image = "P5\n4 6\n255\n";
            for (int pixel = 0; pixel < 24; ++pixel)
                image += static_cast<char>(random.between(0, 255));
            (void)folder.write("images/" + name, image);
            labels += name;
            labels += ",1\n";
        }
        (void)folder.write("images/labels.csv", labels);
    }

    [[nodiscard]] std::string weights(const workload::Schedule& trained_with) const
    {
        return test::float_toy_weights(model, trained_with, 5).bytes();
    }

    /// `heatsim quantize` of the toy into `output`, with more options behind.
    [[nodiscard]] Outcome quantize(const std::string& output,
                                   const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> arguments{
            "quantize", weights_path,          "-o", folder.path(output), "-m", model_path,
            "--images", folder.path("images"), "-n", images_used};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return heatsim(arguments);
    }

    [[nodiscard]] inference::IntegerNetwork network(const std::string& file) const
    {
        return inference::load_integer_network(folder.path(file), model, schedule);
    }

    static constexpr int image_count = 7;
    std::string images_used = "6";
    Folder folder;
    workload::Model model = test::float_toy_model();
    workload::Schedule schedule = test::float_toy_schedule();
    std::string model_path;
    std::string schedule_path;
    std::string weights_path;
};

} // namespace

TEST_F(Quantize, MakesANetworkThatSaysWhereItIsFrom)
{
    const auto outcome = quantize("toy_int8.safetensors", {"--gelu-delta", "0.5"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto* part : {"toy_int8.safetensors", "toy_schedule", "6 images", "weights",
                             "token stream", "activations", "unit formats", "worst dB"})
        EXPECT_THAT(outcome.out, HasSubstr(part));
    const auto made = network("toy_int8.safetensors");
    EXPECT_EQ(made.provenance.at("weights"), "toy.safetensors");
    EXPECT_EQ(made.provenance.at("weights_xxh3_128").size(), 32U);
    EXPECT_EQ(made.provenance.at("image_set"), "images");
    EXPECT_EQ(made.provenance.at("calibration_images"), "6");
    EXPECT_EQ(made.provenance.at("gelu_delta"), "128/256");
    EXPECT_EQ(made.provenance.at("softmax_delta"), "256/256");
    EXPECT_EQ(made.at<inference::Gelu>("blocks.1.mlp.gelu").unit.delta, 128U);
    EXPECT_THAT(folder.read("toy_int8.safetensors"), Not(HasSubstr(folder.path().string())));
}

TEST_F(Quantize, BytesDependOnOptionsAndNotOnJobs)
{
    ASSERT_EQ(quantize("one.safetensors", {"-j", "1", "-q"}).exit_code, 0);
    ASSERT_EQ(quantize("three.safetensors", {"-j", "3", "-q"}).exit_code, 0);
    const auto expected = folder.read("one.safetensors");
    EXPECT_EQ(folder.read("three.safetensors"), expected);
    const std::vector<std::vector<std::string>> variants{{"--percentile", "90"},
                                                         {"--power-of-two", "activations"},
                                                         {"--power-of-two", "weights"},
                                                         {"--residual-scales", "tensor"},
                                                         {"--softmax-delta", "0.5"}};
    for (const auto& variant : variants) {
        auto more = variant;
        more.insert(more.end(), {"--force", "-q"});
        ASSERT_EQ(quantize("other.safetensors", more).exit_code, 0) << variant.front();
        EXPECT_NE(folder.read("other.safetensors"), expected) << variant.front();
    }
    images_used = "3";
    ASSERT_EQ(quantize("fewer.safetensors", {"-q"}).exit_code, 0);
    EXPECT_NE(folder.read("fewer.safetensors"), expected);
}

TEST_F(Quantize, JsonHasEveryTensor)
{
    const auto outcome = quantize("toy_int8.safetensors", {"--format", "json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto report = json::parse(outcome.out);
    EXPECT_EQ(report["image_count"], 6);
    EXPECT_EQ(report["bytes"], folder.read("toy_int8.safetensors").size());
    std::size_t tensors = 0;
    for (const auto& kind : report["kinds"])
        tensors += kind["tensors"].get<std::size_t>();
    EXPECT_EQ(report["tensors"].size(), tensors);
    for (const auto& tensor : report["tensors"]) {
        if (tensor["name"] == "blocks.2.mlp.fc1" && tensor["kind"] == "weights") {
            EXPECT_EQ(tensor["values"], 16 * 24);
            EXPECT_GT(tensor["signal_to_noise_db"], 35.0); // 127 steps per row
            EXPECT_EQ(tensor["saturated_percent"], 0.0);
        }
    }
}

TEST_F(Quantize, ReplacesNoFileUnasked)
{
    const auto path = folder.write("there.safetensors", "mine");
    const auto outcome = quantize("there.safetensors");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--force"));
    EXPECT_EQ(content(path), "mine");
    EXPECT_EQ(quantize("there.safetensors", {"--force"}).exit_code, 0);
    EXPECT_EQ(network("there.safetensors").model, "toy");
}

TEST_F(Quantize, SaysEverythingThatIsWrong)
{
    const auto outcome = heatsim({"quantize",
                                  folder.path("none.safetensors"),
                                  "--images",
                                  "fasion",
                                  "-m",
                                  model_path,
                                  "--gelu-delta",
                                  "0",
                                  "--softmax-delta",
                                  "2",
                                  "--percentile",
                                  "x",
                                  "--power-of-two",
                                  "weight",
                                  "--residual-scales",
                                  "row",
                                  "-n",
                                  "0",
                                  "-j",
                                  "0",
                                  "--set",
                                  "array.heads=3"});
    EXPECT_EQ(outcome.exit_code, 2);
    for (const auto* part :
         {"none.safetensors", "fasion: no such", "--gelu-delta", "--softmax-delta", "--percentile",
          "did you mean 'weights'", "--residual-scales", "--image-count", "-j: 0 is out",
          "-o: missing", "array.heads=3: no key of the model or the schedule"})
        EXPECT_THAT(outcome.err, HasSubstr(part));
}

TEST_F(Quantize, WeightsOfAnotherScheduleAreRefused)
{
    const auto selectors = quantize("x.safetensors", {"-s", "dense"});
    EXPECT_EQ(selectors.exit_code, 2);
    EXPECT_THAT(selectors.err, HasSubstr("toy.safetensors: selectors, which schedule dense has"));
    EXPECT_FALSE(std::filesystem::exists(folder.path("x.safetensors")));

    workload::Schedule dense;
    weights_path = folder.write("dense.safetensors", weights(dense));
    const auto none = quantize("x.safetensors");
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.err, HasSubstr("dense.safetensors: no selectors"));
    EXPECT_THAT(none.err, HasSubstr("-s dense"));
    EXPECT_EQ(quantize("x.safetensors", {"-s", "dense"}).exit_code, 0);
}

TEST_F(Quantize, DamagedWeightsAndWrongImagesAreRefused)
{
    auto bytes = weights(schedule);
    bytes.resize(bytes.size() / 2);
    weights_path = folder.write("half.safetensors", bytes);
    const auto damaged = quantize("x.safetensors");
    EXPECT_EQ(damaged.exit_code, 2);
    EXPECT_THAT(damaged.err, HasSubstr("half.safetensors"));

    weights_path = folder.write("whole.safetensors", weights(schedule));
    images_used = "8";
    EXPECT_THAT(quantize("x.safetensors").err, HasSubstr("has 7"));
    images_used = "7";
    (void)folder.write("images/image3.pgm", "P5\n1 1\n255\nx");
    const auto small = quantize("x.safetensors");
    EXPECT_EQ(small.exit_code, 2);
    EXPECT_THAT(small.err, HasSubstr("image3.pgm"));
    EXPECT_FALSE(std::filesystem::exists(folder.path("x.safetensors")));
    EXPECT_EQ(quantize("nowhere/x.safetensors").exit_code, 2);
}

TEST_F(Quantize, ExplainAccuracyMeasuresEverySetOfFunctions)
{
    const std::vector<std::string> arguments{
        "explain", "accuracy", "--weights",     weights_path,
        "-m",      model_path, "--images",      folder.path("images"),
        "-n",      "5",        "--calibration", folder.path("images")};
    auto with_json = arguments;
    with_json.insert(with_json.end(), {"--format", "json", "-j", "2"});
    const auto outcome = heatsim(with_json);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto report = json::parse(outcome.out);
    ASSERT_EQ(report["rows"].size(), 16U);
    EXPECT_EQ(report["rows"][0]["functions"], "exact");
    EXPECT_EQ(report["rows"][0]["arithmetic"], "fp32");
    EXPECT_EQ(report["rows"][0]["same_prediction_percent"], 100.0);
    EXPECT_EQ(report["rows"][0]["same_counts_percent"], 100.0);
    EXPECT_EQ(report["rows"][0]["tokens"].size(), 2U);
    EXPECT_EQ(report["calibration_images"], image_count);
    for (const auto& row : report["rows"]) {
        EXPECT_GE(row["tokens"][0].get<double>(), 2.0);
        EXPECT_LE(row["tokens"][0].get<double>(), 7.0);
        EXPECT_TRUE(row["recorded_top1_percent"].is_null());
    }
    auto one = arguments;
    one.insert(one.end(), {"--functions", "all_0.5", "-j", "1", "--recorded", "poly05_70_39_21"});
    const auto text = heatsim(one);
    ASSERT_EQ(text.exit_code, 0) << text.err;
    for (const auto* part : {"all three, δ = 0.5", "fp32", "int8", "92.51", "143.3 / 83.1 / 47.7"})
        EXPECT_THAT(text.out, HasSubstr(part));
    EXPECT_THAT(text.out, Not(HasSubstr("PLAN")));
}

TEST_F(Quantize, ExplainAccuracyWritesATokenTraceOfEveryRow)
{
    const auto traces = folder.path("traces");
    const auto outcome = heatsim({"explain",     "accuracy", "--weights",     weights_path,
                                  "-m",          model_path, "--images",      folder.path("images"),
                                  "-n",          "5",        "--calibration", folder.path("images"),
                                  "--functions", "exact",    "--functions",   "all_1",
                                  "-o",          traces,     "--format",      "json"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto rows = json::parse(outcome.out)["rows"];
    ASSERT_EQ(rows.size(), 4U);
    const auto exact = traces + "/fp32_exact.csv.gz";
    for (const auto& row : rows) {
        const auto path =
            fmt::format("{}/{}_{}.csv.gz", traces, row["arithmetic"].get<std::string>(),
                        row["functions"].get<std::string>());
        const auto compared = heatsim({"trace", "compare", exact, path, "--format", "json"});
        ASSERT_EQ(compared.exit_code, 0) << compared.err;
        const auto comparison = json::parse(compared.out);
        EXPECT_EQ(comparison["images"], 5);
        EXPECT_EQ(comparison["same_prediction_percent"], row["same_prediction_percent"]);
        EXPECT_EQ(comparison["same_counts_percent"], row["same_counts_percent"]);
        EXPECT_EQ(comparison["selectors"][0]["second_tokens"], row["tokens"][0]);
    }
    const auto refused = heatsim({"explain", "accuracy", "--weights", weights_path, "-m",
                                  model_path, "--images", folder.path("images"), "--calibration",
                                  folder.path("images"), "-o", weights_path});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("output folder: cannot write"));
}

TEST_F(Quantize, ExplainAccuracySaysWhatItNeeds)
{
    const auto nothing = heatsim({"explain", "accuracy"});
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_THAT(nothing.err, HasSubstr("--weights: missing"));
    const auto wrong =
        heatsim({"explain", "accuracy", "--weights", weights_path, "-m", model_path, "--images",
                 folder.path("images"), "--recorded", "dens", "--functions", "all"});
    EXPECT_EQ(wrong.exit_code, 2);
    for (const auto* part :
         {"--calibration: missing", "did you mean 'dense'", "--functions: 'all'", "has 7"})
        EXPECT_THAT(wrong.err, HasSubstr(part));
}

} // namespace heatsim::cli
