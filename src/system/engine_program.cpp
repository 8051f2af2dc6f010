// SPDX-License-Identifier: Apache-2.0
#include "system/engine_program.hpp"

#include "config/error.hpp"
#include "hw/controller/job.hpp"
#include "hw/dma/burst_iterator.hpp"
#include "system/chip.hpp"
#include "units/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace heatsim::system {

namespace {

[[nodiscard]] std::uint64_t beat_bytes(const Accelerator& accelerator)
{
    return accelerator.dma.ports.front().width_bytes();
}

/// What the RTL has, a rule each.
class Rules {
  public:
    void require(bool holds, const std::string& key, std::string found, const std::string& expected)
    {
        if (holds)
            return;
        config::Violation violation;
        violation.key = key;
        violation.found = std::move(found);
        violation.expected = expected + ", which rtl/engine.sv has";
        violations_.push_back(std::move(violation));
    }
    void throw_if_broken()
    {
        if (!violations_.empty())
            throw config::Error{std::move(violations_)};
    }

  private:
    std::vector<config::Violation> violations_;
};

void check_ports(Rules& rules, const hw::DmaConfig& dma)
{
    rules.require(dma.engine == hw::DmaEngine::Axi, "dma.engine", "another loader", "axi");
    const bool one_each = std::all_of(dma.ports.begin(), dma.ports.end(), [](const auto& port) {
        return int{port.input} + int{port.weight} + int{port.output} == 1;
    });
    const bool in_order = dma.ports.size() == 3 && one_each && dma.ports[0].input &&
                          dma.ports[1].weight && dma.ports[2].output;
    rules.require(in_order, "dma.ports", "other ports",
                  "three ports, for input, weight and output in this order");
    const bool alike = std::all_of(dma.ports.begin(), dma.ports.end(), [&dma](const auto& port) {
        return port.width_bits == dma.ports.front().width_bits && port.clock_mhz == 0.0;
    });
    rules.require(alike, "dma.ports", "ports that differ", "one width and the fabric's clock");
    rules.require(dma.outstanding_reads == dma.outstanding_writes &&
                      is_power_of_two(dma.outstanding_reads),
                  "dma.outstanding_reads", std::to_string(dma.outstanding_reads),
                  "as many as outstanding_writes, a power of two");
}

} // namespace

std::vector<RtlParameter> engine_parameters(const Accelerator& accelerator)
{
    const auto& array = accelerator.array;
    const auto& tile = accelerator.tile;
    const auto settings = controller_settings(accelerator);
    Rules rules;
    check_ports(rules, accelerator.dma);
    rules.require(array.style == hw::ArrayStyle::BroadcastTree, "array.style", "another style",
                  "broadcast_tree");
    rules.require(array.dense_lanes == hw::HeadLanes::OutputChannels, "array.dense_lanes",
                  "another use of the heads", "output_channels");
    rules.require(array.overlap && array.initiation_interval_cycles == 1, "array",
                  "a row every few cycles", "overlap and an initiation interval of 1 cycle");
    rules.require(accelerator.activation_bits == 8 && accelerator.weight_bits == 8,
                  "activation_bits", "wider operands", "8-bit operands");
    rules.require(accelerator.memory == MemoryModel::Throttled, "memory", "another memory",
                  "throttled");
    rules.require(accelerator.buffers.double_buffered, "buffers.double_buffered", "false", "true");
    rules.require(accelerator.buffers.activation_bytes == 0, "buffers.activation_bytes",
                  std::to_string(accelerator.buffers.activation_bytes), "0");
    rules.require(accelerator.vector_unit.requantize_lanes == array.heads * array.output_channels,
                  "vector_unit.requantize_lanes",
                  std::to_string(accelerator.vector_unit.requantize_lanes),
                  "one lane per output channel of the array");
    rules.require(is_power_of_two(tile.tokens), "tile.tokens", std::to_string(tile.tokens),
                  "a power of two");
    rules.throw_if_broken();
    const auto beat = beat_bytes(accelerator);
    rules.require(
        array.input_channels % beat == 0 && array.output_channels % beat == 0, "array",
        fmt::format("{} input and {} output channels", array.input_channels, array.output_channels),
        fmt::format("multiples of a beat of {} bytes", beat));
    rules.require(tile.input_channels % (array.heads * array.input_channels) == 0,
                  "tile.input_channels", std::to_string(tile.input_channels),
                  "a multiple of what the array takes at once");
    rules.require(tile.output_channels % (array.heads * array.output_channels) == 0,
                  "tile.output_channels", std::to_string(tile.output_channels),
                  "a multiple of what the array computes at once");
    rules.throw_if_broken();
    return {{"HEADS", array.heads},
            {"INPUT_CHANNELS", array.input_channels},
            {"OUTPUT_CHANNELS", array.output_channels},
            {"BEAT_BYTES", beat},
            {"TILE_TOKENS", tile.tokens},
            {"TILE_INPUT_CHANNELS", tile.input_channels},
            {"TILE_OUTPUT_CHANNELS", tile.output_channels},
            {"INPUT_SLOTS", settings.input_slots()},
            {"WEIGHT_SLOTS", settings.weight_slots()},
            {"ACCUMULATOR_SLOTS", settings.accumulator_slots()},
            {"OUTPUT_SLOTS", settings.output_slots()},
            {"BURST_BEATS", accelerator.dma.burst_beats},
            {"OUTSTANDING", accelerator.dma.outstanding_reads}};
}

