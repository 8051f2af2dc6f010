// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_softmax.h"
#include "Vrtl_softmax_int8.h"
#include "numerics/nonlinear.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"
#include "system/rtl_units.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace heatsim::numerics {
namespace {

using Row = std::vector<std::int32_t>;

/// One softmax engine, `Lanes` elements a cycle.
template <typename Model, std::size_t Lanes>
class Engine {
  public:
    Engine(unsigned input_bits, unsigned output_bits)
        : input_bits_{input_bits}
        , output_bits_{output_bits}
    {
        rtl_->reset = 1;
        rtl_->value_valid = 0;
        rtl_.step(2);
        rtl_->reset = 0;
        rtl_.settle();
    }

    /// \param gaps cycles without a word before each word
    Row run(const Row& row, const std::function<std::uint64_t()>& gaps = {})
    {
        rtl_->columns = static_cast<std::uint16_t>(row.size());
        Row results;
        for (std::size_t begin = 0; begin < row.size(); begin += Lanes) {
            // garbage in the lanes behind the row
            for (std::size_t lane = 0; lane < Lanes; ++lane)
                test::set_field(rtl_->value, lane, input_bits_,
                                begin + lane < row.size()
                                    ? static_cast<std::uint32_t>(row[begin + lane])
                                    : garbage);
            rtl_->value_valid = 0;
            rtl_.step(gaps ? gaps() : 0);
            rtl_->value_valid = 1;
            EXPECT_EQ(rtl_->value_ready, 1);
            step(results, row.size());
        }
        // the next word waits already; it is not taken before the row is through
        while (rtl_->value_ready == 0 && rtl_.cycles() < limit)
            step(results, row.size());
        rtl_->value_valid = 0;
        return results;
    }
    [[nodiscard]] std::uint64_t cycles() const { return rtl_.cycles(); }

  private:
    static constexpr std::uint64_t limit = 10'000'000;

    void step(Row& results, std::size_t columns)
    {
        rtl_.step();
        if (rtl_->result_valid == 0)
            return;
        for (std::size_t lane = 0; lane < Lanes; ++lane) {
            const auto code = test::field(rtl_->result, lane, output_bits_);
            if (results.size() < columns)
                results.push_back(test::sign_extended(code, output_bits_));
            else
                EXPECT_EQ(code, 0U) << "lane behind the row";
        }
    }

    test::Clocked<Model> rtl_;
    unsigned input_bits_;
    unsigned output_bits_;
    static constexpr std::uint32_t garbage = 0x7FFF7F7F;
};

/// A row of codes of `bits`, spread so widely that exponents of all sizes occur.
Row random_row(test::Random& random, std::size_t columns, unsigned bits)
{
    const auto spread = random.between(0, bits);
    Row row(columns);
    for (auto& value : row)
        value = static_cast<std::int32_t>(random.next() % (std::uint64_t{1} << spread)) -
                (spread == 0 ? 0 : 1 << (spread - 1));
    return row;
}

TEST(SoftmaxRtl, EqualsTheReferenceOfInt16Rows)
{
    const SoftmaxUnit unit{delta_one, {16, 10}, {16, 15}};
    Engine<Vrtl_softmax, 1> engine{16, 16};
    test::Random random{3};
    for (unsigned i = 0; i < 10'000; ++i) {
        const auto row = random_row(random, random.between(1, 256), 16);
        ASSERT_EQ(engine.run(row), softmax(unit, row)) << "row " << i;
    }
}

TEST(SoftmaxRtl, EqualsTheReferenceOfInt8Rows)
{
    const SoftmaxUnit unit{delta_half, {8, 4}, {8, 7}};
    Engine<Vrtl_softmax_int8, 8> engine{8, 8};
    test::Random random{4};
    for (unsigned i = 0; i < 10'000; ++i) {
        const auto row = random_row(random, random.between(1, 256), 8);
        ASSERT_EQ(engine.run(row), softmax(unit, row)) << "row " << i;
    }
}

TEST(SoftmaxRtl, EqualsTheReferenceAtTheExtremes)
{
    const SoftmaxUnit unit{delta_one, {16, 10}, {16, 15}};
    Engine<Vrtl_softmax, 1> engine{16, 16};
    for (const auto& row : {Row{0}, Row{32767}, Row{-32768}, Row{-32768, 32767}, Row{32767, -32768},
                            Row(256, -32768), Row(256, 0), Row(255, 32767)})
        EXPECT_EQ(engine.run(row), softmax(unit, row));
}

TEST(SoftmaxRtl, WaitsForALateWord)
{
    const SoftmaxUnit unit{delta_half, {8, 4}, {8, 7}};
    Engine<Vrtl_softmax_int8, 8> engine{8, 8};
    test::Random random{5};
    for (unsigned i = 0; i < 200; ++i) {
        const auto row = random_row(random, random.between(1, 256), 8);
        ASSERT_EQ(engine.run(row, [&] { return random.between(0, 3); }), softmax(unit, row));
    }
}

TEST(SoftmaxRtl, TakesTheModelsCycles)
{
    auto config = system::rtl_vector_unit(workload::OperatorKind::Softmax);
    config.softmax_engines = 1;
    test::Random random{6};
    Engine<Vrtl_softmax, 1> narrow{16, 16};
    Engine<Vrtl_softmax_int8, 8> wide{8, 8};
    channel::RowWork work;
    work.kind = workload::OperatorKind::Softmax;
    for (const std::uint64_t columns : {1U, 7U, 8U, 9U, 43U, 64U, 78U, 139U, 197U, 256U}) {
        for (work.rows = 1; work.rows <= 3; ++work.rows) {
            work.columns = work.input_columns = columns;
            auto begin = narrow.cycles();
            for (std::uint64_t row = 0; row < work.rows; ++row)
                (void)narrow.run(random_row(random, columns, 16));
            config.softmax_lanes = 1;
            EXPECT_EQ(narrow.cycles() - begin, hw::vector_cycles(config, work)) << columns;
            begin = wide.cycles();
            for (std::uint64_t row = 0; row < work.rows; ++row)
                (void)wide.run(random_row(random, columns, 8));
            config.softmax_lanes = 8;
            EXPECT_EQ(wide.cycles() - begin, hw::vector_cycles(config, work)) << columns;
        }
    }
    // ⌈197/8⌉ = 25 words: 3·25 + 45
    work.rows = 1;
    work.columns = work.input_columns = 197;
    EXPECT_EQ(hw::vector_cycles(config, work), 120U);
}

} // namespace
} // namespace heatsim::numerics
