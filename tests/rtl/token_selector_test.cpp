// SPDX-License-Identifier: Apache-2.0
#include "Vrtl_token_score.h"
#include "Vrtl_token_selector.h"
#include "numerics/package_token.hpp"
#include "rtl/clocked.hpp"
#include "support/random.hpp"
#include "system/rtl_units.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace heatsim::numerics {
namespace {

using Tokens = std::vector<std::vector<std::int8_t>>;
using Scores = std::vector<std::uint8_t>;

TEST(TokenScoreRtl, EqualsTheReferenceInTheModelsCycles)
{
    test::Clocked<Vrtl_token_score> rtl;
    rtl->reset = 1;
    rtl->head_valid = 0;
    rtl.step(2);
    rtl->reset = 0;
    test::Random random{7};
    for (unsigned i = 0; i < 50'000; ++i) {
        const auto heads = random.between(1, 16);
        const auto least = random.chance(10) ? 255 : 0;
        const auto most = random.chance(20) ? 0 : 255; // all weights 0, too
        Scores keep_scores;
        Scores head_weights;
        const auto begin = rtl.cycles();
        rtl->heads = static_cast<std::uint8_t>(heads);
        for (std::uint64_t head = 0; head < heads; ++head) {
            keep_scores.push_back(
                static_cast<std::uint8_t>(random.between(static_cast<std::uint64_t>(least), 255)));
            head_weights.push_back(
                static_cast<std::uint8_t>(random.between(0, static_cast<std::uint64_t>(most))));
            rtl->keep_score = keep_scores.back();
            rtl->head_weight = head_weights.back();
            rtl->head_valid = 1;
            rtl.settle();
            ASSERT_EQ(rtl->head_ready, 1);
            rtl.step();
        }
        rtl->keep_score = rtl->head_weight = 0xFF; // waits, is not taken
        while (rtl->score_valid == 0)
            rtl.step();
        EXPECT_EQ(rtl->score, token_score(keep_scores, head_weights));
        rtl->head_valid = 0;
        rtl.step();
        EXPECT_EQ(rtl->head_ready, 1);
        ASSERT_EQ(rtl.cycles() - begin, heads + system::rtl_score_token_cycles);
    }
}

/// A selector of four lanes and the memory it works on.
class TokenSelectorRtl : public testing::Test {
  protected:
    static constexpr std::size_t lanes = 4;

    void SetUp() override
    {
        memory.resize(std::size_t{1} << 16);
        rtl->reset = 1;
        rtl->start = 0;
        rtl->score_valid = 0;
        step();
        step();
        rtl->reset = 0;
    }

    /// One cycle; the memory answers one cycle behind the address.
    void step()
    {
        rtl.settle();
        const auto data = memory[rtl->read_address];
        if (rtl->write_valid != 0)
            memory[rtl->write_address] = rtl->write_data;
        rtl.step();
        rtl->read_data = data;
    }

    static std::size_t words(const Tokens& tokens)
    {
        return (tokens[0].size() + lanes - 1) / lanes;
    }

    void store(const Tokens& tokens, std::size_t address)
    {
        for (const auto& token : tokens) {
            for (std::size_t word = 0; word < words(tokens); ++word, ++address) {
                memory[address] = 0;
                for (std::size_t lane = 0; lane < lanes && word * lanes + lane < token.size();
                     ++lane)
                    test::set_field(memory[address], lane, 8,
                                    static_cast<std::uint8_t>(token[word * lanes + lane]));
            }
        }
    }
    [[nodiscard]] Tokens load(std::size_t count, std::size_t channels, std::size_t address) const
    {
        Tokens tokens(count);
        const auto token_words = (channels + lanes - 1) / lanes;
        for (auto& token : tokens) {
            for (std::size_t channel = 0; channel < channels; ++channel)
                token.push_back(static_cast<std::int8_t>(
                    test::field(memory[address + channel / lanes], channel % lanes, 8)));
            address += token_words;
        }
        return tokens;
    }

    /// Cycles from start to done, every score offered at once.
    std::uint64_t select(const Tokens& tokens,
                         const Scores& scores,
                         std::uint32_t class_tokens,
                         std::size_t source,
                         std::size_t destination)
    {
        store(tokens, source);
        rtl->tokens = static_cast<std::uint16_t>(tokens.size());
        rtl->class_tokens = static_cast<std::uint16_t>(class_tokens);
        rtl->words = static_cast<std::uint8_t>(words(tokens));
        rtl->threshold = keep_threshold;
        rtl->source = static_cast<std::uint16_t>(source);
        rtl->destination = static_cast<std::uint16_t>(destination);
        const auto begin = rtl.cycles();
        rtl->start = 1;
        step();
        rtl->start = 0;
        for (const auto score : scores) {
            rtl->score_valid = 1;
            rtl->score = score;
            rtl.settle();
            EXPECT_EQ(rtl->score_ready, 1);
            step();
        }
        rtl->score_valid = 0;
        constexpr std::uint64_t limit = 1'000'000;
        while (rtl->done == 0 && rtl.cycles() - begin < limit)
            step();
        return rtl.cycles() - begin;
    }

