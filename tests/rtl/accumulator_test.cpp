// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_accumulator.h"
#include "Vrtl_accumulator_deep.h"
#include "Vrtl_accumulator_small.h"
#include "rtl/clocked.hpp"
#include "support/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace heatsim {
namespace {

constexpr unsigned sum_bits = 32;

struct Full {
    using Model = Vrtl_accumulator;
    static constexpr std::size_t lanes = 3;
    static constexpr std::uint64_t words = 5;
    static constexpr std::uint64_t slots = 3;
};
struct Small {
    using Model = Vrtl_accumulator_small;
    static constexpr std::size_t lanes = 2;
    static constexpr std::uint64_t words = 2;
    static constexpr std::uint64_t slots = 2;
};
/// A memory for each slot.
struct Deep {
    using Model = Vrtl_accumulator_deep;
    static constexpr std::size_t lanes = 2;
    static constexpr std::uint64_t words = 600;
    static constexpr std::uint64_t slots = 2;
};

struct Place {
    std::uint64_t slot;
    std::uint64_t word;
};

/// Every word is the sum of what was added since it was last started; nothing of the pipeline.
template <typename Config>
class AccumulatorBench {
  public:
    using Word = std::array<std::uint32_t, Config::lanes>;

    explicit AccumulatorBench(std::uint64_t seed)
        : random_{seed}
        , sums_(Config::slots * Config::words)
    {}

    /// One cycle. \param fetch where the addends of the next cycle go \param read reads another
    /// slot
    void cycle(std::optional<Place> fetch, bool first, Place read)
    {
        rtl_->fetch_valid = fetch ? 1 : 0;
        const auto place = fetch.value_or(Place{random_.between(0, Config::slots - 1), 0});
        test::drive(rtl_->fetch_slot, place.slot);
        test::drive(rtl_->fetch_word, place.word);
        rtl_->fetch_first = first ? 1 : 0;
        Word addends{};
        for (std::size_t lane = 0; lane < Config::lanes; ++lane) {
            addends[lane] = static_cast<std::uint32_t>(random_.next());
            test::set_field(rtl_->addend, lane, sum_bits, addends[lane]);
        }
        test::drive(rtl_->read_slot, read.slot);
        test::drive(rtl_->read_word, read.word);
        if (adding_)
            for (std::size_t lane = 0; lane < Config::lanes; ++lane) {
                auto& sum = at(*adding_)[lane];
                sum = (adding_first_ ? 0U : sum) + addends[lane];
            }
        // one slot is summed up while another is read
        const bool comparable = !(fetch && fetch->slot == read.slot) &&
                                !(adding_ && adding_->slot == read.slot) && started(read);
        rtl_.step();
        if (comparable) {
            for (std::size_t lane = 0; lane < Config::lanes; ++lane)
                ASSERT_EQ(test::field(rtl_->read_data, lane, sum_bits), at(read)[lane])
                    << "slot " << read.slot << " word " << read.word << " cycle " << rtl_.cycles();
            ++compared;
        }
        adding_ = fetch;
        adding_first_ = first;
        if (fetch && first)
            started_.at(index(*fetch)) = true;
    }
    [[nodiscard]] bool started(Place place) const { return started_.at(index(place)); }
    test::Random& random() { return random_; }

    std::uint64_t compared = 0;

  private:
    [[nodiscard]] static std::size_t index(Place place)
    {
        return place.slot * Config::words + place.word;
    }
    Word& at(Place place) { return sums_.at(index(place)); }

    test::Clocked<typename Config::Model> rtl_;
    test::Random random_;
    std::vector<Word> sums_;
    std::vector<bool> started_ = std::vector<bool>(Config::slots * Config::words);
    std::optional<Place> adding_;
    bool adding_first_ = false;
};

template <typename Config>
void expect_random_sums(std::uint64_t seed)
{
    AccumulatorBench<Config> bench{seed};
    auto& random = bench.random();
    Place last{0, 0};
    for (unsigned cycle = 0; cycle < 60'000; ++cycle) {
        // a slot for some time, its words at random, the last one most often
        if (cycle % 37 == 0)
            last.slot = random.between(0, Config::slots - 1);
        if (random.chance(60))
            last.word = random.between(0, Config::words - 1);
        const bool fetch = random.chance(80);
        const bool first = !bench.started(last) || random.chance(10);
        const Place read{random.between(0, Config::slots - 1),
                         random.between(0, Config::words - 1)};
        bench.cycle(fetch ? std::optional{last} : std::nullopt, first, read);
        if (testing::Test::HasFatalFailure())
            return;
    }
    EXPECT_GT(bench.compared, 10'000U);
}

TEST(AccumulatorRtl, SumsAtRandomWhileAnotherSlotIsRead)
{
    expect_random_sums<Full>(1);
    expect_random_sums<Small>(2);
    expect_random_sums<Deep>(3);
}

/// The same word every `distance` cycles, other words or nothing in between.
template <typename Config>
void expect_sums_at(unsigned distance, bool busy)
{
    SCOPED_TRACE(distance);
    AccumulatorBench<Config> bench{distance};
    const Place word{0, 1};
    const Place other{0, 0};
    bench.cycle(other, true, other);
    for (unsigned cycle = 0; cycle < 10 * distance; ++cycle) {
        const bool hit = cycle % distance == 0;
        if (hit || busy)
            bench.cycle(hit ? word : other, hit && cycle == 0, {1, 0});
        else
            bench.cycle(std::nullopt, false, {1, 0});
    }
    bench.cycle(std::nullopt, false, {1, 0}); // the last addends
    ASSERT_EQ(bench.compared, 0U);
    bench.cycle(std::nullopt, false, word);
    ASSERT_EQ(bench.compared, 1U);
}

TEST(AccumulatorRtl, SumsAWordAgainAfterEveryDistance)
{
    for (unsigned distance = 1; distance < 10; ++distance)
        for (const bool busy : {false, true}) {
            expect_sums_at<Full>(distance, busy);
            expect_sums_at<Small>(distance, busy);
            expect_sums_at<Deep>(distance, busy);
        }
}

} // namespace
} // namespace heatsim
