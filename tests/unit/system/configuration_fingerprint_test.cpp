// SPDX-License-Identifier: Apache-2.0
#include "support/leaf_changer.hpp"
#include "system/catalog.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>

namespace heatsim::system {

namespace {

void describe_all(config::Visitor& visitor, RunSetup& setup)
{
    visitor.section("accelerator", setup.design.accelerator, "");
    visitor.section("board", setup.design.board, "");
    visitor.section("memory", setup.design.memory, "");
    visitor.section("energy", setup.design.energy, "");
    visitor.section("model", setup.model, "");
    visitor.section("schedule", setup.schedule, "");
}

} // namespace

TEST(ConfigurationFingerprint, IsTheSameForTheSameConfiguration)
{
    const auto expected = configuration_fingerprint(load({}));
    EXPECT_EQ(configuration_fingerprint(load({})), expected);
    RunRequest request;
    request.overrides = {{"clock_mhz", "1.5e2"}, {"array.heads", "3"}}; // what is there
    EXPECT_EQ(configuration_fingerprint(load(request)), expected);
}

TEST(ConfigurationFingerprint, ChangesWithEveryKey)
{
    for (const auto* const accelerator : {"heatvit_int8_zcu102", "rtl_engine_8x8"}) {
        RunRequest request;
        request.accelerator = accelerator;
        request.allow_oversize = true;
        const auto setup = load(request);
        auto unchanged = setup;
        test::LeafChanger counter;
        describe_all(counter, unchanged);
        ASSERT_GT(counter.count(), 100U);
        std::set<std::string> texts{configuration_fingerprint(setup)};
        EXPECT_EQ(configuration_fingerprint(unchanged), *texts.begin());
        for (std::size_t leaf = 0; leaf < counter.count(); ++leaf) {
            auto changed = setup;
            test::LeafChanger changer{leaf};
            describe_all(changer, changed);
            EXPECT_TRUE(texts.insert(configuration_fingerprint(changed)).second)
                << changer.changed();
        }
    }
}

} // namespace heatsim::system
