// SPDX-License-Identifier: Apache-2.0
#include "hw/host/host.hpp"
#include "hw/token_selector/token_selector.hpp"
#include "hw/vector_unit/vector_unit.hpp"
#include "support/bench.hpp"
#include "tlm/time.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace heatsim::hw {
namespace {

using channel::RowWork;
using workload::OperatorKind;

RowWork rows(OperatorKind kind, std::uint64_t count, std::uint64_t columns)
{
    RowWork work;
    work.kind = kind;
    work.rows = count;
    work.columns = work.input_columns = columns;
    return work;
}

VectorUnitConfig vector_unit()
{
    VectorUnitConfig config;
    config.lanes = 16;
    config.requantize_lanes = 32;
    config.pipeline_depth_cycles = 5;
    config.nonlinear_depth_cycles = 11;
    config.softmax_engines = 4;
    config.softmax_lanes = 8;
    config.softmax_passes = 3;
    config.softmax_row_cycles = 46;
    config.layer_norm_lanes = 16;
    config.layer_norm_row_cycles = 40;
    return config;
}

TEST(VectorUnitCycles, OfElementWiseFunctions)
{
    // ⌈10·33 / 16⌉ = 21 elements a lane, then the pipeline
    for (const auto kind : {OperatorKind::Gelu, OperatorKind::Relu, OperatorKind::Sigmoid})
        EXPECT_EQ(vector_cycles(vector_unit(), rows(kind, 10, 33)), 21U + 11U);
    for (const auto kind : {OperatorKind::Add, OperatorKind::Mean, OperatorKind::Concatenate})
        EXPECT_EQ(vector_cycles(vector_unit(), rows(kind, 10, 33)), 21U + 5U);
    EXPECT_EQ(vector_cycles(vector_unit(), rows(OperatorKind::Copy, 10, 33)), 0U);
}

TEST(VectorUnitCycles, CountTheLongerOfInputAndOutputRows)
{
    auto work = rows(OperatorKind::Mean, 10, 3);
    work.input_columns = 192;
    // ⌈10·192 / 16⌉ + 5
    EXPECT_EQ(vector_cycles(vector_unit(), work), 125U);
    work = rows(OperatorKind::Concatenate, 10, 96);
    work.input_columns = 0;
    EXPECT_EQ(vector_cycles(vector_unit(), work), 60U + 5U);
}

TEST(VectorUnitCycles, OfSoftmax)
{
    // ⌈10/4⌉ = 3 rows an engine, each 3 passes of ⌈197/8⌉ = 25, and 46
    EXPECT_EQ(vector_cycles(vector_unit(), rows(OperatorKind::Softmax, 10, 197)),
              3U * (3U * 25U + 46U));
}

TEST(VectorUnitCycles, OfLayerNorm)
{
    // 10 rows of two passes of 192/16 and 40
    EXPECT_EQ(vector_cycles(vector_unit(), rows(OperatorKind::LayerNorm, 10, 192)),
              10U * (2U * 12U + 40U));
}

TEST(VectorUnitCycles, OfAnOutputTile)
{
    auto work = rows(OperatorKind::Gemm, 32, 96);
    // ⌈3072/32⌉ + 5
    EXPECT_EQ(vector_cycles(vector_unit(), work), 96U + 5U);
    // one pipeline: the slower of ⌈3072/32⌉ and ⌈3072/16⌉, both depths
    work.fused_nonlinear = true;
    EXPECT_EQ(vector_cycles(vector_unit(), work), 192U + 5U + 11U);
    work.fused_add = true;
    EXPECT_EQ(vector_cycles(vector_unit(), work), 192U + 5U + 11U + 5U);
    // whole rows before the first result: softmax adds ⌈32/4⌉·(3·12 + 46)
    work.fused_nonlinear = work.fused_add = false;
    work.fused_softmax = true;
    EXPECT_EQ(vector_cycles(vector_unit(), work), 96U + 5U + 8U * (3U * 12U + 46U));
}

TEST(VectorUnitCycles, OfRequantizationAtTheStoresPaceAreNone)
{
    auto config = vector_unit();
    config.requantize_lanes = 0;
    auto work = rows(OperatorKind::Gemm, 32, 96);
    EXPECT_EQ(vector_cycles(config, work), 0U);
    work.fused_nonlinear = true;
    EXPECT_EQ(vector_cycles(config, work), 192U + 11U);
}

TEST(VectorUnitCycles, OfTheSelectorsLogicAreNone)
{
    for (const auto kind : {OperatorKind::Score, OperatorKind::Compact, OperatorKind::Package,
                            OperatorKind::Append, OperatorKind::TopK, OperatorKind::Fuse,
                            OperatorKind::Halt, OperatorKind::Match, OperatorKind::Merge})
        EXPECT_EQ(vector_cycles(vector_unit(), rows(kind, 10, 33)), 0U);
}

TokenSelectorConfig selector()
{
    TokenSelectorConfig config;
    config.compact_lanes = 16;
    config.package_lanes = 32;
    config.score_cycles_per_head = 2;
    config.score_token_cycles = 7;
    config.compare_lanes = 16;
    config.divide_cycles = 36;
    config.control_cycles = 10;
    return config;
}

TEST(TokenSelectorCycles, OfTheScore)
{
    auto work = rows(OperatorKind::Score, 197, 1);
    work.input_columns = 6; // 3 heads, 2 classes
    // 10 + 197·(3·2 + 7)
    EXPECT_EQ(selector_cycles(selector(), work), 10U + 197U * 13U);
}

TEST(TokenSelectorCycles, OfCompactionAndAppend)
{
    // 10 + 138 rows of ⌈200/16⌉ = 13
    EXPECT_EQ(selector_cycles(selector(), rows(OperatorKind::Compact, 138, 200)), 10U + 138U * 13U);
    EXPECT_EQ(selector_cycles(selector(), rows(OperatorKind::Append, 1, 200)), 10U + 13U);
}

TEST(TokenSelectorCycles, OfThePackageDivideOnceAtTheEnd)
{
    auto work = rows(OperatorKind::Package, 59, 192);
    // 10 + 59 rows of 192/32 = 6 + 6 divisions of 36
    EXPECT_EQ(selector_cycles(selector(), work), 10U + 59U * 6U + 6U * 36U);
    work.last = false;
    EXPECT_EQ(selector_cycles(selector(), work), 10U + 59U * 6U);
    work.first = false;
    EXPECT_EQ(selector_cycles(selector(), work), 59U * 6U);
    work.last = true;
    EXPECT_EQ(selector_cycles(selector(), work), 59U * 6U + 6U * 36U);
}

TEST(TokenSelectorCycles, OfRankingAreAllAgainstAll)
{
    auto work = rows(OperatorKind::TopK, 1, 138);
    work.input_columns = 196;
    // 10 + 196 scores against ⌈196/16⌉ = 13 groups
    EXPECT_EQ(selector_cycles(selector(), work), 10U + 196U * 13U);
}

TEST(TokenSelectorCycles, OfMatchingAndMerging)
{
    auto work = rows(OperatorKind::Match, 99, 1);
    work.input_columns = 98; // ⌈98/16⌉ = 7 groups
    EXPECT_EQ(selector_cycles(selector(), work), 10U + 99U * 7U);
    // 192/32 = 6 groups, three products each, and one reciprocal of 36 a pair
    EXPECT_EQ(selector_cycles(selector(), rows(OperatorKind::Merge, 13, 192)),
              10U + 13U * (3U * 6U + 36U));
    EXPECT_EQ(selector_cycles(selector(), rows(OperatorKind::Fuse, 58, 192)), 10U + 58U * 6U);
}

TEST(TokenSelectorCycles, OfHalting)
{
    auto config = selector();
    config.halt_token_cycles = 3;
    EXPECT_EQ(selector_cycles(config, rows(OperatorKind::Halt, 197, 1)), 10U + 197U * 3U);
}

HostConfig host()
{
    HostConfig config;
    config.clock_mhz = 1000.0;
    config.cores = 4;
    config.layer_norm_cycles_per_element = 1.5;
    return config;
}

TEST(HostCycles, AreCpuCyclesInFabricCyclesRoundedUp)
{
    const Clock fabric{100.0};
    // 197 rows over 4 cores: 50 rows · 192 · 1.5 = 14,400 CPU cycles of 1 ns = 1440 of 10 ns
    EXPECT_EQ(host_cycles(host(), fabric, rows(OperatorKind::LayerNorm, 197, 192)), 1440U);
    // 1 row of 7: 10.5 → 11 CPU cycles → 2 fabric cycles
    EXPECT_EQ(host_cycles(host(), fabric, rows(OperatorKind::LayerNorm, 1, 7)), 2U);
}

TEST(HostCycles, DealWholeRowsToCores)
{
    const Clock fabric{100.0};
    // 4 rows on 4 cores take as long as one; a fifth takes as long again
    const auto of = [&](std::uint64_t count) {
        return host_cycles(host(), fabric, rows(OperatorKind::LayerNorm, count, 200));
    };
    EXPECT_EQ(of(1), 30U);
    EXPECT_EQ(of(4), 30U);
    EXPECT_EQ(of(5), 60U);
}

/// Writes down when a unit says that it is done.
class Completions final : public sc_core::sc_module, public channel::CompletionIf {
  public:
    sc_core::sc_export<channel::CompletionIf> completion_export{"completion_export"};
    explicit Completions(const sc_core::sc_module_name& name)
        : sc_module{name}
    {
        completion_export.bind(*this);
    }
    void transfer_done(channel::Stream /*stream*/) override { ADD_FAILURE(); }
    void work_done(channel::Worker worker) override
    {
        workers.push_back(worker);
        times_fs.push_back(channel::now_fs());
    }
    std::vector<channel::Worker> workers;
    std::vector<std::uint64_t> times_fs;
};

TEST(Units, AreDoneAfterDelayAndWork)
{
    test::use_femtoseconds();
    const Clock clock{100.0}; // 10 ns
    VectorUnit vector{"vector", vector_unit(), clock};
    TokenSelector token_selector{"token_selector", selector(), clock};
    Host cpu{"cpu", host(), clock};
    Completions completions{"completions"};
    for (auto* unit : std::vector<channel::TimedWorker*>{&vector, &token_selector, &cpu})
        unit->completion_port.bind(completions.completion_export);
    test::run_bench([&] {
        // 32 cycles of work behind 100 of delay
        EXPECT_EQ(vector.start(rows(OperatorKind::Gelu, 10, 33), 100), 32U);
        test::wait_until(test::ns(1320 - 1));
        EXPECT_TRUE(completions.times_fs.empty());
        test::wait_until(test::ns(2000));
        ASSERT_EQ(completions.times_fs, (std::vector<std::uint64_t>{test::ns(1320)}));
        // 23 cycles
        EXPECT_EQ(token_selector.start(rows(OperatorKind::Append, 1, 200), 0), 23U);
        // 30 cycles at the same time
        EXPECT_EQ(cpu.start(rows(OperatorKind::LayerNorm, 1, 200), 0), 30U);
        test::wait_until(test::ns(3000));
        EXPECT_EQ(completions.times_fs,
                  (std::vector<std::uint64_t>{test::ns(1320), test::ns(2230), test::ns(2300)}));
        EXPECT_EQ(completions.workers, (std::vector<channel::Worker>{channel::Worker::VectorUnit,
                                                                     channel::Worker::TokenSelector,
                                                                     channel::Worker::Host}));
        EXPECT_EQ(vector.stats().busy_cycles.value(), 32U); // the delay is not the unit's
    });
}

} // namespace
} // namespace heatsim::hw
