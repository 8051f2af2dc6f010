// SPDX-License-Identifier: Apache-2.0
#include "report/terminal.hpp"
#include "unit/report/example_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace heatsim::report {

namespace {

using testing::HasSubstr;
using testing::Not;

void expect_page(const std::string& text)
{
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), page_width) << line;
        EXPECT_THAT(line, Not(testing::EndsWith(" ")));
    }
}

} // namespace

TEST(Terminal, ShowsTheKeyFiguresOfARun)
{
    const auto [setup, run] = example_run();
    const auto summary = summarize(setup, run);
    const auto text = run_text(summary, nullptr, run, host_cost(run), {});
    expect_page(text);
    // 100 and 201 cycles at 150 MHz
    EXPECT_THAT(text, HasSubstr("0.001003 ms mean\n            p50 0.0006667 · p90 0.001340"));
    EXPECT_THAT(text, HasSubstr("150,500 MACs per image"));
    EXPECT_THAT(text, HasSubstr("43.4 % utilized (2,304 MACs per cycle on 1,152 DSP slices)"));
    EXPECT_THAT(text, HasSubstr("blocks 10 to 12  43.5"));
    EXPECT_THAT(text, HasSubstr("43 to 44 over the images"));
    EXPECT_THAT(text, HasSubstr("wait_host"));
    EXPECT_THAT(text, HasSubstr("attention GEMMs"));
    EXPECT_THAT(text, HasSubstr("Images by latency"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Terminal, ShowsTheBaselineBesideTheRun)
{
    const auto [setup, run] = example_run();
    auto slower = run;
    for (auto& image : slower.images)
        image.cycles *= 2;
    auto baseline = summarize(setup, slower);
    baseline.schedule = "a_schedule_with_a_rather_long_name";
    const auto text = run_text(summarize(setup, run), &baseline, run, host_cost(run), {});
    expect_page(text);
    EXPECT_THAT(text, HasSubstr("2.00× faster"));
    EXPECT_THAT(text, HasSubstr("vs a_schedule_with_a_rat~"));
}

TEST(Terminal, AsciiStyleIsAscii)
{
    const auto [setup, run] = example_run();
    const auto text =
        run_text(summarize(setup, run), nullptr, run, host_cost(run), Style{false, false});
    expect_page(text);
    for (const char letter : text)
        EXPECT_LT(static_cast<unsigned char>(letter), 128U) << text;
}

TEST(Terminal, HistogramCountsEveryImage)
{
    const auto [setup, run] = example_run();
    auto many = run;
    many.images.assign(5, run.images.front());
    many.images.push_back(run.images.back());
    const auto text = run_text(summarize(setup, many), nullptr, many, host_cost(many), {});
    EXPECT_THAT(text, HasSubstr("1      16.7 %  ███████▎\n"));
    EXPECT_THAT(text, HasSubstr("5     100.0 %  ████████████████████████████████████\n"));
}

TEST(Terminal, ShowsAGemm)
{
    const auto [setup, run] = example_run();
    const auto text = gemm_text(summarize(setup, run), {197, 192, 576, 3}, run, host_cost(run), {});
    expect_page(text);
    EXPECT_THAT(text, HasSubstr("GEMM M 197 × K 192 × N 576 · 3 heads"));
    EXPECT_THAT(text, HasSubstr("Cycles      301"));
}

} // namespace heatsim::report