    static std::uint64_t
    model_cycles(std::uint64_t tokens, std::uint64_t kept, std::uint64_t channels)
    {
        auto config = system::rtl_token_selector();
        config.compact_lanes = config.package_lanes = lanes;
        config.score_token_cycles = 1; // scores are given, one per cycle
        std::uint64_t cycles = 0;
        const auto add = [&](workload::OperatorKind kind, std::uint64_t rows,
                             std::uint64_t columns) {
            channel::RowWork work;
            work.kind = kind;
            work.rows = rows;
            work.columns = columns;
            work.input_columns = 0;
            cycles += hw::selector_cycles(config, work);
        };
        using workload::OperatorKind;
        add(OperatorKind::Score, tokens, 1);
        if (kept > 0)
            add(OperatorKind::Compact, kept, channels);
        if (kept < tokens) {
            add(OperatorKind::Package, tokens - kept, channels);
            add(OperatorKind::Append, 1, channels);
        }
        return cycles;
    }

    /// Result and cycles of one selection, and that nothing beside the result was written.
    void expect_selection(const Tokens& tokens,
                          const Scores& scores,
                          std::uint32_t class_tokens,
                          std::size_t source,
                          std::size_t destination)
    {
        const auto expected = select_tokens(tokens, scores, keep_threshold, class_tokens);
        const auto channels = tokens[0].size();
        const auto end = destination + expected.tokens.size() * words(tokens);
        memory[end] = canary; // before the tokens are stored: in place it can be one of theirs
        const auto cycles = select(tokens, scores, class_tokens, source, destination);
        ASSERT_EQ(rtl->kept, expected.kept.size());
        ASSERT_EQ(load(expected.tokens.size(), channels, destination), expected.tokens);
        ASSERT_EQ(cycles, model_cycles(tokens.size(), expected.kept.size(), channels));
        if (source != destination) {
            ASSERT_EQ(memory[end], canary);
            ASSERT_EQ(load(tokens.size(), channels, source), tokens) << "source has changed";
        }
    }

    static Tokens random_tokens(test::Random& random, std::size_t count, std::size_t channels)
    {
        const auto extremes = random.chance(20);
        Tokens tokens(count, std::vector<std::int8_t>(channels));
        for (auto& token : tokens)
            for (auto& channel : token)
                channel =
                    static_cast<std::int8_t>(extremes ? (random.chance(50) ? -128 : 127)
                                                      : static_cast<int>(random.next() & 255U));
        return tokens;
    }

    static constexpr std::uint32_t canary = 0xDEADBEEF;
    test::Clocked<Vrtl_token_selector> rtl;
    std::vector<std::uint32_t> memory;
};

TEST_F(TokenSelectorRtl, EqualsTheReferenceInTheModelsCycles)
{
    test::Random random{8};
    for (unsigned i = 0; i < 1500 && !HasFatalFailure(); ++i) {
        const auto count = random.between(1, random.chance(10) ? 256 : 40);
        const auto channels = random.between(1, random.chance(10) ? 100 : 24);
        const auto tokens = random_tokens(random, count, channels);
        const auto most = random.pick<std::uint64_t>({0, 127, 140, 255, 255});
        Scores scores(count);
        for (auto& score : scores)
            score = static_cast<std::uint8_t>(random.between(0, most));
        // class tokens: none, one (DeiT), two (distilled), all
        const auto class_tokens =
            static_cast<std::uint32_t>(random.pick<std::uint64_t>({0, 1, 1, 1, 2, count}));
        expect_selection(tokens, scores, class_tokens, random.between(0, 1000),
                         30'000 + random.between(0, 1000));
        // the same in place
        expect_selection(tokens, scores, class_tokens, 500, 500);
    }
}

TEST_F(TokenSelectorRtl, KeepsAllAndAppendsNothing)
{
    test::Random random{9};
    const auto tokens = random_tokens(random, 197, 48);
    // 4 + 197 scores, 4 + 197·⌈48/4⌉ words
    EXPECT_EQ(select(tokens, Scores(197, keep_threshold), 1, 0, 40'000),
              4U + 197U + 4U + 197U * 12U);
    EXPECT_EQ(rtl->kept, 197);
    EXPECT_EQ(load(197, 48, 40'000), tokens);
}

TEST_F(TokenSelectorRtl, PrunesAllIntoOnePackageToken)
{
    // weights 1 (score 0), 3, 1: (1·−4 + 3·8 + 1·100) / 5 = 24; 5·−128 / 5; −12 / 5 → −2
    const Tokens tokens{{-4, -128, -10}, {8, -128, -1}, {100, -128, 1}};
    expect_selection(tokens, {0, 3, 1}, 0, 0, 100);
    EXPECT_EQ(rtl->kept, 0);
    const auto package = load(1, 3, 100).at(0);
    EXPECT_EQ(package, (std::vector<std::int8_t>{24, -128, -2}));
}

TEST_F(TokenSelectorRtl, KeepsTheClassTokenWhateverItsScore)
{
    const Tokens tokens{{1}, {2}, {3}};
    expect_selection(tokens, {0, 127, 128}, 1, 0, 100);
    EXPECT_EQ(load(3, 1, 100), (Tokens{{1}, {3}, {2}}));
}

TEST_F(TokenSelectorRtl, TakesTheLargestTokens)
{
    test::Random random{10};
    Scores scores(256);
    for (auto& score : scores)
        score = static_cast<std::uint8_t>(random.between(0, 255));
    Tokens tokens(256, std::vector<std::int8_t>(112, -128));
    expect_selection(tokens, Scores(256, 127), 0, 0, 30'000);
    expect_selection(random_tokens(random, 256, 112), scores, 1, 0, 30'000);
}

} // namespace
} // namespace heatsim::numerics
