// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "report/advice_report.hpp"
#include "unit/report/example_run.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace heatsim::report {

/// 2 ms of 300,000 cycles, of which 60 % are busy, 30 % wait for weights and 10 % for the host.
[[nodiscard]] inline sweep::RunFigures example_figures(double latency_ms)
{
    sweep::RunFigures figures;
    figures.latency_ms = latency_ms;
    figures.fps = 1000.0 / latency_ms;
    figures.energy_mj = 10.0 * latency_ms / 2.0;
    figures.cycles = 150e3 * latency_ms;
    const auto put = [&figures](channel::ArrayCause cause, double cycles) {
        figures.cycles_by_cause[static_cast<std::size_t>(cause)] = cycles;
    };
    put(channel::ArrayCause::Busy, 180e3);
    put(channel::ArrayCause::WaitHost, 30e3);
    put(channel::ArrayCause::WaitWeights, figures.cycles - 210e3);
    return figures;
}

/// A design of which nothing was simulated: a wider weight port helps most, but needs another
/// board; a larger buffer fits.
[[nodiscard]] inline AdviceReport example_advice()
{
    auto setup = example_run().first;
    setup.trace.emplace();
    setup.trace->path = "two_images.csv";
    setup.images = {{197, 139, 78, 43}, {197, 150, 70, 50}};
    sweep::Advice advice;
    advice.base = example_figures(2.0);
    advice.resources = {{"DSP slices", "dsps", "array", 1500.0, 2520.0},
                        {"LUTs", "luts", "array", 60000.0, 274080.0},
                        {"flip-flops", "flip_flops", "array", 50000.0, 548160.0},
                        {"BRAM36", "bram36", "buffers", 400.0, 912.0},
                        {"URAM", "urams", "buffers", 0.0, 0.0}};
    const auto add = [&advice](const std::string& parameter, const std::string& from,
                               const std::string& to, double factor, double latency_ms) {
        sweep::Variant variant;
        sweep::Move move;
        move.parameter = parameter;
        move.meaning = "example";
        move.from = from;
        move.to = to;
        move.factor = factor;
        move.direction = factor < 1.0 ? sweep::MoveDirection::Less : sweep::MoveDirection::More;
        variant.moves = {move};
        variant.changes = {{parameter, to}};
        variant.figures = example_figures(latency_ms);
        variant.resources = advice.resources;
        advice.variants.push_back(std::move(variant));
    };
    add("dma.ports.1.width_bits", "128", "256", 2.0, 1.6);
    advice.variants.back().moves.front().needs = sweep::MoveNeeds::Board;
    add("array.heads", "3", "6", 2.0, 1.7);
    advice.variants.back().resources[0].used = 2652.0;
    advice.variants.back().shortages = {advice.variants.back().resources[0]};
    add("buffers.weight_bytes", "589824", "1179648", 2.0, 1.8);
    advice.variants.back().resources[3].used = 528.0;
    add("vector_unit.lanes", "32", "64", 2.0, 1.9);
    add("token_selector.package_lanes", "16", "32", 2.0, 2.0);
    add("vector_unit.requantize_lanes", "32", "16", 0.5, 2.006);
    advice.variants.back().resources[0].used = 1380.0;
    add("dma.ports.0.width_bits", "128", "64", 0.5, 2.4);
    advice.combination = advice.variants[2];
    advice.combination->moves.push_back(advice.variants[3].moves.front());
    advice.combination->figures = example_figures(1.75);
    advice.ideal_memory = example_figures(1.5);
    sweep::Move refused;
    refused.parameter = "buffers.output_bytes";
    refused.from = "49152";
    refused.to = "24576";
    advice.refused.push_back({refused, "too small"});
    advice.simulations = 10;
    return advice_report(setup, std::move(advice));
}

} // namespace heatsim::report
