// SPDX-License-Identifier: Apache-2.0
#include "support/designs.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <ostream>
#include <sstream>
#include <string>

namespace heatsim::system {
namespace {

struct Run {
    const char* accelerator;
    const char* schedule;
    [[nodiscard]] std::string name() const { return std::string{accelerator} + "_" + schedule; }
};

std::ostream& operator<<(std::ostream& out, const Run& run)
{
    return out << run.name();
}

/// JSON text, one value a line, so that a difference is a line.
class Json {
  public:
    void add(const std::string& key, std::uint64_t value)
    {
        start_entry(key);
        text_ << value;
    }
    void open(const std::string& key)
    {
        start_entry(key);
        text_ << '{';
        ++depth_;
        first_ = true;
    }
    void close()
    {
        --depth_;
        start_line();
        text_ << '}';
        first_ = false;
    }
    [[nodiscard]] std::string text() const { return "{" + text_.str() + "\n}\n"; }

  private:
    void start_line() { text_ << '\n' << std::string(depth_ * 2, ' '); }
    void start_entry(const std::string& key)
    {
        text_ << (first_ ? "" : ",");
        start_line();
        text_ << '"' << key << "\": ";
        first_ = false;
    }

    std::ostringstream text_;
    std::size_t depth_ = 1;
    bool first_ = true;
};

/// First two parts of an operator's name: `blocks.4`, `selector.1`, `patch_embed.proj`, `head.fc`.
std::string part_of(const std::string& name)
{
    const auto dot = name.find('.');
    return name.substr(0, name.find('.', dot + 1));
}

std::string simulate(const Run& run)
{
    const auto setup = test::shipped_setup(run.accelerator, "deit_t", run.schedule);
    Simulation simulation{setup.design};
    const auto result = run_images(simulation, setup.model, setup.schedule, {setup.images.front()});
    const auto& image = result.images.front();
    Json json;
    json.add("cycles", image.cycles);
    json.open("cycles_by_cause");
    for (const auto& cause : channel::array_cause_names)
        json.add(cause.name, image.cycles_by_cause[static_cast<std::size_t>(cause.value)]);
    json.close();
    json.add("macs", image.macs);
    json.add("read_bytes", image.read_bytes);
    json.add("write_bytes", image.write_bytes);
    json.add("row_hits", image.row_hits);
    json.add("row_misses", image.row_misses);
    json.add("row_conflicts", image.row_conflicts);
    json.open("energy_uj"); // whole numbers: the last digits of a real may differ by compiler
    for (const auto& part : estimate::energy_part_names)
        json.add(part.name, static_cast<std::uint64_t>(
                                std::llround(image.energy.picojoules(part.value) * 1e-6)));
    json.close();
    json.open("tokens");
    for (std::size_t stage = 0; stage < image.tokens.size(); ++stage)
        json.add("stage_" + std::to_string(stage), image.tokens[stage]);
    json.close();
    std::map<std::string, channel::OperatorCost> parts;
    for (const auto& op : result.operators)
        parts[part_of(op.name)] += op.sum;
    json.open("parts");
    for (const auto& [name, cost] : parts) {
        json.open(name);
        json.add("cycles", cost.cycles());
        json.add("input_bytes", cost.input_bytes);
        json.add("weight_bytes", cost.weight_bytes);
        json.add("output_bytes", cost.output_bytes);
        json.close();
    }
    json.close();
    json.open("statistics");
    for (const auto& sample : result.statistics)
        json.add(sample.path, sample.value);
    json.close();
    return json.text();
}

class Golden : public testing::TestWithParam<Run> {};

/// With HEATSIM_UPDATE_GOLDEN set the file is written instead (scripts/update_golden.sh).
TEST_P(Golden, ResultIsTheRecordedOne)
{
    const auto path =
        std::string{HEATSIM_SOURCE_DIR "/tests/system/golden/"} + GetParam().name() + ".json";
    const auto result = simulate(GetParam());
    if (std::getenv("HEATSIM_UPDATE_GOLDEN") != nullptr) {
        std::ofstream{path} << result;
        return;
    }
    std::ostringstream golden;
    golden << std::ifstream{path}.rdbuf();
    EXPECT_EQ(result, golden.str())
        << "if the change is meant: scripts/update_golden.sh, and say why in the commit";
}

INSTANTIATE_TEST_SUITE_P(DeitT,
                         Golden,
                         testing::Values(Run{"heatvit_int8_zcu102", "dense"},
                                         Run{"heatvit_int8_zcu102", "heatvit"},
                                         Run{"group_vector_systolic_zcu102", "dense"},
                                         Run{"group_vector_systolic_zcu102", "heatvit"},
                                         Run{"heatvit_rtl_xc7k325t", "dense"},
                                         Run{"heatvit_rtl_xc7k325t", "heatvit_rtl"}),
                         [](const auto& run) { return run.param.name(); });

} // namespace
} // namespace heatsim::system
