// SPDX-License-Identifier: Apache-2.0
// Measures the units of rtl/vector_units.sv. Reads lines from standard input and prints each with
// the cycles it took, as `LINE,CYCLES`:
//
//     softmax ROWS COLUMNS                      COLUMNS 1 to 256
//     gelu ELEMENTS
//     sigmoid ELEMENTS
//     selector TOKENS KEPT CHANNELS HEADS       TOKENS 1 to 256, KEPT 0 to TOKENS; CHANNELS 1 to
//     1024; HEADS 1 to 16
//
// Cycles count from the first operand (the selector's: from start) to the cycle behind the last
// result. Data are pseudo-random and the same in every run. Exit code 1 on a line that is none of
// these or a unit that does not end.
#include "Vvector_units.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t lanes = 16;
constexpr std::uint64_t softmax_engines = 2;
constexpr std::uint64_t softmax_lanes = 8;
constexpr std::uint64_t max_tokens = 256;
constexpr std::uint64_t max_channels = 1024;
constexpr std::uint64_t max_heads = 16;
constexpr std::uint64_t addresses = 1U << 16U;
constexpr unsigned threshold = 128;
constexpr std::uint64_t longest = 100'000'000; // cycles of one line

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
class Random {
  public:
    std::uint64_t next()
    {
        state_ += 0x9E3779B97F4A7C15U;
        auto z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    std::uint32_t word() { return static_cast<std::uint32_t>(next()); }
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  private:
    std::uint64_t state_ = 1;
};

std::uint64_t words_of(std::uint64_t elements, std::uint64_t per_word)
{
    return (elements + per_word - 1) / per_word;
}

class Bench {
  public:
    Bench()
    {
        model_.reset = 1;
        step();
        step();
        model_.reset = 0;
    }
    ~Bench() { model_.final(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    Bench(Bench&&) = delete;
    Bench& operator=(Bench&&) = delete;

    std::uint64_t gelu(std::uint64_t elements)
    {
        return stream(elements, model_.gelu_value, model_.gelu_valid,
                      [this] { return model_.gelu_result_valid != 0; });
    }
    std::uint64_t sigmoid(std::uint64_t elements)
    {
        return stream(elements, model_.sigmoid_value, model_.sigmoid_valid,
                      [this] { return model_.sigmoid_result_valid != 0; });
    }

    /// Row r is engine r mod softmax_engines'; no engine waits for its words.
    std::uint64_t softmax(std::uint64_t rows, std::uint64_t columns)
    {
        const auto row_words = words_of(columns, softmax_lanes);
        std::vector<std::uint64_t> words_left;
        std::vector<std::uint64_t> results_left;
        for (std::uint64_t engine = 0; engine < softmax_engines; ++engine) {
            const auto own_rows = (rows + softmax_engines - 1 - engine) / softmax_engines;
            words_left.push_back(own_rows * row_words);
            results_left.push_back(own_rows * row_words);
        }
        model_.softmax_columns = static_cast<std::uint16_t>(columns);
        const auto begin = cycles_;
        for (auto left = rows * row_words; left > 0;) {
            randomize(model_.softmax_value);
            unsigned valid = 0;
            for (std::uint64_t engine = 0; engine < softmax_engines; ++engine)
                if (words_left[engine] > 0)
                    valid |= 1U << engine;
            model_.softmax_valid = static_cast<std::uint8_t>(valid);
            settle();
            const unsigned taken = valid & model_.softmax_ready;
            step();
            for (std::uint64_t engine = 0; engine < softmax_engines; ++engine) {
                words_left[engine] -= (taken >> engine) & 1U;
                const auto result =
                    (static_cast<unsigned>(model_.softmax_result_valid) >> engine) & 1U;
                results_left[engine] -= result;
                left -= result;
            }
            check_end(begin);
        }
        model_.softmax_valid = 0;
        // the last result stands in its register in the cycle in which the next row may begin
        return cycles_ - begin;
    }

    std::uint64_t
    selector(std::uint64_t tokens, std::uint64_t kept, std::uint64_t channels, std::uint64_t heads)
    {
        const auto class_tokens = kept > 0 ? 1U : 0U;
        // which tokens are kept: the class token, and others at random until `kept`
        std::vector<bool> keep(tokens, false);
        for (std::uint64_t left = kept; left > 0; --left) {
            auto token = left == kept ? 0 : random_.below(tokens);
            while (keep[token])
                token = (token + 1) % tokens;
            keep[token] = true;
        }
        memory_.resize(addresses * lanes / 4);
        for (auto& word : memory_)
            word = random_.word();
        const auto words = words_of(channels, lanes);
        model_.selector_tokens = static_cast<std::uint16_t>(tokens);
        model_.selector_class_tokens = static_cast<std::uint16_t>(class_tokens);
        model_.selector_words = static_cast<std::uint8_t>(words);
        model_.selector_threshold = threshold;
        model_.selector_source = 0;
        model_.selector_destination = static_cast<std::uint16_t>(max_tokens * words);
        model_.selector_heads = static_cast<std::uint8_t>(heads);
        model_.selector_start = 1;
        const auto begin = cycles_;
        step();
        model_.selector_start = 0;
        for (std::uint64_t token = 0; token < tokens; ++token) {
            for (std::uint64_t head = 0; head < heads; ++head) {
                // all heads of one opinion; the class token is kept against it
                const auto score = keep[token] && token >= class_tokens
                                       ? threshold + random_.below(128)
                                       : random_.below(threshold);
                model_.head_keep_score = static_cast<std::uint8_t>(score);
                model_.head_weight = static_cast<std::uint8_t>(1 + random_.below(255));
                model_.head_valid = 1;
                settle();
                while (model_.head_ready == 0) {
                    step();
                    settle();
                    check_end(begin);
                }
                step();
            }
        }
        model_.head_valid = 0;
        while (model_.selector_done == 0) {
            step();
            check_end(begin);
        }
        if (model_.selector_kept != kept)
            throw std::runtime_error{"the selector kept another number of tokens"};
        return cycles_ - begin;
    }

  private:
    void settle()
    {
        model_.clock = 0;
        model_.eval();
    }
    /// One cycle; the selector's memory answers one cycle behind the address.
    void step()
    {
        settle();
        std::uint32_t data[lanes / 4] = {};
        if (!memory_.empty()) {
            for (std::size_t i = 0; i < lanes / 4; ++i) {
                data[i] = memory_.at(model_.read_address * (lanes / 4) + i);
                if (model_.write_valid != 0)
                    memory_.at(model_.write_address * (lanes / 4) + i) = model_.write_data[i];
            }
        }
        model_.clock = 1;
        model_.eval();
        for (std::size_t i = 0; i < lanes / 4; ++i)
            model_.read_data[i] = data[i];
        ++cycles_;
    }
    void check_end(std::uint64_t begin) const
    {
        if (cycles_ - begin > longest)
            throw std::runtime_error{"the unit does not end"};
    }
    template <typename Wide>
    void randomize(Wide& port)
    {
        for (std::size_t i = 0; i < sizeof(port) / sizeof(port[0]); ++i)
            port[i] = random_.word();
    }
    template <typename Wide, typename Valid, typename Result>
    std::uint64_t stream(std::uint64_t elements, Wide& value, Valid& valid, Result result_valid)
    {
        const auto begin = cycles_;
        const auto words = words_of(elements, lanes);
        auto words_left = words;
        for (auto results_left = words; results_left > 0;) {
            randomize(value);
            valid = words_left > 0 ? 1 : 0;
            words_left -= valid;
            step();
            if (result_valid())
                --results_left;
            check_end(begin);
        }
        valid = 0;
        return cycles_ - begin + 1; // and the one that uses the last result
    }

    Vvector_units model_;
    Random random_;
    std::vector<std::uint32_t> memory_;
    std::uint64_t cycles_ = 0;
};

std::uint64_t operand(std::istringstream& text, std::uint64_t min, std::uint64_t max)
{
    std::uint64_t value = 0;
    if (!(text >> value) || value < min || value > max)
        throw std::runtime_error{"an operand is missing or out of range"};
    return value;
}

std::uint64_t run(Bench& bench, const std::string& line)
{
    constexpr std::uint64_t most = 1'000'000'000;
    std::istringstream text{line};
    std::string unit;
    text >> unit;
    std::uint64_t cycles = 0;
    if (unit == "softmax") {
        const auto rows = operand(text, 1, most);
        cycles = bench.softmax(rows, operand(text, 1, max_tokens));
    } else if (unit == "gelu") {
        cycles = bench.gelu(operand(text, 1, most));
    } else if (unit == "sigmoid") {
        cycles = bench.sigmoid(operand(text, 1, most));
    } else if (unit == "selector") {
        const auto tokens = operand(text, 1, max_tokens);
        const auto kept = operand(text, 0, tokens);
        const auto channels = operand(text, 1, max_channels);
        cycles = bench.selector(tokens, kept, channels, operand(text, 1, max_heads));
    } else {
        throw std::runtime_error{"no such unit"};
    }
    std::string rest;
    if (text >> rest)
        throw std::runtime_error{"too many operands"};
    return cycles;
}

} // namespace

int main()
{
    const auto bench = std::make_unique<Bench>();
    for (std::string line; std::getline(std::cin, line);) {
        try {
            std::cout << line << ',' << run(*bench, line) << '\n';
        } catch (const std::exception& error) {
            std::cerr << "vector_units_harness: " << line << ": " << error.what() << '\n';
            return 1;
        }
    }
    return std::cout.flush() ? 0 : 1;
}
