// SPDX-License-Identifier: Apache-2.0
#include "hw/data_path/data_path.hpp"
#include "inference/integer_inference.hpp"
#include "support/designs.hpp"
#include "support/random_network.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

using hw::Bytes;

/// Results of all operators of an image, by name.
using Results = std::map<std::string, Bytes>;

/// What functional runs know: int8, HeatViT's selector in all its forms.
RunSetup functional_setup(std::uint64_t seed)
{
    auto setup = test::random_setup(seed);
    test::Random random{seed + 1000};
    auto& accelerator = setup.design.accelerator;
    accelerator.activation_bits = accelerator.weight_bits = 8;
    setup.model.stem.clear();
    setup.model.auxiliary_head = false;
    setup.model.depth = 2;
    auto& schedule = setup.schedule;
    schedule = {};
    schedule.name = "random";
    schedule.mlp1 = random.pick({workload::SelectorMlp1::Half, workload::SelectorMlp1::Split});
    schedule.weights =
        random.pick({workload::SelectorWeights::PerHead, workload::SelectorWeights::Shared});
    schedule.scored_tokens =
        random.pick({workload::ScoredTokens::All, workload::ScoredTokens::Patches});
    schedule.package_token = random.pick(
        {workload::PackageToken::One, workload::PackageToken::One, workload::PackageToken::None});
    schedule.norm = random.chance(70);
    for (const std::uint64_t block : {1U, 2U}) {
        workload::Selector selector;
        selector.before_block = block;
        selector.keep_ratio = block == 1 ? 0.7 : 0.4;
        schedule.selectors.push_back(selector);
    }
    return setup;
}

/// The chip beside the reference: a seed that fails says everything about itself.
class DataPath : public testing::TestWithParam<std::uint64_t> {
  protected:
    DataPath()
        : setup{functional_setup(GetParam())}
        , trace{__FILE__, __LINE__, resolved_configuration(setup)}
        , network{test::random_network(setup.model, setup.schedule, GetParam())}
        , data_path{controller_settings(setup.design.accelerator), setup.model, setup.schedule,
                    network}
    {}

    /// The reference's results; its image goes to the chip.
    Results infer(std::uint64_t seed)
    {
        Results results;
        const auto image = test::random_image(setup.model, seed);
        inference = inference::infer(
            network, setup.model, setup.schedule, image,
            [&](std::string_view name, const std::int8_t* data, std::size_t rows,
                std::size_t columns) {
                if (name == "image")
                    data_path.set_image({data, data + rows * columns});
                Bytes bytes(rows * columns);
                std::transform(data, data + bytes.size(), bytes.begin(), [](std::int8_t number) {
                    return static_cast<std::uint8_t>(number);
                });
                results.emplace(name, std::move(bytes));
            });
        return results;
    }

    /// The result of the reference that one of the chip is to equal; none: empty.
    [[nodiscard]] std::string reference_name(const std::string& name) const
    {
        const auto ends_with = [&name](const std::string& end) {
            return name.size() > end.size() &&
                   name.compare(name.size() - end.size(), end.size(), end) == 0;
        };
        if (ends_with(".concat")) // the chip writes the global halves only
            return {};
        if (!setup.design.accelerator.controller.layout_copies)
            return name;
        if (ends_with(".merge_heads")) // puts the heads of the product beside each other
            return name.substr(0, name.rfind('.') + 1) + "av";
        return ends_with(".av") ? std::string{} : name;
    }

    [[nodiscard]] workload::Workload workload() const
    {
        return lower(setup.model, setup.schedule, inference.tokens,
                     {setup.design.accelerator.controller.layout_copies});
    }

    const RunSetup setup;
    const testing::ScopedTrace trace;
    inference::IntegerNetwork network;
    hw::DataPath data_path;
    inference::Inference inference;
};

/// Every operator in the tiles, at the addresses and in the order of a random chip, beside the
/// untiled reference.
TEST_P(DataPath, ComputesTheBitsOfTheReference)
{
    Simulation simulation{setup.design};
    simulation.compute_with(&data_path);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        auto expected = infer(seed);
        std::size_t compared = 0;
        data_path.observe([&](const std::string& name, const Bytes& result) {
            const auto known = expected.find(reference_name(name));
            if (known == expected.end())
                return;
            auto reference = known->second;
            // the reference tells all rows of the stream, also those that are there already
            if (name.find(".append") != std::string::npos || name == "patch_embed.position")
                reference.erase(reference.begin(),
                                reference.end() - static_cast<std::ptrdiff_t>(result.size()));
            // the token count may hide a package token, whose row is computed and ignored
            ASSERT_GE(result.size(), reference.size()) << name;
            EXPECT_TRUE(std::equal(reference.begin(), reference.end(), result.begin()))
                << name << ", image " << seed;
            ++compared;
        });
        (void)simulation.run(workload());
        EXPECT_GT(compared, 2U * 8U + 3U);
        EXPECT_EQ(data_path.kept_patches(), inference.kept_patches);
        const auto logits = data_path.logits();
        ASSERT_EQ(logits.size(), inference.logits.size());
        for (std::size_t i = 0; i < logits.size(); ++i)
            EXPECT_EQ(logits[i] * network.logit_scale, inference.logits[i]);
    }
}

/// The ends of what a selector can decide: nothing is pruned, one patch alone (which the token
/// count does not tell), nearly all, all.
TEST_P(DataPath, ComputesTheSameWhateverIsPruned)
{
    Simulation simulation{setup.design};
    const auto patches = setup.model.patch_tokens();
    std::set<std::size_t> seen; // patches behind the first selector
    for (int threshold = 0; threshold <= 255; ++threshold) {
        network.keep_threshold = static_cast<std::uint8_t>(threshold);
        (void)infer(0);
        const auto kept = inference.kept_patches.front().size();
        const bool end = kept == patches || kept + 1 == patches || kept <= 1;
        if (!end || !seen.insert(kept).second)
            continue;
        simulation.compute_with(&data_path);
        (void)simulation.run(workload());
        EXPECT_EQ(data_path.kept_patches(), inference.kept_patches) << "threshold " << threshold;
        const auto logits = data_path.logits();
        for (std::size_t i = 0; i < logits.size(); ++i)
            EXPECT_EQ(logits[i] * network.logit_scale, inference.logits[i])
                << "threshold " << threshold;
    }
    EXPECT_EQ(seen.count(patches), 1U);
}

/// Numbers change no cycle.
TEST_P(DataPath, LeavesTheTimingAlone)
{
    Simulation simulation{setup.design};
    std::vector<ImageResult> with_numbers;
    for (const bool numbers : {true, false}) {
        simulation.compute_with(numbers ? &data_path : nullptr);
        for (std::uint64_t seed = 0; seed < 2; ++seed) {
            (void)infer(seed);
            const auto image = simulation.run(workload());
            if (numbers) {
                with_numbers.push_back(image);
                continue;
            }
            EXPECT_EQ(image.cycles, with_numbers[seed].cycles);
            EXPECT_EQ(image.cycles_by_cause, with_numbers[seed].cycles_by_cause);
            EXPECT_EQ(image.read_bytes, with_numbers[seed].read_bytes);
            EXPECT_EQ(image.write_bytes, with_numbers[seed].write_bytes);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DataPath, testing::Range<std::uint64_t>(0, 40));

} // namespace
} // namespace heatsim::system