workload::Workload padded_gemm(const Accelerator& accelerator,
                               std::uint64_t m,
                               std::uint64_t k,
                               std::uint64_t n,
                               std::uint64_t batch)
{
    const auto& array = accelerator.array;
    const auto width = array.output_channels * (batch == 1 ? array.heads : 1);
    return workload::single_gemm(m, round_up(k, array.input_channels), round_up(n, width), batch);
}

std::string engine_preamble(const Accelerator& accelerator)
{
    const auto& array = accelerator.array;
    return fmt::format("engine {} {} {} {}\nmemory {} {}\n", array.heads, array.input_channels,
                       array.output_channels, beat_bytes(accelerator),
                       accelerator.throttled_memory.latency_cycles,
                       accelerator.throttled_memory.bytes_per_cycle);
}

namespace {

/// Where the tiles of one operand lie: its buffer's slots are filled and freed in order.
class Slots {
  public:
    explicit Slots(std::uint64_t slots)
        : slots_{slots}
    {}
    void load(std::uint64_t group, std::uint64_t row, std::uint64_t column)
    {
        slot_of_[{group, row, column}] = loads_++ % slots_;
    }
    [[nodiscard]] std::uint64_t
    slot(std::uint64_t group, std::uint64_t row, std::uint64_t column) const
    {
        return slot_of_.at({group, row, column});
    }

  private:
    const std::uint64_t slots_;
    std::uint64_t loads_ = 0;
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint64_t> slot_of_;
};

/// Address and runs of a transfer, in beats.
[[nodiscard]] std::string runs_text(const channel::Transfer& transfer, std::uint64_t beat)
{
    const hw::TransferRuns runs{transfer};
    return fmt::format("{} {} {} {} {} {}", transfer.address, runs.planes, runs.plane_stride_bytes,
                       runs.runs, runs.run_stride_bytes, runs.run_bytes / beat);
}

} // namespace

std::string engine_program(const Accelerator& accelerator,
                           const std::string& name,
                           const workload::Workload& gemm)
{
    const auto& array = accelerator.array;
    const auto& op = gemm.operators.front();
    const auto settings = controller_settings(accelerator);
    const auto beat = beat_bytes(accelerator);
    const auto bases = hw::address_map(gemm, settings);
    const auto jobs = hw::make_jobs(gemm, settings);
    const auto& job = jobs.front();
    const hw::TransferMaker transfers{settings, gemm, bases};
    const auto width = array.output_channels * (job.dense ? array.heads : 1);
    Slots input_slots{settings.input_slots()};
    Slots weight_slots{settings.weight_slots()};
    Slots accumulator_slots{settings.accumulator_slots()};
    auto text =
        fmt::format("gemm {} {} {} {} {} {} {} {}\n", name, op.batch, op.m, op.k, op.n,
                    bases[op.a.tensor], bases[op.c.tensor], hw::address_map_bytes(gemm, settings));
    const auto add = std::back_inserter(text);
    for (auto cursor = job.plan->begin(); cursor.valid(); job.plan->advance(cursor)) {
        const auto step = job.plan->step(cursor);
        const auto depth_passes = ceil_div(step.depth, array.input_channels);
        const auto width_passes = ceil_div(step.columns, width);
        if (step.load_input) {
            input_slots.load(step.group, step.m0, step.k0);
            fmt::format_to(add, "input {} {:d} {} {}\n",
                           runs_text(transfers.input_tile(job, step), beat), job.dense, step.rows,
                           step.depth / beat);
        }
        if (step.load_weight) {
            weight_slots.load(step.group, step.k0, step.n0);
            const auto transfer = transfers.weight_tile(job, step);
            fmt::format_to(add, "weight {} {} {} {} {} {} {}\n", transfer.address,
                           transfer.bytes() / beat, step.group * job.lanes, step.k0, depth_passes,
                           step.n0, width_passes);
        }
        if (step.first_k)
            accumulator_slots.load(step.group, step.m0, step.n0);
        fmt::format_to(add, "tile {} {} {} {:d} {:d} {:d} {:d} {:d} {:d} {:d} {} {} {}\n",
                       step.rows, depth_passes, width_passes, job.dense, step.first_k, step.last_k,
                       step.load_input, step.load_weight, step.release_input, step.release_weight,
                       input_slots.slot(step.group, step.m0, step.k0),
                       weight_slots.slot(step.group, step.k0, step.n0),
                       accumulator_slots.slot(step.group, step.m0, step.n0));
        if (step.last_k)
            fmt::format_to(add, "output {} {:d} {} {}\n",
                           runs_text(transfers.output_tile(job, step), beat), job.dense, step.rows,
                           width_passes);
    }
    return text + "run\n";
}

} // namespace heatsim::system
