// SPDX-License-Identifier: Apache-2.0
#include "support/csv.hpp"
#include "support/designs.hpp"
#include "system/simulation.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace heatsim::system {
namespace {

struct Array {
    const char* stationarity; ///< as in peer_gemm_cycles.csv
    std::uint64_t rows;
    std::uint64_t columns;
};

std::ostream& operator<<(std::ostream& out, const Array& array)
{
    return out << array.stationarity << ' ' << array.rows << 'x' << array.columns;
}

class PeerGemm : public testing::TestWithParam<Array> {};

/// SCALE-Sim's closed forms, written above the reference table:
///   output-stationary  ⌈M/R⌉·⌈N/C⌉·(K + R + C − 2) − 1
///   weight-stationary  ⌈K/R⌉·⌈N/C⌉·(M + 2R + C − 2) − 1
TEST_P(PeerGemm, TakesTheCyclesOfScaleSim)
{
    const auto& array = GetParam();
    const auto setup = test::shipped_setup("systolic_" + std::string{array.stationarity} +
                                               "_stationary_32x32_ideal",
                                           "deit_s", "dense",
                                           {{"array.rows", std::to_string(array.rows)},
                                            {"array.columns", std::to_string(array.columns)},
                                            {"controller.operator_cycles", "0"}});
    Simulation simulation{setup.design};
    int compared = 0;
    for (const auto& row : test::read_reference("peer_gemm_cycles.csv")) {
        if (row.at("stationarity") != array.stationarity || test::number(row, "R") != array.rows ||
            test::number(row, "C") != array.columns)
            continue;
        const auto m = test::number(row, "M");
        const auto k = test::number(row, "K");
        const auto n = test::number(row, "N");
        const auto image = simulation.run(workload::single_gemm(m, k, n, 1));
        EXPECT_EQ(image.cycles, test::number(row, "cycles")) << m << " x " << k << " x " << n;
        ++compared;
    }
    EXPECT_EQ(compared, 10);
}

INSTANTIATE_TEST_SUITE_P(Arrays,
                         PeerGemm,
                         testing::Values(Array{"output", 32, 32},
                                         Array{"weight", 32, 32},
                                         Array{"output", 16, 64},
                                         Array{"weight", 16, 64}),
                         [](const auto& array) {
                             return std::string{array.param.stationarity} +
                                    std::to_string(array.param.rows) + "x" +
                                    std::to_string(array.param.columns);
                         });

TEST(PeerReference, HasFortyRows)
{
    EXPECT_EQ(test::read_reference("peer_gemm_cycles.csv").size(), 40U);
}

} // namespace
} // namespace heatsim::system
