// SPDX-License-Identifier: Apache-2.0
#include "system/ddr_validation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace heatsim::system {
namespace {

std::set<std::string> patterns()
{
    std::set<std::string> names;
    for (const auto& reference : shipped_ddr_references().references)
        names.insert(reference.pattern);
    return names;
}

void expect_within(const DdrGroup& group, const DdrComparison& comparison, const char* quantity)
{
    EXPECT_TRUE(comparison.within())
        << group.name() << ": " << quantity << " " << comparison.predicted << ", simulators "
        << comparison.low() << " to " << comparison.high() << ": " << comparison.deviation_percent()
        << " %, limit " << comparison.limit_percent << " %";
}

class DdrValidationOf : public testing::TestWithParam<std::string> {};

TEST_P(DdrValidationOf, EveryStreamIsWithinTheLimits)
{
    auto table = shipped_ddr_references();
    auto& references = table.references;
    references.erase(std::remove_if(references.begin(), references.end(),
                                    [](const DdrReference& reference) {
                                        return reference.pattern != GetParam();
                                    }),
                     references.end());
    const auto validation = validate_ddr(std::move(table));
    EXPECT_EQ(validation.groups.size(), 9U); // 3 mappings, 3 numbers of requests outstanding
    for (const auto& group : validation.groups) {
        expect_within(group, group.bandwidth_gbs, "GB/s");
        expect_within(group, group.mean_read_latency_ns, "ns of read latency");
    }
}

INSTANTIATE_TEST_SUITE_P(Patterns,
                         DdrValidationOf,
                         testing::ValuesIn(patterns()),
                         [](const auto& test) { return test.param; });

} // namespace
} // namespace heatsim::system
