// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_folder.hpp"
#include "system/rtl_units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace heatsim::system {
namespace {

/// Runs the harness on `lines`. \param status of its exit
std::string harness(const std::vector<std::string>& lines, int& status)
{
    const test::TemporaryFolder folder;
    std::string input;
    for (const auto& line : lines)
        input.append(line).append("\n");
    std::string command = HEATSIM_VECTOR_UNITS;
    command += " 2>&1 < ";
    command += folder.write("input", input);
    auto* pipe = popen(command.c_str(), "r");
    std::string output;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        output += static_cast<char>(c);
    status = pclose(pipe);
    return output;
}

std::map<std::string, std::uint64_t> measured(const std::vector<RtlUnitWork>& works)
{
    std::vector<std::string> lines;
    lines.reserve(works.size());
    for (const auto& work : works)
        lines.push_back(work.line);
    int status = 0;
    std::istringstream output{harness(lines, status)};
    EXPECT_EQ(status, 0) << output.str();
    std::map<std::string, std::uint64_t> cycles;
    for (std::string line; std::getline(output, line);) {
        const auto comma = line.find(',');
        if (comma == std::string::npos) {
            ADD_FAILURE() << line;
            continue;
        }
        cycles[line.substr(0, comma)] = std::stoull(line.substr(comma + 1));
    }
    return cycles;
}

TEST(VectorUnitsRtl, TakeTheModelsCycles)
{
    auto works = rtl_unit_works();
    // and what no network asks for
    for (const std::uint64_t rows : {1U, 2U, 3U})
        for (const std::uint64_t columns : {1U, 8U, 9U, 256U})
            works.push_back(rtl_softmax_work(rows, columns));
    for (const std::uint64_t elements : {1U, 16U, 17U, 1000U}) {
        works.push_back(rtl_gelu_work(elements));
        works.push_back(rtl_sigmoid_work(elements));
    }
    for (const std::uint64_t kept : {0U, 1U, 49U, 50U}) {
        works.push_back(rtl_selector_work(50, kept, 16, 1));
        works.push_back(rtl_selector_work(50, kept, 17, 6));
        works.push_back(rtl_selector_work(50, kept, 1024, 16));
    }
    const auto cycles = measured(works);
    for (const auto& work : works) {
        ASSERT_EQ(cycles.count(work.line), 1U) << work.line;
        EXPECT_EQ(cycles.at(work.line), work.predicted) << work.line;
    }
}

TEST(VectorUnitsRtl, WorksAreTheNetworks)
{
    const auto works = rtl_unit_works();
    std::set<std::string> lines;
    std::map<std::string, unsigned> units;
    for (const auto& work : works) {
        lines.insert(work.line);
        ++units[work.unit];
    }
    EXPECT_EQ(lines.size(), works.size()) << "a work stands twice";
    EXPECT_EQ(units, (std::map<std::string, unsigned>{
                         {"gelu", 12}, {"selector", 9}, {"sigmoid", 3}, {"softmax", 12}}));
    // 591 rows on 2 engines are 296 each, of ⌈197/8⌉ = 25 words: 3·25 + 45
    EXPECT_EQ(rtl_softmax_work(591, 197).predicted, 296U * 120U);
    // 197·768 / 16 and 9
    EXPECT_EQ(rtl_gelu_work(std::uint64_t{197} * 768).predicted, 9456U + 9U);
    // scores 4 + 197·(3 + 11); kept 4 + 138·12; pruned 4 + 59·12 and 12 divisions of 10; append 4 +
    // 12
    EXPECT_EQ(rtl_selector_work(197, 138, 192, 3).predicted,
              4U + 197U * 14U + 4U + 138U * 12U + 4U + 59U * 12U + 120U + 4U + 12U);
}

TEST(VectorUnitsRtl, HarnessRefusesWhatItCannotRun)
{
    for (const char* line :
         {"", "softmax", "softmax 1", "softmax 0 8", "softmax 1 257", "gelu -1", "gelu x",
          "gelu 16 16", "selector 4 5 16 1", "selector 257 1 16 1", "layer_norm 1 1"}) {
        int status = 0;
        EXPECT_THAT(harness({line}, status), testing::HasSubstr("vector_units_harness: ")) << line;
        EXPECT_NE(status, 0) << line;
    }
}

} // namespace
} // namespace heatsim::system
